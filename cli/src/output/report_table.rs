// SPDX-License-Identifier: GPL-3.0-or-later
//! The report as text for people, in this order:
//!
//! - relations between hosts, if there are several
//! - for each host: answers, then findings, then the facts behind them
//! - copies of the hives of one installation
//! - tokens, timeline, and findings in full
//! - limits of the report
//! - hives and logs, with the result of the second reader
//! - incomplete and unread inputs

use std::io::{self, Write};

use calhive::fact::Origin;
use calhive::report::{
    Agreement, ExportReport, FactReport, FaultReport, Finding, Host, LiveClientReport, Report,
    SourceFormReport, SourceReport, TokenKind, TokenReport,
};
use calhive_regf::log::Format;
use calhive_regf::log::report::LogReport;

use crate::args::ReportPart;
use crate::messages::count;
use crate::output::{
    copies_table, findings_table, graph_table, host_facts, host_table, timeline_table, token_table,
};
use crate::text::escape;

/// Maximum number of faults shown for one hive.
const FIRST_FAULTS: usize = 3;

/// Writes these parts of the report about these hosts.
pub(crate) fn write(
    out: &mut dyn Write,
    report: &Report,
    hosts: &[&Host],
    parts: &[ReportPart],
) -> io::Result<()> {
    let has = |part: ReportPart| part.is_in(parts);
    let is_wanted = |id: &str| hosts.iter().any(|host| host.id == id);
    let is_whole = hosts.len() == report.hosts.len();
    if has(ReportPart::Relations) && is_whole {
        graph_table::write(out, report)?;
    }
    for host in hosts {
        host_table::write(out, report, host, parts)?;
    }
    if has(ReportPart::Facts) && is_whole {
        write_facts_without_host(out, report)?;
    }
    if report.hosts.is_empty() {
        writeln!(
            out,
            "No SYSTEM and no SOFTWARE hive was read: only these hives have licensing facts.\n"
        )?;
    }
    if has(ReportPart::Copies) {
        copies_table::write(out, report, is_wanted)?;
    }
    if has(ReportPart::Tokens) {
        let is_of_hosts = |token: &&TokenReport| token.host.as_deref().is_none_or(is_wanted);
        let tokens = report.tokens.iter().filter(is_of_hosts);
        tokens.into_iter().try_for_each(|token| write_token(out, token))?;
    }
    if has(ReportPart::Timeline) {
        timeline_table::write(out, report.events.iter().filter(|event| is_wanted(&event.host)))?;
    }
    if has(ReportPart::Findings) {
        let is_of_hosts =
            |finding: &&Finding| is_whole || finding.hosts.iter().any(|id| is_wanted(id));
        findings_table::write(out, report.findings.iter().filter(is_of_hosts))?;
    }
    if has(ReportPart::Limits) {
        writeln!(out, "What this report cannot show")?;
        report.limitations.iter().try_for_each(|limitation| writeln!(out, "- {limitation}"))?;
        writeln!(out)?;
    }
    if has(ReportPart::Hives) {
        write_hives(out, report)?;
    }
    Ok(())
}

/// Writes the hidden and recovered facts of sources that belong to no host.
fn write_facts_without_host(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let is_of_host =
        |fact: &&FactReport| report.hosts.iter().any(|host| host.sources.contains(&fact.source));
    let others: Vec<&FactReport> = report.facts.iter().filter(|fact| !is_of_host(fact)).collect();
    host_facts::write_hidden(out, &others)?;
    host_facts::write_recovered(out, &others)
}

/// Writes the hives and logs, the result of the second reader, and the inputs that were not read whole.
fn write_hives(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(out, "Hives")?;
    report.sources.iter().try_for_each(|source| write_source(out, source))?;
    write_second_reader(out, report)?;
    for source in report.sources.iter().filter(|source| source.unread.total > 0) {
        let faults = count(source.unread.total, "fault");
        writeln!(out, "\nNot read whole: {} ({faults})", source.path)?;
        write_faults(out, &source.unread)?;
    }
    let not_read: Vec<_> = report.not_read.iter().filter(|input| input.kind.is_whole()).collect();
    if !not_read.is_empty() {
        writeln!(out, "\nNot read")?;
        not_read.iter().try_for_each(|input| writeln!(out, "- {input}"))?;
    }
    Ok(())
}

