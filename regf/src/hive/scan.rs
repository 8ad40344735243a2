// SPDX-License-Identifier: MIT OR Apache-2.0
//! Search for cells without the key tree. The search follows each intact chain of adjacent cells.
//! In broken ranges, the search tries every possible offset.

use alloc::boxed::Box;

use crate::hive::Hive;
use crate::hive::hbin::cell_offset;
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::offset::CellOffset;

/// Way in which an allocated cell was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// In the chain of adjacent cells of a bin.
    Chain,
    /// By its signature, in a range without a chain.
    Search,
}

impl<'d> Hive<'d> {
    /// Passes every allocated cell in an intact chain of cells to `see`. In ranges without a chain,
    /// passes every cell that looks like a key or a value. These cells can overlap other cells.
    pub(crate) fn scan(self, see: impl FnMut(CellOffset, Found)) {
        self.scan_sized(|_| None, see);
    }

    /// Passes cells like [`scan`](Self::scan), with other sizes than the stored ones for some cells.
    pub(crate) fn scan_sized(
        self,
        size: impl Fn(CellOffset) -> Option<usize>,
        mut see: impl FnMut(CellOffset, Found),
    ) {
        let length = self.bin_bytes().len();
        let mut end = 0;
        for bin in self.bins().filter_map(Result::ok) {
            let start = cell_offset(bin.offset()).get() as usize;
            self.search(end, start, &mut see);
            let body = bin.body();
            end = start.saturating_add(bin.bytes().len());
            let mut at = cell_offset(body.offset()).get() as usize;
            while at < end {
                let cell = u32::try_from(at).map_or(CellOffset::NIL, CellOffset::new);
                let found = self.size_at(at);
                let stored = || found.map(|size| size.unsigned_abs() as usize);
                let Some(size) = size(cell).or_else(stored) else { break };
                let next = at.saturating_add(size);
                if next > end {
                    break;
                }
                if found.is_some_and(|size| size < 0) {
                    see(cell, Found::Chain);
                }
                at = next;
            }
            self.search(at, end, &mut see);
        }
        self.search(end, length, &mut see);
    }

    /// Returns the stored size of the cell at `at`, if a cell of this size fits the bins.
    fn size_at(self, at: usize) -> Option<i32> {
        let rest = self.bin_bytes().as_slice().get(at..)?;
        let size = i32::from_le_bytes(*rest.first_chunk::<4>()?);
        let length = size.unsigned_abs();
        let is_size = length >= 8 && self.layout().is_multiple(length);
        (is_size && length as usize <= rest.len()).then_some(size)
    }

    /// Passes everything that looks like a key or a value in a range of the bins to `see`.
    pub(crate) fn search(self, from: usize, to: usize, see: &mut impl FnMut(CellOffset, Found)) {
        for at in (from.max(self.gap()).next_multiple_of(8)..to).step_by(8) {
            let cell = u32::try_from(at).map_or(CellOffset::NIL, CellOffset::new);
            let Some(payload) = self.payload(cell) else { continue };
            let looks = match payload {
                [b'n', b'k', ..] => {
                    Key::parse(self, cell).is_some_and(|key| key.name_fault().is_none())
                }
                [b'v', b'k', ..] => {
                    Value::parse(self, cell).is_some_and(|value| value.name_fault().is_none())
                }
                _ => false,
            };
            if looks {
                see(cell, Found::Search);
            }
        }
    }

    /// Returns the most likely root key: preferably a key with the root flag, then a key without a
    /// readable parent. Among keys without a readable parent, keys with subkeys come first.
    #[cold]
    #[inline(never)]
    pub(crate) fn root_candidate(self) -> Option<Box<Key<'d>>> {
        let (mut best, mut score) = (None, 0);
        self.scan(|cell, _| {
            let Some(key) = Key::parse(self, cell) else { return };
            let parent = CellOffset::new(key.raw().parent.get());
            let says_so = key.is_root();
            let is_top = says_so || Key::parse(self, parent).is_none();
            // A readable list is stronger evidence than a nonzero count, because garbage can hold
            // any number.
            let has_list = key.leaves().take(1).any(|leaf| leaf.is_ok());
            let points = u32::from(says_so).wrapping_mul(4)
                | u32::from(is_top && has_list).wrapping_mul(2)
                | u32::from(is_top);
            if points > score {
                (best, score) = (Some(key), points);
            }
        });
        best.map(Box::new)
    }
}
