// SPDX-License-Identifier: MIT OR Apache-2.0

//! FILETIMEs: 100-nanosecond intervals since 1601-01-01 UTC.

/// Default timestamp: 2023-11-14 22:13:20 UTC.
pub const DEFAULT: u64 = filetime(2023, 11, 14, 22, 13, 20);

/// Returns the FILETIME of a UTC date and time, for years from 1601.
pub const fn filetime(year: u64, month: u64, day: u64, hour: u64, minute: u64, second: u64) -> u64 {
    // These years begin in March, so that the leap day is the last day.
    let years = if month <= 2 { year - 1 } else { year } - 1600;
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    // 1600-03-01 is 306 days before 1601-01-01.
    let days = 365 * years + years / 4 - years / 100 + years / 400 + day_of_year - 306;
    ((days * 24 + hour) * 60 + minute) * 600_000_000 + second * 10_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filetime_counts_from_1601() {
        assert_eq!(filetime(1601, 1, 1, 0, 0, 0), 0);
        assert_eq!(filetime(1970, 1, 1, 0, 0, 0), 116_444_736_000_000_000);
        assert_eq!(filetime(2000, 2, 29, 12, 0, 0), 125_962_992_000_000_000);
        assert_eq!(DEFAULT, 116_444_736_000_000_000 + 1_700_000_000 * 10_000_000);
    }
}
