// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Survey`]: one pass over a whole hive, which counts readable items and faults.

use calhive_regf::error::{Error, ErrorKind};
use calhive_regf::hive::Hive;
use calhive_regf::hive::hidden::{HiddenItems, Shown};

use crate::fact::{Counts, Faults, KeyTimes};

/// Result of a pass over a whole hive.
pub(super) struct Survey {
    /// Numbers of keys and values that can be read; `None` without a pass.
    pub(super) counts: Option<Counts>,
    /// Items that the hive refers to, but that calhive cannot read.
    pub(super) unread: Faults,
    /// Faults of items that can be read.
    pub(super) faults: Faults,
    /// Last-written times of the keys.
    pub(super) key_times: KeyTimes,
}

impl Survey {
    /// Returns the result if no pass was made. The result contains only the fault of the root.
    pub(super) fn none(hive: Hive<'_>) -> Self {
        let mut unread = Faults::default();
        hive.root_fault().into_iter().for_each(|fault| unread.add(fault));
        Self { counts: None, unread, faults: Faults::default(), key_times: KeyTimes::default() }
    }

    /// Traverses all keys, values and data, and finds the hidden items on the way.
    pub(super) fn of(hive: Hive<'_>, is_fragment: bool) -> (Self, HiddenItems<'_>) {
        let (mut counts, mut unread, mut faults) = <(Counts, Faults, Faults)>::default();
        let mut key_times = KeyTimes::default();
        let hidden = hive.hidden_beside(|walk, shown| match shown {
            Ok(Shown::Key(key)) => {
                counts.keys = counts.keys.saturating_add(1);
                key_times.add(key.last_written());
            }
            Ok(Shown::Value(value)) => {
                if let Some(fault) = value.name_fault() {
                    if is_loss(fault) { unread.add(fault) } else { faults.add(fault) }
                }
                match walk.data(value) {
                    Ok(_) => counts.values = counts.values.saturating_add(1),
                    Err(error) => unread.add(error),
                }
            }
            Err(error) => unread.add(error),
        });
        for fault in hidden.tree_faults() {
            // The root of a whole file counts as unread, because a root found by search can be the
            // wrong key. A fragment has a made-up base block, so the fault of its root shows
            // nothing.
            let is_root = Some(*fault) == hive.root_fault();
            if is_loss(*fault) || is_root && !is_fragment {
                unread.add(*fault);
            } else if !is_root {
                faults.add(*fault);
            }
        }
        (Self { counts: Some(counts), unread, faults, key_times }, hidden)
    }
}

/// Whether the fault means that a shown item lost a part, such as the end of its name.
const fn is_loss(fault: Error) -> bool {
    matches!(fault.kind(), ErrorKind::Truncated { .. })
}
