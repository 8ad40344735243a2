// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Contents`]: the certificates in a token, for every kind of [`Container`].

use alloc::vec::Vec;

use crate::meaning::Container;
use crate::token::ber::{self, Element, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, SET};
use crate::token::fault::{TokenFault, TokenFaultKind};
use crate::token::little_endian::take_u32;
use crate::token::structure::TokenStructure;

/// Certificates with their offsets, in their order on disk. See
/// [licensing.md](crate::licensing#container-and-certificates).
#[derive(Debug)]
pub(crate) struct Contents<'d> {
    pub(crate) container: Container,
    pub(crate) certificates: Vec<Piece<'d>>,
    pub(crate) faults: Vec<TokenFault>,
    /// Whether bytes of the container are missing.
    pub(crate) is_truncated: bool,
}

/// Offset of a certificate, and its bytes.
pub(crate) type Piece<'d> = (usize, &'d [u8]);

/// Number of certificates in the longest chain ([MS-RDPELE] 2.2.1.4.2).
const MOST: usize = 200;
/// Object identifier of SignedData.
const SIGNED_DATA: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
/// Tag of the content in ContentInfo.
const CONTENT: u8 = 0xA0;
/// Tag of the set of certificates in SignedData.
const CERTIFICATES: u8 = 0xA0;

impl<'d> Contents<'d> {
    /// Finds the certificates in the bytes of a token.
    ///
    /// # Errors
    /// If there is no certificate.
    pub(crate) fn parse(bytes: &'d [u8]) -> Result<Self, TokenFault> {
        let contents = match (Self::certificate_chain(bytes), bytes.first()) {
            (Some(chain), _) => Ok(chain),
            (None, Some(&SEQUENCE)) => Self::pkcs7_or_certificates(bytes),
            (None, Some(&found)) => Err(fault(TokenFaultKind::NotAContainer { found }, 0)),
            (None, None) => Err(empty_token()),
        };
        match contents {
            Ok(contents) if !contents.certificates.is_empty() => Ok(contents),
            Ok(Self { faults, .. }) => {
                let none = || fault(TokenFaultKind::NoCertificate, 0);
                Self::search(bytes, faults.into_iter().next().unwrap_or_else(none))
            }
            Err(fault) => Self::search(bytes, fault),
        }
    }

    /// Parses an X509_CERTIFICATE_CHAIN: the number of certificates, then each certificate after its size.
    /// The version of a SERVER_CERTIFICATE can precede the chain.
    fn certificate_chain(bytes: &'d [u8]) -> Option<Self> {
        const VERSION: u32 = 2;
        /// Flag of a temporary certificate.
        const TEMPORARY: u32 = 0x8000_0000;
        let structure = TokenStructure::X509CertificateChain;
        let mut rest = bytes;
        let mut number = take_u32(&mut rest)?;
        let has_version = number == VERSION | TEMPORARY
            || (number == VERSION
                && rest.get(4..8).is_some_and(|it| it.first() != Some(&SEQUENCE)));
        if has_version {
            number = take_u32(&mut rest)?;
        }
        let count = usize::try_from(number).ok().filter(|it| (1..=MOST).contains(it))?;
        let mut contents = Self::new(Container::CertificateChain);
        for _ in 0..count {
            let offset = bytes.len().saturating_sub(rest.len());
            let size = usize::try_from(take_u32(&mut rest)?).ok()?;
            if rest.first() != Some(&SEQUENCE) {
                return None;
            }
            let (certificate, after) = rest.split_at_checked(size).unwrap_or((rest, &[]));
            let missing = size.saturating_sub(certificate.len());
            if missing > 0 {
                let structure = TokenStructure::ChainedCertificate;
                contents.add_fault(TokenFaultKind::Truncated { structure, missing }, offset);
                contents.is_truncated = true;
            }
            contents.certificates.push((offset.saturating_add(4), certificate));
            rest = after;
            if rest.is_empty() {
                contents.is_truncated |= contents.certificates.len() < count;
                break;
            }
        }
        let padding = contents.certificates.len().saturating_mul(4).saturating_add(8);
        if rest.len() > padding || rest.iter().any(|byte| *byte != 0) {
            let (count, offset) = (rest.len(), bytes.len().saturating_sub(rest.len()));
            contents.add_fault(TokenFaultKind::TrailingBytes { structure, count }, offset);
        }
        Some(contents)
    }

