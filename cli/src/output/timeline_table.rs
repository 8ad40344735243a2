// SPDX-License-Identifier: GPL-3.0-or-later
//! Events in the order of time, with the clock that each is by.

use std::io::{self, Write};

use calhive::licensing::report::Event;

use crate::output::table;

/// Writes them.
pub(crate) fn write(out: &mut dyn Write, events: &[Event]) -> io::Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    writeln!(out, "Timeline (UTC)")?;
    let rows = events.iter().map(|event| {
        let evidence = [&event.tokens[..], &event.facts].concat().join(", ");
        [
            event.time.clone().unwrap_or_else(|| String::from("not dated")),
            event.clock.to_string(),
            event.host.clone(),
            format!("{} ({})", event.meaning, event.certainty),
            evidence,
        ]
    });
    table::write(out, ["Time", "Clock of", "Host", "What", "From"], rows)?;
    writeln!(out)
}
