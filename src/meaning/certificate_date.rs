// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`is_fixed_date`]: fixed dates in certificates, which are not the times of events. See
//! [licensing.md](crate::licensing#timeline).

use core::ops::Range;

use calhive_regf::FileTime;

/// Start and end of the years 1970 and 2049, in seconds since 1970. A license server writes these years
/// into its self-signed certificate.
const FIXED: [Range<i64>; 2] = [0..31_536_000, 2_493_072_000..2_524_608_000];

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
    fn years_of_self_signed_certificates_are_fixed_dates() {
        for (seconds, expected) in [
            (0, true),
            (31_535_999, true),
            (31_536_000, false),
            (1_182_351_095, false),
            (2_493_071_999, false),
            (2_493_072_000, true),
            (2_524_607_999, true),
            (2_524_608_000, false),
        ] {
            let time = FileTime::from_unix_seconds(seconds).unwrap();
            assert_eq!(is_fixed_date(time), expected, "{time}");
        }
    }
}
