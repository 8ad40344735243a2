// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signatures by RSA, PKCS #1 version 1.5.

use alloc::vec;
use alloc::vec::Vec;

use md5::Md5;
use num_bigint::BigUint;
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use crate::token::key::PublicKey;

/// A function that returns the hash of its input as a DigestInfo. The DigestInfo names the hash
/// algorithm.
pub(crate) type Hash = fn(&[u8]) -> Vec<u8>;

/// Returns the hash function of a signature algorithm, if calhive supports the algorithm. License servers
/// registered before June 2012 sign with MD5.
pub(crate) fn hash(algorithm: &str) -> Option<Hash> {
    match algorithm {
        // MD5 with RSA: the identifier of PKCS #1, and two of the OIW.
        "1.2.840.113549.1.1.4" | "1.3.14.3.2.3" | "1.3.14.3.2.25" => Some(|bytes| {
            let head = [
                0x30, 0x20, 0x30, 12, 6, 8, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 2, 5, 5, 0, 4, 0x10,
            ];
            [&head[..], &Md5::digest(bytes)].concat()
        }),
        // SHA-1 with RSA: the identifier of PKCS #1, and two of the OIW.
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" | "1.3.14.3.2.15" => Some(|bytes| {
            let head = [0x30, 0x21, 0x30, 9, 6, 5, 0x2B, 0x0E, 3, 2, 0x1A, 5, 0, 4, 0x14];
            [&head[..], &Sha1::digest(bytes)].concat()
        }),
        "1.2.840.113549.1.1.14" => Some(|bytes| sha2_info(4, &Sha224::digest(bytes))),
        "1.2.840.113549.1.1.11" => Some(|bytes| sha2_info(1, &Sha256::digest(bytes))),
        "1.2.840.113549.1.1.12" => Some(|bytes| sha2_info(2, &Sha384::digest(bytes))),
        "1.2.840.113549.1.1.13" => Some(|bytes| sha2_info(3, &Sha512::digest(bytes))),
        _ => None,
    }
}

/// Returns the DigestInfo of a hash of the SHA-2 family. `number` ends the identifier of the hash
/// algorithm. Each length fits into one byte: the longest hash has 64 bytes.
fn sha2_info(number: u8, hash: &[u8]) -> Vec<u8> {
    let length = u8::try_from(hash.len()).unwrap_or(u8::MAX);
    let all = length.saturating_add(17);
    let head =
        [0x30, all, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, number, 5, 0, 4, length];
    [&head[..], hash].concat()
}

/// Whether `key` made this signature of a hash.
pub(crate) fn is_signed_by(key: &PublicKey, hash: &[u8], signature: &[u8]) -> bool {
    decrypted(key, signature) == padded(hash, key.modulus.len())
}

/// Applies the public key to a signature.
fn decrypted(key: &PublicKey, signature: &[u8]) -> Vec<u8> {
    let number = BigUint::from_bytes_be;
    let bytes =
        number(signature).modpow(&number(&key.exponent), &number(&key.modulus)).to_bytes_be();
    let zeros = key.modulus.len().saturating_sub(bytes.len());
    [vec![0; zeros], bytes].concat()
}

/// Returns the padded hash, which the signer encrypts with the private key.
fn padded(hash: &[u8], length: usize) -> Vec<u8> {
    let filler = length.saturating_sub(hash.len()).saturating_sub(3);
    [&[0, 1][..], &vec![0xFF; filler], &[0], hash].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_carry_their_algorithm_and_others_are_unknown() {
        assert_eq!(hash("1.3.14.3.2.29").unwrap()(b"").len(), 15 + 20);
        assert_eq!(hash("1.2.840.113549.1.1.4").unwrap()(b"").len(), 18 + 16);
        for (last, length) in [(14, 28), (11, 32), (12, 48), (13, 64)] {
            let info = hash(&alloc::format!("1.2.840.113549.1.1.{last}")).unwrap()(b"");
            assert_eq!((info.len(), info[18]), (19 + usize::from(length), length), "{last}");
        }
        assert!(hash("1.2.840.10045.4.3.2").is_none(), "ECDSA");
    }

    #[test]
    fn padded_hash_fills_the_key_and_ends_with_the_hash() {
        assert_eq!(padded(&[7, 8], 8), [0, 1, 0xFF, 0xFF, 0xFF, 0, 7, 8]);
    }
}
