// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Subkeys`]: the lists `li`, `lf`, `lh` and the index root `ri` above them (REGF 4).

use alloc::boxed::Box;
use core::cmp::Ordering;
use core::slice;

use zerocopy::FromBytes as _;
use zerocopy::little_endian::U32;

use crate::bytes::{Bytes, CellOffset, FileOffset};
use crate::error::{Error, ErrorKind, Field, Limit, Result, Structure};
use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::upcase::upcase;
use crate::raw;

/// A leaf: elements without hints (`li`), with the first characters (`lf`) or hashes (`lh`).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaf<'d> {
    Plain(&'d [U32]),
    Hinted(&'d [raw::HintedElement]),
    Hashed(&'d [raw::HintedElement]),
}

/// A list of subkeys as its cell holds it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List<'d> {
    /// Where the elements begin in the file.
    place: FileOffset,
    kind: Kind<'d>,
    /// How many elements the header claims.
    pub(crate) claimed: u16,
}

#[derive(Clone, Copy, Debug)]
enum Kind<'d> {
    Leaf(Leaf<'d>),
    Root(&'d [U32]),
}

impl<'d> List<'d> {
    /// The list at `at`; `None` where [`parse`](Self::parse) tells what is wrong.
    #[inline]
    fn quick(hive: Hive<'d>, at: CellOffset, structure: Structure) -> Option<Self> {
        let data = Bytes::new(hive.payload(at)?, hive.data_place(at));
        let (header, _) = raw::ListHeader::ref_from_prefix(data.as_slice()).ok()?;
        let claimed = header.count.get();
        let count = usize::from(claimed);
        let kind = match &header.signature {
            b"li" => Kind::Leaf(Leaf::Plain(data.array(4, count))),
            b"lf" => Kind::Leaf(Leaf::Hinted(data.array(4, count))),
            b"lh" => Kind::Leaf(Leaf::Hashed(data.array(4, count))),
            b"ri" if structure == Structure::SubkeyList => Kind::Root(data.array(4, count)),
            _ => return None,
        };
        Some(Self { place: data.offset_of(4), kind, claimed })
    }

    /// The list at `at`; below an index root only leaves are lists.
    pub(crate) fn parse(hive: Hive<'d>, at: CellOffset, structure: Structure) -> Result<Self> {
        let fault = || *hive.fault(at, structure, size_of::<raw::ListHeader>());
        Self::quick(hive, at, structure).ok_or_else(fault)
    }

    fn len(self) -> usize {
        match self.kind {
            Kind::Leaf(leaf) => leaf.len(),
            Kind::Root(leaves) => leaves.len(),
        }
    }

    /// The fault of a header that claims more elements than the cell holds.
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
    /// The fault of a leaf without elements.
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

impl<'d> Leaf<'d> {
    fn len(self) -> usize {
        match self {
            Leaf::Plain(elements) => elements.len(),
            Leaf::Hinted(elements) | Leaf::Hashed(elements) => elements.len(),
        }
    }

    /// Cell and stored hint of the element `index`, where there is one.
    fn element(self, index: usize) -> Option<(CellOffset, Hint)> {
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

/// How subkeys are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LookUp {
    /// Every element of the lists is looked at; what is wrong with them is told.
    #[default]
    Thorough,
    /// The hashes and the order of the lists are trusted; few pages are touched.
    Trusting,
}

/// What an element of a list says about the name of its key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hint {
    None,
    Characters([u8; 4]),
    Hash(u32),
}

impl Hint {
    /// Whether a key of this name may stand here. A first byte of 0 says nothing: the name could
    /// not be put into four bytes.
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

/// The subkeys of a key, in the order of its list, as many as Windows would show: the key's own
/// count and the list's both bound them.
///
/// What cannot be read is an error at its turn, and the others follow. Where the counts disagree, an
/// error at the end says so.
#[derive(Clone, Debug)]
pub struct Subkeys<'d> {
    key: Key<'d>,
    leaf: Elements<'d>,
    /// The leaves of an index root that are still to come.
    leaves: slice::Iter<'d, U32>,
    /// Keys that are still to come, by the key's count, and how many those were at the start.
    left: u32,
    most: u32,
    /// Cell of the leaf that is being read.
    list: CellOffset,
    /// What is told after the last key.
    end: End,
}

/// What is told after the last key, beside counts that disagree.
#[derive(Clone, Copy, Debug)]
enum End {
    /// Nothing.
    Done,
    /// Why the list cannot be read.
    Unreadable,
    /// That there may be a list, though the key counts no subkeys.
    Uncounted,
    /// That the list in this cell claims more elements than the cell holds.
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

    /// The key whose subkeys they are.
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
                    // No tree has more keys than its bins have room for elements.
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
        self.leaf = match leaf {
            Leaf::Plain(elements) => Elements::Plain(elements.iter()),
            Leaf::Hinted(elements) | Leaf::Hashed(elements) => Elements::Hinted(elements.iter()),
        };
        self.notice(list);
    }

    fn notice(&mut self, list: List<'d>) {
        if list.len() < usize::from(list.claimed) && matches!(self.end, End::Done) {
            self.end = End::Claims(self.list);
        }
    }

    /// The next element: the cell of a key, or a leaf that cannot be read.
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

    /// The place of the element that was taken last.
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

    /// Goes on to the next leaf of an index root; `None` at the end.
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
                // Windows keeps no empty leaf, and going through many of them would be work for nothing.
                if list.len() == 0 { Err(Box::new(list.empty_fault())) } else { Ok(()) }
            }
            // A leaf is never an index root: `parse` has refused it.
            Ok(_) => Ok(()),
            Err(error) => Err(Box::new(error.pointed_from(self.leaf_place()))),
        })
    }

    /// The place of the element of the index root that was taken last.
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

    /// After the last key: what is left of faults, and elements beyond the key's count.
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

    /// The fault of elements beyond the key's count.
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

    /// What `end` stands for, once.
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
                // The elements beyond the key's count are told of by this as well.
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
    /// The lists of its subkeys: the leaves, each with where it lies; of an index root all leaves.
    /// Bounded by the elements that the bins have room for.
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

    /// The subkey of this name, in Windows' sense of the same name. Hashes and hints in the list are
    /// trusted, and so is the order of a list without them; see
    /// [`subkey_thorough`](Self::subkey_thorough) for damaged lists.
    ///
    /// # Errors
    /// Where a list cannot be read, or a key whose hash or hint is that of the name, and the name is
    /// not found elsewhere.
    pub fn subkey<'n>(self, name: impl Into<Name<'n>>) -> Result<Option<Self>> {
        let name = name.into();
        let hash = Hint::Hash(name.lh_hash());
        let mut fault = None;
        for leaf in self.leaves() {
            let found = match leaf {
                Ok((_, list)) => self.find_in(list, name, hash),
                Err(error) => Err(error),
            };
            match found {
                Ok(Some(key)) => return Ok(Some(key)),
                Ok(None) => {}
                Err(error) => fault = fault.or(Some(error)),
            }
        }
        fault.map_or(Ok(None), Err)
    }

    fn find_in(self, list: List<'d>, name: Name<'_>, hash: Hint) -> Result<Option<Self>> {
        let hive = self.hive();
        let open = |(index, cell): (usize, &U32), stride: u64| {
            let place = list.place.plus((index as u64).saturating_mul(stride));
            Key::pointed(hive, CellOffset::new(cell.get()), place)
        };
        let elements = match list.kind {
            Kind::Leaf(Leaf::Plain(elements)) => {
                return search(elements, name, |element| open(element, 4));
            }
            Kind::Leaf(Leaf::Hashed(elements) | Leaf::Hinted(elements)) => elements,
            Kind::Root(_) => return Ok(None),
        };
        let by_hash = matches!(list.kind, Kind::Leaf(Leaf::Hashed(_)));
        let mut fault = None;
        for (index, element) in elements.iter().enumerate() {
            let may = match hash {
                Hint::Hash(hash) if by_hash => u32::from_le_bytes(element.hint) == hash,
                _ => Hint::Characters(element.hint).allows(name),
            };
            if may {
                match open((index, &element.key), 8) {
                    Ok(key) if key.name().same(name) => return Ok(Some(key)),
                    Ok(_) => {}
                    Err(error) => fault = fault.or(Some(error)),
                }
            }
        }
        fault.map_or(Ok(None), Err)
    }

    /// The subkey of this name, found by looking at every subkey. What is wrong on the way goes to
    /// `fault`: keys and lists that cannot be read, hashes and hints that are not those of the name
    /// found, and names out of order.
    pub fn subkey_thorough<'n>(
        self,
        name: impl Into<Name<'n>>,
        fault: impl FnMut(Error),
    ) -> Option<Self> {
        self.subkey_thorough_within(name.into(), &mut self.most_elements(), fault)
    }

    fn subkey_thorough_within(
        self,
        name: Name<'_>,
        left: &mut usize,
        mut fault: impl FnMut(Error),
    ) -> Option<Self> {
        let mut found: Option<Self> = None;
        self.each_element(left, |index, place, hint, key, before| match key {
            Ok(key) => {
                if let Some(error) = order_fault(index, place, before, key) {
                    fault(error);
                }
                if key.name().same(name) {
                    if let Some(error) = hint_fault(place, hint, key) {
                        fault(error);
                    }
                    found = found.or(Some(key));
                }
            }
            Err(error) => fault(error),
        });
        found
    }

    /// The subkey of this name, looked for in the one way or the other. What is wrong on the way goes
    /// to `fault`.
    pub fn subkey_by<'n>(
        self,
        name: impl Into<Name<'n>>,
        look_up: LookUp,
        fault: impl FnMut(Error),
    ) -> Option<Self> {
        self.subkey_within(name.into(), look_up, &mut self.most_elements(), fault)
    }

    /// The same, as long as some of the elements are `left` that may be looked at.
    pub(crate) fn subkey_within(
        self,
        name: Name<'_>,
        look_up: LookUp,
        left: &mut usize,
        mut fault: impl FnMut(Error),
    ) -> Option<Self> {
        if look_up == LookUp::Thorough {
            return self.subkey_thorough_within(name, left, fault);
        }
        // Hashes are looked at much faster than keys.
        let claimed = usize::try_from(self.subkey_count()).unwrap_or(usize::MAX);
        *left = left.saturating_sub(claimed.min(self.most_elements()) / 16);
        self.subkey(name).unwrap_or_else(|error| {
            fault(error);
            None
        })
    }

    /// The subkeys whose hash is one of these, by what their lists say; of lists without hashes those
    /// that may begin like `sample`. Hardly any other key is touched.
    pub(crate) fn each_hinted(
        self,
        sample: Name<'_>,
        is_wanted: impl Fn(u32) -> bool,
        mut see: impl FnMut(Result<Self>),
    ) {
        for leaf in self.leaves() {
            let list = match leaf {
                Ok((_, list)) => list,
                Err(error) => {
                    see(Err(error));
                    continue;
                }
            };
            let Kind::Leaf(leaf) = list.kind else { continue };
            for (cell, hint) in (0..leaf.len()).map_while(|at| leaf.element(at)) {
                let may = match hint {
                    Hint::Hash(hash) => is_wanted(hash),
                    hint => hint.allows(sample),
                };
                if may {
                    see(Self::pointed(self.hive(), cell, list.place));
                }
            }
        }
    }

    /// No tree has more elements in its lists than the bins have room for.
    pub(crate) fn most_elements(self) -> usize {
        self.hive().bin_bytes().len() / 4
    }

    /// Goes through every element of the lists: index, place, hint, key and the key before it. Each
    /// takes one of those `left`, and more where its name is long.
    pub(crate) fn each_element(
        self,
        left: &mut usize,
        mut see: impl FnMut(u32, FileOffset, Hint, Result<Self>, Option<Self>),
    ) {
        let (mut index, mut before) = (0_u32, None);
        for leaf in self.leaves() {
            *left = left.saturating_sub(1);
            let (_, list) = match leaf {
                Ok(leaf) => leaf,
                Err(error) => {
                    see(index, error.offset(), Hint::None, Err(error), before);
                    continue;
                }
            };
            let Kind::Leaf(leaf) = list.kind else { continue };
            let stride = if matches!(leaf, Leaf::Plain(_)) { 4 } else { 8 };
            let mut place = list.place;
            for (cell, hint) in (0..leaf.len()).map_while(|at| leaf.element(at)) {
                let Some(fewer) = left.checked_sub(1) else {
                    let most = self.most_elements() as u64;
                    let kind = ErrorKind::LimitReached { limit: Limit::Elements, most };
                    see(index, place, Hint::None, Err(Error::new(kind, place)), before);
                    return;
                };
                *left = fewer;
                let key = Key::pointed(self.hive(), cell, place);
                if let Ok(key) = key {
                    // Keys that overlap may all have the same long name.
                    *left = left.saturating_sub(key.name().as_bytes().map_or(0, <[u8]>::len) / 64);
                }
                see(index, place, hint, key, before);
                before = key.ok().or(before);
                place = place.plus(stride);
                index = index.saturating_add(1);
            }
        }
    }
}

