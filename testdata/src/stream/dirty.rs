// SPDX-License-Identifier: MIT OR Apache-2.0

//! Which pages of a synthetic hive a later state changes, and how.

use crate::log::{PAGE, Run, Update};

/// Pages of a later state, picked while the hive is written.
pub(super) struct DirtyPages {
    bins_size: u32,
    /// One page in so many, from the first one on.
    every: u32,
    /// The next page is taken from here on: not each one has a byte that may change.
    due: u32,
    runs: Vec<Run>,
}

impl DirtyPages {
    /// Picks about `bytes` bytes out of `bins_size`.
    pub(super) fn new(bins_size: u32, bytes: u64) -> Self {
        let wanted = bytes.div_ceil(PAGE as u64).max(1);
        let every = (u64::from(bins_size) / PAGE as u64 / wanted).max(1);
        Self { bins_size, every: every as u32 * PAGE as u32, due: 0, runs: Vec::new() }
    }

    /// The next page, with the place of a byte in it that may change.
    pub(super) fn see(&mut self, offset: u32, page: &[u8], loose: Option<usize>) {
        let Some(place) = loose.filter(|_| offset >= self.due) else { return };
        let mut bytes = page.to_vec();
        bytes[place] ^= 1;
        self.runs.push(Run { offset, bytes });
        self.due = self.due.saturating_add(self.every);
    }

    /// The way from the hive that was written to the later state.
    pub(super) fn update(self) -> Update {
        Update { bins_size: self.bins_size, flags: 0, runs: self.runs }
    }
}
