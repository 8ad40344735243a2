// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`RawFile`]: a file or a block device, read at offsets.

use std::io::{self, Seek as _, SeekFrom};
use std::path::Path;
#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
use std::path::PathBuf;

use crate::disk::{Disk, past_end};
use crate::file::open;
use crate::source_file::SourceFile;

/// A regular file or a block device, opened for reading only.
#[derive(Debug)]
pub(crate) struct RawFile {
    file: SourceFile,
    size: u64,
}

impl RawFile {
    /// Opens a file or a block device.
    ///
    /// # Errors
    /// If the path is neither, or if it cannot be opened.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut file = open(path).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => {
                io::Error::new(error.kind(), "not a regular file or a block device")
            }
            _ => error,
        })?;
        // The metadata of a device have no size.
        let size = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, size })
    }
}

/// A regular file that is opened for each read. An archive is one of many, and the system limits open files.
#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
#[derive(Debug)]
pub(crate) struct ReopenedFile {
    path: PathBuf,
    size: u64,
}

#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
impl ReopenedFile {
    /// Checks that a file can be opened.
    ///
    /// # Errors
    /// If the path is no file, or if it cannot be opened.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.into(), size: RawFile::open(path)?.size })
    }
}

#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
impl Disk for ReopenedFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let file = RawFile::open(&self.path)?;
        if file.size != self.size {
            let message = format!("the file has {} bytes, and had {}", file.size, self.size);
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        file.read_at(offset, buffer)
    }
}

impl Disk for RawFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let length = buffer.len();
        let is_inside = offset.checked_add(length as u64).is_some_and(|end| end <= self.size);
        let (mut at, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            if !is_inside {
                return Err(past_end(offset, length, self.size));
            }
            match self.file.read_at(at, rest) {
                Ok(0) => {
                    let size = self.size;
                    let message = format!("the file ends at offset {at:#x}, and had {size} bytes");
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
                }
                Ok(read) => {
                    at = at.saturating_add(read as u64);
                    rest = rest.get_mut(read..).unwrap_or_default();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn file_that_shrinks_while_it_is_read_is_an_error() {
        let folder = crate::scratch::Scratch::new("shrinks");
        let path = folder.file("disk.raw", &[7; 2000]);
        let disk = RawFile::open(&path).unwrap();
        let mut buffer = [0; 1000];
        disk.read_at(1000, &mut buffer).unwrap();
        assert_eq!(buffer, [7; 1000]);
        assert!(disk.read_at(1001, &mut buffer).is_err());
        assert!(disk.read_at(u64::MAX, &mut buffer).is_err());
        File::options().write(true).open(&path).unwrap().set_len(1500).unwrap();
        let error = disk.read_at(1000, &mut buffer).unwrap_err();
        assert_eq!(error.to_string(), "the file ends at offset 0x5dc, and had 2000 bytes");
    }

    #[test]
    fn folder_is_neither_file_nor_device() {
        let folder = crate::scratch::Scratch::new("not_a_file");
        let path = folder.file("x/y", b"");
        let error = RawFile::open(path.parent().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "not a regular file or a block device");
    }
}
