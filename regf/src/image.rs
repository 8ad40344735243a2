// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Image`]: the bytes of a file, read or mapped. Only this file of the library uses `unsafe`.

use std::fs::{File, FileType, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use alloc::vec::Vec;

use crate::error::FileError;
use crate::gap_reader::{GapReader, LostBytes};

/// Largest possible hive in bytes: the base block and all bytes that 32-bit offsets reach.
const MOST_TO_READ: u64 = (u32::MAX as u64) + 4096;

/// Expected access to a mapped file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AccessPattern {
    /// No expectation. The operating system decides.
    #[default]
    Normal,
    /// Look-ups of a few keys. The operating system reads only the pages touched.
    Random,
    /// The whole file in order.
    Sequential,
    /// The whole file in any order. The operating system reads all pages at once.
    Populate,
}

/// Bytes of a file. calhive opens the file read-only and never modifies the file.
///
/// ```
/// # let path = std::env::temp_dir().join(format!("calhive-doc-{}", std::process::id()));
/// # std::fs::write(&path, b"regf")?;
/// let image = calhive_regf::Image::read(&path)?;
/// assert_eq!(image.bytes(), b"regf");
/// assert!(!image.has_changed());
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Image {
    content: Content,
    path: PathBuf,
    file: OnDisk,
    /// Whether the image is a copy that can differ from the file.
    is_copy: bool,
    lost: Option<LostBytes>,
}

/// The file on disk that an image comes from, as it was when it was opened.
#[derive(Clone, Debug)]
struct OnDisk {
    /// Path of the file; `None` if the bytes come from no file.
    path: Option<PathBuf>,
    length: u64,
    modified: Option<SystemTime>,
}

#[derive(Debug)]
enum Content {
    Owned(Vec<u8>),
    #[cfg(feature = "mmap")]
    Mapped(memmap2::Mmap),
    /// Copy-on-write mapping. The process shares unwritten pages with the file.
    #[cfg(feature = "mmap")]
    Private(memmap2::MmapMut),
}

impl Image {
    /// Reads a whole file into memory. Zeros replace the parts that the disk cannot read: see
    /// [`lost`](Self::lost).
    ///
    /// # Errors
    /// If the file cannot be opened, no byte of it can be read, it is not a regular file, or it is larger than 4 GiB.
    pub fn read(path: impl Into<PathBuf>) -> Result<Self, FileError> {
        let path = path.into();
        let read = || {
            let (file, metadata) = open(&path)?;
            if metadata.len() > MOST_TO_READ {
                let message = "larger than 4 GiB, the maximum size of a hive";
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
            }
            let (mut bytes, mut reader) = (Vec::new(), GapReader::new(file, metadata.len()));
            Read::by_ref(&mut reader).take(MOST_TO_READ).read_to_end(&mut bytes)?;
            Ok((Content::Owned(bytes), metadata, reader.lost()))
        };
        match read() {
            Ok((content, metadata, lost)) => {
                Ok(Self { lost, ..Self::new(content, path, &metadata) })
            }
            Err(source) => Err(FileError::new(path, source)),
        }
    }

    /// Maps a file read-only, without copying.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("calhive-map-{}", std::process::id()));
    /// # std::fs::write(&path, b"regf")?;
    /// use calhive_regf::{AccessPattern, Image};
    /// // SAFETY: nobody else writes to this copy of the evidence.
    /// let image = unsafe { Image::map(&path, AccessPattern::Random)? };
    /// assert_eq!(image.bytes(), b"regf");
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Safety
    /// While the image exists, no process may write to the file or truncate the file. Rust assumes
    /// that the bytes of a `&[u8]` never change. The same condition holds for images that are made
    /// from this image.
    ///
    /// If the file is truncated nevertheless, access to a lost page raises SIGBUS on Unix. No
    /// mapping flag prevents the signal. The calhive command handles the signal. Other programs
    /// must do the same or use [`read`](Self::read). Advisory locks do not help, because other
    /// programs can ignore them.
    ///
    /// # Errors
    /// If the file cannot be opened or mapped, or is not a regular file.
    #[cfg(feature = "mmap")]
    #[allow(unsafe_code, reason = "mapping is what this file is for; the contract is above")]
    pub unsafe fn map(path: impl Into<PathBuf>, access: AccessPattern) -> Result<Self, FileError> {
        let path = path.into();
        let map = || {
            let (file, metadata) = open(&path)?;
            if metadata.len() == 0 {
                return Ok((Content::Owned(Vec::new()), metadata));
            }
            let mut options = memmap2::MmapOptions::new();
            if access == AccessPattern::Populate {
                options.populate();
            }
            // SAFETY: the caller promises that nobody changes the file while the image exists.
            let mapped = unsafe { options.map(&file)? };
            advise(&mapped, access);
            Ok((Content::Mapped(mapped), metadata))
        };
        match map() {
            Ok((content, metadata)) => Ok(Self::new(content, path, &metadata)),
            Err(source) => Err(FileError::new(path, source)),
        }
    }

