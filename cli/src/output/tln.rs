// SPDX-License-Identifier: GPL-3.0-or-later
//! Dated events in the TLN format of Harlan Carvey (`scan --format tln`).
//!
//! # Format
//!
//! Each event with a time is one line with five fields, separated by `|`:
//!
//! `Time|Source|Host|User|Description`
//!
//! - `Time` is in seconds since 1970-01-01 00:00:00 UTC, rounded down.
//! - `Source` is `REG`, the registry.
//! - `Host` is the computer name in the hives, or the id of the host without a name.
//! - `User` is empty: no event here belongs to an authenticated account.
//! - `Description` has what happened, how certain it is, the clock, and the place of the first fact.
//!
//! `|` in a field is `%7C`. Control characters are escaped, for example `\u{A}`.
//!
//! The format has 32 bits for the time. Events before 1970 or after 2106-02-07 are left out, and so are
//! events without a time. Standard error has their numbers.

use core::ops::RangeInclusive;
use std::io::{self, Write};

use calhive::report::Report;

use crate::output::dated_event::DatedEvent;
use crate::output::left_out::LeftOut;
use crate::output::report_index::ReportIndex;
use crate::text::escape;

/// Seconds that fit into 32 bits.
const SECONDS: RangeInclusive<i64> = 0..=u32::MAX as i64;

/// Writes one line for each dated event.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<LeftOut> {
    let index = ReportIndex::new(report);
    let (events, left_out) = DatedEvent::all(report, &index, &SECONDS);
    for event in events {
        let (host, description) = (field(event.host_name()), field(&description(&event)));
        writeln!(out, "{}|REG|{host}||{description}", event.seconds)?;
    }
    Ok(left_out)
}

/// Returns what happened, with the clock and the place of the first fact.
pub(crate) fn description(event: &DatedEvent<'_>) -> String {
    let of = event.event;
    let mut text = format!("{} ({}, clock of {})", of.meaning, of.certainty, of.clock);
    if let (Some(fact), Some(source)) = (event.fact, event.source) {
        let place = &fact.provenance;
        text.push_str(&format!("; {} {}", source.kind, place.key_path));
        if let Some(position) = place.position() {
            text.push_str(&format!(" at {position}"));
        }
        text.push_str(&format!("; {}", fact.evidence_id));
    }
    text
}

/// Escapes characters that would end the line.
pub(crate) fn one_line(text: &str) -> String {
    escape::message(text)
}

fn field(text: &str) -> String {
    one_line(text).replace('|', "%7C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_and_line_ends_are_encoded() {
        assert_eq!(field("a|b\r\nc"), r"a%7Cb\u{D}\u{A}c");
    }
}
