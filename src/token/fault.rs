// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`TokenFault`]: one fault of a token or certificate, with its offset.

use alloc::string::{String, ToString};
use core::fmt;

use crate::token::der::HeaderFault;
use crate::token::structure::TokenStructure;

/// One fault of a token or certificate. Some faults make the token unreadable. Others are
/// departures from the standards that calhive tolerates.
///
/// ```
/// use calhive::token::{Token, TokenFaultKind};
/// let fault = Token::parse(b"garbage").unwrap_err();
/// assert_eq!(fault.kind(), &TokenFaultKind::NotAContainer { found: b'g' });
/// assert_eq!(fault.offset(), 0);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}, at byte {offset:#x} of the token")]
pub struct TokenFault {
    kind: TokenFaultKind,
    offset: usize,
}

impl TokenFault {
    #[cold]
    pub(crate) const fn new(kind: TokenFaultKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    pub const fn kind(&self) -> &TokenFaultKind {
        &self.kind
    }

    /// Offset of the faulty structure, in bytes from the start of the token.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Returns what is wrong as text, without the offset.
    pub fn message(&self) -> String {
        self.kind.to_string()
    }

    /// Shifts the offset by the number of bytes before the token.
    pub(crate) const fn shift_offset(&mut self, by: usize) {
        self.offset = self.offset.saturating_add(by);
    }
}

/// What can be wrong with a token or certificate. All tags are ASN.1 tags.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFaultKind {
    /// A structure without bytes.
    #[error("{structure} is empty")]
    Empty {
        /// The empty structure.
        structure: TokenStructure,
    },
    /// More bytes than the structure can have.
    #[error("{structure} has {found} bytes; the maximum is {most}")]
    TooLong {
        /// The structure that is too long.
        structure: TokenStructure,
        /// Bytes of the structure.
        found: usize,
        /// Maximum number of bytes of the structure.
        most: usize,
    },
    /// Fewer bytes than the length of the structure states.
    #[error("{structure} is truncated; missing bytes: {missing}")]
    Truncated {
        /// The truncated structure.
        structure: TokenStructure,
        /// Number of missing bytes.
        missing: usize,
    },
    /// Bytes after the end of the structure.
    #[error("{structure} has trailing bytes: {count}")]
    TrailingBytes {
        /// The structure before these bytes.
        structure: TokenStructure,
        /// Number of these bytes.
        count: usize,
    },
    /// The token begins neither with an ASN.1 SEQUENCE nor as an X509_CERTIFICATE_CHAIN.
    #[error(
        "token does not begin like a known container of certificates (first byte {found:#04x})"
    )]
    NotAContainer {
        /// The first byte of the token.
        found: u8,
    },
    /// A container without certificates.
    #[error("container holds no certificate")]
    NoCertificate,
    /// PKCS #7 content without the structure of SignedData.
    #[error("PKCS #7 is not SignedData: expected tag {expected:#04x}, found {}", Found(*found))]
    NotSignedData {
        /// Tag of the element that SignedData requires at this position.
        expected: u8,
        /// Tag of the element found; `None` at the end of the enclosing element.
        found: Option<u8>,
    },
    /// PKCS #7 content of a type other than SignedData.
    #[error("PKCS #7 has content type {found:.64}, expected SignedData (1.2.840.113549.1.7.2)")]
    ContentType {
        /// Object identifier of the content.
        found: String,
    },
    /// A license that only the keys of its network session decrypt.
    #[error(
        "the license in this NEW_LICENSE or UPGRADE_LICENSE message is encrypted with the keys of its session"
    )]
    EncryptedLicense,
    /// A tag or length that is truncated.
    #[error("ASN.1 element is truncated within its tag and length")]
    TruncatedHeader,
    /// A length that is truncated.
    #[error("ASN.1 element is truncated within its length")]
    TruncatedLength,
    /// A tag of several bytes.
    #[error("ASN.1 element has a tag of several bytes, which no certificate uses")]
    LongTag,
    /// A length of more than four bytes.
    #[error("ASN.1 element has a length of {size} bytes; the maximum is 4")]
    LongLength {
        /// Bytes of the length.
        size: u8,
    },
    /// An indefinite length of an element that cannot contain others.
    #[error("ASN.1 element has an indefinite length, and its tag {tag:#04x} allows no elements")]
    IndefinitePrimitive {
        /// Tag of the element.
        tag: u8,
    },
    /// An indefinite length without the two zero bytes that end the element.
    #[error("ASN.1 element of indefinite length has no detectable end")]
    NoEnd,
    /// An indefinite length. BER allows an indefinite length, but DER does not.
    #[error("{structure} has an indefinite length, which DER forbids")]
    IndefiniteLength {
        /// The structure with this length.
        structure: TokenStructure,
    },
    /// A length with more bytes than necessary. BER allows such a length, but DER does not.
    #[error("{structure} has a length in more bytes than necessary, which DER forbids")]
    OverlongLength {
        /// The structure with this length.
        structure: TokenStructure,
    },
    /// A missing structure: another element, or no element, is in its place.
    #[error("{structure} is missing: found {} in its place", Found(*found))]
    Missing {
        /// The missing structure.
        structure: TokenStructure,
        /// Tag of the element found; `None` at the end of the enclosing element.
        found: Option<u8>,
    },
    /// An element that the structure may not contain.
    #[error("{structure} contains an unexpected element with tag {found:#04x}")]
    UnexpectedElement {
        /// The structure around the element.
        structure: TokenStructure,
        /// Tag of the element.
        found: u8,
    },
    /// More items than calhive reads.
    #[error("{structure} has more than {most} {}; calhive does not read the rest", structure.items())]
    TooMany {
        /// The structure with the items.
        structure: TokenStructure,
        /// Number of items that calhive reads.
        most: usize,
    },
    /// A certificate with the same bytes as an earlier one.
    #[error("certificate occurs twice")]
    DuplicateCertificate,
    /// An extension with the same identifier as an earlier one.
    #[error("extension {oid} occurs twice")]
    DuplicateExtension {
        /// Object identifier of the extension.
        oid: String,
    },
    /// A structure in an unknown form.
    #[error("{structure} cannot be decoded")]
    Undecodable {
        /// The structure.
        structure: TokenStructure,
    },
    /// A BOOLEAN that is neither 0 nor 255.
    #[error("{structure} has a BOOLEAN that is neither 0 nor 255")]
    InvalidBoolean {
        /// The structure with the BOOLEAN.
        structure: TokenStructure,
    },
    /// An INTEGER with more bytes than necessary.
    #[error("{structure} begins with an unnecessary byte {byte:#04x}")]
    PaddedInteger {
        /// The structure, an INTEGER.
        structure: TokenStructure,
        /// The first byte, 0x00 or 0xFF.
        byte: u8,
    },
    /// An INTEGER below zero.
    #[error("{structure} is negative")]
    NegativeInteger {
        /// The structure, an INTEGER.
        structure: TokenStructure,
    },
    /// An INTEGER that is zero.
    #[error("{structure} is zero")]
    ZeroInteger {
        /// The structure, an INTEGER.
        structure: TokenStructure,
    },
    /// A string with characters that its type does not allow.
    #[error("{structure} contains characters that its type does not allow")]
    InvalidCharacters {
        /// The string.
        structure: TokenStructure,
    },
    /// An element in the validity that is not a time.
    #[error("validity contains an element with tag {tag:#04x} that is not a valid time")]
    InvalidTime {
        /// Tag of the element.
        tag: u8,
    },
    /// A GeneralizedTime for a year for which RFC 5280 requires a UTCTime.
    #[error("validity has a GeneralizedTime for the year {year}, before 2050")]
    EarlyGeneralizedTime {
        /// The year.
        year: i64,
    },
    /// A time without seconds.
    #[error("validity has a time without seconds")]
    NoSeconds,
    /// A time with an offset from UTC, or without any mark of UTC.
    #[error("validity has a time that does not end with Z")]
    NotZulu,
    /// The second parser refuses a certificate that calhive reads (feature `x509`).
    #[error("certificate is refused by a second parser (x509-parser: {error})")]
    RefusedBySecondParser {
        /// Error of the second parser.
        error: String,
    },
    /// The second parser reads a part of a certificate differently (feature `x509`).
    #[error("{structure} of the certificate is read differently by a second parser (x509-parser)")]
    DiffersInSecondParser {
        /// The part.
        structure: TokenStructure,
    },
}

