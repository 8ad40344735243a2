// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Live`]: cells that the tree refers to, and the slack after their content.

use alloc::vec::Vec;

use zerocopy::FromBytes as _;
use zerocopy::little_endian::U32;

use crate::budget::Budget;
use crate::bytes::Bytes;
use crate::error::Limit;
use crate::hive::Hive;
use crate::hive::big_data::SEGMENT_LENGTH;
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::meter;
use crate::offset::CellOffset;
use crate::raw;
use crate::recover::cell_marks::{CellMarks, Mark};

/// Size of the smallest record, a value without a name, in bytes.
const SMALLEST_RECORD: usize = size_of::<raw::KeyValue>();

/// Slack: bytes of a live cell after its content. Offsets count from the first bin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slack {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// Element of a live value list after the counted elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SlackElement {
    /// Cell that the element leads to.
    pub(crate) value: CellOffset,
    /// Key of the list.
    pub(crate) key: CellOffset,
}

/// Cells that the tree refers to. Each cell is visited once.
///
/// [`Space`](crate::recover::space::Space) passes all cells in file order, and each listed key or
/// value is visited when its cell is passed. Most cells come after the cells that refer to them, so
/// the memory is read in order. A key or value before the list that leads to it is visited at once.
#[derive(Debug)]
pub(crate) struct Live<'d> {
    pub(super) hive: Hive<'d>,
    marks: CellMarks,
    /// Place of the last cell that was passed.
    passed: usize,
    pub(crate) slack: Vec<Slack>,
    /// Slack after the data of a value, with the cell of the value.
    pub(crate) data_slack: Vec<(Slack, CellOffset)>,
    pub(crate) slack_elements: Vec<SlackElement>,
    /// Elements of all lists, counted or not. Lists in overlapping cells share their elements.
    pub(crate) elements: Budget,
    /// Value lists with more elements than the first key counts, each with this count.
    short_lists: Vec<(u32, u32)>,
    /// Value lists that a further key leads to, each with the count of this key.
    shared_lists: Vec<(u32, u32)>,
    /// Keys to visit that were passed before.
    rest: Vec<CellOffset>,
    /// Whether every key counts as live. Set if the tree was not traversed.
    takes_all: bool,
}

impl<'d> Live<'d> {
    /// Returns a state without traversal of the tree. Every key counts as live.
    pub(crate) fn all(hive: Hive<'d>) -> Self {
        Self {
            hive,
            marks: CellMarks::new(0, 0),
            passed: 0,
            slack: Vec::new(),
            data_slack: Vec::new(),
            slack_elements: Vec::new(),
            elements: Budget::new(Limit::Elements, (hive.bins_at_hand() / 4) as u64),
            short_lists: Vec::new(),
            shared_lists: Vec::new(),
            rest: Vec::new(),
            takes_all: true,
        }
    }

    /// Returns the state before any cell is passed.
    pub(crate) fn of(hive: Hive<'d>) -> Self {
        let length = hive.bin_bytes().len();
        let mut live = Self::all(hive);
        (live.marks, live.takes_all) = (CellMarks::new(hive.gap(), length), false);
        if let Ok(root) = hive.root() {
            live.list_key(root.cell_offset());
        }
        live
    }

    /// Visits what the tree lists in this allocated cell. `at` is larger than in all earlier calls.
    /// `content` are the bytes after the size of the cell.
    #[inline]
    pub(crate) fn pass(&mut self, at: usize, content: &'d [u8]) {
        meter::count(1);
        self.passed = at;
        // Most cells hold data of a value that was visited before. A cell that is also listed waits for
        // the end.
        let Some(marks) = self.marks.of(at).filter(|marks| !marks.has(Mark::Live)) else { return };
        let (is_key, is_value) = (marks.has(Mark::Key), marks.has(Mark::Value));
        let Ok(cell) = u32::try_from(at).map(CellOffset::new) else { return };
        // In version 1.1, the header continues after the size.
        let rest_of_header = self.hive.layout().header().wrapping_sub(4);
        let payload = content.get(rest_of_header..).unwrap_or_default();
        if is_key {
            self.visit(cell, payload);
        }
        if is_value {
            self.value(cell, payload);
        } else if !is_key || !self.is_marked(at) {
            // A key or value that is visited later can still refer to the cell.
            self.marks.set(at, Mark::Unclaimed);
        }
    }

