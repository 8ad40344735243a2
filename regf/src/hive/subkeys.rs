// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Subkeys`]: the lists `li`, `lf` and `lh`, and the index root `ri`
//! ([regf.md](crate::format#subkey-lists)). [`look_up`](crate::hive::look_up) searches these lists.

use alloc::boxed::Box;
use core::slice;

use zerocopy::FromBytes as _;
use zerocopy::little_endian::U32;

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Field, Result, Structure};
use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::upcase::upcase;
use crate::meter::count;
use crate::offset::{CellOffset, FileOffset};
use crate::raw;

/// Leaf: plain elements (`li`), elements with hints (`lf`), or elements with hashes (`lh`).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaf<'d> {
    Plain(&'d [U32]),
    Hinted(&'d [raw::HintedElement]),
    Hashed(&'d [raw::HintedElement]),
}

/// Subkey list in its cell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List<'d> {
    /// File offset of the first element.
    pub(crate) place: FileOffset,
    pub(crate) kind: Kind<'d>,
    /// Number of elements in the header.
    pub(crate) claimed: u16,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind<'d> {
    Leaf(Leaf<'d>),
    Root(&'d [U32]),
}

impl<'d> List<'d> {
    /// Returns the list at `at`. If the result is `None`, [`parse`](Self::parse) returns the fault.
    fn quick(hive: Hive<'d>, at: CellOffset, structure: Structure) -> Option<Self> {
        let (kind, claimed) = Kind::of(hive.payload(at)?, structure)?;
        Some(Self { place: hive.data_place(at).plus(4), kind, claimed })
    }

    /// Returns the list at `at`. Below an index root, only a leaf is valid.
    pub(crate) fn parse(hive: Hive<'d>, at: CellOffset, structure: Structure) -> Result<Self> {
        let fault = || *hive.fault(at, structure, size_of::<raw::ListHeader>());
        Self::quick(hive, at, structure).ok_or_else(fault)
    }

    pub(crate) fn len(self) -> usize {
        match self.kind {
            Kind::Leaf(leaf) => leaf.len(),
            Kind::Root(leaves) => leaves.len(),
        }
    }

    /// Returns the fault of a header that counts more elements than the cell holds.
    pub(crate) fn count_fault(self) -> Option<Error> {
        let (there, claimed) = (self.len() as u64, u64::from(self.claimed));
        let kind = ErrorKind::Mismatch {
            structure: Structure::SubkeyList,
            field: Field::Count,
            expected: there,
            found: claimed,
        };
        (there < claimed)
            .then(|| Error::new(kind, FileOffset::new(self.place.get().wrapping_sub(2))))
    }
}

impl List<'_> {
    /// Returns the fault of a leaf without elements.
    fn empty_fault(self) -> Error {
        let kind = ErrorKind::Mismatch {
            structure: Structure::SubkeyLeaf,
            field: Field::Count,
            expected: 1,
            found: 0,
        };
        Error::new(kind, FileOffset::new(self.place.get().wrapping_sub(2)))
    }
}

impl<'d> Kind<'d> {
    /// Returns the elements of the list in these bytes, and the number of elements in its header.
    #[inline(always)]
    fn of(payload: &'d [u8], structure: Structure) -> Option<(Self, u16)> {
        let data = Bytes::new(payload, FileOffset::default());
        let (header, _) = raw::ListHeader::ref_from_prefix(payload).ok()?;
        let claimed = header.count.get();
        let count = usize::from(claimed);
        let kind = match &header.signature {
            b"li" => Self::Leaf(Leaf::Plain(data.array(4, count))),
            b"lf" => Self::Leaf(Leaf::Hinted(data.array(4, count))),
            b"lh" => Self::Leaf(Leaf::Hashed(data.array(4, count))),
            b"ri" if structure == Structure::SubkeyList => Self::Root(data.array(4, count)),
            _ => return None,
        };
        Some((kind, claimed))
    }
}

impl<'d> Leaf<'d> {
    pub(crate) fn len(self) -> usize {
        match self {
            Leaf::Plain(elements) => elements.len(),
            Leaf::Hinted(elements) | Leaf::Hashed(elements) => elements.len(),
        }
    }

    #[inline]
    fn elements(self) -> Elements<'d> {
        match self {
            Leaf::Plain(elements) => Elements::Plain(elements.iter()),
            Leaf::Hinted(elements) | Leaf::Hashed(elements) => Elements::Hinted(elements.iter()),
        }
    }

    /// Returns the cell offset and the hint of an element.
    pub(crate) fn element(self, index: usize) -> Option<(CellOffset, Hint)> {
        count(1);
        match self {
            Leaf::Plain(elements) => {
                elements.get(index).map(|cell| (CellOffset::new(cell.get()), Hint::None))
            }
            Leaf::Hinted(elements) => elements
                .get(index)
                .map(|it| (CellOffset::new(it.key.get()), Hint::Characters(it.hint))),
            Leaf::Hashed(elements) => elements
                .get(index)
                .map(|it| (CellOffset::new(it.key.get()), Hint::Hash(u32::from_le_bytes(it.hint)))),
        }
    }
}

/// Information in a list element about the name of the key: none, a hint, or a hash.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hint {
    None,
    Characters([u8; 4]),
    Hash(u32),
}

