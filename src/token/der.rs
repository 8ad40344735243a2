// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Header`]: tag and length of an ASN.1 element, in every form that certificates use.

/// Tag and length of an element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) tag: u8,
    /// Bytes of tag and length.
    pub(crate) size: usize,
    /// Bytes of the value; `None` for an indefinite length.
    pub(crate) length: Option<usize>,
    #[cfg_attr(
        not(feature = "token"),
        allow(dead_code, reason = "carving does not report the form of a length")
    )]
    pub(crate) form: LengthForm,
}

/// How an element states its length. DER allows the shortest form only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LengthForm {
    Shortest,
    Overlong,
    Indefinite,
}

/// Reason why a tag or a length is unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "token"),
    allow(dead_code, reason = "carving skips what is unreadable without a reason")
)]
pub(crate) enum HeaderFault {
    /// The bytes end before the first byte of the length.
    Truncated,
    /// The bytes end within the length.
    TruncatedLength,
    /// The tag has several bytes.
    LongTag,
    /// The length has this many bytes, more than four.
    LongLength(u8),
    /// A primitive element with this tag has an indefinite length.
    IndefinitePrimitive(u8),
}

impl Header {
    /// Parses the tag and length at the start of `bytes`.
    ///
    /// # Errors
    /// If tag or length is unreadable.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, HeaderFault> {
        let [tag, first, rest @ ..] = bytes else { return Err(HeaderFault::Truncated) };
        let (tag, first) = (*tag, *first);
        if tag & 0x1F == 0x1F {
            return Err(HeaderFault::LongTag);
        }
        let header = |size, length, form| Ok(Self { tag, size, length, form });
        match first {
            0..=0x7F => header(2, Some(usize::from(first)), LengthForm::Shortest),
            0x80 if tag & 0x20 != 0 => header(2, None, LengthForm::Indefinite),
            0x80 => Err(HeaderFault::IndefinitePrimitive(tag)),
            0x81..=0x84 => {
                let count = usize::from(first & 0x0F);
                let digits = rest.get(..count).ok_or(HeaderFault::TruncatedLength)?;
                let length = digits
                    .iter()
                    .fold(0_usize, |sum, byte| sum.wrapping_shl(8) | usize::from(*byte));
                let is_overlong = digits.first() == Some(&0) || length < 0x80;
                let form = if is_overlong { LengthForm::Overlong } else { LengthForm::Shortest };
                header(count.saturating_add(2), Some(length), form)
            }
            _ => Err(HeaderFault::LongLength(first & 0x7F)),
        }
    }
}
