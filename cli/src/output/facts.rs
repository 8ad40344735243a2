// SPDX-License-Identifier: GPL-3.0-or-later
//! Facts with labels, one per line.

use core::fmt::Display;
use std::io::{self, Write};

/// Width of the labels.
const LABEL: usize = 20;

/// Facts in the order of output.
#[derive(Debug, Default)]
pub(crate) struct Facts(Vec<(&'static str, String)>);

impl Facts {
    pub(crate) fn add(&mut self, label: &'static str, value: impl Display) {
        self.0.push((label, value.to_string()));
    }

    /// Adds a fact; nothing for `None`.
    pub(crate) fn add_some(&mut self, label: &'static str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.add(label, value);
        }
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.0.iter().try_for_each(|(label, value)| writeln!(out, "{label:<LABEL$} {value}"))
    }
}

/// Formats flags as a number, followed by the names of known flags.
pub(crate) fn flags(bits: u32, names: &[&str]) -> String {
    let names: String = names.iter().map(|name| format!(" {name}")).collect();
    format!("{bits:#x}{names}")
}
