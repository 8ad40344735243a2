// SPDX-License-Identifier: MIT OR Apache-2.0

//! Times in certificates.

use super::der;

const SECOND: u64 = 10_000_000;

/// Date and time of a FILETIME.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) year: u64,
    pub(crate) month: u64,
    pub(crate) day: u64,
    pub(crate) hour: u64,
    pub(crate) minute: u64,
    pub(crate) second: u64,
}

impl Clock {
    /// Returns the date and time of a FILETIME, without fractions of a second.
    pub(crate) fn new(filetime: u64) -> Self {
        let seconds = filetime / SECOND;
        let (days, in_day) = (seconds / 86_400, seconds % 86_400);
        // 1601-01-01 is 306 days after 1600-03-01. These years begin in March, so that the leap day
        // is the last day.
        let days = days + 306;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        Self {
            year: 1600 + 400 * era + year_of_era + u64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
            hour: in_day / 3600,
            minute: in_day / 60 % 60,
            second: in_day % 60,
        }
    }

    /// Returns the same day and time in another year. The leap day becomes February 28.
    pub(crate) fn in_year(self, year: u64) -> Self {
        let day = if self.month == 2 { self.day.min(28) } else { self.day };
        Self { year, day, ..self }
    }

    /// Returns UTCTime up to 2049 and GeneralizedTime from 2050, as in RFC 5280.
    pub(crate) fn encode(self) -> Vec<u8> {
        if (1950..2050).contains(&self.year) {
            der::element(0x17, format!("{:02}{}Z", self.year % 100, self.digits()).as_bytes())
        } else {
            self.generalized()
        }
    }

    /// GeneralizedTime for any year.
    pub(crate) fn generalized(self) -> Vec<u8> {
        der::element(0x18, format!("{:04}{}Z", self.year, self.digits()).as_bytes())
    }

    /// Returns month, day, hour, minute and second.
    fn digits(self) -> String {
        let Self { month, day, hour, minute, second, .. } = self;
        format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}")
    }
}

/// Returns the ASN.1 Time of a FILETIME.
pub(crate) fn time(filetime: u64) -> Vec<u8> {
    Clock::new(filetime).encode()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::time::filetime;

    #[test]
    fn date_of_filetime_is_recovered() {
        let mut rng = Rng::new(1);
        for _ in 0..2000 {
            let time = rng.below(9000 * 365 * 86_400) as u64 * SECOND;
            let Clock { year, month, day, hour, minute, second } = Clock::new(time);
            assert_eq!(filetime(year, month, day, hour, minute, second), time);
        }
    }

    #[test]
    fn time_form_depends_on_the_year() {
        let time = |year| time(filetime(year, 2, 3, 4, 5, 6));
        assert_eq!(time(1950), b"\x17\x0D500203040506Z");
        assert_eq!(time(2049), b"\x17\x0D490203040506Z");
        assert_eq!(time(2050), b"\x18\x0F20500203040506Z");
        assert_eq!(time(1949), b"\x18\x0F19490203040506Z");
    }

    #[test]
    fn leap_day_moves_the_following_days() {
        let leap = Clock::new(filetime(2024, 2, 29, 0, 0, 0)).in_year(1970);
        assert_eq!((leap.year, leap.month, leap.day), (1970, 2, 28));
    }
}
