// SPDX-License-Identifier: GPL-3.0-or-later
//! Sentences in lines of no more than so many letters.

use std::io::{self, Write};

/// Letters in a line.
const WIDTH: usize = 100;

/// Writes a text in lines, the first behind `first` and the others behind as many blanks. A word that is
/// longer than a line stays whole.
pub(crate) fn write(out: &mut dyn Write, first: &str, text: &str) -> io::Result<()> {
    let blanks = " ".repeat(first.chars().count());
    let (mut line, mut is_empty) = (String::from(first), true);
    for word in text.split_whitespace() {
        let length = line.chars().count().saturating_add(word.chars().count());
        // With the blank before it.
        if !is_empty && length >= WIDTH {
            writeln!(out, "{line}")?;
            line.clone_from(&blanks);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    writeln!(out, "{}", line.trim_end())
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
    fn lines_have_as_many_letters_as_fit() {
        let (a, b) = ("a".repeat(49), "b".repeat(48));
        assert_eq!(wrapped("- ", &format!("{a}  {b}\nc")), format!("- {a} {b}\n  c\n"));
        let b = "b".repeat(49);
        assert_eq!(wrapped("- ", &format!("{a} {b}")), format!("- {a}\n  {b}\n"));
        let long = "x".repeat(120);
        assert_eq!(wrapped("  ", &format!("a {long} b")), format!("  a\n  {long}\n  b\n"));
        assert_eq!(wrapped("  ", ""), "\n");
    }
}
