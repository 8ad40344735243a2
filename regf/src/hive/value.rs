// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Value`] (`vk`) and its [`Data`] ([regf.md](crate::format#values)).

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Result, Structure};
use crate::hive::Hive;
use crate::hive::big_data::{BigData, SEGMENT_LENGTH};
use crate::hive::name::{Name, name_fault};
use crate::hive::value_type::ValueType;
use crate::meter::count;
use crate::offset::{CellOffset, FileOffset};
use crate::raw::{self, ValueFlags};

/// Bit of the data size that marks inline data.
const INLINE: u32 = 0x8000_0000;

/// `vk`: a value. `Copy`; lives as long as the evidence.
#[derive(Clone, Copy)]
pub struct Value<'d> {
    hive: Hive<'d>,
    record: &'d Record,
    offset: CellOffset,
}

/// Value record and the rest of its cell. A single reference to both parts keeps `Value` small.
#[derive(FromBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Record {
    value: raw::KeyValue,
    name: [u8],
}

impl<'d> Value<'d> {
    /// Returns the value at `at`. If the result is `None`, [`fault`](Self::fault) returns the
    /// fault.
    #[inline]
    pub(crate) fn parse(hive: Hive<'d>, at: CellOffset) -> Option<Self> {
        let record = Record::ref_from_bytes(hive.payload(at)?).ok()?;
        (record.value.signature == *b"vk").then_some(Self { hive, record, offset: at })
    }

    /// Returns the value at `at` with these bytes as the content of its cell.
    #[inline]
    pub(crate) fn sized(hive: Hive<'d>, at: CellOffset, payload: &'d [u8]) -> Option<Self> {
        let record = Record::ref_from_bytes(payload).ok()?;
        (record.value.signature == *b"vk").then_some(Self { hive, record, offset: at })
    }

    /// Returns the reason why `at` leads to no value.
    #[cold]
    pub(crate) fn fault(hive: Hive<'d>, at: CellOffset) -> Box<Error> {
        hive.fault(at, Structure::KeyValue, size_of::<raw::KeyValue>())
    }

    /// Returns the hive of the value.
    #[inline]
    pub const fn hive(self) -> Hive<'d> {
        self.hive
    }

    /// Returns the offset of the cell in the file.
    #[inline]
    pub const fn offset(self) -> FileOffset {
        self.offset.file_offset()
    }

    /// Returns the offset of the cell from the first bin.
    #[inline]
    pub const fn cell_offset(self) -> CellOffset {
        self.offset
    }

    /// Returns the fields as stored on disk.
    #[inline]
    pub const fn raw(self) -> &'d raw::KeyValue {
        &self.record.value
    }

    /// Returns all bytes of the cell from the start of the name.
    pub(crate) const fn name_room(self) -> &'d [u8] {
        &self.record.name
    }

    /// Returns the file offset of byte `at` of the value record.
    #[inline]
    pub(crate) fn place(self, at: u64) -> FileOffset {
        self.hive.data_place(self.offset).plus(at)
    }

    /// Returns the name, which is empty for the default value. If the stored length exceeds the
    /// cell, the name ends with the cell; see [`name_fault`](Self::name_fault).
    #[inline]
    pub fn name(self) -> Name<'d> {
        let length = usize::from(self.record.value.name_length.get());
        let bytes = self.record.name.get(..length).unwrap_or(&self.record.name);
        if self.has_latin1_name() { Name::latin1(bytes) } else { Name::utf16(bytes) }
    }

    #[inline]
    pub(crate) fn has_latin1_name(self) -> bool {
        self.hive.has_compressed_names() && self.flags().contains(ValueFlags::COMP_NAME)
    }

    /// Returns the fault of the name: truncated by the end of the cell, or UTF-16LE with an odd
    /// length.
    pub fn name_fault(self) -> Option<Error> {
        let needed = u64::from(self.record.value.name_length.get());
        let available = self.record.name.len() as u64;
        let latin1 = self.has_latin1_name();
        name_fault(Structure::ValueName, needed, available, latin1, || self.place(20))
    }

    /// Returns the flags. In version 1.1 the field holds a title index, so the result is empty.
    #[inline]
    pub const fn flags(self) -> ValueFlags {
        if self.hive.has_compressed_names() {
            ValueFlags::from_bits_retain(self.record.value.flags.get())
        } else {
            ValueFlags::empty()
        }
    }

    /// Returns whether the value is a tombstone, which deletes the same value in the hive of the
    /// layer below (Windows 10).
    #[inline]
    pub const fn is_tombstone(self) -> bool {
        self.flags().contains(ValueFlags::TOMBSTONE)
    }

    /// Returns the type of the data.
    #[inline]
    pub const fn value_type(self) -> ValueType {
        ValueType(self.record.value.value_type.get())
    }

    /// Returns the stored length of the data in bytes.
    #[inline]
    pub const fn data_size(self) -> u32 {
        self.record.value.data_size.get() & !INLINE
    }

    /// Returns whether the data are inline, inside the value record.
    #[inline]
    pub const fn is_inline(self) -> bool {
        self.record.value.data_size.get() & INLINE != 0
    }

    /// Returns the cell offset of the data, NIL for inline or empty data.
    pub(crate) fn data_cell(self) -> CellOffset {
        if self.is_inline() || self.data_size() == 0 {
            return CellOffset::NIL;
        }
        CellOffset::new(u32::from_le_bytes(self.record.value.data))
    }

    /// Whether the data are big data: above 16,344 bytes, in a version with big data.
    #[inline]
    pub(crate) fn is_big(self) -> bool {
        self.data_size() > SEGMENT_LENGTH && self.hive.has_big_data()
    }

    /// Returns the complete data.
    ///
    /// # Errors
    /// If the cells of the data cannot be read or hold fewer bytes than the stored length.
    /// [`available`](Self::available) returns the bytes that exist.
    #[inline]
    pub fn data(self) -> Result<Data<'d>> {
        match self.whole_data() {
            Some(data) => Ok(data),
            None => self.data_fault().map_or(Ok(self.segmented()), |error| Err(*error)),
        }
    }

    /// Returns the data if they are complete and in one piece.
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

    /// Returns the reason why [`whole_data`](Self::whole_data) returns no data. Complete big data
    /// have no fault, so the result is `None`.
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

    /// Returns the data as segments of big data.
    pub(crate) const fn segmented(self) -> Data<'d> {
        Data(Form::Big(self))
    }

    #[cold]
    pub(crate) fn big_data(self) -> Result<BigData<'d>> {
        BigData::parse(self.hive, self.data_cell(), self.place(8), self.data_size())
    }

    /// Returns the data that exist, and the fault if bytes are missing.
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
            // If a truncated hive ends inside this cell, the first bytes of the data still exist.
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

