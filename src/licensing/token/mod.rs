// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Token`]: a licence that a client keeps, taken apart: certificates, who issued it to whom and until
//! when, and whether its signatures hold. [`Chain`] does the same for the certificates of a host.
//!
//! A token is a chain of certificates, the licence server's first and the one about the licence last
//! ([MS-RDPELE] 2.2.2.6.1; in real ones PKCS #7). Nothing here is trusted: a valid signature says that the
//! token is consistent in itself, since the key that it is checked with lies in the same token.
//!
//! Real data were seen of two generations of licence servers (6.0 and 6.2), and a printed one of 5.2.

use alloc::string::String;
use alloc::vec::Vec;

use crate::hive::name::Name;
use crate::licensing::text;

mod ber;
mod certificate;
mod container;
mod embedded;
mod extensions;
mod fault;
mod key;
mod library;
mod name;
mod report;
mod signature;
mod time;

pub use certificate::{Certificate, Extension};
pub use embedded::EmbeddedHardwareId;
pub use extensions::{
    LicenseExtensions, LicenseFlags, LicenseServerInfo, LicensedVersion, ProductInfo,
};
pub use fault::TokenFault;
pub use key::PublicKey;
pub use name::{Attribute, DistinguishedName};
pub(crate) use report::compare_index;
pub use report::describe;
pub use signature::Signature;

pub use crate::licensing::report::{Container, Reading, SignatureState};

use container::Contents;

/// A licence that a client keeps: `ClientLicense`, the same out of a file of another client, or a
/// NEW_LICENSE_INFO as it crosses the network.
///
/// ```
/// use calhive::licensing::Token;
/// # let hex = include_str!("../../../testdata/vectors/rdpele_4.6_ClientLicense_pkcs7_temp_A02-6.00-S.hex");
/// # let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
/// # let bytes: Vec<u8> = digits.chunks(2)
/// #     .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect();
/// let token = Token::parse(&bytes)?;
/// let leaf = token.chain.leaf().unwrap();
/// assert_eq!(leaf.issuer.common_name(), Some("RODENT"));
/// assert_eq!(leaf.subject.locality(), Some("Administrator"));
/// assert_eq!(leaf.not_after.unwrap().to_string(), "2007-09-18T14:51:35.0000000Z");
/// # Ok::<(), calhive::licensing::TokenFault>(())
/// ```
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is indexed by; only in a NEW_LICENSE_INFO. In the registry these are values of their own.
    pub index: Option<LicenseIndex>,
    /// Its certificates.
    pub chain: Chain,
}

/// What licences are indexed by: the head of NEW_LICENSE_INFO ([MS-RDPELE] 2.2.2.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseIndex {
    /// Version of the product: major in the high half, minor in the low one.
    pub version: u32,
    /// Scope: `microsoft.com` in every sample.
    pub scope: String,
    /// Company that made the product.
    pub company: String,
    /// Product.
    pub product: String,
}

/// Certificates in the order in which they lie, the issuing ones first.
#[derive(Clone, Debug)]
pub struct Chain {
    /// In what they lie.
    pub container: Container,
    /// What is wrong with that.
    pub faults: Vec<TokenFault>,
    /// The certificates.
    pub certificates: Vec<Certificate>,
    /// What came of checking the signature of each of them.
    pub signatures: Vec<Signature>,
    leaf: Option<usize>,
    is_cut: bool,
}

/// Longer data are no token: 200 certificates of 5 KB each.
const MOST: usize = 1 << 20;

impl Token {
    /// Takes a token apart.
    ///
    /// # Errors
    /// Where no certificate is found in it.
    pub fn parse(bytes: &[u8]) -> Result<Self, TokenFault> {
        let chain = |bytes| Chain::parse(bytes);
        match LicenseIndex::before(bytes) {
            Some((index, at, license)) => {
                let chain = chain(license).map_err(|fault| fault.moved(at))?;
                Ok(Self { index: Some(index), chain: chain.moved(at) })
            }
            None => Ok(Self { index: None, chain: chain(bytes)? }),
        }
    }
}

