// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`FaultLog`]: the faults that calhive finds while it decodes one certificate.

use alloc::vec::Vec;

use crate::token::ber::{Element, Elements};
use crate::token::fault::{TokenFault, TokenFaultKind};
use crate::token::structure::TokenStructure;

/// Faults of one certificate, in the order in which calhive finds the faults.
#[derive(Debug, Default)]
pub(crate) struct FaultLog {
    faults: Vec<TokenFault>,
    is_truncated: bool,
}

impl FaultLog {
    /// Adds a fault at this offset of the token.
    pub(crate) fn add(&mut self, kind: TokenFaultKind, offset: usize) {
        self.faults.push(TokenFault::new(kind, offset));
    }

    /// Adds the length faults of an optional element.
    pub(crate) fn add_length(&mut self, element: &Element<'_>, structure: TokenStructure) {
        self.faults.extend(element.length_faults(structure));
    }

    /// Adds the fault of an unreadable element.
    pub(crate) fn add_fault(&mut self, fault: TokenFault) {
        self.faults.push(fault);
    }

    /// Takes the next element, which every certificate must have with this tag. Also returns a
    /// truncated element.
    pub(crate) fn required<'d>(
        &mut self,
        elements: &mut Elements<'d>,
        tag: u8,
        structure: TokenStructure,
    ) -> Option<Element<'d>> {
        if elements.peek() == Some(tag) {
            return self.next_part(elements, structure);
        }
        self.add(TokenFaultKind::Missing { structure, found: elements.peek() }, elements.offset);
        None
    }

    /// Takes the next element, of any tag, as a part of the certificate.
    pub(crate) fn next_part<'d>(
        &mut self,
        elements: &mut Elements<'d>,
        structure: TokenStructure,
    ) -> Option<Element<'d>> {
        let offset = elements.offset;
        match elements.next() {
            Some(Ok(element)) => {
                self.is_truncated |= element.missing > 0;
                self.add_length(&element, structure);
                Some(element)
            }
            Some(Err(fault)) => {
                self.add_fault(fault);
                None
            }
            None => {
                self.add(TokenFaultKind::Missing { structure, found: None }, offset);
                None
            }
        }
    }

    /// Whether a part of the certificate is truncated.
    pub(crate) const fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// Returns all faults.
    pub(crate) fn into_faults(self) -> Vec<TokenFault> {
        self.faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_truncated_parts_are_faults() {
        let mut log = FaultLog::default();
        let mut elements = Elements::new(&[2, 3, 5], 0x10);
        assert!(log.required(&mut elements, 0x30, TokenStructure::Issuer).is_none());
        assert!(!log.is_truncated());
        assert!(log.required(&mut elements, 2, TokenStructure::SerialNumber).is_some());
        assert!(log.is_truncated());
        assert!(log.next_part(&mut elements, TokenStructure::Time).is_none());
        let faults: Vec<_> = log.into_faults().iter().map(TokenFault::to_string).collect();
        assert_eq!(
            faults,
            [
                "issuer is missing: found tag 0x02 in its place, at byte 0x10 of the token",
                "serial number is truncated; missing bytes: 2, at byte 0x10 of the token",
                "time of the validity is missing: found the end of the enclosing element in its \
                 place, at byte 0x13 of the token",
            ]
        );
    }
}
