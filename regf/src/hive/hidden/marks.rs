// SPDX-License-Identifier: MIT OR Apache-2.0
//! Marks of the cells that the live tree uses.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::error::{Error, Result};
use crate::hive::Hive;
use crate::hive::hbin::cell_offset;
use crate::hive::hidden::Shown;
use crate::hive::hidden::candidates::Candidates;
use crate::hive::hidden::sizes::{self, Repaired, Sizes, Suspect};
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::hive::walk::Walk;
use crate::offset::CellOffset;
use crate::words::Groups;

/// Use of a cell. A bad offset can mark a cell with several uses.
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

impl Use {
    /// Returns the number of the use in [`Marks`]. 0 is an unused cell.
    const fn code(self) -> u64 {
        (self as u64).wrapping_add(1)
    }

    /// Returns the bit of the use in [`Marks::several`].
    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Use of each possible cell, as a number of three bits, each in a word of its own.
#[derive(Debug)]
struct Marks {
    words: Groups<3>,
    /// Uses of each cell with several uses, whose number is [`SEVERAL`](Self::SEVERAL).
    several: BTreeMap<CellOffset, u8>,
}

impl Marks {
    const SEVERAL: u64 = 6;
    const USES: [Use; 5] = [Use::Key, Use::Value, Use::List, Use::ValueList, Use::Data];

    fn new(hive: Hive<'_>) -> Self {
        Self { words: Groups::new(hive.gap(), hive.bin_bytes().len()), several: BTreeMap::new() }
    }

    /// Returns the place of a cell, and the position of its bits. A misaligned offset leads to no cell, and its
    /// place is beyond the words.
    const fn place(cell: CellOffset) -> (usize, u32) {
        let unit = cell.get().rotate_right(3);
        ((unit as usize).saturating_mul(8), unit & 63)
    }

    /// Returns the number of a cell. `None` for a misaligned offset and a cell beyond the bins.
    #[inline]
    fn code(&self, cell: CellOffset) -> Option<u64> {
        let (place, at) = Self::place(cell);
        let [low, middle, high] = self.words.get(place)?.map(|word| word.wrapping_shr(at) & 1);
        Some(low | (middle << 1) | (high << 2))
    }

    /// Marks a cell. Returns whether the cell was already marked. Misaligned cells and cells beyond the
    /// bins always count as marked.
    #[inline]
    fn mark(&mut self, which: Use, cell: CellOffset) -> bool {
        let (place, at) = Self::place(cell);
        let Some([low, middle, high]) = self.words.get_mut(place) else { return true };
        let bit = |word: u64| word.wrapping_shr(at) & 1;
        let code = bit(*low) | (bit(*middle) << 1) | (bit(*high) << 2);
        if code == 0 {
            *low |= (which.code() & 1).wrapping_shl(at);
            *middle |= ((which.code() >> 1) & 1).wrapping_shl(at);
            *high |= (which.code() >> 2).wrapping_shl(at);
            return false;
        }
        code == which.code() || self.mark_other(which, cell, code)
    }

    fn set(&mut self, cell: CellOffset, code: u64) {
        let (place, at) = Self::place(cell);
        let Some(words) = self.words.get_mut(place) else { return };
        for (word, bit) in words.iter_mut().zip([code & 1, (code >> 1) & 1, code >> 2]) {
            *word = (*word & !1_u64.wrapping_shl(at)) | bit.wrapping_shl(at);
        }
    }

    /// Marks a cell that has another use.
    #[cold]
    fn mark_other(&mut self, which: Use, cell: CellOffset, code: u64) -> bool {
        let first = Self::USES.into_iter().find(|it| it.code() == code).map_or(0, Use::bit);
        self.set(cell, Self::SEVERAL);
        let uses = self.several.entry(cell).or_insert(first);
        let before = *uses & which.bit() != 0;
        *uses |= which.bit();
        before
    }

    #[inline]
    fn has(&self, which: Use, cell: CellOffset) -> bool {
        match self.code(cell) {
            Some(Self::SEVERAL) => {
                self.several.get(&cell).is_some_and(|uses| uses & which.bit() != 0)
            }
            code => code.is_none_or(|code| code == which.code()),
        }
    }

    /// Whether the use of a cell is the one that the first bytes of its content suggest, or data.
    #[inline]
    fn has_likely(&self, cell: CellOffset, head: [u8; 2]) -> bool {
        let Some(code) = self.code(cell) else { return false };
        let likely = match &head {
            b"nk" => return code == Use::Key.code(),
            b"vk" => Use::Value,
            b"li" | b"lf" | b"lh" | b"ri" => Use::List,
            _ => Use::Data,
        };
        code == Use::Data.code() || code == Use::ValueList.code() || code == likely.code()
    }

