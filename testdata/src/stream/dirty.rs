// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`DirtyPages`]: the pages of a synthetic hive that a later state changes.

use crate::log::{PAGE, Run, Update};

/// Pages of a later state, chosen while the hive is written.
pub(super) struct DirtyPages {
    bins_size: u32,
    /// One page in this number, from the first page on.
    every: u32,
    /// Minimum offset of the next page, since some pages have no byte that may change.
    due: u32,
    runs: Vec<Run>,
}

impl DirtyPages {
    /// Chooses about `bytes` bytes of `bins_size`.
    pub(super) fn new(bins_size: u32, bytes: u64) -> Self {
        let wanted = bytes.div_ceil(PAGE as u64).max(1);
        let every = (u64::from(bins_size) / PAGE as u64 / wanted).max(1);
        Self { bins_size, every: every as u32 * PAGE as u32, due: 0, runs: Vec::new() }
    }

    /// Adds the next page, with the place of a byte that may change.
    pub(super) fn see(&mut self, offset: u32, page: &[u8], loose: Option<usize>) {
        let Some(place) = loose.filter(|_| offset >= self.due) else { return };
        let mut bytes = page.to_vec();
        bytes[place] ^= 1;
        self.runs.push(Run { offset, bytes });
        self.due = self.due.saturating_add(self.every);
    }

    /// Returns the update from the written hive to the later state.
    pub(super) fn update(self) -> Update {
        Update { bins_size: self.bins_size, flags: 0, runs: self.runs }
    }
}