/// Writes a token in full, below a heading with its kind, host and facts.
fn write_token(out: &mut dyn Write, token: &TokenReport) -> io::Result<()> {
    let place = match token.kind {
        TokenKind::HostCertificate => "certificates",
        _ => "stored license",
    };
    let what = match token.kind_in_words() {
        Some(kind) => format!("{place} ({kind})"),
        None => place.to_owned(),
    };
    let host = token.host.as_deref().unwrap_or_default();
    let hidden = match token.origin {
        Some(Origin::Hidden) => ", outside the tree",
        Some(Origin::Recovered) => ", recovered, not in the tree",
        Some(Origin::Carved) => ", found by its byte pattern, outside the tree",
        Some(Origin::LicenseFile) => ", in a license file",
        _ => "",
    };
    let facts = token.facts.join(", ");
    let heading = format!("{}: {what} of {host}{hidden} ({facts})", token.id);
    token_table::write(out, &heading, token)?;
    writeln!(out)
}

fn write_source(out: &mut dyn Write, source: &SourceReport) -> io::Result<()> {
    writeln!(out, "{}: {}", source.id, source.path)?;
    source.copies.iter().try_for_each(|copy| writeln!(out, "  same content: {copy}"))?;
    match (source.form, &source.export) {
        (SourceFormReport::LicenseFile, _) => {
            writeln!(out, "  license file of a Remote Desktop client, {} bytes", source.size)?;
            return writeln!(out, "  SHA-256 {}", source.sha256.as_deref().unwrap_or("not taken"));
        }
        (SourceFormReport::UnallocatedSpace, _) => {
            writeln!(out, "  {} bytes in unallocated clusters; no key leads to them", source.size)?;
            return writeln!(out, "  SHA-256 {}", source.sha256.as_deref().unwrap_or("not taken"));
        }
        (_, Some(export)) => return write_export(out, source, export),
        _ => {}
    }
    write!(out, "  {}, version {}, {} bytes", source.kind, source.version, source.size)?;
    match source.counts {
        Some(counts) => {
            writeln!(out, ", {}, {}", count(counts.keys, "key"), count(counts.values, "value"))?;
        }
        None => writeln!(
            out,
            ", keys and values not counted: only the places of the catalog were read"
        )?,
    }
    if source.shift != 0 {
        writeln!(
            out,
            "  a part of a hive: offsets are those in the whole hive, {}",
            escape::shift(source.shift)
        )?;
    }
    for conflict in &source.kind_conflicts {
        writeln!(out, "  sign of another kind, {}: {}", conflict.kind, conflict.sign)?;
    }
    match (source.sequence, source.is_dirty) {
        (Some((primary, secondary)), Some(is_dirty)) => {
            let state = if is_dirty { "dirty" } else { "clean" };
            writeln!(out, "  {state}, sequence numbers {primary} and {secondary}")?;
        }
        _ => writeln!(
            out,
            "  no base block: the version is inferred, and nothing is known of its state"
        )?,
    }
    writeln!(out, "  SHA-256 {}", source.sha256.as_deref().unwrap_or("not taken"))?;
    if let Some(outside) = source.outside.filter(|it| it.contradictions > 0 || it.left_over > 0) {
        writeln!(
            out,
            "  outside the tree: {}, {} left over, {} without a known path (walk --hidden lists them)",
            count(outside.contradictions, "contradiction"),
            outside.left_over,
            outside.without_path
        )?;
    }
    if let Some(recovered) = source.recovered.filter(|it| it.keys > 0 || it.values > 0) {
        writeln!(
            out,
            "  recovered, not in the tree: {} and {}, {} without their whole path (recover lists them)",
            count(recovered.keys, "key"),
            count(recovered.values, "value"),
            recovered.without_path
        )?;
    }
    for log in source.replay.iter().flat_map(|replay| &replay.logs) {
        write_log(out, log)?;
    }
    let Some(second) = &source.second_reader else { return Ok(()) };
    match &second.refused {
        Some(error) => {
            writeln!(out, "  second reader ({}): does not open it: {error}", second.reader)
        }
        None => writeln!(
            out,
            "  second reader ({}): {} agreed, {} differ, {} not readable, {} not covered",
            second.reader, second.agreed, second.differs, second.not_readable, second.not_covered
        ),
    }
}

fn write_log(out: &mut dyn Write, log: &LogReport) -> io::Result<()> {
    let done = match (&log.refused, log.applied_sequence) {
        (Some(why), _) => format!("not applied: {why}"),
        (None, Some(_)) if log.format == Some(Format::Old) => String::from("applied"),
        (None, Some((first, last))) if first == last => format!("entry {first} applied"),
        (None, Some((first, last))) => format!("entries {first} to {last} applied"),
        (None, None) => String::from("nothing applied"),
    };
    let hash = log.sha256.as_deref().unwrap_or("not taken");
    writeln!(out, "  log {}, {} bytes, SHA-256 {hash}", log.path, log.size)?;
    writeln!(out, "    {}", escape::message(&done))?;
    match (&log.ended, log.ended_at) {
        (Some(why), Some(at)) if log.applied > 0 => {
            writeln!(out, "    its entries end at {at:#x}: {why}")
        }
        _ => Ok(()),
    }
}

