// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`is_fixed_date`]: fixed dates in certificates, which are not the times of events. See
//! [licensing.md](crate::licensing#timeline).

use core::ops::Range;

use calhive_regf::FileTime;

/// Starts and ends of fixed dates, in seconds since 1970:
///
/// - the years 1970 and 2049, which a license server writes into its self-signed certificate
/// - midnight of 1980-01-01 in any time zone, where host certificates of Windows 2000 and Server 2003 begin
/// - 2038-01-19 03:14:07, the largest 32-bit time, where host certificates end
const FIXED: [Range<i64>; 4] = [
    0..31_536_000,
    2_493_072_000..2_524_608_000,
    315_532_800 - 14 * 3600..315_532_800 + 12 * 3600 + 1,
    2_147_483_647..2_147_483_648,
];

/// Whether a start or end of validity is one of the fixed dates.
pub(crate) fn is_fixed_date(time: FileTime) -> bool {
    let is_in = |range: &Range<i64>| {
        let bounds =
            FileTime::from_unix_seconds(range.start).zip(FileTime::from_unix_seconds(range.end));
        bounds.is_some_and(|(start, end)| start <= time && time < end)
    };
    FIXED.iter().any(is_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_license_servers_always_write_are_fixed_dates() {
        for (seconds, expected) in [
            (0, true),
            (31_535_999, true),
            (31_536_000, false),
            (1_182_351_095, false),
            (2_493_071_999, false),
            (2_493_072_000, true),
            (2_524_607_999, true),
            (2_524_608_000, false),
            // 1979-12-31 23:00 UTC is midnight of 1980-01-01 in Central Europe.
            (315_529_200, true),
            (315_482_399, false),
            (315_576_000, true),
            (315_576_001, false),
            (2_147_483_646, false),
            (2_147_483_647, true),
            (2_147_483_648, false),
        ] {
            let time = FileTime::from_unix_seconds(seconds).unwrap();
            assert_eq!(is_fixed_date(time), expected, "{time}");
        }
    }
}
