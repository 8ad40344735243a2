// SPDX-License-Identifier: GPL-3.0-or-later
//! JSON output.

use std::io::{self, Write};

use serde::Serialize;

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
