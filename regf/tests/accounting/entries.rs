// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table of entry points: how each is called on an input, and what it may cost for each byte.

mod hives;
mod logs;
mod raw;
mod recovery;

use hive_forge::family::Case;

use crate::ledger::Cost;

/// Keys, values or records that are read one by one, by an entry point whose limit holds for one call.
pub(crate) const SAMPLE: usize = 4;
/// Bytes that one item given to the caller counts as output.
pub(crate) const ITEM: u64 = 16;

/// Memory for the bytes before the first bin of a fragment, and between the pages of a log without its
/// hive, twice. These bytes are zeros, and the system provides no memory before they are used.
pub(crate) const FURTHEST: u64 = 1 << 30;

/// One entry point.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// Calls the entry point on the case. Returns the output.
    pub(crate) run: fn(&Case) -> u64,
    /// Most that a call may cost for each byte of the case.
    pub(crate) most: Cost,
    /// Bytes that the entry point holds and allocates whatever the input, such as a buffer.
    buffer: u64,
}

impl Entry {
    /// An entry point with its limits in one order: work, peak and total memory, output.
    const fn new(name: &'static str, run: fn(&Case) -> u64, most: [u64; 4]) -> Self {
        let [work, peak, total, output] = most;
        Self { name, run, most: Cost { work, peak, total, output }, buffer: 0 }
    }

    const fn with_buffer(self, buffer: u64) -> Self {
        Self { buffer, ..self }
    }

    /// Returns the cost of any input in a column of the table.
    pub(crate) fn fixed(&self, column: &str) -> u64 {
        if matches!(column, "peak" | "total") { self.buffer } else { 0 }
    }
}

/// All entry points.
pub(crate) fn all() -> Vec<Entry> {
    [hives::entries(), recovery::entries(), logs::entries(), raw::entries()]
        .into_iter()
        .flatten()
        .collect()
}

/// Counts text as output.
pub(crate) fn text(text: impl std::fmt::Display) -> u64 {
    text.to_string().len() as u64
}

/// Returns at most [`SAMPLE`] items, spread over all.
pub(crate) fn sample<T>(items: Vec<T>) -> impl Iterator<Item = T> {
    let step = (items.len() / SAMPLE).max(1);
    items.into_iter().step_by(step).take(SAMPLE)
}
