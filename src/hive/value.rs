// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Value`] (`vk`): a value, its type and its [`Data`] (REGF 4).

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::mem::replace;
use core::slice;

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use crate::bytes::{Bytes, CellOffset, FileOffset};
use crate::error::{Error, ErrorKind, Field, Limit, Result, Structure};
use crate::hive::Hive;
use crate::hive::big_data::{BigData, SEGMENT_LENGTH};
use crate::hive::cell::Cell;
use crate::hive::key::{Key, name_fault};
use crate::hive::name::Name;
use crate::raw::{self, ValueFlags};

/// Set in the data size when the data stand in the value itself.
const INLINE: u32 = 0x8000_0000;

/// `vk`: a value. `Copy`; lives as long as the evidence.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    hive: Hive<'d>,
    record: &'d Record,
    offset: CellOffset,
}

/// A value with what follows it in its cell. Both behind one reference keep the view small.
#[derive(FromBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Record {
    value: raw::KeyValue,
    name: [u8],
}

impl<'d> Value<'d> {
    /// The value at `at`; `None` where [`fault`](Self::fault) tells what is wrong.
    #[inline]
    pub(crate) fn parse(hive: Hive<'d>, at: CellOffset) -> Option<Self> {
        let record = Record::ref_from_bytes(hive.payload(at)?).ok()?;
        (record.value.signature == *b"vk").then_some(Self { hive, record, offset: at })
    }

    /// Why there is no value at `at`.
    #[cold]
    fn fault(hive: Hive<'d>, at: CellOffset) -> Box<Error> {
        hive.fault(at, Structure::KeyValue, size_of::<raw::KeyValue>())
    }

