// SPDX-License-Identifier: GPL-3.0-or-later
//! A report for people: what is set and where, what is not and where it was searched, what cannot be
//! known, and what was read.

use std::io::{self, Write};

use calhive::licensing::State;
use calhive::licensing::report::{FactReport, FaultReport, Host, Report, SourceReport};

use crate::messages::count;
use crate::output::{escape, table};

/// Faults of a source that are shown.
const FIRST_FAULTS: usize = 3;

/// Writes it. `not_read` names the inputs that are not in the report, `summary` tells how many files
/// were found of each kind.
pub(crate) fn write(
    out: &mut dyn Write,
    report: &Report,
    not_read: &[String],
    summary: &str,
) -> io::Result<()> {
    for host in &report.hosts {
        write_host(out, report, host)?;
    }
    if report.hosts.is_empty() {
        writeln!(
            out,
            "No SYSTEM and no SOFTWARE hive was read: licensing facts stand in those.\n"
        )?;
    }
    writeln!(out, "What this report cannot show")?;
    for limitation in &report.limitations {
        writeln!(out, "- {limitation}")?;
    }
    writeln!(out, "\nHives")?;
    report.sources.iter().try_for_each(|source| write_source(out, source))?;
    for source in report.sources.iter().filter(|source| source.unread.total > 0) {
        let faults = count(source.unread.total, "fault");
        writeln!(out, "\nNot read whole: {} ({faults})", source.path)?;
        write_faults(out, &source.unread)?;
    }
    if !not_read.is_empty() {
        writeln!(out, "\nNot read")?;
        not_read.iter().try_for_each(|input| writeln!(out, "- {}", escape::message(input)))?;
    }
    writeln!(out, "\n{summary}")
}

fn write_host(out: &mut dyn Write, report: &Report, host: &Host) -> io::Result<()> {
    let is_ours = |id: &String| host.sources.contains(id);
    let sources: Vec<&SourceReport> =
        report.sources.iter().filter(|source| is_ours(&source.id)).collect();
    let facts: Vec<&FactReport> =
        report.facts.iter().filter(|fact| is_ours(&fact.source)).collect();
    writeln!(out, "{}", host.id)?;
    for source in &sources {
        writeln!(out, "  {}: {} ({})", source.kind, source.path, source.id)?;
    }
    for unknown in &host.unknown {
        writeln!(out, "  Unknown: {unknown}")?;
    }
    writeln!(out)?;
    let found: Vec<&FactReport> =
        facts.iter().copied().filter(|fact| fact.state.is_found()).collect();
    if !found.is_empty() {
        table::write_tall(
            out,
            ["What", "Value", "Where"],
            found.iter().map(|fact| fact_row(fact)),
        )?;
        writeln!(out)?;
    }
    write_missing(out, &facts)
}

/// What it is, what it says and means, and where it stands.
fn fact_row(fact: &FactReport) -> [String; 3] {
    let place = &fact.provenance;
    let mut value = fact.shown.clone().unwrap_or_else(|| match &fact.data {
        Some(data) => format!("{} bytes; their hex stands in the JSON report", data.size),
        None => String::new(),
    });
    if let Some(label) = &fact.label {
        value = format!("{value}\n{label}");
    }
    if fact.state == State::Incomplete {
        value.push_str("\nNot all of its data could be read.");
    }
    let offset = place.value_offset.or(place.key_offset).unwrap_or_default();
    let written = place.key_last_written.as_deref().unwrap_or("unknown");
    let place = place_of(fact);
    let place = format!("{place}\n{} at {offset:#x}, key last written {written}", fact.source);
    [fact.title.clone(), value, place]
}

/// What is not set, each with all places that were searched.
fn write_missing(out: &mut dyn Write, facts: &[&FactReport]) -> io::Result<()> {
    let missing = || facts.iter().filter(|fact| !fact.state.is_found());
    let mut seen: Vec<&str> = Vec::new();
    for fact in missing() {
        if seen.contains(&fact.code.as_str()) {
            continue;
        }
        seen.push(&fact.code);
        let elsewhere = facts.iter().any(|other| other.code == fact.code && other.state.is_found());
        let only = if elsewhere { "elsewhere not set" } else { "not set" };
        writeln!(out, "{}: {only}, searched in", fact.title)?;
        for place in missing().filter(|other| other.code == fact.code) {
            writeln!(out, "  {} {} ({})", place.source, place_of(place), why(place.state))?;
        }
    }
    writeln!(out)
}

const fn why(state: State) -> &'static str {
    match state {
        State::NotInKey => "the key is there, without it",
        State::NotSet => "no such key",
        State::NotReadable => "not found, and not all could be read",
        _ => "found",
    }
}

/// Key and value, with what the control set is for.
fn place_of(fact: &FactReport) -> String {
    let place = &fact.provenance;
    let mut shown = place.key_path.clone();
    if let Some(name) = &place.value_name {
        let name = if name.is_empty() { "@" } else { name };
        shown = format!("{shown}, value {name}");
    }
    if let Some(set) = place.control_set.as_ref().filter(|set| !set.roles.is_empty()) {
        let roles: Vec<String> = set.roles.iter().map(ToString::to_string).collect();
        shown = format!("{shown} [{}]", roles.join(", "));
    }
    shown
}

fn write_source(out: &mut dyn Write, source: &SourceReport) -> io::Result<()> {
    let (primary, secondary) = source.sequence;
    let state = if source.is_dirty {
        "dirty (the newest changes may stand in its transaction logs only)"
    } else {
        "clean"
    };
    writeln!(out, "{}: {}", source.id, source.path)?;
    writeln!(
        out,
        "  {}, version {}, {} bytes, {}, {}",
        source.kind,
        source.version,
        source.size,
        count(source.counts.keys, "key"),
        count(source.counts.values, "value"),
    )?;
    writeln!(out, "  {state}, sequence numbers {primary} and {secondary}")?;
    writeln!(out, "  SHA-256 {}", source.sha256.as_deref().unwrap_or("not taken"))
}

fn write_faults(out: &mut dyn Write, faults: &FaultReport) -> io::Result<()> {
    for fault in faults.first.iter().take(FIRST_FAULTS) {
        writeln!(out, "- {}, at file offset {:#x}", fault.message, fault.offset)?;
    }
    let more = faults.total.saturating_sub(FIRST_FAULTS as u64);
    if more > 0 {
        writeln!(out, "- and {more} more")?;
    }
    Ok(())
}