impl Hint {
    /// Returns whether a key of this name can belong to the element. A hint that begins with 0
    /// allows every name, because the name of the key did not fit into four bytes.
    pub(crate) fn allows(self, name: Name<'_>) -> bool {
        match self {
            Self::None => true,
            Self::Hash(hash) => hash == name.lh_hash(),
            Self::Characters([0, ..]) => true,
            Self::Characters(hint) => {
                let mut units = name.units();
                hint.iter().all(|byte| {
                    let unit = units.next().unwrap_or(0);
                    upcase(unit) == upcase(u16::from(*byte))
                })
            }
        }
    }
}

/// Subkeys of a key, in the order of the list. As in Windows, the counts of the key and of the list
/// both limit the number of subkeys.
///
/// An unreadable subkey is an error at its position, and the other subkeys follow. If the counts
/// contradict each other, an error follows the last subkey.
#[derive(Clone, Debug)]
pub struct Subkeys<'d> {
    key: Key<'d>,
    leaf: Elements<'d>,
    /// Remaining leaves of an index root.
    leaves: slice::Iter<'d, U32>,
    /// Number of remaining subkeys according to the count in the key. `most` is the number at the
    /// start.
    left: u32,
    most: u32,
    /// Cell of the current leaf.
    list: CellOffset,
    /// Fault after the last key.
    end: End,
}

/// Fault after the last key, other than contradicting counts.
#[derive(Clone, Copy, Debug)]
enum End {
    /// No fault.
    Done,
    /// The list cannot be read.
    Unreadable,
    /// The key counts no subkeys, but a list can exist.
    Uncounted,
    /// The header of the list in this cell counts more elements than the cell holds.
    Claims(CellOffset),
}

#[derive(Clone, Debug)]
enum Elements<'d> {
    Plain(slice::Iter<'d, U32>),
    Hinted(slice::Iter<'d, raw::HintedElement>),
}

impl<'d> Elements<'d> {
    fn none() -> Self {
        Self::Plain([].iter())
    }

    fn remaining(&self) -> usize {
        match self {
            Self::Plain(elements) => elements.len(),
            Self::Hinted(elements) => elements.len(),
        }
    }
}

impl Iterator for Elements<'_> {
    type Item = CellOffset;

    #[inline]
    fn next(&mut self) -> Option<CellOffset> {
        count(1);
        let cell = match self {
            Self::Plain(elements) => elements.next()?,
            Self::Hinted(elements) => &elements.next()?.key,
        };
        Some(CellOffset::new(cell.get()))
    }
}

impl<'d> Subkeys<'d> {
    #[inline]
    pub(crate) fn new(key: Key<'d>) -> Self {
        let list = CellOffset::new(key.raw().subkeys.get());
        let left = key.subkey_count();
        // Most keys with subkeys have one leaf of pairs.
        if left > 0
            && let Some(payload) = key.hive().payload(list)
            && let Some((Kind::Leaf(leaf), claimed)) = Kind::of(payload, Structure::SubkeyLeaf)
            && leaf.len() == usize::from(claimed)
        {
            let (leaf, leaves, end) = (leaf.elements(), [].iter(), End::Done);
            return Self { key, leaf, leaves, left, most: left, list, end };
        }
        Self::rare(key, list, left)
    }

