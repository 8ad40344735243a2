// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`KeyRecord`] and [`ValueRecord`]: keys and values known by nothing but their own bytes, and what
//! makes bytes likely to be one (REGF 4, 8).

use zerocopy::FromBytes as _;

use crate::bytes::{Bytes, CellOffset, FileOffset};
use crate::hive::Hive;
use crate::hive::cell::Layout;
use crate::hive::name::Name;
use crate::hive::value::ValueType;
use crate::raw::{self, KeyFlags, ValueFlags};
use crate::time::FileTime;

/// The longest name that is taken for one, in bytes: of a key four times what Windows documents, of a
/// value what it documents.
const LONGEST_KEY_NAME: usize = 2048;
const LONGEST_VALUE_NAME: usize = 32_766;
/// Flags of keys that Windows is known to set; the four highest are user flags of Windows XP.
const KNOWN_KEY_FLAGS: u16 = 0xF3FF;
const KNOWN_VALUE_FLAGS: u16 = 0x0003;
/// Beyond all offsets of cells: the highest bit tells volatile ones.
const OFFSETS: u32 = 1 << 31;
/// Set in the size of data that stand in the value itself.
pub(crate) const INLINE: u32 = 0x8000_0000;

/// What is known of the hive that bytes belong to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) layout: Layout,
    /// Whether names may be stored in Latin-1: since version 1.2.
    pub(crate) has_compressed_names: bool,
    /// Where cells end, relative to the first bin.
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

    /// What is known of bytes of any hive since version 1.2.
    pub(crate) const ANY: Self =
        Self { layout: Layout::V1_2, has_compressed_names: true, end: OFFSETS };

    /// What is known of bytes of another hive: no more than that offsets have 31 bits.
    pub(crate) fn foreign(self) -> Self {
        Self { end: OFFSETS, ..self }
    }

    /// Whether a cell can begin there: behind the header of the first bin, at a multiple of 8.
    fn is_cell(self, at: u32) -> bool {
        at & 7 == 0 && at >= 32 && at < self.end
    }

    fn is_cell_or_nil(self, at: u32) -> bool {
        at == CellOffset::NIL.get() || self.is_cell(at)
    }
}

/// The number before a record, which in a cell is its size, and how much room there is for the cell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    pub(crate) size: i32,
    pub(crate) room: usize,
}

impl Before {
    /// Whether it is the size of a cell that has been freed and can hold so much. Freeing merges a cell
    /// with the free one behind it, so the number is often larger than the record; it stays when the
    /// cell before it swallows the cell.
    fn is_freed_for(self, length: usize, terms: Terms) -> bool {
        self.size > 0 && self.is_for(length, terms)
    }

    /// The same, of a cell that may be in use.
    fn is_for(self, length: usize, terms: Terms) -> bool {
        let size = self.size.unsigned_abs();
        terms.layout.is_multiple(size)
            && (terms.layout.size_for(length)..=self.room).contains(&(size as usize))
    }
}

/// `nk`: a key, by its own bytes.
#[derive(Clone, Copy, Debug)]
pub struct KeyRecord<'d> {
    node: &'d raw::KeyNode,
    name: &'d [u8],
    has_latin1_name: bool,
}

impl<'d> KeyRecord<'d> {
    /// The key that these bytes begin with, if they are likely to be one.
    pub(crate) fn parse(bytes: &'d [u8], before: Option<Before>, terms: Terms) -> Option<Self> {
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
            && (is_root || terms.is_cell(node.parent.get()))
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
        // Bytes with all this and a time that keys have are one; so are those in a cell of their size.
        let is_whole = name.len() == length;
        (fits || record.last_written().is_plausible() && (is_whole || !name.is_empty()))
            .then_some(record)
    }

    /// Whether the number before it is the size of a cell that can hold it.
    pub(crate) fn fits(self, before: Option<Before>, terms: Terms) -> bool {
        before.is_some_and(|it| it.is_for(self.whole_length(), terms))
    }

    /// Whether that cell has been freed.
    pub(crate) fn is_freed(self, before: Option<Before>, terms: Terms) -> bool {
        before.is_some_and(|it| it.is_freed_for(self.whole_length(), terms))
    }

    fn whole_length(self) -> usize {
        size_of::<raw::KeyNode>().saturating_add(self.name_length())
    }

    fn name_length(self) -> usize {
        usize::from(self.node.name_length.get())
    }

