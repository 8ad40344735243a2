// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`FileTime`]: Windows time as the hive stores it, the implausible included.

use core::fmt;
use core::time::Duration;

/// 100-nanosecond intervals since 1601-01-01 00:00:00 UTC (FILETIME). Every stored number is a
/// time: none is refused, rounded or replaced.
///
/// ```
/// use calhive::FileTime;
/// let time = FileTime::from_raw(133_512_192_001_234_567);
/// assert_eq!(time.to_string(), "2024-02-01T00:00:00.1234567Z");
/// assert_eq!(FileTime::from_raw(u64::MAX).to_string(), "+60056-05-28T05:36:10.9551615Z");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileTime(u64);

const TICKS_PER_SECOND: u64 = 10_000_000;
const SECONDS_PER_DAY: u64 = 86_400;
/// Seconds from 1601 to 1970.
const UNIX_EPOCH: u64 = 11_644_473_600;

impl FileTime {
    /// The time that is stored as this number.
    pub const fn from_raw(ticks: u64) -> Self {
        Self(ticks)
    }

    /// The stored number.
    pub const fn raw(self) -> u64 {
        self.0
    }

    /// The time that is this many seconds after 1970; `None` where FILETIME cannot hold it.
    ///
    /// ```
    /// use calhive::FileTime;
    /// assert_eq!(FileTime::from_unix_seconds(0).unwrap().to_string(), "1970-01-01T00:00:00.0000000Z");
    /// ```
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        let since_1601 = UNIX_EPOCH.checked_add_signed(seconds)?;
        since_1601.checked_mul(TICKS_PER_SECOND).map(Self)
    }

    /// Nanoseconds since 1970, negative before.
    pub fn unix_nanoseconds(self) -> i128 {
        let ticks = i128::from(self.0);
        let epoch = i128::from(UNIX_EPOCH.saturating_mul(TICKS_PER_SECOND));
        ticks.saturating_sub(epoch).saturating_mul(100)
    }

    /// Whether the year lies in 1970 to 2100, where times of registry keys do. An implausible time
    /// is shown like any other; it only takes no part in choosing a reference time.
    ///
    /// ```
    /// assert!(!calhive::FileTime::from_raw(0).is_plausible());
    /// ```
    pub fn is_plausible(self) -> bool {
        (1970..=2100).contains(&self.date().0)
    }

    /// The time that is this much later; the last one there is where that is beyond it. Fractions of 100 ns
    /// take no part.
    ///
    /// ```
    /// use core::time::Duration;
    /// let day = calhive::FileTime::from_raw(0).saturating_add(Duration::from_secs(86_400));
    /// assert_eq!(day.to_string(), "1601-01-02T00:00:00.0000000Z");
    /// assert_eq!(day.abs_diff(calhive::FileTime::from_raw(0)), Duration::from_secs(86_400));
    /// ```
    pub fn saturating_add(self, time: Duration) -> Self {
        let ticks = u64::try_from(time.as_nanos() / 100).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(ticks))
    }

    /// How much time lies between the two.
    pub fn abs_diff(self, other: Self) -> Duration {
        let ticks = self.0.abs_diff(other.0);
        let fraction = Duration::from_nanos((ticks % TICKS_PER_SECOND).saturating_mul(100));
        Duration::from_secs(ticks / TICKS_PER_SECOND).saturating_add(fraction)
    }

    /// Whole days since 1601.
    pub(crate) const fn days(self) -> u64 {
        self.0 / (TICKS_PER_SECOND * SECONDS_PER_DAY)
    }

    /// Year, month and day (proleptic Gregorian).
    fn date(self) -> (u64, u64, u64) {
        let mut day = self.days();
        // 1601 begins a cycle of 400 years, so the days divide from the top down.
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
    /// UTC with seven digits of a second, which is exact; years above 9999 carry a sign, as ISO
    /// 8601 asks.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times() {
        for (raw, text) in [
            (0, "1601-01-01T00:00:00.0000000Z"),
            (116_444_736_000_000_000, "1970-01-01T00:00:00.0000000Z"),
            // The grace-period samples of the vectors.
            (0x01D3_11E2_31D1_F200, "2017-08-10T14:08:52.0000000Z"),
            (0x01C7_930A_3450_9200, "2007-05-10T13:50:44.0000000Z"),
        ] {
            assert_eq!(FileTime::from_raw(raw).to_string(), text, "{raw:#x}");
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
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
    fn leap_days_and_ends_of_cycles() {
        let at = |seconds| FileTime::from_unix_seconds(seconds).unwrap().to_string();
        assert!(at(951_782_400).starts_with("2000-02-29"));
        assert!(at(978_220_800).starts_with("2000-12-31"));
        assert!(at(4_107_542_400).starts_with("2100-03-01"));
        assert_eq!(FileTime::from_unix_seconds(i64::MAX), None);
        assert_eq!(FileTime::from_unix_seconds(1).unwrap().unix_nanoseconds(), 1_000_000_000);
    }
}