/// Writes the totals of the second reader for all hives, and each fact that it did not confirm.
fn write_second_reader(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut total = [0_u64; 4];
    for second in report.sources.iter().filter_map(|source| source.second_reader.as_ref()) {
        let counts = [second.agreed, second.differs, second.not_readable, second.not_covered];
        total.iter_mut().zip(counts).for_each(|(sum, count)| *sum = sum.saturating_add(count));
    }
    let [agreed, differs, not_readable, not_covered] = total;
    if report.sources.iter().all(|source| source.second_reader.is_none()) {
        writeln!(out, "No second reader was asked.")?;
    }
    if total != [0; 4] {
        writeln!(
            out,
            "Second reader, all hives: {agreed} agreed, {differs} differ, {not_readable} not \
             readable, {not_covered} not covered"
        )?;
    }
    for fact in &report.facts {
        write_disagreement(out, fact)?;
    }
    Ok(())
}

fn write_disagreement(out: &mut dyn Write, fact: &FactReport) -> io::Result<()> {
    let Some(second) = fact.second_reader.as_ref() else { return Ok(()) };
    let what = match second.state {
        Agreement::Agreed => return Ok(()),
        Agreement::Differs => "differs",
        Agreement::NotReadable => "not readable for the second reader",
    };
    let why = escape::message(second.why.as_deref().unwrap_or_default());
    let place = host_facts::place(&fact.provenance);
    write!(out, "- {}: {what}: {why} ({} {place})", fact.title, fact.source)?;
    match (&second.value_type, second.data.as_ref().and_then(|data| data.hex.as_ref())) {
        (Some(value_type), Some(hex)) => writeln!(out, "; it reads {value_type}, {hex}"),
        _ => writeln!(out),
    }
}

/// Writes the system that rows of a live registry come from.
fn write_client(out: &mut dyn Write, client: &LiveClientReport) -> io::Result<()> {
    let name = client.host_name.as_ref().map_or("a client without a name", |name| name.as_str());
    let id = client.client_id.as_ref().map(|id| format!(" ({})", id.as_str())).unwrap_or_default();
    let place = if client.has_hives_on_disk { "hives on disk" } else { "the running registry" };
    let rows = count(client.rows, "row");
    writeln!(out, "  {rows} of {place} of {}{}", escape::message(name), escape::message(&id))?;
    match (client.first_collected, client.last_collected) {
        (Some(first), Some(last)) if first != last => {
            writeln!(out, "  collected from {first} to {last}, by the clock of the client")
        }
        (Some(time), _) => writeln!(out, "  collected {time}, by the clock of the client"),
        _ => Ok(()),
    }
}

/// Writes a text export, or rows of a live registry, with the lines that delete or repeat something.
fn write_export(
    out: &mut dyn Write,
    source: &SourceReport,
    export: &ExportReport,
) -> io::Result<()> {
    let (version, size) = (&source.version, source.size);
    let lines = count(export.lines, "line");
    match &source.live {
        Some(client) => write_client(out, client)?,
        None => writeln!(out, "  text export, version {version}, {size} bytes, {lines}")?,
    }
    for root in &export.roots {
        writeln!(out, "  {} at {}", root.kind, root.key_path)?;
    }
    if export.roots.is_empty() {
        writeln!(out, "  no key that calhive reads")?;
    }
    writeln!(out, "  SHA-256 {}", source.sha256.as_deref().unwrap_or("not taken"))?;
    for remark in &export.remarks {
        let what = match remark.repeats_line {
            Some(line) => format!("repeats line {line}"),
            None => String::from("asks the registry editor to delete"),
        };
        let value = remark.value_name.as_ref().map(|name| format!(", value {name}"));
        let place = format!("{}{}", remark.key_path, value.unwrap_or_default());
        writeln!(out, "  line {} {what}: {}", remark.line, escape::message(&place))?;
    }
    for fault in &export.faults {
        let column = fault.column.map(|column| format!(", column {column}")).unwrap_or_default();
        writeln!(out, "  line {}{column}: {}", fault.line, escape::message(&fault.message))?;
    }
    Ok(())
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
