// SPDX-License-Identifier: GPL-3.0-or-later
//! Tables for people, without colors. Text is wrapped only to fit a terminal.

use std::io::{self, IsTerminal as _, Write};

use comfy_table::{ContentArrangement, Table, TableStyle, presets};

/// Writes a header and rows with one line each.
pub(crate) fn write<const COLUMNS: usize>(
    out: &mut dyn Write,
    header: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> io::Result<()> {
    write_styled(out, presets::UTF8_FULL_CONDENSED, header, rows)
}

/// Writes a header and rows with several lines each.
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
