// SPDX-License-Identifier: GPL-3.0-or-later
//! What was not read, what could not be read whole, and where the second reader reads something else.

use calhive::report::{Agreement, FactReport, FaultReport, SourceReport};
use maud::{Markup, html};

use crate::messages::count;
use crate::output::html::page::Page;
use crate::output::html::prose::{parts, text};

/// Returns the lists.
pub(super) fn lists(page: &Page<'_>) -> Markup {
    let report = page.report;
    let damaged = |faults: fn(&SourceReport) -> &FaultReport| {
        report.sources.iter().filter(move |source| faults(source).total > 0)
    };
    let unread: Vec<_> = damaged(|source| &source.unread).collect();
    let faulty: Vec<_> = damaged(|source| &source.faults).collect();
    let incomplete: Vec<_> =
        report.hosts.iter().flat_map(|host| &host.logs).filter(|logs| logs.is_incomplete).collect();
    let disputed: Vec<&FactReport> = report.facts.iter().filter(|fact| is_disputed(fact)).collect();
    let is_quiet = unread.is_empty() && faulty.is_empty() && incomplete.is_empty();
    html! {
        @if is_quiet && report.not_read.is_empty() && disputed.is_empty() {
            p { "Every input was read whole. The two readers do not differ." }
        }
        @if !report.not_read.is_empty() {
            h3 { "Not read, or not as one state" }
            ul { @for input in &report.not_read { li { (text(input)) } } }
        }
        @if !incomplete.is_empty() {
            h3 { "Hives without all of their logs" }
            ul { @for logs in incomplete { li { (page.linked(&logs.source)) ": " (page.linked(&logs.statement)) } } }
        }
        @if !unread.is_empty() {
            h3 { "Not read whole" }
            @for source in unread { (faults(page, source, &source.unread)) }
        }
        @if !faulty.is_empty() {
            h3 { "Faults that did not stop reading" }
            @for source in faulty { (faults(page, source, &source.faults)) }
        }
        @if !disputed.is_empty() {
            h3 { "Facts that the second reader does not confirm" }
            ul { @for fact in disputed { li { (page.linked(&fact.id)) " " (text(&fact.title)) } } }
        }
    }
}

/// Whether the second reader reads something else, or cannot read the fact.
fn is_disputed(fact: &FactReport) -> bool {
    fact.second_reader.as_ref().is_some_and(|second| second.state != Agreement::Agreed)
}

fn faults(page: &Page<'_>, source: &SourceReport, faults: &FaultReport) -> Markup {
    let more = faults.total.saturating_sub(faults.first.len() as u64);
    html! {
        p { (page.linked(&source.id)) " " span.path { (parts(&source.path)) } ": " (count(faults.total, "fault")) }
        ul {
            @for fault in &faults.first {
                li { (text(&fault.message)) (format!(", at file offset {:#x}", fault.offset)) }
            }
            @if more > 0 { li { "and " (more) " more" } }
        }
    }
}
