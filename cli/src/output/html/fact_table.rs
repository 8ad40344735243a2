// SPDX-License-Identifier: GPL-3.0-or-later
//! Every fact with its place, offset, hash and origin.

use calhive::fact::{Origin, State};
use calhive::report::{Agreement, FactReport, ProvenanceReport};
use maud::{Markup, html};

use crate::messages::count;
use crate::origins;
use crate::output::html::page::{Page, host_name};
use crate::output::html::prose::{parts, text};

/// Heads of the columns.
const HEADS: [&str; 8] =
    ["Fact", "Host", "What", "Value", "Place", "Offset", "Key last written", "Origin"];

/// Returns the table of found facts.
pub(super) fn found(page: &Page<'_>) -> Markup {
    let facts: Vec<&FactReport> =
        page.report.facts.iter().filter(|fact| fact.state.is_found()).collect();
    html! {
        div.wide tabindex="0" role="region" aria-label="Facts" {
            table.grid data-filter="facts" {
                caption {
                    (count(facts.len() as u64, "fact")) ". An offset is in bytes from the start of the file; "
                    "for replayed facts, of the hive after replay."
                }
                thead { tr { @for head in HEADS { th scope="col" { (head) } } } }
                tbody { @for fact in facts { (row(page, fact)) } }
            }
        }
    }
}

fn row(page: &Page<'_>, fact: &FactReport) -> Markup {
    let place = &fact.provenance;
    let host = page.host_of(&fact.source);
    html! {
        tr id=(fact.id) {
            td { (fact.id) }
            td { @if let Some(host) = host { (page.host_link(host)) } }
            td { (text(&fact.title)) br; code { (parts(fact.code)) } }
            td.value { (value(page, fact)) }
            td.path { (path(place)) br; span.muted { (page.linked(&fact.source)) } }
            td { @if let Some(position) = place.position() { (position) } }
            td { @if let Some(time) = place.key_last_written { (page.exact(time)) } }
            td { (origin(fact)) }
        }
    }
}

fn value(page: &Page<'_>, fact: &FactReport) -> Markup {
    let shown = fact.shown.as_ref().map(text).filter(|shown| !shown.is_empty());
    html! {
        @if let Some(shown) = shown { span.data { (shown) } br; }
        @if let Some(label) = &fact.label {
            (page.linked(label))
            @if let Some(certainty) = fact.certainty { " (" (certainty) ")" }
            br;
        }
        @if let Some(data) = &fact.data {
            span.muted {
                (count(data.size, "byte"))
                @if let Some(value_type) = &fact.provenance.value_type { ", " (text(value_type)) }
                ", SHA-256 " span.hash { (data.sha256) }
            }
        }
        @if let Some(lost) = &fact.lost {
            br; strong.warning { "Not whole: " (text(&lost.message)) (format!(", at {:#x}", lost.offset)) }
        }
    }
}

/// Returns the key path and the value name, with the roles of the control set.
fn path(place: &ProvenanceReport) -> Markup {
    html! {
        @if place.origin == Origin::LicenseFile { "license file, not in a registry" }
        (parts(&place.key_path))
        @if let Some(name) = &place.value_name {
            ", value " b { @if name.is_empty() { "@" } @else { (text(name)) } }
        }
        @if let Some(set) = place.control_set.as_ref().filter(|set| !set.roles.is_empty()) {
            span.muted { " [" (set.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")) "]" }
        }
    }
}

fn origin(fact: &FactReport) -> Markup {
    let place = &fact.provenance;
    html! {
        b { (origin_word(place.origin)) }
        @if let Some(hidden) = &place.hidden { br; (text(&hidden.statement)) }
        @if let Some(remains) = &place.recovered {
            br; (remains.place)
            @if let Some(at) = remains.data_offset { (format!(", data at {at:#x}")) }
            "; confidence " (text(&remains.why))
            @if let Some(changed) = &remains.changed {
                "; previous version, differs in " (text(changed))
            }
        }
        @for entry in &place.from_logs { br; "from " (text(origins::words(entry))) }
        @if let Some(second) = &fact.second_reader {
            br;
            @match second.state {
                Agreement::Agreed => span.muted { "second reader agrees" },
                Agreement::Differs => strong.warning { "second reader differs: " (text(second.why.as_deref().unwrap_or_default())) },
                Agreement::NotReadable => span.muted { "second reader: not readable: " (text(second.why.as_deref().unwrap_or_default())) },
            }
        }
    }
}

const fn origin_word(origin: Origin) -> &'static str {
    match origin {
        Origin::Live => "live",
        Origin::Replayed => "replayed",
        Origin::Hidden => "hidden",
        Origin::Recovered => "recovered",
        Origin::RegExport => "text export",
        Origin::LiveRow => "live row",
        Origin::LicenseFile => "license file",
        _ => "carved",
    }
}

/// Returns the places that were searched without a result, grouped by hive.
pub(super) fn absent(page: &Page<'_>) -> Markup {
    let absent: Vec<&FactReport> =
        page.report.facts.iter().filter(|fact| !fact.state.is_found()).collect();
    html! {
        @if absent.is_empty() { p { "None." } }
        @for group in absent.chunk_by(|one, other| one.source == other.source) {
            details {
                summary { (hive(page, group)) ": " (count(group.len() as u64, "place")) }
                ul.absent { @for fact in group { (place(fact)) } }
            }
        }
    }
}

/// Returns the name of the hive that the facts of a group are from.
fn hive(page: &Page<'_>, group: &[&FactReport]) -> String {
    let source = group.first().and_then(|fact| page.source(&fact.source));
    let Some(source) = source else { return String::new() };
    let host = page.host_of(&source.id).map(|host| format!(" of {}", text(host_name(host))));
    format!("{} {}{}", source.id, source.kind, host.unwrap_or_default())
}

fn place(fact: &FactReport) -> Markup {
    html! {
        li id=(fact.id) {
            (fact.id) " " (text(&fact.title)) ": " span.path { (path(&fact.provenance)) }
            @match fact.state {
                State::NotInKey => " (key exists, value missing)",
                State::NotReadable => strong.warning { " (not found; not everything could be read)" },
                _ => "",
            }
        }
    }
}
