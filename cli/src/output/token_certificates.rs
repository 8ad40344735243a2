// SPDX-License-Identifier: GPL-3.0-or-later
//! The certificates of a token as text for people, one block per certificate.

use std::io::{self, Write};

use calhive::FileTime;
use calhive::report::{CertificateReport, ExtensionReport};

use crate::messages::count;
use crate::output::line::{line, line_some, write_faults};
use crate::output::table;
use crate::text::escape;

/// Text in place of a missing or unreadable field.
const NOT_READ: &str = "not readable";

/// Writes the certificates in the order of the token. `leaf` is the index of the certificate from which
/// the license was decoded.
pub(super) fn write(
    out: &mut dyn Write,
    certificates: &[CertificateReport],
    leaf: Option<u64>,
) -> io::Result<()> {
    for (index, certificate) in (0_u64..).zip(certificates) {
        let leaf = if leaf == Some(index) { ", the leaf: what the token is about" } else { "" };
        writeln!(out, "\nCertificate {index} ({} in all){leaf}", certificates.len())?;
        write_one(out, index, certificate)?;
    }
    Ok(())
}

fn write_one(out: &mut dyn Write, index: u64, certificate: &CertificateReport) -> io::Result<()> {
    let or = |text: &str| if text.is_empty() { NOT_READ.to_owned() } else { text.to_owned() };
    line(out, "Kind", certificate.kind)?;
    line(out, "Subject", or(&certificate.subject))?;
    line(out, "Issuer", or(&certificate.issuer))?;
    line(out, "Serial number", or(&certificate.serial))?;
    line_some(out, "Version", certificate.version)?;
    let time = |time: Option<FileTime>| {
        time.map_or_else(|| String::from(NOT_READ), |time| time.to_string())
    };
    line(out, "Valid from", time(certificate.not_before))?;
    line(out, "Valid until", time(certificate.not_after))?;
    if is_self_signed_form(certificate) {
        line(
            out,
            "",
            "validity from 1970 to 2049 is typical of self-signed certificates of license servers",
        )?;
    }
    line(out, "Key", key(certificate))?;
    line_some(out, "SHA-256 of its modulus", certificate.key_sha256.as_ref())?;
    line(out, "Signature", signature(index, certificate))?;
    line_some(out, "Signature algorithm", certificate.signature_algorithm.as_ref())?;
    line(out, "Read", certificate.reading)?;
    write_faults(out, &certificate.faults)?;
    let (size, at) = (certificate.size, certificate.offset);
    line(out, "Place", format_args!("{size} bytes at byte {at:#x} of the token"))?;
    line(out, "SHA-256", &certificate.sha256)?;
    line(out, "Extensions", count(certificate.extensions.len() as u64, "extension"))?;
    if certificate.extensions.is_empty() {
        return Ok(());
    }
    let header = ["Extension", "Name", "Critical", "Bytes", "At byte"];
    table::write(out, header, certificate.extensions.iter().map(extension))
}

/// Whether the validity starts in 1970 and ends in 2049, as in self-signed certificates of license servers.
fn is_self_signed_form(certificate: &CertificateReport) -> bool {
    let is_of = |time: Option<FileTime>, year: &str| {
        time.is_some_and(|time| time.to_string().starts_with(year))
    };
    is_of(certificate.not_before, "1970-") && is_of(certificate.not_after, "2049-")
}

fn key(certificate: &CertificateReport) -> String {
    let algorithm = certificate.key_algorithm.as_deref();
    match (certificate.key_bits, algorithm) {
        (Some(bits), Some(algorithm)) => format!("RSA, {bits} bits, key algorithm {algorithm}"),
        (Some(bits), None) => format!("RSA, {bits} bits"),
        (None, Some(algorithm)) => format!("no readable RSA key; key algorithm {algorithm}"),
        (None, None) => String::from(NOT_READ),
    }
}

/// Describes the result of the signature check, the certificate whose key was used, and the reason.
fn signature(index: u64, certificate: &CertificateReport) -> String {
    let (state, why) = (certificate.signature, &certificate.signature_why);
    match certificate.signature_issuer {
        Some(issuer) if issuer == index => {
            format!("{state} under its own key (certificate {issuer}): {why}")
        }
        Some(issuer) => format!("{state} under the key of certificate {issuer}: {why}"),
        None => format!("{state}: {why}"),
    }
}

fn extension(extension: &ExtensionReport) -> [String; 5] {
    [
        escape::message(&extension.oid),
        extension.name.clone().unwrap_or_else(|| String::from("-")),
        String::from(if extension.is_critical { "yes" } else { "no" }),
        (extension.hex.len() / 2).to_string(),
        format!("{:#x}", extension.offset),
    ]
}
