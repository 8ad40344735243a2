// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`parse`]: a time in the form of RFC 3339.

use calhive_regf::FileTime;
use jiff::Timestamp;

/// Returns the time of a text like `2024-02-01T01:00:00.1234567+01:00`; `None` if it is no such time, or one before
/// 1601. FILETIME has seven digits of a second; further digits are left out.
pub(super) fn parse(text: &str) -> Option<FileTime> {
    let nanoseconds = text.parse::<Timestamp>().ok()?.as_nanosecond();
    let seconds = i64::try_from(nanoseconds.div_euclid(1_000_000_000)).ok()?;
    let ticks = u64::try_from(nanoseconds.rem_euclid(1_000_000_000) / 100).ok()?;
    let time = FileTime::from_unix_seconds(seconds)?;
    time.raw().checked_add(ticks).map(FileTime::from_raw)
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
            "2024-02-30T00:00:00Z",
            "2024-02-01T24:00:00Z",
            "+024-02-01T00:00:00Z",
            "1600-12-31T23:59:59.9999999Z",
            "0000-02-01T00:00:00Z",
            "2024-02-01T00:00:00.-1Z",
            "2024-02-01T00:00:00+1\u{E9}",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
