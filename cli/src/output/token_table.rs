// SPDX-License-Identifier: GPL-3.0-or-later
//! One token as text for people. License fields come first, in the order of Microsoft's program `tsctst`.
//! Fields that `tsctst` does not show follow, then the certificates.

use std::io::{self, Write};

use calhive::FileTime;
use calhive::meaning::{CertificateKind, Reading};
use calhive::report::{IndexReport, LicenseReport, LicenseServerReport, TokenKind, TokenReport};

use crate::output::line::{line, line_some, write_faults};
use crate::output::token_certificates;
use crate::text::escape;

/// Text in place of a missing or unreadable field.
const NOT_SAID: &str = "not in it, or not readable";

/// Writes the token below a heading. Does not compare timestamps with the current time.
pub(crate) fn write(out: &mut dyn Write, heading: &str, token: &TokenReport) -> io::Result<()> {
    writeln!(out, "{heading}")?;
    line(out, "Size", format_args!("{} bytes", token.size))?;
    line(out, "SHA-256", &token.sha256)?;
    if let Some(error) = &token.error {
        return line(out, "Not taken apart", error);
    }
    line_some(out, "Kind", token.kind_in_words())?;
    line_some(out, "Container", token.container_in_words())?;
    line_some(out, "Read", token.reading.map(reading))?;
    write_faults(out, &token.faults)?;
    match &token.license {
        Some(license) => write_license(out, token, license)?,
        None => writeln!(out, "\nNo certificate in it has an extension that names a license.")?,
    }
    if let Some(server) = &token.license_server {
        write_license_server(out, server)?;
    }
    write_disagreements(out, token)?;
    let leaf = token.license.as_ref().map(|license| license.certificate);
    token_certificates::write(out, &token.certificates, leaf)?;
    write_index(out, token)
}

/// Returns the limits of every token as evidence.
pub(crate) fn limitations(token: &TokenReport) -> Vec<&'static str> {
    let mut limitations = vec![
        "A valid signature shows that the token is consistent in itself; its issuer is not authenticated.",
    ];
    if token.certificate_kind == Some(CertificateKind::ClientToken) {
        limitations.extend([
            "The names of machine and user are text that the client supplied.",
            "A token is not a logon, and names no session host or farm.",
        ]);
    }
    limitations
}

/// Names a way of decoding, and explains it.
const fn reading(reading: Reading) -> &'static str {
    match reading {
        Reading::Strict => {
            "strict: whole and as the standards ask, as far as that is looked at; a second reader \
             (x509-parser) reads the same"
        }
        Reading::Lenient => "lenient: whole; something about it is not as the standards ask",
        Reading::Salvaged => "salvaged: in part; something is missing or is no certificate",
    }
}

/// Writes the names in the subject, by the kind of the certificate.
fn write_subject(
    out: &mut dyn Write,
    token: &TokenReport,
    license: &LicenseReport,
) -> io::Result<()> {
    let said = |out: &mut dyn Write, label: &str, value: Option<&String>| {
        line(out, label, value.map_or(NOT_SAID, String::as_str))
    };
    match license.kind {
        CertificateKind::ClientToken => {
            let (machine, user) = ("machine (client-reported)", "user (client-reported)");
            let names = [&license.client_reported_machine, &license.client_reported_user];
            said(out, &format!("Issued to {machine}"), names[0].as_ref())?;
            said(out, &format!("Issued to {user}"), names[1].as_ref())
        }
        CertificateKind::HostCertificate => {
            let binding = license.binding.as_ref();
            said(out, "Host: protocol of its binding", binding.map(|it| &it.protocol))?;
            said(out, "Host: name or address", binding.map(|it| &it.name))
        }
        _ => {
            let leaf = usize::try_from(license.certificate).unwrap_or(usize::MAX);
            said(out, "Subject", token.certificates.get(leaf).map(|it| &it.subject))
        }
    }
}

