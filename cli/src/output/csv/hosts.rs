// SPDX-License-Identifier: GPL-3.0-or-later
//! Hosts (`hosts.csv`). Each host is a row.
//!
//! | Column | Meaning |
//! |---|---|
//! | `Role` | session host, license server, or both; `client` without either; `unknown` if a hive is missing |
//! | `Mode`, `ModeName`, `ModeSource` | licensing mode in effect per the given hives, and what sets it |
//! | `Servers`, `ServersSource` | license servers in effect per the given hives, and what sets them |
//! | `TokensStored`, `TokensRecovered` | tokens that the tree shows, and tokens outside the tree |
//! | `EarliestEnd`, `LatestEnd` | end of validity of the stored tokens, by the clock of the license servers |
//! | `FindingsAttention`, `FindingsNotice`, `FindingsInfo` | number of findings by severity |
//! | `ReadWhole` | `no` if a part of a hive or log could not be read or applied |
//! | `Unknown` | what remains unknown because a hive was not given |

use std::io::{self, Write};

use calhive::FileTime;
use calhive::fact::Origin;
use calhive::report::{
    Host, Report, RoleState, Setting, Severity, SourceReport, TokenKind, TokenReport,
};

use super::{Row, Table};
use crate::output::report_index::{ReportIndex, name_of};

const COLUMNS: [&str; 32] = [
    "HostId",
    "Name",
    "Product",
    "Build",
    "Domain",
    "Role",
    "Mode",
    "ModeName",
    "ModeSource",
    "Servers",
    "ServersSource",
    "RegisteredWith",
    "TokensStored",
    "TokensRecovered",
    "EarliestEnd",
    "EarliestEndMilliseconds",
    "EarliestEndFiletime",
    "LatestEnd",
    "LatestEndMilliseconds",
    "LatestEndFiletime",
    "FindingsAttention",
    "FindingsNotice",
    "FindingsInfo",
    "ReadWhole",
    "Unknown",
    "ReferenceTime",
    "ReferenceTimeMilliseconds",
    "ReferenceTimeFiletime",
    "Pairing",
    "HivePaths",
    "HiveSha256",
    "ModeStatement",
];

/// Writes one row for each host.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let index = ReportIndex::new(report);
    let mut table = Table::new(out, &COLUMNS)?;
    for host in &report.hosts {
        let sources: Vec<&SourceReport> =
            host.sources.iter().filter_map(|id| index.source(id)).collect();
        let mut row = Row::default();
        identity(&mut row, host);
        settings(&mut row, host, &index);
        tokens(&mut row, report, host);
        findings(&mut row, report, host);
        row.text(if is_read_whole(report, &sources) { "yes" } else { "no" })
            .list(&host.unknown)
            .time(host.reference_time.time)
            .text(&host.pairing_statement)
            .list(sources.iter().map(|source| &source.path))
            .list(sources.iter().filter_map(|source| source.sha256.as_ref()))
            .text(&host.licensing_mode.statement);
        table.row(row)?;
    }
    table.finish()
}

fn identity(row: &mut Row, host: &Host) {
    let system = &host.system;
    row.text(&host.id)
        .text(name_of(host))
        .some(system.product.as_ref().map(|it| &it.text))
        .some(system.build.as_ref().map(|it| &it.text))
        .some(system.domain.as_ref().map(|it| &it.text))
        .text(role(host));
}

/// Returns the role of a host in words.
fn role(host: &Host) -> &'static str {
    let is_session_host =
        matches!(host.session_host.state, RoleState::Present | RoleState::NotApplicable);
    let is_license_server = host.license_server.state == RoleState::Present;
    let is_unknown =
        [host.session_host.state, host.license_server.state].contains(&RoleState::Unknown);
    match (is_session_host, is_license_server) {
        (true, true) => "session host and license server",
        (true, false) => "session host",
        (false, true) => "license server",
        (false, false) if is_unknown => "unknown",
        (false, false) => "client",
    }
}

fn settings(row: &mut Row, host: &Host, index: &ReportIndex<'_>) {
    let (mode, servers) = (&host.licensing_mode, &host.license_servers);
    row.some(mode.value.map(|mode| mode.0.to_string()))
        .some(mode.label.as_ref())
        .some(source_of(mode, index))
        .list(servers.value.iter().flatten().map(|name| name.as_str()))
        .some(source_of(servers, index))
        .list(host.registered_with.iter().map(|server| &server.text));
}

/// Returns what sets the value in effect: policy or a local setting.
fn source_of<T>(setting: &Setting<T>, index: &ReportIndex<'_>) -> Option<&'static str> {
    let fact = setting.facts.iter().find_map(|id| index.fact(id))?;
    Some(if fact.code.as_str().contains(".policy.") { "policy" } else { "local" })
}

fn tokens(row: &mut Row, report: &Report, host: &Host) {
    let is_of_host = |token: &&TokenReport| {
        token.kind == TokenKind::StoredLicense && token.host.as_ref() == Some(&host.id)
    };
    let is_stored = |token: &&TokenReport| token.origin.is_some_and(Origin::is_shown);
    let (stored, recovered): (Vec<&TokenReport>, Vec<&TokenReport>) =
        report.tokens.iter().filter(is_of_host).partition(is_stored);
    let ends = stored.iter().filter_map(|token| token.license.as_ref()?.expires);
    let ends: Vec<FileTime> = ends.collect();
    row.text(stored.len().to_string())
        .text(recovered.len().to_string())
        .time(ends.iter().min().copied())
        .time(ends.iter().max().copied());
}

fn findings(row: &mut Row, report: &Report, host: &Host) {
    let of_host = || report.findings.iter().filter(|finding| finding.hosts.contains(&host.id));
    for severity in [Severity::Attention, Severity::Notice, Severity::Info] {
        let number = of_host().filter(|finding| finding.severity == severity).count();
        row.text(number.to_string());
    }
}

/// Whether every part of the hives and their logs was read and applied.
fn is_read_whole(report: &Report, sources: &[&SourceReport]) -> bool {
    sources.iter().all(|source| {
        let is_replayed = source.replay.as_ref().is_none_or(|replay| !replay.is_incomplete);
        let is_missing = report.not_read.iter().any(|input| input.path == source.path);
        source.unread.total == 0 && is_replayed && !is_missing && !source.is_fragment
    })
}
