// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entries of zip archives.

mod directory;
mod extents;
mod local;

use alloc::sync::Arc;
use std::collections::HashSet;
use std::io;

use ::zip::CompressionMethod;
use ::zip::read::ZipFileEntry;
use ::zip::unstable::read::ZipIterable;

use self::extents::Extents;
use self::local::{Header, Scan};
use super::buffer::Buffered;
use super::content::{Content, Packing};
use super::listing::Listing;
use super::name::Name;
use super::size::Size;
use super::unpacking::disk_of;
use super::whole::Whole;
use crate::containment::contained;
use crate::disk::{Disk, Window};
use crate::second_tool::quoted;

/// Longest target of a link. An entry that is marked as a link and is longer is a file.
const LONGEST_LINK: u64 = 4096;

/// Lists the entries of a zip archive by its central directory. If the directory is damaged or missing, lists
/// the other entries by their local headers.
///
/// # Errors
/// If the archive has no intact entry.
pub(crate) fn list(listing: &mut Listing, content: &Content) -> io::Result<()> {
    listing.enter("zip");
    let is_sequential = content.unpacks_in_order();
    let shared = &listing.shared;
    let disk: Arc<dyn Disk> = match content.size {
        // The directory is at the end. Without the bytes in memory, the archive would be unpacked twice.
        Some(size) if is_sequential && size <= shared.limits.buffered => {
            Arc::new(Whole::new(content.clone(), size, Arc::clone(shared)))
        }
        _ => disk_of(content, shared),
    };
    let (seen, extents) = Default::default();
    let mut entries = Entries { listing, disk, is_sequential, seen, extents, encrypted: None };
    match entries.by_directory() {
        Ok(true) => entries.beside_directory()?,
        Ok(false) => {}
        Err(error) => entries.without_directory(&error)?,
    }
    entries.report_encrypted();
    Ok(())
}

/// Entries of a zip archive.
struct Entries<'l> {
    listing: &'l mut Listing,
    disk: Arc<dyn Disk>,
    is_sequential: bool,
    /// Offsets of the local headers of the entries listed.
    seen: HashSet<u64>,
    extents: Extents,
    encrypted: Option<Encrypted>,
}

/// Entries that need a password.
struct Encrypted {
    first: Name,
    number: u64,
}

/// An entry, from the central directory or from its local header.
struct Entry {
    name: Name,
    packing: Result<Packing, String>,
    is_encrypted: bool,
    packed: u64,
    size: u64,
    crc: Option<u32>,
}

