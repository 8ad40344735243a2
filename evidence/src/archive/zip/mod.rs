// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entries of zip archives.

mod local;

use alloc::sync::Arc;
use std::collections::HashSet;
use std::io;

use ::zip::CompressionMethod;
use ::zip::read::ZipFileEntry;
use ::zip::unstable::read::ZipIterable;

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
    let mut entries =
        Entries { listing, disk, is_sequential, seen: HashSet::new(), encrypted: None };
    if let Err(error) = entries.by_directory() {
        entries.without_directory(&error)?;
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
    /// Lists all entries of the central directory.
    fn by_directory(&mut self) -> io::Result<()> {
        let reader = Buffered::new(Arc::clone(&self.disk));
        let open = || ZipIterable::try_new(reader, ::zip::read::Config::default());
        let mut directory = contained(|| open().map_err(io::Error::from))?;
        contained(|| directory.files().map(drop).map_err(io::Error::from))?;
        // A new pass continues at its position.
        let files = directory.files().map_err(io::Error::from)?;
        let mut number = 0_u64;
        while let Some(entry) = contained(|| Ok(files.next()))? {
            number = number.saturating_add(1);
            if !self.listing.admits_entry() {
                return Ok(());
            }
            let entry = entry.map_err(|error| {
                let error = io::Error::from(error);
                io::Error::new(error.kind(), format!("entry {number} of the directory: {error}"))
            })?;
            let start = entry.header_start();
            if entry.is_dir() {
                self.seen.insert(start);
                continue;
            }
            let name = contained(|| Ok(name_of(&entry)))?;
            if self.seen.contains(&start) {
                self.listing.skip(&name, "skipped: it has the same data as an earlier entry");
                continue;
            }
            if entry.is_symlink() {
                self.listing.skip(&name, "skipped: it is a link");
                self.seen.insert(start);
                continue;
            }
            let entry = Entry {
                name,
                packing: packing(entry.compression()),
                is_encrypted: entry.encrypted(),
                packed: entry.compressed_size(),
                size: entry.size(),
                crc: Some(entry.crc32()),
            };
            match Header::read(&self.disk, start) {
                Ok(header) => self.entry(entry, start, header.data),
                Err(error) => {
                    self.seen.insert(start);
                    self.listing.lose(&entry.name, format!("not read: {error}"));
                }
            }
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
             (`7z x {}`), and give the folder",
            first.stored,
            self.listing.archive_name()
        );
        self.listing.lose_rest(why);
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