    /// Visits the listed keys and values that are outside every intact chain of cells.
    pub(crate) fn finish(&mut self) {
        let end = self.hive.bin_bytes().len();
        self.passed = end;
        // A root where the header of the first bin should be is before every cell.
        self.visit_rest();
        let mut at = 0;
        while let Some(next) = self.marks.next_waiting(at, end, Mark::Key) {
            if let Ok(cell) = u32::try_from(next).map(CellOffset::new) {
                self.visit(cell, self.hive.payload(cell).unwrap_or_default());
            }
            at = next.saturating_add(8);
        }
        self.extend_lists();
        at = 0;
        while let Some(next) = self.marks.next_waiting(at, end, Mark::Value) {
            self.value_at(next);
            at = next.saturating_add(8);
        }
        self.slack_elements.sort_unstable();
    }

    /// Visits a listed key, and the keys that it leads back to. `payload` is
    /// the content of the cell `at`.
    fn visit(&mut self, at: CellOffset, payload: &'d [u8]) {
        self.key(at, payload);
        self.visit_rest();
    }

    fn visit_rest(&mut self) {
        while let Some(cell) = self.rest.pop() {
            self.key(cell, self.hive.payload(cell).unwrap_or_default());
        }
    }

    /// Takes a key that a list leads to.
    #[inline]
    fn list_key(&mut self, cell: CellOffset) {
        let at = cell.get() as usize;
        if at > self.passed {
            self.marks.set(at, Mark::Key);
        } else {
            self.rest.push(cell);
        }
    }

    /// Takes a value that a list leads to.
    #[inline]
    fn list_value(&mut self, at: usize) {
        if at > self.passed {
            self.marks.set(at, Mark::Value);
        } else if !self.is_visited(at) {
            self.value_at(at);
        }
    }

    /// Returns whether the tree shows the key or value in this cell.
    #[inline]
    pub(crate) fn is_visited(&self, at: usize) -> bool {
        self.marks.has(at, Mark::Visited)
    }

    /// Returns whether the tree refers to this cell. The marks of data cells are complete only
    /// after the visit of all values.
    #[inline]
    pub(crate) fn is_marked(&self, at: usize) -> bool {
        self.marks.has(at, Mark::Live)
    }

    /// Returns the first cell in `at..end` that the tree refers to.
    pub(crate) fn next_marked(&self, at: usize, end: usize) -> Option<usize> {
        self.marks.next_live(at, end)
    }

    /// Iterates over the allocated cells that nothing refers to.
    pub(crate) fn unreferenced(&self) -> impl Iterator<Item = usize> {
        self.marks.unreferenced()
    }

