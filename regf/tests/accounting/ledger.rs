// SPDX-License-Identifier: MIT OR Apache-2.0
//! What one call cost, and what it may cost.

use std::fmt;

use calhive_regf::meter;
use hive_forge::family::Case;

use crate::entries::Entry;
use crate::memory::measure;

/// Cost of any input, in the unit of each column: a small input needs its first allocations.
const BASE: u64 = 128 << 10;
/// What four times the bytes may cost, as a multiple in tenths: linear, with room for rounding.
const GROWTH: u64 = 50;

/// Cost of a call; as a limit, the cost for each byte given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Units that [`meter::count`] counted.
    pub(crate) work: u64,
    /// Largest number of bytes in memory at one time.
    pub(crate) peak: u64,
    /// Bytes of all allocations together.
    pub(crate) total: u64,
    /// Bytes of text, and 16 bytes for each item given to the caller.
    pub(crate) output: u64,
}

/// Cost for each byte that is too small to judge its growth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Few {
    /// Four, for families whose items stand apart.
    Four,
    /// Half of the limit, for families whose items share content: a budget limits the shared work, and
    /// small inputs do not use it up.
    HalfOfLimit,
}

impl Cost {
    /// Costs in one order, each with its name.
    pub(crate) const fn columns(self) -> [(&'static str, u64); 4] {
        [("work", self.work), ("peak", self.peak), ("total", self.total), ("output", self.output)]
    }

    /// Runs an entry point on a case.
    pub(crate) fn of(entry: &Entry, case: &Case) -> Self {
        let before = meter::work();
        let (output, used) = measure(|| std::hint::black_box((entry.run)(case)));
        let work = meter::work() - before;
        Self { work, peak: used.peak, total: used.total, output }
    }

    /// Returns what exceeds the limits of the entry point for this number of bytes.
    pub(crate) fn excess(self, entry: &Entry, length: usize) -> Option<String> {
        let limits = entry.most.columns().into_iter().zip(self.columns());
        let over = limits.filter(|((what, most), (_, cost))| {
            *cost > most * length as u64 + BASE + entry.fixed(what)
        });
        let over: Vec<String> = over
            .map(|((what, most), (_, cost))| {
                let rate = cost / length as u64;
                format!("{what} {cost} for {length} bytes, {rate} a byte, at most {most}")
            })
            .collect();
        (!over.is_empty()).then(|| over.join("; "))
    }

    /// Returns what grows faster than the bytes from `small` to `self`, the cost of four times the bytes.
    /// Costs below `few` for each byte are too small to tell.
    pub(crate) fn growth(
        self,
        small: Self,
        entry: &Entry,
        lengths: [usize; 2],
        few: Few,
    ) -> Option<String> {
        let ratio = lengths[1] as u64 * 1000 / lengths[0] as u64;
        let columns = small.columns().into_iter().zip(self.columns()).zip(entry.most.columns());
        let over = columns.filter(|(((what, small), (_, large)), (_, most))| {
            // Vectors double their memory, which is too coarse to judge below half of the limit.
            let is_memory = matches!(what, &"peak" | &"total");
            let few = if is_memory || few == Few::HalfOfLimit { most / 2 } else { 4 };
            *large > few * lengths[1] as u64 + BASE + entry.fixed(what)
                && *large > (small + BASE / 16) * ratio / 1000 * GROWTH / 40
        });
        let over: Vec<String> = over
            .map(|(((what, small), (_, large)), _)| {
                format!("{what} grows from {small} to {large} with {lengths:?} bytes")
            })
            .collect();
        (!over.is_empty()).then(|| over.join("; "))
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns().map(|(what, cost)| format!("{what} {cost}"));
        f.write_str(&columns.join(", "))
    }
}