fn write_license(
    out: &mut dyn Write,
    token: &TokenReport,
    license: &LicenseReport,
) -> io::Result<()> {
    let certificate = license.certificate;
    let (heading, renewed) = match license.kind {
        CertificateKind::ClientToken => ("License", ": its last issue or renewal"),
        CertificateKind::HostCertificate => ("Session host", ""),
        _ => ("Certificate of a kind that is not established", ""),
    };
    writeln!(out, "\n{heading}: certificate {certificate}, in the order of Microsoft's tsctst")?;
    let language = license.language_id.as_ref().map(|id| {
        let name = license.language.as_ref();
        format!("{id:#06x}{}", name.map(|name| format!(" ({name})")).unwrap_or_default())
    });
    let by_its_clock = |time: Option<FileTime>, more: &str| {
        time.map(|time| format!("{time}, by the license server's clock{more}"))
    };
    let text = Clone::clone;
    let said = |out: &mut dyn Write, label: &str, value: Option<String>| {
        line(out, label, value.as_deref().unwrap_or(NOT_SAID))
    };
    said(out, "Certificate version", license.certificate_version.map(|it| format!("{it:#010x}")))?;
    said(out, "Hardware ID (inferred)", hardware_id(license))?;
    let is_client = license.kind == CertificateKind::ClientToken;
    let id = if is_client { "License id" } else { "Product" };
    for (label, value) in [
        ("Client platform id", license.client_platform_id.map(|it| format!("{it:#x}"))),
        ("Company", text(&license.company)),
        ("Issuer", text(&license.issuer)),
        ("Scope", text(&license.scope)),
    ] {
        said(out, label, value)?;
    }
    write_subject(out, token, license)?;
    said(out, "License server's locale", language)?;
    said(out, id, text(&license.license_id))?;
    if is_client {
        said(out, "License type", license.license_type.as_deref().map(String::from))?;
    }
    write_versions(out, license)?;
    for (label, value) in [
        ("Valid from", by_its_clock(license.valid_from, renewed)),
        ("Expires on", by_its_clock(license.expires, "")),
    ] {
        said(out, label, value)?;
    }
    write_more(out, license)
}

/// Writes the version records, each with its flags.
fn write_versions(out: &mut dyn Write, license: &LicenseReport) -> io::Result<()> {
    if let ([_], Some(version)) = (&license.versions[..], license.product_version) {
        line(out, "Product version", version)?;
        return line(out, "Flags", license.flags_meaning.as_deref().unwrap_or(NOT_SAID));
    }
    if license.versions.is_empty() {
        return line(out, "Product version", NOT_SAID);
    }
    license.versions.iter().enumerate().try_for_each(|(index, it)| {
        let label = if index == 0 { "Version records" } else { "" };
        let (major, minor, flags) = (it.major, it.minor, it.flags);
        line(
            out,
            label,
            format_args!("{major}.{minor} ({major:#06x}, {minor:#06x}), flags {flags:#010x}"),
        )
    })
}

/// Writes what the chain says about its license server.
fn write_license_server(out: &mut dyn Write, server: &LicenseServerReport) -> io::Result<()> {
    writeln!(out, "\nLicense server: certificate {}", server.certificate)?;
    line(out, "Kind", server.kind_in_words())?;
    let is_issued = server.kind == CertificateKind::LicenseServerIssued;
    let name = if is_issued { "Activation name" } else { "Name in its certificate" };
    for (label, value) in [
        ("Computer name (extension 311.18.6)", &server.computer_name),
        (name, &server.name),
        ("Domain or workgroup", &server.domain),
        ("Product id (extension 311.18.6)", &server.product_id),
        ("Text of the Clearinghouse", &server.text),
        ("Type of the certificate", &server.certificate_type),
        ("Registered organization", &server.organization),
        ("Registered country", &server.country),
        ("SPK (extension 311.18.8)", &server.spk),
        ("SHA-256 of its key's modulus", &server.key_sha256),
    ] {
        line_some(out, label, value.as_ref())?;
    }
    Ok(())
}

/// Formats the hardware ID from the subject. If the known mask gives an implausible ID, says so.
fn hardware_id(license: &LicenseReport) -> Option<String> {
    let id = license.hardware_id.as_ref()?;
    Some(match (license.hardware_id_is_plausible, &license.hardware_id_form) {
        (Some(true), Some(form)) => format!("{id}, {form}"),
        (Some(true), None) => id.to_string(),
        _ => format!("unknown masking: the known mask gives {id}, which is not of a known form"),
    })
}

