// SPDX-License-Identifier: GPL-3.0-or-later
//! Tables for people. Nothing is wrapped unless it would not fit the terminal; there are no colors.

use std::io::{self, IsTerminal as _, Write};

use comfy_table::{ContentArrangement, Table, TableStyle, presets};

/// Writes rows of one line each below a header.
pub(crate) fn write<const COLUMNS: usize>(
    out: &mut dyn Write,
    header: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> io::Result<()> {
    write_styled(out, presets::UTF8_FULL_CONDENSED, header, rows)
}

/// Writes rows of several lines each below a header.
pub(crate) fn write_tall<const COLUMNS: usize>(
    out: &mut dyn Write,
    header: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> io::Result<()> {
    write_styled(out, presets::UTF8_FULL, header, rows)
}

fn write_styled<const COLUMNS: usize>(
    out: &mut dyn Write,
    style: TableStyle,
    header: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(style).set_header(header).add_rows(rows);
    table.set_content_arrangement(if io::stdout().is_terminal() {
        ContentArrangement::Dynamic
    } else {
        ContentArrangement::Disabled
    });
    writeln!(out, "{}", table.trim_fmt())
}
