// SPDX-License-Identifier: MIT OR Apache-2.0
//! Subkey lists, read up to the ends of their cells: elements beyond the counts are included.

use alloc::collections::BTreeSet;

use zerocopy::FromBytes as _;
use zerocopy::little_endian::U32;

use crate::bytes::Bytes;
use crate::hive::Hive;
use crate::hive::hidden::sizes::Sizes;
use crate::hive::key::Key;
use crate::hive::subkeys::{Hint, Leaf};
use crate::offset::{CellOffset, FileOffset};
use crate::raw;

/// Subkey list with all elements in its cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Roomy<'d> {
    data: Bytes<'d>,
    pub(super) claimed: usize,
    elements: Elements<'d>,
    /// Cell of the list, and number of elements according to the stored size of the cell.
    at: CellOffset,
    within: usize,
}

#[derive(Clone, Copy, Debug)]
enum Elements<'d> {
    Leaf(Leaf<'d>),
    Root(&'d [U32]),
}

/// Element of a leaf.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) cell: CellOffset,
    pub(super) hint: Hint,
    pub(super) place: FileOffset,
    pub(super) reach: Reach,
}

/// Relation of an element to the counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// All counts include the element.
    Live,
    /// The count of the key ends before the element.
    BeyondKey,
    /// The size of the cell ends before the element.
    BeyondCell(CellOffset),
    /// The count of the list ends before the element.
    BeyondList { place: FileOffset, claimed: usize, index: usize },
}

impl<'d> Roomy<'d> {
    pub(super) fn parse(hive: Hive<'d>, at: CellOffset, sizes: &Sizes<'d>) -> Option<Self> {
        let data = Bytes::new(sizes.payload(hive, at)?, hive.data_place(at));
        let (header, _) = raw::ListHeader::ref_from_prefix(data.as_slice()).ok()?;
        let claimed = usize::from(header.count.get());
        let elements = match &header.signature {
            b"li" => Elements::Leaf(Leaf::Plain(data.array(4, usize::from(u16::MAX)))),
            b"lf" => Elements::Leaf(Leaf::Hinted(data.array(4, usize::from(u16::MAX)))),
            b"lh" => Elements::Leaf(Leaf::Hashed(data.array(4, usize::from(u16::MAX)))),
            b"ri" => Elements::Root(data.array(4, usize::from(u16::MAX))),
            _ => return None,
        };
        let within = match sizes.get(at) {
            Some(_) => {
                let room = hive.payload(at).map_or(0, |it| it.len().saturating_sub(4));
                let is_wide = matches!(header.signature, [b'l', b'f' | b'h']);
                if is_wide { room / 8 } else { room / 4 }
            }
            None => usize::MAX,
        };
        Some(Self { data, claimed, elements, at, within })
    }

    /// Returns the reach of an element if the size of the cell hides the element.
    fn beyond_cell(self, index: usize) -> Option<Reach> {
        (index >= self.within && index < self.claimed).then_some(Reach::BeyondCell(self.at))
    }

    pub(super) fn len(self) -> usize {
        match self.elements {
            Elements::Leaf(leaf) => leaf.len(),
            Elements::Root(leaves) => leaves.len(),
        }
    }

    /// Returns the place of the element count.
    pub(super) const fn count_place(self) -> FileOffset {
        self.data.offset_of(2)
    }

    /// Returns the elements of an index root, each with its place.
    pub(super) fn leaves(self) -> impl Iterator<Item = (CellOffset, FileOffset)> {
        let leaves = match self.elements {
            Elements::Root(leaves) => leaves,
            Elements::Leaf(_) => &[],
        };
        let place = move |index: usize| self.data.offset_of(index.saturating_mul(4)).plus(4);
        leaves.iter().enumerate().map(move |(at, cell)| (CellOffset::new(cell.get()), place(at)))
    }

    /// Returns the elements of a leaf, each with its hint and place.
    pub(super) fn elements(self) -> impl Iterator<Item = (CellOffset, Hint, FileOffset)> {
        let (leaf, stride) = match self.elements {
            Elements::Leaf(leaf @ Leaf::Plain(_)) => (leaf, 4),
            Elements::Leaf(leaf) => (leaf, 8),
            Elements::Root(_) => (Leaf::Plain(&[]), 4),
        };
        (0..leaf.len()).map_while(move |index| {
            let (cell, hint) = leaf.element(index)?;
            Some((cell, hint, self.data.offset_of(index.saturating_mul(stride)).plus(4)))
        })
    }
}

/// Passes every element in the cells of a key's lists to `see`, and returns the sum of the counts
/// in the headers. If `work` refuses, the remaining elements are skipped.
pub(super) fn each_slot<'d>(
    key: Key<'d>,
    sizes: &Sizes<'d>,
    mut work: impl FnMut(usize) -> bool,
    mut see: impl FnMut(Slot),
    mut bad_leaf: impl FnMut(CellOffset, FileOffset),
) -> u64 {
    let (hive, mut index, mut counted) = (key.hive(), 0_u64, 0_u64);
    let most = u64::from(key.subkey_count());
    let mut leaf = |list: Roomy<'d>, outer: Option<Reach>, work: &mut dyn FnMut(usize) -> bool| {
        if !work(list.len().saturating_add(1)) {
            return;
        }
        let (place, claimed) = (list.count_place(), list.claimed);
        for (at, (cell, hint, element)) in list.elements().enumerate() {
            let reach = match outer {
                Some(reach) => reach,
                None if list.beyond_cell(at).is_some() => Reach::BeyondCell(list.at),
                None if at >= claimed => Reach::BeyondList { place, claimed, index: at },
                None if index >= most => Reach::BeyondKey,
                None => Reach::Live,
            };
            if at < claimed && outer.is_none() {
                index = index.saturating_add(1);
            }
            see(Slot { cell, hint, place: element, reach });
        }
        if outer.is_none() {
            counted = counted.saturating_add(claimed.min(list.len()) as u64);
        }
    };
    let at = CellOffset::new(key.raw().subkeys.get());
    let Some(list) = Roomy::parse(hive, at, sizes) else { return 0 };
    if matches!(list.elements, Elements::Leaf(_)) {
        leaf(list, None, &mut work);
        return counted;
    }
    let (place, claimed) = (list.count_place(), list.claimed);
    let mut seen = BTreeSet::new();
    for (at, (cell, element)) in list.leaves().enumerate() {
        if !work(1) {
            break;
        }
        let below = Roomy::parse(hive, cell, sizes);
        let below = below.filter(|it| matches!(it.elements, Elements::Leaf(_)));
        let outer = (at >= claimed).then_some(Reach::BeyondList { place, claimed, index: at });
        let outer = list.beyond_cell(at).or(outer);
        match below.filter(|_| seen.insert(cell)) {
            Some(below) => leaf(below, outer, &mut work),
            None if outer.is_none() => bad_leaf(cell, element),
            None => {}
        }
    }
    counted
}
