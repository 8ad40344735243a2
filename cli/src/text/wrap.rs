// SPDX-License-Identifier: GPL-3.0-or-later
//! Text in lines of limited width, by words.
//!
//! A line ends after a blank. The blank inside a timestamp ends no line. A path that is wider than the line
//! continues after a separator, and a component or another word that is wider than the line continues
//! anywhere. Wide characters count as two columns, combining characters as none.

use std::io::{self, Write};

use textwrap::core::{Word, display_width};
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

use crate::text::width;

/// Writes a text in lines. The first line begins with `first`, the others with as many blanks.
pub(crate) fn write(out: &mut dyn Write, first: &str, text: &str) -> io::Result<()> {
    let blanks = " ".repeat(display_width(first));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = lines_between(&text, first, &blanks, width::columns());
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Returns the lines of a text.
pub(crate) fn lines(text: &str, width: usize) -> Vec<String> {
    lines_between(text, "", "", width)
}

/// Returns the lines of a text: the first begins with `first`, the others with `next`.
pub(crate) fn lines_between(text: &str, first: &str, next: &str, width: usize) -> Vec<String> {
    let room = width.saturating_sub(display_width(first).max(display_width(next)));
    let is_wide = |word: Word<'_>| display_width(word.word) > room;
    let separate = if text.lines().flat_map(words).any(is_wide) { parts } else { words };
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(next)
        .word_separator(WordSeparator::Custom(separate))
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .break_words(true);
    let lines = textwrap::wrap(text, options);
    let mut color = None;
    lines.iter().map(|line| colored(line.trim_end(), &mut color)).collect()
}

/// Returns a line whose color ends with the line. `color` is the color at the end of the line before it.
fn colored(line: &str, color: &mut Option<String>) -> String {
    const RESET: &str = "\x1b[0m";
    let mut whole = color.take().unwrap_or_default();
    whole.push_str(line);
    let last = whole.rfind('\x1b').and_then(|at| whole.get(at..)).unwrap_or_default();
    if last.is_empty() || last.starts_with(RESET) {
        return whole;
    }
    let start = whole.rfind(RESET).map_or(0, |at| at.saturating_add(RESET.len()));
    let open = whole.get(start..).unwrap_or_default();
    let open = open
        .split_inclusive('m')
        .filter_map(|part| part.find('\x1b').and_then(|at| part.get(at..)));
    *color = Some(open.collect());
    whole.push_str(RESET);
    whole
}

/// Returns the width of the widest part of a text that no line ends in.
pub(crate) fn widest_word(text: &str) -> usize {
    text.lines().flat_map(parts).map(|word| display_width(word.word)).max().unwrap_or_default()
}

/// Splits a line into words.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    split(line, false)
}

/// Splits a line into words, and paths into components.
fn parts(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    split(line, true)
}

fn split(line: &str, in_paths: bool) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let ends = line.char_indices().filter_map(move |(at, c)| {
        let end = at.saturating_add(c.len_utf8());
        let (before, after) = line.split_at_checked(end)?;
        let next = after.chars().next()?;
        let is_end = match c {
            ' ' => next != ' ' && !is_inside_timestamp(before, after),
            // `\u{202E}` is one escaped character.
            '\\' if in_paths => next != ' ' && next != '\\' && !after.starts_with("u{"),
            '/' if in_paths => next != ' ' && next != '/',
            _ => false,
        };
        is_end.then_some(end)
    });
    let mut start = 0;
    Box::new(ends.chain([line.len()]).filter_map(move |end| {
        let word = line.get(start..end).filter(|word| !word.is_empty())?;
        start = end;
        Some(Word::from(word))
    }))
}

/// Whether the blank at the end of `before` is between a date and a time.
fn is_inside_timestamp(before: &str, after: &str) -> bool {
    let matches = |text: &[u8], pattern: &[u8]| {
        text.len() == pattern.len()
            && text.iter().zip(pattern).all(|(byte, like)| match like {
                b'0' => byte.is_ascii_digit(),
                like => byte == like,
            })
    };
    let before = before.as_bytes();
    let date = before.len().checked_sub(11).and_then(|start| before.get(start..));
    let time = after.as_bytes().get(..8);
    date.is_some_and(|date| matches(date, b"0000-00-00 "))
        && time.is_some_and(|time| matches(time, b"00:00:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_words() {
        assert_eq!(lines("one two three", 8), ["one two", "three"]);
        assert_eq!(lines("", 8), [""]);
        assert_eq!(lines_between("one two three", "- ", "  ", 9), ["- one two", "  three"]);
    }

    #[test]
    fn hyphenated_words_stay_whole() {
        assert_eq!(lines("a read-only-memory", 17), ["a", "read-only-memory"]);
    }

    #[test]
    fn timestamps_stay_whole() {
        let text = "written 2023-10-02 05:30:44 UTC";
        assert_eq!(lines(text, 20), ["written", "2023-10-02 05:30:44", "UTC"]);
        assert_eq!(lines("on 2023-10-02 x5:30:44", 15), ["on 2023-10-02", "x5:30:44"]);
        assert_eq!(widest_word(text), 19);
    }

    #[test]
    fn paths_end_between_components() {
        let path = r"Microsoft\MSLicensing\Store\LICENSE000";
        assert_eq!(lines(path, 24), [r"Microsoft\MSLicensing\", r"Store\LICENSE000"]);
        assert_eq!(lines(path, 12), [r"Microsoft\", "MSLicensing\\", "Store\\", "LICENSE000"]);
        assert_eq!(lines("evidence/SYSTEM", 10), ["evidence/", "SYSTEM"]);
        assert_eq!(lines("see evidence/SYSTEM", 16), ["see", "evidence/SYSTEM"]);
        assert_eq!(lines(r"a\u{202E}bcdef", 12), [r"a\u{202E}bcd", "ef"]);
    }

    #[test]
    fn word_wider_than_the_line_continues_in_the_next_line() {
        assert_eq!(lines("abcdefgh ij", 5), ["abcde", "fgh", "ij"]);
    }

    #[test]
    fn wide_characters_count_as_two_columns_and_combining_ones_as_none() {
        assert_eq!(lines("許許許 許", 6), ["許許許", "許"]);
        assert_eq!(lines("許許許", 5), ["許許", "許"]);
        assert_eq!(lines("e\u{301}e\u{301} x", 4), ["e\u{301}e\u{301} x"]);
    }

    #[test]
    fn color_of_a_broken_word_ends_with_the_line() {
        let text = "\x1b[1m\x1b[31mabcdefgh\x1b[0m ij";
        let red = "\x1b[1m\x1b[31m";
        let wanted = [format!("{red}abcde\x1b[0m"), format!("{red}fgh\x1b[0m"), String::from("ij")];
        assert_eq!(lines(text, 5), wanted);
    }

    #[test]
    fn first_line_begins_with_its_mark() {
        let mut out = Vec::new();
        write(&mut out, "- ", &format!("{}  b\nc", "a".repeat(96))).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, format!("- {} b\n  c\n", "a".repeat(96)));
    }
}
