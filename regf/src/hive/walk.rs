// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Walk`]: traversal of all keys in linear time, for any hive.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::error::{Error, ErrorKind, Limit, Result, Structure};
use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::path::{KeyPath, join};
use crate::hive::subkeys::Subkeys;
use crate::hive::value::{Data, Value};
use crate::hive::values::Values;
use crate::limits::Limits;
use crate::offset::{CellOffset, FileOffset};
use crate::words::Groups;

/// Walk through a key and all keys below. Each key precedes its subkeys, and subkeys follow the
/// order of their list. A walk shows the same keys as Windows.
///
/// The work is linear in the size of the hive. The walk keeps its own stack, visits each key once,
/// stays within [`Limits`] and allocates nothing for a key.
///
/// An `Err` stands for a key or list that the tree refers to but the walk cannot show. The walk
/// continues after an error. [`faults`](Self::faults) returns the faults of the keys shown.
///
/// ```
/// # let mut tree = hive_forge::tree::Tree::new("ROOT");
/// # tree.root.at(r"A\B").values.push(hive_forge::tree::Value::dword("v", 1));
/// # let forged = hive_forge::write(&tree, &Default::default());
/// let hive = calhive_regf::Hive::parse(&forged.bytes)?;
/// let mut walk = hive.walk().with_values(true);
/// while let Some(entry) = walk.next() {
///     let entry = entry?;
///     println!("{} {}", walk.path(), entry.key.last_written());
///     for value in entry.values {
///         let value = value?;
///         println!("  {} {:?}", value.name(), walk.data(value)?.to_bytes());
///     }
/// }
/// assert!(walk.faults().is_empty());
/// # Ok::<(), calhive_regf::Error>(())
/// ```
#[derive(Debug)]
pub struct Walk<'d> {
    hive: Hive<'d>,
    limits: Limits,
    with_values: bool,
    start: Option<Result<Key<'d>>>,
    current: Option<Key<'d>>,
    above: Vec<Frame<'d>>,
    seen: Seen,
    budget: Budget,
    faults: Vec<Error>,
}

/// Key of a walk, with its depth and its values.
#[derive(Clone, Debug)]
pub struct Entry<'d> {
    /// The key.
    pub key: Key<'d>,
    /// Levels below the first key of the walk.
    pub depth: usize,
    /// Values of the key. Empty unless [`Walk::with_values`] is set.
    pub values: Values<'d>,
}

/// Key with subkeys still to visit.
#[derive(Debug)]
struct Frame<'d> {
    subkeys: Subkeys<'d>,
    path_bytes: usize,
}

/// Remaining work of a walk.
#[derive(Clone, Copy, Debug)]
struct Budget {
    keys: u64,
    elements: u64,
    values: u64,
    /// Budget for value lists that the walk already showed under an earlier key. The budget is
    /// separate, so that repeated lists cannot hide other values.
    repeated_values: u64,
    data: u64,
}

impl<'d> Walk<'d> {
    pub(crate) fn new(hive: Hive<'d>, start: Result<Key<'d>>) -> Self {
        let walk = Self {
            hive,
            limits: Limits::default(),
            with_values: false,
            start: Some(start),
            current: None,
            above: Vec::new(),
            seen: Seen::new(hive),
            budget: Budget { keys: 0, elements: 0, values: 0, repeated_values: 0, data: 0 },
            faults: Vec::new(),
        };
        walk.with_limits(Limits::default())
    }

    /// Stores the fault of the base block's root offset for [`faults`](Self::faults). If the first
    /// key is unreadable, the first entry already reports this fault.
    pub(crate) fn with_fault(mut self, fault: Option<Error>) -> Self {
        if matches!(self.start, Some(Ok(_))) {
            self.faults.extend(fault);
        }
        self
    }

    /// Sets whether entries carry their values. The default is `false`.
    #[must_use]
    pub fn with_values(mut self, with_values: bool) -> Self {
        self.with_values = with_values;
        self
    }

