// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Form`]: how a page is written.

use crate::output::paint::Paint;

/// How a page is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// Width, in columns.
    pub(crate) width: usize,
    /// Largest number of lines. `None` for a page of any length.
    pub(crate) lines: Option<usize>,
    pub(crate) paint: Paint,
}
