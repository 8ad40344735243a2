// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`SourceFile`]: a file of the evidence, and [`Unreadable`]: a part of it that the system cannot read.

use core::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::escape;

/// A file of the evidence, opened for reading only. Its errors state the name of the file and the offset.
#[derive(Debug)]
pub(crate) struct SourceFile {
    file: File,
    path: PathBuf,
    position: u64,
}

/// Part of a file that the system cannot read, for example because of a bad sector.
#[derive(Debug)]
pub(crate) struct Unreadable {
    name: String,
    offset: u64,
    cause: io::Error,
}

impl SourceFile {
    /// Returns an open file with its path.
    pub(crate) fn new(file: File, path: &Path) -> Self {
        Self { file, path: path.into(), position: 0 }
    }

    /// Reads some bytes from an offset on. Returns their number, 0 at the end.
    ///
    /// # Errors
    /// If the system cannot read them.
    pub(crate) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(test)]
        let read = crate::bad_sectors::readable(&self.path, offset, buffer)
            .and_then(|buffer| read_some(&self.file, offset, buffer));
        #[cfg(not(test))]
        let read = read_some(&self.file, offset, buffer);
        read.map_err(|cause| {
            let name =
                self.path.file_name().map_or_else(String::new, |it| escape::path(it.as_ref()));
            io::Error::new(cause.kind(), Unreadable { name, offset, cause })
        })
    }
}

#[cfg(all(unix, not(calhive_portable)))]
fn read_some(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(all(windows, not(calhive_portable)))]
fn read_some(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Moves the position of the file. All copies of the file share this position, so one thread reads at a time.
#[cfg(any(not(any(unix, windows)), calhive_portable))]
fn read_some(mut file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    static POSITION: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one_at_a_time = POSITION.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.seek(SeekFrom::Start(offset))?;
    file.read(buffer)
}

impl Read for SourceFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.read_at(self.position, buffer)?;
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}

impl Seek for SourceFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = match to {
            SeekFrom::Start(offset) => offset,
            SeekFrom::Current(_) => {
                self.file.seek(SeekFrom::Start(self.position))?;
                self.file.seek(to)?
            }
            SeekFrom::End(_) => self.file.seek(to)?,
        };
        Ok(self.position)
    }
}

impl Unreadable {
    /// Whether an error of a disk is about a part that the system cannot read.
    pub(crate) fn is_cause_of(error: &io::Error) -> bool {
        error.get_ref().is_some_and(<dyn core::error::Error + Send + Sync>::is::<Self>)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, offset, cause } = self;
        write!(f, "{cause}, at offset {offset:#x} of {name}")
    }
}

impl core::error::Error for Unreadable {}
