// SPDX-License-Identifier: MIT OR Apache-2.0
//! Transaction logs: changes that Windows has not yet written to the hive. See
//! [regf.md](crate::format#logs-of-the-old-format).
//!
//! [`Log`] reads one log, of the old format ([`dirt`]) or of the new format ([`hvle`]).
//! [`mod@replay`] applies logs to a copy of a dirty hive. The content of the logs decides which
//! logs belong to the hive, and in which order replay applies the logs. The file names do not
//! matter.

pub(crate) mod cover;
pub mod dirt;
pub mod history;
pub mod hvle;
mod marvin32;
pub mod outcome;
mod pages;
pub mod patches;
mod plan;
pub mod replay;
pub mod report;
mod update;
mod zeros;

pub(crate) use marvin32::State as Marvin32;
pub use marvin32::marvin32;
pub use pages::pages_as_hive;
pub use plan::Plan;

use crate::budget::Budget;
use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Limit, Result, Structure};
use crate::hive::base_block::BaseBlock;
use crate::meter::count;
use crate::offset::{CellOffset, FileOffset};
use dirt::Dirt;
use hvle::LogEntry;

/// Size of a sector in bytes. Entries and pages of a log align to sectors.
pub(crate) const SECTOR: u32 = 512;

/// Page: bytes of a log for one range of a hive.
#[derive(Clone, Copy, Debug)]
pub struct Page<'d> {
    /// Offset in the hive, from the first bin.
    pub target: CellOffset,
    /// The bytes, with their offset in the log.
    pub data: Bytes<'d>,
}

/// Format of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Format {
    /// Up to Windows 8: a bitmap of dirty sectors, then the sectors.
    Old,
    /// Since Windows 8.1: entries with hashes.
    New,
}

/// `regf` with a log file type: a transaction log. `Copy`; borrows its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Log<'d> {
    bytes: Bytes<'d>,
    base_block: BaseBlock<'d>,
    format: Format,
}

impl<'d> Log<'d> {
    /// Parses the base block of a log.
    ///
    /// # Errors
    /// - [`ErrorKind::Truncated`] if the file is shorter than 512 bytes. Windows keeps empty logs.
    /// - [`ErrorKind::NotAHive`] if the signature is missing.
    /// - [`ErrorKind::NotALog`] if the file type is not a log type.
    pub fn parse(bytes: &'d [u8]) -> Result<Self> {
        let base_block = BaseBlock::first_sector(bytes)?;
        let format = match base_block.raw().file_type.get() {
            1 | 2 => Format::Old,
            6 => Format::New,
            file_type => {
                let kind = ErrorKind::NotALog { file_type };
                return Err(Error::new(kind, FileOffset::new(28)));
            }
        };
        Ok(Self { bytes: Bytes::new(bytes, FileOffset::new(0)), base_block, format })
    }

    /// Returns the copy of the hive's base block at the start of the log.
    pub const fn base_block(self) -> BaseBlock<'d> {
        self.base_block
    }

    /// Returns the format.
    pub const fn format(self) -> Format {
        self.format
    }

    /// Returns all bytes of the log.
    pub const fn bytes(self) -> Bytes<'d> {
        self.bytes
    }

    /// Returns whether the base block is intact: valid checksum, equal sequence numbers.
    pub fn is_whole(self) -> bool {
        !self.base_block.is_dirty()
    }

    /// Parses the body of a log of the old format.
    ///
    /// # Errors
    /// The errors of [`Dirt::parse`].
    pub fn dirt(self) -> Result<Dirt<'d>> {
        Dirt::parse(self.bytes, self.base_block.bins_size())
    }

    /// Iterates over the consecutive entries of a log of the new format, from the start of the log.
    /// Each entry has the next sequence number. The first deviation ends the iteration with an error.
    pub fn sequence(self) -> Sequence<'d> {
        let next = self.base_block.sequence().0;
        Sequence { log: self.bytes, at: SECTOR as usize, next, is_over: false }
    }

    /// Iterates over every entry with valid hashes in a log of the new format. The iterator
    /// includes entries of earlier updates, which hold older states of the hive.
    pub fn entries(self) -> Entries<'d> {
        self.entries_from(SECTOR as usize)
    }

    /// Iterates like [`entries`](Self::entries), from an offset in the log.
    pub(crate) fn entries_from(self, at: usize) -> Entries<'d> {
        Entries::new(self.bytes, at)
    }

    /// Iterates over every page of the log, including the pages of earlier updates.
    pub fn pages(self) -> impl Iterator<Item = Page<'d>> {
        let (dirt, entries) = match self.format {
            Format::Old => (self.dirt().ok(), None),
            Format::New => (None, Some(self.entries())),
        };
        let of_entries = entries.into_iter().flatten().flat_map(LogEntry::pages);
        dirt.into_iter().flat_map(Dirt::pages).chain(of_entries)
    }
}

/// Iterator of [`Log::sequence`].
#[derive(Clone, Debug)]
pub struct Sequence<'d> {
    log: Bytes<'d>,
    at: usize,
    next: u32,
    is_over: bool,
}

impl<'d> Iterator for Sequence<'d> {
    type Item = Result<LogEntry<'d>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over || self.at >= self.log.len() {
            return None;
        }
        let entry = LogEntry::parse(self.log, self.at).and_then(|entry| {
            let (expected, found) = (u64::from(self.next), u64::from(entry.sequence()));
            let (structure, field) = (Structure::LogEntry, crate::error::Field::Sequence);
            let kind = ErrorKind::Mismatch { structure, field, expected, found };
            let place = entry.offset().plus(12);
            if expected == found { Ok(entry) } else { Err(Error::new(kind, place)) }
        });
        match &entry {
            Ok(entry) => {
                self.at = self.at.saturating_add(entry.size());
                self.next = self.next.wrapping_add(1);
            }
            Err(_) => self.is_over = true,
        }
        Some(entry)
    }
}

/// Iterator of [`Log::entries`].
#[derive(Clone, Debug)]
pub struct Entries<'d> {
    log: Bytes<'d>,
    at: usize,
    /// Bytes to hash for invalid entries. Invalid entries can overlap, so the work needs a limit.
    left: Budget,
}

impl<'d> Entries<'d> {
    pub(crate) const fn new(log: Bytes<'d>, at: usize) -> Self {
        let most = (log.len() as u64).saturating_mul(4);
        Self { log, at, left: Budget::new(Limit::LogEntries, most) }
    }

    /// Returns the error of a log with so many invalid entries that later ones were not searched for. The
    /// iteration has ended.
    pub(crate) fn limit(&self) -> Option<Error> {
        self.left.fault()
    }
}

impl<'d> Iterator for Entries<'d> {
    type Item = LogEntry<'d>;

    fn next(&mut self) -> Option<LogEntry<'d>> {
        while self.at < self.log.len() && self.left.fault().is_none() {
            count(1);
            let mut hashed = 0;
            match LogEntry::parse_counted(self.log, self.at, &mut hashed) {
                Ok(entry) => {
                    self.at = self.at.saturating_add(entry.size());
                    return Some(entry);
                }
                Err(_) => {
                    let place = self.log.offset().plus(self.at as u64);
                    self.left.take(hashed as u64, place);
                    self.at = self.at.saturating_add(SECTOR as usize);
                }
            }
        }
        None
    }
}
