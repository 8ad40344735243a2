// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Listing`]: decides which entries of an archive become members of its tree.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::hash::BuildHasher as _;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::common_state::Shared;
use super::content::{Content, Packing};
use super::name::Name;
use super::recognition::{is_document, is_log, is_wanted};
use crate::container::FileContainer;
use crate::disk::Disk;
use crate::escape;
use crate::file::{HEAD_LENGTH, Recognized};
use crate::layout::{self, Layout};
use crate::locator::Locator;
use crate::name_filter::is_hive;
use crate::tree::{Member, Omission};

/// Smallest raw disk image, in bytes. A smaller file with a boot sector is a copy of the boot sector.
const SMALLEST_IMAGE: u64 = 1 << 20;

/// Members, omissions and images of an archive, in the order of its entries.
pub(crate) struct Listing {
    /// Path of the input.
    input: PathBuf,
    /// Path of the current archive below the input. Empty for the input itself.
    base: PathBuf,
    /// Formats from the input to the current archive.
    formats: Vec<&'static str>,
    pub(crate) shared: Arc<Shared>,
    packed_size: u64,
    entries: u64,
    total: u64,
    kept: u64,
    heads: u64,
    pub(crate) found: Vec<Found>,
    pub(crate) omissions: Vec<Omission>,
    skipped: usize,
    losses: usize,
    pub(crate) images: Vec<Image>,
    /// Archives inside the archive that are not opened yet.
    inner: VecDeque<Inner>,
    /// Hashes of the paths of all entries in folders of Velociraptor.
    uploads: HashSet<u64>,
}

/// A member with its bytes.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) member: Member,
    pub(crate) content: Content,
    /// All bytes, if they were kept from the first pass.
    pub(crate) kept: Option<Arc<[u8]>>,
    /// The first bytes, if another pass would be necessary to read them.
    pub(crate) head: Option<Box<[u8]>>,
    /// Where the entry is in a collection.
    pub(crate) layout: Layout,
}

/// An archive inside the archive.
struct Inner {
    content: Content,
    container: FileContainer,
    base: PathBuf,
    formats: Vec<&'static str>,
}

/// A disk image that is stored in an archive without compression.
#[derive(Clone)]
pub(crate) struct Image {
    /// Path below the input.
    pub(crate) path: PathBuf,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) container: FileContainer,
}

impl Listing {
    /// Starts the listing of an input of this size.
    pub(crate) fn new(input: &Path, packed_size: u64, shared: Arc<Shared>) -> Self {
        Self {
            input: input.into(),
            base: PathBuf::new(),
            formats: Vec::new(),
            shared,
            packed_size,
            entries: 0,
            total: 0,
            kept: 0,
            heads: 0,
            found: Vec::new(),
            omissions: Vec::new(),
            skipped: 0,
            images: Vec::new(),
            inner: VecDeque::new(),
            uploads: HashSet::new(),
            losses: 0,
        }
    }

    /// Counts an entry. Returns whether it is within the limit. The first entry beyond it is reported.
    pub(crate) fn admits_entry(&mut self) -> bool {
        let most = self.shared.limits.entries;
        self.entries = self.entries.saturating_add(1);
        if self.entries == most.saturating_add(1) {
            let why = format!(
                "it has more than {most} entries; calhive read the first {most}; unpack it and give the folder"
            );
            self.loss(&self.base.clone(), why);
        }
        self.entries <= most
    }

    /// Adds an entry that was not read, or not whole. The path is below the input.
    pub(crate) fn loss(&mut self, path: &Path, why: String) {
        self.losses = self.losses.saturating_add(1);
        if self.losses <= self.shared.limits.listed {
            self.omissions.push(Omission { path: self.outer(path), why, is_loss: true });
        }
    }

    /// Adds an entry that was not read, or not whole.
    pub(crate) fn lose(&mut self, name: &Name, why: String) {
        let path = self.path_of(name).path;
        self.loss(&path, why);
    }

    /// Adds what the current archive lacks as a whole.
    pub(crate) fn lose_rest(&mut self, why: String) {
        self.loss(&self.base.clone(), why);
    }

