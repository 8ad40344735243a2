// SPDX-License-Identifier: MIT OR Apache-2.0
//! Times of a certificate: UTCTime and GeneralizedTime, with the forms that DER forbids.

use calhive_regf::time::FileTime;

use crate::token::ber::Element;
use crate::token::fault::TokenFaultKind;
use crate::token::fault_log::FaultLog;

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Parses a time; `None` if the element is not a valid time. Two-digit years from 50 to 99 belong
/// to the 20th century (RFC 5280 4.1.2.5.1).
pub(crate) fn parse(element: &Element<'_>, log: &mut FaultLog) -> Option<FileTime> {
    let mut fault = |kind| log.add(kind, element.offset);
    let (year, rest) = match element.tag {
        UTC_TIME => {
            let (year, rest) = digits(element.content, 2)?;
            (if year >= 50 { year.saturating_add(1900) } else { year.saturating_add(2000) }, rest)
        }
        GENERALIZED_TIME => digits(element.content, 4)?,
        _ => return None,
    };
    if element.tag == GENERALIZED_TIME && year < 2050 {
        fault(TokenFaultKind::EarlyGeneralizedTime { year });
    }
    let (month, rest) = digits(rest, 2)?;
    let (day, rest) = digits(rest, 2)?;
    let (hour, rest) = digits(rest, 2)?;
    let (minute, rest) = digits(rest, 2)?;
    let (second, rest) = digits(rest, 2).unwrap_or_else(|| {
        fault(TokenFaultKind::NoSeconds);
        (0, rest)
    });
    let is_date = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    if !(is_date && hour < 24 && minute < 60 && second < 60) {
        return None;
    }
    let offset = offset(rest)?;
    if rest != b"Z" {
        fault(TokenFaultKind::NotZulu);
    }
    let days = days_since_1970(year, month, day);
    let hours = days.checked_mul(24)?.checked_add(hour)?;
    let minutes = hours.checked_mul(60)?.checked_add(minute)?.checked_sub(offset)?;
    FileTime::from_unix_seconds(minutes.checked_mul(60)?.checked_add(second)?)
}

fn digits(text: &[u8], count: usize) -> Option<(i64, &[u8])> {
    let (digits, rest) = text.split_at_checked(count)?;
    let number = digits.iter().try_fold(0_i64, |sum, byte| {
        let digit = char::from(*byte).to_digit(10)?;
        sum.checked_mul(10)?.checked_add(i64::from(digit))
    })?;
    Some((number, rest))
}

/// Returns the offset of local time from UTC in minutes, positive if local time is ahead. The text
/// is `Z`, `+0100`, or empty.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, rest) = match text {
        [] | b"Z" => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = digits(rest, 2)?;
    rest.is_empty().then(|| hours.saturating_mul(60).saturating_add(minutes).saturating_mul(sign))
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the days from 1970-01-01 to a date in the years 0 to 9999.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the leap day is the last day.
    let year = if month <= 2 { year.saturating_sub(1) } else { year };
    let month = month.saturating_add(9) % 12;
    let of_year = month.saturating_mul(153).saturating_add(2) / 5;
    let leap_days = year
        .div_euclid(4)
        .saturating_sub(year.div_euclid(100))
        .saturating_add(year.div_euclid(400));
    let days = year.saturating_mul(365).saturating_add(leap_days).saturating_add(of_year);
    // Days from 0000-03-01 to 1970-01-01, plus one.
    days.saturating_add(day).saturating_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(tag: u8, text: &[u8]) -> (Option<String>, usize) {
        let mut log = FaultLog::default();
        let bytes = [&[tag, u8::try_from(text.len()).unwrap()][..], text].concat();
        let element = crate::token::ber::Elements::new(&bytes, 0).next().unwrap();
        let time = parse(&element.unwrap(), &mut log);
        (time.map(|time| time.to_string()), log.into_faults().len())
    }

    #[test]
    fn every_form_of_time_is_read_and_departures_are_faults() {
        for (tag, text, expected, faults) in [
            (UTC_TIME, "070620145135Z", "2007-06-20T14:51:35.0000000Z", 0),
            (UTC_TIME, "700530103618Z", "1970-05-30T10:36:18.0000000Z", 0),
            (UTC_TIME, "491231235959Z", "2049-12-31T23:59:59.0000000Z", 0),
            (UTC_TIME, "500101000000Z", "1950-01-01T00:00:00.0000000Z", 0),
            (UTC_TIME, "0706201451Z", "2007-06-20T14:51:00.0000000Z", 1),
            (UTC_TIME, "070620145135+0200", "2007-06-20T12:51:35.0000000Z", 1),
            (GENERALIZED_TIME, "20500101000000Z", "2050-01-01T00:00:00.0000000Z", 0),
            (GENERALIZED_TIME, "20070620145135Z", "2007-06-20T14:51:35.0000000Z", 1),
            (GENERALIZED_TIME, "16000229000000Z", "", 1),
            (GENERALIZED_TIME, "20000229120000Z", "2000-02-29T12:00:00.0000000Z", 1),
        ] {
            let (time, found) = parsed(tag, text.as_bytes());
            assert_eq!((time.unwrap_or_default().as_str(), found), (expected, faults), "{text}");
        }
        for bad in ["", "07", "071320145135Z", "070229145135Z", "0706201451xZ", "070620145135Zx"] {
            assert_eq!(parsed(UTC_TIME, bad.as_bytes()).0, None, "{bad}");
        }
    }
}
