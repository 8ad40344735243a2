// SPDX-License-Identifier: GPL-3.0-or-later
//! Dated events as a bodyfile for `mactime` of The Sleuth Kit (`scan --format bodyfile`).
//!
//! # Format
//!
//! Each event with a time is one line with eleven fields, separated by `|`:
//!
//! `MD5|name|inode|mode_as_string|UID|GID|size|atime|mtime|ctime|crtime`
//!
//! - `MD5`, `inode`, `UID`, `GID`, `size` are 0. `mode_as_string` is `r/rrwxrwxrwx`.
//! - `name` has the id of the event, the host, what happened, the clock, and the place of the first fact.
//! - `mtime` is the time of the event, in seconds since 1970, rounded down. The three other times are -1,
//!   which `mactime` skips.
//!
//! `mactime` decodes `%` with two hex digits. Therefore `|` is `%7C`, and `%` before two hex digits is `%25`.
//! `mactime` prints the original text.
//!
//! `mactime` has no row for times before 1970-01-01 00:00:01 UTC, and it cannot sort times after 2286. Such
//! events are left out, and so are events without a time. Standard error has their numbers.

use core::ops::RangeInclusive;
use std::io::{self, Write};

use calhive::report::Report;

use crate::output::dated_event::DatedEvent;
use crate::output::left_out::LeftOut;
use crate::output::report_index::ReportIndex;
use crate::output::tln;

/// Seconds that `mactime` can sort and print.
const SECONDS: RangeInclusive<i64> = 1..=9_999_999_999;

/// Writes one line for each dated event.
pub(crate) fn write(out: &mut dyn Write, report: &Report) -> io::Result<LeftOut> {
    let index = ReportIndex::new(report);
    let (events, left_out) = DatedEvent::all(report, &index, &SECONDS);
    for event in events {
        let name =
            format!("{} {}: {}", event.event.id, event.host_name(), tln::description(&event));
        let seconds = event.seconds;
        writeln!(out, "0|{}|0|r/rrwxrwxrwx|0|0|0|-1|{seconds}|-1|-1", field(&name))?;
    }
    Ok(left_out)
}

/// Encodes what `mactime` would decode or take for the end of the field.
fn field(text: &str) -> String {
    let text = tln::one_line(text);
    let mut encoded = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        let mut next = rest.clone();
        let is_code = letter == '%'
            && next.next().is_some_and(|it| it.is_ascii_hexdigit())
            && next.next().is_some_and(|it| it.is_ascii_hexdigit());
        match letter {
            '|' => encoded.push_str("%7C"),
            '%' if is_code => encoded.push_str("%25"),
            _ => encoded.push(letter),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mactime_decodes_is_encoded() {
        assert_eq!(field("a|b"), "a%7Cb");
        assert_eq!(field("%0A%SystemRoot% %"), "%250A%SystemRoot% %");
        assert_eq!(field("%%41"), "%%2541");
        assert_eq!(field("a\nb"), r"a\u{A}b");
    }
}