    /// Adds an entry that holds nothing that belongs to a report.
    pub(crate) fn skip(&mut self, name: &Name, why: &str) {
        self.skipped = self.skipped.saturating_add(1);
        if self.skipped <= self.shared.limits.listed {
            let path = self.outer(&self.path_of(name).path);
            self.omissions.push(Omission { path, why: why.into(), is_loss: false });
        }
    }

    /// Adds a regular file.
    pub(crate) fn file(&mut self, name: &Name, content: Content) {
        let layout = self.path_of(name);
        if layout.accessor.is_some() {
            self.uploads.insert(self.hash(&layout.path));
        }
        let head = match content.head(HEAD_LENGTH) {
            Ok(head) => head,
            Err(error) => return self.lose(name, format!("not read: {error}")),
        };
        let (is_named, is_hive) = (is_wanted(&name.path), is_hive(&name.path));
        match Recognized::of(&head) {
            Recognized::Hive
            | Recognized::Fragment
            | Recognized::TransactionLog
            | Recognized::TextExport
            | Recognized::LiveRows => self.member(name, content, head, true),
            Recognized::Empty if is_named || is_log(&name.path) => {
                self.member(name, content, head, true);
            }
            Recognized::Container(container) if !is_named && !is_hive => {
                self.container(name, &content, container, &head);
            }
            // A file with the name of a hive is searched for one.
            _ if is_named || is_hive => self.member(name, content, head, is_hive),
            other => self.skip(name, &format!("skipped: it is {other}")),
        }
    }

    /// Adds a member. `is_read` says whether a scan reads it whole.
    fn member(&mut self, name: &Name, content: Content, head: Vec<u8>, is_read: bool) {
        let size = match content.size.map_or_else(|| self.measure(&content), Ok) {
            Ok(size) => size,
            Err(error) => return self.lose(name, format!("not read: {error}")),
        };
        let total = self.total.saturating_add(size);
        let why = self.shared.limits.refuses_member(size, content.packed.size());
        let why = why.or_else(|| self.shared.limits.refuses_all(total, self.packed_size));
        if let Some(why) = why {
            return self.lose(name, format!("not read: {why}; unpack it and give the folder"));
        }
        self.total = total;
        let content = Content { size: Some(size), ..content };
        let kept = if is_read { self.keep(&content) } else { None };
        let head = self.keep_head(&content, head);
        let layout = self.path_of(name);
        let locator = Locator {
            input: escape::path(&self.input),
            format: self.formats.join(", "),
            path: name.stored.clone(),
            volume: None,
        };
        let member = Member { path: layout.path.clone(), size, locator };
        self.found.push(Found { member, content, kept, head, layout });
    }

    /// Keeps the bytes of a member inside a compressed stream, while there is room.
    fn keep(&mut self, content: &Content) -> Option<Arc<[u8]>> {
        let kept = self.kept.saturating_add(content.size?);
        if !content.is_sequential || kept > self.shared.limits.kept {
            return None;
        }
        // If it cannot be read, a later read reports it.
        let bytes = content.whole(&self.shared.limits).ok()?;
        self.kept = kept;
        Some(bytes.into())
    }

    /// Keeps the first bytes of a member inside a compressed stream, while there is room.
    fn keep_head(&mut self, content: &Content, head: Vec<u8>) -> Option<Box<[u8]>> {
        let heads = self.heads.saturating_add(head.len() as u64);
        if !content.is_sequential || heads > self.shared.limits.heads {
            return None;
        }
        self.heads = heads;
        Some(head.into())
    }

    /// Unpacks a file whose size the archive does not give, and returns the size.
    fn measure(&self, content: &Content) -> io::Result<u64> {
        let (mut reader, mut size) = (content.reader()?, 0_u64);
        let mut chunk = vec![0; 64 << 10];
        loop {
            let read = io::Read::read(&mut reader, &mut chunk)?;
            size = size.saturating_add(read as u64);
            if let Some(why) = self.shared.limits.refuses_member(size, content.packed.size()) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            if read == 0 {
                return Ok(size);
            }
        }
    }