    /// Returns the live key in this cell.
    pub(crate) fn key_at(&self, at: CellOffset) -> Option<Key<'d>> {
        let is_live = self.takes_all || self.is_visited(at.get() as usize);
        Key::parse(self.hive, at).filter(|_| is_live)
    }

    #[inline]
    fn mark(&mut self, at: CellOffset) -> bool {
        self.marks.set(at.get() as usize, Mark::Live)
    }

    /// Marks the cell of a record, and returns whether the visit is the first. A cell can be live before
    /// its visit: fields of a damaged hive refer to cells of other kinds.
    #[inline]
    fn is_first_visit(&mut self, at: CellOffset) -> bool {
        self.marks.visit(at.get() as usize, Mark::Visited)
    }

    /// Records the slack after the first `used` bytes of a cell's content.
    #[inline]
    fn behind(&mut self, at: CellOffset, payload: &[u8], used: usize) {
        if payload.len() >= used.saturating_add(SMALLEST_RECORD) {
            self.note(at, payload, used);
        }
    }

    #[cold]
    #[inline(never)]
    fn note(&mut self, at: CellOffset, payload: &[u8], used: usize) {
        let start = (at.get() as usize).saturating_add(self.hive.layout().header());
        let end = u32::try_from(start.saturating_add(payload.len()));
        let start = u32::try_from(start.saturating_add(used).next_multiple_of(2));
        if let (Ok(start), Ok(end)) = (start, end) {
            self.slack.push(Slack { start, end });
        }
    }

    /// Marks a cell with `length` bytes of content.
    #[inline]
    fn content(&mut self, at: CellOffset, length: usize) {
        if self.mark(at)
            && let Some(payload) = self.hive.payload(at)
        {
            self.behind(at, payload, length);
        }
    }

    fn key(&mut self, at: CellOffset, payload: &'d [u8]) {
        let Some(key) = Key::sized(self.hive, at, payload) else { return };
        if !self.is_first_visit(at) {
            return;
        }
        let node = key.raw();
        let fixed = size_of::<raw::KeyNode>();
        let name = usize::from(node.name_length.get());
        self.behind(at, payload, fixed.saturating_add(name));
        let security = CellOffset::new(node.security.get());
        if self.mark(security) {
            self.security(security);
        }
        if node.class_length.get() > 0 {
            self.content(CellOffset::new(node.class.get()), usize::from(node.class_length.get()));
        }
        if key.subkey_count() > 0 {
            self.subkeys(CellOffset::new(node.subkeys.get()), true);
        }
        if key.value_count() > 0 {
            self.values(key);
        }
    }

    #[cold]
    #[inline(never)]
    fn security(&mut self, at: CellOffset) {
        let Some(payload) = self.hive.payload(at) else { return };
        let Ok((security, _)) = raw::Security::ref_from_prefix(payload) else { return };
        let length = security.descriptor_size.get() as usize;
        self.behind(at, payload, size_of::<raw::Security>().saturating_add(length));
    }

    fn subkeys(&mut self, at: CellOffset, may_be_root: bool) {
        let Some(payload) = self.hive.payload(at) else { return };
        let Ok((header, _)) = raw::ListHeader::ref_from_prefix(payload) else { return };
        let stride = match &header.signature {
            b"lf" | b"lh" => 8,
            b"li" => 4,
            b"ri" if may_be_root => 4,
            _ => {
                self.mark(at);
                return;
            }
        };
        if !self.is_first_visit(at) {
            return;
        }
        let bytes = Bytes::new(payload, at.file_offset());
        let claimed = usize::from(header.count.get());
        let count = self.affordable(at, claimed.min(payload.len() / 4));
        if stride == 8 {
            let elements = bytes.array::<raw::HintedElement>(4, count).iter().rev();
            elements.for_each(|it| self.list_key(CellOffset::new(it.key.get())));
        } else {
            let elements = bytes.array::<U32>(4, count);
            let cells = elements.iter().rev().map(|it| CellOffset::new(it.get()));
            if &header.signature == b"li" {
                cells.for_each(|cell| self.list_key(cell));
            } else {
                cells.for_each(|leaf| self.subkeys(leaf, false));
            }
        }
        self.behind(at, payload, claimed.saturating_mul(stride).saturating_add(4));
    }

    /// Returns how many of `count` elements of the list at `at` are within the budget.
    #[inline]
    fn affordable(&mut self, at: CellOffset, count: usize) -> usize {
        let taken = self.elements.take_up_to(count as u64, at.file_offset());
        meter::count(usize::try_from(taken).unwrap_or(usize::MAX));
        usize::try_from(taken).unwrap_or(usize::MAX)
    }

    fn values(&mut self, key: Key<'d>) {
        let at = CellOffset::new(key.raw().values.get());
        let Some(payload) = self.hive.payload(at) else { return };
        if !self.marks.visit(at.get() as usize, Mark::ValueList) {
            self.shared_lists.push((at.get(), key.value_count()));
            return;
        }
        let count = key.value_count() as usize;
        let (elements, left) = payload.as_chunks::<4>();
        if count < elements.len() {
            self.short_lists.push((at.get(), key.value_count()));
        }
        let there = self.affordable(at, elements.len());
        let elements = elements.get(..there).unwrap_or_default();
        let (listed, behind) = elements.split_at_checked(count).unwrap_or((elements, &[]));
        for it in listed {
            self.list_value(u32::from_le_bytes(*it) as usize);
        }
        for element in behind {
            let value = CellOffset::new(u32::from_le_bytes(*element));
            if value.get() & 7 == 0 && value.get() > 0 {
                self.slack_elements.push(SlackElement { value, key: key.cell_offset() });
            }
        }
        let length = payload.len().saturating_sub(left.len());
        self.behind(at, payload, length.min(count.saturating_mul(4)));
    }

    /// Lists the values of lists that a further key counts more elements of than the first one. The first visit
    /// paid for all elements.
    fn extend_lists(&mut self) {
        let mut shared = core::mem::take(&mut self.shared_lists);
        let mut short = core::mem::take(&mut self.short_lists);
        if shared.is_empty() {
            return;
        }
        shared.sort_unstable();
        short.sort_unstable();
        for of_list in shared.chunk_by(|one, other| one.0 == other.0) {
            meter::count(of_list.len());
            let Some((at, most)) = of_list.last().copied() else { continue };
            let Ok(index) = short.binary_search_by_key(&at, |list| list.0) else { continue };
            let first = short.get(index).map_or(0, |list| list.1 as usize);
            let payload = self.hive.payload(CellOffset::new(at)).unwrap_or_default();
            let (elements, _) = payload.as_chunks::<4>();
            let end = elements.len().min(most as usize);
            for element in elements.get(first..end).unwrap_or_default() {
                self.list_value(u32::from_le_bytes(*element) as usize);
            }
        }
    }

    fn value_at(&mut self, at: usize) {
        if let Ok(cell) = u32::try_from(at).map(CellOffset::new) {
            self.value(cell, self.hive.payload(cell).unwrap_or_default());
        }
    }

    /// Visits a listed value. `payload` is the content of the cell `at`.
    fn value(&mut self, at: CellOffset, payload: &'d [u8]) {
        let Some(value) = Value::sized(self.hive, at, payload) else {
            self.mark(at);
            return;
        };
        if !self.is_first_visit(at) {
            return;
        }
        let name = usize::from(value.raw().name_length.get());
        self.behind(at, payload, size_of::<raw::KeyValue>().saturating_add(name));
        let data = value.data_cell();
        if data.is_nil() {
            return;
        }
        let before = self.slack.len();
        if value.is_big() {
            self.big_data(value);
        } else {
            self.content(data, value.data_size() as usize);
        }
        if let Some(own @ [_, ..]) = self.slack.get(before..) {
            self.data_slack.extend(own.iter().map(|slack| (*slack, at)));
        }
    }

    #[cold]
    #[inline(never)]
    fn big_data(&mut self, value: Value<'d>) {
        let Ok(big) = value.big_data() else {
            self.mark(value.data_cell());
            return;
        };
        if !self.is_first_visit(value.data_cell()) {
            return;
        }
        let mut left = value.data_size();
        let count = big.cells().count();
        self.content(big.list(), count.saturating_mul(4));
        let there = self.affordable(big.list(), count);
        for cell in big.cells().take(there) {
            let length = left.min(SEGMENT_LENGTH);
            left = left.saturating_sub(length);
            self.content(cell, length as usize);
        }
    }
}
