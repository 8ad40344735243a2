// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`PublicKey`]: the RSA key of a certificate, under whatever identifier it stands.

use alloc::string::String;
use alloc::vec::Vec;

use crate::licensing::token::ber::{
    self, BIT_STRING, Element, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE,
};

/// The public key of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicKey {
    /// The algorithm, an object identifier. Terminal servers' certificates name that of a signature here
    /// (1.3.14.3.2.15) for what is an RSA key all the same.
    pub algorithm: String,
    /// The modulus, without leading zeros; empty where the key is no RSA key.
    pub modulus: Vec<u8>,
    /// The public exponent, without leading zeros.
    pub exponent: Vec<u8>,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo.
    pub(crate) fn read(info: &Element<'_>) -> Option<Self> {
        let mut inside = info.elements();
        let algorithm = inside.tagged(SEQUENCE)?.ok()?;
        let oid = algorithm.elements().tagged(OBJECT_IDENTIFIER)?.ok()?;
        let algorithm = ber::oid(oid.content);
        let bits = inside.tagged(BIT_STRING)?.ok()?;
        let numbers = bits.content.strip_prefix(&[0]).and_then(numbers);
        let (modulus, exponent) = numbers.unwrap_or_default();
        Some(Self { algorithm, modulus, exponent })
    }

    /// The length of the modulus in bits; 0 where the key is no RSA key.
    pub fn bits(&self) -> usize {
        let first = self.modulus.first().map_or(0, |first| first.leading_zeros() as usize);
        self.modulus.len().saturating_mul(8).saturating_sub(first)
    }
}

/// Modulus and exponent of an RSAPublicKey.
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
