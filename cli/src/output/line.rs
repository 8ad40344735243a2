// SPDX-License-Identifier: GPL-3.0-or-later
//! Lines of a decoded token: a label and a value.

use core::fmt::Display;
use std::io::{self, Write};

use calhive::report::TokenFaultReport;

use crate::text::escape;

/// Width of the labels.
const LABEL: usize = 36;

/// Writes a label and its value.
pub(super) fn line(out: &mut dyn Write, label: &str, value: impl Display) -> io::Result<()> {
    writeln!(out, "  {label:<LABEL$} {}", escape::message(&value.to_string()))
}

/// Writes a label and its value; nothing for `None`.
pub(super) fn line_some(
    out: &mut dyn Write,
    label: &str,
    value: Option<impl Display>,
) -> io::Result<()> {
    value.map_or(Ok(()), |value| line(out, label, value))
}

/// Writes one line for each fault.
pub(super) fn write_faults(out: &mut dyn Write, faults: &[TokenFaultReport]) -> io::Result<()> {
    faults.iter().try_for_each(|fault| {
        let (message, at) = (&fault.message, fault.offset);
        line(out, "Fault", format_args!("{message}, at byte {at:#x} of the token"))
    })
}
