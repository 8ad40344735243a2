// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Contents`]: the certificates in a token, in whatever [`Container`] they lie.

use alloc::vec::Vec;

use crate::licensing::report::Container;
use crate::licensing::token::TokenFault;
use crate::licensing::token::ber::{
    self, Element, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, SET,
};

/// Certificates with their places, in order.
#[derive(Debug)]
pub(crate) struct Contents<'d> {
    pub(crate) container: Container,
    pub(crate) certificates: Vec<Piece<'d>>,
    pub(crate) faults: Vec<TokenFault>,
    /// Whether bytes of the container are missing.
    pub(crate) is_cut: bool,
}

/// Bytes and where they begin.
pub(crate) type Piece<'d> = (usize, &'d [u8]);

/// As many as a chain may have ([MS-RDPELE] 2.2.1.4.2).
const MOST: usize = 200;
/// The object identifier of SignedData.
const SIGNED_DATA: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
/// The set of certificates within SignedData.
const CERTIFICATES: u8 = 0xA0;

impl<'d> Contents<'d> {
    /// Finds the certificates in the bytes of a token.
    pub(crate) fn of(bytes: &'d [u8]) -> Result<Self, TokenFault> {
        let read = if let Some(chain) = Self::chain(bytes) {
            Ok(chain)
        } else if bytes.first() == Some(&SEQUENCE) {
            Self::pkcs7_or_certificates(bytes)
        } else {
            Err(TokenFault::new("token", "begins as no container of certificates that is known", 0))
        };
        match read {
            Ok(contents) if !contents.certificates.is_empty() => Ok(contents),
            Ok(Self { faults, .. }) => {
                let none = || TokenFault::new("container", "holds no certificate", 0);
                Self::searched(bytes, faults.into_iter().next().unwrap_or_else(none))
            }
            Err(fault) => Self::searched(bytes, fault),
        }
    }

    /// X509_CERTIFICATE_CHAIN: the number of certificates, and each behind its size; before it the
    /// version of a SERVER_CERTIFICATE where it was kept with it.
    fn chain(bytes: &'d [u8]) -> Option<Self> {
        const VERSION: u32 = 2;
        /// Set where the certificate is a temporary one.
        const TEMPORARY: u32 = 0x8000_0000;
        let mut rest = bytes;
        let mut number = number(&mut rest)?;
        let with_version = number == VERSION | TEMPORARY
            || (number == VERSION
                && rest.get(4..8).is_some_and(|it| it.first() != Some(&SEQUENCE)));
        if with_version {
            number = self::number(&mut rest)?;
        }
        let count = usize::try_from(number).ok().filter(|it| (1..=MOST).contains(it))?;
        let mut contents = Self::new(Container::CertificateChain);
        for _ in 0..count {
            let at = bytes.len().saturating_sub(rest.len());
            let size = usize::try_from(self::number(&mut rest)?).ok()?;
            if rest.first() != Some(&SEQUENCE) {
                return None;
            }
            let (certificate, after) = rest.split_at_checked(size).unwrap_or((rest, &[]));
            if certificate.len() < size {
                contents.tell("X509_CERTIFICATE_CHAIN", "is cut within a certificate", at);
                contents.is_cut = true;
            }
            contents.certificates.push((at.saturating_add(4), certificate));
            rest = after;
            if rest.is_empty() {
                contents.is_cut |= contents.certificates.len() < count;
                break;
            }
        }
        let padding = contents.certificates.len().saturating_mul(4).saturating_add(8);
        if rest.len() > padding || rest.iter().any(|byte| *byte != 0) {
            let at = bytes.len().saturating_sub(rest.len());
            contents.tell("X509_CERTIFICATE_CHAIN", "is followed by bytes that are none of it", at);
        }
        Some(contents)
    }