    /// The hive that it is a value of.
    pub const fn hive(self) -> Hive<'d> {
        self.hive
    }

    /// Where its cell begins in the file.
    pub const fn offset(self) -> FileOffset {
        self.offset.file_offset()
    }

    /// Where its cell begins, relative to the first bin.
    pub const fn cell_offset(self) -> CellOffset {
        self.offset
    }

    /// The fields as they lie on disk.
    pub const fn raw(self) -> &'d raw::KeyValue {
        &self.record.value
    }

    /// What its cell has room for from the name on.
    pub(crate) const fn name_room(self) -> &'d [u8] {
        &self.record.name
    }

    /// The file offset of the byte `at` of the value.
    pub(crate) fn place(self, at: u64) -> FileOffset {
        self.hive.data_place(self.offset).plus(at)
    }

    /// Its name; empty for the default value. Where it is longer than the cell, what the cell holds
    /// of it; see [`name_fault`](Self::name_fault).
    #[inline]
    pub fn name(self) -> Name<'d> {
        let length = usize::from(self.record.value.name_length.get());
        let bytes = self.record.name.get(..length).unwrap_or(&self.record.name);
        if self.has_latin1_name() { Name::latin1(bytes) } else { Name::utf16(bytes) }
    }

    pub(crate) fn has_latin1_name(self) -> bool {
        self.hive.has_compressed_names() && self.flags().contains(ValueFlags::COMP_NAME)
    }

    /// What is wrong with the name: cut by the end of its cell, or an odd number of bytes of UTF-16.
    pub fn name_fault(self) -> Option<Error> {
        let needed = u64::from(self.record.value.name_length.get());
        let available = self.record.name.len() as u64;
        let latin1 = self.has_latin1_name();
        name_fault(Structure::ValueName, needed, available, latin1, || self.place(20))
    }

    /// Flags; none in version 1.1, which has a title index there.
    pub const fn flags(self) -> ValueFlags {
        if self.hive.has_compressed_names() {
            ValueFlags::from_bits_retain(self.record.value.flags.get())
        } else {
            ValueFlags::empty()
        }
    }

    /// Whether it deletes the value of that name in a lower layer (Windows 10).
    pub const fn is_tombstone(self) -> bool {
        self.flags().contains(ValueFlags::TOMBSTONE)
    }

    /// Type of the data.
    pub const fn value_type(self) -> ValueType {
        ValueType(self.record.value.value_type.get())
    }

    /// Length of the data in bytes, as stored.
    #[inline]
    pub const fn data_size(self) -> u32 {
        self.record.value.data_size.get() & !INLINE
    }

    /// Whether the data stand in the value itself.
    #[inline]
    pub const fn is_inline(self) -> bool {
        self.record.value.data_size.get() & INLINE != 0
    }

    /// The cell of the data; NIL where there is none.
    pub(crate) fn data_cell(self) -> CellOffset {
        if self.is_inline() || self.data_size() == 0 {
            return CellOffset::NIL;
        }
        CellOffset::new(u32::from_le_bytes(self.record.value.data))
    }

    /// Whether the data should stand in segments: over 16,344 bytes, in versions that have them.
    pub(crate) fn is_big(self) -> bool {
        self.data_size() > SEGMENT_LENGTH && self.hive.has_big_data()
    }

    /// Its data, all of them.
    ///
    /// # Errors
    /// Where the cells of the data cannot be read, or hold fewer bytes than the value claims. What
    /// they do hold is [`available`](Self::available).
    #[inline]
    pub fn data(self) -> Result<Data<'d>> {
        match self.whole_data() {
            Some(data) => Ok(data),
            None => self.data_fault().map_or(Ok(self.segmented()), |error| Err(*error)),
        }
    }

    /// Data that are all there in one piece.
    #[inline]
    pub(crate) fn whole_data(self) -> Option<Data<'d>> {
        let size = self.data_size() as usize;
        if self.is_inline() || size == 0 {
            return Bytes::new(&self.record.value.data, self.place(8))
                .get(0, size)
                .map(Data::whole);
        }
        if self.is_big() {
            return None;
        }
        let at = CellOffset::new(u32::from_le_bytes(self.record.value.data));
        let data = self.hive.payload(at)?.get(..size)?;
        Some(Data::whole(Bytes::new(data, self.hive.data_place(at))))
    }

    /// What is wrong with data that are not all there in one piece; nothing where they are all there
    /// in segments.
    #[cold]
    #[inline(never)]
    pub(crate) fn data_fault(self) -> Option<Box<Error>> {
        let size = self.data_size() as usize;
        let fault = if self.is_inline() {
            let inline = Bytes::new(&self.record.value.data, self.place(8));
            inline.slice(0, size, Structure::ValueData).err()
        } else if self.is_big() {
            self.big_data().and_then(BigData::whole).err()
        } else {
            let cell = self.hive.allocated(self.data_cell(), Structure::ValueData);
            let cell = cell.map_err(|error| error.pointed_from(self.place(8)));
            cell.and_then(|cell| cell.data().slice(0, size, Structure::ValueData)).err()
        };
        fault.map(Box::new)
    }

    /// Its data as segments.
    pub(crate) const fn segmented(self) -> Data<'d> {
        Data(Form::Big(self))
    }

    #[cold]
    pub(crate) fn big_data(self) -> Result<BigData<'d>> {
        BigData::parse(self.hive, self.data_cell(), self.place(8), self.data_size())
    }

    /// As much of the data as there is, and what is wrong with the rest.
    pub fn available(self) -> (Data<'d>, Option<Error>) {
        let error = match self.data() {
            Ok(data) => return (data, None),
            Err(error) => error,
        };
        let size = self.data_size() as usize;
        if self.is_inline() {
            return (Data::whole(Bytes::new(&self.record.value.data, self.place(8))), Some(error));
        }
        if self.is_big() && self.big_data().is_ok() {
            return (self.segmented(), Some(error));
        }
        let cell = match self.hive.cell(self.data_cell()) {
            Ok(cell) => cell.data().clip(0, size),
            // The cell's size is beyond the bins where a hive is cut: its first bytes are there.
            Err(cut) if matches!(cut.kind(), ErrorKind::CellSize { .. }) => {
                self.hive.salvage(self.data_cell(), size)
            }
            Err(_) => Bytes::new(&[], self.place(8)),
        };
        (Data::whole(cell), Some(error))
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({}, {} at {})", self.name(), self.value_type(), self.offset())
    }
}

