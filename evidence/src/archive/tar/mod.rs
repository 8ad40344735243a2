// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entries of tar archives.

mod extension;

use alloc::sync::Arc;
use core::hash::BuildHasher as _;
use std::collections::HashSet;
use std::io;

use ::tar::{EntryType, Header};

use self::extension::{Extended, is_extension, is_long};
use super::content::Content;
use super::listing::Listing;
use super::name::Name;
use super::size::Size;
use super::unpacking::disk_of;
use crate::containment::contained;
use crate::disk::{Disk, Window};

/// Size of a block in bytes. Headers are one block, and data fill whole blocks.
const BLOCK: u64 = 512;
/// Number of blocks that are searched at a time after a damaged header.
const CHUNK: usize = 16;
/// A block.
type Block = [u8; 512];
/// Length of reads after the end mark.
const STEP: usize = 64 << 10;
/// Number of empty blocks after which nothing follows: the padding that tar writes at most by default.
const PADDING: u64 = 20;
/// Largest record of extended headers that is read, in bytes.
const RECORD: u64 = 1 << 20;
/// Type of an entry of GNU tar that lists the names in a folder.
const FOLDER_LIST: u8 = b'D';
/// Type of an entry of GNU tar that names the archive.
const LABEL: u8 = b'V';
/// Type of an entry of GNU tar that continues a file of another volume.
const CONTINUED: u8 = b'M';
/// Number of continued lists of a sparse file that are skipped at most.
const SPARSE_LISTS: u64 = 1 << 20;

/// Lists the entries of a tar archive.
///
/// # Errors
/// Never: what cannot be read is an omission.
#[allow(clippy::unnecessary_wraps, reason = "the readers of all formats have the same form")]
pub(crate) fn list(listing: &mut Listing, content: &Content) -> io::Result<()> {
    let disk = disk_of(content, &listing.shared);
    let is_sequential = content.unpacks_in_order();
    let next = Extended::default();
    let (names, is_cut, has_end) = Default::default();
    let mut entries = Entries {
        listing,
        disk,
        is_sequential,
        position: 0,
        empty: 0,
        next,
        names,
        is_cut,
        has_end,
    };
    while entries.step() {}
    let rest = entries.finish().and_then(|()| verify(content));
    if let Err(error) = rest {
        let why =
            format!("{error}; bytes of any entry can be wrong: get the archive again if possible");
        listing.lose_rest(why);
    }
    Ok(())
}

/// Verifies the checksum of an archive that is stored in another one. A tar archive has none of its own.
fn verify(content: &Content) -> io::Result<()> {
    match content.crc {
        Some(_) => io::copy(&mut content.reader()?, &mut io::sink()).map(drop),
        None => Ok(()),
    }
}

/// Entries of a tar archive.
struct Entries<'l> {
    listing: &'l mut Listing,
    disk: Arc<dyn Disk>,
    is_sequential: bool,
    /// Offset of the next header.
    position: u64,
    /// Number of empty blocks before the position.
    empty: u64,
    /// What extended headers say of the next entry.
    next: Extended,
    /// Hashes of the names of all files so far, for hard links.
    names: HashSet<u64>,
    /// Whether the data could not be read to their end. That is reported.
    is_cut: bool,
    /// Whether the end mark was found, and only bytes that no entry takes can follow.
    has_end: bool,
}

/// Fields of a header, as the crate gives them.
struct Fields {
    kind: EntryType,
    size: io::Result<u64>,
    name: Vec<u8>,
    link: Option<Vec<u8>>,
    /// Whether a list of a sparse file continues after the header.
    has_sparse_list: bool,
}

impl Fields {
    fn of(block: &Block) -> Self {
        let header = Header::from_byte_slice(block);
        Self {
            kind: header.entry_type(),
            size: header.entry_size(),
            name: header.path_bytes().into_owned(),
            link: header.link_name_bytes().map(|it| it.into_owned()),
            has_sparse_list: header.as_gnu().is_some_and(|header| header.is_extended()),
        }
    }
}

