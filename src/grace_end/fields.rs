// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Fields`]: little-endian numbers and byte strings, read one after the other.

/// Bytes that are read one field after the other. A field that does not fit is `None`.
pub(super) struct Fields<'d>(&'d [u8]);

impl<'d> Fields<'d> {
    pub(super) const fn new(bytes: &'d [u8]) -> Self {
        Self(bytes)
    }

    /// Returns the next bytes.
    pub(super) fn take(&mut self, length: usize) -> Option<&'d [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Returns the next bytes as an array.
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn long_number(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Reads a number that has one permitted value.
    pub(super) fn constant(&mut self, expected: u32) -> Option<()> {
        (self.number()? == expected).then_some(())
    }

    /// Returns bytes that follow their 32-bit length.
    pub(super) fn counted(&mut self) -> Option<&'d [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    /// Returns all remaining bytes.
    pub(super) const fn rest(&self) -> &'d [u8] {
        self.0
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
