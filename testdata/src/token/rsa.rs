// SPDX-License-Identifier: MIT OR Apache-2.0

//! RSA signatures of PKCS #1 v1.5, with the test keys.

use md5::Md5;
use num_bigint::BigUint;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::der;
use super::keys::{EXPONENT, KEYS, Key};
use crate::scenario::hex::decode;

/// Signature algorithm that a certificate claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// 1.3.14.3.2.29, sha1WithRSA of the OIW: the algorithm of license servers.
    OiwSha1,
    /// sha1WithRSAEncryption.
    Sha1,
    /// sha224WithRSAEncryption.
    Sha224,
    /// sha256WithRSAEncryption.
    Sha256,
    /// sha384WithRSAEncryption.
    Sha384,
    /// sha512WithRSAEncryption, which needs a key of at least 752 bits.
    Sha512,
    /// md5WithRSAEncryption: the algorithm of license servers registered before June 2012.
    Md5,
    /// 1.3.14.3.2.3, md5WithRSA of the OIW.
    OiwMd5,
    /// 1.3.14.3.2.25, md5WithRSASignature of the OIW.
    OiwMd5Signature,
    /// 1.3.14.3.2.15, shaWithRSASignature of the OIW, over SHA-1.
    OiwSha,
    /// ecdsa-with-SHA256, with an invalid signature.
    Ecdsa,
    /// An unknown algorithm.
    Unknown,
}

impl Algorithm {
    /// Returns the AlgorithmIdentifier.
    pub(crate) fn identifier(self) -> Vec<u8> {
        let arcs: &[u32] = match self {
            Self::OiwSha1 => &[1, 3, 14, 3, 2, 29],
            Self::Sha1 => &[1, 2, 840, 113_549, 1, 1, 5],
            Self::Sha224 => &[1, 2, 840, 113_549, 1, 1, 14],
            Self::Sha256 => &[1, 2, 840, 113_549, 1, 1, 11],
            Self::Sha384 => &[1, 2, 840, 113_549, 1, 1, 12],
            Self::Sha512 => &[1, 2, 840, 113_549, 1, 1, 13],
            Self::Md5 => &[1, 2, 840, 113_549, 1, 1, 4],
            Self::OiwMd5 => &[1, 3, 14, 3, 2, 3],
            Self::OiwMd5Signature => &[1, 3, 14, 3, 2, 25],
            Self::OiwSha => &[1, 3, 14, 3, 2, 15],
            Self::Ecdsa => return der::sequence(&[der::oid(&[1, 2, 840, 10_045, 4, 3, 2])]),
            Self::Unknown => &[2, 999, 1, 2, 3],
        };
        der::sequence(&[&der::oid(arcs)[..], &der::NULL])
    }

    /// Returns the DigestInfo of `message`.
    fn digest_info(self, message: &[u8]) -> Vec<u8> {
        let sha2 = |last| vec![2, 16, 840, 1, 101, 3, 4, 2, last];
        let (arcs, digest) = match self {
            Self::Md5 | Self::OiwMd5 | Self::OiwMd5Signature => {
                (vec![1, 2, 840, 113_549, 2, 5], Md5::digest(message).to_vec())
            }
            Self::Sha224 => (sha2(4), Sha224::digest(message).to_vec()),
            Self::Sha256 => (sha2(1), Sha256::digest(message).to_vec()),
            Self::Sha384 => (sha2(2), Sha384::digest(message).to_vec()),
            Self::Sha512 => (sha2(3), Sha512::digest(message).to_vec()),
            _ => (vec![1, 3, 14, 3, 2, 26], Sha1::digest(message).to_vec()),
        };
        let algorithm = der::sequence(&[&der::oid(&arcs)[..], &der::NULL]);
        der::sequence(&[algorithm, der::octet_string(&digest)])
    }
}

/// Returns the test key of this index. Higher indexes wrap.
fn key(index: usize) -> &'static Key {
    &KEYS[index % KEYS.len()]
}

/// Returns the RSAPublicKey of a test key.
pub(crate) fn public_key(index: usize) -> Vec<u8> {
    let modulus = der::unsigned(&decode(key(index).modulus));
    der::sequence(&[modulus, der::unsigned(&EXPONENT.to_be_bytes())])
}

/// Signs `message` with a test key.
pub(crate) fn sign(index: usize, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
    let modulus = decode(key(index).modulus);
    let private = BigUint::from_bytes_be(&decode(key(index).private));
    let block = padded(&algorithm.digest_info(message), modulus.len());
    power(&block, &private, &modulus)
}

/// Returns whether `signature` is a valid signature of the test key.
#[cfg(test)]
pub(crate) fn verifies(
    index: usize,
    algorithm: Algorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let modulus = decode(key(index).modulus);
    let block = padded(&algorithm.digest_info(message), modulus.len());
    power(signature, &EXPONENT.into(), &modulus) == block
}

/// Returns the block of type 1 around a DigestInfo.
fn padded(info: &[u8], len: usize) -> Vec<u8> {
    let padding = vec![0xFF; len - info.len() - 3];
    [&[0, 1], &padding[..], &[0], info].concat()
}

/// Returns `base` to the power of `exponent`, in the length of the modulus.
fn power(base: &[u8], exponent: &BigUint, modulus: &[u8]) -> Vec<u8> {
    let power = BigUint::from_bytes_be(base).modpow(exponent, &BigUint::from_bytes_be(modulus));
    let digits = power.to_bytes_be();
    [vec![0; modulus.len() - digits.len()], digits].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_keys_sign_and_verify() {
        let bits = KEYS.map(|key| 4 * key.modulus.len());
        assert_eq!(bits, [1024, 1024, 1024, 2048, 512]);
        for (index, bits) in bits.into_iter().enumerate() {
            let signature = sign(index, Algorithm::OiwSha1, b"message");
            assert_eq!(signature.len(), bits / 8);
            assert!(verifies(index, Algorithm::OiwSha1, b"message", &signature));
            assert!(!verifies(index, Algorithm::OiwSha1, b"massage", &signature));
            assert!(!verifies(index + 1, Algorithm::OiwSha1, b"message", &signature));
        }
        for algorithm in [Algorithm::Md5, Algorithm::Sha224, Algorithm::Sha256, Algorithm::Sha512] {
            assert!(verifies(0, algorithm, b"message", &sign(0, algorithm, b"message")));
        }
    }
}
