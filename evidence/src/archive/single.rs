// SPDX-License-Identifier: MIT OR Apache-2.0
//! gzip and zstd files: a tar archive, or one file.

use std::io;

use super::content::{Content, Packing};
use super::listing::Listing;
use super::name::Name;
#[cfg(feature = "zstd")]
use super::size::Size;
use super::unpacking::disk_of;
use crate::container::FileContainer;
use crate::file::HEAD_LENGTH;

/// Endings of compressed files.
const ENDINGS: [&str; 4] = [".gz", ".gzip", ".zst", ".zstd"];

/// Lists a compressed file: the entries of a tar archive, or the one file.
///
/// # Errors
/// If the file cannot be unpacked.
pub(crate) fn list(listing: &mut Listing, content: &Content, packing: Packing) -> io::Result<()> {
    let bytes = disk_of(content, &listing.shared);
    let is_sequential = content.unpacks_in_order();
    let unpacked = Content { packed: bytes, packing, size: None, crc: None, is_sequential };
    let head = unpacked.head(HEAD_LENGTH)?;
    #[cfg(feature = "zstd")]
    if packing == Packing::Zstd {
        report_other_frames(listing, content);
    }
    let (tar, alone) = formats(packing);
    if FileContainer::of(&head) == Some(FileContainer::Tar) {
        listing.enter(tar);
        #[cfg(feature = "tar")]
        return super::tar::list(listing, &unpacked);
        #[cfg(not(feature = "tar"))]
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "it holds a tar archive, which this build of calhive does not read",
        ));
    }
    listing.enter(alone);
    let archive = listing.archive_name();
    let lower = archive.to_ascii_lowercase();
    let ending = ENDINGS.iter().find(|ending| lower.ends_with(*ending));
    let stem = ending.and_then(|ending| archive.get(..archive.len().saturating_sub(ending.len())));
    let name = Name::of_text(stem.filter(|stem| !stem.is_empty()).unwrap_or("content"));
    listing.file(&name, unpacked);
    Ok(())
}

/// Reports the first frame of a zstd file that holds other data.
#[cfg(feature = "zstd")]
fn report_other_frames(listing: &mut Listing, content: &Content) {
    // A damaged frame is reported when it is unpacked.
    let Ok(Some((offset, length))) =
        super::zstd_frames::other_frame(disk_of(content, &listing.shared))
    else {
        return;
    };
    let length = Size(length);
    listing.lose_rest(format!(
        "a zstd frame for other data at offset {offset:#x} has {length}, which calhive did not read; search the file \
         with `calhive carve`"
    ));
}

/// Returns the names of the formats: of a tar archive, and of a single file.
const fn formats(packing: Packing) -> (&'static str, &'static str) {
    match packing {
        Packing::Stored => ("tar", "file"),
        #[cfg(feature = "zip")]
        Packing::Deflate => ("tar", "file"),
        #[cfg(feature = "gzip")]
        Packing::Gzip => ("tar.gz", "gzip"),
        #[cfg(feature = "zstd")]
        Packing::Zstd => ("tar.zst", "zstd"),
    }
}
