// SPDX-License-Identifier: GPL-3.0-or-later
//! States of the hives of an installation, and what differs between consecutive states.

use std::io::{self, Write};

use calhive::report::{HiveState, Installation, Report, StateChange, StateToken};

use crate::output::diff_table::of_place;
use crate::screen::seconds;

/// Largest number of places of a value.
const PLACES: usize = 3;

/// Writes the installations with a wanted host.
pub(crate) fn write(
    out: &mut dyn Write,
    report: &Report,
    is_wanted: impl Fn(&str) -> bool,
) -> io::Result<()> {
    let is_one = |it: &&Installation| {
        it.states.iter().any(|state| is_wanted(&state.host))
            || it.not_grouped.iter().any(|other| is_wanted(&other.host))
    };
    for installation in report.copies.iter().filter(is_one) {
        write_installation(out, installation)?;
    }
    Ok(())
}

fn write_installation(out: &mut dyn Write, installation: &Installation) -> io::Result<()> {
    let Installation { id, states, changes, not_grouped } = installation;
    writeln!(out, "{id}: states of one installation, in order of time")?;
    states.iter().try_for_each(|state| write_state(out, state))?;
    if states.len() > 1 && changes.is_empty() {
        writeln!(out, "  No difference in licenses, hardware IDs and settings in effect.")?;
    }
    changes.iter().try_for_each(|change| write_change(out, change))?;
    not_grouped.iter().try_for_each(|other| writeln!(out, "  {}.", other.statement))?;
    writeln!(out)
}

fn write_state(out: &mut dyn Write, state: &HiveState) -> io::Result<()> {
    let time = match state.time {
        Some(time) => format!("{} UTC, {}", seconds(time), state.time_basis),
        None => state.time_basis.to_string(),
    };
    writeln!(out, "  {}: {}, {} ({time})", state.id, state.place, state.host)?;
    if let Some(same) = &state.same_bytes_as {
        writeln!(out, "    the same bytes as {same}")?;
    }
    state.paths.iter().try_for_each(|path| writeln!(out, "    {path}"))?;
    for token in &state.tokens {
        writeln!(out, "    license {}", token_in_words(token))?;
    }
    for id in &state.hardware_ids {
        writeln!(out, "    hardware ID {}", id.text)?;
    }
    if let Some(mode) = &state.licensing_mode {
        writeln!(out, "    licensing mode {}", mode.text)?;
    }
    match &state.license_servers {
        Some(servers) => writeln!(out, "    license servers {}", servers.text),
        None => Ok(()),
    }
}

/// Describes a license of a state.
pub(crate) fn token_in_words(token: &StateToken) -> String {
    let mut text = token.token.clone();
    if let Some(machine) = &token.client_reported_machine {
        text.push_str(&format!(", machine {machine} (client-reported)"));
    }
    if let Some(server) = &token.license_server {
        text.push_str(&format!(", license server {server} (self-reported)"));
    }
    if let (Some(from), Some(until)) = (token.valid_from, token.expires) {
        text.push_str(&format!(", valid {} to {} UTC", seconds(from), seconds(until)));
    }
    text.push_str(&format!(", SHA-256 {}", token.sha256));
    text
}

fn write_change(out: &mut dyn Write, change: &StateChange) -> io::Result<()> {
    let StateChange { from, to, kind, subject, title, statement, .. } = change;
    writeln!(out, "  {from} to {to}: {kind}: {subject}, {title}")?;
    writeln!(out, "    {statement}")?;
    for (state, value) in [(from, &change.before), (to, &change.after)] {
        match value {
            Some(value) => writeln!(out, "    {state}: {}", value.text)?,
            None if change.doubts.is_empty() => {
                writeln!(out, "    {state}: nothing; read whole at this place")?;
            }
            None => writeln!(out, "    {state}: nothing found")?,
        }
        for place in value.iter().flat_map(|value| &value.places).take(PLACES) {
            writeln!(out, "      {}", of_place(place))?;
        }
    }
    let doubts: Vec<&str> = change.doubts.iter().map(|doubt| doubt.as_str()).collect();
    match doubts.is_empty() {
        true => Ok(()),
        false => writeln!(out, "    not determinable: {}", doubts.join("; ")),
    }
}