/// Data of a value: one piece, or the segments of big data.
#[derive(Clone, Copy, Debug)]
pub struct Data<'d>(Form<'d>);

#[derive(Clone, Copy, Debug)]
enum Form<'d> {
    Whole(Bytes<'d>),
    /// Big data of this value.
    Big(Value<'d>),
}

impl<'d> Data<'d> {
    const fn whole(bytes: Bytes<'d>) -> Self {
        Self(Form::Whole(bytes))
    }

    /// Returns the readable pieces in order, each with its place in the file.
    pub fn segments(self) -> impl Iterator<Item = Bytes<'d>> {
        let (whole, big) = match self.0 {
            Form::Whole(bytes) => (Some(bytes), None),
            Form::Big(value) => (None, value.big_data().ok()),
        };
        whole.into_iter().chain(big.into_iter().flat_map(BigData::segments).filter_map(Result::ok))
    }

    /// Returns data in one piece, or `None` for big data.
    #[inline]
    pub const fn as_slice(self) -> Option<&'d [u8]> {
        match self.0 {
            Form::Whole(bytes) => Some(bytes.as_slice()),
            Form::Big(_) => None,
        }
    }

    /// Returns all bytes: borrowed for one piece, copied for big data.
    pub fn to_bytes(self) -> Cow<'d, [u8]> {
        match self.0 {
            Form::Whole(bytes) => Cow::Borrowed(bytes.as_slice()),
            Form::Big(_) => {
                let mut all = Vec::new();
                self.segments().for_each(|segment| {
                    count(segment.len() / 16);
                    all.extend_from_slice(segment.as_slice());
                });
                Cow::Owned(all)
            }
        }
    }

    /// Decodes four bytes as a little-endian number. `None` for any other length.
    #[inline]
    pub fn to_dword(self) -> Option<u32> {
        self.as_slice()?.try_into().ok().map(u32::from_le_bytes)
    }

    /// Decodes eight bytes as a little-endian number. `None` for any other length.
    #[inline]
    pub fn to_qword(self) -> Option<u64> {
        self.as_slice()?.try_into().ok().map(u64::from_le_bytes)
    }
}
