// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Image`]: the bytes of a file, read or mapped. The only `unsafe` of the library.

use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use alloc::vec::Vec;

use crate::error::FileError;

/// A hive has offsets of 32 bits, so no more than this can belong to one.
const MOST_TO_READ: u64 = (u32::MAX as u64) + 4096;

/// How a mapped file will be gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Access {
    /// Nothing is known; the system decides.
    #[default]
    Normal,
    /// A few keys are looked up: the system reads no more than the pages touched.
    Random,
    /// The whole file is gone through in order.
    Sequential,
    /// The whole file is gone through in any order: it is read in at once.
    Populate,
}

/// The bytes of a file. The file is opened for reading only, and never written to.
///
/// ```
/// # let path = std::env::temp_dir().join(format!("calhive-doc-{}", std::process::id()));
/// # std::fs::write(&path, b"regf")?;
/// let image = calhive::Image::read(&path)?;
/// assert_eq!(image.bytes(), b"regf");
/// assert!(!image.has_changed());
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Image {
    content: Content,
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
    /// Whether it is a copy that may differ from the file.
    is_copy: bool,
}

#[derive(Debug)]
enum Content {
    Owned(Vec<u8>),
    #[cfg(feature = "mmap")]
    Mapped(memmap2::Mmap),
    /// Copied where it is written to; the rest is the file's.
    #[cfg(feature = "mmap")]
    Private(memmap2::MmapMut),
}

impl Image {
    /// Reads a whole file into memory.
    ///
    /// # Errors
    /// Where it cannot be opened or read, is no regular file, or is larger than any hive (4 GiB).
    pub fn read(path: impl Into<PathBuf>) -> Result<Self, FileError> {
        let path = path.into();
        let read = || {
            let (file, metadata) = open(&path)?;
            if metadata.len() > MOST_TO_READ {
                let message = "larger than any hive can be (4 GiB)";
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
            }
            let mut bytes = Vec::new();
            file.take(MOST_TO_READ).read_to_end(&mut bytes)?;
            Ok((Content::Owned(bytes), metadata))
        };
        match read() {
            Ok((content, metadata)) => Ok(Self::new(content, path, &metadata)),
            Err(source) => Err(FileError::new(path, source)),
        }
    }

    /// Maps a file, read-only. Nothing is copied.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("calhive-map-{}", std::process::id()));
    /// # std::fs::write(&path, b"regf")?;
    /// use calhive::{Access, Image};
    /// // SAFETY: nobody else writes to this copy of the evidence.
    /// let image = unsafe { Image::map(&path, Access::Random)? };
    /// assert_eq!(image.bytes(), b"regf");
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Safety
    /// As long as the image lives, nobody, in this process or another, may write to the file or cut
    /// it short. The bytes are handed out as `&[u8]`, and the compiler takes them for unchanging.
    /// Where a file is cut nevertheless, touching a lost page raises SIGBUS on Unix whatever the
    /// flags of the mapping; calhive's command contains that, other programs must do so themselves or
    /// use [`read`](Self::read). Advisory locks do not help: they bind only those who ask for them.
    /// The same holds for images made from this one.
    ///
    /// # Errors
    /// Where the file cannot be opened or mapped, or is no regular file.
    #[cfg(feature = "mmap")]
    #[allow(unsafe_code, reason = "mapping is what this file is for; the contract is above")]
    pub unsafe fn map(path: impl Into<PathBuf>, access: Access) -> Result<Self, FileError> {
        let path = path.into();
        let map = || {
            let (file, metadata) = open(&path)?;
            if metadata.len() == 0 {
                return Ok((Content::Owned(Vec::new()), metadata));
            }
            let mut options = memmap2::MmapOptions::new();
            if access == Access::Populate {
                options.populate();
            }
            // SAFETY: the caller promises that nobody changes the file while the image lives.
            let mapped = unsafe { options.map(&file)? };
            advise(&mapped, access);
            Ok((Content::Mapped(mapped), metadata))
        };
        match map() {
            Ok((content, metadata)) => Ok(Self::new(content, path, &metadata)),
            Err(source) => Err(FileError::new(path, source)),
        }
    }

