// SPDX-License-Identifier: MIT OR Apache-2.0
//! The one decision about the kind of each certificate of a chain. Every report rests on this decision.

use alloc::vec::Vec;

use crate::meaning::CertificateKind;
use crate::token::binding::HostBinding;
use crate::token::certificate::Certificate;
use crate::token::signature::Signature;

/// Product of session hosts in their certificates ([MS-RDPELE] 4.1).
const HOST_PRODUCT: &str = "3d267954-eeb7-11d1-b94e-00c04fa3080d";

/// Returns the kind of each certificate of a chain.
pub(crate) fn kinds(chain: &[Certificate], signatures: &[Signature]) -> Vec<CertificateKind> {
    let about_licenses: Vec<Option<CertificateKind>> = chain.iter().map(licensed).collect();
    let issues_license = |index: usize| {
        let mut issued = about_licenses.iter().zip(signatures).enumerate();
        issued.any(|(other, (kind, signature))| {
            other != index && kind.is_some() && signature.issuer == Some(index)
        })
    };
    let kind = |(index, certificate): (usize, &Certificate)| {
        let own = about_licenses.get(index).copied().flatten();
        own.unwrap_or_else(|| above_licenses(certificate, issues_license(index)))
    };
    chain.iter().enumerate().map(kind).collect()
}

/// Returns the kind of a certificate that describes a licensed product; `None` if the certificate has no
/// extension that a license server writes for others.
fn licensed(certificate: &Certificate) -> Option<CertificateKind> {
    if !certificate.license.is_issued() {
        return None;
    }
    let Some(product) = &certificate.license.product else {
        return Some(CertificateKind::NotEstablished);
    };
    let binding = HostBinding::of_subject(&certificate.subject);
    let is_host_product = |name: &str| name.eq_ignore_ascii_case(HOST_PRODUCT);
    let names = [product.product.as_str(), product.requested_product.as_str()];
    Some(match names {
        [issued, requested] if is_host_product(issued) && is_host_product(requested) => {
            match binding {
                Some(_) => CertificateKind::HostCertificate,
                None => CertificateKind::NotEstablished,
            }
        }
        names if names.iter().any(|name| name.is_empty() || begins_as_guid(name)) => {
            CertificateKind::NotEstablished
        }
        // The client supplies the text of the subject, so the text decides only for unknown products.
        [issued, _] if binding.is_some() && !is_known_license(issued) => {
            CertificateKind::NotEstablished
        }
        _ => CertificateKind::ClientToken,
    })
}

/// Whether a product begins like the GUID of a product that is no license.
fn begins_as_guid(product: &str) -> bool {
    let first = product.split('-').next().unwrap_or_default();
    first.len() == 8 && first.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a product is one of the licenses that public samples have: `A02` and `C50`.
fn is_known_license(product: &str) -> bool {
    matches!(product.split('-').next(), Some("A02" | "C50"))
}

/// Returns the kind of a certificate without a licensed product.
fn above_licenses(certificate: &Certificate, issues_license: bool) -> CertificateKind {
    let license = &certificate.license;
    let is_self_signed = certificate.subject.is_same(&certificate.issuer);
    let is_server = issues_license
        || license.server_certificate.is_some()
        || license.server_spk.is_some()
        || (is_self_signed && has_creation_serial(certificate));
    match (is_server, is_self_signed) {
        (true, true) => CertificateKind::LicenseServerSelfSigned,
        (true, false) if certificate.issuer.attributes.is_empty() => {
            CertificateKind::NotEstablished
        }
        (true, false) => CertificateKind::LicenseServerIssued,
        (false, _) if certificate.is_authority() => CertificateKind::Authority,
        (false, _) => CertificateKind::NotEstablished,
    }
}

/// Whether the serial number is the FILETIME of the start of validity, as license servers write it into their
/// self-signed certificates.
fn has_creation_serial(certificate: &Certificate) -> bool {
    const SECOND: u64 = 10_000_000;
    let digits = certificate
        .serial
        .iter()
        .try_fold(0_u64, |number, byte| number.checked_mul(0x100)?.checked_add(u64::from(*byte)));
    let start = certificate.not_before.map(calhive_regf::FileTime::raw);
    digits.zip(start).is_some_and(|(serial, start)| serial / SECOND == start / SECOND)
}
