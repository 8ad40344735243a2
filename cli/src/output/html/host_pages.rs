// SPDX-License-Identifier: GPL-3.0-or-later
//! The one screen of each host, then its answers in full.

use calhive::report::{Answer, Host};
use calhive_evidence::{Corroboration, Presence};
use maud::{Markup, html};

use crate::messages::count;
use crate::output::html::page::{Page, host_name};
use crate::output::html::prose::{parts, text};
use crate::screen::{self, Kind, Line, Row, Screen, Section};

/// Rows of a section that are never folded.
const ROWS: usize = 30;

/// The zone of a time, in the span after it.
const ZONE: &str = " UTC";

/// Returns the screen of the evidence, if it has several hosts, and the screen of each host.
pub(super) fn pages(page: &Page<'_>) -> Markup {
    let report = page.report;
    html! {
        @if report.hosts.len() > 1 {
            article.screen { (screen_table(page, None, &screen::evidence(report))) }
        }
        @for host in &report.hosts {
            article.screen id=(host.id) aria-label=(text(host_name(host))) {
                (screen_table(page, Some(host), &screen::host(report, host)))
                (answers(page, host))
            }
        }
        @if report.hosts.is_empty() {
            p { "No SYSTEM and no SOFTWARE hive was read. Licensing facts are in these hives." }
        }
    }
}

fn screen_table(page: &Page<'_>, host: Option<&Host>, screen: &Screen) -> Markup {
    html! {
        @for (index, title) in screen.title.iter().enumerate() {
            @if index == 0 { h3 { (line(page, host, title)) } }
            @else { p.title { (line(page, host, title)) } }
        }
        div.wide tabindex="0" role="region" aria-label={
            "Overview of " (text(host.map_or("the evidence", host_name)))
        } {
            @for section in &screen.sections { (block(page, host, section)) }
        }
        @for closing in &screen.closing { p.closing { (line(page, host, closing)) } }
    }
}

/// Returns a section as a table. Rows after the first [`ROWS`] are in a second table, folded on a screen.
fn block(page: &Page<'_>, host: Option<&Host>, section: &Section) -> Markup {
    let rows = section.rows.iter().map(|row| row.cells.len());
    let columns = rows.chain([section.head.len()]).max().unwrap_or(0).max(1);
    let (first, rest) =
        section.rows.split_at_checked(ROWS).unwrap_or((section.rows.as_slice(), &[]));
    let more = || count(rest.len() as u64, "more row");
    html! {
        table.overview { tbody {
            tr.head {
                th scope="rowgroup" { (text(&section.label)) }
                (cells(page, host, &section.head, columns))
            }
            @for one in first { (row(page, host, one, columns)) }
        } }
        @if !rest.is_empty() {
            details {
                summary { (more()) }
                table.overview { tbody { @for one in rest { (row(page, host, one, columns)) } } }
            }
        }
    }
}

/// Returns a row. Its last cell takes the rest of the columns.
fn row(page: &Page<'_>, host: Option<&Host>, row: &Row, columns: usize) -> Markup {
    html! { tr { (label(page, host, row)) (cells(page, host, &row.cells, columns)) } }
}

fn label(page: &Page<'_>, host: Option<&Host>, row: &Row) -> Markup {
    let class = if row.depth > 0 { "deep" } else { "item" };
    html! {
        @if row.label.is_empty() { td {} }
        @else { th class=(class) scope="row" { (line(page, host, &row.label)) } }
    }
}

fn cells(page: &Page<'_>, host: Option<&Host>, cells: &[Line], columns: usize) -> Markup {
    let last = cells.len().saturating_sub(1);
    let rest = columns.saturating_sub(last);
    html! {
        @for (index, cell) in cells.iter().enumerate() {
            td colspan=[(index == last && rest > 1).then_some(rest)] { (line(page, host, cell)) }
        }
        @if cells.is_empty() { td colspan=(columns) {} }
    }
}