    fn pkcs7_or_certificates(bytes: &'d [u8]) -> Result<Self, TokenFault> {
        let mut all = Elements::new(bytes, 0);
        let outer = all.next().unwrap_or(Err(TokenFault::new("token", "is empty", 0)))?;
        match outer.elements().peek() {
            Some(OBJECT_IDENTIFIER) => {
                let mut contents = Self::new(Container::Pkcs7);
                contents.pkcs7(&outer)?;
                if !all.rest.is_empty() {
                    contents.tell("PKCS #7", "is followed by bytes that are none of it", all.at);
                }
                Ok(contents)
            }
            _ => {
                let mut contents = Self::new(Container::Certificates);
                contents.add(Elements::new(bytes, 0));
                Ok(contents)
            }
        }
    }

    /// ContentInfo with SignedData ([MS-RDPELE] 2.2.2.6.1 says a chain; real ones are this).
    fn pkcs7(&mut self, outer: &Element<'d>) -> Result<(), TokenFault> {
        const WHAT: &str = "PKCS #7";
        let missing = |at| TokenFault::new(WHAT, "is not as SignedData are", at);
        self.faults.extend(ber::faults_of_length(outer, WHAT));
        self.is_cut = outer.missing > 0;
        let mut inside = outer.elements();
        let mut take = |inside: &mut Elements<'d>, tag| {
            let element = inside.tagged(tag).ok_or_else(|| missing(inside.at))??;
            self.faults.extend(ber::faults_of_length(&element, WHAT));
            self.is_cut |= element.missing > 0;
            Ok::<_, TokenFault>(element)
        };
        let kind = take(&mut inside, OBJECT_IDENTIFIER)?;
        if kind.content != SIGNED_DATA {
            return Err(TokenFault::new(WHAT, "is not of the type SignedData", kind.at));
        }
        let content = take(&mut inside, 0xA0)?;
        let signed = take(&mut content.elements(), SEQUENCE)?;
        let mut inside = signed.elements();
        take(&mut inside, INTEGER)?;
        take(&mut inside, SET)?;
        take(&mut inside, SEQUENCE)?;
        let certificates = take(&mut inside, CERTIFICATES)?;
        self.add(certificates.elements());
        Ok(())
    }

    /// Takes up certificates that follow each other.
    fn add(&mut self, elements: Elements<'d>) {
        for element in elements {
            match element {
                Ok(_) if self.certificates.len() == MOST => {
                    return self.tell("chain", "has more than 200 certificates", elements.at);
                }
                Ok(element) if element.tag == SEQUENCE => {
                    if self.certificates.iter().any(|(_, other)| *other == element.whole) {
                        self.tell("certificate", "stands there twice", element.at);
                    }
                    self.certificates.push((element.at, element.whole));
                }
                Ok(element) => {
                    return self.tell("chain", "holds what is no certificate", element.at);
                }
                Err(fault) => self.faults.push(fault),
            }
        }
    }

    /// Certificates of version 3, by how they begin, wherever they stand.
    fn searched(bytes: &'d [u8], why: TokenFault) -> Result<Self, TokenFault> {
        let mut contents = Self::new(Container::Unknown);
        contents.faults.push(why.clone());
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let is_one = matches!(
                rest,
                [0x30, 0x82, _, _, 0x30, 0x82, _, _, 0xA0, 3, 2, 1, 2, ..]
                    | [0x30, 0x82, _, _, 0x30, 0x81, _, 0xA0, 3, 2, 1, 2, ..]
            );
            let found = if is_one { Elements::new(rest, at).next() } else { None };
            match found {
                Some(Ok(element)) => {
                    contents.certificates.push((at, element.whole));
                    at = at.saturating_add(element.whole.len());
                }
                _ => at = at.saturating_add(1),
            }
            if contents.certificates.len() == MOST {
                break;
            }
        }
        if contents.certificates.is_empty() { Err(why) } else { Ok(contents) }
    }

    const fn new(container: Container) -> Self {
        Self { container, certificates: Vec::new(), faults: Vec::new(), is_cut: false }
    }

    fn tell(&mut self, structure: &'static str, problem: &'static str, at: usize) {
        self.faults.push(TokenFault::new(structure, problem, at));
    }
}

/// The number at the start, which is taken away.
pub(crate) fn number(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_le_bytes(*bytes))
}
