// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Axis`]: times as places from left to right.

use calhive::FileTime;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::output::html::moment;

/// Place of the first time, in units of the drawing.
pub(super) const LEFT: f64 = 190.0;
/// Place of the last time.
pub(super) const RIGHT: f64 = 985.0;

/// Days that the axis shows beyond the latest time that is no end of a license.
const DAYS_AHEAD: i64 = 730;
const DAY: i64 = 86_400;
/// Maximum number of ticks.
const TICKS: i64 = 14;
/// Lengths between ticks, in days.
const DAYS: [i64; 2] = [1, 7];
/// Lengths between ticks, in months.
const MONTHS: [i64; 8] = [1, 3, 6, 12, 24, 60, 120, 600];

/// Times as places from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    /// First time, in seconds of Unix time.
    start: i64,
    /// Last time.
    end: i64,
}

/// A labeled place of the axis.
#[derive(Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) x: f64,
    pub(super) label: String,
}

impl Axis {
    /// Returns an axis over these times. An end of a license long after all other times is outside the axis.
    /// None without a plausible time.
    pub(super) fn over(
        times: impl IntoIterator<Item = FileTime>,
        ends: impl IntoIterator<Item = FileTime>,
    ) -> Option<Self> {
        let plausible = |times: Vec<FileTime>| -> Vec<i64> {
            times.into_iter().filter(|time| time.is_plausible()).filter_map(unix_seconds).collect()
        };
        let times = plausible(times.into_iter().collect());
        let ends = plausible(ends.into_iter().collect());
        let start = *times.iter().chain(&ends).min()?;
        let latest = *times.iter().max().or(ends.iter().min())?;
        let limit = latest.saturating_add(DAYS_AHEAD.saturating_mul(DAY));
        let near = ends.iter().copied().filter(|end| *end <= limit).max();
        let end = near.unwrap_or(if ends.is_empty() { latest } else { limit }).max(latest);
        // A margin keeps marks off the edges.
        let margin = (end.saturating_sub(start) / 50).max(DAY);
        Some(Self { start: start.saturating_sub(margin), end: end.saturating_add(margin) })
    }

    /// Returns the place of a time. A time outside the axis has the place of the nearest edge.
    pub(super) fn x(&self, time: FileTime) -> f64 {
        unix_seconds(time).map_or(RIGHT, |time| self.place(time))
    }

    /// Whether the time is on the axis.
    pub(super) fn has(&self, time: FileTime) -> bool {
        unix_seconds(time).is_some_and(|time| (self.start..=self.end).contains(&time))
    }

    fn place(&self, time: i64) -> f64 {
        let share = seconds(time.saturating_sub(self.start))
            / seconds(self.end.saturating_sub(self.start)).max(1.0);
        LEFT + share.clamp(0.0, 1.0) * (RIGHT - LEFT)
    }

    /// Returns places with labels: days, or first days of months or years.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let days = self.end.saturating_sub(self.start) / DAY;
        let fits = |length: i64| days.checked_div(length).is_some_and(|ticks| ticks <= TICKS);
        if let Some(step) = DAYS.into_iter().find(|step| fits(*step)) {
            let first = self.start.div_euclid(DAY);
            let last = self.end.div_euclid(DAY);
            return (first..=last)
                .filter(|day| day.checked_rem(step) == Some(0))
                .filter_map(|day| self.tick(day.saturating_mul(DAY), "%F"))
                .collect();
        }
        let step = MONTHS.into_iter().find(|step| fits(step.saturating_mul(30))).unwrap_or(1_200);
        let format = if step % 12 == 0 { "%Y" } else { "%Y-%m" };
        let first = Month::of(self.start).0;
        let last = Month::of(self.end).0;
        (first..=last)
            .filter(|month| month.checked_rem(step) == Some(0))
            .filter_map(|month| self.tick(Month(month).start()?, format))
            .collect()
    }

    /// Returns the tick of a time, if the time is on the axis.
    fn tick(&self, time: i64, format: &str) -> Option<Tick> {
        let is_on = (self.start..=self.end).contains(&time);
        let label = Timestamp::from_second(time).ok().filter(|_| is_on)?.strftime(format);
        Some(Tick { x: self.place(time), label: label.to_string() })
    }
}

