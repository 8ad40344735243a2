// SPDX-License-Identifier: GPL-3.0-or-later
//! One JSON object, for programs.

use std::io::{self, Write};

use serde::Serialize;

/// Writes it indented, with a line feed at the end.
pub(crate) fn write(out: &mut dyn Write, what: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, what)?;
    writeln!(out)
}

/// Writes it in one line.
pub(crate) fn write_line(out: &mut dyn Write, what: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, what)?;
    writeln!(out)
}
