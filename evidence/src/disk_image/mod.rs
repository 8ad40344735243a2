// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`OpenDisk`]: the disk inside an image: raw, split, E01, VHD, VHDX, VMDK or QCOW2.

#[cfg(feature = "ewf")]
mod ewf;
#[cfg_attr(
    not(feature = "ewf"),
    allow(dead_code, reason = "without E01, only the first segment counts")
)]
mod ewf_segments;
#[cfg(any(feature = "ewf", feature = "qcow2"))]
mod inflate;
#[cfg(feature = "qcow2")]
mod qcow2;
mod raw;
#[cfg(feature = "ewf")]
mod sections;
mod split;
#[cfg(test)]
mod tests;
#[cfg_attr(not(feature = "ewf"), allow(dead_code, reason = "only an E01 stores hashes"))]
mod verification;
mod vhd;
#[cfg(feature = "vhdx")]
mod vhdx;
#[cfg(feature = "vmdk")]
mod vmdk;
#[cfg(feature = "vmdk")]
mod vmdk_descriptor;

#[cfg(feature = "vmdk")]
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::container::FileContainer;
use crate::disk::Disk;
use crate::image_hash::{ImageHash, ImageHashState};
use crate::structure::unsupported;

pub(crate) use raw::RawFile;
#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
pub(crate) use raw::ReopenedFile;
#[allow(unused_imports, reason = "the verification of images uses them")]
pub(crate) use verification::{HashState, Verified, verify};

/// Hashes of a disk that its image stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredHashes {
    /// MD5 of all bytes of the disk.
    pub(crate) md5: Option<[u8; 16]>,
    /// SHA-1 of all bytes of the disk.
    pub(crate) sha1: Option<[u8; 20]>,
}

impl StoredHashes {
    /// Returns the hashes for a report; `None` without a hash.
    pub(crate) fn report(&self, state: ImageHashState) -> Option<ImageHash> {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let (md5, sha1) = (self.md5.map(|it| hex(&it)), self.sha1.map(|it| hex(&it)));
        (md5.is_some() || sha1.is_some()).then_some(ImageHash { md5, sha1, state })
    }
}

/// The disk in an image.
pub(crate) struct OpenDisk {
    /// The decoded bytes.
    pub(crate) disk: Arc<dyn Disk>,
    /// Number of bytes that the files of the image store.
    pub(crate) stored: u64,
    /// Name of the format, such as `E01`.
    pub(crate) format: String,
    /// All files that were opened: the image, its segments, extents and parents.
    pub(crate) files: Vec<PathBuf>,
    /// Hashes that an E01 stores.
    pub(crate) image_hash: StoredHashes,
    /// Faults that leave a part of the disk unreadable, such as a missing last segment.
    pub(crate) faults: Vec<String>,
}

impl fmt::Debug for OpenDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenDisk")
            .field("format", &self.format)
            .field("files", &self.files)
            .finish()
    }
}

impl OpenDisk {
    fn new(disk: Arc<dyn Disk>, format: &str, files: Vec<PathBuf>) -> Self {
        let image_hash = StoredHashes::default();
        let (stored, format, faults) = (disk.size(), format.to_owned(), Vec::new());
        Self { disk, stored, format, files, image_hash, faults }
    }

    /// Returns the disk of an E01.
    #[cfg(feature = "ewf")]
    fn of_ewf(image: ewf::EwfDisk, stored: u64, files: Vec<PathBuf>) -> Self {
        let (image_hash, faults) = (image.stored_hashes(), image.faults().to_vec());
        Self { image_hash, faults, stored, ..Self::new(Arc::new(image), "E01", files) }
    }
}

/// Opens a disk image or a block device.
///
/// # Errors
/// If a file is missing, damaged or of a form that calhive does not read. The message names the next step.
pub(crate) fn open(path: &Path, container: FileContainer) -> io::Result<OpenDisk> {
    match container {
        FileContainer::Ewf => open_ewf(path),
        FileContainer::Vmdk => open_vmdk(path),
        FileContainer::Vhd | FileContainer::Vhdx | FileContainer::Qcow => {
            let file: Arc<dyn Disk> = Arc::new(RawFile::open(path)?);
            open_file(file, container, vec![path.to_path_buf()])
        }
        container if container.is_raw_disk() => {
            let (disk, files) = split::open(path)?;
            let format = if files.len() > 1 { "split raw" } else { "raw" };
            Ok(OpenDisk::new(Arc::new(disk), format, files))
        }
        other => Err(unsupported(format!("{other}; {}", other.what_to_do()))),
    }
}

