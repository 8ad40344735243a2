// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Tree`]: the files inside an archive or a disk image.

use core::fmt;
use core::ops::ControlFlow;
use std::io;
use std::path::{Path, PathBuf};

use calhive_regf::LostBytes;

use crate::carving::{CarveSignatures, CarvedMatch};
use crate::escape;
use crate::image_hash::ImageHash;
use crate::locator::Locator;

/// The files inside an archive or a disk image. A tree lists the files that can matter: hives, logs, exports,
/// license files and files that can corroborate hives.
pub(crate) trait Tree: Send + Sync + fmt::Debug {
    /// Returns the format of the input, such as `E01` or `zip`.
    fn format(&self) -> &str;

    /// Returns the files, sorted by path. No two have the same path.
    fn members(&self) -> &[Member];

    /// Returns the first bytes of a file, at most `most`. `at` is the index of the file.
    ///
    /// # Errors
    /// If the file cannot be read.
    fn head(&self, at: usize, most: usize) -> io::Result<Vec<u8>>;

    /// Returns all bytes of a file, with zeros in the place of the bytes that the system cannot read. `at` is the index
    /// of the file.
    ///
    /// # Errors
    /// If the file cannot be read for another reason, or if the bytes around the gaps depend on those in them.
    fn read(&self, at: usize) -> io::Result<(Vec<u8>, Option<LostBytes>)>;

    /// Returns what the tree does not list, or lists only in part, with the reasons.
    fn omissions(&self) -> &[Omission];

    /// Returns the number of bytes read from the input so far.
    fn bytes_read(&self) -> u64;

    /// Returns the number of bytes of files that the tree keeps in memory.
    fn kept(&self) -> u64 {
        0
    }

    /// Frees this memory. The files are read from the input again.
    fn release(&mut self) {}

    /// Adds what can be carved from unallocated clusters to the files. `input` is the path of the disk image. Breaks
    /// if `goes_on` breaks.
    fn carve(
        &mut self,
        _input: &Path,
        _: CarveSignatures,
        _goes_on: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Returns the match of signatures in unallocated clusters that a file is; `None` for any other file.
    fn carved(&self, _: usize) -> Option<CarvedMatch> {
        None
    }

    /// Returns the hashes of the disk that its image stores; `None` if the input stores none.
    fn image_hash(&self) -> Option<ImageHash> {
        None
    }

    /// Returns the further files that belong to the input, such as the segments of a split image.
    fn segments(&self) -> &[PathBuf] {
        &[]
    }
}

/// A file inside an archive or a disk image.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Path below the input. For a disk image, it starts with the volume: `partition 2/Windows/…`,
    /// `partition 2/shadow copy 1/Windows/…`. Never absolute, and without `..`.
    pub(crate) path: PathBuf,
    /// Size in bytes.
    #[cfg_attr(
        not(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd")),
        allow(dead_code, reason = "archives compare it")
    )]
    pub(crate) size: u64,
    /// Where a second tool finds the file.
    pub(crate) locator: Locator,
}

/// Something inside an input that was not read, or not whole: an entry, a partition, a volume or a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Omission {
    /// Path, beginning with the path of the input.
    pub path: PathBuf,
    /// Why it was not read, and what to do if known, as the end of a sentence that starts with the path.
    pub why: String,
    /// Whether evidence can be missing. If not, nothing in it belongs to a report.
    pub is_loss: bool,
}

impl fmt::Display for Omission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", escape::path(&self.path), self.why)
    }
}