/// A month of the calendar: twelve times the year, and the number of the month from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(pub(super) i64);

impl Month {
    /// Returns the month of a time in seconds of Unix time.
    fn of(time: i64) -> Self {
        let date = Timestamp::from_second(time).map(|time| time.to_zoned(TimeZone::UTC).date());
        let date = date.unwrap_or(Date::ZERO);
        let years = i64::from(date.year()).saturating_mul(12);
        Self(years.saturating_add(i64::from(date.month())).saturating_sub(1))
    }

    /// Returns the month of a time.
    pub(super) fn of_time(time: FileTime) -> Self {
        Self::of(unix_seconds(time).unwrap_or(i64::MAX))
    }

    /// Returns the first second of the month, in seconds of Unix time.
    fn start(self) -> Option<i64> {
        let year = i16::try_from(self.0.div_euclid(12)).ok()?;
        let month = i8::try_from(self.0.rem_euclid(12).saturating_add(1)).ok()?;
        let date = Date::new(year, month, 1).ok()?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
    }

    /// Returns year and month, such as `2024-02`.
    pub(super) fn label(self) -> String {
        let month = self.0.rem_euclid(12).saturating_add(1);
        format!("{:04}-{month:02}", self.0.div_euclid(12))
    }
}

fn unix_seconds(time: FileTime) -> Option<i64> {
    moment::timestamp(time).map(|time| time.as_second())
}

/// Returns seconds as a number for places.
#[expect(clippy::cast_precision_loss, reason = "a place has fewer digits than a time")]
fn seconds(number: i64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> FileTime {
        let time: Timestamp = format!("{text}T00:00:00Z").parse().unwrap();
        FileTime::from_unix_seconds(time.as_second()).unwrap()
    }

    fn axis(times: &[&str], ends: &[&str]) -> Option<Axis> {
        let all = |texts: &[&str]| texts.iter().map(|text| time(text)).collect::<Vec<_>>();
        Axis::over(all(times), all(ends))
    }

    #[test]
    fn later_times_are_further_right() {
        let axis = axis(&["2020-01-01", "2023-01-01"], &["2023-03-01"]).unwrap();
        let places =
            ["2020-01-01", "2021-06-01", "2023-01-01", "2023-03-01"].map(|it| axis.x(time(it)));
        assert!(places.is_sorted() && LEFT < places[0] && places[3] < RIGHT, "{places:?}");
        let labels: Vec<String> = axis.ticks().into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels[..3], ["2020-01", "2020-04", "2020-07"]);
        assert_eq!(axis.x(time("2011-01-01")), LEFT);
    }

    #[test]
    fn end_of_a_permanent_license_does_not_stretch_the_axis() {
        let axis = axis(&["2020-01-01", "2020-02-01"], &["2036-02-07"]).unwrap();
        assert!(!axis.has(time("2036-02-07")) && axis.has(time("2022-01-01")));
        assert_eq!(axis.x(time("2036-02-07")), RIGHT);
    }

    #[test]
    fn implausible_times_make_no_axis() {
        assert!(Axis::over([FileTime::from_raw(1), FileTime::from_raw(u64::MAX)], []).is_none());
        assert!(axis(&[], &[]).is_none());
        let axis = axis(&["2020-01-01"], &[]).unwrap();
        assert!(axis.ticks().len() > 1);
    }

    #[test]
    fn months_count_from_the_first_year() {
        let month = Month::of_time(time("2024-02-29"));
        assert_eq!((month.label().as_str(), month.0), ("2024-02", 2024 * 12 + 1));
        let first: Timestamp = "2024-02-01T00:00:00Z".parse().unwrap();
        assert_eq!(month.start(), Some(first.as_second()));
    }
}
