// SPDX-License-Identifier: GPL-3.0-or-later
//! Values of session hosts and license servers (`settings.csv`). Each value that was found is a row.
//!
//! `InEffect` is `in effect` or `overridden` for the licensing mode and the license servers, according to the
//! given hives. It is empty for other values, since calhive does not rank them.

use std::io::{self, Write};

use calhive::catalog::Subject;
use calhive::report::{FactReport, Host, Report};

use super::{Row, Table};
use crate::output::report_index::{ReportIndex, name_of};

const COLUMNS: [&str; 21] = [
    "HostId",
    "HostName",
    "Code",
    "Title",
    "InEffect",
    "Data",
    "Meaning",
    "Certainty",
    "ControlSet",
    "ControlSetRoles",
    "Origin",
    "LastWritten",
    "LastWrittenMilliseconds",
    "LastWrittenFiletime",
    "HivePath",
    "KeyPath",
    "ValueName",
    "ValueType",
    "Offset",
    "EvidenceId",
    "FactId",
];

/// Writes one row for each value.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let index = ReportIndex::new(report);
    let mut table = Table::new(out, &COLUMNS)?;
    let is_setting = |fact: &&FactReport| {
        fact.state.is_value()
            && matches!(fact.code.subject(), Subject::SessionHost | Subject::LicenseServer)
    };
    for fact in report.facts.iter().filter(is_setting) {
        table.row(row(fact, &index))?;
    }
    table.finish()
}

fn row(fact: &FactReport, index: &ReportIndex<'_>) -> Row {
    let place = &fact.provenance;
    let host = index.host_of(&fact.source);
    let set = place.control_set.as_ref();
    let roles = set.iter().flat_map(|set| &set.roles).map(ToString::to_string);
    let mut row = Row::default();
    row.some(host.map(|host| &host.id))
        .some(host.map(name_of))
        .text(fact.code.as_str())
        .text(&fact.title)
        .some(host.and_then(|host| effect(host, &fact.id)))
        .some(fact.shown.as_ref())
        .some(fact.label.as_ref())
        .some(fact.certainty.map(|certainty| certainty.to_string()))
        .some(set.map(|set| set.number.to_string()))
        .list(roles)
        .text(place.origin.as_str())
        .time(place.key_last_written)
        .some(index.source(&fact.source).map(|source| &source.path))
        .text(&place.key_path)
        .some(place.value_name.as_ref())
        .some(place.value_type.as_ref())
        .some(place.position().filter(|_| place.value_name.is_some()))
        .text(&fact.evidence_id)
        .text(&fact.id);
    row
}

/// Returns whether a fact defines the licensing mode or the license servers, or is overridden.
fn effect(host: &Host, fact: &String) -> Option<&'static str> {
    let (mode, servers) = (&host.licensing_mode, &host.license_servers);
    if mode.facts.contains(fact) || servers.facts.contains(fact) {
        return Some("in effect");
    }
    let is_overridden = mode.overrides.contains(fact) || servers.overrides.contains(fact);
    is_overridden.then_some("overridden")
}
