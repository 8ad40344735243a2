// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Signature`]: whether the signed part of a certificate is what the key of its issuer signed.
//!
//! The issuer's key lies in the same token, so that a valid signature says that the token is consistent
//! in itself, and not who made it.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use num_bigint::BigUint;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::licensing::report::{Reading, SignatureState};
use crate::licensing::token::ber::{Elements, OBJECT_IDENTIFIER, oid};
use crate::licensing::token::{Certificate, PublicKey};

/// What came of checking the signature of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Whether it holds.
    pub state: SignatureState,
    /// The certificate whose key it was checked with, by its place in the chain; `None` where none was.
    pub issuer: Option<usize>,
    /// What that rests on, or why it could not be checked.
    pub why: String,
}

/// As many signatures are checked in one token: each takes time.
const MOST: usize = 32;
/// As many certificates of the name of an issuer are tried.
const MOST_ISSUERS: usize = 8;
/// Keys of more bytes are not used, nor exponents of more.
const MOST_MODULUS: usize = 512;
const MOST_EXPONENT: usize = 4;

/// Checks the signature of each certificate of a chain.
pub(crate) fn check(chain: &[Certificate]) -> Vec<Signature> {
    let mut left = MOST;
    (0..chain.len()).map(|index| check_one(chain, index, &mut left)).collect()
}

fn check_one(chain: &[Certificate], index: usize, left: &mut usize) -> Signature {
    let Some(certificate) = chain.get(index) else { return Signature::not_checkable("") };
    if certificate.is_cut {
        return Signature::not_checkable("bytes of the certificate are missing");
    }
    let mut result = None;
    let issuers = issuers(chain, index);
    for issuer in issuers.iter().copied().take(MOST_ISSUERS) {
        let Some(key) = chain.get(issuer).and_then(|issuer| issuer.key.as_ref()) else { continue };
        if *left == 0 {
            return Signature::not_checkable("more certificates than are checked");
        }
        *left = left.saturating_sub(1);
        let why = match verify(certificate, key) {
            Ok(true) => {
                let why = String::from("the key of that certificate signed it");
                return Signature { state: SignatureState::Valid, issuer: Some(issuer), why };
            }
            Ok(false) => {
                let why = String::from("the key of that certificate did not sign these bytes");
                Signature { state: SignatureState::Invalid, issuer: Some(issuer), why }
            }
            Err(why) => Signature { issuer: Some(issuer), ..Signature::not_checkable(why) },
        };
        result = result.or(Some(why));
    }
    result
        .unwrap_or_else(|| Signature::not_checkable("its issuer's certificate is not in the chain"))
}

/// The certificates that may have issued one. Those of the name that it gives; else, for what a licence
/// server issued, one with the same key, since it puts its own key there; else, where neither name nor key
/// could be read, the one before it.
fn issuers(chain: &[Certificate], index: usize) -> Vec<usize> {
    let Some(certificate) = chain.get(index) else { return Vec::new() };
    let others = |is: &dyn Fn(&Certificate) -> bool| -> Vec<usize> {
        let all = chain.iter().enumerate().filter(|(_, other)| is(other));
        all.map(|(place, _)| place).collect()
    };
    let mut issuers = others(&|other| other.subject.is_same(&certificate.issuer));
    let is_damaged = certificate.reading == Reading::Salvaged;
    if issuers.is_empty() && (certificate.license.is_issued() || is_damaged) {
        issuers = others(&|other| {
            other.offset != certificate.offset
                && other.key.is_some()
                && other.key == certificate.key
        });
    }
    let is_unknown = certificate.issuer.attributes.is_empty() || certificate.key.is_none();
    if issuers.is_empty() && is_damaged && is_unknown {
        issuers.extend(index.checked_sub(1).or((chain.len() > 1).then_some(1)));
    }
    // Its own key first where it is self-signed, then the nearest.
    issuers.sort_by_key(|place| place.abs_diff(index));
    issuers
}

