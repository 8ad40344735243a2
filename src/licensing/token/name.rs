// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`DistinguishedName`]: whom a certificate names, in any of the string types of ASN.1.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::hive::name::Name;
use crate::licensing::token::TokenFault;
use crate::licensing::token::ber::{self, Element, OBJECT_IDENTIFIER, SEQUENCE, SET};

/// The attributes of a subject or an issuer, in their order. Real tokens have them in one set of several
/// (a multi-valued relative name), in either order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DistinguishedName {
    /// The attributes.
    pub attributes: Vec<Attribute>,
}

/// An attribute of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its type, an object identifier: 2.5.4.3 is the common name.
    pub oid: String,
    /// The ASN.1 tag of its value: 0x1E for the BMPString of real tokens.
    pub tag: u8,
    /// Its value as text; what could deceive a reader is escaped.
    pub value: String,
    /// The same without escapes.
    pub(crate) plain: String,
}

const UTF8_STRING: u8 = 0x0C;
const PRINTABLE_STRING: u8 = 0x13;
const UNIVERSAL_STRING: u8 = 0x1C;
const BMP_STRING: u8 = 0x1E;

const COMMON_NAME: &str = "2.5.4.3";
const LOCALITY: &str = "2.5.4.7";
const SERIAL_NUMBER: &str = "2.5.4.5";

impl DistinguishedName {
    /// As many attributes are read.
    const MOST: usize = 16;

    /// The common name (CN): the machine of a token, the licence server of an issuer.
    pub fn common_name(&self) -> Option<&str> {
        self.value(COMMON_NAME)
    }

    /// The locality (L): the user of a token as the client reported it, the domain or workgroup of a
    /// licence server.
    pub fn locality(&self) -> Option<&str> {
        self.value(LOCALITY)
    }

    /// The serial number: the masked hardware id of a token.
    pub fn serial_number(&self) -> Option<&str> {
        self.value(SERIAL_NUMBER)
    }

    /// The same without escapes.
    pub(crate) fn plain_serial_number(&self) -> Option<&str> {
        self.attributes.iter().find(|it| it.oid == SERIAL_NUMBER).map(|it| it.plain.as_str())
    }

    fn value(&self, oid: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.oid == oid).map(|it| it.value.as_str())
    }

    /// Whether both have the same attributes, in any order.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let has = |it: &Attribute, all: &Self| {
            all.attributes.iter().any(|other| (&other.oid, &other.value) == (&it.oid, &it.value))
        };
        !self.attributes.is_empty()
            && self.attributes.len() == other.attributes.len()
            && self.attributes.iter().all(|it| has(it, other))
    }

    /// Reads a Name: sets of types and values.
    pub(crate) fn read(name: &Element<'_>, faults: &mut Vec<TokenFault>) -> Self {
        let mut attributes = Vec::new();
        for set in elements(name, SET, "name", faults) {
            for pair in elements(&set, SEQUENCE, "name", faults) {
                if attributes.len() == Self::MOST {
                    let problem = "has more than 16 attributes; the others are not read";
                    faults.push(TokenFault::new("name", problem, pair.at));
                    return Self { attributes };
                }
                let mut inside = pair.elements();
                let Some(Ok(oid)) = inside.tagged(OBJECT_IDENTIFIER) else { continue };
                let Some(Ok(value)) = inside.next() else { continue };
                faults.extend(ber::faults_of_length(&value, "value of a name"));
                faults.extend(bad_characters(&value));
                let units = units(value.tag, value.content);
                let text = Name::utf16(&units);
                attributes.push(Attribute {
                    oid: ber::oid(oid.content),
                    tag: value.tag,
                    value: text.as_text().to_string(),
                    plain: text.to_string_lossy(),
                });
            }
        }
        Self { attributes }
    }
}

/// The elements in one, those of another tag told.
fn elements<'d>(
    of: &Element<'d>,
    tag: u8,
    structure: &'static str,
    faults: &mut Vec<TokenFault>,
) -> Vec<Element<'d>> {
    let mut found = Vec::new();
    for element in of.elements() {
        match element {
            Ok(element) if element.tag == tag => {
                faults.extend(ber::faults_of_length(&element, structure));
                found.push(element);
            }
            Ok(element) => {
                faults.push(TokenFault::new(structure, "holds an unexpected element", element.at));
            }
            Err(fault) => faults.push(fault),
        }
    }
    found
}

/// Characters that a string of its type cannot hold.
fn bad_characters(value: &Element<'_>) -> Option<TokenFault> {
    let is_printable = |byte: &u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(byte);
    let is_surrogate = |high: &[u8; 2]| matches!(high, [0xD8..=0xDF, _]);
    let (structure, is_bad) = match value.tag {
        PRINTABLE_STRING => ("PrintableString", !value.content.iter().all(is_printable)),
        BMP_STRING => {
            let (pairs, rest) = value.content.as_chunks::<2>();
            ("BMPString", !rest.is_empty() || pairs.iter().any(is_surrogate))
        }
        UTF8_STRING => ("UTF8String", core::str::from_utf8(value.content).is_err()),
        _ => return None,
    };
    is_bad.then(|| TokenFault::new(structure, "holds characters that are none of it", value.at))
}

/// A string of this type in UTF-16LE.
fn units(tag: u8, content: &[u8]) -> Vec<u8> {
    let encode = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    match (tag, core::str::from_utf8(content)) {
        (BMP_STRING, _) => {
            let (pairs, _) = content.as_chunks::<2>();
            pairs.iter().flat_map(|[high, low]| [*low, *high]).collect()
        }
        (UNIVERSAL_STRING, _) => {
            let (words, _) = content.as_chunks::<4>();
            let char = |word: &[u8; 4]| {
                char::from_u32(u32::from_be_bytes(*word)).unwrap_or(char::REPLACEMENT_CHARACTER)
            };
            encode(&words.iter().map(char).collect::<String>())
        }
        (UTF8_STRING, Ok(text)) => encode(text),
        // One byte a character; T61String is read as Latin-1.
        _ => content.iter().flat_map(|byte| [*byte, 0]).collect(),
    }
}

impl fmt::Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Attribute { oid, value, .. }) in self.attributes.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let label = match oid.as_str() {
                COMMON_NAME => "CN",
                LOCALITY => "L",
                SERIAL_NUMBER => "serialNumber",
                "2.5.4.6" => "C",
                "2.5.4.8" => "ST",
                "2.5.4.10" => "O",
                "2.5.4.11" => "OU",
                other => other,
            };
            write!(f, "{separator}{label}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tag: u8, content: &[u8]) -> String {
        Name::utf16(&units(tag, content)).as_text().to_string()
    }

    #[test]
    fn strings_of_every_type() {
        assert_eq!(text(0x1E, &[0, b'A', 0x20, 0xAC]), "A\u{20AC}");
        assert_eq!(text(0x1C, &[0, 1, 0xF6, 0, 0, 0, 0, b'b']), "\u{1F600}b");
        assert_eq!(text(0x0C, "\u{e4}".as_bytes()), "\u{e4}");
        assert_eq!(text(0x0C, &[0xFF]), "\u{ff}");
        assert_eq!(text(0x14, &[0xE4]), "\u{e4}");
        assert_eq!(text(0x13, b"a_b\r"), r"a_b\u{D}");
    }
}
