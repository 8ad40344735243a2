// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Window`]: the part of a source that is in memory.

/// Bytes of a source, with their offset.
#[derive(Clone, Copy, Debug)]
pub struct Window<'w> {
    bytes: &'w [u8],
    start: u64,
}

impl<'w> Window<'w> {
    /// Number of bytes in memory before the offset to scan.
    pub const BEHIND: u64 = 64 << 10;
    /// Number of bytes in memory after the offset to scan, unless the source ends. The number
    /// limits the length of signature matches, compression units and log bitmaps.
    pub const AHEAD: u64 = 256 << 10;

    pub(crate) const fn new(bytes: &'w [u8], start: u64) -> Self {
        Self { bytes, start }
    }

    /// Returns the offset of the first byte in memory.
    pub const fn start(self) -> u64 {
        self.start
    }

    /// Returns the offset after the last byte in memory.
    pub const fn end(self) -> u64 {
        self.start.saturating_add(self.bytes.len() as u64)
    }

    /// Returns the bytes between two offsets of the source, as far as they are in memory.
    pub fn slice(self, from: u64, to: u64) -> &'w [u8] {
        let at = |place: u64| {
            let at = usize::try_from(place.saturating_sub(self.start)).unwrap_or(usize::MAX);
            at.min(self.bytes.len())
        };
        self.bytes.get(at(from)..at(to)).unwrap_or_default()
    }

    /// Returns the bytes in memory that start at an offset of the source: at most [`AHEAD`](Self::AHEAD)
    /// bytes.
    pub fn from(self, from: u64) -> &'w [u8] {
        self.slice(from, from.saturating_add(Self::AHEAD))
    }
}
