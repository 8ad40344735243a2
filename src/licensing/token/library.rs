// SPDX-License-Identifier: MIT OR Apache-2.0
//! A second reading of a certificate, by x509-parser: what it reads otherwise, or why it refuses.

use alloc::format;
use alloc::vec::Vec;

use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::licensing::token::{Certificate, TokenFault};
use crate::time::FileTime;

/// What x509-parser does not read alike.
pub(crate) fn differences(certificate: &Certificate) -> Vec<TokenFault> {
    let fault = |problem| TokenFault::new("certificate", problem, certificate.offset);
    let (_, other) = match X509Certificate::from_der(&certificate.raw) {
        Ok(read) => read,
        Err(error) => {
            let problem = format!("is refused by a second reader (x509-parser: {error})");
            return Vec::from([fault(problem)]);
        }
    };
    let time = |time: x509_parser::time::ASN1Time| FileTime::from_unix_seconds(time.timestamp());
    let validity = other.validity();
    let attributes = |name: &x509_parser::x509::X509Name<'_>| name.iter_attributes().count();
    let mut faults = Vec::new();
    for (what, is_alike) in [
        ("serial number", other.raw_serial() == certificate.serial),
        ("start of its validity", time(validity.not_before) == certificate.not_before),
        ("end of its validity", time(validity.not_after) == certificate.not_after),
        ("issuer", attributes(other.issuer()) == certificate.issuer.attributes.len()),
        ("subject", attributes(other.subject()) == certificate.subject.attributes.len()),
        ("extensions", other.extensions().len() == certificate.extensions.len()),
        ("signature", other.signature_value.data.as_ref() == certificate.signature),
    ] {
        if !is_alike {
            let problem =
                format!("has a {what} that a second reader (x509-parser) reads otherwise");
            faults.push(fault(problem));
        }
    }
    faults
}
