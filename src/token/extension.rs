// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Extension`]: one extension of a certificate, with its content as stored.

use alloc::string::String;
use alloc::vec::Vec;

use crate::token::ber::{self, BOOLEAN, Element, OBJECT_IDENTIFIER, OCTET_STRING};
use crate::token::fault::TokenFaultKind;
use crate::token::fault_log::FaultLog;
use crate::token::structure::TokenStructure;

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Object identifier.
    pub oid: String,
    /// Whether the extension is marked critical.
    pub is_critical: bool,
    /// Content as stored.
    pub content: Vec<u8>,
    /// Offset of the content, in bytes from the start of the token.
    pub offset: usize,
}

impl Extension {
    /// Parses an extension; `None` if identifier or content is missing or unreadable.
    pub(crate) fn parse(extension: &Element<'_>, log: &mut FaultLog) -> Option<Self> {
        let mut inside = extension.elements();
        let structure = TokenStructure::ExtensionIdentifier;
        let oid = log.required(&mut inside, OBJECT_IDENTIFIER, structure)?;
        let critical = inside.tagged(BOOLEAN).and_then(Result::ok);
        if critical.is_some_and(|it| !matches!(it.content, [0 | 0xFF])) {
            let structure = TokenStructure::Extension;
            log.add(TokenFaultKind::InvalidBoolean { structure }, inside.offset);
        }
        let structure = TokenStructure::ExtensionContent;
        let content = log.required(&mut inside, OCTET_STRING, structure)?;
        Some(Self {
            oid: ber::oid(oid.content),
            is_critical: critical.is_some_and(|it| it.content != [0]),
            content: content.content.to_vec(),
            offset: content.content_offset,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::ber::Elements;

    fn parsed(inside: &[u8]) -> (Option<Extension>, Vec<TokenFaultKind>) {
        let bytes = [&[0x30, u8::try_from(inside.len()).unwrap()][..], inside].concat();
        let mut log = FaultLog::default();
        let extension =
            Extension::parse(&Elements::new(&bytes, 0).next().unwrap().unwrap(), &mut log);
        (extension, log.into_faults().iter().map(|fault| fault.kind().clone()).collect())
    }

    #[test]
    fn extension_is_read_with_and_without_critical_mark() {
        let (extension, faults) = parsed(&[6, 1, 0x2A, 4, 1, 7]);
        let expected =
            Extension { oid: "1.2".into(), is_critical: false, content: [7].into(), offset: 7 };
        assert_eq!((extension, faults), (Some(expected), Vec::new()));
        let (extension, faults) = parsed(&[6, 1, 0x2A, 1, 1, 0xFF, 4, 1, 7]);
        assert!(extension.unwrap().is_critical && faults.is_empty());
        let (extension, faults) = parsed(&[6, 1, 0x2A, 1, 1, 7, 4, 1, 7]);
        let structure = TokenStructure::Extension;
        assert!(extension.unwrap().is_critical);
        assert_eq!(faults, [TokenFaultKind::InvalidBoolean { structure }]);
    }

    #[test]
    fn extension_without_content_is_a_fault() {
        let structure = TokenStructure::ExtensionContent;
        let fault = TokenFaultKind::Missing { structure, found: Some(5) };
        assert_eq!(parsed(&[6, 1, 0x2A, 5, 0]), (None, Vec::from([fault])));
    }
}
