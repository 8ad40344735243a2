// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Disk`]: bytes that are read at offsets, and parts of them.

use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes that are read at offsets: a disk, a partition, a volume, a snapshot or a file on a volume.
pub(crate) trait Disk: Send + Sync {
    /// Returns the size in bytes.
    fn size(&self) -> u64;

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// # Errors
    /// If a byte is after the end, or cannot be read. Then the content of the buffer is not specified.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl<D: Disk + ?Sized> Disk for Arc<D> {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        (**self).read_at(offset, buffer)
    }
}

impl Disk for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = self.get(start..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or_else(|| past_end(offset, buffer.len(), self.size()))?);
        Ok(())
    }
}

/// Returns the error of a read that goes past the end.
pub(crate) fn past_end(offset: u64, length: usize, size: u64) -> io::Error {
    let message =
        format!("{length} bytes at offset {offset:#x} go past the end at offset {size:#x}");
    io::Error::new(io::ErrorKind::UnexpectedEof, message)
}

/// Fills a buffer from a disk of `size` bytes piece by piece. `read` fills the start of the rest of the buffer, from an
/// offset on, and returns the number of bytes that it filled.
///
/// # Errors
/// If a byte is after the end, or if `read` fails or fills nothing.
pub(crate) fn read_pieces(
    size: u64,
    offset: u64,
    buffer: &mut [u8],
    mut read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>,
) -> io::Result<()> {
    let length = buffer.len();
    if offset.checked_add(length as u64).is_none_or(|end| end > size) {
        return Err(past_end(offset, length, size));
    }
    let (mut at, mut rest) = (offset, buffer);
    while !rest.is_empty() {
        let filled = read(at, rest)?;
        if filled == 0 {
            return Err(past_end(at, rest.len(), size));
        }
        at = at.saturating_add(filled as u64);
        rest = rest.get_mut(filled..).unwrap_or_default();
    }
    Ok(())
}

/// A part of a disk.
#[derive(Clone)]
pub(crate) struct Window<D> {
    disk: D,
    start: u64,
    size: u64,
}

impl<D: Disk> Window<D> {
    /// Returns the part of `size` bytes from `start` on. If the disk ends before, the part is shorter.
    pub(crate) fn new(disk: D, start: u64, size: u64) -> Self {
        let size = size.min(disk.size().saturating_sub(start));
        Self { disk, start, size }
    }
}

impl<D: Disk> Disk for Window<D> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= self.size);
        match end.and(self.start.checked_add(offset)) {
            Some(at) => self.disk.read_at(at, buffer),
            None => Err(past_end(offset, buffer.len(), self.size)),
        }
    }
}

impl<D> fmt::Debug for Window<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Window").field("start", &self.start).field("size", &self.size).finish()
    }
}

/// Length of reads that a limit refuses first. Half of the limit is left for shorter reads.
const LONG_READ: usize = 64 << 10;

/// A disk that counts the bytes read from it, and limits them.
pub(crate) struct Counted<D> {
    disk: D,
    bytes: AtomicU64,
    most: AtomicU64,
}

impl<D: Disk> Counted<D> {
    /// Starts to count at 0.
    pub(crate) const fn new(disk: D) -> Self {
        Self { disk, bytes: AtomicU64::new(0), most: AtomicU64::new(u64::MAX) }
    }

    /// Sets the number of bytes that can be read: half of them in reads of 64 KiB or more. Further reads fail with the
    /// kind [`io::ErrorKind::QuotaExceeded`].
    pub(crate) fn limit(&self, most: u64) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// Returns the number of bytes read so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl<D: Disk> Disk for Counted<D> {
    fn size(&self) -> u64 {
        self.disk.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let most = self.most.load(Ordering::Relaxed);
        let most = if buffer.len() >= LONG_READ { most / 2 } else { most };
        let next = self.bytes_read().saturating_add(buffer.len() as u64);
        if next > most {
            let message = format!(
                "calhive read {} bytes, and reads no more: a table or a file claims more than the image stores",
                self.bytes_read()
            );
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, message));
        }
        self.disk.read_at(offset, buffer)?;
        self.bytes.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

/// A reader with a position, for libraries that need one.
#[derive(Debug)]
pub(crate) struct Cursor<D> {
    disk: D,
    position: u64,
}

impl<D: Disk> Cursor<D> {
    /// Returns a reader at offset 0.
    pub(crate) const fn new(disk: D) -> Self {
        Self { disk, position: 0 }
    }
}

impl<D: Disk> Read for Cursor<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.disk.size().saturating_sub(self.position);
        let length = usize::try_from(rest).unwrap_or(usize::MAX).min(buffer.len());
        let Some(part) = buffer.get_mut(..length) else { return Ok(0) };
        self.disk.read_at(self.position, part)?;
        self.position = self.position.saturating_add(length as u64);
        Ok(length)
    }
}

impl<D: Disk> Seek for Cursor<D> {
    /// Positions after the end move to the end.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = sought(to, self.position, self.disk.size())?;
        Ok(self.position)
    }
}

/// Returns the position that a reader seeks. Positions after the end move to the end.
///
/// # Errors
/// If the position is before the start.
pub(crate) fn sought(to: SeekFrom, position: u64, size: u64) -> io::Result<u64> {
    let sought = match to {
        SeekFrom::Start(offset) => Some(offset),
        SeekFrom::End(offset) => size.checked_add_signed(offset),
        SeekFrom::Current(offset) => position.checked_add_signed(offset),
    };
    let before_start = || io::Error::new(io::ErrorKind::InvalidInput, "seek before the start");
    Ok(sought.ok_or_else(before_start)?.min(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_ends_at_its_own_end_and_at_the_end_of_the_disk() {
        let disk: Vec<u8> = (0..100).collect();
        let window = Window::new(disk, 90, 20);
        let mut two = [0; 2];
        assert_eq!(window.size(), 10);
        window.read_at(8, &mut two).unwrap();
        assert_eq!(two, [98, 99]);
        let error = window.read_at(9, &mut two).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(error.to_string(), "2 bytes at offset 0x9 go past the end at offset 0xa");
        assert!(window.read_at(u64::MAX, &mut two).is_err());
    }

    #[test]
    fn limit_of_a_counted_disk_leaves_half_for_short_reads() {
        let disk = Counted::new(vec![0; 1 << 20]);
        disk.limit(256 << 10);
        let mut long = vec![0; 64 << 10];
        assert!(disk.read_at(0, &mut long).is_ok() && disk.read_at(0, &mut long).is_ok());
        let error = disk.read_at(0, &mut long).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::QuotaExceeded);
        let mut short = vec![0; 32 << 10];
        for _ in 0..4 {
            disk.read_at(0, &mut short).unwrap();
        }
        assert!(disk.read_at(0, &mut [0]).is_err());
        disk.limit(u64::MAX);
        assert!(disk.read_at(0, &mut long).is_ok());
    }

    #[test]
    fn cursor_reads_what_the_disk_holds_and_counts_it() {
        let disk = Arc::new(Counted::new((0..10).collect::<Vec<u8>>()));
        let mut cursor = Cursor::new(Arc::clone(&disk));
        cursor.seek(SeekFrom::End(-3)).unwrap();
        let mut rest = Vec::new();
        cursor.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, [7, 8, 9]);
        assert_eq!(disk.bytes_read(), 3);
        assert_eq!(cursor.seek(SeekFrom::Start(u64::MAX)).unwrap(), 10);
        assert!(cursor.seek(SeekFrom::Current(-11)).is_err());
    }
}
