// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Buffered`]: a reader with a position that keeps its buffer when the position changes.

use alloc::sync::Arc;
use std::io::{self, Read, Seek, SeekFrom};

use crate::disk::{Disk, sought};

/// Bytes read at a time.
const BLOCK: usize = 64 << 10;

/// A reader with a position. Reads near the last one need no further read of the disk.
pub(crate) struct Buffered {
    disk: Arc<dyn Disk>,
    position: u64,
    /// Offset of the buffer.
    start: u64,
    buffer: Vec<u8>,
}

impl Buffered {
    /// Returns a reader at offset 0.
    pub(crate) const fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk, position: 0, start: 0, buffer: Vec::new() }
    }

    /// Returns the bytes at the position. Empty at the end.
    fn here(&mut self) -> io::Result<&[u8]> {
        if self.at().is_none_or(|at| at >= self.buffer.len()) {
            let rest = self.disk.size().saturating_sub(self.position);
            let length = usize::try_from(rest).unwrap_or(usize::MAX).min(BLOCK);
            self.buffer.clear();
            self.start = self.position;
            let mut block = vec![0; length];
            self.disk.read_at(self.position, &mut block)?;
            self.buffer = block;
        }
        let at = self.at().unwrap_or_default();
        Ok(self.buffer.get(at..).unwrap_or_default())
    }

    fn at(&self) -> Option<usize> {
        usize::try_from(self.position.checked_sub(self.start)?).ok()
    }
}

impl Read for Buffered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let here = self.here()?;
        let length = here.len().min(buffer.len());
        let (Some(from), Some(to)) = (here.get(..length), buffer.get_mut(..length)) else {
            return Ok(0);
        };
        to.copy_from_slice(from);
        self.position = self.position.saturating_add(length as u64);
        Ok(length)
    }
}

impl Seek for Buffered {
    /// Positions after the end move to the end.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = sought(to, self.position, self.disk.size())?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Counted;

    #[test]
    fn seek_inside_the_buffer_reads_nothing_again() {
        let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let disk = Arc::new(Counted::new(bytes.clone()));
        let mut reader = Buffered::new(Arc::clone(&disk) as Arc<dyn Disk>);
        let mut four = [0; 4];
        for offset in [90_000_usize, 90_100, 90_000] {
            reader.seek(SeekFrom::Start(offset as u64)).unwrap();
            reader.read_exact(&mut four).unwrap();
            assert_eq!(four, bytes[offset..][..4]);
        }
        assert_eq!(disk.bytes_read(), 10_000);
        reader.seek(SeekFrom::Start(0)).unwrap();
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        assert_eq!(all, bytes);
    }
}