    /// The fields as they lie on disk.
    pub const fn raw(self) -> &'d raw::KeyNode {
        self.node
    }

    /// Its name, as much of it as is there.
    pub const fn name(self) -> Name<'d> {
        if self.has_latin1_name { Name::latin1(self.name) } else { Name::utf16(self.name) }
    }

    /// Whether the end of its name is lost.
    pub fn is_name_cut(self) -> bool {
        self.name.len() < self.name_length()
    }

    /// When it was last written.
    pub const fn last_written(self) -> FileTime {
        FileTime::from_raw(self.node.last_written.get())
    }

    /// Flags.
    pub const fn flags(self) -> KeyFlags {
        KeyFlags::from_bits_retain(self.node.flags.get())
    }

    /// Whether it is the root of its hive, by its flag.
    pub const fn is_root(self) -> bool {
        self.flags().contains(KeyFlags::HIVE_ENTRY)
    }

    /// The number of values that it claims; none for a predefined key.
    pub const fn value_count(self) -> u32 {
        if self.flags().contains(KeyFlags::PREDEF_HANDLE) { 0 } else { self.node.value_count.get() }
    }

    /// The cell of its parent.
    pub const fn parent(self) -> CellOffset {
        CellOffset::new(self.node.parent.get())
    }

    /// How many bytes the record has, its name included.
    pub(crate) fn length(self) -> usize {
        size_of::<raw::KeyNode>().saturating_add(self.name.len())
    }
}

/// `vk`: a value, by its own bytes.
#[derive(Clone, Copy, Debug)]
pub struct ValueRecord<'d> {
    value: &'d raw::KeyValue,
    name: &'d [u8],
    has_latin1_name: bool,
    offset: FileOffset,
}

impl<'d> ValueRecord<'d> {
    /// The value that these bytes begin with, if they are likely to be one.
    pub(crate) fn parse(bytes: Bytes<'d>, before: Option<Before>, terms: Terms) -> Option<Self> {
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
        // An empty value that Windows made leads nowhere or to what was there before; nothing but its
        // cell tells that one from letters among zeros.
        let has_data = has_data || data_size == 0 && fits;
        let is_whole = name.len() == length;
        (has_data && (fits || is_whole && record.is_likely())).then_some(record)
    }

    /// Whether a value of which nothing but its own bytes tells is likely to be one.
    pub(crate) fn is_likely(self) -> bool {
        let has_name = !self.name.is_empty();
        let is_filled = self.value.data_size.get() != 0;
        // Device properties have types of their own, with all bits of the upper half set.
        let ValueType(number) = self.value_type();
        let has_type = self.value_type().name().is_some() || number >> 16 == 0xFFFF;
        // Names come last: they are long, and in a place full of values they are those of many.
        let is_control = |unit: u16| unit < 0x20;
        let controls = || self.name().units().filter(|unit| is_control(*unit)).take(6).count();
        has_type && (has_name || is_filled) && controls() <= 5
    }

    /// Whether the number before it is the size of a cell that can hold it.
    pub(crate) fn fits(self, before: Option<Before>, terms: Terms) -> bool {
        before.is_some_and(|it| it.is_for(self.whole_length(), terms))
    }

    /// Whether that cell has been freed.
    pub(crate) fn is_freed(self, before: Option<Before>, terms: Terms) -> bool {
        before.is_some_and(|it| it.is_freed_for(self.whole_length(), terms))
    }

    fn whole_length(self) -> usize {
        size_of::<raw::KeyValue>().saturating_add(self.name_length())
    }

    fn name_length(self) -> usize {
        usize::from(self.value.name_length.get())
    }

    /// The fields as they lie on disk.
    pub const fn raw(self) -> &'d raw::KeyValue {
        self.value
    }

    /// Its name, as much of it as is there; empty for the default value.
    pub const fn name(self) -> Name<'d> {
        if self.has_latin1_name { Name::latin1(self.name) } else { Name::utf16(self.name) }
    }

    /// Whether the end of its name is lost.
    pub fn is_name_cut(self) -> bool {
        self.name.len() < self.name_length()
    }

    /// Type of the data.
    pub const fn value_type(self) -> ValueType {
        ValueType(self.value.value_type.get())
    }

    /// Length of the data in bytes, as stored.
    pub const fn data_size(self) -> u32 {
        self.value.data_size.get() & !INLINE
    }

    /// Whether the data stand in the value itself.
    pub const fn is_inline(self) -> bool {
        self.value.data_size.get() & INLINE != 0
    }

    /// The cell of the data; NIL where there is none.
    pub const fn data_cell(self) -> CellOffset {
        if self.is_inline() || self.data_size() == 0 {
            return CellOffset::NIL;
        }
        CellOffset::new(u32::from_le_bytes(self.value.data))
    }

    /// Data that stand in the value itself; nothing for any other.
    pub fn inline_data(self) -> Bytes<'d> {
        let length = if self.is_inline() { self.data_size() as usize } else { 0 };
        Bytes::new(&self.value.data, self.offset.plus(8)).clip(0, length)
    }

    /// How many bytes the record has, its name included.
    pub(crate) fn length(self) -> usize {
        size_of::<raw::KeyValue>().saturating_add(self.name.len())
    }
}