impl From<HeaderFault> for TokenFaultKind {
    fn from(fault: HeaderFault) -> Self {
        match fault {
            HeaderFault::Truncated => Self::TruncatedHeader,
            HeaderFault::TruncatedLength => Self::TruncatedLength,
            HeaderFault::LongTag => Self::LongTag,
            HeaderFault::LongLength(size) => Self::LongLength { size },
            HeaderFault::IndefinitePrimitive(tag) => Self::IndefinitePrimitive { tag },
        }
    }
}

/// Displays the tag of the found element, if there is one.
struct Found(Option<u8>);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(tag) => write!(f, "tag {tag:#04x}"),
            None => f.write_str("the end of the enclosing element"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_names_structure_expected_found_and_offset() {
        let kind = TokenFaultKind::NotSignedData { expected: 0xA0, found: Some(5) };
        let fault = TokenFault::new(kind, 0x1D);
        let expected = "PKCS #7 is not SignedData: expected tag 0xa0, found tag 0x05";
        assert_eq!(fault.message(), expected);
        assert_eq!(fault.to_string(), format!("{expected}, at byte 0x1d of the token"));
        let kind = TokenFaultKind::TooMany { structure: TokenStructure::Name, most: 16 };
        assert!(kind.to_string().starts_with("name has more than 16 attributes; "), "{kind}");
    }
}
