// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`KeyRecord`] and [`ValueRecord`]: keys and values recognized by their own bytes alone. See
//! [regf.md](crate::format#recognizing-a-record).

use zerocopy::FromBytes as _;

use crate::bytes::Bytes;
use crate::hive::Hive;
use crate::hive::cell::Layout;
use crate::hive::name::Name;
use crate::hive::value_type::ValueType;
use crate::meter::count;
use crate::offset::{CellOffset, FileOffset};
use crate::raw::{self, KeyFlags, ValueFlags};
use crate::time::FileTime;

/// Longest plausible name of a key, in bytes: four times the documented limit.
const LONGEST_KEY_NAME: usize = 2048;
/// Longest plausible name of a value, in bytes: the documented limit.
const LONGEST_VALUE_NAME: usize = 32_766;
/// Known flags of keys. The four highest are user flags of Windows XP.
const KNOWN_KEY_FLAGS: u16 = 0xF3FF;
const KNOWN_VALUE_FLAGS: u16 = 0x0003;
/// Upper limit of cell offsets, exclusive. The highest bit marks volatile cells.
const OFFSETS: u32 = 1 << 31;
/// Bit of the data size that marks inline data.
pub(crate) const INLINE: u32 = 0x8000_0000;

/// Known properties of the hive that the searched bytes belong to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) layout: Layout,
    /// Whether names can be compressed (Latin-1): since version 1.2.
    pub(crate) has_compressed_names: bool,
    /// Upper limit of plausible cell offsets, exclusive, from the start of the first bin.
    pub(crate) end: u32,
}

impl Terms {
    pub(crate) fn of(hive: Hive<'_>) -> Self {
        let end = hive.after_base_block().len();
        Self {
            layout: hive.layout(),
            has_compressed_names: hive.has_compressed_names(),
            end: u32::try_from(end).unwrap_or(u32::MAX),
        }
    }

    /// Properties of every hive since version 1.2.
    pub(crate) const ANY: Self =
        Self { layout: Layout::V1_2, has_compressed_names: true, end: OFFSETS };

    /// Returns the properties for bytes of another hive, where every offset of 31 bits is
    /// plausible.
    pub(crate) fn foreign(self) -> Self {
        Self { end: OFFSETS, ..self }
    }

    /// Returns whether a cell can start at `at`: at a multiple of 8 after the header of the first
    /// bin.
    fn is_cell(self, at: u32) -> bool {
        at & 7 == 0 && at >= 32 && at < self.end
    }

    fn is_cell_or_nil(self, at: u32) -> bool {
        at == CellOffset::NIL.get() || self.is_cell(at)
    }
}

/// The number where the cell size would be, directly before a record, and the largest size that a
/// cell starting there can have.
/// If the record starts a cell, the number is the cell size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    pub(crate) size: i32,
    pub(crate) room: usize,
}

impl Before {
    /// Returns whether the number is the size of a freed cell with room for `length` bytes. Freeing
    /// merges a cell with the free cell after it, so the size can exceed the record. If the freed
    /// cell joins a free cell before it, Windows does not update the number. The number stays
    /// negative, and the result is false.
    fn is_freed_for(self, length: usize, terms: Terms) -> bool {
        self.size > 0 && self.is_for(length, terms)
    }

    /// Returns whether the number is the size of a free or allocated cell with room for `length` bytes.
    fn is_for(self, length: usize, terms: Terms) -> bool {
        let size = self.size.unsigned_abs();
        terms.layout.is_multiple(size)
            && (terms.layout.size_for(length)..=self.room).contains(&(size as usize))
    }
}

/// `nk`: a key recognized by its own bytes.
#[derive(Clone, Copy, Debug)]
pub struct KeyRecord<'d> {
    node: &'d raw::KeyNode,
    name: &'d [u8],
    has_latin1_name: bool,
}

