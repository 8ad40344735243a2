// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`FileOffset`] and [`CellOffset`]: the two kinds of offset in the format.

use core::fmt;

/// Length of the base block, and file offset of the first bin
/// ([regf.md](crate::format#conventions-and-limits)).
pub(crate) const BASE_BLOCK_LENGTH: u32 = 4096;

/// Absolute offset in a hive file, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileOffset(u64);

impl FileOffset {
    /// Wraps a number of bytes from the start of the file.
    #[inline]
    pub const fn new(offset: u64) -> Self {
        Self(offset)
    }

    /// Returns the number of bytes from the start of the file.
    #[inline]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Returns the offset `bytes` further into the file.
    #[must_use]
    #[inline]
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

/// Offset of a cell from the first bin, as stored in the hive
/// ([regf.md](crate::format#conventions-and-limits)). [`NIL`](Self::NIL) is a value of this type,
/// not an error.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellOffset(u32);

impl CellOffset {
    /// No cell: 0xFFFFFFFF.
    pub const NIL: Self = Self(u32::MAX);

    /// Wraps a stored offset.
    #[inline]
    pub const fn new(offset: u32) -> Self {
        Self(offset)
    }

    /// Returns the stored offset.
    #[inline]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Returns whether the offset is [`NIL`](Self::NIL).
    #[inline]
    pub const fn is_nil(self) -> bool {
        self.0 == u32::MAX
    }

    /// Returns the absolute offset in the file, which is 4,096 larger.
    ///
    /// ```
    /// assert_eq!(calhive_regf::CellOffset::new(0x20).file_offset().get(), 0x1020);
    /// ```
    #[inline]
    pub const fn file_offset(self) -> FileOffset {
        FileOffset((self.0 as u64).wrapping_add(BASE_BLOCK_LENGTH as u64))
    }
}

impl fmt::Debug for CellOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nil() { f.write_str("NIL") } else { write!(f, "CellOffset({:#x})", self.0) }
    }
}