/// The type of a value. Any number is one; unknown ones are shown as the number.
///
/// ```
/// use calhive::ValueType;
/// assert_eq!(ValueType::DWORD.to_string(), "REG_DWORD");
/// assert_eq!(ValueType(0xFFFF_0011).to_string(), "0xffff0011");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ValueType(pub u32);

impl ValueType {
    /// `REG_NONE`.
    pub const NONE: Self = Self(0);
    /// `REG_SZ`: a UTF-16LE string.
    pub const SZ: Self = Self(1);
    /// `REG_EXPAND_SZ`: a string with environment variables.
    pub const EXPAND_SZ: Self = Self(2);
    /// `REG_BINARY`.
    pub const BINARY: Self = Self(3);
    /// `REG_DWORD`: a little-endian number of four bytes.
    pub const DWORD: Self = Self(4);
    /// `REG_DWORD_BIG_ENDIAN`.
    pub const DWORD_BIG_ENDIAN: Self = Self(5);
    /// `REG_LINK`: the target of a symbolic link.
    pub const LINK: Self = Self(6);
    /// `REG_MULTI_SZ`: strings, each ended by a NUL.
    pub const MULTI_SZ: Self = Self(7);
    /// `REG_QWORD`: a little-endian number of eight bytes.
    pub const QWORD: Self = Self(11);

    /// Microsoft's name; `None` for an unknown type.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "REG_NONE",
            1 => "REG_SZ",
            2 => "REG_EXPAND_SZ",
            3 => "REG_BINARY",
            4 => "REG_DWORD",
            5 => "REG_DWORD_BIG_ENDIAN",
            6 => "REG_LINK",
            7 => "REG_MULTI_SZ",
            8 => "REG_RESOURCE_LIST",
            9 => "REG_FULL_RESOURCE_DESCRIPTOR",
            10 => "REG_RESOURCE_REQUIREMENTS_LIST",
            11 => "REG_QWORD",
            _ => return None,
        })
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#x}", self.0),
        }
    }
}

/// The data of a value: one piece, or the segments of a `db`.
#[derive(Clone, Copy, Debug)]
pub struct Data<'d>(Form<'d>);

#[derive(Clone, Copy, Debug)]
enum Form<'d> {
    Whole(Bytes<'d>),
    /// Of this value, in segments.
    Big(Value<'d>),
}

impl<'d> Data<'d> {
    const fn whole(bytes: Bytes<'d>) -> Self {
        Self(Form::Whole(bytes))
    }

    /// The pieces that can be read, in order, each with its place in the file.
    pub fn segments(self) -> impl Iterator<Item = Bytes<'d>> {
        let (whole, big) = match self.0 {
            Form::Whole(bytes) => (Some(bytes), None),
            Form::Big(value) => (None, value.big_data().ok()),
        };
        whole.into_iter().chain(big.into_iter().flat_map(BigData::segments).filter_map(Result::ok))
    }

    /// The one piece; `None` for data in segments.
    pub const fn as_slice(self) -> Option<&'d [u8]> {
        match self.0 {
            Form::Whole(bytes) => Some(bytes.as_slice()),
            Form::Big(_) => None,
        }
    }

    /// All bytes: borrowed where they are one piece, copied together where they stand in segments.
    pub fn to_bytes(self) -> Cow<'d, [u8]> {
        match self.0 {
            Form::Whole(bytes) => Cow::Borrowed(bytes.as_slice()),
            Form::Big(_) => {
                let mut all = Vec::new();
                self.segments().for_each(|segment| all.extend_from_slice(segment.as_slice()));
                Cow::Owned(all)
            }
        }
    }

    /// The number in four bytes of little-endian data; `None` for any other length.
    pub fn to_dword(self) -> Option<u32> {
        self.as_slice()?.try_into().ok().map(u32::from_le_bytes)
    }

    /// The number in eight bytes of little-endian data; `None` for any other length.
    pub fn to_qword(self) -> Option<u64> {
        self.as_slice()?.try_into().ok().map(u64::from_le_bytes)
    }
}

