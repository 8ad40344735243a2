// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`PublicKey`]: the RSA key of a certificate. The certificate can name another algorithm.

use alloc::string::String;
use alloc::vec::Vec;

use crate::token::ber::{
    self, BIT_STRING, Element, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE,
};

/// The public key of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicKey {
    /// Algorithm, an object identifier. Session hosts' certificates name a signature algorithm
    /// (1.3.14.3.2.15) for an RSA key. See [licensing.md](crate::licensing#x509-quirks).
    pub algorithm: String,
    /// Modulus without leading zeros; empty if the key is not an RSA key.
    pub modulus: Vec<u8>,
    /// Public exponent without leading zeros.
    pub exponent: Vec<u8>,
}

impl PublicKey {
    /// Parses a SubjectPublicKeyInfo.
    pub(crate) fn parse(info: &Element<'_>) -> Option<Self> {
        let mut inside = info.elements();
        let algorithm = inside.tagged(SEQUENCE)?.ok()?;
        let oid = algorithm.elements().tagged(OBJECT_IDENTIFIER)?.ok()?;
        let algorithm = ber::oid(oid.content);
        let bits = inside.tagged(BIT_STRING)?.ok()?;
        let numbers = bits.content.strip_prefix(&[0]).and_then(numbers);
        let (modulus, exponent) = numbers.unwrap_or_default();
        Some(Self { algorithm, modulus, exponent })
    }

    /// Returns the length of the modulus in bits, or 0 if the key is not an RSA key.
    pub fn bits(&self) -> usize {
        let first = self.modulus.first().map_or(0, |first| first.leading_zeros() as usize);
        self.modulus.len().saturating_mul(8).saturating_sub(first)
    }
}

/// Parses an RSAPublicKey into modulus and exponent.
fn numbers(key: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let key = Elements::new(key, 0).tagged(SEQUENCE)?.ok()?;
    let mut inside = key.elements();
    let mut number = || {
        let element = inside.tagged(INTEGER)?.ok().filter(|it| it.missing == 0)?;
        let zeros = element.content.iter().take_while(|byte| **byte == 0).count();
        element.content.get(zeros..).map(Vec::from)
    };
    Some((number()?, number()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A SubjectPublicKeyInfo: the algorithm 1.2.3, and a bit string.
    fn parsed(bits: &[u8]) -> Option<PublicKey> {
        let algorithm = [0x30, 4, 6, 2, 0x2A, 3];
        let size = u8::try_from(bits.len()).unwrap();
        let inside = [&algorithm[..], &[3, size], bits].concat();
        let info = [&[0x30, u8::try_from(inside.len()).unwrap()][..], &inside].concat();
        PublicKey::parse(&Elements::new(&info, 0).next().unwrap().unwrap())
    }

    #[test]
    fn rsa_key_is_read_without_leading_zeros() {
        let key = parsed(&[0, 0x30, 9, 2, 3, 0, 0x1F, 7, 2, 2, 0, 3]).unwrap();
        assert_eq!((&*key.algorithm, key.bits()), ("1.2.3", 13));
        assert_eq!((key.modulus, key.exponent), (Vec::from([0x1F, 7]), Vec::from([3])));
    }

    #[test]
    fn key_other_than_rsa_has_an_algorithm_and_no_modulus() {
        let key = parsed(&[0, 4, 1, 7]).unwrap();
        assert_eq!((&*key.algorithm, key.bits(), key.modulus.len()), ("1.2.3", 0, 0));
    }
}
