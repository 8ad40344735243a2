// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`DistinguishedName`]: the name of an issuer or a subject.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use calhive_regf::hive::name::Name;

use crate::token::ber::{self, Element, OBJECT_IDENTIFIER, SEQUENCE, SET};
use crate::token::directory_string;
use crate::token::fault::TokenFaultKind;
use crate::token::fault_log::FaultLog;
use crate::token::structure::TokenStructure;

/// Attributes of a subject or an issuer, in their order on disk. In tokens of real license servers,
/// one set contains several attributes, in either order. See
/// [licensing.md](crate::licensing#container-and-certificates).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DistinguishedName {
    /// Attributes of the name.
    pub attributes: Vec<Attribute>,
}

/// An attribute of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Type of the attribute, an object identifier; 2.5.4.3 is the common name.
    pub oid: String,
    /// ASN.1 tag of the value; 0x1E is BMPString, the type in tokens of real license servers.
    pub tag: u8,
    /// Value as text. Characters that could deceive a reader are escaped.
    pub value: String,
    /// Value as text, without escapes.
    pub(crate) plain: String,
}

const COMMON_NAME: &str = "2.5.4.3";
const LOCALITY: &str = "2.5.4.7";
const SERIAL_NUMBER: &str = "2.5.4.5";

impl DistinguishedName {
    /// Number of attributes that calhive reads.
    const MOST: usize = 16;

    /// Parses a Name: sets of types and values.
    pub(crate) fn parse(name: &Element<'_>, log: &mut FaultLog) -> Self {
        let mut attributes = Vec::new();
        for set in elements(name, SET, log) {
            for pair in elements(&set, SEQUENCE, log) {
                if attributes.len() == Self::MOST {
                    let structure = TokenStructure::Name;
                    log.add(TokenFaultKind::TooMany { structure, most: Self::MOST }, pair.offset);
                    return Self { attributes };
                }
                attributes.extend(Attribute::parse(&pair, log));
            }
        }
        Self { attributes }
    }

    /// Returns the common name (CN): the machine in a token's subject, the license server in an issuer.
    pub fn common_name(&self) -> Option<&str> {
        self.value(COMMON_NAME)
    }

    /// Returns the locality (L): the client-reported user in a token's subject, the domain or workgroup of
    /// the license server in an issuer.
    pub fn locality(&self) -> Option<&str> {
        self.value(LOCALITY)
    }

    /// Returns the serial number: the masked hardware ID in a token's subject.
    pub fn serial_number(&self) -> Option<&str> {
        self.value(SERIAL_NUMBER)
    }

    /// Returns the serial number without escapes.
    pub(crate) fn plain_serial_number(&self) -> Option<&str> {
        self.attributes.iter().find(|it| it.oid == SERIAL_NUMBER).map(|it| it.plain.as_str())
    }

    fn value(&self, oid: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.oid == oid).map(|it| it.value.as_str())
    }

    /// Whether both names have the same attributes, in any order.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let has = |it: &Attribute, all: &Self| {
            all.attributes.iter().any(|other| (&other.oid, &other.value) == (&it.oid, &it.value))
        };
        !self.attributes.is_empty()
            && self.attributes.len() == other.attributes.len()
            && self.attributes.iter().all(|it| has(it, other))
    }
}

impl Attribute {
    /// Parses a pair of type and value; `None` if one of them is missing or unreadable.
    fn parse(pair: &Element<'_>, log: &mut FaultLog) -> Option<Self> {
        let mut inside = pair.elements();
        let oid = inside.tagged(OBJECT_IDENTIFIER)?.ok()?;
        let value = inside.next()?.ok()?;
        log.add_length(&value, TokenStructure::AttributeValue);
        if let Some(structure) = directory_string::type_with_invalid_characters(&value) {
            log.add(TokenFaultKind::InvalidCharacters { structure }, value.offset);
        }
        let utf16 = directory_string::to_utf16(value.tag, value.content);
        let text = Name::utf16(&utf16);
        Some(Self {
            oid: ber::oid(oid.content),
            tag: value.tag,
            value: text.as_text().to_string(),
            plain: text.to_string_lossy(),
        })
    }
}

/// Returns the elements with this tag in `parent`, a part of a name. Reports other elements as
/// faults.
fn elements<'d>(parent: &Element<'d>, tag: u8, log: &mut FaultLog) -> Vec<Element<'d>> {
    let structure = TokenStructure::Name;
    let mut found = Vec::new();
    for element in parent.elements() {
        match element {
            Ok(element) if element.tag == tag => {
                log.add_length(&element, structure);
                found.push(element);
            }
            Ok(Element { tag: found, offset, .. }) => {
                log.add(TokenFaultKind::UnexpectedElement { structure, found }, offset);
            }
            Err(fault) => log.add_fault(fault),
        }
    }
    found
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
    use crate::token::ber::Elements;
    use crate::token::fault::TokenFault;

    fn parsed(name: &[u8]) -> (DistinguishedName, Vec<TokenFault>) {
        let mut log = FaultLog::default();
        let element = Elements::new(name, 0).next().unwrap().unwrap();
        let name = DistinguishedName::parse(&element, &mut log);
        (name, log.into_faults())
    }

    /// A set with a common name and a locality.
    const SET_OF_TWO: [u8; 24] = [
        0x31, 22, 0x30, 9, 6, 3, 0x55, 4, 3, 0x13, 2, b'P', b'C', 0x30, 9, 6, 3, 0x55, 4, 7, 0x0C,
        2, b'I', b'T',
    ];

    #[test]
    fn set_of_two_attributes_is_read_in_its_order() {
        let (name, faults) = parsed(&[&[0x30, 24][..], &SET_OF_TWO].concat());
        assert_eq!((name.to_string().as_str(), faults), ("CN=PC, L=IT", Vec::new()));
        assert_eq!((name.common_name(), name.locality()), (Some("PC"), Some("IT")));
        assert_eq!(name.serial_number(), None);
    }

    #[test]
    fn names_with_the_same_attributes_are_the_same_in_any_order() {
        let (mut name, _) = parsed(&[&[0x30, 24][..], &SET_OF_TWO].concat());
        let other = name.clone();
        name.attributes.reverse();
        assert!(name.is_same(&other));
        name.attributes.pop();
        assert!(!name.is_same(&other));
        assert!(!DistinguishedName::default().is_same(&DistinguishedName::default()));
    }

    #[test]
    fn element_other_than_a_set_is_a_fault_and_the_rest_is_read() {
        let (name, faults) = parsed(&[&[0x30, 27, 2, 1, 5][..], &SET_OF_TWO].concat());
        let structure = TokenStructure::Name;
        let kind = TokenFaultKind::UnexpectedElement { structure, found: 2 };
        assert_eq!((name.attributes.len(), faults), (2, Vec::from([TokenFault::new(kind, 2)])));
    }
}
