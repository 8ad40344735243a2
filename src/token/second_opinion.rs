// SPDX-License-Identifier: MIT OR Apache-2.0
//! The second opinion on a certificate: x509-parser, an independent parser, reads the certificate again.

use alloc::borrow::ToOwned as _;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use calhive_evidence::foreign;
use calhive_regf::time::FileTime;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

use crate::token::certificate::Certificate;
use crate::token::fault::{TokenFault, TokenFaultKind};
use crate::token::structure::TokenStructure;

/// Returns the parts that x509-parser reads differently. If x509-parser refuses the certificate or panics,
/// returns this refusal.
pub(crate) fn differences(certificate: &Certificate) -> Vec<TokenFault> {
    contained(certificate, || compare(certificate))
}

fn contained(
    certificate: &Certificate,
    opinion: impl FnOnce() -> Vec<TokenFault>,
) -> Vec<TokenFault> {
    foreign::call(opinion).unwrap_or_else(|| {
        let error = foreign::PANICKED.to_owned();
        let refusal = TokenFaultKind::RefusedBySecondParser { error };
        Vec::from([TokenFault::new(refusal, certificate.offset)])
    })
}

fn compare(certificate: &Certificate) -> Vec<TokenFault> {
    let fault = |kind| TokenFault::new(kind, certificate.offset);
    let other = match X509Certificate::from_der(&certificate.raw) {
        Ok((_, other)) => other,
        Err(error) => {
            let error = error.to_string();
            return Vec::from([fault(TokenFaultKind::RefusedBySecondParser { error })]);
        }
    };
    let time = |time: ASN1Time| FileTime::from_unix_seconds(time.timestamp());
    let attributes = |name: &X509Name<'_>| name.iter_attributes().count();
    let validity = other.validity();
    let parts = [
        (TokenStructure::SerialNumber, other.raw_serial() == certificate.serial),
        (TokenStructure::ValidityStart, time(validity.not_before) == certificate.not_before),
        (TokenStructure::ValidityEnd, time(validity.not_after) == certificate.not_after),
        (TokenStructure::Issuer, attributes(other.issuer()) == certificate.issuer.attributes.len()),
        (
            TokenStructure::Subject,
            attributes(other.subject()) == certificate.subject.attributes.len(),
        ),
        (TokenStructure::ExtensionList, other.extensions().len() == certificate.extensions.len()),
        (TokenStructure::Signature, other.signature_value.data.as_ref() == certificate.signature),
    ];
    parts
        .into_iter()
        .filter(|(_, is_same)| !is_same)
        .map(|(structure, _)| fault(TokenFaultKind::DiffersInSecondParser { structure }))
        .collect()
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;
    use crate::meaning::text::tests::bytes;

    const REAL: &str = include_str!("../../testdata/vectors/rdpele_4.6_cert1_client_CAL_leaf.hex");

    #[test]
    fn only_parts_that_differ_are_faults() {
        let mut certificate = Certificate::parse(&bytes(REAL), 3);
        assert_eq!(differences(&certificate), []);
        certificate.serial.push(0);
        certificate.issuer.attributes.clear();
        let kinds = [TokenStructure::SerialNumber, TokenStructure::Issuer]
            .map(|structure| TokenFaultKind::DiffersInSecondParser { structure });
        assert_eq!(differences(&certificate), kinds.map(|kind| TokenFault::new(kind, 3)));
    }

    #[test]
    fn refusal_is_one_fault_with_the_error_of_the_parser() {
        let mut certificate = Certificate::parse(&bytes(REAL), 0);
        certificate.raw.truncate(20);
        let found = differences(&certificate);
        let [fault] = &found[..] else { panic!("{found:?}") };
        let is_refusal = matches!(fault.kind(), TokenFaultKind::RefusedBySecondParser { .. });
        assert!(is_refusal, "{fault}");
    }

    #[test]
    fn panic_of_the_second_parser_is_a_refusal() {
        let certificate = Certificate::parse(&bytes(REAL), 5);
        let found = contained(&certificate, || panic!("no such tag"));
        let error = String::from("it panics here");
        let refusal = TokenFaultKind::RefusedBySecondParser { error };
        assert_eq!(found, [TokenFault::new(refusal, 5)]);
    }
}