    /// Returns an image of bytes that the caller read from inside another file, such as an archive or a disk image.
    /// `path` names the bytes in messages. [`has_changed`](Self::has_changed) compares the other file.
    ///
    /// ```
    /// # let file = std::env::temp_dir().join(format!("calhive-inside-{}", std::process::id()));
    /// # std::fs::write(&file, b"PK regf")?;
    /// let image = calhive_regf::Image::inside("triage.zip/SYSTEM", &file, b"regf".to_vec())?;
    /// assert_eq!(image.bytes(), b"regf");
    /// assert!(!image.has_changed());
    /// # std::fs::remove_file(&file)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If the metadata of the other file cannot be read.
    pub fn inside(
        path: impl Into<PathBuf>,
        file: &Path,
        bytes: Vec<u8>,
    ) -> Result<Self, FileError> {
        let metadata = file.metadata().map_err(|error| FileError::new(file, error))?;
        let file = OnDisk::new(file.into(), &metadata);
        Ok(Self {
            content: Content::Owned(bytes),
            path: path.into(),
            file,
            is_copy: false,
            lost: None,
        })
    }

    /// Returns an image of bytes that come from no file, such as standard input. `path` names the bytes in
    /// messages.
    pub fn of_bytes(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Self {
        let file = OnDisk { path: None, length: bytes.len() as u64, modified: None };
        Self { content: Content::Owned(bytes), path: path.into(), file, is_copy: false, lost: None }
    }

    fn new(content: Content, path: PathBuf, metadata: &Metadata) -> Self {
        let file = OnDisk::new(path.clone(), metadata);
        Self { content, path, file, is_copy: false, lost: None }
    }

    /// Returns the bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Owned(bytes) => bytes,
            #[cfg(feature = "mmap")]
            Content::Mapped(mapped) => mapped,
            #[cfg(feature = "mmap")]
            Content::Private(mapped) => mapped,
        }
    }

    /// Returns the bytes of a private copy for writing, or `None` for the image of a file.
    pub(crate) fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        match &mut self.content {
            Content::Owned(bytes) if self.is_copy => Some(bytes),
            #[cfg(feature = "mmap")]
            Content::Private(mapped) => Some(mapped),
            _ => None,
        }
    }

    /// Copies the first `length` bytes, with zeros after the end of the file. If the file is mapped
    /// and at least as long as the copy, only written pages take memory.
    ///
    /// # Errors
    /// If the file cannot be mapped again.
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
        Ok(Self { content, path, file: self.file.clone(), is_copy: true, lost: self.lost })
    }

    /// Creates a writable image of zeros with the path of this file. With the feature `mmap`, only
    /// written pages take memory.
    ///
    /// # Errors
    /// If the memory is not available.
    pub(crate) fn zeros(&self, length: usize) -> Result<Self, FileError> {
        #[cfg(feature = "mmap")]
        let content = memmap2::MmapMut::map_anon(length).map(Content::Private);
        #[cfg(not(feature = "mmap"))]
        let content = {
            let mut bytes = Vec::new();
            bytes.try_reserve_exact(length).map_err(|_| io::ErrorKind::OutOfMemory.into()).map(
                |()| {
                    bytes.resize(length, 0);
                    Content::Owned(bytes)
                },
            )
        };
        let content = content.map_err(|error: io::Error| FileError::new(&self.path, error))?;
        let path = self.path.clone();
        Ok(Self { content, path, file: self.file.clone(), is_copy: true, lost: None })
    }

    #[cfg(feature = "mmap")]
    #[allow(
        unsafe_code,
        reason = "mapping is what this file is for; the contract is that of `map`"
    )]
    fn mapped_copy(&self) -> io::Result<Content> {
        let (file, _) = open(&self.path)?;
        // SAFETY: the caller of `map` promises that nobody changes the file while its images exist.
        // Writes go to private pages of this process.
        let mapped = unsafe { memmap2::MmapOptions::new().map_copy(&file)? };
        Ok(Content::Private(mapped))
    }

    /// States that zeros replace these bytes, for an image of [`inside`](Self::inside).
    #[must_use]
    pub fn with_lost(mut self, lost: Option<LostBytes>) -> Self {
        self.lost = lost;
        self
    }

    /// Returns the bytes that the disk could not read. Zeros are in their place. `None` if all were read, and for a
    /// mapped file: there, the operating system reports a lost page on access.
    pub const fn lost(&self) -> Option<LostBytes> {
        self.lost
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether the length or the modification time of the file changed after calhive opened
    /// the file. If so, the bytes read can come from two states of the file. A deleted file counts
    /// as changed. Bytes that come from no file never change.
    pub fn has_changed(&self) -> bool {
        let OnDisk { path: Some(path), length, modified } = &self.file else { return false };
        path.metadata().map_or(true, |now| now.len() != *length || now.modified().ok() != *modified)
    }
}

