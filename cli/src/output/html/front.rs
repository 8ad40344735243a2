// SPDX-License-Identifier: GPL-3.0-or-later
//! The front page: case, exhibit, program, report id, and the state of all hives with their hashes.

use calhive::report::{Run, Severity, SourceReport};
use maud::{Markup, html};

use crate::messages::count;
use crate::output::html::page::Page;
use crate::output::html::prose::{parts, text};
use crate::text::number::grouped;

/// Maximum number of hives in a table that is open at first.
const OPEN: usize = 12;

/// Returns the front page, with links to the parts.
pub(super) fn page(page: &Page<'_>, parts: &[(&str, &str)]) -> Markup {
    html! {
        header {
            h1 { "Remote Desktop licensing report" }
            (case(page))
            details.hives open[page.report.sources.len() <= OPEN] {
                summary { "Hives with their hashes (" (page.report.sources.len()) ")" }
                (hives(page))
            }
            nav aria-label="Parts of the report" {
                @for (id, name) in parts { a href={ "#" (id) } { (name) } " " }
            }
        }
        (patterns())
    }
}

fn case(page: &Page<'_>) -> Markup {
    let given = |value: &Option<String>| text(value.as_deref().unwrap_or("not given"));
    let case = page.cover.case;
    let report = page.report;
    html! {
        dl.case {
            dt { "Case" } dd { (given(&case.case)) }
            dt { "Exhibit" } dd { (given(&case.evidence_id)) }
            dt { "Examiner" } dd { (given(&case.examiner)) }
            dt { "Program" } dd { (page.tool()) @if let Some(run) = &report.run { ", commit " (text(&run.commit)) } }
            @if let Some(run) = &report.run { (command(run)) }
            dt { "Report id" } dd { code.report-id { (page.id) } " (SHA-256 of the JSON report in this file)" }
            dt { "Input" } dd { (text(page.cover.summary)) "; " (count(report.hosts.len() as u64, "host")) }
            @if !report.not_read.is_empty() {
                dt { "Incomplete" }
                dd {
                    strong.warning { (count(report.not_read.len() as u64, "input")) }
                    " not read, or not as one state: " a href="#gaps" { "Warnings and unread inputs" }
                }
            }
            dt { "Findings" } dd { (findings(page)) }
            dt { "Second reader" } dd { (second_reader(page)) }
            dt { "Times" } dd { (times(page)) }
        }
    }
}

/// Returns the command line, and the files and folders that were searched.
fn command(run: &Run) -> Markup {
    let words = run.arguments.iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(" ");
    html! {
        dt { "Command" } dd { code { (run.program) " " (words) } }
        @for root in &run.evidence_roots {
            dt { "Evidence" }
            dd.path { (parts(root.absolute_path.as_ref().unwrap_or(&root.path))) }
        }
    }
}

/// Returns an argument as a shell reads it.
fn quoted(argument: &str) -> String {
    let argument = text(argument);
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@%+".contains(letter);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument;
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

fn findings(page: &Page<'_>) -> String {
    let of =
        |severity| page.report.findings.iter().filter(move |it| it.severity == severity).count();
    let severities = [Severity::Attention, Severity::Notice, Severity::Info];
    severities.map(|severity| format!("{} {severity}", of(severity))).join(", ")
}

fn times(page: &Page<'_>) -> String {
    let local = match page.cover.time_zone.and_then(|zone| zone.iana_name()) {
        Some(name) => format!(" Local times of {name} are in parentheses."),
        None => String::new(),
    };
    format!(
        "UTC. Times of licenses are by the license server's clock, others by the machine's clock.{local}"
    )
}

fn second_reader(page: &Page<'_>) -> String {
    let all = page.report.sources.iter().filter_map(|source| source.second_reader.as_ref());
    let mut total = [0_u64; 4];
    for one in all {
        let counts = [one.agreed, one.differs, one.not_readable, one.not_covered];
        total.iter_mut().zip(counts).for_each(|(sum, count)| *sum = sum.saturating_add(count));
    }
    if total == [0; 4] {
        return String::from("not used");
    }
    let [agreed, differs, not_readable, not_covered] = total.map(grouped);
    format!(
        "{agreed} agree, {differs} differ, {not_readable} not readable, {not_covered} not covered \
         (name, type and data only)"
    )
}

fn hives(page: &Page<'_>) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Hives with their hashes" {
            table {
                thead { tr {
                    @for head in ["Hive", "Host", "Path", "SHA-256", "State", "Second reader"] {
                        th scope="col" { (head) }
                    }
                } }
                tbody { @for source in &page.report.sources { tr {
                    td { (page.linked(&source.id)) " " (source.kind) }
                    td { @if let Some(host) = page.host_of(&source.id) { (page.host_link(host)) } }
                    td.path { (parts(&source.path)) }
                    td.hash { (source.sha256.as_deref().unwrap_or("not taken")) }
                    td { (state(source)) }
                    td { (reader(source)) }
                } } }
            }
        }
    }
}

/// Returns whether the hive is whole, clean and replayed, in words.
pub(super) fn state(source: &SourceReport) -> String {
    let whole = if source.unread.total > 0 { "NOT WHOLE" } else { "whole" };
    let clean = match source.is_dirty {
        Some(true) => "dirty",
        Some(false) => "clean",
        None => "no base block",
    };
    let replay = source.replay.as_ref().map(|replay| format!("; {}", text(&replay.statement)));
    format!("{whole}, {clean}{}", replay.unwrap_or_else(|| String::from("; no replay requested")))
}

/// Returns the result of the second reader for a hive.
pub(super) fn reader(source: &SourceReport) -> String {
    match &source.second_reader {
        None => String::from("not used"),
        Some(second) => match &second.refused {
            Some(why) => format!("{}: does not open it: {}", second.reader, text(why)),
            None => format!(
                "{}: {} agree, {} differ, {} not readable, {} not covered",
                second.reader,
                second.agreed,
                second.differs,
                second.not_readable,
                second.not_covered
            ),
        },
    }
}

/// Returns the pattern of everything that was recovered.
fn patterns() -> Markup {
    html! {
        svg.patterns width="0" height="0" aria-hidden="true" {
            defs {
                pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)" {
                    line.stroke x1="0" y1="0" x2="0" y2="5" {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argument_is_quoted_if_a_shell_would_split_or_change_it() {
        assert_eq!(quoted("--format=html"), "--format=html");
        assert_eq!(quoted("/evidence/HDD 3"), "'/evidence/HDD 3'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