    /// Opens an archive inside the archive, or adds an image.
    fn container(&mut self, name: &Name, content: &Content, kind: FileContainer, head: &[u8]) {
        use FileContainer as C;
        match kind {
            C::Zip if is_document(head) => {
                self.skip(
                    name,
                    "skipped: it is a document or a program in the form of a zip archive",
                );
            }
            C::Zip | C::Tar | C::Gzip | C::Zstd => self.archive(name, content, kind),
            C::Xz | C::Bzip2 | C::Lz4 | C::SevenZip | C::Rar => {
                let why = format!("not read: it is {kind}; unpack it and give the folder");
                self.lose(name, why);
            }
            C::Cabinet => self.skip(name, "skipped: it is a cabinet archive"),
            raw if raw.is_raw_disk() && content.size.is_some_and(|size| size < SMALLEST_IMAGE) => {
                self.skip(name, "skipped: it starts like a disk image, and is too small for one");
            }
            _ if content.packing == Packing::Stored && !content.is_sequential => {
                let (path, disk) = (self.path_of(name).path, Arc::clone(&content.packed));
                self.images.push(Image { path, disk, container: kind });
            }
            _ => {
                let why = format!(
                    "not read: it is {kind} inside a compressed archive; unpack it, and give the image itself"
                );
                self.lose(name, why);
            }
        }
    }

    /// Puts an archive inside the archive on the list of archives to open.
    fn archive(&mut self, name: &Name, content: &Content, container: FileContainer) {
        if self.formats.len() > self.shared.limits.depth {
            let why = format!(
                "not read: it is {container} inside an archive inside an archive; unpack it first"
            );
            return self.lose(name, why);
        }
        let (base, formats) = (self.path_of(name).path, self.formats.clone());
        self.inner.push_back(Inner { content: content.clone(), container, base, formats });
    }

    /// Enters the next archive inside the archive. Returns its bytes and format.
    pub(super) fn next_inner(&mut self) -> Option<(Content, FileContainer)> {
        let Inner { content, container, base, formats } = self.inner.pop_front()?;
        (self.base, self.formats) = (base, formats);
        Some((content, container))
    }

    /// Enters an archive of this format.
    pub(crate) fn enter(&mut self, format: &'static str) {
        self.formats.push(format);
    }

    /// Returns the name of the current archive, without its folders.
    pub(crate) fn archive_name(&self) -> String {
        let path = if self.base.as_os_str().is_empty() { &self.input } else { &self.base };
        path.file_name().unwrap_or(OsStr::new("file")).to_string_lossy().into_owned()
    }

    /// Returns the place of an entry of the current archive, with the path below the input.
    fn path_of(&self, name: &Name) -> Layout {
        layout::of(&self.base, &name.path)
    }

    fn outer(&self, path: &Path) -> PathBuf {
        if path.as_os_str().is_empty() { self.input.clone() } else { self.input.join(path) }
    }

    /// Whether an entry in a folder of Velociraptor has this path below the input.
    pub(super) fn has_upload(&self, path: &Path) -> bool {
        self.uploads.contains(&self.hash(path))
    }

    fn hash(&self, path: &Path) -> u64 {
        self.uploads.hasher().hash_one(path.to_string_lossy().to_lowercase())
    }

    /// Ends the listing: reports how many omissions are not listed.
    pub(crate) fn end(&mut self) {
        let most = self.shared.limits.listed;
        for (number, what, is_loss) in [
            (self.losses, "not read: further entries or parts", true),
            (self.skipped, "skipped: further entries", false),
        ] {
            if let Some(more) = number.checked_sub(most).filter(|more| *more > 0) {
                let why = format!("{what} that are not listed: {more}");
                self.omissions.push(Omission { path: self.input.clone(), why, is_loss });
            }
        }
    }
}

impl core::fmt::Debug for Image {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Image").field("path", &self.path).finish_non_exhaustive()
    }
}