    fn new(content: Content, path: PathBuf, metadata: &Metadata) -> Self {
        let (length, modified) = (metadata.len(), metadata.modified().ok());
        Self { content, path, length, modified, is_copy: false }
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Owned(bytes) => bytes,
            #[cfg(feature = "mmap")]
            Content::Mapped(mapped) => mapped,
            #[cfg(feature = "mmap")]
            Content::Private(mapped) => mapped,
        }
    }

    /// The bytes of a private copy, to be written to; `None` for the image of a file itself.
    pub(crate) fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        match &mut self.content {
            Content::Owned(bytes) if self.is_copy => Some(bytes),
            #[cfg(feature = "mmap")]
            Content::Private(mapped) => Some(mapped),
            _ => None,
        }
    }

    /// A copy of the first `length` bytes, with zeros behind what the file has. Of a mapped file only
    /// the pages that are written to are copied, unless it has to grow.
    ///
    /// # Errors
    /// Where the file cannot be mapped again.
    pub(crate) fn private_copy(&self, length: usize) -> Result<Self, FileError> {
        let content = match &self.content {
            #[cfg(feature = "mmap")]
            Content::Mapped(mapped) if length <= mapped.len() && !mapped.is_empty() => {
                self.mapped_copy().map_err(|error| FileError::new(&self.path, error))?
            }
            _ => {
                let mut bytes = self.bytes().to_vec();
                if length > bytes.len() {
                    bytes.resize(length, 0);
                }
                Content::Owned(bytes)
            }
        };
        let path = self.path.clone();
        Ok(Self { content, path, length: self.length, modified: self.modified, is_copy: true })
    }

    /// An image of `length` zeros beside the same file, to be written to. Pages that are not written
    /// to take no memory where images can be mapped.
    ///
    /// # Errors
    /// Where the system has no room for it.
    pub(crate) fn zeros(&self, length: usize) -> io::Result<Self> {
        #[cfg(feature = "mmap")]
        let content = Content::Private(memmap2::MmapOptions::new().len(length).map_anon()?);
        #[cfg(not(feature = "mmap"))]
        let content = Content::Owned(alloc::vec![0; length]);
        let path = self.path.clone();
        Ok(Self { content, path, length: self.length, modified: self.modified, is_copy: true })
    }

    #[cfg(feature = "mmap")]
    #[allow(
        unsafe_code,
        reason = "mapping is what this file is for; the contract is that of `map`"
    )]
    fn mapped_copy(&self) -> io::Result<Content> {
        let (file, _) = open(&self.path)?;
        // SAFETY: the caller of `map` has promised that nobody changes the file while images of it
        // live; what is written goes to pages of this process alone.
        let mapped = unsafe { memmap2::MmapOptions::new().map_copy(&file)? };
        Ok(Content::Private(mapped))
    }

    /// The file that it is an image of.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file has another length or time of modification by now than when it was opened:
    /// then what was read of it may be of two states.
    pub fn has_changed(&self) -> bool {
        self.path
            .metadata()
            .map_or(true, |now| now.len() != self.length || now.modified().ok() != self.modified)
    }
}

/// Opens a regular file for reading.
fn open(path: &Path) -> io::Result<(File, Metadata)> {
    // Asked for before it is opened: opening a pipe would wait for a writer.
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    Ok((file, metadata))
}

/// Advice is a hint: a system that refuses it loses speed only.
#[cfg(all(feature = "mmap", unix))]
fn advise(mapped: &memmap2::Mmap, access: Access) {
    use memmap2::Advice;
    let _ = match access {
        Access::Normal | Access::Populate => Ok(()),
        Access::Random => mapped.advise(Advice::Random),
        Access::Sequential => mapped.advise(Advice::Sequential),
    };
}

#[cfg(all(feature = "mmap", not(unix)))]
fn advise(_: &memmap2::Mmap, _: Access) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_regular_file_is_refused_with_its_name() {
        let error = Image::read(std::env::temp_dir()).unwrap_err();
        assert!(error.to_string().ends_with("not a regular file"), "{error}");
        let error = Image::read("no/such/file").unwrap_err();
        assert_eq!(error.path(), Path::new("no/such/file"));
    }

    #[test]
    fn a_change_is_noticed() {
        let path = std::env::temp_dir().join(std::format!("calhive-image-{}", std::process::id()));
        std::fs::write(&path, b"before").unwrap();
        let image = Image::read(&path).unwrap();
        assert!(!image.has_changed());
        std::fs::write(&path, b"afterwards").unwrap();
        assert!(image.has_changed());
        assert_eq!(image.bytes(), b"before");
        std::fs::remove_file(&path).unwrap();
    }
}
