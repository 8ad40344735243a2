// SPDX-License-Identifier: GPL-3.0-or-later
//! A [`Screen`] as Markdown: the summary of a case, for a ticket.
//!
//! Characters of the evidence that Markdown or HTML reads as markup are escaped.

use std::io::{self, Write};

use crate::screen::{Kind, Line, Screen, Section};
use crate::text::escape;

/// Characters that are escaped with a backslash.
const SPECIAL: &[char] = &[
    '\\', '`', '*', '_', '{', '}', '[', ']', '(', ')', '#', '+', '-', '.', '!', '|', '~', '>', ':',
];

/// Writes the page.
pub(crate) fn write(out: &mut dyn Write, screen: &Screen) -> io::Result<()> {
    for (index, line) in screen.title.iter().enumerate() {
        let mark = if index == 0 { "## " } else { "" };
        writeln!(out, "{mark}{}\n", text(line))?;
    }
    screen.sections.iter().try_for_each(|section| write_section(out, section))?;
    screen.closing.iter().try_for_each(|line| writeln!(out, "{}\n", text(line)))
}

/// Writes a section: a heading, and a table of its rows.
fn write_section(out: &mut dyn Write, section: &Section) -> io::Result<()> {
    writeln!(out, "### {}\n", escaped(&capitalized(&section.label)))?;
    let is_table = section.head.len() > 1;
    if !is_table && !section.head.is_empty() {
        writeln!(out, "{}\n", cells(&section.head).join(" "))?;
    }
    let rows: Vec<Vec<String>> = section
        .rows
        .iter()
        .map(|row| [text(&row.label)].into_iter().chain(cells(&row.cells)).collect())
        .collect();
    let head: Vec<String> = if is_table { cells(&section.head) } else { Vec::new() };
    if rows.is_empty() && !is_table {
        return Ok(());
    }
    let width = rows.iter().map(Vec::len).chain([head.len().saturating_add(1)]).max();
    let width = width.unwrap_or_default();
    let head = [String::new()].into_iter().chain(head).collect();
    write_row(out, head, width)?;
    writeln!(out, "|{}", "---|".repeat(width))?;
    rows.into_iter().try_for_each(|row| write_row(out, row, width))?;
    writeln!(out)
}

fn write_row(out: &mut dyn Write, mut cells: Vec<String>, width: usize) -> io::Result<()> {
    cells.resize(width, String::new());
    writeln!(out, "| {} |", cells.join(" | "))
}

fn cells(lines: &[Line]) -> Vec<String> {
    lines.iter().map(text).collect()
}

/// Returns a line as Markdown.
fn text(line: &Line) -> String {
    line.0
        .iter()
        .map(|span| {
            let text = escaped(&span.text);
            let inner = text.trim();
            match span.kind {
                Kind::Severity(_) | Kind::InEffect | Kind::Warning | Kind::Name
                    if !inner.is_empty() =>
                {
                    let (start, end) =
                        (blanks(&text, text.trim_start()), blanks(&text, text.trim_end()));
                    format!("{}**{inner}**{}", " ".repeat(start), " ".repeat(end))
                }
                _ => text,
            }
        })
        .collect()
}

const fn blanks(text: &str, trimmed: &str) -> usize {
    text.len().saturating_sub(trimmed.len())
}

/// Escapes control characters, markup of Markdown, and HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in escape::message(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            // Some renderers link mail addresses in escaped text, too, so a comment splits them.
            '@' => escaped.push_str("@<!-- -->"),
            c => {
                if SPECIAL.contains(&c) {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
        }
    }
    escaped
}

/// Returns "Stored licenses" for "STORED LICENSES".
fn capitalized(label: &str) -> String {
    let lower = label.to_lowercase();
    let mut chars = lower.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_evidence_text_is_escaped() {
        assert_eq!(escaped("<b>a|b*_`"), r"&lt;b\>a\|b\*\_\`");
        assert_eq!(escaped("[x](y)\u{202E}\n"), r"\[x\]\(y\)\\u\{202E\}\\u\{A\}");
        assert_eq!(escaped("a@b http://c"), r"a@<!-- -->b http\://c");
    }

    #[test]
    fn spans_of_meaning_are_bold() {
        let line = Line::plain("a ").and(Kind::Warning, " b ").then("c");
        assert_eq!(text(&line), "a  **b** c");
    }
}