impl Entries<'_> {
    /// Lists all entries of the central directory. Returns whether the limit of entries was kept.
    fn by_directory(&mut self) -> io::Result<bool> {
        let reader = Buffered::new(Arc::clone(&self.disk));
        let open = || ZipIterable::try_new(reader, ::zip::read::Config::default());
        let mut directory = contained(|| open().map_err(io::Error::from))?;
        contained(|| directory.files().map(drop).map_err(io::Error::from))?;
        // A new pass continues at its position.
        let files = contained(|| directory.files().map_err(io::Error::from))?;
        let mut number = 0_u64;
        while let Some(entry) =
            contained(|| Ok(files.next().map(|it| it.map(|it| Listed::of(&it)))))?
        {
            number = number.saturating_add(1);
            if !self.listing.admits_entry() {
                return Ok(false);
            }
            let entry = entry.map_err(|error| {
                let error = io::Error::from(error);
                io::Error::new(error.kind(), format!("entry {number} of the directory: {error}"))
            })?;
            self.listed(entry);
        }
        Ok(true)
    }

    /// Lists an entry of the central directory.
    fn listed(&mut self, Listed { entry, start, raw, is_folder, is_link }: Listed) {
        let header = Header::read(&self.disk, start);
        if let Ok(header) = &header {
            self.extents.add(start, header.data.saturating_add(entry.packed));
        }
        // A folder has no data.
        if is_folder && entry.packed == 0 {
            self.seen.insert(start);
            return;
        }
        if self.seen.contains(&start) {
            let why = "skipped: it has the same data as an earlier entry";
            return self.listing.skip(&entry.name, why);
        }
        if is_link && entry.size <= LONGEST_LINK {
            self.seen.insert(start);
            return self.listing.skip(&entry.name, "skipped: it is a link");
        }
        match header {
            Ok(header) => {
                if let Some(part) = entry.contradiction(&header, header.is_named(&raw)) {
                    let why = format!(
                        "its local header and the central directory differ in {part}; calhive used the \
                         directory, and other programs can read something else"
                    );
                    self.listing.lose(&entry.name, why);
                }
                self.entry(entry, start, header.data);
            }
            Err(error) => {
                self.seen.insert(start);
                self.listing.lose(&entry.name, format!("not read: {error}"));
            }
        }
    }

    /// Lists the entries that the central directory leaves out, and reports bytes that belong to no entry.
    ///
    /// # Errors
    /// If the central directory cannot be read again.
    fn beside_directory(&mut self) -> io::Result<()> {
        for extent in directory::extents(&self.disk)? {
            self.extents.add(extent.start, extent.end);
        }
        let (mut unlisted, mut stray) = (0_u64, None);
        let mut scan = Scan::new(Arc::clone(&self.disk), self.listing.shared.limits);
        for gap in self.extents.gaps(self.disk.size()) {
            scan.search(gap.0.clone());
            let before = unlisted;
            let error = loop {
                match scan.next_header(&self.seen) {
                    Ok(Some((start, header))) => {
                        if !self.listing.admits_entry() {
                            return Ok(());
                        }
                        unlisted = unlisted.saturating_add(u64::from(!header.is_folder()));
                        self.by_header(&mut scan, start, header);
                    }
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                }
            };
            let is_stray =
                if unlisted == before { gap.has_stray_bytes(&self.disk) } else { Ok(false) };
            match (error, is_stray) {
                (Some(error), _) | (None, Err(error)) => {
                    self.listing.lose_rest(format!("not searched for further entries: {error}"));
                    return Ok(());
                }
                (None, Ok(true)) => stray = stray.or(Some(gap.0.start)),
                (None, Ok(false)) => {}
            }
        }
        if unlisted > 0 {
            let ending = if unlisted == 1 { "y" } else { "ies" };
            self.listing.lose_rest(format!(
                "its central directory leaves {unlisted} entr{ending} out, which calhive read by local headers"
            ));
        }
        if let Some(offset) = stray {
            self.listing.lose_rest(format!(
                "it has bytes that belong to no entry, from offset {offset:#x} on"
            ));
        }
        self.report_comment()
    }

    /// Reports a comment with other bytes than text.
    ///
    /// # Errors
    /// If the comment cannot be read.
    fn report_comment(&mut self) -> io::Result<()> {
        let (offset, comment) = directory::comment(&self.disk)?;
        let is_text = |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\t' | b'\r' | b'\n');
        if !comment.iter().all(is_text) {
            let size = Size(comment.len() as u64);
            self.listing.lose_rest(format!(
                "its comment at offset {offset:#x} has {size} and is no text; calhive did not read it: search the \
                 archive with `calhive carve`"
            ));
        }
        Ok(())
    }

    /// Lists the entries that the directory did not give.
    ///
    /// # Errors
    /// If there is no entry at all.
    fn without_directory(&mut self, error: &io::Error) -> io::Result<()> {
        let mut scan = Scan::new(Arc::clone(&self.disk), self.listing.shared.limits);
        let before = self.seen.len();
        let mut is_whole = true;
        loop {
            match scan.next_header(&self.seen) {
                Ok(Some((start, header))) => {
                    if !self.listing.admits_entry() {
                        break;
                    }
                    self.by_header(&mut scan, start, header);
                }
                Ok(None) => break,
                Err(error) => {
                    self.listing.lose_rest(format!("not read further: {error}"));
                    is_whole = false;
                    break;
                }
            }
        }
        if self.seen.is_empty() {
            let message = format!("it has no intact entry ({error})");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let more = self.seen.len().saturating_sub(before);
        let how = if is_whole { "" } else { " of the first part" };
        let ending = if more == 1 { "y" } else { "ies" };
        self.listing.lose_rest(format!(
            "its central directory is damaged or missing ({error}); calhive read {more} entr{ending}{how} by \
             local headers; entries can be missing: get the archive again if possible"
        ));
        Ok(())
    }

    /// Lists an entry by its local header.
    fn by_header(&mut self, scan: &mut Scan, start: u64, header: Header) {
        self.seen.insert(start);
        if header.is_folder() {
            return scan.skip_to(header.data);
        }
        let name = header.name();
        match scan.extent(&header) {
            Ok(extent) => {
                scan.skip_to(extent.end);
                let entry = Entry {
                    name,
                    packing: header.packing(),
                    is_encrypted: header.is_encrypted(),
                    packed: extent.packed,
                    size: extent.size,
                    crc: extent.crc,
                };
                self.entry(entry, start, header.data);
            }
            Err(error) => {
                scan.skip_to(header.data);
                self.listing.lose(&name, format!("not read: {error}"));
            }
        }
    }

    /// Lists an entry whose data start at this offset.
    fn entry(&mut self, entry: Entry, start: u64, data: u64) {
        self.seen.insert(start);
        let Entry { name, packed, size, .. } = entry;
        if entry.is_encrypted {
            let encrypted =
                self.encrypted.get_or_insert(Encrypted { first: name.clone(), number: 0 });
            encrypted.number = encrypted.number.saturating_add(1);
            return self.listing.skip(&name, "skipped: it is encrypted with a password");
        }
        let packing = match entry.packing {
            Ok(packing) => packing,
            Err(method) => {
                let why = format!(
                    "not read: compression method {method} is not supported; unpack the archive and give the \
                     folder"
                );
                return self.listing.lose(&name, why);
            }
        };
        if packing == Packing::Stored && packed != size {
            let (packed, size) = (Size(packed), Size(size));
            let why = format!("not read: it is stored in {packed}, and its size is {size}");
            return self.listing.lose(&name, why);
        }
        let window = Window::new(Arc::clone(&self.disk), data, packed);
        let present = window.size();
        if present < packed {
            let why = format!(
                "not read: the archive ends after {} of {}; get the archive again if possible",
                Size(present),
                Size(packed)
            );
            return self.listing.lose(&name, why);
        }
        let is_sequential = self.is_sequential;
        let packed: Arc<dyn Disk> = Arc::new(window);
        let content = Content { packed, packing, size: Some(size), crc: entry.crc, is_sequential };
        self.listing.file(&name, content);
    }

    fn report_encrypted(&mut self) {
        let Some(Encrypted { first, number }) = self.encrypted.take() else { return };
        let entries =
            if number == 1 { "1 entry is".into() } else { format!("{number} entries are") };
        let why = format!(
            "{entries} encrypted with a password, the first is {}; unpack the archive with the password \
             (`7z x -- {}`), and give the folder",
            first.stored,
            quoted(&self.listing.archive_name())
        );
        self.listing.lose_rest(why);
    }
}

