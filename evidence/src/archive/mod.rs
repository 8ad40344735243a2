// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Archive`]: hives in zip and tar archives, and in gzip and zstd files.
//!
//! An archive inside an archive is opened. No archive is unpacked into memory or onto a disk as a whole.

#[cfg(feature = "zip")]
mod buffered;
mod contain;
mod content;
mod file_disk;
mod limits;
mod listing;
mod name;
mod single;
mod size;
#[cfg(feature = "tar")]
mod tar;
#[cfg(all(test, feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
mod tests;
mod unpacked;
#[cfg(feature = "zip")]
mod zip;
#[cfg(feature = "zstd")]
mod zstd;

use alloc::sync::Arc;
use core::fmt;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use self::content::{Content, Packing};
use self::file_disk::FileDisk;
use self::limits::Limits;
use self::listing::{Found, Image, Listing};
use crate::container::FileContainer;
use crate::disk::{Counted, Disk};
use crate::layout;
use crate::tree::{Member, Omission, Tree};

/// An archive, with all its members listed.
pub(crate) struct Archive {
    members: Vec<Member>,
    contents: Vec<(Content, Option<Arc<[u8]>>)>,
    omissions: Vec<Omission>,
    images: Vec<Image>,
    limits: Limits,
    disk: Arc<Counted<Arc<dyn Disk>>>,
    format: String,
}

/// Opens an archive in a file.
///
/// # Errors
/// If the file cannot be read, or is not such an archive.
pub(crate) fn open(path: &Path, container: FileContainer) -> io::Result<Box<dyn Tree>> {
    Ok(Box::new(Archive::open(path, container)?))
}

/// Opens an archive that is not a file of its own. `path` is the path of the input in names and messages.
///
/// # Errors
/// If the bytes cannot be read, or are not such an archive.
pub(crate) fn open_disk(
    disk: Arc<dyn Disk>,
    path: &Path,
    container: FileContainer,
) -> io::Result<Box<dyn Tree>> {
    Ok(Box::new(Archive::new(disk, path, container, Limits::DEFAULT)?))
}

impl Archive {
    /// Opens an archive in a file.
    ///
    /// # Errors
    /// If the file cannot be read, or is not such an archive.
    pub(crate) fn open(path: &Path, container: FileContainer) -> io::Result<Self> {
        Self::new(Arc::new(FileDisk::open(path)?), path, container, Limits::DEFAULT)
    }

    fn new(
        disk: Arc<dyn Disk>,
        path: &Path,
        container: FileContainer,
        limits: Limits,
    ) -> io::Result<Self> {
        let disk = Arc::new(Counted::new(disk));
        let mut listing = Listing::new(path, disk.size(), limits);
        let bytes: Arc<dyn Disk> = Arc::clone(&disk) as _;
        list(&mut listing, &Content::stored(bytes, false), container)?;
        listing.end();
        let mut omissions = core::mem::take(&mut listing.omissions);
        let images = core::mem::take(&mut listing.images);
        let found = distinct(listing.found, path, &limits, &mut omissions);
        let (members, contents): (Vec<Member>, Vec<_>) =
            found.into_iter().map(|found| (found.member, (found.content, found.kept))).unzip();
        let format = format(container, &members);
        Ok(Self { members, contents, omissions, images, limits, disk, format })
    }

    /// Returns the disk images that are stored in the archive without compression: path below the input, bytes
    /// and format.
    pub(crate) fn stored_images(&self) -> Vec<(PathBuf, Arc<dyn Disk>, FileContainer)> {
        let one = |image: &Image| (image.path.clone(), Arc::clone(&image.disk), image.container);
        self.images.iter().map(one).collect()
    }

