// SPDX-License-Identifier: MIT OR Apache-2.0
//! Allocated cells that the live tree does not use.

use alloc::vec::Vec;

use crate::hive::Hive;
use crate::hive::hidden::marks::{Live, Use};
use crate::hive::key::Key;
use crate::hive::scan::Found;
use crate::hive::value::Value;
use crate::offset::CellOffset;

/// Unreferenced allocated cells by their likely content, in file order.
#[derive(Debug, Default)]
pub(super) struct Orphans {
    pub(super) keys: Vec<CellOffset>,
    pub(super) values: Vec<CellOffset>,
    /// Subkey lists.
    pub(super) lists: Vec<CellOffset>,
    /// Headers of big data.
    pub(super) big: Vec<CellOffset>,
    /// Cells without a signature: data, value lists, segments, class names.
    pub(super) plain: Vec<CellOffset>,
    /// Whether the list is incomplete, because overlapping cells exceeded the room in the bins.
    pub(super) is_cut: bool,
}

impl Orphans {
    pub(super) fn of(hive: Hive<'_>, live: &Live<'_>) -> Self {
        let mut orphans = Self::default();
        let end = live.end();
        let (bytes, header) = (hive.bin_bytes().as_slice(), hive.layout().header());
        let see = |cell: CellOffset, found| {
            let start = cell.get() as usize;
            let head = bytes.get(start.saturating_add(header)..).and_then(|it| it.first_chunk());
            // Most cells are in use as what they look like.
            let is_used = || head.is_some_and(|head| live.has_likely(cell, *head));
            if start < end && !(found == Found::Chain && is_used()) {
                orphans.see(hive, live, cell, found);
            }
        };
        hive.scan_sized(|cell| live.sizes.size(cell), see);
        // A damaged cell size can hide records inside a cell without a signature.
        let mut inside = Vec::new();
        let mut searched = 0;
        for cell in &orphans.plain {
            let start = cell.get() as usize;
            let end = start.saturating_add(hive.payload(*cell).map_or(0, <[u8]>::len));
            if start >= searched {
                hive.search(start.saturating_add(8), end, &mut |cell, _| inside.push(cell));
                searched = end;
            }
        }
        inside.into_iter().for_each(|cell| orphans.see(hive, live, cell, Found::Search));
        for cells in [&mut orphans.keys, &mut orphans.values] {
            cells.sort_unstable();
            cells.dedup();
        }
        orphans
    }

    fn see(&mut self, hive: Hive<'_>, live: &Live<'_>, cell: CellOffset, found: Found) {
        let bins = hive.bin_bytes().len();
        let Some(payload) = hive.payload(cell) else { return };
        let is_data = live.has(Use::Data, cell) || live.has(Use::ValueList, cell);
        let (cells, most) = match payload {
            [b'n', b'k', ..] if Key::parse(hive, cell).is_some() => {
                // Data can begin with these letters by chance, but then have no valid parent
                // offset.
                let parent = Key::parse(hive, cell).map(|key| key.raw().parent.get());
                let parent = parent.and_then(|at| Key::parse(hive, CellOffset::new(at)));
                if live.has(Use::Key, cell) || is_data && parent.is_none() {
                    return;
                }
                (&mut self.keys, bins / 80)
            }
            [b'v', b'k', ..] if Value::parse(hive, cell).is_some() => {
                if live.has(Use::Value, cell) || is_data {
                    return;
                }
                (&mut self.values, bins / 24)
            }
            [b's', b'k', ..] => return,
            _ if is_data || found == Found::Search => return,
            [b'l', b'i' | b'f' | b'h', ..] | [b'r', b'i', ..] => {
                if live.has(Use::List, cell) {
                    return;
                }
                (&mut self.lists, bins / 8)
            }
            [b'd', b'b', ..] => (&mut self.big, bins / 8),
            _ => (&mut self.plain, bins / 8),
        };
        if cells.len() < most.max(1) {
            cells.push(cell);
        } else {
            self.is_cut = true;
        }
    }
}

/// Returns the cell that `fits` accepts and that is nearest to `near`. `cells` are in file order,
/// and the search covers only a few cells in each direction.
pub(super) fn nearest(
    cells: &[CellOffset],
    near: CellOffset,
    mut fits: impl FnMut(CellOffset) -> bool,
) -> Option<CellOffset> {
    const TRIES: usize = 64;
    let middle = cells.partition_point(|cell| *cell < near);
    let first = middle.saturating_sub(TRIES);
    let around = cells.get(first..)?.iter().take(TRIES.saturating_mul(2));
    around.filter(|cell| fits(**cell)).min_by_key(|cell| cell.get().abs_diff(near.get())).copied()
}