    /// Sets other limits than the default.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at(r"A\B\C").values.clear();
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// # let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// use calhive_regf::Limits;
    /// let walk = hive.walk().with_limits(Limits { depth: 1, ..Limits::default() });
    /// // The root, A, and an error for what lies below A.
    /// assert_eq!(walk.map(|entry| entry.is_ok()).collect::<Vec<_>>(), [true, true, false]);
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        let bins = self.hive.bin_bytes().len() as u64;
        let values = limits.values.unwrap_or(bins / 24);
        self.budget = Budget {
            keys: limits.keys.unwrap_or(bins / 80),
            elements: bins / 4,
            values,
            repeated_values: values,
            data: limits.data.unwrap_or(bins),
        };
        self.limits = limits;
        self
    }

    /// Returns the path of the key shown most recently. The path starts below the first key of the
    /// walk.
    #[inline]
    pub fn path(&self) -> WalkPath<'_, 'd> {
        WalkPath { above: &self.above, current: self.current }
    }

    /// Returns the remaining entries, each with its [`path`](Self::path), for use in a `for` loop.
    ///
    /// The path follows the subkey lists, as in Windows. An [`Entry`] alone could only follow
    /// parent offsets, which can contradict the lists in a damaged hive. This method allocates each
    /// path. In a hostile hive, all paths together can be far larger than the hive.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at(r"A\B").values.clear();
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// # let hive = calhive_regf::Hive::parse(&forged.bytes)?;
    /// let mut walk = hive.walk();
    /// let mut paths = Vec::new();
    /// for entry in walk.entries_with_paths() {
    ///     let (path, entry) = entry?;
    ///     println!("{path} {}", entry.key.last_written());
    ///     paths.push(path.to_string());
    /// }
    /// assert_eq!(paths, ["", "A", r"A\B"]);
    /// assert!(walk.faults().is_empty());
    /// # Ok::<(), calhive_regf::Error>(())
    /// ```
    pub fn entries_with_paths(
        &mut self,
    ) -> impl Iterator<Item = Result<(KeyPath, Entry<'d>)>> + use<'_, 'd> {
        core::iter::from_fn(move || {
            let entry = self.next()?;
            Some(entry.map(|entry| (self.path().to_key_path(), entry)))
        })
    }

    /// Returns the cell of the parent of the key shown most recently. The subkey lists decide the
    /// parent.
    pub(crate) fn parent_cell(&self) -> Option<CellOffset> {
        self.above.last().map(|frame| frame.subkeys.key().cell_offset())
    }

    /// Returns the faults of keys that the walk showed: bad names, contradicting parent offsets,
    /// and value lists shared by several keys.
    pub fn faults(&self) -> &[Error] {
        &self.faults
    }

    /// Returns the data of a value like [`Value::data`], within the budget of [`Limits::data`].
    ///
    /// # Errors
    /// As [`Value::data`]. [`ErrorKind::LimitReached`] if many values claim the same bytes.
    #[inline]
    pub fn data(&mut self, value: Value<'d>) -> Result<Data<'d>> {
        if let Some(data) = value.whole_data()
            && self.charge_data(value)
        {
            return Ok(data);
        }
        match self.data_fault(value) {
            Some(error) => Err(*error),
            None => Ok(value.segmented()),
        }
    }

    /// Returns the fault of data that are incomplete or exceed the budget. For complete big data,
    /// the result is `None`.
    #[cold]
    #[inline(never)]
    fn data_fault(&mut self, value: Value<'d>) -> Option<Box<Error>> {
        let before = self.budget.data;
        if !self.charge_data(value) {
            return Some(Box::new(self.data_limit(value)));
        }
        let error = value.data_fault()?;
        if !is_of_segment(&error) {
            // Unreadable data cost no budget. If the error is in a segment, the charge stays,
            // because calhive may already have read earlier segments.
            self.budget.data = before;
        }
        Some(error)
    }

    /// Returns the data that exist, like [`Value::available`]. The data count toward the same
    /// budget as in [`data`](Self::data).
    pub fn available(&mut self, value: Value<'d>) -> (Option<Data<'d>>, Option<Error>) {
        let (data, error) = value.available();
        let size = data.segments().fold(0, |sum: u64, it| sum.saturating_add(it.len() as u64));
        match self.budget.data.checked_sub(if value.is_inline() { 0 } else { size }) {
            Some(left) => {
                self.budget.data = left;
                (Some(data), error)
            }
            None => (None, Some(self.data_limit(value))),
        }
    }

    /// Subtracts the data size of a value from the budget. Returns whether the budget suffices.
    #[inline]
    fn charge_data(&mut self, value: Value<'d>) -> bool {
        let size = u64::from(value.data_size());
        if value.is_inline() {
            return true;
        }
        match self.budget.data.checked_sub(size) {
            Some(left) => {
                self.budget.data = left;
                true
            }
            // A size larger than the bins is a fault of the value, which the caller reports.
            None => size > self.hive.bin_bytes().len() as u64,
        }
    }

    #[cold]
    fn data_limit(&self, value: Value<'d>) -> Error {
        let most = self.limits.data.unwrap_or(self.hive.bin_bytes().len() as u64);
        limit(Limit::Data, most, value.offset())
    }

    /// Enters the key shown most recently, if the key has subkeys.
    #[inline]
    fn descend(&mut self) -> Option<Box<Error>> {
        let current = self.current.as_ref()?;
        let is_leaf =
            current.subkey_count() == 0 && current.raw().subkeys.get() == CellOffset::NIL.get();
        let key = self.current.take().filter(|_| !is_leaf)?;
        self.enter(key)
    }

    fn enter(&mut self, key: Key<'d>) -> Option<Box<Error>> {
        let refuse = |which, most: usize| Some(Box::new(limit(which, most as u64, key.offset())));
        if self.above.len() >= self.limits.depth {
            return refuse(Limit::Depth, self.limits.depth);
        }
        let above = self.above.last().map_or(0, |frame| frame.path_bytes);
        let name = usize::from(key.raw().name_length.get());
        let path_bytes = if self.above.is_empty() { 0 } else { above.saturating_add(name) };
        if path_bytes > self.limits.path_bytes {
            return refuse(Limit::PathBytes, self.limits.path_bytes);
        }
        self.above.push(Frame { subkeys: key.subkeys(), path_bytes });
        None
    }

    /// Returns the cell of the next subkey and the cell of its parent.
    #[inline]
    fn advance(&mut self) -> Option<Result<(CellOffset, CellOffset), Box<Error>>> {
        loop {
            let subkeys = &mut self.above.last_mut()?.subkeys;
            match subkeys.next_cell() {
                Some(Ok(cell)) => return Some(Ok((cell, subkeys.key().cell_offset()))),
                Some(Err(error)) => return Some(Err(self.refused(error))),
                None => drop(self.above.pop()),
            }
        }
    }

    /// Returns the fault of a list element that leads to no new key.
    #[cold]
    #[inline(never)]
    fn lost(&mut self, cell: CellOffset) -> Box<Error> {
        let place = self.above.last().map_or(FileOffset::default(), |top| top.subkeys.place());
        let error = match Key::parse(self.hive, cell) {
            None => Key::fault(self.hive, cell, place),
            Some(_) => Box::new(visited(Structure::KeyNode, cell, place)),
        };
        self.refused(error)
    }

    /// Counts a list element that leads to no new key. The budget is one such element for each 4
    /// bytes of bins. When the budget is spent, the next such element in a list ends that list.
    #[cold]
    #[inline(never)]
    fn refused(&mut self, error: Box<Error>) -> Box<Error> {
        match self.budget.elements.checked_sub(1) {
            Some(left) => {
                self.budget.elements = left;
                error
            }
            None => {
                self.above.pop();
                let most = self.hive.bin_bytes().len() as u64 / 4;
                Box::new(limit(Limit::Elements, most, error.offset()))
            }
        }
    }

    /// Stores the faults of a key that the walk shows.
    #[cold]
    fn note(&mut self, key: Key<'d>, parent: CellOffset) {
        self.faults.extend(key.parent_fault(parent));
        self.faults.extend(key.name_fault());
    }

    /// Ends the walk at the limit of keys.
    #[cold]
    #[inline(never)]
    fn end(&mut self, place: FileOffset) -> Box<Error> {
        self.above.clear();
        let most = self.limits.keys.unwrap_or(self.hive.bin_bytes().len() as u64 / 80);
        Box::new(limit(Limit::Keys, most, place))
    }

    #[inline]
    fn values(&mut self, key: Key<'d>) -> Values<'d> {
        let values = key.values();
        let count = values.remaining() as u64;
        if count == 0 {
            return values;
        }
        let list = CellOffset::new(key.raw().values.get());
        let repeated = self.seen.mark(Seen::VALUE_LIST, list);
        if repeated {
            self.faults.push(visited(Structure::ValueList, list, key.place(40)));
        }
        let budget =
            if repeated { &mut self.budget.repeated_values } else { &mut self.budget.values };
        match budget.checked_sub(count) {
            Some(left) => {
                *budget = left;
                values
            }
            None => {
                let most = self.limits.values.unwrap_or(self.hive.bin_bytes().len() as u64 / 24);
                Values::refused(key, most)
            }
        }
    }
}

impl<'d> Iterator for Walk<'d> {
    type Item = Result<Entry<'d>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.descend() {
            return Some(Err(*error));
        }
        let (cell, parent) = match self.advance() {
            Some(Ok(found)) => found,
            Some(Err(error)) => return Some(Err(*error)),
            None => match self.start.take()? {
                Ok(start) => (start.cell_offset(), CellOffset::new(start.raw().parent.get())),
                Err(error) => return Some(Err(error)),
            },
        };
        let Some(key) = Key::parse(self.hive, cell) else {
            return Some(Err(*self.lost(cell)));
        };
        if self.seen.mark(Seen::KEY, cell) {
            return Some(Err(*self.lost(cell)));
        }
        match self.budget.keys.checked_sub(1) {
            Some(left) => self.budget.keys = left,
            None => return Some(Err(*self.end(key.offset()))),
        }
        if key.parent_fault(parent).is_some() || key.name_fault().is_some() {
            self.note(key, parent);
        }
        self.current = Some(key);
        let values = if self.with_values { self.values(key) } else { Values::none(key) };
        Some(Ok(Entry { key, depth: self.above.len(), values }))
    }
}

