// SPDX-License-Identifier: MIT OR Apache-2.0

//! X.509 certificates as license servers write them.

use super::rsa::{self, Algorithm};
use super::{clock, der};

/// An unsigned certificate. Its parts are DER already, so that a part can be odd.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    /// Version in its tag; empty for v1.
    pub(crate) version: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) algorithm: Algorithm,
    pub(crate) issuer: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) key_info: Vec<u8>,
    pub(crate) extensions: Vec<Vec<u8>>,
    /// Index of the test key that signs the certificate.
    pub(crate) signer: usize,
}

impl Certificate {
    /// Returns a v3 certificate without extensions.
    pub(crate) fn new(issuer: Vec<u8>, subject: Vec<u8>, (from, to): (u64, u64)) -> Self {
        Self {
            version: der::tagged(0, &der::unsigned(&[2])),
            serial: der::unsigned(&[1]),
            algorithm: Algorithm::OiwSha1,
            issuer,
            not_before: clock::time(from),
            not_after: clock::time(to),
            subject,
            key_info: key_info(&RSA_ENCRYPTION, 0),
            extensions: Vec::new(),
            signer: 0,
        }
    }

    /// Returns the TBSCertificate, the signed part.
    pub(crate) fn to_be_signed(&self) -> Vec<u8> {
        let extensions = match &self.extensions[..] {
            [] => Vec::new(),
            extensions => der::tagged(3, &der::sequence(extensions)),
        };
        der::sequence(&[
            &self.version[..],
            &self.serial,
            &self.algorithm.identifier(),
            &self.issuer,
            &der::sequence(&[&self.not_before, &self.not_after]),
            &self.subject,
            &self.key_info,
            &extensions,
        ])
    }

    /// Returns the three parts of the signed certificate.
    pub(crate) fn signed_parts(&self) -> [Vec<u8>; 3] {
        let body = self.to_be_signed();
        let signature = der::bit_string(&rsa::sign(self.signer, self.algorithm, &body));
        [body, self.algorithm.identifier(), signature]
    }

    /// Returns the signed certificate.
    pub(crate) fn sign(&self) -> Vec<u8> {
        der::sequence(&self.signed_parts())
    }
}

/// rsaEncryption, the algorithm of most keys.
pub(crate) const RSA_ENCRYPTION: [u32; 7] = [1, 2, 840, 113_549, 1, 1, 1];

/// Returns the SubjectPublicKeyInfo of a test key under the given algorithm.
pub(crate) fn key_info(algorithm: &[u32], key: usize) -> Vec<u8> {
    let algorithm = der::sequence(&[&der::oid(algorithm)[..], &der::NULL]);
    der::sequence(&[algorithm, der::bit_string(&rsa::public_key(key))])
}

/// Attributes of names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Attribute {
    CommonName = 3,
    SerialNumber = 5,
    Locality = 7,
}

/// Returns a name of license servers: all attributes in one relative name, each a BMPString.
pub(crate) fn name(attributes: &[(Attribute, &str)]) -> Vec<u8> {
    name_in(attributes, der::bmp_string)
}

/// Returns the same name in strings of another kind.
pub(crate) fn name_in(
    attributes: &[(Attribute, &str)],
    string: impl Fn(&str) -> Vec<u8>,
) -> Vec<u8> {
    let attribute = |&(attribute, text): &(Attribute, &str)| {
        der::sequence(&[der::oid(&[2, 5, 4, attribute as u32]), string(text)])
    };
    der::sequence(&[der::set(attributes.iter().map(attribute).collect())])
}
