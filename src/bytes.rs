// SPDX-License-Identifier: MIT OR Apache-2.0
//! The only place that slices evidence: [`Bytes`] that know where in the file they lie, and the two
//! kinds of offset that the format uses.

use core::fmt;

use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use crate::error::{Error, ErrorKind, Result, Structure};

/// Length of the base block, and so the file offset of the first bin (REGF 0).
pub(crate) const BASE_BLOCK_LENGTH: u32 = 4096;

/// An absolute offset in a hive file, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileOffset(u64);

impl FileOffset {
    /// The offset that is this many bytes into the file.
    pub const fn new(offset: u64) -> Self {
        Self(offset)
    }

    /// The number of bytes from the start of the file.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The offset that lies `bytes` further on.
    #[must_use]
    pub const fn plus(self, bytes: u64) -> Self {
        Self(self.0.saturating_add(bytes))
    }
}

impl fmt::Display for FileOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Debug for FileOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileOffset({:#x})", self.0)
    }
}

/// Where a cell lies, relative to the first bin, as the format stores it (REGF 0). NIL is a value
/// of this type, not an error.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellOffset(u32);

impl CellOffset {
    /// No cell: 0xFFFFFFFF.
    pub const NIL: Self = Self(u32::MAX);

    /// The cell that is this many bytes into the bins.
    pub const fn new(offset: u32) -> Self {
        Self(offset)
    }

    /// The stored number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Whether this is [`NIL`](Self::NIL).
    pub const fn is_nil(self) -> bool {
        self.0 == u32::MAX
    }

    /// The absolute place in the file: 4,096 further on.
    ///
    /// ```
    /// assert_eq!(calhive::CellOffset::new(0x20).file_offset().get(), 0x1020);
    /// ```
    pub const fn file_offset(self) -> FileOffset {
        FileOffset((self.0 as u64).wrapping_add(BASE_BLOCK_LENGTH as u64))
    }
}

impl fmt::Debug for CellOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nil() { f.write_str("NIL") } else { write!(f, "CellOffset({:#x})", self.0) }
    }
}

/// A stretch of evidence that knows its absolute file offset. `Copy`, and tied to the evidence
/// alone.
#[derive(Clone, Copy)]
pub struct Bytes<'d> {
    data: &'d [u8],
    start: u64,
}

impl<'d> Bytes<'d> {
    /// These bytes, which begin at `start` in their file.
    pub const fn new(data: &'d [u8], start: FileOffset) -> Self {
        Self { data, start: start.get() }
    }

    /// The bytes themselves.
    pub const fn as_slice(self) -> &'d [u8] {
        self.data
    }

    /// Where they begin in the file.
    pub const fn offset(self) -> FileOffset {
        FileOffset(self.start)
    }

    /// How many they are.
    pub const fn len(self) -> usize {
        self.data.len()
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.data.is_empty()
    }

    /// The file offset `at` bytes into these bytes.
    pub const fn offset_of(self, at: usize) -> FileOffset {
        FileOffset(self.start.saturating_add(at as u64))
    }

    /// `length` bytes from `at`, where all of them are there.
    #[inline]
    pub fn get(self, at: usize, length: usize) -> Option<Self> {
        let data = self.data.get(at..at.checked_add(length)?)?;
        Some(Self { data, start: self.offset_of(at).get() })
    }

    /// `length` bytes from `at`, as a part of `structure`.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] where they are not all there.
    #[inline]
    pub fn slice(self, at: usize, length: usize, structure: Structure) -> Result<Self> {
        self.get(at, length).ok_or_else(|| self.truncated(at, length, structure))
    }

    /// As many of `length` bytes from `at` as there are.
    #[inline]
    #[must_use]
    pub fn clip(self, at: usize, length: usize) -> Self {
        let rest = self.data.get(at..).unwrap_or_default();
        let data = rest.get(..length).unwrap_or(rest);
        Self { data, start: self.offset_of(at).get() }
    }

    /// The structure `T` at the start.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] where there are fewer bytes than it has.
    #[inline]
    pub fn record<T>(self, structure: Structure) -> Result<&'d T>
    where
        T: FromBytes + Immutable + KnownLayout + Unaligned,
    {
        match T::ref_from_prefix(self.data) {
            Ok((record, _)) => Ok(record),
            Err(_) => Err(self.truncated(0, size_of::<T>(), structure)),
        }
    }

    /// Up to `count` elements `T` from `at`: as many whole ones as there are.
    #[inline]
    pub fn array<T>(self, at: usize, count: usize) -> &'d [T]
    where
        T: FromBytes + Immutable + KnownLayout + Unaligned,
    {
        let rest = self.data.get(at..).unwrap_or_default();
        let there = rest.len().checked_div(size_of::<T>()).unwrap_or(0).min(count);
        match <[T]>::ref_from_prefix_with_elems(rest, there) {
            Ok((elements, _)) => elements,
            Err(_) => &[],
        }
    }

    #[cold]
    fn truncated(self, at: usize, needed: usize, structure: Structure) -> Error {
        let available = self.data.len().saturating_sub(at) as u64;
        let kind = ErrorKind::Truncated { structure, needed: needed as u64, available };
        Error::new(kind, self.offset_of(at))
    }
}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({} at {})", self.data.len(), self.offset())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zerocopy::little_endian::U32;

    const EVIDENCE: Bytes<'static> = Bytes::new(&[1, 0, 0, 0, 2, 0, 0], FileOffset::new(100));

    #[test]
    fn slices_carry_their_place() {
        let part = EVIDENCE.slice(4, 3, Structure::Cell).unwrap();
        assert_eq!((part.len(), part.offset().get()), (3, 104));
        assert_eq!(EVIDENCE.clip(5, 100).as_slice(), &[0, 0]);
        assert!(EVIDENCE.clip(8, 1).is_empty());
    }

    #[test]
    fn what_is_cut_names_needed_and_available() {
        let error = EVIDENCE.slice(4, usize::MAX, Structure::Cell).unwrap_err();
        assert_eq!(error.offset().get(), 104);
        let ErrorKind::Truncated { available, .. } = error.kind() else { panic!("{error}") };
        assert_eq!(available, 3);
    }

    #[test]
    fn arrays_end_with_the_last_whole_element() {
        assert_eq!(EVIDENCE.array::<U32>(0, 9).len(), 1);
        assert_eq!(EVIDENCE.array::<U32>(9, 9).len(), 0);
    }
}
