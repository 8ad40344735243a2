// SPDX-License-Identifier: GPL-3.0-or-later
//! Events in order of time, each with the clock of its timestamp.

use std::io::{self, Write};

use calhive::report::Event;

use crate::output::table;

/// Writes the events.
pub(crate) fn write<'r>(
    out: &mut dyn Write,
    events: impl Iterator<Item = &'r Event>,
) -> io::Result<()> {
    let mut events = events.peekable();
    if events.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "Timeline (UTC)")?;
    let rows = events.map(|event| {
        let evidence = [&event.tokens[..], &event.facts].concat().join(", ");
        [
            event.time.map_or_else(|| String::from("not dated"), |time| time.to_string()),
            event.clock.to_string(),
            event.host.clone(),
            format!("{} ({})", event.meaning, event.certainty),
            evidence,
        ]
    });
    table::write(out, ["Time", "Clock of", "Host", "What", "From"], rows)?;
    writeln!(out)
}