impl OnDisk {
    fn new(path: PathBuf, metadata: &Metadata) -> Self {
        Self { path: Some(path), length: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// Opens a regular file for reading.
fn open(path: &Path) -> io::Result<(File, Metadata)> {
    open_without_waiting(path, FileType::is_file)
}

/// Opens a file for reading if its type is one that `accepts` allows. Never waits for the writer of a pipe, even if
/// a pipe replaces the file during the call.
///
/// ```
/// let error = calhive_regf::image::open_without_waiting("/".as_ref(), |kind| kind.is_file()).unwrap_err();
/// assert_eq!(error.to_string(), "not a regular file");
/// ```
///
/// # Errors
/// If the file cannot be opened, or if `accepts` refuses its type.
pub fn open_without_waiting(
    path: &Path,
    accepts: impl Fn(&FileType) -> bool,
) -> io::Result<(File, Metadata)> {
    // A device can act when it is opened, so the type is checked before and after.
    if !accepts(&path.metadata()?.file_type()) {
        return Err(refusal());
    }
    open_and_check(path, accepts)
}

fn open_and_check(
    path: &Path,
    accepts: impl Fn(&FileType) -> bool,
) -> io::Result<(File, Metadata)> {
    let mut options = File::options();
    options.read(true);
    #[cfg(all(unix, not(calhive_portable)))]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if accepts(&metadata.file_type()) { Ok((file, metadata)) } else { Err(refusal()) }
}

fn refusal() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}

/// Passes the access pattern to the operating system. If the operating system refuses, only speed
/// suffers.
#[cfg(all(feature = "mmap", unix, not(calhive_portable)))]
fn advise(mapped: &memmap2::Mmap, access: AccessPattern) {
    use memmap2::Advice;
    let _ = match access {
        AccessPattern::Normal | AccessPattern::Populate => Ok(()),
        AccessPattern::Random => mapped.advise(Advice::Random),
        AccessPattern::Sequential => mapped.advise(Advice::Sequential),
    };
}

#[cfg(all(feature = "mmap", any(not(unix), calhive_portable)))]
fn advise(_: &memmap2::Mmap, _: AccessPattern) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_path_is_refused_with_its_name() {
        let error = Image::read(std::env::temp_dir()).unwrap_err();
        assert!(error.to_string().ends_with("not a regular file"), "{error}");
        let error = Image::read("no/such/file").unwrap_err();
        assert_eq!(error.path(), Path::new("no/such/file"));
    }

    #[cfg(all(unix, not(calhive_portable)))]
    #[test]
    fn pipe_that_replaces_a_file_before_it_is_opened_is_refused_at_once() {
        let path = std::env::temp_dir().join(std::format!("calhive-pipe-{}", std::process::id()));
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let (done, result) = std::sync::mpsc::channel();
        let pipe = path.clone();
        std::thread::spawn(move || done.send(open_and_check(&pipe, FileType::is_file).map(drop)));
        let result = result.recv_timeout(core::time::Duration::from_secs(10));
        std::fs::remove_file(&path).unwrap();
        let error = result.map_err(|_| "opening waits for a writer").unwrap().unwrap_err();
        assert_eq!(error.to_string(), "not a regular file");
    }

    #[test]
    fn rewritten_file_counts_as_changed() {
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