    /// Returns the first marked cell in `at..end`, or `end`.
    fn next(&self, at: usize, end: usize) -> usize {
        let mut at = at.next_multiple_of(8);
        while at < end {
            let used = self.words.get(at).map_or(0, |[low, middle, high]| low | middle | high);
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
    /// Keys and values that can hide something, if the tree [is sound](Self::is_sound).
    pub(super) candidates: Candidates,
    /// Faults of the keys that the tree shows.
    pub(super) tree_faults: Vec<Error>,
}

impl<'d> Live<'d> {
    /// Marks the cells of the live tree, and passes the tree to `see`.
    pub(super) fn of(
        hive: Hive<'d>,
        mut see: impl FnMut(&mut Walk<'d>, Result<Shown<'d>>),
    ) -> Self {
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
            candidates: Candidates::none(hive),
            tree_faults: Vec::new(),
        };
        let mut candidates = Candidates::none(hive);
        let mut suspects = Vec::new();
        let mut walk = hive.walk().with_values(true);
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    see(&mut walk, Err(error));
                    if let Some(above) = walk.parent_cell() {
                        sizes::lost_key(hive, error, above, &mut suspects);
                    }
                    continue;
                }
            };
            see(&mut walk, Ok(Shown::Key(entry.key)));
            if let Some(parent) = walk.parent_cell()
                && parent.get() != entry.key.raw().parent.get()
            {
                live.parents.insert(entry.key.cell_offset(), parent);
            }
            let is_new = live.claim_key(entry.key);
            sizes::cells_of_key(entry.key, is_new, &mut live.left, &mut suspects);
            candidates.key(entry.key, walk.parent_cell().is_none());
            let mut is_whole = true;
            for value in entry.values {
                match value {
                    Ok(value) => {
                        see(&mut walk, Ok(Shown::Value(value)));
                        let is_new = live.claim_value(value);
                        sizes::cells_of_value(value, is_new, &mut live.left, &mut suspects);
                        candidates.value(value, entry.key, is_new);
                    }
                    Err(error) => {
                        see(&mut walk, Err(error));
                        is_whole = false;
                        let key = entry.key.cell_offset();
                        sizes::lost_value(hive, error, key, &mut suspects);
                    }
                }
            }
            candidates.end(entry.key, is_whole);
        }
        live.suspects = suspects;
        live.candidates = candidates;
        live.tree_faults = walk.faults().to_vec();
        live
    }

    /// Whether each cell of the tree has one use and a size that holds its content. If not, each
    /// key and value can hide something.
    pub(super) fn is_sound(&self) -> bool {
        self.sizes.is_empty()
            && self.shared.is_empty()
            && !self.candidates.is_cut()
            && self.marks.several.is_empty()
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

    /// Whether the use of a cell is the one that the first bytes of its content suggest, or data.
    #[inline]
    pub(super) fn has_likely(&self, cell: CellOffset, head: [u8; 2]) -> bool {
        self.marks.has_likely(cell, head)
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

    /// Marks the cells of a key, except its values. Returns whether its subkey list and its value list
    /// belong to no earlier key.
    pub(super) fn claim_key(&mut self, key: Key<'d>) -> (bool, bool) {
        let raw = key.raw();
        self.mark(Use::Key, key.cell_offset());
        if raw.class_length.get() > 0 {
            self.mark(Use::Data, CellOffset::new(raw.class.get()));
        }
        let mut is_new = (false, false);
        if key.value_count() > 0 {
            let list = CellOffset::new(raw.values.get());
            is_new.1 = !self.mark(Use::ValueList, list);
            if !is_new.1 && self.is_inside(list) {
                self.shared.insert(list);
            }
        }
        if key.subkey_count() > 0 {
            is_new.0 = !self.mark(Use::List, CellOffset::new(raw.subkeys.get()));
        }
        if is_new.0 {
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
        is_new
    }

    /// Marks the cells of a value and of its data. Returns whether its data belong to no earlier
    /// value.
    pub(super) fn claim_value(&mut self, value: Value<'d>) -> bool {
        let data = value.data_cell();
        if self.mark(Use::Value, value.cell_offset()) || data.is_nil() {
            return false;
        }
        if self.mark(Use::Data, data) {
            if self.is_inside(data) {
                self.shared.insert(data);
            }
            return false;
        }
        if value.is_big()
            && let Ok(big) = value.big_data()
            && !self.mark(Use::Data, big.list())
        {
            for cell in big.cells() {
                if self.charge(1) {
                    self.mark(Use::Data, cell);
                }
            }
        }
        true
    }

    /// Whether a cell can start here.
    fn is_inside(&self, cell: CellOffset) -> bool {
        cell.get() & 7 == 0 && (cell.get() as usize) < self.hive.bin_bytes().len()
    }
}

/// Whether an allocated cell can hold unreferenced data.
pub(super) fn is_open(live: &Live<'_>, orphans: &[CellOffset], at: CellOffset) -> bool {
    !live.has(Use::Data, at) && !live.has(Use::ValueList, at) && orphans.binary_search(&at).is_ok()
}
