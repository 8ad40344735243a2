// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Pass`]: a pass over compressed data.

use std::io::{self, Read};

/// Bytes unpacked at a time.
const CHUNK: u64 = 64 << 10;
/// Unpacked bytes that stay in memory before the position, so that a read can start a little earlier.
const RECENT: usize = 512 << 10;

/// A pass over compressed data, with the bytes unpacked last.
pub(crate) struct Pass {
    reader: Box<dyn Read + Send>,
    /// Offset of the recent bytes.
    start: u64,
    recent: Vec<u8>,
}

impl Pass {
    /// Returns a pass at offset 0.
    pub(crate) fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader, start: 0, recent: Vec::new() }
    }

    /// Returns the offset of the first byte in memory.
    pub(crate) const fn start(&self) -> u64 {
        self.start
    }

    /// Returns the offset up to which the data are unpacked.
    pub(crate) fn end(&self) -> u64 {
        self.start.saturating_add(self.recent.len() as u64)
    }

    /// Returns the bytes in memory from an offset on.
    pub(crate) fn from(&self, offset: u64) -> Option<&[u8]> {
        let at = offset.checked_sub(self.start)?;
        self.recent.get(usize::try_from(at).ok()?..).filter(|rest| !rest.is_empty())
    }

    /// Unpacks further bytes. Returns 0 at the end.
    ///
    /// # Errors
    /// If the data cannot be unpacked. Bytes before the fault are in memory.
    pub(crate) fn advance(&mut self) -> io::Result<usize> {
        if self.recent.len() >= RECENT.saturating_mul(2) {
            self.recent.drain(..RECENT);
            self.start = self.start.saturating_add(RECENT as u64);
        }
        (&mut self.reader).take(CHUNK).read_to_end(&mut self.recent)
    }
}
