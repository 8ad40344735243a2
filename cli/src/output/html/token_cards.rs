// SPDX-License-Identifier: GPL-3.0-or-later
//! Licenses and certificates, each with its main fields. The JSON report has all fields.

use calhive::fact::Origin;
use calhive::report::{CertificateReport, LicenseReport, TokenKind, TokenReport};
use maud::{Markup, html};

use crate::output::html::page::Page;
use crate::output::html::prose::text;

/// Returns a card for each license and each set of certificates.
pub(super) fn cards(page: &Page<'_>) -> Markup {
    html! {
        @if page.report.tokens.is_empty() { p { "No license and no certificate." } }
        @for token in &page.report.tokens { (card(page, token)) }
    }
}

fn card(page: &Page<'_>, token: &TokenReport) -> Markup {
    let place = match token.kind {
        TokenKind::HostCertificate => "certificates of a session host",
        TokenKind::StoredLicense => "license in the store of a client",
        _ => "license from a file",
    };
    html! {
        article.token id=(token.id) {
            h3 { (token.id) ": " (place) @if let Some(kind) = token.kind_in_words() { ", " (text(kind)) } }
            dl {
                (field("Host", token.host.as_ref().map(|host| page.host_links([host]))))
                (field("Place in the hive", token.origin.map(place_in_hive)))
                (field("Facts", Some(page.ids(&token.facts))))
                (field("Size", Some(format!("{} bytes", token.size))))
                (field("SHA-256", Some(html! { code { (token.sha256) } })))
                (field("Not decoded", token.error.as_ref().map(text)))
                @if let Some(license) = &token.license { (fields(page, license)) }
                @for fault in &token.faults {
                    (field("Fault", Some(format!("{}, at byte {:#x} of the token", text(&fault.message), fault.offset))))
                }
                @for it in &token.disagreements {
                    (field("Contradiction", Some(html! {
                        (text(&it.what)) ": " (text(&it.one)) "; " (text(&it.other)) " " (page.ids(&it.facts))
                    })))
                }
            }
            (certificates(page, &token.certificates))
        }
    }
}

fn fields(page: &Page<'_>, license: &LicenseReport) -> Markup {
    let shown = |value: &Option<String>| value.as_ref().map(text);
    let binding = license.binding.as_ref().map(|binding| text(binding.text()));
    html! {
        (field("License server (self-reported)", license.license_server_in_words().map(text)))
        (field("Scope", shown(&license.scope)))
        (field("Domain or workgroup of the license server", shown(&license.issuer_domain)))
        (field("Product ID of the license server", shown(&license.license_server_id)))
        (field("Machine (client-reported)", shown(&license.client_reported_machine)))
        (field("User (client-reported)", shown(&license.client_reported_user)))
        (field("Binding of the session host", binding))
        (field("Hardware ID (inferred)", license.hardware_id.as_ref().map(text)))
        (field("License ID", shown(&license.license_id)))
        (field("Type", license.license_type.as_ref().map(text)))
        (field("Version", license.product_version.as_ref().map(text)))
        (field("Windows Server", license.generation.as_ref().map(text)))
        (field("Flags", license.flags_meaning.as_ref().map(text)))
        (field("Valid from (license server's clock)", license.valid_from.map(|time| page.exact(time))))
        (field("Valid until (license server's clock)", license.expires.map(|time| page.exact(time))))
        (field("Signatures", Some(text(&license.integrity))))
    }
}

fn certificates(page: &Page<'_>, all: &[CertificateReport]) -> Markup {
    html! {
        @if !all.is_empty() {
            details {
                summary { "Certificates (" (all.len()) ")" }
                @for certificate in all { dl {
                    (field("Kind", Some(text(certificate.kind))))
                    (field("Place", Some(format!(
                        "{} bytes at byte {:#x} of the token", certificate.size, certificate.offset
                    ))))
                    (field("SHA-256", Some(html! { code { (certificate.sha256) } })))
                    (field("Serial number", Some(text(&certificate.serial))))
                    (field("Issuer", Some(text(&certificate.issuer))))
                    (field("Subject", Some(text(&certificate.subject))))
                    (field("Not before", certificate.not_before.map(|time| page.exact(time))))
                    (field("Not after", certificate.not_after.map(|time| page.exact(time))))
                    (field("Signature", Some(text(format_args!(
                        "{}: {}", certificate.signature, certificate.signature_why
                    )))))
                } }
            }
        }
    }
}

/// Returns a labeled field. Nothing without a value.
fn field(label: &str, value: Option<impl maud::Render>) -> Markup {
    html! { @if let Some(value) = value { dt { (label) } dd { (value) } } }
}

const fn place_in_hive(origin: Origin) -> &'static str {
    match origin {
        Origin::Live => "in the tree",
        Origin::Replayed => "in the tree, with bytes from a transaction log",
        Origin::Hidden => "outside the tree",
        Origin::Recovered => "recovered, not in the tree",
        Origin::RegExport => "in a text export",
        Origin::LiveRow => "in a row of a live registry",
        Origin::LicenseFile => "in a license file, not in a registry",
        _ => "found by its byte pattern, outside the tree",
    }
}
