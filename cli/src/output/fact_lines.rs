// SPDX-License-Identifier: GPL-3.0-or-later
//! The facts of a report, one JSON object a line.
//!
//! # Format
//!
//! Each line is flat: the fact as it stands in the report's `facts`, the fields of its `data`,
//! `provenance`, `second_reader` and the owner of its `permissions` beside the others, with `host`, `source_path` and `source_sha256` so that a line
//! stands for itself. `log`, `log_sequence` and `log_offset` are of the first entry in its `from_logs`. Places that were searched in vain are lines too, see `state`.

use std::io::{self, Write};

use calhive::licensing::report::{FactReport, Host, Report, SourceReport};
use serde::Serialize;

use crate::output::json;

/// A fact with its source and place.
#[derive(Serialize)]
struct FactLine<'r> {
    id: &'r str,
    host: Option<&'r str>,
    source: &'r str,
    source_path: Option<&'r str>,
    source_sha256: Option<&'r str>,
    code: &'r str,
    title: &'r str,
    state: calhive::licensing::State,
    shown: Option<&'r str>,
    label: Option<&'r str>,
    certainty: Option<calhive::licensing::report::Certainty>,
    data_size: Option<u64>,
    data_sha256: Option<&'r str>,
    data_hex: Option<&'r str>,
    control_set: Option<u32>,
    control_set_roles: Option<&'r [calhive::registry::Role]>,
    redirected: bool,
    key_path: &'r str,
    key_offset: Option<u64>,
    key_last_written: Option<&'r str>,
    key_last_written_filetime: Option<u64>,
    value_name: Option<&'r str>,
    value_type: Option<&'r str>,
    value_offset: Option<u64>,
    origin: calhive::licensing::Origin,
    hidden_by: Option<&'r str>,
    hidden_by_offset: Option<u64>,
    hidden_weight: Option<calhive::hive::hidden::Weight>,
    recovered_from: Option<calhive::recover::Origin>,
    recovered_before_replay: Option<bool>,
    confidence: Option<calhive::recover::Level>,
    confidence_why: Option<&'r str>,
    path_is_whole: Option<bool>,
    previous_version_of: Option<u64>,
    log: Option<&'r str>,
    log_sequence: Option<u32>,
    log_offset: Option<u64>,
    owner: Option<&'r str>,
    second_reader: Option<calhive::licensing::report::Agreement>,
    second_reader_why: Option<&'r str>,
    reference: &'r str,
}

/// Writes them all.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    report.facts.iter().try_for_each(|fact| {
        let source = report.sources.iter().find(|source| source.id == fact.source);
        let host = report.hosts.iter().find(|host| host.sources.contains(&fact.source));
        json::write_line(out, &line(fact, source, host))
    })
}

fn line<'r>(
    fact: &'r FactReport,
    source: Option<&'r SourceReport>,
    host: Option<&'r Host>,
) -> FactLine<'r> {
    let place = &fact.provenance;
    let (set, entry) = (place.control_set.as_ref(), place.from_logs.first());
    let (hidden, recovered) = (place.hidden.as_ref(), place.recovered.as_ref());
    FactLine {
        id: &fact.id,
        host: host.map(|host| host.id.as_str()),
        source: &fact.source,
        source_path: source.map(|source| source.path.as_str()),
        source_sha256: source.and_then(|source| source.sha256.as_deref()),
        code: &fact.code,
        title: &fact.title,
        state: fact.state,
        shown: fact.shown.as_deref(),
        label: fact.label.as_deref(),
        certainty: fact.certainty,
        data_size: fact.data.as_ref().map(|data| data.size),
        data_sha256: fact.data.as_ref().map(|data| data.sha256.as_str()),
        data_hex: fact.data.as_ref().and_then(|data| data.hex.as_deref()),
        control_set: set.map(|set| set.number),
        control_set_roles: set.map(|set| set.roles.as_slice()),
        redirected: place.redirected,
        key_path: &place.key_path,
        key_offset: place.key_offset,
        key_last_written: place.key_last_written.as_deref(),
        key_last_written_filetime: place.key_last_written_filetime,
        value_name: place.value_name.as_deref(),
        value_type: place.value_type.as_deref(),
        value_offset: place.value_offset,
        origin: place.origin,
        hidden_by: hidden.map(|hidden| hidden.field.as_str()),
        hidden_by_offset: hidden.map(|hidden| hidden.offset),
        hidden_weight: hidden.map(|hidden| hidden.weight),
        recovered_from: recovered.map(|it| it.place),
        recovered_before_replay: recovered.map(|it| it.is_before_replay),
        confidence: recovered.map(|it| it.confidence),
        confidence_why: recovered.map(|it| it.why.as_str()),
        path_is_whole: recovered.map(|it| it.path_is_whole),
        previous_version_of: recovered.and_then(|it| it.previous_version_of),
        log: entry.map(|entry| entry.log.as_str()),
        log_sequence: entry.map(|entry| entry.sequence),
        log_offset: entry.map(|entry| entry.log_offset),
        owner: fact.permissions.as_ref().and_then(|it| it.owner.as_deref()),
        second_reader: fact.second_reader.as_ref().map(|second| second.state),
        second_reader_why: fact.second_reader.as_ref().and_then(|second| second.why.as_deref()),
        reference: &fact.reference,
    }
}
