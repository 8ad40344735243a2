// SPDX-License-Identifier: GPL-3.0-or-later
//! Sentences in lines of limited width.

use std::io::{self, Write};

use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// Columns in a line.
const WIDTH: usize = 100;

/// Writes a text in lines. The first line begins with `first`, the others with as many blanks.
/// A word longer than a line stays whole.
pub(crate) fn write(out: &mut dyn Write, first: &str, text: &str) -> io::Result<()> {
    let blanks = " ".repeat(display_width(first));
    let options = Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(&blanks)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .break_words(false);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = textwrap::wrap(&text, options);
    lines.iter().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(first: &str, text: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, first, text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_hold_up_to_a_hundred_columns() {
        let (a, b) = ("a".repeat(49), "b".repeat(48));
        assert_eq!(wrapped("- ", &format!("{a}  {b}\nc")), format!("- {a} {b}\n  c\n"));
        let b = "b".repeat(49);
        assert_eq!(wrapped("- ", &format!("{a} {b}")), format!("- {a}\n  {b}\n"));
        let long = "x".repeat(120);
        assert_eq!(wrapped("  ", &format!("a {long} b")), format!("  a\n  {long}\n  b\n"));
        assert_eq!(wrapped("  ", ""), "\n");
    }

    #[test]
    fn hyphenated_words_stay_whole() {
        let (a, word) = ("a".repeat(90), "read-only-memory");
        assert_eq!(wrapped("", &format!("{a} {word}")), format!("{a}\n{word}\n"));
    }

    #[test]
    fn wide_characters_count_as_two_columns() {
        let (a, wide) = ("a".repeat(49), "許".repeat(24));
        assert_eq!(wrapped("- ", &format!("{a} {wide}")), format!("- {a} {wide}\n"));
        let wide = "許".repeat(25);
        assert_eq!(wrapped("- ", &format!("{a} {wide}")), format!("- {a}\n  {wide}\n"));
    }
}