/// The values of a key, in the order of its list. What cannot be read is an error at its turn; the
/// others follow.
#[derive(Clone, Debug)]
pub struct Values<'d> {
    hive: Hive<'d>,
    elements: slice::Iter<'d, U32>,
    key: CellOffset,
    end: End,
}

/// What is told after the last value.
#[derive(Clone, Copy, Debug)]
enum End {
    /// Nothing.
    Done,
    /// What is wrong with the list.
    Fault,
    /// That no more than so many values are shown.
    Refused(u32),
}

impl<'d> Values<'d> {
    #[inline]
    pub(crate) fn new(key: Key<'d>) -> Self {
        let count = key.value_count() as usize;
        if count == 0 {
            return Self::none(key);
        }
        let list = key.hive().payload(CellOffset::new(key.raw().values.get())).unwrap_or_default();
        let elements = Bytes::new(list, FileOffset::default()).array(0, count);
        let end = if elements.len() < count { End::Fault } else { End::Done };
        Self { hive: key.hive(), elements: elements.iter(), key: key.cell_offset(), end }
    }

    /// The data of the cell of the list.
    fn list(key: Key<'d>) -> Result<Bytes<'d>> {
        let at = CellOffset::new(key.raw().values.get());
        let list = key.hive().allocated(at, Structure::ValueList);
        list.map(Cell::data).map_err(|error| error.pointed_from(key.place(40)))
    }

    /// No values.
    #[inline]
    pub(crate) fn none(key: Key<'d>) -> Self {
        let (hive, key) = (key.hive(), key.cell_offset());
        Self { hive, elements: [].iter(), key, end: End::Done }
    }

    /// That no more than `most` values are shown, instead of the values.
    #[cold]
    pub(crate) fn refused(key: Key<'d>, most: u64) -> Self {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        Self { end: End::Refused(most), ..Self::none(key) }
    }

    /// How many elements of the list are left.
    #[inline]
    pub(crate) fn remaining(&self) -> usize {
        self.elements.len()
    }

    /// Why there is no value at `at`, where the element taken last leads.
    #[cold]
    #[inline(never)]
    fn element_fault(&self, at: CellOffset) -> Box<Error> {
        let mut error = Value::fault(self.hive, at);
        *error = error.pointed_from(self.place());
        error
    }

    /// The place of the element that was taken last.
    #[cold]
    fn place(&self) -> FileOffset {
        let Some(key) = Key::parse(self.hive, self.key) else { return FileOffset::default() };
        let Ok(list) = Self::list(key) else { return key.place(40) };
        let all: &[U32] = list.array(0, key.value_count() as usize);
        let index = all.len().saturating_sub(self.elements.len()).saturating_sub(1);
        list.offset_of(index.saturating_mul(4))
    }

    /// What is wrong with the list, or that a limit keeps the values back.
    #[cold]
    #[inline(never)]
    fn end_fault(&self, end: End) -> Option<Box<Error>> {
        let key = Key::parse(self.hive, self.key)?;
        let (kind, place) = match (end, Self::list(key)) {
            (End::Done, _) => return None,
            (End::Refused(most), _) => {
                let (limit, most) = (Limit::Values, u64::from(most));
                (ErrorKind::LimitReached { limit, most }, key.place(40))
            }
            (End::Fault, Err(error)) => return Some(Box::new(error)),
            (End::Fault, Ok(list)) => {
                let (structure, field) = (Structure::ValueList, Field::Count);
                let expected = (list.len() / 4) as u64;
                let found = u64::from(key.value_count());
                (ErrorKind::Mismatch { structure, field, expected, found }, key.place(36))
            }
        };
        Some(Box::new(Error::new(kind, place)))
    }
}

impl<'d> Iterator for Values<'d> {
    type Item = Result<Value<'d>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let Some(element) = self.elements.next() else {
            return match replace(&mut self.end, End::Done) {
                End::Done => None,
                end => self.end_fault(end).map(|error| Err(*error)),
            };
        };
        let at = CellOffset::new(element.get());
        Some(match Value::parse(self.hive, at) {
            Some(value) => Ok(value),
            None => Err(*self.element_fault(at)),
        })
    }
}