impl<'d> KeyRecord<'d> {
    /// Parses the key at the start of these bytes, if the bytes are plausible.
    pub(crate) fn parse(bytes: &'d [u8], before: Option<Before>, terms: Terms) -> Option<Self> {
        count(1);
        let (node, rest) = raw::KeyNode::ref_from_prefix(bytes).ok()?;
        let flags = node.flags.get();
        let length = usize::from(node.name_length.get());
        let compressed = flags & KeyFlags::COMP_NAME.bits() != 0 && terms.has_compressed_names;
        let is_predefined = flags & KeyFlags::PREDEF_HANDLE.bits() != 0;
        let is_root = flags & KeyFlags::HIVE_ENTRY.bits() != 0;
        let (subkeys, values) = (node.subkey_count.get(), node.value_count.get());
        let most = terms.end / 4;
        let is_one = node.signature == *b"nk"
            && flags & !KNOWN_KEY_FLAGS == 0
            && (1..=LONGEST_KEY_NAME).contains(&length)
            && (compressed || length & 1 == 0)
            && (subkeys == 0 || subkeys <= most && terms.is_cell(node.subkeys.get()))
            && (values == 0 || is_predefined || values <= most && terms.is_cell(node.values.get()))
            && terms.is_cell_or_nil(node.security.get())
            && (node.class_length.get() == 0 || terms.is_cell_or_nil(node.class.get()));
        if !is_one {
            return None;
        }
        let name = rest.get(..length).unwrap_or(rest);
        let record = Self { node, name, has_latin1_name: compressed };
        let fits = record.fits(before, terms);
        let has_parent = is_root || terms.is_cell(node.parent.get());
        // Without a parent offset that can lead to a cell, both the size of the cell and the time
        // must confirm the record. The parent of such a key is unknown.
        let is_confirmed = fits && record.last_written().is_plausible();
        if !has_parent && !is_confirmed {
            return None;
        }
        // A cell of the right size confirms the record. So does a plausible time, if at least part
        // of the name exists.
        let is_whole = name.len() == length;
        (fits || record.last_written().is_plausible() && (is_whole || !name.is_empty()))
            .then_some(record)
    }

    /// Returns the number of subkeys that the record states.
    pub const fn subkey_count(self) -> u32 {
        self.node.subkey_count.get()
    }

    /// Returns whether the number before the record is the size of a cell that can hold the record.
    pub(crate) fn fits(self, before: Option<Before>, terms: Terms) -> bool {
        before.is_some_and(|it| it.is_for(self.whole_length(), terms))
    }

    /// Returns whether the number before the record is the size of a free cell that can hold the
    /// record.
    pub(crate) fn is_freed(self, before: Option<Before>, terms: Terms) -> bool {
        before.is_some_and(|it| it.is_freed_for(self.whole_length(), terms))
    }

    /// Returns the length of the record with its whole name, in bytes.
    fn whole_length(self) -> usize {
        size_of::<raw::KeyNode>().saturating_add(self.name_length())
    }

    fn name_length(self) -> usize {
        usize::from(self.node.name_length.get())
    }

    /// Returns the fields as they are on disk.
    pub const fn raw(self) -> &'d raw::KeyNode {
        self.node
    }

    /// Returns the surviving part of the name.
    pub const fn name(self) -> Name<'d> {
        if self.has_latin1_name { Name::latin1(self.name) } else { Name::utf16(self.name) }
    }

    /// Returns whether the end of the name is lost.
    pub fn is_name_cut(self) -> bool {
        self.name.len() < self.name_length()
    }

    /// Returns the last-written time.
    pub const fn last_written(self) -> FileTime {
        FileTime::from_raw(self.node.last_written.get())
    }

    /// Returns the flags.
    pub const fn flags(self) -> KeyFlags {
        KeyFlags::from_bits_retain(self.node.flags.get())
    }

    /// Returns whether the flags mark the key as the root of its hive.
    pub const fn is_root(self) -> bool {
        self.flags().contains(KeyFlags::HIVE_ENTRY)
    }

    /// Returns the value count of the record; 0 for a predefined handle.
    pub const fn value_count(self) -> u32 {
        if self.flags().contains(KeyFlags::PREDEF_HANDLE) { 0 } else { self.node.value_count.get() }
    }

    /// Returns the cell offset of the parent.
    pub const fn parent(self) -> CellOffset {
        CellOffset::new(self.node.parent.get())
    }

    /// Returns the length of the record with the surviving part of its name, in bytes.
    pub(crate) fn length(self) -> usize {
        size_of::<raw::KeyNode>().saturating_add(self.name.len())
    }
}

/// `vk`: a value recognized by its own bytes.
#[derive(Clone, Copy, Debug)]
pub struct ValueRecord<'d> {
    value: &'d raw::KeyValue,
    name: &'d [u8],
    has_latin1_name: bool,
    offset: FileOffset,
}

