// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Live`]: which cells the tree refers to, and what stands behind their content.

use alloc::vec;
use alloc::vec::Vec;

use zerocopy::FromBytes as _;
use zerocopy::little_endian::U32;

use crate::bytes::{Bytes, CellOffset};
use crate::hive::Hive;
use crate::hive::big_data::SEGMENT_LENGTH;
use crate::hive::key::Key;
use crate::hive::value::Value;
use crate::raw;

/// The fewest bytes that a record has: a value without a name.
const SMALLEST_RECORD: usize = size_of::<raw::KeyValue>();

/// Bytes behind the last one that the content of a live cell needs. Places are relative to the first
/// bin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slack {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// An element behind the last one that a live value list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SlackElement {
    /// Where it leads to.
    pub(crate) value: CellOffset,
    /// The key whose list it is.
    pub(crate) key: CellOffset,
}

/// Which cells the tree refers to. Each is gone through once, whatever leads there.
#[derive(Debug)]
pub(crate) struct Live<'d> {
    hive: Hive<'d>,
    /// One bit for each place where a cell can begin.
    marks: Vec<u64>,
    pub(crate) slack: Vec<Slack>,
    pub(crate) slack_elements: Vec<SlackElement>,
    /// Keys that are still to be gone through.
    rest: Vec<Key<'d>>,
}

impl<'d> Live<'d> {
    pub(crate) fn of(hive: Hive<'d>) -> Self {
        let words = (hive.bin_bytes().len() / 512).saturating_add(1);
        let mut live = Self {
            hive,
            marks: vec![0; words],
            slack: Vec::new(),
            slack_elements: Vec::new(),
            rest: Vec::new(),
        };
        if let Ok(root) = hive.root() {
            live.mark(root.cell_offset());
            live.rest.push(root);
        }
        while let Some(key) = live.rest.pop() {
            live.key(key);
        }
        live.slack_elements.sort_unstable();
        live
    }

    /// Whether the tree refers to the cell that begins here.
    pub(crate) fn is_marked(&self, at: usize) -> bool {
        let word = self.marks.get(at / 512).copied().unwrap_or(0);
        word & 1_u64.wrapping_shl((at as u32 / 8) & 63) != 0
    }

    /// Whether the tree refers to a key in this cell.
    pub(crate) fn key_at(&self, at: CellOffset) -> Option<Key<'d>> {
        Key::parse(self.hive, at).filter(|_| self.is_marked(at.get() as usize))
    }

    /// Marks a cell; whether that is new.
    #[inline]
    fn mark(&mut self, at: CellOffset) -> bool {
        let unit = at.get() / 8;
        let bit = 1_u64.wrapping_shl(unit & 63);
        let Some(word) = self.marks.get_mut((unit / 64) as usize) else { return false };
        let is_new = *word & bit == 0 && at.get() & 7 == 0;
        *word |= if is_new { bit } else { 0 };
        is_new
    }

    /// Notes what stands behind the first `used` bytes of what a cell holds.
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

    /// Marks a cell that holds so many bytes of content.
    #[inline]
    fn content(&mut self, at: CellOffset, length: usize) {
        if self.mark(at)
            && let Some(payload) = self.hive.payload(at)
        {
            self.behind(at, payload, length);
        }
    }

    fn key(&mut self, key: Key<'d>) {
        let node = key.raw();
        let fixed = size_of::<raw::KeyNode>();
        let name = usize::from(node.name_length.get());
        let room = key.name_room();
        if room.len() >= name.saturating_add(SMALLEST_RECORD) {
            self.behind_key(key, fixed.saturating_add(name));
        }
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
    fn behind_key(&mut self, key: Key<'d>, used: usize) {
        if let Some(payload) = self.hive.payload(key.cell_offset()) {
            self.behind(key.cell_offset(), payload, used);
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
        if !self.mark(at) {
            return;
        }
        let Some(payload) = self.hive.payload(at) else { return };
        let Ok((header, _)) = raw::ListHeader::ref_from_prefix(payload) else { return };
        let bytes = Bytes::new(payload, at.file_offset());
        let count = usize::from(header.count.get());
        let stride = match &header.signature {
            b"li" => {
                bytes.array::<U32>(4, count).iter().for_each(|it| self.subkey(it.get()));
                4
            }
            b"lf" | b"lh" => {
                let elements = bytes.array::<raw::HintedElement>(4, count);
                elements.iter().for_each(|it| self.subkey(it.key.get()));
                8
            }
            b"ri" if may_be_root => {
                let leaves = bytes.array::<U32>(4, count);
                leaves.iter().for_each(|it| self.subkeys(CellOffset::new(it.get()), false));
                4
            }
            _ => return,
        };
        self.behind(at, payload, count.saturating_mul(stride).saturating_add(4));
    }

    #[inline]
    fn subkey(&mut self, at: u32) {
        let at = CellOffset::new(at);
        if let Some(key) = Key::parse(self.hive, at)
            && self.mark(at)
        {
            self.rest.push(key);
        }
    }

    fn values(&mut self, key: Key<'d>) {
        let at = CellOffset::new(key.raw().values.get());
        if !self.mark(at) {
            return;
        }
        let Some(payload) = self.hive.payload(at) else { return };
        let count = key.value_count() as usize;
        let (elements, left) = payload.as_chunks::<4>();
        let (listed, behind) = elements.split_at_checked(count).unwrap_or((elements, &[]));
        listed.iter().for_each(|it| self.value(CellOffset::new(u32::from_le_bytes(*it))));
        for element in behind {
            let value = CellOffset::new(u32::from_le_bytes(*element));
            if value.get() & 7 == 0 && value.get() > 0 {
                self.slack_elements.push(SlackElement { value, key: key.cell_offset() });
            }
        }
        let length = payload.len().saturating_sub(left.len());
        self.behind(at, payload, length.min(count.saturating_mul(4)));
    }

    #[inline]
    fn value(&mut self, at: CellOffset) {
        let Some(value) = Value::parse(self.hive, at) else { return };
        if !self.mark(at) {
            return;
        }
        let name = usize::from(value.raw().name_length.get());
        if value.name_room().len() >= name.saturating_add(SMALLEST_RECORD)
            && let Some(payload) = self.hive.payload(at)
        {
            self.behind(at, payload, size_of::<raw::KeyValue>().saturating_add(name));
        }
        let data = value.data_cell();
        if data.is_nil() {
            return;
        }
        if value.is_big() {
            self.big_data(value);
        } else {
            self.content(data, value.data_size() as usize);
        }
    }

    #[cold]
    #[inline(never)]
    fn big_data(&mut self, value: Value<'d>) {
        let Ok(big) = value.big_data() else {
            self.mark(value.data_cell());
            return;
        };
        if !self.mark(value.data_cell()) {
            return;
        }
        let mut left = value.data_size();
        let count = big.cells().count();
        self.content(big.list(), count.saturating_mul(4));
        for cell in big.cells() {
            let length = left.min(SEGMENT_LENGTH);
            left = left.saturating_sub(length);
            self.content(cell, length as usize);
        }
    }
}
