// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Elements`]: ASN.1 as it lies in evidence, one tag, length and value after the other. Reads BER,
//! tells what is not DER, and hands out what is left of an element that is cut.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use crate::licensing::token::TokenFault;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// A tag, its length, and as much of its value as is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'d> {
    pub(crate) tag: u8,
    /// Where the tag stands, in bytes from the start of the token.
    pub(crate) at: usize,
    /// Tag, length and value, and the end that an indefinite length has.
    pub(crate) whole: &'d [u8],
    pub(crate) content: &'d [u8],
    /// Where the value begins.
    pub(crate) content_at: usize,
    /// What of its length is not DER.
    pub(crate) odd: Option<&'static str>,
    /// How many bytes are missing at its end.
    pub(crate) missing: usize,
}

impl<'d> Element<'d> {
    /// What is in a constructed element.
    pub(crate) const fn elements(&self) -> Elements<'d> {
        Elements { rest: self.content, at: self.content_at }
    }
}

/// The elements of a piece of evidence, in order. It ends after the first that cannot be read whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements<'d> {
    pub(crate) rest: &'d [u8],
    pub(crate) at: usize,
}

impl<'d> Elements<'d> {
    pub(crate) const fn new(bytes: &'d [u8], at: usize) -> Self {
        Self { rest: bytes, at }
    }

    /// The tag that comes next.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element if it has this tag; otherwise the place stays.
    pub(crate) fn tagged(&mut self, tag: u8) -> Option<Result<Element<'d>, TokenFault>> {
        if self.peek() == Some(tag) { self.next() } else { None }
    }

    fn read(&self) -> Result<Element<'d>, TokenFault> {
        let fault = |problem: &'static str| TokenFault::new("ASN.1 element", problem, self.at);
        let head = header(self.rest).map_err(fault)?;
        let after = self.rest.get(head.size..).unwrap_or_default();
        let (length, end) = match head.length {
            Some(length) => (length, 0),
            None => (indefinite(after).ok_or_else(|| fault("has no end"))?, 2),
        };
        let content = after.get(..length).unwrap_or(after);
        let size = head.size.saturating_add(content.len()).saturating_add(end);
        Ok(Element {
            tag: head.tag,
            at: self.at,
            whole: self.rest.get(..size).unwrap_or(self.rest),
            content,
            content_at: self.at.saturating_add(head.size),
            odd: head.odd,
            missing: length.saturating_sub(content.len()),
        })
    }
}

impl<'d> Iterator for Elements<'d> {
    type Item = Result<Element<'d>, TokenFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let element = self.read();
        let size = element.as_ref().map_or(self.rest.len(), |element| element.whole.len());
        self.rest = self.rest.get(size..).unwrap_or_default();
        self.at = self.at.saturating_add(size);
        Some(element)
    }
}

struct Header {
    tag: u8,
    /// Bytes of tag and length.
    size: usize,
    /// `None` for an indefinite length.
    length: Option<usize>,
    odd: Option<&'static str>,
}

fn header(bytes: &[u8]) -> Result<Header, &'static str> {
    let [tag, first, rest @ ..] = bytes else { return Err("is cut within its tag and length") };
    let (tag, first) = (*tag, *first);
    if tag & 0x1F == 0x1F {
        return Err("has a tag of several bytes, which no certificate has");
    }
    let header = |size, length, odd| Ok(Header { tag, size, length, odd });
    match first {
        0..=0x7F => header(2, Some(usize::from(first)), None),
        0x80 if tag & 0x20 != 0 => header(2, None, Some("has an indefinite length")),
        0x80 => Err("has an indefinite length and no elements"),
        0x81..=0x84 => {
            let count = usize::from(first & 0x0F);
            let digits = rest.get(..count).ok_or("is cut within its length")?;
            let length =
                digits.iter().fold(0_usize, |sum, byte| sum.wrapping_shl(8) | usize::from(*byte));
            let is_short = digits.first() == Some(&0) || length < 0x80;
            let odd = is_short.then_some("has a length in a longer form than it needs");
            header(count.saturating_add(2), Some(length), odd)
        }
        _ => Err("has a length of more than four bytes"),
    }
}

/// How long the value of an element without a length is: up to the two zero bytes that end it, those of
/// elements in it aside.
fn indefinite(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut open) = (0_usize, 1_usize);
    loop {
        let rest = bytes.get(at..)?;
        if rest.starts_with(&[0, 0]) {
            open = open.saturating_sub(1);
            if open == 0 {
                return Some(at);
            }
            at = at.checked_add(2)?;
            continue;
        }
        let head = header(rest).ok()?;
        at = at.checked_add(head.size)?;
        match head.length {
            Some(length) => at = at.checked_add(length)?,
            None => open = open.saturating_add(1),
        }
    }
}

/// An object identifier as it is written, with dots; in hex where it is none.
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
    if text.is_empty() { format!("0x{}", crate::licensing::text::hex(content)) } else { text }
}

/// What is wrong with the length of an element, as a fault of the structure that it is.
pub(crate) fn faults_of_length(
    element: &Element<'_>,
    structure: &'static str,
) -> impl Iterator<Item = TokenFault> {
    let (at, missing) = (element.at, element.missing);
    let odd = element.odd.map(|odd| TokenFault::new(structure, odd, at));
    let cut = (missing > 0).then(|| {
        let problem = format!("is cut: {missing} of its bytes are missing");
        TokenFault::new(structure, Cow::from(problem), at)
    });
    odd.into_iter().chain(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(bytes: &[u8]) -> Result<Element<'_>, TokenFault> {
        Elements::new(bytes, 0).next().unwrap()
    }

    #[test]
    fn lengths_of_every_form() {
        assert_eq!(one(&[2, 1, 5]).unwrap().content, [5]);
        let long = one(&[2, 0x82, 0, 1, 5]).unwrap();
        assert_eq!((long.content, long.odd.is_some()), (&[5][..], true));
        assert_eq!(one(&[2, 3, 5]).unwrap().missing, 2);
        let nested = [0x30, 0x80, 0x30, 0x80, 2, 1, 5, 0, 0, 2, 1, 6, 0, 0, 9];
        let outer = one(&nested).unwrap();
        assert_eq!((outer.whole.len(), outer.content.len()), (14, 10));
        assert_eq!(outer.elements().filter_map(Result::ok).count(), 2);
        for bad in
            [&[2][..], &[0x1F, 1, 1], &[2, 0x85, 0, 0, 0, 0, 1, 7], &[2, 0x80], &[0x30, 0x80, 2]]
        {
            assert!(one(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn object_identifiers() {
        assert_eq!(oid(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2]), "1.2.840.113549.1.7.2");
        assert_eq!(oid(&[0x2B, 6, 1, 4, 1, 0x82, 0x37, 0x12, 5]), "1.3.6.1.4.1.311.18.5");
        assert_eq!(oid(&[0x88, 0x37]), "2.999");
        assert_eq!(oid(&[0x86]), "0x86");
    }
}
