// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Signature`]: whether the key of the issuer signed the signed part of a certificate.
//!
//! The issuer's key lies in the same token. A valid signature therefore shows that the token is internally
//! consistent, and does not authenticate the issuer.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::meaning::{Reading, SignatureState};
use crate::token::ber::{self, Elements, OBJECT_IDENTIFIER, SEQUENCE};
use crate::token::certificate::Certificate;
use crate::token::key::PublicKey;
use crate::token::pkcs1::{self, Hash};

/// Result of checking the signature of a certificate. See [licensing.md](crate::licensing#signatures).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// State of the signature.
    pub state: SignatureState,
    /// Index in the chain of the certificate that provided the key; `None` if no key was used.
    pub issuer: Option<usize>,
    /// Reason for the state.
    pub why: String,
}

/// Number of signatures that calhive checks in one token, since each check takes time.
const MOST: usize = 32;
/// Number of certificates that calhive tries as the issuer of one certificate.
const MOST_ISSUERS: usize = 8;
/// Bytes of the longest modulus that calhive uses.
const MOST_MODULUS: usize = 512;
/// Bytes of the longest exponent that calhive uses.
const MOST_EXPONENT: usize = 4;

/// Checks the signature of each certificate of a chain.
pub(crate) fn check(chain: &[Certificate]) -> Vec<Signature> {
    let mut left = MOST;
    chain.iter().enumerate().map(|(index, it)| check_one(chain, index, it, &mut left)).collect()
}

fn check_one(
    chain: &[Certificate],
    index: usize,
    certificate: &Certificate,
    left: &mut usize,
) -> Signature {
    if certificate.is_truncated {
        return Signature::not_checkable("bytes of the certificate are missing");
    }
    let mut first = None;
    for issuer in issuers(chain, index, certificate).into_iter().take(MOST_ISSUERS) {
        let Some(key) = chain.get(issuer).and_then(|issuer| issuer.key.as_ref()) else { continue };
        if *left == 0 {
            return Signature::not_checkable(&format!(
                "calhive checks at most {MOST} signatures of a token"
            ));
        }
        *left = left.saturating_sub(1);
        let (state, why) = match verify(certificate, key) {
            Ok(true) => (SignatureState::Valid, "the key of that certificate signed it"),
            Ok(false) => {
                (SignatureState::Invalid, "the key of that certificate did not sign these bytes")
            }
            Err(why) => (SignatureState::NotCheckable, why),
        };
        let signature = Signature { state, issuer: Some(issuer), why: String::from(why) };
        if state == SignatureState::Valid {
            return signature;
        }
        first = first.or(Some(signature));
    }
    first
        .unwrap_or_else(|| Signature::not_checkable("its issuer's certificate is not in the chain"))
}

/// Returns the certificates that can be the issuer of one, the nearest first:
///
/// 1. certificates whose subject is the issuer's name
/// 2. without these, certificates with the same key, since a license server writes its own key into the
///    certificates that it issues
/// 3. without these, and if name or key of a damaged certificate is unreadable, the certificate before it
fn issuers(chain: &[Certificate], index: usize, certificate: &Certificate) -> Vec<usize> {
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
    // The distance of a certificate from itself is 0, so a self-signed certificate is first.
    issuers.sort_by_key(|place| place.abs_diff(index));
    issuers
}

/// Whether a key signed a certificate.
///
/// # Errors
/// The reason why calhive cannot check the signature.
fn verify(certificate: &Certificate, key: &PublicKey) -> Result<bool, &'static str> {
    if key.modulus.is_empty() {
        return Err("the issuer's key is not a readable RSA key");
    }
    if key.modulus.len() > MOST_MODULUS || key.exponent.len() > MOST_EXPONENT {
        return Err("the issuer's key is longer than the keys that calhive uses");
    }
    let by_structure = certificate.signed.clone().zip(certificate.signature_algorithm.as_deref());
    let by_structure = by_structure.and_then(|(signed, name)| Some((signed, pkcs1::hash(name)?)));
    let has_length_of_key = certificate.signature.len() == key.modulus.len();
    // If the signed part is damaged, its length can be wrong. Algorithm and signature are at the end.
    let from_the_end = || signed_from_the_end(certificate, key.modulus.len());
    let (signed, hash) = match by_structure.filter(|_| has_length_of_key).or_else(from_the_end) {
        Some(found) => found,
        // A signature made with this key always has the length of the key.
        None if certificate.signature_algorithm.as_deref().and_then(pkcs1::hash).is_some() => {
            return Ok(false);
        }
        None => {
            return Err(
                "calhive does not check its signature algorithm (only RSA with MD5, SHA-1 or SHA-2)",
            );
        }
    };
    let at = certificate.raw.len().saturating_sub(key.modulus.len());
    let signature = match certificate.signature.as_slice() {
        signature if has_length_of_key => signature,
        _ => certificate.raw.get(at..).unwrap_or_default(),
    };
    let bytes = certificate.raw.get(signed).unwrap_or_default();
    Ok(pkcs1::is_signed_by(key, &hash(bytes), signature))
}

/// Finds the signed part of a certificate by searching from the end of the certificate, where
/// algorithm and signature are. The signed part follows the tag and length of the certificate.
fn signed_from_the_end(certificate: &Certificate, length: usize) -> Option<(Range<usize>, Hash)> {
    const UNUSED_BITS: &[u8] = &[0];
    let raw = certificate.raw.as_slice();
    let outer = Elements::new(raw, 0).next()?.ok()?;
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
        let algorithm = Elements::new(before.get(start..)?, 0).tagged(SEQUENCE)?.ok()?;
        if algorithm.whole.len() != size || algorithm.missing > 0 {
            return None;
        }
        let oid = algorithm.elements().tagged(OBJECT_IDENTIFIER)?.ok()?;
        Some((outer.content_offset..start, pkcs1::hash(&ber::oid(oid.content))?))
    })
}

impl Signature {
    fn not_checkable(why: &str) -> Self {
        Self { state: SignatureState::NotCheckable, issuer: None, why: String::from(why) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meaning::text::tests::bytes;

    const SERVER: &str =
        include_str!("../../testdata/vectors/rdpele_4.6_cert0_license_server_selfsigned.hex");
    const LEAF: &str = include_str!("../../testdata/vectors/rdpele_4.6_cert1_client_CAL_leaf.hex");

    fn certificates() -> [Certificate; 2] {
        [Certificate::parse(&bytes(SERVER), 0), Certificate::parse(&bytes(LEAF), 0x1000)]
    }

    #[test]
    fn signatures_of_the_sample_of_rdpele_4_6_are_valid() {
        let signatures = check(&certificates());
        let states: Vec<_> = signatures.iter().map(|it| (it.state, it.issuer)).collect();
        assert_eq!(states, [(SignatureState::Valid, Some(0)); 2]);
    }

    #[test]
    fn signature_of_other_bytes_is_invalid() {
        let [server, mut leaf] = certificates();
        let last_signed = leaf.signed.clone().unwrap().end - 1;
        leaf.raw[last_signed] ^= 1;
        let signature = check(&[server, leaf]).remove(1);
        assert_eq!((signature.state, signature.issuer), (SignatureState::Invalid, Some(0)));
    }

    #[test]
    fn signature_without_issuer_is_not_checkable() {
        let [_, leaf] = certificates();
        let signature = check(&[leaf]).remove(0);
        assert_eq!((signature.state, signature.issuer), (SignatureState::NotCheckable, None));
    }
}