    #[cold]
    #[inline(never)]
    fn rare(key: Key<'d>, list: CellOffset, left: u32) -> Self {
        let leaves = [].iter();
        let (leaf, end, most) = (Elements::none(), End::Done, left);
        let mut subkeys = Self { key, leaf, leaves, left, most, list, end };
        if left > 0 {
            subkeys.open();
        } else if !list.is_nil() {
            subkeys.end = End::Uncounted;
        }
        subkeys
    }

    /// Returns the key with these subkeys.
    #[inline]
    pub(crate) const fn key(&self) -> Key<'d> {
        self.key
    }

    fn open(&mut self) {
        let hive = self.key.hive();
        match List::quick(hive, self.list, Structure::SubkeyList) {
            Some(list) => match list.kind {
                Kind::Leaf(leaf) => self.enter(leaf, list),
                Kind::Root(leaves) => {
                    // The bins have room for only this number of elements, so a larger count is
                    // wrong.
                    let most = u32::try_from(hive.bin_bytes().len() / 4).unwrap_or(u32::MAX);
                    self.left = self.left.min(most);
                    self.most = self.left;
                    self.leaves = leaves.iter();
                    self.notice(list);
                }
            },
            None => {
                self.end = End::Unreadable;
                self.left = 0;
            }
        }
    }

    fn enter(&mut self, leaf: Leaf<'d>, list: List<'d>) {
        self.leaf = leaf.elements();
        self.notice(list);
    }

    fn notice(&mut self, list: List<'d>) {
        if list.len() < usize::from(list.claimed) && matches!(self.end, End::Done) {
            self.end = End::Claims(self.list);
        }
    }

    /// Returns the cell of the next subkey, or the fault of a leaf.
    #[inline]
    pub(crate) fn next_cell(&mut self) -> Option<Result<CellOffset, Box<Error>>> {
        loop {
            if self.left == 0 {
                return self.finish().map(Err);
            }
            if let Some(cell) = self.leaf.next() {
                self.left = self.left.wrapping_sub(1);
                return Some(Ok(cell));
            }
            if let Err(error) = self.next_leaf()? {
                return Some(Err(error));
            }
        }
    }

    /// Returns the file offset of the last element.
    #[cold]
    pub(crate) fn place(&self) -> FileOffset {
        match List::parse(self.key.hive(), self.list, Structure::SubkeyList) {
            Ok(list) => {
                let stride = if matches!(self.leaf, Elements::Plain(_)) { 4 } else { 8 };
                let index = list.len().saturating_sub(self.leaf.remaining()).saturating_sub(1);
                list.place.plus((index as u64).saturating_mul(stride))
            }
            Err(error) => error.offset(),
        }
    }

    /// Continues with the next leaf of an index root. `None` after the last leaf.
    #[inline(never)]
    fn next_leaf(&mut self) -> Option<Result<(), Box<Error>>> {
        let Some(cell) = self.leaves.next() else {
            let there = self.most.saturating_sub(core::mem::take(&mut self.left));
            let fault = self.end_fault();
            return Some(Err(fault.unwrap_or_else(|| self.count_fault(there))));
        };
        self.list = CellOffset::new(cell.get());
        Some(match List::parse(self.key.hive(), self.list, Structure::SubkeyLeaf) {
            Ok(list @ List { kind: Kind::Leaf(leaf), .. }) => {
                self.enter(leaf, list);
                // Windows never keeps an empty leaf. Each empty leaf is an error, which keeps the
                // work linear.
                if list.len() == 0 { Err(Box::new(list.empty_fault())) } else { Ok(()) }
            }
            // `parse` refuses an index root below an index root.
            Ok(_) => Ok(()),
            Err(error) => Err(Box::new(error.pointed_from(self.leaf_place()))),
        })
    }

    /// Returns the file offset of the last element of the index root.
    #[cold]
    fn leaf_place(&self) -> FileOffset {
        let root = CellOffset::new(self.key.raw().subkeys.get());
        match List::parse(self.key.hive(), root, Structure::SubkeyList) {
            Ok(list) => {
                let index = list.len().saturating_sub(self.leaves.len()).saturating_sub(1);
                list.place.plus((index as u64).saturating_mul(4))
            }
            Err(error) => error.offset(),
        }
    }

    /// Returns the remaining faults after the last key.
    #[inline]
    fn finish(&mut self) -> Option<Box<Error>> {
        if !matches!(self.end, End::Done) {
            return self.end_fault();
        }
        if self.leaf.remaining() == 0 && self.leaves.len() == 0 {
            return None;
        }
        self.beyond_fault()
    }

    /// Returns the fault of elements beyond the count of the key.
    #[cold]
    #[inline(never)]
    fn beyond_fault(&mut self) -> Option<Box<Error>> {
        let hive = self.key.hive();
        let of_leaf = |cell: &U32| {
            List::quick(hive, CellOffset::new(cell.get()), Structure::SubkeyLeaf)
                .map_or(0, List::len)
        };
        let leaves = core::mem::replace(&mut self.leaves, [].iter());
        let leaf = core::mem::replace(&mut self.leaf, Elements::none());
        let beyond = leaves.map(of_leaf).fold(leaf.remaining(), usize::saturating_add);
        let beyond = u32::try_from(beyond).unwrap_or(u32::MAX);
        (beyond > 0).then(|| self.count_fault(self.key.subkey_count().saturating_add(beyond)))
    }

    /// Returns the fault in `end` and clears `end`, so that the fault appears only once.
    #[cold]
    #[inline(never)]
    fn end_fault(&mut self) -> Option<Box<Error>> {
        let hive = self.key.hive();
        match core::mem::replace(&mut self.end, End::Done) {
            End::Done => None,
            End::Unreadable => {
                self.leaf = Elements::none();
                let fault = List::parse(hive, self.list, Structure::SubkeyList).err();
                fault.map(|error| Box::new(error.pointed_from(self.key.place(28))))
            }
            End::Uncounted => {
                let list = List::quick(hive, self.list, Structure::SubkeyList)?;
                match list.kind {
                    Kind::Leaf(leaf) => self.enter(leaf, list),
                    Kind::Root(leaves) => self.leaves = leaves.iter(),
                }
                self.end = End::Done;
                self.beyond_fault()
            }
            End::Claims(at) => {
                // The fault below already covers the elements beyond the count of the key.
                self.leaf = Elements::none();
                List::parse(hive, at, Structure::SubkeyList).ok()?.count_fault().map(Box::new)
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn count_fault(&self, there: u32) -> Box<Error> {
        let kind = ErrorKind::Mismatch {
            structure: Structure::KeyNode,
            field: Field::Count,
            expected: u64::from(there),
            found: u64::from(self.key.subkey_count()),
        };
        Box::new(Error::new(kind, self.key.place(20)))
    }
}

impl<'d> Iterator for Subkeys<'d> {
    type Item = Result<Key<'d>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.next_cell()? {
            Ok(cell) => match Key::parse(self.key.hive(), cell) {
                Some(key) => Ok(key),
                None => Err(*Key::fault(self.key.hive(), cell, self.place())),
            },
            Err(error) => Err(*error),
        })
    }
}