/// Whether a key signed a certificate.
///
/// # Errors
/// Why that cannot be told.
fn verify(certificate: &Certificate, key: &PublicKey) -> Result<bool, &'static str> {
    if key.modulus.is_empty() {
        return Err("the key of its issuer is no RSA key that could be read");
    }
    if key.modulus.len() > MOST_MODULUS || key.exponent.len() > MOST_EXPONENT {
        return Err("the key of its issuer is longer than those that are used");
    }
    let by_structure = certificate.signed.clone().zip(certificate.signature_algorithm.as_deref());
    let by_structure = by_structure.and_then(|(signed, name)| Some((signed, hash(name)?)));
    let is_long_enough = certificate.signature.len() == key.modulus.len();
    // Where the signed part is damaged, so may be its length: signature and algorithm stand at the end.
    let from_the_end = || from_the_end(certificate, key.modulus.len());
    let (signed, hash) = match by_structure.filter(|_| is_long_enough).or_else(from_the_end) {
        Some(found) => found,
        // A signature of another length than the key's is none of it.
        None if certificate.signature_algorithm.as_deref().and_then(hash).is_some() => {
            return Ok(false);
        }
        None => {
            return Err(
                "it is signed by an algorithm that is not checked (SHA-1 and SHA-256 with RSA are)",
            );
        }
    };
    let at = certificate.raw.len().saturating_sub(key.modulus.len());
    let signature = match certificate.signature.as_slice() {
        signature if signature.len() == key.modulus.len() => signature,
        _ => certificate.raw.get(at..).unwrap_or_default(),
    };
    let bytes = certificate.raw.get(signed).unwrap_or_default();
    Ok(decrypted(key, signature) == padded(&hash(bytes), key.modulus.len()))
}

/// A hash with the structure that names its algorithm before it.
type Hash = fn(&[u8]) -> Vec<u8>;

fn hash(algorithm: &str) -> Option<Hash> {
    match algorithm {
        // PKCS #1, and OIW's name for the same.
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" | "1.3.14.3.2.15" => Some(|bytes| {
            let head = [0x30, 0x21, 0x30, 9, 6, 5, 0x2B, 0x0E, 3, 2, 0x1A, 5, 0, 4, 0x14];
            [&head[..], &Sha1::digest(bytes)].concat()
        }),
        "1.2.840.113549.1.1.11" => Some(|bytes| {
            let head =
                [0x30, 0x31, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
            [&head[..], &Sha256::digest(bytes)].concat()
        }),
        _ => None,
    }
}

/// Finds the signed part from the end of a certificate, where algorithm and signature stand; that part
/// begins right behind the head of the certificate.
fn from_the_end(certificate: &Certificate, length: usize) -> Option<(Range<usize>, Hash)> {
    const UNUSED_BITS: &[u8] = &[0];
    let raw = certificate.raw.as_slice();
    let head = Elements::new(raw, 0).next()?.ok()?;
    let before = raw.get(..raw.len().checked_sub(length)?)?.strip_suffix(UNUSED_BITS)?;
    // Tag and length of a BIT STRING.
    let content = length.checked_add(1)?;
    let [high, low] = u16::try_from(content).ok()?.to_be_bytes();
    let before = match content {
        0..=0x7F => before.strip_suffix(&[3, low])?,
        0x80..=0xFF => before.strip_suffix(&[3, 0x81, low])?,
        _ => before.strip_suffix(&[3, 0x82, high, low])?,
    };
    (4..=24_usize).find_map(|size| {
        let start = before.len().checked_sub(size)?;
        let algorithm = Elements::new(before.get(start..)?, 0).tagged(0x30)?.ok()?;
        if algorithm.whole.len() != size || algorithm.missing > 0 {
            return None;
        }
        let name = algorithm.elements().tagged(OBJECT_IDENTIFIER)?.ok()?;
        Some((head.content_at..start, hash(&oid(name.content))?))
    })
}

/// The signature under the public key.
fn decrypted(key: &PublicKey, signature: &[u8]) -> Vec<u8> {
    let number = BigUint::from_bytes_be;
    let bytes =
        number(signature).modpow(&number(&key.exponent), &number(&key.modulus)).to_bytes_be();
    let zeros = key.modulus.len().saturating_sub(bytes.len());
    [vec![0; zeros], bytes].concat()
}

/// What a signature is made of: PKCS #1 1.5.
fn padded(hash: &[u8], length: usize) -> Vec<u8> {
    let filler = length.saturating_sub(hash.len()).saturating_sub(3);
    [&[0, 1][..], &vec![0xFF; filler], &[0], hash].concat()
}

impl Signature {
    fn not_checkable(why: &str) -> Self {
        Self { state: SignatureState::NotCheckable, issuer: None, why: String::from(why) }
    }
}
