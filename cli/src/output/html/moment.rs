// SPDX-License-Identifier: GPL-3.0-or-later
//! Times: UTC, and local times beside UTC if the examiner names a time zone.

use calhive::FileTime;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::output::html::page::Page;
use crate::screen::Line;

/// Length of the shortest time with date, time and `Z`.
const SHORTEST: usize = "2024-02-01T00:00:00Z".len();

impl Page<'_> {
    /// Returns a time with all of its digits.
    pub(super) fn exact(&self, time: FileTime) -> Markup {
        let local = timestamp(time).and_then(|time| self.local(time));
        html! { time { (time) } (beside(local)) }
    }

    /// Returns the local time beside a word that is a time with date and zone.
    pub(super) fn local_of_word(&self, word: &str) -> Markup {
        beside(word.parse().ok().and_then(|time| self.local(time)))
    }

    /// Returns the local time beside a text that is a time in UTC, such as `2024-02-01 00:00:00`. Nothing for
    /// another text.
    pub(super) fn local_of_utc(&self, text: &str) -> Markup {
        if self.cover.time_zone.is_none() || !text.contains(':') {
            return html! {};
        }
        let time = text.trim_end_matches(" UTC").parse::<DateTime>();
        let time = time.ok().and_then(|time| time.to_zoned(TimeZone::UTC).ok());
        beside(time.and_then(|time| self.local(time.timestamp())))
    }

    /// Returns the local time with its offset from UTC. None without a time zone.
    fn local(&self, time: Timestamp) -> Option<String> {
        let zone = self.cover.time_zone?;
        Some(time.to_zoned(zone.clone()).strftime("%F %T %:z").to_string())
    }
}

/// Returns the local time as a mark beside UTC.
fn beside(local: Option<String>) -> Markup {
    html! { @if let Some(local) = local { " " span.local { "(" (local) ")" } } }
}

/// Returns a time as the one screen shows it: UTC, in whole seconds.
pub(super) fn seconds(time: FileTime) -> String {
    Line::default().time(time).text()
}

/// Whether a word is a time with date and zone, such as `2024-02-01T00:00:00.1234567Z`.
pub(super) fn is_time(word: &str) -> bool {
    word.len() >= SHORTEST && word.ends_with('Z') && word.parse::<Timestamp>().is_ok()
}

/// Returns a time as a timestamp of the calendar. None before or after all years of the calendar.
pub(super) fn timestamp(time: FileTime) -> Option<Timestamp> {
    Timestamp::from_nanosecond(time.unix_nanoseconds()).ok()
}
