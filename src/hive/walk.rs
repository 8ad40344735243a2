// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Walk`]: all keys of a hive in linear time, whatever the hive says.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::bytes::{CellOffset, FileOffset};
use crate::error::{Error, ErrorKind, Limit, Result, Structure};
use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::path::{KeyPath, join};
use crate::hive::subkeys::Subkeys;
use crate::hive::value::{Data, Value, Values};
use crate::limits::Limits;

/// A walk through a key and all keys below it: each key before its subkeys, subkeys in the order of
/// their list. It shows what Windows would show.
///
/// Its work is linear in the size of the hive: it keeps its own stack, visits each key once, and
/// stays within [`Limits`]. Nothing is allocated per key.
///
/// An `Err` stands for something that the tree names and the walk cannot show; the walk goes on
/// after it. What is wrong with things that it does show is in [`faults`](Self::faults).
///
/// ```
/// # let mut tree = hive_forge::tree::Tree::new("ROOT");
/// # tree.root.at(r"A\B").values.push(hive_forge::tree::Value::dword("v", 1));
/// # let forged = hive_forge::write(&tree, &Default::default());
/// let hive = calhive::Hive::parse(&forged.bytes)?;
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
/// # Ok::<(), calhive::Error>(())
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

/// What a walk shows: a key, how deep it lies, and its values if they were asked for.
#[derive(Clone, Debug)]
pub struct Entry<'d> {
    /// The key.
    pub key: Key<'d>,
    /// Levels below the key that the walk began with.
    pub depth: usize,
    /// Its values; none unless [`Walk::with_values`] asked for them.
    pub values: Values<'d>,
}

/// A key whose subkeys are being visited.
#[derive(Debug)]
struct Frame<'d> {
    subkeys: Subkeys<'d>,
    path_bytes: usize,
}

/// What a walk may still do.
#[derive(Clone, Copy, Debug)]
struct Budget {
    keys: u64,
    elements: u64,
    values: u64,
    /// Values of lists that another key has shown before. A budget of their own, so that they cannot
    /// use up that of the others.
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

    /// A walk that begins with what is wrong with the way to its start. Where it starts nowhere, the
    /// first entry tells that.
    pub(crate) fn with_fault(mut self, fault: Option<Error>) -> Self {
        if matches!(self.start, Some(Ok(_))) {
            self.faults.extend(fault);
        }
        self
    }

    /// Whether entries carry their values. They do not by default.
    #[must_use]
    pub fn with_values(mut self, with_values: bool) -> Self {
        self.with_values = with_values;
        self
    }

    /// Other bounds than the default ones.
    ///
    /// ```
    /// # let mut tree = hive_forge::tree::Tree::new("ROOT");
    /// # tree.root.at(r"A\B\C").values.clear();
    /// # let forged = hive_forge::write(&tree, &Default::default());
    /// # let hive = calhive::Hive::parse(&forged.bytes)?;
    /// use calhive::Limits;
    /// let walk = hive.walk().with_limits(Limits { depth: 1, ..Limits::default() });
    /// // The root, A, and an error for what lies below A.
    /// assert_eq!(walk.map(|entry| entry.is_ok()).collect::<Vec<_>>(), [true, true, false]);
    /// # Ok::<(), calhive::Error>(())
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

    /// The names on the way to the key that was shown last, from below the key that the walk began
    /// with.
    pub fn path(&self) -> WalkPath<'_, 'd> {
        WalkPath { above: &self.above, current: self.current }
    }

    /// The cell of the key that the key shown last was listed by.
    pub(crate) fn parent_cell(&self) -> Option<CellOffset> {
        self.above.last().map(|frame| frame.subkeys.key().cell_offset())
    }

    /// What was wrong with keys and values that were shown: names that are cut, parents that
    /// disagree, lists shared by several keys.
    pub fn faults(&self) -> &[Error] {
        &self.faults
    }

    /// The data of a value, as [`Value::data`] gives them, as long as the data handed out come to no
    /// more than [`Limits::data`].
    ///
    /// # Errors
    /// As [`Value::data`]; [`ErrorKind::LimitReached`] where many values claim the same bytes.
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

