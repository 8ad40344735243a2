// SPDX-License-Identifier: GPL-3.0-or-later
//! Hives with their logs.

use calhive::report::SourceReport;
use calhive_regf::log::Format;
use calhive_regf::log::report::LogReport;
use maud::{Markup, html};

use crate::messages::count;
use crate::output::html::front;
use crate::output::html::page::Page;
use crate::output::html::prose::{parts, text};

/// Returns a card for each hive.
pub(super) fn cards(page: &Page<'_>) -> Markup {
    html! { @for source in &page.report.sources { (card(source)) } }
}

fn card(source: &SourceReport) -> Markup {
    let logs = source.replay.iter().flat_map(|replay| &replay.logs);
    html! {
        article.hive id=(source.id) {
            h3 { (source.id) " " (source.kind) ": " span.path { (parts(&source.path)) } }
            dl {
                @for copy in &source.copies { dt { "Same content" } dd.path { (parts(copy)) } }
                dt { "SHA-256" } dd { code { (source.sha256.as_deref().unwrap_or("not taken")) } }
                dt { "Size" } dd { (count(source.size, "byte")) ", format version " (text(&source.version)) }
                dt { "State" } dd { (front::state(source)) }
                @if let Some((primary, secondary)) = source.sequence {
                    dt { "Sequence numbers" } dd { (primary) " and " (secondary) }
                }
                @if let Some(counts) = source.counts {
                    dt { "Read" } dd { (count(counts.keys, "key")) ", " (count(counts.values, "value")) }
                }
                @if let Some(outside) = source.outside {
                    dt { "Outside the tree" }
                    dd { (count(outside.contradictions, "contradiction")) ", " (outside.left_over) " left over" }
                }
                @if let Some(recovered) = source.recovered {
                    dt { "Recovered" } dd { (count(recovered.keys, "key")) ", " (count(recovered.values, "value")) }
                }
                @for conflict in &source.kind_conflicts {
                    dt { "Sign of another kind" } dd { (conflict.kind) ": " (text(&conflict.sign)) }
                }
                dt { "Second reader" } dd { (front::reader(source)) }
                @for log in logs { dt { "Log" } dd { (one_log(log)) } }
            }
        }
    }
}

fn one_log(log: &LogReport) -> Markup {
    let done = match (&log.refused, log.applied_sequence) {
        (Some(why), _) => format!("not applied: {}", text(why)),
        (None, Some(_)) if log.format == Some(Format::Old) => String::from("applied"),
        (None, Some((first, last))) if first == last => format!("entry {first} applied"),
        (None, Some((first, last))) => format!("entries {first} to {last} applied"),
        (None, None) => String::from("nothing applied"),
    };
    html! {
        span.path { (parts(&log.path)) } ", " (count(log.size, "byte")) ", SHA-256 "
        code { (log.sha256.as_deref().unwrap_or("not taken")) } ": " (done)
        @if let (Some(why), Some(at)) = (&log.ended, log.ended_at) {
            @if log.applied > 0 { (format!("; its entries end at {at:#x}: {}", text(why))) }
        }
    }
}
