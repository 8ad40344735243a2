// SPDX-License-Identifier: GPL-3.0-or-later
//! Keys and values of a hive as an indented tree: `[key]  time`, then `"value" TYPE data` below.

use std::io::{self, Write};

use calhive::{Data, Error, Key, Value};

use crate::output::data::{self, Decoded};

const INDENT: usize = 2;

/// Writes a key at this depth.
pub(crate) fn key(out: &mut dyn Write, depth: usize, key: Key<'_>) -> io::Result<()> {
    indent(out, depth)?;
    // A bracket inside a name must not look like the end of the name.
    let name = key.name().to_string().replace(']', r"\u{5D}");
    writeln!(out, "[{name}]  {}", key.last_written())
}

/// Writes a value of a key at this depth, with its readable data.
pub(crate) fn value(
    out: &mut dyn Write,
    depth: usize,
    value: Value<'_>,
    data: Option<Data<'_>>,
    error: Option<Error>,
) -> io::Result<()> {
    indent(out, depth.saturating_add(1))?;
    if value.name().is_empty() {
        write!(out, "@")?;
    } else {
        write!(out, "{}", data::quoted(&value.name().to_string()))?;
    }
    write!(out, " {}", value.value_type())?;
    let bytes = data.map(Data::to_bytes).unwrap_or_default();
    if error.is_none() || !bytes.is_empty() {
        let shown = Decoded::of(value.value_type(), &bytes).short(&bytes);
        write!(out, " {shown}")?;
    }
    match error {
        Some(error) => writeln!(out, "  (incomplete: {error})"),
        None => writeln!(out),
    }
}

/// Writes the fault of an unreadable key or value.
pub(crate) fn fault(out: &mut dyn Write, depth: usize, error: Error) -> io::Result<()> {
    indent(out, depth)?;
    writeln!(out, "(unreadable: {error})")
}

fn indent(out: &mut dyn Write, depth: usize) -> io::Result<()> {
    write!(out, "{:1$}", "", depth.saturating_mul(INDENT))
}