/// Writes the fields that `tsctst` does not show.
fn write_more(out: &mut dyn Write, license: &LicenseReport) -> io::Result<()> {
    writeln!(out, "\nWhat tsctst does not show")?;
    let either = |flag: Option<bool>, set: &str, clear: &str| {
        flag.map(|flag| String::from(if flag { set } else { clear }))
    };
    let text = Clone::clone;
    let is_client = license.kind == CertificateKind::ClientToken;
    let of_client = [
        (
            "Temporary or permanent",
            either(
                license.is_temporary,
                "temporary: flag 0x80000000 is set",
                "permanent: flag 0x80000000 is clear",
            ),
        ),
        ("Generation of the product version", license.generation.as_deref().map(String::from)),
    ];
    let of_all = [
        ("Requested product", text(&license.requested_product)),
        ("Issuer's domain or workgroup", text(&license.issuer_domain)),
        ("License server (extension 311.18.6)", text(&license.license_server)),
        ("License server's product id", text(&license.license_server_id)),
        ("License server's SPK", text(&license.license_server_spk)),
        (
            "Enforced",
            either(
                license.is_enforced,
                "yes: flag 0x00008000 is set",
                "no: flag 0x00008000 is clear",
            ),
        ),
        (
            "Released or beta version",
            either(
                license.is_released,
                "released version: flag 0x00800000 is set",
                "beta version: flag 0x00800000 is clear",
            ),
        ),
        ("Number of licenses", license.license_count.map(|count| count.to_string())),
        ("Extension 311.18.9, unnamed", license.unnamed_9.map(|it| it.to_string())),
        ("Hardware ID as it stands, masked", text(&license.hardware_id_masked)),
        ("Signature of this certificate", license.signature.map(|state| state.to_string())),
    ];
    for (label, value) in of_client.into_iter().filter(|_| is_client).chain(of_all) {
        line(out, label, value.as_deref().unwrap_or(NOT_SAID))?;
    }
    line(out, "Integrity, all certificates", &license.integrity)?;
    match &license.hardware_id {
        Some(_) => writeln!(
            out,
            "  The mask of the hardware ID is inferred: it is consistent on ten license servers of 2003 to \
             2019, and exact on one."
        ),
        None => Ok(()),
    }
}

fn write_disagreements(out: &mut dyn Write, token: &TokenReport) -> io::Result<()> {
    if token.license.is_none() && token.disagreements.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nDisagreements")?;
    if token.disagreements.is_empty() {
        writeln!(
            out,
            "  None found. Compared, if they occur in two places: license server (if it names itself as issuer and has \
             no SPK), product, product version, company, order of the times of one certificate. Not compared: the \
             requested product, and the times of different certificates."
        )?;
    }
    token.disagreements.iter().try_for_each(|it| {
        line(out, &escape::message(&it.what), format_args!("{}; {}", it.one, it.other))
    })
}

fn write_index(out: &mut dyn Write, token: &TokenReport) -> io::Result<()> {
    let Some(index) = &token.index else {
        return match token.kind {
            TokenKind::File if token.certificate_kind == Some(CertificateKind::ClientToken) => {
                writeln!(
                    out,
                    "\nNo index: in the registry it is four values beside ClientLicense, on the network the \
                 head of NEW_LICENSE_INFO"
                )
            }
            _ => Ok(()),
        };
    };
    let place = match token.kind {
        TokenKind::File => "at the head of NEW_LICENSE_INFO",
        _ => "beside the token in the registry",
    };
    writeln!(out, "\nIndex, {place}")?;
    let IndexReport { version, scope, company, product } = index;
    let version = version.map(|version| {
        let (major, minor) = (version >> 16, version & 0xFFFF);
        format!("{version:#010x} ({major}.{minor})")
    });
    for (label, value) in
        [("Version", version.as_ref()), ("Scope", scope.as_ref()), ("Company", company.as_ref())]
    {
        line(out, label, value.map_or(NOT_SAID, String::as_str))?;
    }
    line(out, "Product", product.as_deref().unwrap_or(NOT_SAID))
}
