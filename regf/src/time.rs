// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`FileTime`]: a Windows timestamp as stored, even if implausible.

#[cfg(feature = "schema")]
use alloc::borrow::Cow;
#[cfg(feature = "serde")]
use alloc::string::{String, ToString as _};
use core::fmt;
use core::time::Duration;

/// Windows timestamp (FILETIME): 100-nanosecond intervals since 1601-01-01 00:00:00 UTC. Every
/// stored number is a valid `FileTime`, without rounding or replacement.
///
/// The [`Debug`](fmt::Debug) form shows the time. With the feature `serde`, a `FileTime` serializes
/// as an object with the strings `utc` and `filetime`.
///
/// ```
/// use calhive_regf::FileTime;
/// let time = FileTime::from_raw(133_512_192_001_234_567);
/// assert_eq!(time.to_string(), "2024-02-01T00:00:00.1234567Z");
/// assert_eq!(format!("{time:?}"), "FileTime(2024-02-01T00:00:00.1234567Z)");
/// assert_eq!(FileTime::from_raw(u64::MAX).to_string(), "+60056-05-28T05:36:10.9551615Z");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileTime(u64);

const TICKS_PER_SECOND: u64 = 10_000_000;
const SECONDS_PER_DAY: u64 = 86_400;
/// Seconds from 1601 to 1970.
const UNIX_EPOCH: u64 = 11_644_473_600;

impl FileTime {
    /// Wraps a stored number.
    #[inline]
    pub const fn from_raw(ticks: u64) -> Self {
        Self(ticks)
    }

    /// Returns the stored number.
    #[inline]
    pub const fn raw(self) -> u64 {
        self.0
    }

    /// Returns the time `seconds` after 1970-01-01 00:00:00 UTC, or `None` if FILETIME cannot hold
    /// the time.
    ///
    /// ```
    /// use calhive_regf::FileTime;
    /// assert_eq!(FileTime::from_unix_seconds(0).unwrap().to_string(), "1970-01-01T00:00:00.0000000Z");
    /// ```
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        let since_1601 = UNIX_EPOCH.checked_add_signed(seconds)?;
        since_1601.checked_mul(TICKS_PER_SECOND).map(Self)
    }

    /// Returns the nanoseconds since 1970-01-01 00:00:00 UTC, negative for earlier times.
    pub fn unix_nanoseconds(self) -> i128 {
        let ticks = i128::from(self.0);
        let epoch = i128::from(UNIX_EPOCH.saturating_mul(TICKS_PER_SECOND));
        ticks.saturating_sub(epoch).saturating_mul(100)
    }

    /// Returns whether the year is from 1970 to 2100, the plausible range for registry keys.
    ///
    /// ```
    /// assert!(!calhive_regf::FileTime::from_raw(0).is_plausible());
    /// ```
    pub const fn is_plausible(self) -> bool {
        // Days from 1601 to 1970 and to 2101.
        const FIRST: u64 = UNIX_EPOCH / SECONDS_PER_DAY;
        const END: u64 = 146_097 + 36_524;
        FIRST <= self.days() && self.days() < END
    }

    /// Returns the time plus a duration, rounded down to 100 ns. If the sum exceeds the largest
    /// FILETIME, the result is the largest FILETIME.
    ///
    /// ```
    /// use core::time::Duration;
    /// let day = calhive_regf::FileTime::from_raw(0).saturating_add(Duration::from_secs(86_400));
    /// assert_eq!(day.to_string(), "1601-01-02T00:00:00.0000000Z");
    /// assert_eq!(day.abs_diff(calhive_regf::FileTime::from_raw(0)), Duration::from_secs(86_400));
    /// ```
    pub fn saturating_add(self, time: Duration) -> Self {
        let ticks = u64::try_from(time.as_nanos() / 100).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(ticks))
    }

    /// Returns the duration between two times.
    pub fn abs_diff(self, other: Self) -> Duration {
        let ticks = self.0.abs_diff(other.0);
        let fraction = Duration::from_nanos((ticks % TICKS_PER_SECOND).saturating_mul(100));
        Duration::from_secs(ticks / TICKS_PER_SECOND).saturating_add(fraction)
    }

    /// Returns the number of whole days since 1601-01-01.
    pub const fn days(self) -> u64 {
        self.0 / (TICKS_PER_SECOND * SECONDS_PER_DAY)
    }

    /// Returns year, month and day in the proleptic Gregorian calendar.
    fn date(self) -> (u64, u64, u64) {
        let mut day = self.days();
        // The year 1601 begins a cycle of 400 years. The code therefore divides the days by the
        // largest unit first, then by smaller units.
        let cycles = day / 146_097;
        day %= 146_097;
        let centuries = (day / 36_524).min(3);
        day = day.saturating_sub(centuries.saturating_mul(36_524));
        let fours = day / 1_461;
        day %= 1_461;
        let years = (day / 365).min(3);
        day = day.saturating_sub(years.saturating_mul(365));
        let year = [(cycles, 400), (centuries, 100), (fours, 4), (years, 1)]
            .iter()
            .fold(1601_u64, |sum, (n, weight)| sum.saturating_add(n.saturating_mul(*weight)));
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let mut month = 1_u64;
        for length in [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
            if day < length {
                break;
            }
            day = day.saturating_sub(length);
            month = month.saturating_add(1);
        }
        (year, month, day.saturating_add(1))
    }
}