impl<'d> Key<'d> {
    /// Returns a walk through this key and all keys below.
    pub fn walk(self) -> Walk<'d> {
        Walk::new(self.hive(), Ok(self))
    }
}

/// Path of the key that a walk showed most recently. Paths are displayed like a [`KeyPath`].
#[derive(Clone, Copy)]
pub struct WalkPath<'w, 'd> {
    above: &'w [Frame<'d>],
    current: Option<Key<'d>>,
}

impl<'d> WalkPath<'_, 'd> {
    /// Returns the names on the path, without the first key of the walk.
    pub fn names(&self) -> impl Iterator<Item = Name<'d>> {
        let keys = self.above.iter().map(|frame| frame.subkeys.key()).chain(self.current);
        keys.skip(1).map(Key::name)
    }

    /// Returns an owned copy of the path.
    pub fn to_key_path(&self) -> KeyPath {
        self.names().collect()
    }
}

impl fmt::Display for WalkPath<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, self.names())
    }
}

impl fmt::Debug for WalkPath<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Set of visited cells, with one bit for each possible cell and kind. A bad offset can mark a cell
/// as the wrong kind, so marks for keys and value lists are separate. A key and its value list usually are close
/// together.
#[derive(Debug)]
struct Seen {
    words: Groups<{ Self::KINDS }>,
}

