// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Elements`]: ASN.1 elements in a piece of evidence, in their order on disk. calhive reads BER, reports
//! departures from DER, and returns what is left of a truncated element.

use alloc::format;
use alloc::string::String;

use crate::meaning::text::hex;
use crate::token::der::{Header, LengthForm};
use crate::token::fault::{TokenFault, TokenFaultKind};
use crate::token::structure::TokenStructure;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// An element: tag, length, and the bytes of the value that are present.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'d> {
    pub(crate) tag: u8,
    /// Offset of the tag, from the start of the token.
    pub(crate) offset: usize,
    /// Tag, length and value, with the end marker of an indefinite length.
    pub(crate) whole: &'d [u8],
    pub(crate) content: &'d [u8],
    /// Offset of the value.
    pub(crate) content_offset: usize,
    /// Number of bytes that are missing at the end.
    pub(crate) missing: usize,
    form: LengthForm,
}

impl<'d> Element<'d> {
    /// Parses the element at the start of `bytes`. `offset` is the offset of `bytes` in the token.
    ///
    /// # Errors
    /// If tag or length is unreadable.
    fn parse(bytes: &'d [u8], offset: usize) -> Result<Self, TokenFault> {
        let head = Header::parse(bytes).map_err(|fault| TokenFault::new(fault.into(), offset))?;
        let after = bytes.get(head.size..).unwrap_or_default();
        let (length, end) = match head.length {
            Some(length) => (length, 0),
            None => {
                let no_end = || TokenFault::new(TokenFaultKind::NoEnd, offset);
                (indefinite_length(after).ok_or_else(no_end)?, 2)
            }
        };
        let content = after.get(..length).unwrap_or(after);
        let size = head.size.saturating_add(content.len()).saturating_add(end);
        Ok(Self {
            tag: head.tag,
            offset,
            whole: bytes.get(..size).unwrap_or(bytes),
            content,
            content_offset: offset.saturating_add(head.size),
            missing: length.saturating_sub(content.len()),
            form: head.form,
        })
    }

    /// Returns the elements in a constructed element.
    pub(crate) const fn elements(&self) -> Elements<'d> {
        Elements { rest: self.content, offset: self.content_offset }
    }

    /// Returns the faults in the length of this element. The faults name the element as `structure`.
    pub(crate) fn length_faults(
        &self,
        structure: TokenStructure,
    ) -> impl Iterator<Item = TokenFault> + use<> {
        let form = match self.form {
            LengthForm::Shortest => None,
            LengthForm::Overlong => Some(TokenFaultKind::OverlongLength { structure }),
            LengthForm::Indefinite => Some(TokenFaultKind::IndefiniteLength { structure }),
        };
        let missing = self.missing;
        let truncated = (missing > 0).then_some(TokenFaultKind::Truncated { structure, missing });
        let offset = self.offset;
        form.into_iter().chain(truncated).map(move |kind| TokenFault::new(kind, offset))
    }
}

/// Elements that follow each other. The iterator ends after the first element that is truncated or
/// unreadable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements<'d> {
    pub(crate) rest: &'d [u8],
    /// Offset of `rest`, from the start of the token.
    pub(crate) offset: usize,
}

impl<'d> Elements<'d> {
    pub(crate) const fn new(bytes: &'d [u8], offset: usize) -> Self {
        Self { rest: bytes, offset }
    }

    /// Returns the tag of the next element.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Returns the next element if it has this tag; otherwise the iterator does not move.
    pub(crate) fn tagged(&mut self, tag: u8) -> Option<Result<Element<'d>, TokenFault>> {
        if self.peek() == Some(tag) { self.next() } else { None }
    }
}

impl<'d> Iterator for Elements<'d> {
    type Item = Result<Element<'d>, TokenFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let element = Element::parse(self.rest, self.offset);
        let size = element.as_ref().map_or(self.rest.len(), |element| element.whole.len());
        self.rest = self.rest.get(size..).unwrap_or_default();
        self.offset = self.offset.saturating_add(size);
        Some(element)
    }
}

/// Returns the size of a value with indefinite length: the number of bytes before the end marker. An end
/// marker is two zero bytes. Nested elements of indefinite length have end markers of their own.
fn indefinite_length(bytes: &[u8]) -> Option<usize> {
    let (mut offset, mut open) = (0_usize, 1_usize);
    loop {
        let rest = bytes.get(offset..)?;
        if rest.starts_with(&[0, 0]) {
            open = open.saturating_sub(1);
            if open == 0 {
                return Some(offset);
            }
            offset = offset.checked_add(2)?;
            continue;
        }
        let head = Header::parse(rest).ok()?;
        offset = offset.checked_add(head.size)?;
        match head.length {
            Some(length) => offset = offset.checked_add(length)?,
            None => open = open.saturating_add(1),
        }
    }
}

/// Returns an object identifier in dotted form, or its bytes in hex if they are no object identifier.
pub(crate) fn oid(content: &[u8]) -> String {
    use core::fmt::Write as _;
    let mut text = String::new();
    let mut number = 0_u64;
    let is_whole = content.last().is_some_and(|last| last & 0x80 == 0);
    for byte in content.iter().filter(|_| is_whole) {
        if number > u64::MAX >> 7 {
            text.clear();
            break;
        }
        number = number << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            // Writing to a string never fails.
            let _ = if text.is_empty() {
                let first = (number / 40).min(2);
                write!(text, "{first}.{}", number.saturating_sub(first.saturating_mul(40)))
            } else {
                write!(text, ".{number}")
            };
            number = 0;
        }
    }
    if text.is_empty() { format!("0x{}", hex(content)) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Result<Element<'_>, TokenFault> {
        Elements::new(bytes, 0).next().unwrap()
    }

    #[test]
    fn every_form_of_length_is_read_or_refused() {
        assert_eq!(parse(&[2, 1, 5]).unwrap().content, [5]);
        let long = parse(&[2, 0x82, 0, 1, 5]).unwrap();
        assert_eq!((long.content, long.form), (&[5][..], LengthForm::Overlong));
        assert_eq!(parse(&[2, 3, 5]).unwrap().missing, 2);
        let nested = [0x30, 0x80, 0x30, 0x80, 2, 1, 5, 0, 0, 2, 1, 6, 0, 0, 9];
        let outer = parse(&nested).unwrap();
        assert_eq!((outer.whole.len(), outer.content.len()), (14, 10));
        assert_eq!(outer.elements().filter_map(Result::ok).count(), 2);
        for (bad, kind) in [
            (&[2][..], TokenFaultKind::TruncatedHeader),
            (&[0x1F, 1, 1], TokenFaultKind::LongTag),
            (&[2, 0x85, 0, 0, 0, 0, 1, 7], TokenFaultKind::LongLength { size: 5 }),
            (&[2, 0x82, 1], TokenFaultKind::TruncatedLength),
            (&[2, 0x80], TokenFaultKind::IndefinitePrimitive { tag: 2 }),
            (&[0x30, 0x80, 2], TokenFaultKind::NoEnd),
        ] {
            assert_eq!(parse(bad).unwrap_err(), TokenFault::new(kind, 0), "{bad:?}");
        }
    }

    #[test]
    fn object_identifiers_are_dotted_or_in_hex() {
        assert_eq!(oid(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2]), "1.2.840.113549.1.7.2");
        assert_eq!(oid(&[0x2B, 6, 1, 4, 1, 0x82, 0x37, 0x12, 5]), "1.3.6.1.4.1.311.18.5");
        assert_eq!(oid(&[0x88, 0x37]), "2.999");
        assert_eq!(oid(&[0x86]), "0x86");
    }
}
