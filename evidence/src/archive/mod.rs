// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Archive`]: hives in zip and tar archives, and in gzip and zstd files.
//!
//! An archive inside an archive is opened. No archive is unpacked into memory or onto a disk as a whole.

#[cfg(feature = "zip")]
mod buffer;
#[cfg(feature = "zip")]
mod checksum;
mod common_state;
mod content;
mod distinct;
mod guard;
mod limits;
mod listing;
mod name;
mod pass;
mod pool;
mod recognition;
mod single;
mod size;
#[cfg(feature = "tar")]
mod tar;
#[cfg(all(test, feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
mod tests;
mod unpacking;
mod uploads;
#[cfg(feature = "zip")]
mod whole;
#[cfg(feature = "zip")]
mod zip;
#[cfg(feature = "zstd")]
mod zstd;
#[cfg(feature = "zstd")]
mod zstd_frames;

use alloc::sync::Arc;
use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

use calhive_regf::LostBytes;

use self::common_state::Shared;
use self::content::Content;
use self::limits::Limits;
use self::listing::{Found, Image, Listing};
use crate::container::FileContainer;
use crate::disk::{Counted, Disk};
use crate::disk_image::ReopenedFile;
use crate::tree::{Member, Omission, Tree};

/// An archive, with all its members listed.
pub(crate) struct Archive {
    members: Vec<Member>,
    found: Vec<Bytes>,
    omissions: Vec<Omission>,
    images: Vec<Image>,
    shared: Arc<Shared>,
    disk: Arc<Counted<Arc<dyn Disk>>>,
    format: String,
}

/// The bytes of a member.
struct Bytes {
    content: Content,
    /// All bytes, if they were kept.
    kept: Option<Arc<[u8]>>,
    /// The first bytes, if they were kept.
    head: Option<Box<[u8]>>,
}

impl Archive {
    /// Opens an archive in a file.
    ///
    /// # Errors
    /// If the file cannot be read, or is not such an archive.
    pub(crate) fn open(path: &Path, container: FileContainer) -> io::Result<Self> {
        Self::new(Arc::new(ReopenedFile::open(path)?), path, container, Limits::DEFAULT)
    }

    /// Opens an archive that is not a file of its own. `path` is its path in names and messages.
    ///
    /// # Errors
    /// If the bytes cannot be read, or are not such an archive.
    pub(crate) fn of_disk(
        disk: Arc<dyn Disk>,
        path: &Path,
        container: FileContainer,
    ) -> io::Result<Self> {
        Self::new(disk, path, container, Limits::DEFAULT)
    }

    fn new(
        disk: Arc<dyn Disk>,
        path: &Path,
        container: FileContainer,
        limits: Limits,
    ) -> io::Result<Self> {
        let disk = Arc::new(Counted::new(disk));
        let shared = Arc::new(Shared::new(limits));
        let mut listing = Listing::new(path, disk.size(), Arc::clone(&shared));
        let bytes: Arc<dyn Disk> = Arc::clone(&disk) as _;
        list(&mut listing, &Content::stored(bytes, false), container)?;
        while let Some((content, container)) = listing.next_inner() {
            if let Err(error) = list(&mut listing, &content, container) {
                listing.lose_rest(format!("not read: {error}"));
            }
        }
        uploads::check(&mut listing);
        listing.end();
        shared.archives.clear();
        let mut omissions = core::mem::take(&mut listing.omissions);
        let images = core::mem::take(&mut listing.images);
        let found = distinct::distinct(listing.found, path, &limits, &mut omissions);
        let one = |found: Found| {
            let Found { member, content, kept, head, .. } = found;
            (member, Bytes { content, kept, head })
        };
        let (members, found): (Vec<Member>, Vec<Bytes>) = found.into_iter().map(one).unzip();
        let format = format(container, &members);
        Ok(Self { members, found, omissions, images, shared, disk, format })
    }

    /// Returns the disk images that are stored in the archive without compression: path below the input, bytes
    /// and format.
    pub(crate) fn stored_images(&self) -> Vec<(PathBuf, Arc<dyn Disk>, FileContainer)> {
        let one = |image: &Image| (image.path.clone(), Arc::clone(&image.disk), image.container);
        self.images.iter().map(one).collect()
    }

    fn bytes(&self, at: usize) -> io::Result<&Bytes> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "no such member");
        self.found.get(at).ok_or_else(missing)
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("members", &self.members).finish_non_exhaustive()
    }
}

impl Tree for Archive {
    fn format(&self) -> &str {
        &self.format
    }

    fn members(&self) -> &[Member] {
        &self.members
    }

    fn head(&self, at: usize, most: usize) -> io::Result<Vec<u8>> {
        let bytes = self.bytes(at)?;
        let is_enough =
            |head: &[u8]| head.len() >= most || bytes.content.size == Some(head.len() as u64);
        let kept = bytes.kept.as_deref().or(bytes.head.as_deref().filter(|head| is_enough(head)));
        match kept {
            Some(kept) => Ok(kept.get(..most).unwrap_or(kept).into()),
            None => bytes.content.head(most),
        }
    }

    fn read(&self, at: usize) -> io::Result<(Vec<u8>, Option<LostBytes>)> {
        let bytes = self.bytes(at)?;
        let whole = match &bytes.kept {
            Some(kept) => kept.to_vec(),
            None => bytes.content.whole(&self.shared.limits)?,
        };
        Ok((whole, None))
    }

    fn omissions(&self) -> &[Omission] {
        &self.omissions
    }

    fn bytes_read(&self) -> u64 {
        self.disk.bytes_read()
    }

    fn kept(&self) -> u64 {
        let kept = self.found.iter().filter_map(|bytes| bytes.kept.as_ref());
        kept.map(|kept| kept.len() as u64).fold(0, u64::saturating_add)
    }

    fn release(&mut self) {
        self.found.iter_mut().for_each(|bytes| bytes.kept = None);
    }
}

/// Returns the format of an archive. A compressed tar archive shows in the places of its members.
fn format(container: FileContainer, members: &[Member]) -> String {
    let outermost = |member: &Member| Some(member.locator.format.split(", ").next()?.to_owned());
    let alone = match container {
        FileContainer::Tar => "tar",
        FileContainer::Gzip => "gzip",
        FileContainer::Zstd => "zstd",
        _ => "zip",
    };
    members.first().and_then(outermost).unwrap_or_else(|| alone.into())
}

/// Lists the entries of an archive.
fn list(listing: &mut Listing, content: &Content, container: FileContainer) -> io::Result<()> {
    match container {
        #[cfg(feature = "zip")]
        FileContainer::Zip => zip::list(listing, content),
        #[cfg(feature = "tar")]
        FileContainer::Tar => {
            listing.enter("tar");
            tar::list(listing, content)
        }
        #[cfg(feature = "gzip")]
        FileContainer::Gzip => single::list(listing, content, content::Packing::Gzip),
        #[cfg(feature = "zstd")]
        FileContainer::Zstd => single::list(listing, content, content::Packing::Zstd),
        other => {
            let message = format!("it is {other}, which this build of calhive does not read");
            Err(io::Error::new(io::ErrorKind::Unsupported, message))
        }
    }
}
