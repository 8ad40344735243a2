// SPDX-License-Identifier: GPL-3.0-or-later
//! Events in order of time (`timeline.csv`).
//!
//! Each event is a row, also an event without a time. Its first fact gives `HivePath` to `EvidenceId`.

use std::io::{self, Write};

use calhive::report::{Event, ProvenanceReport, Report};

use super::{Row, Table};
use crate::output::dated_event::kind_of_time;
use crate::output::report_index::{ReportIndex, name_of};

const COLUMNS: [&str; 20] = [
    "EventId",
    "Time",
    "TimeMilliseconds",
    "TimeFiletime",
    "Clock",
    "TimeKind",
    "HostId",
    "HostName",
    "Code",
    "Event",
    "Certainty",
    "HivePath",
    "KeyPath",
    "ValueName",
    "Origin",
    "SourceSha256",
    "Offset",
    "EvidenceId",
    "FactIds",
    "TokenIds",
];

/// Writes one row for each event.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let index = ReportIndex::new(report);
    let mut table = Table::new(out, &COLUMNS)?;
    for event in &report.events {
        table.row(row(event, &index))?;
    }
    table.finish()
}

fn row(event: &Event, index: &ReportIndex<'_>) -> Row {
    let fact = event.facts.iter().find_map(|id| index.fact(id));
    let source = fact.and_then(|fact| index.source(&fact.source));
    let place = fact.map(|fact| &fact.provenance);
    let kind = event.time.map(|_| kind_of_time(event.code));
    let mut row = Row::default();
    row.text(&event.id)
        .time(event.time)
        .text(event.clock.to_string())
        .text(kind.unwrap_or("no time"))
        .text(&event.host)
        .some(index.host(&event.host).map(name_of))
        .text(event.code.as_str())
        .text(&event.meaning)
        .text(event.certainty.to_string())
        .some(source.map(|source| &source.path))
        .some(place.map(|place| &place.key_path))
        .some(place.and_then(|place| place.value_name.as_ref()))
        .some(place.map(|place| place.origin.as_str()))
        .some(source.and_then(|source| source.sha256.as_ref()))
        .some(place.and_then(ProvenanceReport::position))
        .some(fact.map(|fact| &fact.evidence_id))
        .list(&event.facts)
        .list(&event.tokens);
    row
}