    fn pkcs7_or_certificates(bytes: &'d [u8]) -> Result<Self, TokenFault> {
        let mut all = Elements::new(bytes, 0);
        let outer = all.next().unwrap_or_else(|| Err(empty_token()))?;
        if outer.elements().peek() == Some(OBJECT_IDENTIFIER) {
            let mut contents = Self::new(Container::Pkcs7);
            contents.add_pkcs7(&outer)?;
            if !all.rest.is_empty() {
                let (structure, count) = (TokenStructure::Pkcs7, all.rest.len());
                contents.add_fault(TokenFaultKind::TrailingBytes { structure, count }, all.offset);
            }
            Ok(contents)
        } else {
            let mut contents = Self::new(Container::Certificates);
            contents.add_certificates(Elements::new(bytes, 0));
            Ok(contents)
        }
    }

    /// Adds the certificates of a ContentInfo with SignedData. Tokens of real license servers have
    /// this form, although [MS-RDPELE] 2.2.2.6.1 describes a certificate chain.
    fn add_pkcs7(&mut self, outer: &Element<'d>) -> Result<(), TokenFault> {
        self.add_length(outer);
        let mut content_info = outer.elements();
        let kind = self.part(&mut content_info, OBJECT_IDENTIFIER)?;
        if kind.content != SIGNED_DATA {
            let found = ber::oid(kind.content);
            return Err(fault(TokenFaultKind::ContentType { found }, kind.offset));
        }
        let content = self.part(&mut content_info, CONTENT)?;
        let signed_data = self.part(&mut content.elements(), SEQUENCE)?;
        let mut signed_data = signed_data.elements();
        let _version = self.part(&mut signed_data, INTEGER)?;
        let _algorithms = self.part(&mut signed_data, SET)?;
        let _content = self.part(&mut signed_data, SEQUENCE)?;
        let certificates = self.part(&mut signed_data, CERTIFICATES)?;
        self.add_certificates(certificates.elements());
        Ok(())
    }

    /// Takes the next element of a SignedData structure, which must have this tag.
    fn part(&mut self, from: &mut Elements<'d>, expected: u8) -> Result<Element<'d>, TokenFault> {
        let (found, offset) = (from.peek(), from.offset);
        let missing = || fault(TokenFaultKind::NotSignedData { expected, found }, offset);
        let element = from.tagged(expected).ok_or_else(missing)??;
        self.add_length(&element);
        Ok(element)
    }

    fn add_length(&mut self, element: &Element<'d>) {
        self.faults.extend(element.length_faults(TokenStructure::Pkcs7));
        self.is_truncated |= element.missing > 0;
    }

    /// Adds certificates that directly follow each other.
    fn add_certificates(&mut self, elements: Elements<'d>) {
        let structure = TokenStructure::CertificateList;
        let start = elements.offset;
        for element in elements {
            match element {
                Ok(_) if self.certificates.len() == MOST => {
                    return self
                        .add_fault(TokenFaultKind::TooMany { structure, most: MOST }, start);
                }
                Ok(element) if element.tag == SEQUENCE => {
                    if self.certificates.iter().any(|(_, other)| *other == element.whole) {
                        self.add_fault(TokenFaultKind::DuplicateCertificate, element.offset);
                    }
                    self.certificates.push((element.offset, element.whole));
                }
                Ok(Element { tag: found, offset, .. }) => {
                    let kind = TokenFaultKind::UnexpectedElement { structure, found };
                    return self.add_fault(kind, offset);
                }
                Err(fault) => self.faults.push(fault),
            }
        }
    }

    /// Searches all bytes for the start of certificates of version 3. `why` is the fault that makes
    /// the search necessary.
    fn search(bytes: &'d [u8], why: TokenFault) -> Result<Self, TokenFault> {
        let mut contents = Self::new(Container::Unknown);
        contents.faults.push(why.clone());
        let mut offset = 0;
        while let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
            let is_start = matches!(
                rest,
                [0x30, 0x82, _, _, 0x30, 0x82, _, _, 0xA0, 3, 2, 1, 2, ..]
                    | [0x30, 0x82, _, _, 0x30, 0x81, _, 0xA0, 3, 2, 1, 2, ..]
            );
            let found = if is_start { Elements::new(rest, offset).next() } else { None };
            match found {
                Some(Ok(element)) => {
                    contents.certificates.push((offset, element.whole));
                    offset = offset.saturating_add(element.whole.len());
                }
                _ => offset = offset.saturating_add(1),
            }
            if contents.certificates.len() == MOST {
                break;
            }
        }
        if contents.certificates.is_empty() { Err(why) } else { Ok(contents) }
    }

