// SPDX-License-Identifier: GPL-3.0-or-later
//! States of installations, and what differs between consecutive states.

use calhive::report::{ComparedValue, HiveState, Installation, StateChange};
use maud::{Markup, html};

use crate::output::copies_table::token_in_words;
use crate::output::diff_table::of_place;
use crate::output::html::page::Page;
use crate::output::html::prose::{parts, text};

/// Returns two tables for each installation: its states, and their differences.
pub(super) fn tables(page: &Page<'_>) -> Markup {
    html! { @for installation in &page.report.copies { (tables_of(page, installation)) } }
}

fn tables_of(page: &Page<'_>, installation: &Installation) -> Markup {
    let Installation { id, states, changes, not_grouped } = installation;
    html! {
        article id=(id) {
            h3 { (text(id)) ": states in order of time" }
            div.wide tabindex="0" role="region" aria-label={ "States of " (text(id)) } { table.grid {
                caption { "States of one installation" }
                thead { tr { @for head in ["State", "Kind", "Host", "Time", "Content", "Hives"] {
                    th scope="col" { (head) }
                } } }
                tbody { @for state in states { (of_state(page, state)) } }
            } }
            @if changes.is_empty() {
                p { "No difference in licenses, hardware IDs and settings in effect." }
            } @else {
                div.wide tabindex="0" role="region" aria-label={ "Differences of " (text(id)) } { table.grid {
                    caption { "Differences between consecutive states" }
                    thead { tr { @for head in ["States", "Change", "What", "First state", "Second state"] {
                        th scope="col" { (head) }
                    } } }
                    tbody { @for change in changes { (of_change(page, change)) } }
                } }
            }
            @for other in not_grouped { p { (page.linked(&other.statement)) "." } }
        }
    }
}

fn of_state(page: &Page<'_>, state: &HiveState) -> Markup {
    let tokens = state.tokens.iter().map(|token| format!("license {}", token_in_words(token)));
    let ids = state.hardware_ids.iter().map(|id| format!("hardware ID {}", id.text));
    let mode = state.licensing_mode.iter().map(|mode| format!("licensing mode {}", mode.text));
    let servers = state.license_servers.iter().map(|it| format!("license servers {}", it.text));
    html! { tr id=(state.id) {
        td { (text(&state.id)) }
        td {
            (text(&state.place))
            @if let Some(same) = &state.same_bytes_as { ", the same bytes as " (page.linked(same)) }
        }
        td { (page.host_links([&state.host])) }
        td {
            @if let Some(time) = state.time { (page.linked(time)) ", " }
            (state.time_basis)
        }
        td { @for line in tokens.chain(ids).chain(mode).chain(servers) { div { (page.linked(line)) } } }
        td.path { @for path in &state.paths { div { (parts(path)) } } }
    } }
}

fn of_change(page: &Page<'_>, change: &StateChange) -> Markup {
    html! { tr {
        td { (page.linked(&change.from)) " to " (page.linked(&change.to)) }
        td { (change.kind) }
        td { (change.subject) ", " (text(&change.title)) ": " (page.linked(&change.statement)) }
        td { (value(page, change.before.as_ref())) }
        td { (value(page, change.after.as_ref()))
            @for doubt in &change.doubts { div { "not determinable: " (page.linked(doubt)) } }
        }
    } }
}

fn value(page: &Page<'_>, value: Option<&ComparedValue>) -> Markup {
    html! {
        @if let Some(value) = value {
            (page.linked(&value.text))
            @for place in &value.places { div.path { (parts(of_place(place))) } }
        }
    }
}
