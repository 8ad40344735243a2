// SPDX-License-Identifier: MIT OR Apache-2.0
//! License tokens, chains of certificates and keys of hosts, on any bytes.

use calhive::describe_token;
use calhive::meaning::{ProprietaryCertificate, Reading};
use calhive::report::TokenKind;
use calhive::token::{Chain, Token};

/// Decodes `bytes` as a token, as a chain of certificates, and as the key of a host.
pub fn token(bytes: &[u8]) {
    let report = describe_token(bytes, TokenKind::File);
    let token = Token::parse(bytes);
    assert_eq!(report.error.is_some(), token.is_err(), "the report agrees with the token");
    assert_eq!(report.license.is_some(), token.is_ok_and(|token| token.chain.leaf().is_some()));
    for certificate in &report.certificates {
        let end = certificate.offset + certificate.size;
        assert!(end <= bytes.len() as u64, "a certificate ends at {end:#x}");
        let is_strict = certificate.reading == Reading::Strict;
        assert!(!is_strict || certificate.faults.is_empty(), "{certificate:?}");
    }
    if let Ok(chain) = Chain::parse(bytes) {
        assert_eq!(chain.signatures.len(), chain.certificates.len());
        for certificate in &chain.certificates {
            // A certificate alone decodes to the same fields.
            if let Ok(alone) = Chain::parse(&certificate.raw)
                && let [again] = &alone.certificates[..]
                && again.raw == certificate.raw
            {
                assert_eq!(again.subject, certificate.subject);
                assert_eq!(again.reading, certificate.reading);
            }
        }
    }
    std::hint::black_box(ProprietaryCertificate::parse(bytes));
}
