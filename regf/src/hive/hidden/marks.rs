// SPDX-License-Identifier: MIT OR Apache-2.0
//! Marks of the cells that the live tree uses.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use crate::hive::Hive;
use crate::hive::hbin::cell_offset;
use crate::hive::hidden::sizes::{self, Repaired, Sizes, Suspect};
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

    /// Returns the first marked cell in `at..end`, or `end`.
    fn next(&self, at: usize, end: usize) -> usize {
        let mut at = at.next_multiple_of(8);
        while at < end {
            let first = (at / 512).saturating_mul(Self::USES);
            let uses = self.0.get(first..first.saturating_add(Self::USES)).unwrap_or_default();
            let used = uses.iter().fold(0, |all, word| all | word);
            let shift = u32::try_from((at / 8) & 63).unwrap_or_default();
            let rest = used.wrapping_shr(shift);
            if rest != 0 {
                return at
                    .saturating_add((rest.trailing_zeros() as usize).wrapping_mul(8))
                    .min(end);
            }
            at = (at | 511).saturating_add(1);
        }
        end
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
    /// Cells that do not hold their content.
    pub(super) suspects: Vec<Suspect>,
    /// Cells whose size contradicts their content.
    pub(super) sizes: Sizes<'d>,
    /// Keys and values in such cells.
    pub(super) repaired: Repaired<'d>,
}

impl<'d> Live<'d> {
    /// Marks the cells of the live tree.
    pub(super) fn of(hive: Hive<'d>) -> Self {
        let left = hive.bin_bytes().len();
        let (parents, shared) = (BTreeMap::new(), BTreeSet::new());
        let (sizes, repaired) = (Sizes::default(), Repaired::default());
        let mut live = Self {
            hive,
            marks: Marks::new(hive),
            parents,
            shared,
            left,
            suspects: Vec::new(),
            sizes,
            repaired,
        };
        let mut suspects = Vec::new();
        let mut walk = hive.walk().with_values(true);
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    if let Some(above) = walk.parent_cell() {
                        sizes::lost_key(hive, error, above, &mut suspects);
                    }
                    continue;
                }
            };
            if let Some(parent) = walk.parent_cell()
                && parent.get() != entry.key.raw().parent.get()
            {
                live.parents.insert(entry.key.cell_offset(), parent);
            }
            // Many keys can share one list.
            let lists = [entry.key.raw().subkeys.get(), entry.key.raw().values.get()];
            let [subkeys, values] = lists.map(CellOffset::new);
            let is_new = (!live.has(Use::List, subkeys), !live.has(Use::ValueList, values));
            live.claim_key(entry.key);
            sizes::cells_of_key(entry.key, is_new, &mut suspects);
            for value in entry.values {
                match value {
                    Ok(value) => {
                        let is_new = !live.has(Use::Data, value.data_cell());
                        live.claim_value(value);
                        sizes::cells_of_value(value, is_new, &mut suspects);
                    }
                    Err(error) => {
                        let key = entry.key.cell_offset();
                        sizes::lost_value(hive, error, key, &mut suspects);
                    }
                }
            }
        }
        live.suspects = suspects;
        live
    }

    /// Returns the key at `at`, also if the size of its cell is wrong.
    pub(super) fn key(&self, at: CellOffset) -> Option<Key<'d>> {
        Key::parse(self.hive, at).or_else(|| self.repaired.keys.get(&at).copied())
    }

    /// Returns the first cell in `at..end` that the tree uses, or `end`.
    pub(super) fn next_used(&self, at: usize, end: usize) -> usize {
        self.marks.next(at, end)
    }

    /// Returns the end of the bytes that can hold hidden records.
    ///
    /// If the checksum is wrong, all pages of the file count as bins. Pages after the stored size
    /// can then be remnants of a larger hive. They do not count if a bin ends at the stored size
    /// and the tree uses no cell after it.
    pub(super) fn end(&self) -> usize {
        let (block, all) = (self.hive.base_block(), self.hive.bin_bytes().len());
        let stored = block.bins_size() as usize;
        if block.checksum_is_valid() || stored >= all || self.marks.next(stored, all) < all {
            return all;
        }
        let starts = |at| cell_offset(at).get() as usize;
        let ends = self.hive.bins().filter_map(Result::ok);
        let mut ends = ends.map(|bin| starts(bin.offset()).saturating_add(bin.bytes().len()));
        if ends.any(|end| end == stored) { stored } else { all }
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
            for leaf in key.leaves() {
                // Unreadable leaves are work, too.
                if !self.charge(1) {
                    break;
                }
                if let Ok((leaf, _)) = leaf {
                    self.mark(Use::List, leaf);
                }
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
