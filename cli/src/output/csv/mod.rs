// SPDX-License-Identifier: GPL-3.0-or-later
//! Reports as tables of comma-separated values (`scan --format csv`, and the tables of `scan -o DIR`).
//!
//! # Format
//!
//! UTF-8 with a byte order mark, a line of column names, CRLF at the end of each line, and quotes as in
//! RFC 4180. Spreadsheets and Timeline Explorer open these files without questions.
//!
//! A time has three columns: the exact time with seven digits of a second, the same time with three digits
//! (rounded down), which spreadsheets take for a time, and the FILETIME as text. All times are UTC.
//!
//! # Guarded cells
//!
//! A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a formula,
//! some of them also after blanks or in full width. It
//! also rounds numbers over 15 digits, and drops zeros at the start of a number. calhive writes a `'` before
//! such a cell. A cell that begins with `'` gets a second `'`. So a reader that removes one `'` at the start of
//! each cell has the text of the report. `Clean` text needs no guard and stays as it is.
//!
//! Control characters and characters that deceive a reader are escaped, as in every output of calhive: `\u{A}`.

use std::io::{self, Write};

use calhive::FileTime;

use crate::text::escape;

pub(crate) mod copies;
pub(crate) mod facts;
pub(crate) mod findings;
pub(crate) mod hosts;
pub(crate) mod settings;
pub(crate) mod timeline;
pub(crate) mod tokens;

/// Longest whole number that spreadsheets keep exactly, in digits.
const EXACT_DIGITS: usize = 15;

/// Writes a table: first the byte order mark and the names of the columns, then the rows.
struct Table<'o> {
    out: csv::Writer<&'o mut dyn Write>,
}

impl<'o> Table<'o> {
    fn new(out: &'o mut dyn Write, columns: &[&str]) -> io::Result<Self> {
        out.write_all("\u{FEFF}".as_bytes())?;
        let mut builder = csv::WriterBuilder::new();
        let out = builder.terminator(csv::Terminator::CRLF).from_writer(out);
        let mut table = Self { out };
        table.record(columns)?;
        Ok(table)
    }

    /// Writes a row. The number of cells must be the number of columns.
    fn row(&mut self, row: Row) -> io::Result<()> {
        self.record(&row.0)
    }

    /// Writes cells. An error of the output keeps its kind: a broken pipe is no error of calhive.
    fn record(&mut self, cells: &[impl AsRef<[u8]>]) -> io::Result<()> {
        self.out.write_record(cells).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            kind => io::Error::other(format!("{kind:?}")),
        })
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The cells of a row.
#[derive(Default)]
struct Row(Vec<String>);

impl Row {
    /// Adds guarded text.
    fn text(&mut self, text: impl AsRef<str>) -> &mut Self {
        self.0.push(guarded(text.as_ref()));
        self
    }

    /// Adds guarded text, or an empty cell.
    fn some(&mut self, text: Option<impl AsRef<str>>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.text(""),
        }
    }

    /// Adds a list with `; ` between its items.
    fn list<T: AsRef<str>>(&mut self, items: impl IntoIterator<Item = T>) -> &mut Self {
        let items: Vec<T> = items.into_iter().collect();
        self.text(items.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join("; "))
    }

    /// Adds an exact time, the same time for spreadsheets, and its FILETIME.
    fn time(&mut self, time: Option<FileTime>) -> &mut Self {
        let exact = time.map(|time| time.to_string().replace('T', " ").replace('Z', ""));
        self.some(exact.as_deref());
        self.some(exact.as_deref().map(|exact| {
            let end = exact.len().saturating_sub(4);
            exact.get(..end).unwrap_or(exact)
        }));
        self.some(time.map(|time| time.raw().to_string()))
    }
}

/// Returns the text for a cell: escaped, and guarded if a spreadsheet would change or run it.
fn guarded(text: &str) -> String {
    let text = escape::message(text);
    let start = text.trim_start();
    let is_formula = text.starts_with(['\t', '\r', '\''])
        || start.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if is_formula || is_changed_number(&text) { format!("'{text}") } else { text }
}

/// Whether a spreadsheet takes the text for a number and shows another one.
fn is_changed_number(text: &str) -> bool {
    if !text.starts_with(|first: char| first.is_ascii_digit()) || text.parse::<f64>().is_err() {
        return false;
    }
    let is_whole = text.bytes().all(|digit| digit.is_ascii_digit());
    !is_whole || text.len() > EXACT_DIGITS || (text.len() > 1 && text.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_a_spreadsheet_would_run_or_change_are_guarded() {
        for text in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "'x",
            " =1",
            "＝1",
            "0012",
            "1E5",
            "10.0",
            "133445678901234567",
        ] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        for text in
            ["", "0", "12", "123456789012345", "a=1", "10.0.0.1", "0x10", "2024-02-01 00:00:00"]
        {
            assert_eq!(guarded(text), text);
        }
        assert_eq!(guarded("\t=1"), r"\u{9}=1", "escaped text is no formula");
    }

    #[test]
    fn time_has_an_exact_column_and_one_for_spreadsheets() {
        let mut row = Row::default();
        row.time(Some(FileTime::from_raw(133_512_192_001_234_567))).time(None);
        let cells =
            ["2024-02-01 00:00:00.1234567", "2024-02-01 00:00:00.123", "'133512192001234567"];
        assert_eq!(row.0, [&cells[..], &[""; 3]].concat());
    }

    #[test]
    fn table_begins_with_a_mark_and_quotes_commas() {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out, &["A", "B"]).unwrap();
        let mut row = Row::default();
        row.text("a,\"b\"").list(["c", "d"]);
        table.row(row).unwrap();
        table.finish().unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\u{FEFF}A,B\r\n\"a,\"\"b\"\"\",c; d\r\n");
    }
}
