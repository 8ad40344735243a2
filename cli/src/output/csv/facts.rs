// SPDX-License-Identifier: GPL-3.0-or-later
//! Facts in the columns of RECmd's batch mode, and more (`scan --format csv`).
//!
//! Each fact that was found is a row. Places without a fact are left out; `--format jsonl` has them too.
//!
//! | Column | Meaning |
//! |---|---|
//! | `HivePath`, `HiveType` | file of the hive, and its kind |
//! | `Description` | what the catalog looks for at this place |
//! | `Category` | subject of the place: client, session host, license server or system |
//! | `KeyPath`, `ValueName`, `ValueType` | place in the hive, from its root; an empty name is the default value |
//! | `ValueData` | data as text |
//! | `ValueData2` | meaning of the data |
//! | `ValueData3` | for a license token: license server, holder and validity |
//! | `Comment` | code of the place, and what is special about the fact |
//! | `Recursive` | always `False` |
//! | `Deleted` | `True` for recovered and carved facts, which the tree does not show |
//! | `LastWriteTimestamp` | last-written time of the key, with seven digits of a second |
//! | `PluginDetailFile` | always empty |
//! | `Origin` | `live`, `replayed`, `hidden`, `recovered`, `carved`, `reg_export`, `live_row` or `license_file` |
//! | `Confidence` | for recovered facts: `low`, `medium` or `high` |
//! | `Certainty` | how certain the meaning is |
//! | `Clock` | clock of the last-written time |
//! | `HostId`, `HostName` | host in the report, and its computer name |
//! | `SourceSha256` | SHA-256 of the hive file |
//! | `Offset` | offset of the value, or else of the key, in bytes from the start of the file; for a text export or a live row, the line |
//! | `EvidenceId`, `FactId` | stable id of the fact, and its id in this report |
//! | `LastWriteMilliseconds`, `LastWriteFiletime` | the same time for spreadsheets, and as FILETIME |
//! | `RawText` | `ValueData` without guard, as a JSON string |

use std::io::{self, Write};

use calhive::catalog::Subject;
use calhive::fact::{Origin, State};
use calhive::report::{Clock, FactReport, Report, TokenReport};

use super::{Row, Table};
use crate::output::left_out::LeftOut;
use crate::output::report_index::{ReportIndex, name_of};

const COLUMNS: [&str; 28] = [
    "HivePath",
    "HiveType",
    "Description",
    "Category",
    "KeyPath",
    "ValueName",
    "ValueType",
    "ValueData",
    "ValueData2",
    "ValueData3",
    "Comment",
    "Recursive",
    "Deleted",
    "LastWriteTimestamp",
    "PluginDetailFile",
    "Origin",
    "Confidence",
    "Certainty",
    "Clock",
    "HostId",
    "HostName",
    "SourceSha256",
    "Offset",
    "EvidenceId",
    "FactId",
    "LastWriteMilliseconds",
    "LastWriteFiletime",
    "RawText",
];

/// Writes one row for each fact that was found.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<LeftOut> {
    let index = ReportIndex::new(report);
    let mut table = Table::new(out, &COLUMNS)?;
    let mut absent = 0_u64;
    for fact in &report.facts {
        if fact.state.is_found() || fact.state == State::NotReadable {
            let token = report.tokens.iter().find(|token| is_bytes_of(token, fact));
            table.row(row(fact, token, &index))?;
        } else {
            absent = absent.saturating_add(1);
        }
    }
    table.finish()?;
    let mut left_out = LeftOut::default();
    left_out.add(absent, "place without a fact", "places without a fact");
    Ok(left_out)
}

/// Whether the fact holds the bytes of the token. They are the first fact of a token.
fn is_bytes_of(token: &TokenReport, fact: &FactReport) -> bool {
    token.facts.first() == Some(&fact.id)
}

fn row(fact: &FactReport, token: Option<&TokenReport>, index: &ReportIndex<'_>) -> Row {
    let place = &fact.provenance;
    let source = index.source(&fact.source);
    let host = index.host_of(&fact.source);
    let mut times = Row::default();
    times.time(place.key_last_written);
    let mut times = times.0.into_iter();
    let mut row = Row::default();
    row.some(source.map(|source| &source.path))
        .some(source.map(|source| source.kind.to_string()))
        .text(&fact.title)
        .text(category(fact.code.subject()))
        .text(&place.key_path)
        .some(place.value_name.as_ref())
        .some(place.value_type.as_ref())
        .some(fact.shown.as_ref())
        .some(fact.label.as_ref())
        .some(token.map(in_short))
        .text(comment(fact))
        .text("False")
        .text(if matches!(place.origin, Origin::Recovered | Origin::Carved) {
            "True"
        } else {
            "False"
        });
    row.0.extend(times.next());
    row.text("")
        .text(place.origin.as_str())
        .some(place.recovered.as_ref().map(|remains| remains.confidence.to_string()))
        .some(fact.certainty.map(|certainty| certainty.to_string()))
        .some(place.key_last_written.map(|_| Clock::LocalMachine.to_string()))
        .some(host.map(|host| &host.id))
        .some(host.map(name_of))
        .some(source.and_then(|source| source.sha256.as_ref()))
        .some(place.position())
        .text(&fact.evidence_id)
        .text(&fact.id);
    row.0.extend(times);
    row.some(fact.shown.as_ref().map(|shown| serde_json::json!(shown.as_str()).to_string()));
    row
}

const fn category(subject: Subject) -> &'static str {
    match subject {
        Subject::Client => "Remote Desktop licensing: client",
        Subject::SessionHost => "Remote Desktop licensing: session host",
        Subject::LicenseServer => "Remote Desktop licensing: license server",
        Subject::System => "Remote Desktop licensing: system",
    }
}

/// Returns the code of the place, and what limits or hides the fact.
fn comment(fact: &FactReport) -> String {
    let place = &fact.provenance;
    let mut parts = vec![fact.code.to_string()];
    if fact.state == State::NotReadable {
        parts.push(String::from("not readable"));
    }
    parts.extend(fact.lost.iter().map(|lost| format!("{} at {:#x}", lost.message, lost.offset)));
    parts.extend(place.hidden.iter().map(|hidden| hidden.statement.to_string()));
    parts.extend(place.recovered.iter().map(|remains| remains.why.to_string()));
    parts.extend(place.from_logs.iter().map(|from| {
        format!("log {}, sequence {}, offset {:#x}", from.log, from.sequence, from.log_offset)
    }));
    parts.join("; ")
}

/// Returns license server, holder and validity of a token.
fn in_short(token: &TokenReport) -> String {
    let Some(license) = &token.license else {
        return token.error.as_deref().unwrap_or_default().to_owned();
    };
    let mut parts = Vec::new();
    parts.extend(license.license_server_in_words().map(|name| format!("license server {name}")));
    let machine = license.client_reported_machine.as_ref();
    parts.extend(machine.map(|name| format!("client-reported machine {name}")));
    parts.extend(license.valid_from.map(|time| format!("valid from {time}")));
    parts.extend(license.expires.map(|time| format!("until {time}")));
    if license.valid_from.or(license.expires).is_some() {
        parts.push(String::from("clock of the license server"));
    }
    parts.join(", ")
}
