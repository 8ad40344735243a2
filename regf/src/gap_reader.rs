// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`GapReader`]: reads on after bytes that a disk cannot read, and [`LostBytes`]: where these bytes are.

use core::fmt;
use std::io::{self, Read, Seek, SeekFrom};

/// Size of the block that is left out if a byte of it cannot be read. A mapped page has the same size on most systems.
const BLOCK: u64 = 4096;

/// Bytes of a file that could not be read. Zeros are in their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostBytes {
    /// File offset of the first one.
    pub first: u64,
    /// Number of all of them, also after the first gap.
    pub count: u64,
}

impl LostBytes {
    /// Returns the bytes of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let count = self.count.saturating_add(other.count);
        Self { first: self.first.min(other.first), count }
    }
}

impl fmt::Display for LostBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, count } = self;
        write!(f, "{count} bytes from file offset {first:#x} on")
    }
}

/// A reader of a file that puts zeros in the place of blocks that cannot be read.
///
/// ```
/// use calhive_regf::GapReader;
/// use std::io::{Cursor, Read as _};
/// let mut reader = GapReader::new(Cursor::new(b"regf"), 4);
/// let mut bytes = Vec::new();
/// reader.read_to_end(&mut bytes)?;
/// assert_eq!((bytes.as_slice(), reader.lost()), (&b"regf"[..], None));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct GapReader<R> {
    inner: R,
    position: u64,
    length: u64,
    lost: Option<LostBytes>,
    /// Whether a byte was read.
    has_read: bool,
}

impl<R: Read + Seek> GapReader<R> {
    /// Wraps the reader of a file with `length` bytes. The reader is at the start of the file.
    pub const fn new(inner: R, length: u64) -> Self {
        Self { inner, position: 0, length, lost: None, has_read: false }
    }

    /// Does not fail if no byte can be read, for a part of a file.
    #[must_use]
    pub const fn of_part(mut self) -> Self {
        self.has_read = true;
        self
    }

    /// Returns the bytes that could not be read so far; `None` without a gap.
    pub const fn lost(&self) -> Option<LostBytes> {
        self.lost
    }

    /// Reads a block with the byte at the position, or puts zeros in its place.
    fn step_over(&mut self, buffer: &mut [u8], error: io::Error) -> io::Result<usize> {
        let end = self.position.saturating_add(1).next_multiple_of(BLOCK).min(self.length);
        let most = usize::try_from(end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        let Some(block) = buffer.get_mut(..most.min(buffer.len())).filter(|it| !it.is_empty())
        else {
            return Err(error);
        };
        self.inner.seek(SeekFrom::Start(self.position))?;
        let read = self.inner.read(block);
        let length = match read {
            Ok(read) => {
                self.has_read |= read > 0;
                read
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                block.fill(0);
                let count = block.len() as u64;
                let gap = LostBytes { first: self.position, count };
                self.lost = Some(self.lost.map_or(gap, |lost| lost.and(gap)));
                let after = self.position.saturating_add(count);
                // A file without a single readable byte is an error, not a file of zeros.
                if after >= self.length && !self.has_read {
                    return Err(error);
                }
                self.inner.seek(SeekFrom::Start(after))?;
                block.len()
            }
        };
        self.position = self.position.saturating_add(length as u64);
        Ok(length)
    }
}

impl<R: Read + Seek> Read for GapReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(read) => {
                self.has_read |= read > 0;
                self.position = self.position.saturating_add(read as u64);
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => self.step_over(buffer, error),
        }
    }
}

impl<R: Read + Seek> Seek for GapReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.inner.seek(to)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;
    use std::vec;
    use std::vec::Vec;

    /// A file with bytes that cannot be read.
    struct Bad(Cursor<Vec<u8>>, Vec<u64>);

    impl Read for Bad {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let (at, length) = (self.0.position(), self.0.get_ref().len() as u64);
            let end = length.min(at + buffer.len() as u64);
            // A system reads up to the bad sector, and reports the error on the next read.
            let sectors = self.1.iter().map(|bad| bad / 512 * 512);
            match sectors.filter(|sector| at < end && *sector < end && sector + 512 > at).min() {
                Some(sector) if sector <= at => Err(io::Error::other("bad")),
                Some(sector) => {
                    let most = usize::try_from(sector - at).unwrap();
                    self.0.read(&mut buffer[..most])
                }
                None => self.0.read(buffer),
            }
        }
    }

    impl Seek for Bad {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    fn read(length: usize, bad: &[u64]) -> (io::Result<Vec<u8>>, Option<LostBytes>) {
        let inner = Bad(Cursor::new(vec![7; length]), bad.to_vec());
        let mut reader = GapReader::new(inner, length as u64);
        let mut bytes = Vec::new();
        let read = reader.read_to_end(&mut bytes).map(|_| bytes);
        (read, reader.lost())
    }

    #[test]
    fn bytes_around_a_gap_are_read_and_the_gap_is_stated() {
        let (bytes, lost) = read(20_000, &[5000, 12_288]);
        let bytes = bytes.unwrap();
        assert_eq!(bytes.len(), 20_000);
        // The sector of byte 5000 begins at 4608.
        let zeros: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] == 0).collect();
        assert_eq!(zeros, (4608..8192).chain(12_288..16_384).collect::<Vec<_>>());
        let lost = lost.unwrap();
        assert_eq!(lost, LostBytes { first: 4608, count: zeros.len() as u64 });
        assert_eq!(std::format!("{lost}"), "7680 bytes from file offset 0x1200 on");
    }

    #[test]
    fn gap_at_the_start_or_the_end_is_stated() {
        for (bad, first) in [(0, 0), (9000, 8704)] {
            let (bytes, lost) = read(9001, &[bad]);
            assert_eq!((bytes.unwrap().len(), lost.unwrap().first), (9001, first));
        }
        assert_eq!(read(9001, &[]).1, None);
        assert!(read(0, &[]).0.unwrap().is_empty());
    }

    #[test]
    fn file_without_a_readable_byte_is_an_error() {
        let bad: Vec<u64> = (0..20).map(|sector| sector * 512).collect();
        assert_eq!(read(9000, &bad).0.unwrap_err().to_string(), "bad");
    }
}