/// An entry of the central directory, as the crate gives it.
struct Listed {
    entry: Entry,
    /// Offset of the local header.
    start: u64,
    /// Name as stored.
    raw: Vec<u8>,
    is_folder: bool,
    is_link: bool,
}

impl Listed {
    fn of(entry: &ZipFileEntry<'_>) -> Self {
        Self {
            start: entry.header_start(),
            raw: entry.name_raw().to_vec(),
            is_folder: entry.is_dir(),
            is_link: entry.is_symlink(),
            entry: Entry {
                name: name_of(entry),
                packing: packing(entry.compression()),
                is_encrypted: entry.encrypted(),
                packed: entry.compressed_size(),
                size: entry.size(),
                crc: Some(entry.crc32()),
            },
        }
    }
}

impl Entry {
    /// Returns the part in which the local header says something else than the central directory.
    fn contradiction(&self, header: &Header, is_same_name: bool) -> Option<&'static str> {
        if !is_same_name {
            return Some("its name");
        }
        if self.is_encrypted != header.is_encrypted() {
            return Some("its encryption");
        }
        if !self.is_encrypted && self.packing != header.packing() {
            return Some("its compression");
        }
        let is_same = header.has_sizes(self.packed, self.size, self.crc);
        (!is_same).then_some("its size or checksum")
    }
}

/// Returns the name of an entry: UTF-8 if it is valid, or code page 437 if the entry does not claim UTF-8.
fn name_of(entry: &ZipFileEntry<'_>) -> Name {
    let raw = entry.name_raw();
    match (core::str::from_utf8(raw), entry.name()) {
        (Ok(name), _) => Name::of_text(name),
        (Err(_), Ok(name)) if !name.contains('\u{FFFD}') => Name::of_text(&name),
        _ => Name::of_bytes(raw),
    }
}

/// Returns the compression, or the method that is not supported.
fn packing(method: CompressionMethod) -> Result<Packing, String> {
    match method {
        CompressionMethod::STORE => Ok(Packing::Stored),
        CompressionMethod::DEFLATE => Ok(Packing::Deflate),
        other => Err(other.to_string()),
    }
}