impl Chain {
    /// Takes the certificates of a host or of a token apart, in whatever container they are: PKCS #7,
    /// X509_CERTIFICATE_CHAIN, or none.
    ///
    /// # Errors
    /// Where no certificate is found.
    pub fn parse(bytes: &[u8]) -> Result<Self, TokenFault> {
        if bytes.is_empty() {
            return Err(TokenFault::new("token", "is empty", 0));
        }
        if bytes.len() > MOST {
            return Err(TokenFault::new("token", "is longer than 1 MiB, which none is", MOST));
        }
        let contents = Contents::of(bytes)?;
        let certificates: Vec<Certificate> =
            contents.certificates.iter().map(|(at, raw)| Certificate::read(raw, *at)).collect();
        let signatures = signature::check(&certificates);
        let leaf = leaf(&certificates);
        let Contents { container, faults, is_cut, .. } = contents;
        Ok(Self { container, faults, certificates, signatures, leaf, is_cut })
    }

    /// The certificate that the licence is about: the last one with the extension for a licensed product
    /// (311.18.5), else the last one with the extension for the licence server (.6) or for its version (.4).
    /// Its place in the chain says nothing.
    pub fn leaf(&self) -> Option<&Certificate> {
        self.certificates.get(self.leaf?)
    }

    /// Its place in the chain, from 0.
    pub const fn leaf_index(&self) -> Option<usize> {
        self.leaf
    }

    /// What came of checking the leaf's signature.
    pub fn leaf_signature(&self) -> Option<&Signature> {
        self.signatures.get(self.leaf?)
    }

    /// How the whole was read: as its worst part.
    pub fn reading(&self) -> Reading {
        let is = |reading| self.certificates.iter().any(|it| it.reading == reading);
        if self.is_cut || self.container == Container::Unknown || is(Reading::Salvaged) {
            Reading::Salvaged
        } else if !self.faults.is_empty() || is(Reading::Lenient) {
            Reading::Lenient
        } else {
            Reading::Strict
        }
    }

    /// The same, as part of something that begins this much earlier.
    fn moved(mut self, by: usize) -> Self {
        let move_all = |faults: &mut Vec<TokenFault>| {
            *faults = faults.drain(..).map(|fault| fault.moved(by)).collect();
        };
        move_all(&mut self.faults);
        for certificate in &mut self.certificates {
            certificate.offset = certificate.offset.saturating_add(by);
            move_all(&mut certificate.faults);
            for extension in &mut certificate.extensions {
                extension.offset = extension.offset.saturating_add(by);
            }
        }
        self
    }
}

fn leaf(certificates: &[Certificate]) -> Option<usize> {
    let last = |is: fn(&Certificate) -> bool| certificates.iter().rposition(is);
    last(|it| it.license.product.is_some())
        .or(last(|it| it.license.server.is_some() || it.license.certificate_version.is_some()))
}

impl LicenseIndex {
    /// Reads it, with the place and bytes of the licence behind it; `None` for what is not of that form
    /// to its last byte.
    fn before(bytes: &[u8]) -> Option<(Self, usize, &[u8])> {
        let mut rest = bytes;
        let version = container::number(&mut rest)?;
        let mut field = || {
            let size = usize::try_from(container::number(&mut rest)?).ok()?;
            let (field, after) = rest.split_at_checked(size)?;
            rest = after;
            Some(field)
        };
        let (scope, company, product, license) = (field()?, field()?, field()?, field()?);
        let is_ours = license.first() == Some(&ber::SEQUENCE) && scope.len() < 0x1000;
        let index = Self {
            version,
            scope: text::up_to_nul(Name::latin1(scope)),
            company: text::up_to_nul(Name::utf16(company)),
            product: text::up_to_nul(Name::utf16(product)),
        };
        let at = bytes.len().checked_sub(rest.len())?.checked_sub(license.len())?;
        is_ours.then_some((index, at, license))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_token_is_refused_with_its_place() {
        for (data, why) in [
            (&b""[..], "token is empty, at byte 0x0 of the token"),
            (b"garbage", "token begins as no container of certificates that is known, at byte 0x0"),
            (&[0x30, 3, 6, 1, 0], "PKCS #7 is not of the type SignedData, at byte 0x2"),
            (
                &[0x30, 0x0D, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 13, 1, 7, 2, 5, 0],
                "PKCS #7 is not as",
            ),
        ] {
            let fault = Token::parse(data).unwrap_err().to_string();
            assert!(fault.starts_with(why), "{fault}");
        }
        assert!(Token::parse(&vec![0; MOST + 1]).is_err());
    }
}