    fn content(&self, at: usize) -> io::Result<&(Content, Option<Arc<[u8]>>)> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "no such member");
        self.contents.get(at).ok_or_else(missing)
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
        match self.content(at)? {
            (_, Some(kept)) => Ok(kept.get(..most).unwrap_or(kept).into()),
            (content, None) => content.head(most),
        }
    }

    fn read(&self, at: usize) -> io::Result<Vec<u8>> {
        match self.content(at)? {
            (_, Some(kept)) => Ok(kept.to_vec()),
            (content, None) => content.whole(&self.limits),
        }
    }

    fn omissions(&self) -> &[Omission] {
        &self.omissions
    }

    fn bytes_read(&self) -> u64 {
        self.disk.bytes_read()
    }

    fn kept(&self) -> u64 {
        let kept = self.contents.iter().filter_map(|(_, kept)| kept.as_ref());
        kept.map(|kept| kept.len() as u64).fold(0, u64::saturating_add)
    }

    fn release(&mut self) {
        self.contents.iter_mut().for_each(|(_, kept)| *kept = None);
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

/// Lists the entries of an archive. The depth of archives inside archives is limited.
fn list(listing: &mut Listing, content: &Content, container: FileContainer) -> io::Result<()> {
    match container {
        #[cfg(feature = "zip")]
        FileContainer::Zip => zip::list(listing, content),
        #[cfg(feature = "tar")]
        FileContainer::Tar => {
            listing.enter("tar");
            tar::list(listing, content.disk(&listing.limits), is_sequential(content))
        }
        #[cfg(feature = "gzip")]
        FileContainer::Gzip => single::list(listing, content, Packing::Gzip),
        #[cfg(feature = "zstd")]
        FileContainer::Zstd => single::list(listing, content, Packing::Zstd),
        other => {
            let message = format!("it is {other}, which this build of calhive does not read");
            Err(io::Error::new(io::ErrorKind::Unsupported, message))
        }
    }
}

/// Whether the unpacked bytes can only be read in their order.
fn is_sequential(content: &Content) -> bool {
    content.is_sequential || content.packing != Packing::Stored
}

/// Sorts the members by path, and gives each a path of its own. A file that a collector stored under two
/// accessors counts once.
fn distinct(
    mut found: Vec<Found>,
    input: &Path,
    limits: &Limits,
    omissions: &mut Vec<Omission>,
) -> Vec<Found> {
    // The sort is stable: entries with the same path keep their order.
    found.sort_by(|a, b| a.member.path.cmp(&b.member.path));
    let mut distinct: Vec<Found> = Vec::with_capacity(found.len());
    let mut last: HashMap<PathBuf, usize> = HashMap::new();
    for mut one in found {
        let path = one.member.path.clone();
        if let Some(first) = last.get(&path).and_then(|at| distinct.get(*at)) {
            if layout::is_other_accessor(&first.layout, &one.layout) && is_same(first, &one, limits)
            {
                let why = format!(
                    "skipped {}: it has the same bytes as {}",
                    one.member.locator.path, first.member.locator.path
                );
                omissions.push(Omission { path: input.join(&path), why, is_loss: false });
                continue;
            }
            one.member.path = free_path(&path, |path| last.contains_key(path));
        }
        last.insert(one.member.path.clone(), distinct.len());
        distinct.push(one);
    }
    distinct.sort_by(|a, b| a.member.path.cmp(&b.member.path));
    distinct
}

/// Whether two members have the same bytes.
fn is_same(one: &Found, other: &Found, limits: &Limits) -> bool {
    let bytes = |found: &Found| match &found.kept {
        Some(kept) => Ok(kept.to_vec()),
        None => found.content.whole(limits),
    };
    one.member.size == other.member.size
        && match (bytes(one), bytes(other)) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        }
}

/// Returns a path that is not taken: `SYSTEM (2)`.
fn free_path(path: &Path, is_taken: impl Fn(&Path) -> bool) -> PathBuf {
    let mut number = 2_u64;
    loop {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(" ({number})"));
        let free = path.with_file_name(name);
        if !is_taken(&free) {
            return free;
        }
        number = number.saturating_add(1);
    }
}
