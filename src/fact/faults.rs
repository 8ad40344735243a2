// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Faults`]: the number of faults, and the first of them.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use calhive_regf::error::Error;

/// Number of faults, and the first of them.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Number of faults.
    pub total: u64,
    /// The first [`Faults::KEPT`] faults.
    pub first: Vec<Error>,
    /// Faults already counted. Several look-ups can find the same fault, which counts once.
    counted: BTreeSet<Error>,
}

impl Faults {
    /// Maximum length of `first`. Damage can cause as many faults as a hive has cells.
    pub const KEPT: usize = 100;
    /// Maximum size of `counted`. A fault after this limit counts each time that a look-up finds it.
    const COUNTED: usize = 100_000;

    /// Adds a fault, unless it was added before.
    pub(crate) fn add(&mut self, fault: Error) {
        let is_known = if self.counted.len() < Self::COUNTED {
            !self.counted.insert(fault)
        } else {
            self.counted.contains(&fault)
        };
        if is_known {
            return;
        }
        self.total = self.total.saturating_add(1);
        if self.first.len() < Self::KEPT {
            self.first.push(fault);
        }
    }
}