impl<'d> Key<'d> {
    /// Returns the leaves of the subkey list, each with its cell offset. The room for elements in
    /// the bins limits the number of leaves.
    pub(crate) fn leaves(self) -> impl Iterator<Item = Result<(CellOffset, List<'d>)>> {
        let hive = self.hive();
        let at = CellOffset::new(self.raw().subkeys.get());
        let list = (self.subkey_count() > 0).then(|| {
            List::parse(hive, at, Structure::SubkeyList)
                .map_err(|error| error.pointed_from(self.place(28)))
        });
        let (single, roots) = match list {
            Some(Ok(List { kind: Kind::Root(leaves), place, .. })) => (None, Some((leaves, place))),
            Some(Ok(leaf)) => (Some(Ok((at, leaf))), None),
            Some(Err(error)) => (Some(Err(error)), None),
            None => (None, None),
        };
        let mut left = hive.bin_bytes().len() / 4;
        let (leaves, mut place) = roots.unwrap_or_default();
        let below = leaves.iter().map_while(move |cell| {
            let from = place;
            place = from.plus(4);
            let at = CellOffset::new(cell.get());
            let list = List::parse(hive, at, Structure::SubkeyLeaf);
            let taken = list.as_ref().map_or(1, |list| list.len().max(1));
            if left == 0 {
                return None;
            }
            left = left.saturating_sub(taken);
            Some(list.map(|list| (at, list)).map_err(|error| error.pointed_from(from)))
        });
        single.into_iter().chain(below)
    }
}