/// Looks for a name in a list that has neither hashes nor hints, by its order.
fn search<'d>(
    elements: &[U32],
    name: Name<'_>,
    open: impl Fn((usize, &U32)) -> Result<Key<'d>>,
) -> Result<Option<Key<'d>>> {
    let (mut low, mut high, mut fault) = (0, elements.len(), None);
    while low < high {
        let middle = low.midpoint(high);
        let Some(cell) = elements.get(middle) else { break };
        let order = match open((middle, cell)) {
            Ok(key) => match key.name().cmp_upcased(name) {
                Ordering::Equal => return Ok(Some(key)),
                order => order,
            },
            Err(error) => {
                fault = Some(error);
                Ordering::Less
            }
        };
        if order == Ordering::Less { low = middle.saturating_add(1) } else { high = middle }
    }
    fault.map_or(Ok(None), Err)
}

/// The fault of a name that is not greater than the one before it.
pub(crate) fn order_fault(
    index: u32,
    place: FileOffset,
    before: Option<Key<'_>>,
    key: Key<'_>,
) -> Option<Error> {
    let before = before?;
    // An overlong name is a fault of its own.
    if before.has_overlong_name() || key.has_overlong_name() {
        return None;
    }
    let kind = match before.name().cmp_upcased(key.name()) {
        Ordering::Less => return None,
        Ordering::Equal => ErrorKind::Duplicate { index },
        Ordering::Greater => ErrorKind::Order { index },
    };
    Some(Error::new(kind, place))
}

/// The fault of a hash or hint that is not that of the name.
pub(crate) fn hint_fault(place: FileOffset, hint: Hint, key: Key<'_>) -> Option<Error> {
    let found = match hint {
        _ if key.has_overlong_name() => return None,
        _ if hint.allows(key.name()) => return None,
        Hint::None => return None,
        Hint::Characters(hint) => u32::from_le_bytes(hint),
        Hint::Hash(hash) => hash,
    };
    let kind = ErrorKind::Mismatch {
        structure: Structure::SubkeyList,
        field: Field::Hash,
        expected: u64::from(key.name().lh_hash()),
        found: u64::from(found),
    };
    Some(Error::new(kind, place.plus(4)))
}