impl fmt::Display for FileTime {
    /// Writes UTC with seven digits of a second, which is exact. Years above 9999 carry a sign, as
    /// ISO 8601 requires.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let ticks = self.0 % TICKS_PER_SECOND;
        let seconds = self.0 / TICKS_PER_SECOND % SECONDS_PER_DAY;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let sign = if year > 9999 { "+" } else { "" };
        write!(
            f,
            "{sign}{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ticks:07}Z"
        )
    }
}

impl fmt::Debug for FileTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileTime({self})")
    }
}

/// Windows timestamp.
#[cfg(feature = "serde")]
#[derive(serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Serialized {
    /// Time in UTC as in ISO 8601, with seven digits of a second.
    utc: String,
    /// FILETIME as stored: 100-nanosecond intervals since 1601-01-01 00:00:00 UTC, in decimal.
    filetime: String,
}

#[cfg(feature = "serde")]
impl serde::Serialize for FileTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (utc, filetime) = (self.to_string(), self.0.to_string());
        Serialized { utc, filetime }.serialize(serializer)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for FileTime {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("FileTime")
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Serialized::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_plausible_in_the_years_1970_to_2100() {
        let day = TICKS_PER_SECOND * SECONDS_PER_DAY;
        for number in [0, 1, 134_773, 134_774, 150_000, 182_620, 182_621, 200_000, u64::MAX / day] {
            let time = FileTime::from_raw(number.saturating_mul(day).saturating_add(day - 1));
            assert_eq!(time.is_plausible(), (1970..=2100).contains(&time.date().0), "{time}");
        }
        assert!(FileTime::from_raw(134_774 * day).is_plausible());
        assert!(!FileTime::from_raw(182_621 * day).is_plausible());
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serialized_time_has_utc_and_filetime_strings() {
        let time = FileTime::from_raw(133_512_192_001_234_567);
        assert_eq!(
            serde_json::to_string(&time).unwrap(),
            r#"{"utc":"2024-02-01T00:00:00.1234567Z","filetime":"133512192001234567"}"#
        );
    }

    #[cfg(feature = "schema")]
    #[test]
    fn schema_of_time_requires_two_described_strings() {
        let schema = schemars::schema_for!(FileTime);
        assert_eq!(schema.get("title").unwrap(), "FileTime");
        assert_eq!(schema.get("type").unwrap(), "object");
        assert_eq!(schema.get("required").unwrap(), &serde_json::json!(["utc", "filetime"]));
        let properties = schema.get("properties").unwrap().as_object().unwrap();
        assert_eq!(properties.len(), 2);
        for name in ["utc", "filetime"] {
            assert_eq!(properties[name]["type"], "string", "{name}");
            assert!(properties[name]["description"].as_str().is_some_and(|it| it.len() > 20));
        }
    }

    #[test]
    fn known_filetime_displays_its_date() {
        for (raw, text) in [
            (0, "1601-01-01T00:00:00.0000000Z"),
            (116_444_736_000_000_000, "1970-01-01T00:00:00.0000000Z"),
            // Times of the grace-period test vectors.
            (0x01D3_11E2_31D1_F200, "2017-08-10T14:08:52.0000000Z"),
            (0x01C7_930A_3450_9200, "2007-05-10T13:50:44.0000000Z"),
        ] {
            assert_eq!(FileTime::from_raw(raw).to_string(), text, "{raw:#x}");
        }
    }

    #[test]
    fn next_day_has_the_next_date() {
        let mut before = FileTime::from_raw(0).date();
        for day in 1..=400 * 366_u64 {
            let (year, month, date) = FileTime(day * SECONDS_PER_DAY * TICKS_PER_SECOND).date();
            let next = (before.0, before.1, before.2 + 1);
            let month_turn = (before.0, before.1 + 1, 1);
            let year_turn = (before.0 + 1, 1, 1);
            let now = (year, month, date);
            assert!(now == next || now == month_turn || now == year_turn, "{before:?} {now:?}");
            before = now;
        }
    }

    #[test]
    fn leap_day_and_end_of_cycle_have_their_dates() {
        let at = |seconds| FileTime::from_unix_seconds(seconds).unwrap().to_string();
        assert!(at(951_782_400).starts_with("2000-02-29"));
        assert!(at(978_220_800).starts_with("2000-12-31"));
        assert!(at(4_107_542_400).starts_with("2100-03-01"));
        assert_eq!(FileTime::from_unix_seconds(i64::MAX), None);
        assert_eq!(FileTime::from_unix_seconds(1).unwrap().unix_nanoseconds(), 1_000_000_000);
    }
}
