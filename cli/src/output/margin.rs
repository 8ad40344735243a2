// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Margin`]: wraps lines that are wider than the output.

use std::io::{self, Write};

use textwrap::core::display_width;

use crate::text::wrap;

/// Blanks before the rest of a wrapped line, from the start of the line.
const STEP: usize = 2;

/// Writes text for people, and wraps lines that are wider than the output. The rest of a wrapped line begins
/// below the value of the line, or after the indentation of the line.
#[derive(Debug)]
pub(crate) struct Margin<W: Write> {
    out: W,
    /// Width of the output. `None` for an output without a width, and for formats that programs read.
    width: Option<usize>,
    /// The line so far.
    line: Vec<u8>,
}

impl<W: Write> Margin<W> {
    pub(crate) const fn new(out: W, width: Option<usize>) -> Self {
        Self { out, width, line: Vec::new() }
    }

    /// Writes the line so far.
    fn end_line(&mut self, width: usize) -> io::Result<()> {
        let line = core::mem::take(&mut self.line);
        let Ok(text) = core::str::from_utf8(&line) else { return self.out.write_all(&line) };
        let (text, end) = text.strip_suffix('\n').map_or((text, ""), |text| (text, "\n"));
        if display_width(text) <= width {
            return self.out.write_all(&line);
        }
        let lines = wrapped(text, width);
        write!(self.out, "{}{end}", lines.join("\n"))
    }
}

impl<W: Write> Write for Margin<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(width) = self.width else { return self.out.write(bytes) };
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end_line(width)?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if let Some(width) = self.width.filter(|_| !self.line.is_empty()) {
            self.end_line(width)?;
        }
        self.out.flush()
    }
}

/// Returns the lines of a line that is too wide. Indentation takes at most half of the width.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    let text = line.trim_start_matches(' ');
    let indent = line.len().saturating_sub(text.len()).min(width / 2);
    let hang = hang(text).map(|at| at.saturating_add(indent)).filter(|at| *at <= width / 2);
    let hang = hang.unwrap_or_else(|| indent.saturating_add(STEP).min(width / 2));
    wrap::lines_between(text, &" ".repeat(indent), &" ".repeat(hang), width)
}

/// Returns the column of the value in a line with a label.
fn hang(text: &str) -> Option<usize> {
    let (label, rest) = text.split_once("  ")?;
    let value = rest.trim_start_matches(' ');
    let blanks = rest.len().saturating_sub(value.len());
    Some(display_width(label).saturating_add(STEP).saturating_add(blanks))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, width: Option<usize>) -> String {
        let mut out = Vec::new();
        let mut margin = Margin::new(&mut out, width);
        for byte in text.as_bytes() {
            margin.write_all(&[*byte]).unwrap();
        }
        margin.flush().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rest_of_a_line_begins_below_its_value() {
        let text = "  Label     one two three four\nnext";
        assert_eq!(written(text, Some(26)), "  Label     one two three\n            four\nnext");
    }

    #[test]
    fn rest_of_a_line_without_label_is_indented() {
        assert_eq!(written("  one two three\n", Some(10)), "  one two\n    three\n");
        assert_eq!(written("one two three\n", None), "one two three\n");
    }

    #[test]
    fn indentation_takes_at_most_half_of_the_width() {
        let text = format!("{}one two\n", " ".repeat(50));
        assert_eq!(written(&text, Some(12)), "      one\n      two\n");
    }
}
