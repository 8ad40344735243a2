// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`parse`]: a time in the form of RFC 3339.

use calhive_regf::FileTime;

/// Returns the time of a text like `2024-02-01T01:00:00.1234567+01:00`; `None` if it is no such time.
pub(super) fn parse(text: &str) -> Option<FileTime> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.splitn(3, '-').map(|part| number(part, 4));
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (time, offset) = match rest.strip_suffix(['Z', 'z']) {
        Some(time) => (time, 0),
        None => {
            let (at, sign) = rest.char_indices().find(|(_, it)| matches!(it, '+' | '-'))?;
            let (hours, minutes) = rest.get(at.saturating_add(1)..)?.split_once(':')?;
            let minutes = number(hours, 2)?.checked_mul(60)?.checked_add(number(minutes, 2)?)?;
            let sign = if sign == '-' { -60 } else { 60 };
            (rest.get(..at)?, minutes.checked_mul(sign)?)
        }
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut parts = time.splitn(3, ':').map(|part| number(part, 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let is_date = (1601..=9999).contains(&year) && (1..=12).contains(&month);
    if !is_date || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = days(year, month, day)?.checked_mul(86_400)?;
    let of_day = hour.checked_mul(3600)?.checked_add(minute.checked_mul(60)?)?;
    let seconds = seconds.checked_add(of_day)?.checked_add(second)?.checked_sub(offset)?;
    // FILETIME has seven digits of a second.
    let digits: String = fraction.chars().chain("0000000".chars()).take(7).collect();
    let ticks = u64::try_from(number(&digits, 7)?).ok()?;
    let time = FileTime::from_unix_seconds(seconds)?;
    time.raw().checked_add(ticks).map(FileTime::from_raw)
}

/// Returns a decimal number of at most `most` digits.
fn number(text: &str, most: usize) -> Option<i64> {
    let is_number = text.len() <= most && text.bytes().all(|digit| digit.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Returns the number of days from 1970-01-01 to a date.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    // The year begins in March, so a leap day is the last day of a year.
    let is_early = month <= 2;
    let year = if is_early { year.checked_sub(1)? } else { year };
    let month = if is_early { month.checked_add(9)? } else { month.checked_sub(3)? };
    let of_months = month.checked_mul(153)?.checked_add(2)?.checked_div(5)?;
    let leap_days = [4, -100, 400]
        .iter()
        .try_fold(0_i64, |sum, years| sum.checked_add(year.checked_div(*years)?))?;
    let of_years = year.checked_mul(365)?.checked_add(leap_days)?;
    of_years.checked_add(of_months)?.checked_add(day)?.checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_with_and_without_offset_is_the_same_filetime() {
        let expected = "2024-02-01T00:00:00.1234567Z";
        for text in [
            expected,
            "2024-02-01T00:00:00.123456789Z",
            "2024-02-01t01:00:00.1234567+01:00",
            "2024-01-31T18:30:00.1234567-05:30",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn every_displayed_time_is_read_as_itself() {
        for day in (0..500_000).step_by(37) {
            let time = FileTime::from_raw(day * 864_000_000_000 + 12_345_678_901);
            assert_eq!(parse(&time.to_string()), Some(time), "{time}");
        }
    }

    #[test]
    fn text_that_is_no_time_is_refused() {
        for text in [
            "",
            "2024-02-01",
            "2024-02-01T00:00:00",
            "2024-13-01T00:00:00Z",
            "2024-02-32T00:00:00Z",
            "2024-02-01T24:00:00Z",
            "+024-02-01T00:00:00Z",
            "2024-02-01T00:00Z",
            "0000-02-01T00:00:00Z",
            "2024-02-01T00:00:00.-1Z",
            "2024-02-01T00:00:00+1\u{E9}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
