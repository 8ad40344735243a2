// SPDX-License-Identifier: GPL-3.0-or-later
//! Events in order of time, each with its clock and with links to its facts.

use maud::{Markup, html};

use crate::output::html::page::Page;

/// Returns the table of events.
pub(super) fn table(page: &Page<'_>) -> Markup {
    let events = &page.report.events;
    html! {
        @if events.is_empty() { p { "No event." } } @else {
            div.wide tabindex="0" role="region" aria-label="Events" {
                table.grid data-filter="events" {
                    caption { "Events in order of time" }
                    thead { tr {
                        @for head in ["Event", "Time", "Clock of", "Host", "What", "Certainty", "From"] {
                            th scope="col" { (head) }
                        }
                    } }
                    tbody { @for event in events { tr id=(event.id) {
                        td { (event.id) }
                        td { @match event.time {
                            Some(time) => (page.exact(time)),
                            None => "not dated",
                        } }
                        td { (event.clock) }
                        td { (page.host_links([&event.host])) }
                        td { (page.linked(&event.meaning)) }
                        td { (event.certainty) }
                        td { (page.ids(event.tokens.iter().chain(&event.facts))) }
                    } } }
                }
            }
        }
    }
}
