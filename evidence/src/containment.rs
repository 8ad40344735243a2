// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Contained`]: a reader from a foreign crate as a disk. A panic inside it becomes an error.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

use crate::disk::{Disk, past_end};
use crate::foreign;
use crate::structure::damaged;

/// Calls a foreign crate.
///
/// # Errors
/// If the call fails or panics.
pub(crate) fn contained<T>(call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let panicked = || Err(damaged("the reader of this format failed on damaged bytes"));
    foreign::call(call).unwrap_or_else(panicked)
}

/// A disk over a reader with a position.
pub(crate) struct Contained<R> {
    reader: Mutex<R>,
    size: u64,
}

impl<R: Read + Seek> Contained<R> {
    /// Returns a disk of `size` bytes.
    pub(crate) const fn new(reader: R, size: u64) -> Self {
        Self { reader: Mutex::new(reader), size }
    }

    /// Calls the reader. Each read seeks first, so a panic leaves no wrong position.
    ///
    /// # Errors
    /// If the call fails or panics.
    pub(crate) fn call<T>(&self, call: impl FnOnce(&mut R) -> io::Result<T>) -> io::Result<T> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        contained(|| call(&mut reader))
    }
}

impl<R: Read + Seek + Send> Disk for Contained<R> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let length = buffer.len();
        if offset.checked_add(length as u64).is_none_or(|end| end > self.size) {
            return Err(past_end(offset, length, self.size));
        }
        self.call(|reader| {
            reader.seek(SeekFrom::Start(offset))?;
            let mut rest = buffer;
            while !rest.is_empty() {
                let read = reader.read(rest)?;
                if read == 0 {
                    let missing = rest.len();
                    let message = format!(
                        "{missing} of {length} bytes at offset {offset:#x} are missing: the file is cut \
                         short or damaged"
                    );
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
                }
                rest = rest.get_mut(read..).unwrap_or_default();
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader of 10 bytes that panics at offset 8.
    struct Fragile(io::Cursor<Vec<u8>>);

    impl Read for Fragile {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            assert_ne!(self.0.position(), 8);
            self.0.read(buffer)
        }
    }

    impl Seek for Fragile {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn panic_and_early_end_become_errors() {
        let disk = Contained::new(Fragile(io::Cursor::new((0..10).collect())), 12);
        let mut buffer = [0; 2];
        let error = disk.read_at(8, &mut buffer).unwrap_err();
        assert_eq!(error.to_string(), "the reader of this format failed on damaged bytes");
        disk.read_at(2, &mut buffer).unwrap();
        assert_eq!(buffer, [2, 3]);
        let error = disk.read_at(9, &mut buffer).unwrap_err();
        assert!(error.to_string().starts_with("1 of 2 bytes at offset 0x9 are missing"));
        assert!(disk.read_at(u64::MAX - 1, &mut buffer).is_err());
    }
}
