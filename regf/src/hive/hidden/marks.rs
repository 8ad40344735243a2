// SPDX-License-Identifier: MIT OR Apache-2.0
//! Marks of the cells that the live tree uses.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::offset::CellOffset;

/// Use of a cell. A bad offset can mark a cell with the wrong use, so marks for different uses are
/// separate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Key,
    Value,
    /// Subkey list: leaf or index root.
    List,
    ValueList,
    /// Data, segments, class names.
    Data,
}

/// One bit for each possible cell and use.
#[derive(Debug)]
struct Marks(Vec<u64>);

impl Marks {
    const USES: usize = 5;

    fn new(hive: Hive<'_>) -> Self {
        let words = (hive.bin_bytes().len() / (8 * 64)).saturating_add(1);
        Self(vec![0; words.saturating_mul(Self::USES)])
    }

    fn place(which: Use, cell: CellOffset) -> (usize, u64) {
        let unit = cell.get() / 8;
        let word = (unit / 64) as usize;
        let word = word.saturating_mul(Self::USES).saturating_add(which as usize);
        (word, 1_u64.wrapping_shl(unit & 63))
    }

    /// Marks a cell. Returns whether the cell was already marked. Cells beyond the bins always
    /// count as marked.
    fn mark(&mut self, which: Use, cell: CellOffset) -> bool {
        let (word, bit) = Self::place(which, cell);
        let Some(word) = self.0.get_mut(word) else { return true };
        let before = *word & bit != 0;
        *word |= bit;
        before
    }

    fn has(&self, which: Use, cell: CellOffset) -> bool {
        let (word, bit) = Self::place(which, cell);
        self.0.get(word).is_none_or(|word| word & bit != 0)
    }
}

/// Cells that keys and values use.
#[derive(Debug)]
pub(super) struct Live<'d> {
    pub(super) hive: Hive<'d>,
    marks: Marks,
    /// Parents according to the lists, for keys whose parent offset differs.
    pub(super) parents: BTreeMap<CellOffset, CellOffset>,
    /// Data cells that several values share, and value lists that several keys share.
    pub(super) shared: BTreeSet<CellOffset>,
    /// Remaining work. Many keys can share one list.
    pub(super) left: usize,
}

impl<'d> Live<'d> {
    /// Marks the cells of the live tree.
    pub(super) fn of(hive: Hive<'d>) -> Self {
        let left = hive.bin_bytes().len();
        let (parents, shared) = (BTreeMap::new(), BTreeSet::new());
        let mut live = Self { hive, marks: Marks::new(hive), parents, shared, left };
        let mut walk = hive.walk().with_values(true);
        while let Some(entry) = walk.next() {
            let Ok(entry) = entry else { continue };
            if let Some(parent) = walk.parent_cell()
                && parent.get() != entry.key.raw().parent.get()
            {
                live.parents.insert(entry.key.cell_offset(), parent);
            }
            live.claim_key(entry.key);
            entry.values.filter_map(Result::ok).for_each(|value| live.claim_value(value));
        }
        live
    }

    pub(super) fn has(&self, which: Use, cell: CellOffset) -> bool {
        self.marks.has(which, cell)
    }

    pub(super) fn mark(&mut self, which: Use, cell: CellOffset) -> bool {
        self.marks.mark(which, cell)
    }

    /// Subtracts `work` from the remaining work. Returns whether enough work remained.
    pub(super) fn charge(&mut self, work: usize) -> bool {
        match self.left.checked_sub(work) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.left = 0;
                false
            }
        }
    }

    /// Marks the cells of a key, except its values.
    pub(super) fn claim_key(&mut self, key: Key<'d>) {
        let raw = key.raw();
        self.mark(Use::Key, key.cell_offset());
        if raw.class_length.get() > 0 {
            self.mark(Use::Data, CellOffset::new(raw.class.get()));
        }
        if key.value_count() > 0 {
            let list = CellOffset::new(raw.values.get());
            if self.mark(Use::ValueList, list) && self.is_inside(list) {
                self.shared.insert(list);
            }
        }
        let list = CellOffset::new(raw.subkeys.get());
        if key.subkey_count() > 0 && !self.mark(Use::List, list) {
            for (leaf, _) in key.leaves().take(self.left).filter_map(Result::ok) {
                self.charge(1);
                self.mark(Use::List, leaf);
            }
        }
    }

    /// Marks the cells of a value and of its data.
    pub(super) fn claim_value(&mut self, value: Value<'d>) {
        let data = value.data_cell();
        if self.mark(Use::Value, value.cell_offset()) || data.is_nil() {
            return;
        }
        if self.mark(Use::Data, data) {
            if self.is_inside(data) {
                self.shared.insert(data);
            }
        } else if value.is_big()
            && let Ok(big) = value.big_data()
            && !self.mark(Use::Data, big.list())
        {
            for cell in big.cells() {
                if self.charge(1) {
                    self.mark(Use::Data, cell);
                }
            }
        }
    }

    fn is_inside(&self, cell: CellOffset) -> bool {
        (cell.get() as usize) < self.hive.bin_bytes().len()
    }
}

/// Whether an allocated cell can hold unreferenced data.
pub(super) fn is_open(live: &Live<'_>, orphans: &[CellOffset], at: CellOffset) -> bool {
    !live.has(Use::Data, at) && !live.has(Use::ValueList, at) && orphans.binary_search(&at).is_ok()
}
