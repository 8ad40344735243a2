// SPDX-License-Identifier: GPL-3.0-or-later
//! Sentences of the report as lines: times in whole seconds, one sentence a line if needed.

use crate::screen::{Kind, Line};

/// Length of a time in the sentences of a report: `2023-09-18T13:07:55.7654321Z`.
const TIME: usize = 28;
/// Length of the same time in whole seconds.
const SECONDS: usize = 19;

/// Returns a text of the report as a line, with its times in whole seconds.
pub(crate) fn line(text: &str) -> Line {
    let mut line = Line::default();
    let mut rest = text;
    while let Some((before, time, after)) = split_at_time(rest) {
        line = line.then(before).and(Kind::Time, &time.replacen('T', " ", 1));
        rest = after;
    }
    line.then(rest)
}

/// Returns the sentences of a text.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive(". ").map(str::trim_end).filter(|it| !it.is_empty()).collect()
}

/// Returns the text without the full stop at its end.
pub(crate) fn without_stop(text: &str) -> &str {
    text.strip_suffix('.').unwrap_or(text)
}

/// Splits a text at its first time.
fn split_at_time(text: &str) -> Option<(&str, &str, &str)> {
    let is_time = |bytes: &[u8]| {
        let pattern = b"0000-00-00T00:00:00.0000000Z";
        bytes.iter().zip(pattern).all(|(byte, like)| match like {
            b'0' => byte.is_ascii_digit(),
            like => byte == like,
        })
    };
    let at = text.as_bytes().windows(TIME).position(is_time)?;
    let (before, rest) = text.split_at_checked(at)?;
    let (time, after) = rest.split_at_checked(TIME)?;
    Some((before, time.get(..SECONDS)?, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_in_whole_seconds() {
        let line = line("written 2023-09-18T13:07:55.7654321Z, é");
        assert_eq!(line.text(), "written 2023-09-18 13:07:55, é");
        assert_eq!(line.0[1].kind, Kind::Time);
    }

    #[test]
    fn text_without_time_is_one_span() {
        assert_eq!(line("2023-09-18T13:07").0.len(), 1);
    }

    #[test]
    fn sentences_end_at_a_full_stop_and_a_blank() {
        assert_eq!(sentences("A 1.2 b. C d."), ["A 1.2 b.", "C d."]);
        assert_eq!(without_stop("A."), "A");
    }
}
