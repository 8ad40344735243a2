// SPDX-License-Identifier: GPL-3.0-or-later
//! JSON output.
//!
//! [`calhive::report`] describes the document, [`calhive::report::ReportRecord`] the lines.

use alloc::borrow::Cow;
use core::mem;
use core::num::NonZeroUsize;
use std::io::{self, Write};

use calhive::Report;
use calhive::report::{DocumentPart, PartValue};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::output::batches::in_order;

/// Writes indented JSON with a final line feed.
pub(crate) fn write(out: &mut dyn Write, what: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, what)?;
    writeln!(out)
}

/// Writes JSON in one line.
pub(crate) fn write_line(out: &mut dyn Write, what: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, what)?;
    writeln!(out)
}

/// Writes a report as one document, with each fact, host, token, finding and event on a line of its own. Makes the
/// text on this number of threads.
pub(crate) fn write_report(
    out: &mut dyn Write,
    report: &Report,
    threads: NonZeroUsize,
) -> io::Result<()> {
    let mut layout = Layout::default();
    let parts = report.document_parts().map(|part| layout.place(part));
    out.write_all(b"{")?;
    in_order(out, threads, parts, |text, (before, depth, value)| {
        text.extend_from_slice(before.as_bytes());
        let Some(value) = value else { return Ok(()) };
        let rows = Rows { depth: *depth, has_items: false };
        Ok(value.serialize(&mut Serializer::with_formatter(text, rows))?)
    })?;
    writeln!(out, "{}\n}}", layout.end_of_list())
}

/// Writes a report as JSON Lines: each record on a line of its own. Makes the text on this number of threads.
pub(crate) fn write_records(
    out: &mut dyn Write,
    report: &Report,
    threads: NonZeroUsize,
) -> io::Result<()> {
    in_order(out, threads, report.records(), |text, record| write_line(text, record))
}

/// Places the parts of a document as [`Rows`] places the whole document.
#[derive(Debug, Default)]
struct Layout {
    has_fields: bool,
    /// Whether the open list has items; `None` without an open list.
    list_has_items: Option<bool>,
}

impl Layout {
    /// Returns the text before a part, the depth of its value, and the value.
    fn place<'r>(
        &mut self,
        part: DocumentPart<'r>,
    ) -> (Cow<'static, str>, usize, Option<PartValue<'r>>) {
        match part {
            DocumentPart::Field(name, value) => (self.field(name, "").into(), 1, Some(value)),
            DocumentPart::List(name) => {
                let before = self.field(name, "[");
                self.list_has_items = Some(false);
                (before.into(), 1, None)
            }
            DocumentPart::Item(value) => {
                let is_first = self.list_has_items.replace(true) != Some(true);
                (if is_first { "\n  " } else { ",\n  " }.into(), ROWS, Some(value))
            }
        }
    }

    fn field(&mut self, name: &str, mark: &str) -> String {
        let end = self.end_of_list();
        let comma = if mem::replace(&mut self.has_fields, true) { "," } else { "" };
        format!("{end}{comma}\n \"{name}\":{mark}")
    }

    /// Returns the end of the open list.
    fn end_of_list(&mut self) -> &'static str {
        match self.list_has_items.take() {
            Some(true) => "\n ]",
            Some(false) => "]",
            None => "",
        }
    }
}

/// Depth of the deepest items that start on a line of their own.
const ROWS: usize = 2;

/// Breaks lines before the fields of the document and before their items.
#[derive(Debug, Default)]
struct Rows {
    depth: usize,
    /// Whether the innermost list or object of a depth up to [`ROWS`] has items.
    has_items: bool,
}

impl Rows {
    fn open<W: Write + ?Sized>(&mut self, out: &mut W, mark: &[u8]) -> io::Result<()> {
        self.depth = self.depth.saturating_add(1);
        self.has_items = false;
        out.write_all(mark)
    }

    fn item<W: Write + ?Sized>(&mut self, out: &mut W, is_first: bool) -> io::Result<()> {
        self.has_items = true;
        if !is_first {
            out.write_all(b",")?;
        }
        if self.depth > ROWS { Ok(()) } else { new_line(out, self.depth) }
    }

    fn close<W: Write + ?Sized>(&mut self, out: &mut W, mark: &[u8]) -> io::Result<()> {
        let is_broken = self.has_items && self.depth <= ROWS;
        self.depth = self.depth.saturating_sub(1);
        if is_broken {
            new_line(out, self.depth)?;
        }
        self.has_items = true;
        out.write_all(mark)
    }
}

fn new_line<W: Write + ?Sized>(out: &mut W, depth: usize) -> io::Result<()> {
    out.write_all(b"\n")?;
    (0..depth).try_for_each(|_| out.write_all(b" "))
}

impl Formatter for Rows {
    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }

    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.item(out, first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calhive_regf::hive::look_up::LookUp;

    #[test]
    fn items_up_to_the_second_depth_start_lines() {
        let value =
            serde_json::json!({"a": [], "b": [{"c": [1, 2]}, {}], "d": {"e": {"f": 1}}, "g": 3});
        let mut out = Vec::new();
        value.serialize(&mut Serializer::with_formatter(&mut out, Rows::default())).unwrap();
        let expected = "{\n \"a\":[],\n \"b\":[\n  {\"c\":[1,2]},\n  {}\n ],\n \
                        \"d\":{\n  \"e\":{\"f\":1}\n },\n \"g\":3\n}";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert_eq!(serde_json::from_str::<serde_json::Value>(expected).unwrap(), value);
    }

    #[test]
    fn document_of_parts_is_the_document_as_a_whole() {
        let hives = hive_forge::scenario::hives();
        let facts: Vec<_> = hives
            .iter()
            .map(|(name, bytes)| {
                let hive = calhive_regf::Hive::parse(bytes).unwrap();
                calhive::collect(&calhive::fact::Source::new(hive, name.as_str()), LookUp::Thorough)
            })
            .collect();
        let mut report = calhive::interpret(&facts, None);
        assert!(!report.tokens.is_empty() && !report.findings.is_empty() && report.hosts.len() > 5);
        report.not_read.push(calhive_evidence::NotRead::interrupted("SYSTEM".as_ref()));
        report.not_read.push(calhive_evidence::NotRead::interrupted("SOFTWARE".as_ref()));
        let mut whole = Vec::new();
        report.serialize(&mut Serializer::with_formatter(&mut whole, Rows::default())).unwrap();
        for threads in [1, 2, 5] {
            let mut parts = Vec::new();
            write_report(&mut parts, &report, NonZeroUsize::new(threads).unwrap()).unwrap();
            assert_eq!(String::from_utf8(parts), String::from_utf8([&*whole, b"\n"].concat()));
        }
    }
}
