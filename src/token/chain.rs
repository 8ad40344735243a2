// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Chain`]: the certificates of a token or of a session host, with their signatures.

use alloc::vec::Vec;

use crate::meaning::{CertificateKind, Container, Reading};
use crate::token::certificate::Certificate;
use crate::token::container::Contents;
use crate::token::fault::{TokenFault, TokenFaultKind};
use crate::token::kind;
#[cfg(feature = "x509")]
use crate::token::second_opinion;
use crate::token::signature::{self, Signature};
use crate::token::structure::TokenStructure;

/// Certificates in their order on disk; issuing certificates normally precede the others. See
/// [licensing.md](crate::licensing#container-and-certificates).
#[derive(Clone, Debug)]
pub struct Chain {
    /// Container of the certificates.
    pub container: Container,
    /// Faults of the container.
    pub faults: Vec<TokenFault>,
    /// All certificates.
    pub certificates: Vec<Certificate>,
    /// Result of the signature check of each certificate.
    pub signatures: Vec<Signature>,
    /// Kind of each certificate.
    pub kinds: Vec<CertificateKind>,
    leaf: Option<usize>,
    is_truncated: bool,
}

impl Chain {
    /// Maximum size of a token in bytes: enough for 200 certificates of 5 KB each.
    const MOST: usize = 1 << 20;

    /// Decodes the certificates of a token or of a session host from any container: PKCS #7,
    /// X509_CERTIFICATE_CHAIN, or none.
    ///
    /// # Errors
    /// If there is no certificate.
    pub fn parse(bytes: &[u8]) -> Result<Self, TokenFault> {
        let (structure, found, most) = (TokenStructure::Token, bytes.len(), Self::MOST);
        if bytes.is_empty() {
            return Err(TokenFault::new(TokenFaultKind::Empty { structure }, 0));
        }
        if found > most {
            let kind = TokenFaultKind::TooLong { structure, found, most };
            return Err(TokenFault::new(kind, most));
        }
        let Contents { container, certificates, faults, is_truncated } = Contents::parse(bytes)?;
        let certificates: Vec<Certificate> =
            certificates.into_iter().map(|(offset, raw)| certificate(raw, offset)).collect();
        let signatures = signature::check(&certificates);
        let kinds = kind::kinds(&certificates, &signatures);
        let leaf = leaf(&certificates);
        Ok(Self { container, faults, certificates, signatures, kinds, leaf, is_truncated })
    }

    /// Returns the certificate that describes the license: the last one with extension 311.18.5 (licensed
    /// product), else the last one with extension 311.18.6 (license server) or 311.18.4 (version).
    pub fn leaf(&self) -> Option<&Certificate> {
        self.certificates.get(self.leaf?)
    }

    /// Returns the index of the leaf in `certificates`.
    pub const fn leaf_index(&self) -> Option<usize> {
        self.leaf
    }

    /// Returns the result of the leaf's signature check.
    pub fn leaf_signature(&self) -> Option<&Signature> {
        self.signatures.get(self.leaf?)
    }

    /// Returns the kind of the whole chain: the kind of the leaf. Without a leaf, the kind of the last
    /// certificate of a license server, or else of the last certificate.
    pub fn kind(&self) -> CertificateKind {
        let of = |index: usize| self.kinds.get(index).copied();
        let server = || self.kinds.iter().rfind(|kind| kind.is_license_server()).copied();
        let kind = self.leaf.and_then(of).or_else(server).or(self.kinds.last().copied());
        kind.unwrap_or(CertificateKind::NotEstablished)
    }

    /// Returns the certificate whose key checked the signature of the leaf, with its kind.
    pub fn issuer_of_leaf(&self) -> Option<(CertificateKind, &Certificate)> {
        let issuer = self.leaf_signature()?.issuer.filter(|issuer| Some(*issuer) != self.leaf)?;
        Some((*self.kinds.get(issuer)?, self.certificates.get(issuer)?))
    }

    /// Returns the index of the license server's certificate: the one whose key is that of the leaf's issuer,
    /// or else the last one of a license server.
    pub fn license_server_index(&self) -> Option<usize> {
        let is_server =
            |index: &usize| self.kinds.get(*index).is_some_and(|kind| kind.is_license_server());
        let issuer = self.leaf_signature().and_then(|signature| signature.issuer);
        issuer.filter(is_server).or(self.kinds.iter().rposition(|kind| kind.is_license_server()))
    }

    /// Returns the reading of the whole chain, which is the worst reading of its parts.
    pub fn reading(&self) -> Reading {
        let is = |reading| self.certificates.iter().any(|it| it.reading == reading);
        if self.is_truncated || self.container == Container::Unknown || is(Reading::Salvaged) {
            Reading::Salvaged
        } else if !self.faults.is_empty() || is(Reading::Lenient) {
            Reading::Lenient
        } else {
            Reading::Strict
        }
    }

    /// Adds the bytes that precede the chain to all offsets.
    pub(crate) fn shift_offsets(&mut self, by: usize) {
        self.faults.iter_mut().for_each(|fault| fault.shift_offset(by));
        self.certificates.iter_mut().for_each(|certificate| certificate.shift_offsets(by));
    }
}

/// Parses a certificate and, with feature `x509`, adds the second opinion on it.
fn certificate(raw: &[u8], offset: usize) -> Certificate {
    #[cfg_attr(not(feature = "x509"), allow(unused_mut, reason = "no second opinion to add"))]
    let mut certificate = Certificate::parse(raw, offset);
    #[cfg(feature = "x509")]
    if certificate.reading != Reading::Salvaged {
        certificate.add_faults(second_opinion::differences(&certificate));
    }
    certificate
}

fn leaf(certificates: &[Certificate]) -> Option<usize> {
    let last = |is: fn(&Certificate) -> bool| certificates.iter().rposition(is);
    last(|it| it.license.product.is_some())
        .or(last(|it| it.license.server.is_some() || it.license.certificate_version.is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_without_certificates_are_refused_with_their_offset() {
        for (data, why) in [
            (&b""[..], "token is empty, at byte 0x0 of the token"),
            (
                b"garbage",
                "token does not begin like a known container of certificates (first byte 0x67), at \
                 byte 0x0 of the token",
            ),
            (
                &[0x30, 3, 6, 1, 0],
                "PKCS #7 has content type 0.0, expected SignedData (1.2.840.113549.1.7.2), at byte 0x2",
            ),
            (
                &[0x30, 0x0D, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 13, 1, 7, 2, 5, 0],
                "PKCS #7 is not SignedData: expected tag 0xa0, found tag 0x05, at byte 0xd",
            ),
        ] {
            let fault = Chain::parse(data).unwrap_err().to_string();
            assert!(fault.starts_with(why), "{fault}");
        }
        let fault = Chain::parse(&vec![0; Chain::MOST + 1]).unwrap_err();
        assert_eq!(fault.message(), "token has 1048577 bytes; the maximum is 1048576");
    }
}