impl Entries<'_> {
    /// Reads the next header. Returns whether another one can follow.
    fn step(&mut self) -> bool {
        let mut block = [0; size_of::<Block>()];
        let start = self.position;
        if let Err(error) = self.disk.read_at(start, &mut block) {
            return self.end(&error);
        }
        self.position = start.saturating_add(BLOCK);
        if block.iter().all(|byte| *byte == 0) {
            self.empty = self.empty.saturating_add(1);
            self.has_end = self.empty >= PADDING;
            return !self.has_end;
        }
        if !is_header(&block) {
            return self.resume(start);
        }
        self.empty = 0;
        match contained(|| Ok(Fields::of(&block))) {
            Ok(fields) => self.entry(start, fields),
            Err(error) => {
                self.listing.lose_rest(format!("not read from offset {start:#x} on: {error}"));
                false
            }
        }
    }

    /// Reads the rest, and reports bytes after the end mark. The checksum of a compressed stream follows its data.
    fn finish(&mut self) -> io::Result<()> {
        if self.is_cut || !self.has_end && !self.is_sequential {
            return Ok(());
        }
        let mut buffer = vec![0; STEP];
        let mut length = STEP;
        while let Some(chunk) = buffer.get_mut(..length).filter(|chunk| !chunk.is_empty()) {
            match self.disk.read_at(self.position, chunk) {
                Ok(()) => {
                    let stray = chunk.iter().position(|byte| *byte != 0).filter(|_| self.has_end);
                    if let Some(at) = stray {
                        self.report_after_end(self.position.saturating_add(at as u64));
                    }
                    self.position = self.position.saturating_add(length as u64);
                }
                // The end lies inside the chunk.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => length /= 2,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reports bytes after the end mark, once.
    fn report_after_end(&mut self, offset: u64) {
        self.has_end = false;
        self.listing.lose_rest(format!(
            "the tar archive has bytes after its end mark, from offset {offset:#x} on, which calhive did not read; \
             search the unpacked archive with `calhive carve`"
        ));
    }

    /// Handles the end of the data.
    fn end(&mut self, error: &io::Error) -> bool {
        let is_end = error.kind() == io::ErrorKind::UnexpectedEof;
        self.has_end = is_end && self.empty > 0;
        self.position = self.position.min(self.disk.size());
        // After the end mark, the checksum of the stream is the only thing that can fail.
        if !is_end && self.empty == 0 {
            self.is_cut = true;
            let why = format!(
                "not read from offset {:#x} of the tar archive on: {error}; unpack it and give the folder",
                self.position
            );
            self.listing.lose_rest(why);
        } else if is_end && self.empty == 0 {
            let why = format!(
                "the tar archive ends at offset {:#x} without its end mark; entries can be missing: get it \
                 again if possible",
                self.position.min(self.disk.size())
            );
            self.listing.lose_rest(why);
        }
        false
    }

    /// Continues at the next intact header after a damaged one.
    fn resume(&mut self, start: u64) -> bool {
        let is_after_end = self.empty > 0;
        let found = self.find_header();
        self.next = Extended::default();
        let after = match found {
            Some(offset) => format!("continued at the header at offset {offset:#x}"),
            None => "found no further header".into(),
        };
        if !is_after_end || found.is_some() {
            let why = format!(
                "no tar header at offset {start:#x}; calhive {after}; entries can be missing"
            );
            self.listing.lose_rest(why);
        } else {
            self.report_after_end(start);
        }
        self.empty = 0;
        found.is_some()
    }

    /// Searches for the next intact header from the position on.
    fn find_header(&mut self) -> Option<u64> {
        let mut chunk = [[0; size_of::<Block>()]; CHUNK];
        loop {
            // At the end, blocks are read one by one.
            let is_whole = self.disk.read_at(self.position, chunk.as_flattened_mut()).is_ok();
            let blocks = if is_whole { CHUNK } else { 1 };
            let first = chunk.first_mut()?;
            if !is_whole && self.disk.read_at(self.position, first).is_err() {
                return None;
            }
            if let Some(at) = chunk.iter().take(blocks).position(is_header) {
                self.position = self.position.saturating_add(BLOCK.saturating_mul(at as u64));
                return Some(self.position);
            }
            self.position = self.position.saturating_add(BLOCK.saturating_mul(blocks as u64));
        }
    }

    /// Reads an entry. Returns whether another one can follow.
    fn entry(&mut self, start: u64, fields: Fields) -> bool {
        let kind = fields.kind;
        let extended =
            if is_extension(kind) { Extended::default() } else { core::mem::take(&mut self.next) };
        let size = match extended.size.map_or(fields.size, Ok) {
            Ok(size) => size,
            Err(error) => {
                let why = format!("the tar header at offset {start:#x} has no valid size: {error}");
                self.listing.lose_rest(why);
                return true;
            }
        };
        let name = extended.name.unwrap_or(fields.name);
        // Some writers give links and folders a size though no data follow.
        let size = if has_no_data(kind) && size > 0 && self.is_at_header() { 0 } else { size };
        let is_sparse = kind == EntryType::GNUSparse;
        if is_sparse {
            self.skip_sparse_lists(fields.has_sparse_list);
        }
        let data = self.position;
        let padded = size.checked_next_multiple_of(BLOCK);
        let next = padded.and_then(|padded| data.checked_add(padded));
        self.position = next.unwrap_or(u64::MAX);
        if is_extension(kind) {
            self.extend(kind, data, size);
            return true;
        }
        if !self.listing.admits_entry() {
            return false;
        }
        let link = extended.link.or(fields.link);
        let hash = self.names.hasher().hash_one(&*name);
        let name = Name::of_bytes(&name);
        if has_no_data(kind) && size > 0 {
            let why = format!("not read: {} follow it, though {}", Size(size), what(kind));
            self.listing.lose(&name, why);
            return true;
        }
        match kind {
            _ if is_sparse || extended.is_sparse => {
                let why = "not read: it is stored as a sparse file; unpack the archive with `tar -xf` and \
                           give the folder";
                self.listing.lose(&name, why.into());
            }
            EntryType::Directory => {}
            EntryType::Link => {
                let link = link.unwrap_or_default();
                if self.names.contains(&self.names.hasher().hash_one(&*link)) {
                    self.listing.skip(&name, "skipped: it is a hard link to another entry");
                } else {
                    let target = Name::of_bytes(&link).stored;
                    let why = format!(
                        "not read: it is a hard link to {target}, which is no earlier file of the archive"
                    );
                    self.listing.lose(&name, why);
                    return true;
                }
            }
            EntryType::Symlink => self.listing.skip(&name, "skipped: it is a link"),
            EntryType::Char | EntryType::Block | EntryType::Fifo => {
                self.listing.skip(&name, "skipped: not a regular file");
            }
            _ if FOLDER_LIST == kind.as_byte() || LABEL == kind.as_byte() => {
                self.listing.skip(&name, "skipped: it describes the archive");
            }
            _ if CONTINUED == kind.as_byte() => {
                let why = "not read: it continues a file of an earlier volume; join the volumes, unpack them and \
                           give the folder";
                self.listing.lose(&name, why.into());
                return true;
            }
            // Types that are not known are files.
            _ => self.file(&name, data, size),
        }
        if !matches!(kind, EntryType::Directory | EntryType::Link | EntryType::Symlink) {
            self.names.insert(hash);
        }
        true
    }

    /// Whether a header is at the position.
    fn is_at_header(&self) -> bool {
        let mut block = [0; size_of::<Block>()];
        self.disk.read_at(self.position, &mut block).is_ok() && is_header(&block)
    }

    /// Adds a regular file.
    fn file(&mut self, name: &Name, data: u64, size: u64) {
        // Old archives mark folders by their name.
        if size == 0 && name.stored.ends_with('/') {
            return;
        }
        let window = Window::new(Arc::clone(&self.disk), data, size);
        let present = window.size();
        if present < size {
            let why = format!(
                "not read: the archive ends after {} of {}; get the archive again if possible",
                Size(present),
                Size(size)
            );
            return self.listing.lose(name, why);
        }
        let content = Content::stored(Arc::new(window), self.is_sequential);
        self.listing.file(name, content);
    }

    /// Reads an extended header for the next entry.
    fn extend(&mut self, kind: EntryType, data: u64, size: u64) {
        let most = if is_long(kind) { self.listing.shared.limits.name } else { RECORD };
        if size > most {
            let why = format!(
                "the extended tar header before offset {data:#x} has {}, more than {}; calhive did not use it",
                Size(size),
                Size(most)
            );
            return self.listing.lose_rest(why);
        }
        let mut record = vec![0; usize::try_from(size).unwrap_or_default()];
        // If the archive ends here, the next header says so.
        if self.disk.read_at(data, &mut record).is_err() {
            return;
        }
        if let Some(fault) = self.next.add(kind, record) {
            self.listing.lose_rest(format!(
                "the extended tar header before offset {data:#x} has {fault}; calhive used only the fields before \
                 it, and names or sizes of later entries can be wrong"
            ));
        }
    }

    /// Skips the continued lists of a sparse file.
    fn skip_sparse_lists(&mut self, mut is_extended: bool) {
        let mut block = [0; size_of::<Block>()];
        for _ in 0..SPARSE_LISTS {
            if !is_extended || self.disk.read_at(self.position, &mut block).is_err() {
                return;
            }
            self.position = self.position.saturating_add(BLOCK);
            is_extended = block.get(504) == Some(&1);
        }
    }
}

/// Whether an entry of this type has no data.
fn has_no_data(kind: EntryType) -> bool {
    matches!(kind, EntryType::Directory | EntryType::Link | EntryType::Symlink)
        || matches!(kind, EntryType::Char | EntryType::Block | EntryType::Fifo)
}

/// Returns what an entry without data is, as the end of a sentence.
fn what(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Directory => "it is marked as a folder",
        EntryType::Link => "it is marked as a hard link",
        EntryType::Symlink => "it is marked as a link",
        _ => "it is marked as a device or a pipe",
    }
}

/// Whether a block is a header, by its checksum.
fn is_header(block: &Block) -> bool {
    const CHECKSUM: core::ops::Range<usize> = 148..156;
    let stored = contained(|| Header::from_byte_slice(block).cksum());
    let Ok(stored) = stored else { return false };
    let bytes = || {
        let one = |(at, byte): (usize, &u8)| if CHECKSUM.contains(&at) { b' ' } else { *byte };
        block.iter().enumerate().map(one)
    };
    let unsigned = bytes().fold(0_u32, |sum, byte| sum.wrapping_add(byte.into()));
    // Some old writers added signed bytes.
    let signed = bytes().fold(0_i32, |sum, byte| sum.wrapping_add(byte.cast_signed().into()));
    stored == unsigned || i64::from(stored) == i64::from(signed)
}