    /// What keeps data back that are not one piece within the limit; nothing where they are all there
    /// in segments.
    #[cold]
    #[inline(never)]
    fn data_fault(&mut self, value: Value<'d>) -> Option<Box<Error>> {
        let before = self.budget.data;
        if !self.charge_data(value) {
            return Some(Box::new(self.data_limit(value)));
        }
        let error = value.data_fault()?;
        if !is_of_segment(&error) {
            // Data that were not handed out take nothing from those that follow. Where segments were
            // gone through in vain, that work counts.
            self.budget.data = before;
        }
        Some(error)
    }

    /// As much of the data of a value as there is, as [`Value::available`] gives them, under the same
    /// limit as [`data`](Self::data).
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

    /// Takes the data of a value from what may still be handed out; whether they may be.
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
            // A size beyond the bins is a fault of the value, which reading it tells.
            None => size > self.hive.bin_bytes().len() as u64,
        }
    }

    #[cold]
    fn data_limit(&self, value: Value<'d>) -> Error {
        let most = self.limits.data.unwrap_or(self.hive.bin_bytes().len() as u64);
        limit(Limit::Data, most, value.offset())
    }

    /// Goes below the key shown last, if there is anything below it.
    #[inline]
    fn descend(&mut self) -> Option<Box<Error>> {
        let key = self.current.take()?;
        if key.subkey_count() == 0 && key.raw().subkeys.get() == CellOffset::NIL.get() {
            return None;
        }
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

    /// The cell of the next subkey of the innermost key that has one left, and the parent's cell.
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

    /// The error for an element that shows no key.
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

    /// Elements that show keys are bounded by the number of keys; those that show none, and leaves that
    /// cannot be read, by the room that the bins have for elements. Beyond it, each list ends with its
    /// first such element.
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

    /// Keeps what is wrong with a key that is shown.
    #[cold]
    fn note(&mut self, key: Key<'d>, parent: CellOffset) {
        self.faults.extend(key.parent_fault(parent));
        self.faults.extend(key.name_fault());
    }

    /// Ends the walk: it has shown as many keys as it may.
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
    /// A walk through this key and all keys below it.
    pub fn walk(self) -> Walk<'d> {
        Walk::new(self.hive(), Ok(self))
    }
}

/// The way to the key that a walk showed last. Shown as text it is a [`KeyPath`].
#[derive(Clone, Copy)]
pub struct WalkPath<'w, 'd> {
    above: &'w [Frame<'d>],
    current: Option<Key<'d>>,
}

impl<'d> WalkPath<'_, 'd> {
    /// The names, from below the key that the walk began with.
    pub fn names(&self) -> impl Iterator<Item = Name<'d>> {
        let keys = self.above.iter().map(|frame| frame.subkeys.key()).chain(self.current);
        keys.skip(1).map(Key::name)
    }

    /// The same, owned.
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

/// Which cells a walk has visited, and as what: one bit for each place where a cell can begin. A bad
/// pointer may lead to a cell as something that it is not, which must not hide what it is. The words
/// of both kinds lie side by side, since a key and its list do so in the hive.
#[derive(Debug)]
struct Seen(Vec<u64>);

impl Seen {
    const KEY: usize = 0;
    const VALUE_LIST: usize = 1;
    const KINDS: usize = 2;

    fn new(hive: Hive<'_>) -> Self {
        let words = (hive.bin_bytes().len() / (8 * 64)).saturating_add(1);
        Self(vec![0; words.saturating_mul(Self::KINDS)])
    }

    /// Marks a cell; whether it was marked before.
    #[inline]
    fn mark(&mut self, kind: usize, cell: CellOffset) -> bool {
        let unit = cell.get() / 8;
        let bit = 1_u64.wrapping_shl(unit & 63);
        let word = (unit / 64) as usize;
        match self.0.get_mut(word.wrapping_mul(Self::KINDS).wrapping_add(kind)) {
            Some(word) => {
                let before = *word;
                *word = before | bit;
                before & bit != 0
            }
            None => false,
        }
    }
}

/// Whether data in segments were gone through up to this error.
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
