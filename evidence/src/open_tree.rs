// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`open`]: opens an archive or a disk image, and [`SearchOptions`]: what that needs.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
use crate::archive::Archive;
use crate::carving::CarveSignatures;
use crate::container::FileContainer;
use crate::disk::Disk;
use crate::disk_image;
use crate::disk_tree::DiskTree;
use crate::file::Recognized;
use crate::memory_tree::MemoryTree;
use crate::stdin;
use crate::tree::{Omission, Tree};

/// How a search opens archives and disk images.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct SearchOptions {
    /// Recovery passwords of volumes that are encrypted with `BitLocker`. Each volume is tried with each.
    pub recovery_passwords: Vec<String>,
    /// What to carve from unallocated clusters; `None` to carve nothing.
    pub carving: Option<CarveSignatures>,
}

impl SearchOptions {
    /// Adds a recovery password of `BitLocker`: 8 groups of 6 digits.
    #[must_use]
    pub fn recovery_password(mut self, password: impl Into<String>) -> Self {
        self.recovery_passwords.push(password.into());
        self
    }

    /// Carves hives and matches of these signatures from the unallocated clusters of disk images.
    #[must_use]
    pub const fn carve(mut self, signatures: CarveSignatures) -> Self {
        self.carving = Some(signatures);
        self
    }
}

impl fmt::Debug for SearchOptions {
    /// Writes the number of passwords, but no password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let passwords = self.recovery_passwords.len();
        f.debug_struct("SearchOptions")
            .field("recovery_passwords", &passwords)
            .field("carving", &self.carving)
            .finish()
    }
}

/// An archive or a disk image that was opened.
pub(crate) struct Opened {
    /// Its files, and those of each disk image inside it, by the path of the archive or image.
    pub(crate) trees: Vec<(PathBuf, Box<dyn Tree>)>,
    /// Disk images inside it that could not be opened.
    pub(crate) omissions: Vec<Omission>,
}

/// Opens an archive or a disk image; `None` if calhive does not read this kind.
///
/// # Errors
/// If the file cannot be read as what its first bytes say.
pub(crate) fn open(
    path: &Path,
    container: FileContainer,
    options: &SearchOptions,
) -> io::Result<Option<Opened>> {
    if is_archive(container) {
        return open_archive(path, container, options).map(Some);
    }
    if !container.is_disk() || is_fragment(path, container) {
        return Ok(None);
    }
    let tree = DiskTree::open(path, container, &options.recovery_passwords)?;
    let trees = vec![(path.to_path_buf(), Box::new(tree) as Box<dyn Tree>)];
    Ok(Some(Opened { trees, omissions: Vec::new() }))
}

/// Whether a file is too small for a disk, although it starts like one: a copy of a boot sector.
fn is_fragment(path: &Path, container: FileContainer) -> bool {
    const SMALLEST: u64 = 512 << 10;
    let size = path.metadata().ok().filter(|it| it.is_file()).map(|it| it.len());
    container.is_raw_disk() && size.is_some_and(|size| size < SMALLEST)
}

/// Whether this build reads an archive of this kind.
const fn is_archive(container: FileContainer) -> bool {
    matches!(container, FileContainer::Zip) && cfg!(feature = "zip")
        || matches!(container, FileContainer::Tar) && cfg!(feature = "tar")
        || matches!(container, FileContainer::Gzip) && cfg!(feature = "gzip")
        || matches!(container, FileContainer::Zstd) && cfg!(feature = "zstd")
}

#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
fn open_archive(
    path: &Path,
    container: FileContainer,
    options: &SearchOptions,
) -> io::Result<Opened> {
    Ok(with_images(path, Archive::open(path, container)?, options))
}

#[cfg(not(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd")))]
fn open_archive(_: &Path, container: FileContainer, _: &SearchOptions) -> io::Result<Opened> {
    Err(io::Error::new(io::ErrorKind::Unsupported, container.to_string()))
}

/// Adds the disk images that an archive stores without compression.
#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
fn with_images(path: &Path, archive: Archive, options: &SearchOptions) -> Opened {
    let (images, format) = (archive.stored_images(), archive.format().to_owned());
    let mut opened =
        Opened { trees: vec![(path.into(), Box::new(archive))], omissions: Vec::new() };
    for (name, disk, container) in images {
        let input = path.join(&name);
        let image = disk_image::open_within(disk, &name.to_string_lossy(), container);
        let tree = image.and_then(|mut image| {
            image.format = format!("{format}, {}", image.format);
            DiskTree::of(&input, image, &options.recovery_passwords)
        });
        match tree {
            Ok(tree) => opened.trees.push((input, Box::new(tree))),
            Err(error) => {
                let why = error.to_string();
                opened.omissions.push(Omission { path: input, why, is_loss: true });
            }
        }
    }
    opened
}

/// Opens an archive or a disk image in memory. `path` stands for it. A file of another kind becomes the only file below
/// the path.
///
/// # Errors
/// If the bytes cannot be read as what they begin with.
pub(crate) fn open_bytes(
    path: &Path,
    bytes: Vec<u8>,
    options: &SearchOptions,
) -> io::Result<Opened> {
    let recognized = Recognized::of_file(&bytes);
    let Recognized::Container(container) = recognized else {
        let files = BTreeMap::from([(stdin::NAME.into(), bytes)]);
        let tree = MemoryTree::new(path, stdin::FORMAT, files);
        let trees = vec![(path.to_path_buf(), Box::new(tree) as Box<dyn Tree>)];
        return Ok(Opened { trees, omissions: Vec::new() });
    };
    let disk: Arc<dyn Disk> = Arc::new(bytes);
    #[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
    if is_archive(container) {
        return Ok(with_images(path, Archive::of_disk(disk, path, container)?, options));
    }
    let image = disk_image::open_within(disk, &path.to_string_lossy(), container)?;
    let tree = DiskTree::of(path, image, &options.recovery_passwords)?;
    let trees = vec![(path.to_path_buf(), Box::new(tree) as Box<dyn Tree>)];
    Ok(Opened { trees, omissions: Vec::new() })
}

/// Returns the first segment of a split image, if a file in a folder is a later segment.
pub(crate) fn first_segment(path: &Path, recognized: Recognized) -> Option<PathBuf> {
    match recognized {
        Recognized::Container(container) => disk_image::first_segment(path, container),
        // Later segments of a raw image begin with any bytes.
        Recognized::Other | Recognized::Empty => {
            disk_image::first_segment(path, FileContainer::Mbr)
        }
        _ => None,
    }
}