impl<'d> ValueRecord<'d> {
    /// Parses the value at the start of these bytes, if the bytes are plausible.
    pub(crate) fn parse(bytes: Bytes<'d>, before: Option<Before>, terms: Terms) -> Option<Self> {
        count(1);
        let (value, rest) = raw::KeyValue::ref_from_prefix(bytes.as_slice()).ok()?;
        let length = usize::from(value.name_length.get());
        let flags = if terms.has_compressed_names { value.flags.get() } else { 0 };
        let compressed = flags & ValueFlags::COMP_NAME.bits() != 0;
        let (data_size, data) = (value.data_size.get(), u32::from_le_bytes(value.data));
        let has_data = match data_size {
            0 => data == CellOffset::NIL.get(),
            inline if inline & INLINE != 0 => inline & !INLINE <= 4,
            size => size < terms.end && terms.is_cell(data),
        };
        let is_one = value.signature == *b"vk"
            && flags & !KNOWN_VALUE_FLAGS == 0
            && length <= LONGEST_VALUE_NAME
            && (compressed || length & 1 == 0);
        if !is_one {
            return None;
        }
        let name = rest.get(..length).unwrap_or(rest);
        let record = Self { value, name, has_latin1_name: compressed, offset: bytes.offset() };
        let fits = record.fits(before, terms);
        // An empty value can have an outdated data offset instead of NIL. Then the record counts
        // only in a cell of the right size, because the letters `vk` between zeros also look like
        // an empty value.
        let has_data = has_data || data_size == 0 && fits;
        let is_whole = name.len() == length;
        (has_data && (fits || is_whole && record.is_likely())).then_some(record)
    }

    /// Returns whether the fields are plausible even if no cell size confirms the record.
    pub(crate) fn is_likely(self) -> bool {
        let has_name = !self.name.is_empty();
        let is_filled = self.value.data_size.get() != 0;
        // The types of device properties have all upper 16 bits set.
        let ValueType(number) = self.value_type();
        let has_type = self.value_type().name().is_some() || number >> 16 == 0xFFFF;
        // Names are checked last, because long names are the most costly check.
        let is_control = |unit: u16| unit < 0x20;
        let controls = || self.name().units().filter(|unit| is_control(*unit)).take(6).count();
        has_type && (has_name || is_filled) && controls() <= 5
    }

    /// Returns whether the number before the record is the size of a cell that can hold the record.
    pub(crate) fn fits(self, before: Option<Before>, terms: Terms) -> bool {
        before.is_some_and(|it| it.is_for(self.whole_length(), terms))
    }

    /// Returns whether the number before the record is the size of a free cell that can hold the
    /// record.
    pub(crate) fn is_freed(self, before: Option<Before>, terms: Terms) -> bool {
        before.is_some_and(|it| it.is_freed_for(self.whole_length(), terms))
    }

    /// Returns the length of the record with its whole name, in bytes.
    fn whole_length(self) -> usize {
        size_of::<raw::KeyValue>().saturating_add(self.name_length())
    }

    fn name_length(self) -> usize {
        usize::from(self.value.name_length.get())
    }

    /// Returns the fields as they are on disk.
    pub const fn raw(self) -> &'d raw::KeyValue {
        self.value
    }

    /// Returns the surviving part of the name. The name of the default value is empty.
    pub const fn name(self) -> Name<'d> {
        if self.has_latin1_name { Name::latin1(self.name) } else { Name::utf16(self.name) }
    }

    /// Returns whether the end of the name is lost.
    pub fn is_name_cut(self) -> bool {
        self.name.len() < self.name_length()
    }

    /// Returns the type of the data.
    pub const fn value_type(self) -> ValueType {
        ValueType(self.value.value_type.get())
    }

    /// Returns the size of the data according to the record, in bytes.
    pub const fn data_size(self) -> u32 {
        self.value.data_size.get() & !INLINE
    }

    /// Returns whether the data are inline, in the record itself.
    pub const fn is_inline(self) -> bool {
        self.value.data_size.get() & INLINE != 0
    }

    /// Returns the place of the record.
    pub(crate) const fn offset(self) -> FileOffset {
        self.offset
    }

    /// Returns the cell offset of the data; NIL if the data are inline or empty.
    pub const fn data_cell(self) -> CellOffset {
        if self.is_inline() || self.data_size() == 0 {
            return CellOffset::NIL;
        }
        CellOffset::new(u32::from_le_bytes(self.value.data))
    }

    /// Returns inline data; empty for data elsewhere.
    pub fn inline_data(self) -> Bytes<'d> {
        let length = if self.is_inline() { self.data_size() as usize } else { 0 };
        Bytes::new(&self.value.data, self.offset.plus(8)).clip(0, length)
    }

    /// Returns the length of the record with the surviving part of its name, in bytes.
    pub(crate) fn length(self) -> usize {
        size_of::<raw::KeyValue>().saturating_add(self.name.len())
    }
}
