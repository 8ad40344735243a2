// SPDX-License-Identifier: GPL-3.0-or-later
//! States of installations and their differences (`copies.csv`).
//!
//! `Record` is `state` for a state of the hives of an installation, `change` for a difference between two states, and
//! `not grouped` for hives whose content contradicts the installation. A change has the ids of both states in
//! `StateId` and `LaterStateId`. If `Ordered` is `no`, the times do not show which state is the earlier one.

use std::io::{self, Write};

use calhive::report::{ComparedValue, HiveState, Installation, Report, StateChange};

use super::{Row, Table};
use crate::output::copies_table::token_in_words;
use crate::output::diff_table::of_place;

const COLUMNS: [&str; 23] = [
    "InstallationId",
    "Record",
    "StateId",
    "LaterStateId",
    "HostId",
    "Place",
    "SameBytesAs",
    "Time",
    "TimeMilliseconds",
    "TimeFiletime",
    "TimeBasis",
    "Tokens",
    "HardwareIds",
    "Mode",
    "Servers",
    "HivePaths",
    "Change",
    "Ordered",
    "Subject",
    "Title",
    "Before",
    "After",
    "Statement",
];

/// Writes one row for each state and each difference.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut table = Table::new(out, &COLUMNS)?;
    for installation in &report.copies {
        for state in &installation.states {
            table.row(of_state(installation, state))?;
        }
        for change in &installation.changes {
            table.row(of_change(installation, change))?;
        }
        for other in &installation.not_grouped {
            let mut row = Row::default();
            row.text(&installation.id).text("not grouped").text("").text("").text(&other.host);
            empty(&mut row, 17);
            row.text(&other.statement);
            table.row(row)?;
        }
    }
    table.finish()
}

fn of_state(installation: &Installation, state: &HiveState) -> Row {
    let mut row = Row::default();
    row.text(&installation.id)
        .text("state")
        .text(&state.id)
        .text("")
        .text(&state.host)
        .text(&state.place)
        .some(state.same_bytes_as.as_ref())
        .time(state.time)
        .text(state.time_basis.to_string())
        .list(state.tokens.iter().map(token_in_words))
        .list(state.hardware_ids.iter().map(|id| &id.text))
        .some(state.licensing_mode.as_ref().map(|mode| &mode.text))
        .some(state.license_servers.as_ref().map(|servers| &servers.text))
        .list(&state.paths);
    empty(&mut row, 7);
    row
}

fn of_change(installation: &Installation, change: &StateChange) -> Row {
    let mut row = Row::default();
    row.text(&installation.id).text("change").text(&change.from).text(&change.to);
    empty(&mut row, 12);
    let doubts = change.doubts.iter().map(|doubt| doubt.as_str());
    let statement: Vec<&str> = [change.statement.as_str()].into_iter().chain(doubts).collect();
    row.text(change.kind.to_string())
        .text(if change.is_ordered { "yes" } else { "no" })
        .text(change.subject.to_string())
        .text(&change.title)
        .some(change.before.as_ref().map(value))
        .some(change.after.as_ref().map(value))
        .list(statement);
    row
}

/// Returns a value with its places.
fn value(value: &ComparedValue) -> String {
    let places = value.places.iter().map(of_place);
    [value.text.clone()].into_iter().chain(places).collect::<Vec<String>>().join("; ")
}

fn empty(row: &mut Row, number: usize) {
    for _ in 0..number {
        row.text("");
    }
}