/// Opens a disk image that lies inside another input, such as a stored entry of a zip archive. `name` is its
/// name, for messages.
///
/// # Errors
/// Like [`open`]. An image in several files is an error.
pub(crate) fn open_within(
    file: Arc<dyn Disk>,
    name: &str,
    container: FileContainer,
) -> io::Result<OpenDisk> {
    match container {
        #[cfg(feature = "ewf")]
        FileContainer::Ewf => {
            let stored = file.size();
            let image = ewf::EwfDisk::open(vec![(name.to_owned(), file)], "2")?;
            Ok(OpenDisk::of_ewf(image, stored, Vec::new()))
        }
        #[cfg(feature = "vmdk")]
        FileContainer::Vmdk => {
            let stored = file.size();
            let disk = vmdk::VmdkDisk::open_single(file)?;
            Ok(OpenDisk { stored, ..OpenDisk::new(Arc::new(disk), "VMDK", Vec::new()) })
        }
        FileContainer::Vhd | FileContainer::Vhdx | FileContainer::Qcow => {
            open_file(file, container, Vec::new())
        }
        container if container.is_raw_disk() => Ok(OpenDisk::new(file, "raw", Vec::new())),
        other => Err(unsupported(format!("{name} is {other}; {}", other.what_to_do()))),
    }
}

/// Returns the first file of an image, if this path is a later segment of it.
pub(crate) fn first_segment(path: &Path, container: FileContainer) -> Option<PathBuf> {
    match container {
        FileContainer::Ewf => ewf_segments::first_segment(path),
        _ => split::first_segment(path),
    }
}

/// Opens an image in one file.
fn open_file(
    file: Arc<dyn Disk>,
    container: FileContainer,
    files: Vec<PathBuf>,
) -> io::Result<OpenDisk> {
    let stored = file.size();
    let opened = decode(file, container, files)?;
    Ok(OpenDisk { stored, ..opened })
}

fn decode(
    file: Arc<dyn Disk>,
    container: FileContainer,
    files: Vec<PathBuf>,
) -> io::Result<OpenDisk> {
    match container {
        #[cfg(feature = "vhdx")]
        FileContainer::Vhdx => {
            let (disk, faults) = vhdx::open(file)?;
            Ok(OpenDisk { faults, ..OpenDisk::new(disk, "VHDX", files) })
        }
        #[cfg(feature = "qcow2")]
        FileContainer::Qcow => {
            let disk = qcow2::Qcow2Disk::open(file)?;
            let faults = disk.faults().to_vec();
            Ok(OpenDisk { faults, ..OpenDisk::new(Arc::new(disk), "QCOW2", files) })
        }
        FileContainer::Vhd => {
            let disk = vhd::VhdDisk::open(file)?;
            let faults = disk.faults().to_vec();
            Ok(OpenDisk { faults, ..OpenDisk::new(Arc::new(disk), "VHD", files) })
        }
        other => Err(not_built(other)),
    }
}

#[cfg(feature = "ewf")]
fn open_ewf(path: &Path) -> io::Result<OpenDisk> {
    let (files, after) = ewf_segments::segments(path)?;
    let open = |path: &PathBuf| {
        let disk: Arc<dyn Disk> = Arc::new(RawFile::open(path)?);
        Ok((split::name(path), disk))
    };
    let segments = files.iter().map(open).collect::<io::Result<Vec<_>>>()?;
    let sizes = segments.iter().map(|(_, segment)| segment.size());
    let stored = sizes.fold(0, u64::saturating_add);
    Ok(OpenDisk::of_ewf(ewf::EwfDisk::open(segments, &after)?, stored, files))
}

#[cfg(not(feature = "ewf"))]
fn open_ewf(_: &Path) -> io::Result<OpenDisk> {
    Err(not_built(FileContainer::Ewf))
}

#[cfg(feature = "vmdk")]
fn open_vmdk(path: &Path) -> io::Result<OpenDisk> {
    let (disk, files) = vmdk::VmdkDisk::open(path)?;
    // A descriptor can name a file several times.
    let different: BTreeSet<&PathBuf> = files.iter().collect();
    let sizes = different.iter().map(|file| file.metadata().map_or(0, |it| it.len()));
    let stored = sizes.fold(0, u64::saturating_add);
    Ok(OpenDisk { stored, ..OpenDisk::new(Arc::new(disk), "VMDK", files) })
}

#[cfg(not(feature = "vmdk"))]
fn open_vmdk(_: &Path) -> io::Result<OpenDisk> {
    Err(not_built(FileContainer::Vmdk))
}

/// Returns the error about a format whose feature is off.
#[allow(dead_code, reason = "not used if all features are on")]
fn not_built(container: FileContainer) -> io::Error {
    unsupported(format!("{container}, which this build of calhive does not read"))
}
