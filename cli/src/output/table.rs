// SPDX-License-Identifier: GPL-3.0-or-later
//! Tables for people, within the width of the output.

use std::io::{self, Write};

use crate::text::{columns, width};

/// Writes a header and rows.
pub(crate) fn write<const COLUMNS: usize>(
    out: &mut dyn Write,
    header: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> io::Result<()> {
    write_spaced(out, "", header, rows)
}

/// Writes a header and rows with several lines each. A blank line precedes each row.
pub(crate) fn write_tall<const COLUMNS: usize>(
    out: &mut dyn Write,
    header: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> io::Result<()> {
    write_spaced(out, "\n", header, rows)
}

fn write_spaced<const COLUMNS: usize>(
    out: &mut dyn Write,
    before: &str,
    header: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> io::Result<()> {
    let header = header.iter().map(|cell| cell.to_uppercase()).collect();
    let rows: Vec<Vec<String>> =
        [header].into_iter().chain(rows.into_iter().map(Vec::from)).collect();
    for (index, row) in columns::lay_out(&rows, width::columns()).iter().enumerate() {
        if index > 0 {
            write!(out, "{before}")?;
        }
        row.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}
