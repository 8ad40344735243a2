// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`FileDisk`]: a file as a disk.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::disk::{Disk, past_end};

/// A regular file, opened read-only.
#[derive(Debug)]
pub(crate) struct FileDisk {
    file: File,
    size: u64,
}

impl FileDisk {
    /// Opens a regular file.
    ///
    /// # Errors
    /// If the file is not a regular file, or cannot be opened.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // The check precedes opening, because opening a pipe waits for a writer.
        if !path.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, size })
    }
}

impl Disk for FileDisk {
    fn size(&self) -> u64 {
        self.size
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        use std::os::unix::fs::FileExt as _;
        let length = buffer.len();
        self.file.read_exact_at(buffer, offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => past_end(offset, length, self.size),
            _ => error,
        })
    }

    #[cfg(not(unix))]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        use std::os::windows::fs::FileExt as _;
        let (mut at, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            let read = self.file.seek_read(rest, at)?;
            if read == 0 {
                return Err(past_end(offset, rest.len(), self.size));
            }
            at = at.saturating_add(read as u64);
            rest = rest.get_mut(read..).unwrap_or_default();
        }
        Ok(())
    }
}
