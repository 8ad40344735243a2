// SPDX-License-Identifier: GPL-3.0-or-later
//! Tokens of clients and certificates of session hosts (`tokens.csv`). Each one is a row.
//!
//! Names of machine and user are those that the client reported. Names of license servers are those in the
//! token. Validity is by the clock of the license server.

use std::io::{self, Write};

use calhive::report::{ProvenanceReport, Report, TokenKind, TokenReport};

use super::{Row, Table};
use crate::output::report_index::{ReportIndex, name_of};

const COLUMNS: [&str; 37] = [
    "TokenId",
    "HostId",
    "HostName",
    "Kind",
    "Content",
    "Origin",
    "LicenseServer",
    "Issuer",
    "IssuerDomain",
    "LicenseServerId",
    "Scope",
    "RequestedProduct",
    "LicenseId",
    "LicenseType",
    "ProductVersion",
    "Temporary",
    "ValidFrom",
    "ValidFromMilliseconds",
    "ValidFromFiletime",
    "ValidUntil",
    "ValidUntilMilliseconds",
    "ValidUntilFiletime",
    "Clock",
    "HardwareId",
    "ClientReportedMachine",
    "ClientReportedUser",
    "Signatures",
    "Reading",
    "Error",
    "Disagreements",
    "Sha256",
    "LicenseServerKeySha256",
    "HivePath",
    "KeyPath",
    "Offset",
    "EvidenceId",
    "FactIds",
];

/// Writes one row for each token.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let index = ReportIndex::new(report);
    let mut table = Table::new(out, &COLUMNS)?;
    for token in &report.tokens {
        let mut row = Row::default();
        identity(&mut row, token, &index);
        license(&mut row, token);
        place(&mut row, token, &index);
        table.row(row)?;
    }
    table.finish()
}

fn identity(row: &mut Row, token: &TokenReport, index: &ReportIndex<'_>) {
    let host = token.host.as_deref();
    row.text(&token.id)
        .some(host)
        .some(host.and_then(|id| index.host(id)).map(name_of))
        .text(match token.kind {
            TokenKind::StoredLicense => "stored license",
            TokenKind::HostCertificate => "certificate of a session host",
            _ => "file",
        })
        .some(token.kind_in_words())
        .some(token.origin.map(|origin| origin.as_str()));
}

fn license(row: &mut Row, token: &TokenReport) {
    let Some(license) = &token.license else {
        row.0.resize(row.0.len().saturating_add(21), String::new());
        return;
    };
    let valid = license.valid_from.or(license.expires);
    row.some(license.license_server_in_words())
        .some(license.issuer.as_ref())
        .some(license.issuer_domain.as_ref())
        .some(license.license_server_id.as_ref())
        .some(license.scope.as_ref())
        .some(license.requested_product.as_ref())
        .some(license.license_id.as_ref())
        .some(license.license_type.as_ref())
        .some(license.product_version.map(|version| version.to_string()))
        .some(license.is_temporary.map(|is_temporary| if is_temporary { "yes" } else { "no" }))
        .time(license.valid_from)
        .time(license.expires)
        .some(valid.map(|_| "license server"))
        .some(license.hardware_id.as_ref().map(ToString::to_string))
        .some(license.client_reported_machine.as_ref())
        .some(license.client_reported_user.as_ref())
        .text(&license.integrity);
}

fn place(row: &mut Row, token: &TokenReport, index: &ReportIndex<'_>) {
    let fact = token.facts.iter().find_map(|id| index.fact(id));
    let provenance = fact.map(|fact| &fact.provenance);
    let key = token.license.as_ref().and_then(|license| license.license_server_key_sha256.as_ref());
    let disagreements = token.disagreements.iter();
    row.some(token.reading.map(|reading| reading.to_string()))
        .some(token.error.as_ref())
        .list(disagreements.map(|it| format!("{}: {}, {}", it.what, it.one, it.other)))
        .text(&token.sha256)
        .some(key)
        .some(fact.and_then(|fact| index.source(&fact.source)).map(|source| &source.path))
        .some(provenance.map(|place| &place.key_path))
        .some(provenance.and_then(ProvenanceReport::position))
        .some(fact.map(|fact| &fact.evidence_id))
        .list(&token.facts);
}
