// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LogEntry`]: an entry of a log of the new format (Windows 8.1 and later). See
//! [regf.md](crate::format#logs-of-the-new-format).

use zerocopy::IntoBytes as _;

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Field, Result, Structure};
use crate::log::marvin32::marvin32;
use crate::log::{Page, SECTOR};
use crate::meter::count;
use crate::offset::{CellOffset, FileOffset};
use crate::raw;

const HEADER: usize = size_of::<raw::LogEntry>();
/// Bytes of the header that the header hash covers.
const HASHED: usize = 32;
/// Alignment of bins, in bytes.
const BIN: u32 = 4096;

/// `HvLE`: an entry with valid hashes, which holds all pages of one update.
#[derive(Clone, Copy, Debug)]
pub struct LogEntry<'d> {
    header: &'d raw::LogEntry,
    bytes: Bytes<'d>,
}

impl<'d> LogEntry<'d> {
    /// Parses the entry at the offset `at` of a log.
    ///
    /// # Errors
    /// If the signature, a hash, a size or a page reference is wrong. A single error makes the
    /// whole entry invalid.
    pub fn parse(log: Bytes<'d>, at: usize) -> Result<Self> {
        Self::parse_counted(log, at, &mut 0)
    }

    /// Parses like [`parse`](Self::parse). Adds the bytes that were hashed to `hashed`.
    pub(super) fn parse_counted(log: Bytes<'d>, at: usize, hashed: &mut usize) -> Result<Self> {
        count(1);
        let structure = Structure::LogEntry;
        let rest = log.clip(at, log.len());
        let header: &raw::LogEntry = rest.record(structure)?;
        let wrong = |field, place: u64, expected: u64, found: u64| {
            let kind = ErrorKind::Mismatch { structure, field, expected, found };
            Err(Error::new(kind, rest.offset().plus(place)))
        };
        if header.signature != *b"HvLE" {
            let kind = ErrorKind::Signature { structure, found: header.signature };
            return Err(Error::new(kind, rest.offset()));
        }
        let size = header.size.get();
        if size < SECTOR || size & (SECTOR - 1) != 0 {
            let expected = u64::from(size.max(1).next_multiple_of_sector());
            return wrong(Field::Size, 4, expected, u64::from(size));
        }
        let bytes = rest.slice(0, size as usize, structure)?;
        *hashed = hashed.saturating_add(HASHED);
        let header_hash = marvin32(header.as_bytes().get(..HASHED).unwrap_or_default());
        if header_hash != header.header_hash.get() {
            return wrong(Field::Hash, 32, header_hash, header.header_hash.get());
        }
        let body = bytes.clip(HEADER, bytes.len());
        *hashed = hashed.saturating_add(body.len());
        let body_hash = marvin32(body.as_slice());
        if body_hash != header.body_hash.get() {
            return wrong(Field::Hash, 24, body_hash, header.body_hash.get());
        }
        let bins = header.bins_size.get();
        if bins < BIN || bins & (BIN - 1) != 0 {
            return wrong(Field::Size, 16, u64::from(BIN), u64::from(bins));
        }
        let entry = Self { header, bytes };
        let references = entry.references();
        let claimed = header.pages.get();
        if claimed == 0 || references.len() < claimed as usize {
            return wrong(Field::Count, 20, references.len() as u64, u64::from(claimed));
        }
        // If one page reaches beyond the bins or beyond the entry, the whole entry is invalid.
        let mut needed = (HEADER as u64).saturating_add(size_of_val(references) as u64);
        for page in references {
            count(1);
            let (offset, length) = (u64::from(page.offset.get()), u64::from(page.size.get()));
            needed = needed.saturating_add(length);
            if length == 0 {
                return wrong(Field::Size, HEADER as u64, u64::from(SECTOR), 0);
            }
            if offset.saturating_add(length) > u64::from(bins) {
                let end = offset.saturating_add(length);
                return wrong(Field::Offset, HEADER as u64, u64::from(bins), end);
            }
        }
        if needed > u64::from(size) {
            let kind = ErrorKind::Truncated { structure, needed, available: u64::from(size) };
            return Err(Error::new(kind, rest.offset()));
        }
        Ok(entry)
    }

    /// Returns the header as it is on disk.
    pub const fn raw(self) -> &'d raw::LogEntry {
        self.header
    }

    /// Returns the offset of the entry, from the start of the log.
    pub const fn offset(self) -> FileOffset {
        self.bytes.offset()
    }

    /// Returns the size of the entry in bytes.
    pub const fn size(self) -> usize {
        self.bytes.len()
    }

    /// Returns the sequence number.
    pub const fn sequence(self) -> u32 {
        self.header.sequence.get()
    }

    /// Returns the size of all bins of the hive after this update, in bytes.
    pub const fn bins_size(self) -> u32 {
        self.header.bins_size.get()
    }

    fn references(self) -> &'d [raw::LogPage] {
        self.bytes.array(HEADER, self.header.pages.get() as usize)
    }

    /// Iterates over the pages, in the order of the entry.
    pub fn pages(self) -> impl Iterator<Item = Page<'d>> {
        let references = self.references();
        let mut at = HEADER.saturating_add(size_of_val(references));
        references.iter().map(move |reference| {
            count(1);
            let data = self.bytes.clip(at, reference.size.get() as usize);
            at = at.saturating_add(data.len());
            Page { target: CellOffset::new(reference.offset.get()), data }
        })
    }
}

trait Sectors {
    fn next_multiple_of_sector(self) -> Self;
}

impl Sectors for u32 {
    fn next_multiple_of_sector(self) -> Self {
        self.checked_next_multiple_of(SECTOR).unwrap_or(Self::MAX & !(SECTOR - 1))
    }
}
