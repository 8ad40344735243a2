// SPDX-License-Identifier: GPL-3.0-or-later
//! Width of the output, in columns.

use std::{env, io};

/// Width if neither `COLUMNS` nor a terminal gives one.
const DEFAULT: usize = 100;
/// Smallest width that tables are made for.
const LEAST: usize = 40;

/// Returns the width of the output: `COLUMNS`, else the width of the terminal, else 100.
pub(crate) fn columns() -> usize {
    given().unwrap_or(DEFAULT)
}

/// Returns the width that `COLUMNS` or the terminal gives.
pub(crate) fn given() -> Option<usize> {
    let set = env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    let set = set.filter(|width| *width > 0);
    let terminal = || terminal_size::terminal_size_of(io::stdout());
    let width = set.or_else(|| terminal().map(|(width, _)| usize::from(width.0)));
    width.map(|width| width.max(LEAST))
}