    const fn new(container: Container) -> Self {
        Self { container, certificates: Vec::new(), faults: Vec::new(), is_truncated: false }
    }

    fn add_fault(&mut self, kind: TokenFaultKind, offset: usize) {
        self.faults.push(fault(kind, offset));
    }
}

const fn fault(kind: TokenFaultKind, offset: usize) -> TokenFault {
    TokenFault::new(kind, offset)
}

const fn empty_token() -> TokenFault {
    fault(TokenFaultKind::Empty { structure: TokenStructure::Token }, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An element that calhive accepts in place of a certificate.
    const CERTIFICATE: [u8; 5] = [0x30, 3, 2, 1, 7];

    fn chain(count: u8, certificate: &[u8]) -> Vec<u8> {
        [&[count, 0, 0, 0, 5, 0, 0, 0], certificate].concat()
    }

    #[test]
    fn chain_has_certificates_after_their_sizes() {
        let bytes = chain(1, &CERTIFICATE);
        let contents = Contents::parse(&bytes).unwrap();
        assert_eq!(contents.container, Container::CertificateChain);
        assert_eq!(contents.certificates, [(8, &CERTIFICATE[..])]);
        assert_eq!((contents.faults, contents.is_truncated), (Vec::new(), false));
    }

    #[test]
    fn truncated_chain_and_trailing_bytes_are_faults() {
        let bytes = chain(1, &CERTIFICATE[..3]);
        let contents = Contents::parse(&bytes).unwrap();
        let structure = TokenStructure::ChainedCertificate;
        let kind = TokenFaultKind::Truncated { structure, missing: 2 };
        assert_eq!((contents.faults, contents.is_truncated), (vec![fault(kind, 4)], true));
        let bytes = [&chain(1, &CERTIFICATE)[..], &[9, 9]].concat();
        let structure = TokenStructure::X509CertificateChain;
        let kind = TokenFaultKind::TrailingBytes { structure, count: 2 };
        assert_eq!(Contents::parse(&bytes).unwrap().faults, [fault(kind, 13)]);
    }

    #[test]
    fn certificates_without_container_end_at_another_element() {
        let bytes = [&CERTIFICATE[..], &CERTIFICATE, &[5, 0], &CERTIFICATE].concat();
        let contents = Contents::parse(&bytes).unwrap();
        assert_eq!(contents.container, Container::Certificates);
        assert_eq!(contents.certificates.len(), 2);
        let structure = TokenStructure::CertificateList;
        let kind = TokenFaultKind::UnexpectedElement { structure, found: 5 };
        let expected = [fault(TokenFaultKind::DuplicateCertificate, 5), fault(kind, 10)];
        assert_eq!(contents.faults, expected);
    }
}