impl Seen {
    const KEY: usize = 0;
    const VALUE_LIST: usize = 1;
    const KINDS: usize = 2;

    fn new(hive: Hive<'_>) -> Self {
        Self { words: Groups::new(hive.gap(), hive.bin_bytes().len()) }
    }

    /// Marks a cell. Returns whether the cell was already marked.
    #[inline]
    fn mark(&mut self, kind: usize, cell: CellOffset) -> bool {
        let bit = 1_u64.wrapping_shl((cell.get() / 8) & 63);
        match self.words.get_mut(cell.get() as usize).and_then(|words| words.get_mut(kind)) {
            Some(word) => {
                let before = *word;
                *word = before | bit;
                before & bit != 0
            }
            None => false,
        }
    }
}

/// Whether the error concerns a segment of big data. calhive may then have read earlier segments.
#[cold]
fn is_of_segment(error: &Error) -> bool {
    use ErrorKind::{CellSize, FreeCell, Misaligned, Nil, OutOfBounds, Truncated};
    match error.kind() {
        Nil { structure }
        | OutOfBounds { structure, .. }
        | Misaligned { structure, .. }
        | CellSize { structure, .. }
        | FreeCell { structure, .. }
        | Truncated { structure, .. } => structure == Structure::Segment,
        _ => false,
    }
}

#[cold]
fn limit(limit: Limit, most: u64, place: FileOffset) -> Error {
    Error::new(ErrorKind::LimitReached { limit, most }, place)
}

#[cold]
fn visited(structure: Structure, cell: CellOffset, place: FileOffset) -> Error {
    Error::new(ErrorKind::AlreadyVisited { structure, target: cell.get() }, place)
}