/// Returns a line. A local time follows its UTC time, and the word UTC if the line has it.
fn line(page: &Page<'_>, host: Option<&Host>, line: &Line) -> Markup {
    let mut parts = Vec::new();
    let mut local = html! {};
    for span in &line.0 {
        let (zone, rest) = match span.text.strip_prefix(ZONE) {
            Some(rest) => (ZONE, rest),
            None => ("", span.text.as_str()),
        };
        parts.push(html! { (zone) (local) (one_span(page, host, span.kind, rest)) });
        local = match span.kind {
            Kind::Time => page.local_of_utc(rest),
            _ => html! {},
        };
    }
    html! { @for part in parts { (part) } (local) }
}

fn one_span(page: &Page<'_>, host: Option<&Host>, kind: Kind, shown: &str) -> Markup {
    let linked = page.linked(shown);
    html! {
        @match kind {
            Kind::Plain => (linked),
            Kind::Name => b { (linked) },
            Kind::Time => time { (text(shown)) },
            Kind::Path => span.path { (parts(shown)) },
            Kind::Severity(severity) => span class={ "severity " (severity) } { (text(shown)) },
            Kind::Code => (code(page, host, shown)),
            Kind::InEffect => strong { (linked) },
            Kind::Muted => span.muted { (linked) },
            Kind::Warning => strong.warning { (linked) },
        }
    }
}

/// Returns the code of a finding, with a link to the first finding of this code.
fn code(page: &Page<'_>, host: Option<&Host>, code: &str) -> Markup {
    let is_of_host = |hosts: &[String]| host.is_none_or(|host| hosts.contains(&host.id));
    let mut findings = page.report.findings.iter();
    let finding = findings.find(|it| it.code == code && is_of_host(&it.hosts));
    html! {
        @match finding {
            Some(finding) => a href={ "#" (finding.id) } { code { (text(code)) } },
            None => code { (text(code)) },
        }
    }
}

fn answers(page: &Page<'_>, host: &Host) -> Markup {
    html! {
        details {
            summary { "Answers in full, and further evidence" }
            @for answer in &host.answers { (one_answer(page, answer)) }
            p { b { "Reference time. " } (page.linked(&host.reference_time.statement)) "." }
            p { b { "Hives. " } (page.linked(&host.pairing_statement)) "." }
            @for unknown in &host.unknown { p { b { "Unknown. " } (page.linked(unknown)) } }
            (corroboration(&host.corroboration))
        }
    }
}

fn one_answer(page: &Page<'_>, answer: &Answer) -> Markup {
    html! {
        h4 { (text(&answer.question)) }
        p {
            (page.linked(&answer.shown)) " "
            span.muted { "(" (answer.certainty)
                @if !answer.facts.is_empty() || !answer.tokens.is_empty() { "; " }
                (page.ids(answer.tokens.iter().chain(&answer.facts))) ")" }
        }
        @if !answer.not_shown.is_empty() { p { "Not shown: " (page.linked(&answer.not_shown)) } }
        (list(page, "Other explanations", &answer.alternatives))
        (list(page, "Next evidence", &answer.next_evidence))
    }
}

fn list<T: core::fmt::Display>(page: &Page<'_>, label: &str, parts: &[T]) -> Markup {
    html! {
        @if !parts.is_empty() {
            p { (label) ":" }
            ul { @for part in parts { li { (page.linked(part)) } } }
        }
    }
}

fn corroboration(all: &[Corroboration]) -> Markup {
    html! {
        @if !all.is_empty() {
            h4 { "Evidence beside the hives (not read)" }
            ul { @for Corroboration { what, paths, state, .. } in all {
                li {
                    (text(what)) ": "
                    @match state {
                        Presence::Absent => "absent from what was searched",
                        state => (state),
                    }
                    @if !paths.is_empty() { " (" (text(paths.join(", "))) ")" }
                }
            } }
        }
    }
}
