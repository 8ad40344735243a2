// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Bytes`]: a slice of evidence that knows its file offset. Only this file slices evidence.

use core::fmt;

use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use crate::error::{Error, ErrorKind, Result, Structure};
use crate::offset::FileOffset;

/// Slice of evidence with its file offset. `Copy`; borrows only the evidence.
#[derive(Clone, Copy)]
pub struct Bytes<'d> {
    data: &'d [u8],
    start: u64,
}

impl<'d> Bytes<'d> {
    /// Wraps `data`, which begins at the file offset `start`.
    #[inline]
    pub const fn new(data: &'d [u8], start: FileOffset) -> Self {
        Self { data, start: start.get() }
    }

    /// Returns the bytes as a plain slice.
    #[inline]
    pub const fn as_slice(self) -> &'d [u8] {
        self.data
    }

    /// Returns the file offset of the first byte.
    #[inline]
    pub const fn offset(self) -> FileOffset {
        FileOffset::new(self.start)
    }

    /// Returns the number of bytes.
    #[inline]
    pub const fn len(self) -> usize {
        self.data.len()
    }

    /// Returns whether the slice is empty.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.data.is_empty()
    }

    /// Returns the file offset of the byte at index `at`.
    #[inline]
    pub const fn offset_of(self, at: usize) -> FileOffset {
        FileOffset::new(self.start.saturating_add(at as u64))
    }

    /// Returns `length` bytes from `at`, or `None` if fewer exist.
    #[inline]
    pub fn get(self, at: usize, length: usize) -> Option<Self> {
        let data = self.data.get(at..at.checked_add(length)?)?;
        Some(Self { data, start: self.offset_of(at).get() })
    }

    /// Returns `length` bytes from `at`, as a part of `structure`.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] if fewer bytes exist.
    #[inline]
    pub fn slice(self, at: usize, length: usize, structure: Structure) -> Result<Self> {
        self.get(at, length).ok_or_else(|| self.truncated(at, length, structure))
    }

    /// Returns at most `length` bytes from `at`, fewer if the slice ends before.
    #[inline]
    #[must_use]
    pub fn clip(self, at: usize, length: usize) -> Self {
        let rest = self.data.get(at..).unwrap_or_default();
        let data = rest.get(..length).unwrap_or(rest);
        Self { data, start: self.offset_of(at).get() }
    }

    /// Returns the structure `T` at the start of the slice.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] if the slice is shorter than `T`.
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

    /// Returns at most `count` whole elements `T` from `at`.
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
    fn part_of_slice_keeps_its_file_offset() {
        let part = EVIDENCE.slice(4, 3, Structure::Cell).unwrap();
        assert_eq!((part.len(), part.offset().get()), (3, 104));
        assert_eq!(EVIDENCE.clip(5, 100).as_slice(), &[0, 0]);
        assert!(EVIDENCE.clip(8, 1).is_empty());
    }

    #[test]
    fn truncated_slice_reports_offset_and_available_bytes() {
        let error = EVIDENCE.slice(4, usize::MAX, Structure::Cell).unwrap_err();
        assert_eq!(error.offset().get(), 104);
        let ErrorKind::Truncated { available, .. } = error.kind() else { panic!("{error}") };
        assert_eq!(available, 3);
    }

    #[test]
    fn array_of_partial_bytes_ends_with_last_whole_element() {
        assert_eq!(EVIDENCE.array::<U32>(0, 9).len(), 1);
        assert_eq!(EVIDENCE.array::<U32>(9, 9).len(), 0);
    }
}
