// SPDX-License-Identifier: GPL-3.0-or-later
//! Findings as sentences, each with links to its facts and with its page.

use core::cmp::Reverse;
use core::fmt::Display;

use calhive::report::Finding;
use maud::{Markup, html};

use crate::output::html::page::Page;
use crate::output::html::prose::text;

/// Returns the findings, by severity.
pub(super) fn cards(page: &Page<'_>) -> Markup {
    let mut findings: Vec<&Finding> = page.report.findings.iter().collect();
    findings.sort_by_key(|finding| Reverse(finding.severity));
    html! {
        @if findings.is_empty() { p { "No finding." } }
        @for finding in findings { (card(page, finding)) }
    }
}

fn card(page: &Page<'_>, finding: &Finding) -> Markup {
    html! {
        article.finding id=(finding.id) {
            h3 {
                span class={ "severity " (finding.severity) } { (finding.severity) } " "
                (text(&finding.title)) " " code { (finding.code) }
            }
            p { (page.linked(&finding.statement)) }
            p.muted {
                (finding.id) ", " (finding.certainty) ", " (page.host_links(&finding.hosts))
                @if !finding.facts.is_empty() || !finding.tokens.is_empty() { "; from " }
                (page.ids(finding.tokens.iter().chain(&finding.facts)))
            }
            details {
                summary { "What it shows, what it does not show, innocent explanations" }
                dl {
                    dt { "Observed" } dd { (items(page, &finding.observed)) }
                    dt { "Shows" } dd { (page.linked(&finding.shows)) }
                    dt { "Does not show" } dd { (page.linked(&finding.does_not_show)) }
                    dt { "Innocent explanations" } dd { (items(page, &finding.innocent_explanations)) }
                    dt { "Validated on" } dd { (page.linked(&finding.validated_on)) }
                    dt { "To reproduce" } dd { (page.linked(&finding.reproduce)) }
                    dt { "Source" } dd { (page.linked(&finding.reference)) }
                }
            }
        }
    }
}

fn items<T: Display>(page: &Page<'_>, items: &[T]) -> Markup {
    html! { ul { @for item in items { li { (page.linked(item)) } } } }
}
