// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`KeyTimes`]: last-written times of the keys of a hive.

use alloc::collections::BTreeMap;

use calhive_regf::time::FileTime;

/// Last-written times of keys: number, oldest and newest time of each day.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyTimes {
    days: BTreeMap<u64, Day>,
    implausible: u64,
}

#[derive(Clone, Copy, Debug)]
struct Day {
    count: u64,
    oldest: FileTime,
    newest: FileTime,
}

/// Longest gap between timestamps, in days. If fewer than [`MANY`] timestamps lie beyond a longer
/// gap, calhive leaves them out.
pub(crate) const GAP: u64 = 366;

/// Minimum number of timestamps beyond a gap that calhive still accepts. One damaged timestamp must
/// not change the result.
pub(crate) const MANY: u64 = 8;

impl KeyTimes {
    pub(crate) fn add(&mut self, time: FileTime) {
        if !time.is_plausible() {
            self.implausible = self.implausible.saturating_add(1);
            return;
        }
        let day = Day { count: 1, oldest: time, newest: time };
        self.add_day(time.days(), day);
    }

    fn add_day(&mut self, number: u64, day: Day) {
        let entry = self.days.entry(number).or_insert(Day { count: 0, ..day });
        entry.count = entry.count.saturating_add(day.count);
        entry.oldest = entry.oldest.min(day.oldest);
        entry.newest = entry.newest.max(day.newest);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.implausible = self.implausible.saturating_add(other.implausible);
        other.days.iter().for_each(|(number, day)| self.add_day(*number, *day));
    }

    /// Returns the oldest and the newest plausible time, and the number of times left out.
    pub(crate) fn bounds(&self) -> (Option<FileTime>, Option<FileTime>, u64) {
        let median = self.median();
        let later = self.days.range(median..).map(|(number, day)| (*number, *day));
        let earlier = self.days.range(..=median).rev().map(|(number, day)| (*number, *day));
        let (newest, after) = reach(later);
        let (oldest, before) = reach(earlier);
        let left_out = self.implausible.saturating_add(after).saturating_add(before);
        (oldest.map(|day| day.oldest), newest.map(|day| day.newest), left_out)
    }

    /// Returns the day of the median key.
    fn median(&self) -> u64 {
        let all: u64 = self.days.values().fold(0, |sum, day| sum.saturating_add(day.count));
        let mut sum = 0_u64;
        let is_half = |(_, day): &(&u64, &Day)| {
            sum = sum.saturating_add(day.count);
            sum >= all.div_ceil(2)
        };
        self.days.iter().find(is_half).map_or(0, |(number, _)| *number)
    }
}

/// Returns the last accepted day, and the number of keys beyond that day. The last accepted day
/// precedes the first gap that has too few keys beyond.
fn reach(days: impl Iterator<Item = (u64, Day)> + Clone) -> (Option<Day>, u64) {
    let mut beyond = days.clone().fold(0_u64, |sum, (_, day)| sum.saturating_add(day.count));
    let mut last: Option<(u64, Day)> = None;
    for (number, day) in days {
        let is_far = last.is_some_and(|(before, _)| number.abs_diff(before) > GAP);
        if is_far && beyond < MANY {
            break;
        }
        beyond = beyond.saturating_sub(day.count);
        last = Some((number, day));
    }
    (last.map(|(_, day)| day), beyond)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest(days: &[(u64, u64)]) -> (Option<String>, u64) {
        const DAY: u64 = 864_000_000_000;
        // 2020-01-01
        const START: u64 = 132_223_104_000_000_000;
        let mut times = KeyTimes::default();
        for (day, count) in days {
            (0..*count).for_each(|_| times.add(FileTime::from_raw(START + day * DAY)));
        }
        let (_, newest, left_out) = times.bounds();
        (newest.map(|time| time.to_string()[..10].to_owned()), left_out)
    }

    #[test]
    fn single_damaged_time_does_not_move_the_bounds() {
        assert_eq!(newest(&[(0, 20), (3, 1)]), (Some("2020-01-04".into()), 0));
        assert_eq!(newest(&[(0, 20), (3, 1), (4000, 1)]), (Some("2020-01-04".into()), 1));
        assert_eq!(newest(&[(0, 20), (3, 1), (4000, 8)]), (Some("2030-12-14".into()), 0));
        assert_eq!(newest(&[(0, 1)]), (Some("2020-01-01".into()), 0));
        assert_eq!(newest(&[]), (None, 0));
        let mut times = KeyTimes::default();
        times.add(FileTime::from_raw(u64::MAX));
        times.add(FileTime::from_raw(0));
        assert_eq!(times.bounds(), (None, None, 2));
    }
}
