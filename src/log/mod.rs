// SPDX-License-Identifier: MIT OR Apache-2.0
//! Transaction logs: what changed in a hive since it was last written whole (REGF 5, 6).
//!
//! [`Log`] reads one log, of the old format ([`dirt`]) or the new one ([`hvle`]). Which logs belong to
//! a dirty hive and in which order they are applied is told by their content, never by their names:
//! [`replay`] does it, into a copy.

pub mod dirt;
pub mod history;
pub mod hvle;
mod marvin32;
mod pages;
pub mod patches;
mod plan;
pub mod replay;
pub mod report;

pub(crate) use marvin32::State as Marvin32;
pub use marvin32::marvin32;
pub use pages::pages_as_hive;

use crate::bytes::{Bytes, CellOffset, FileOffset};
use crate::error::{Error, ErrorKind, Result, Structure};
use crate::hive::base_block::BaseBlock;
use crate::raw;
use dirt::Dirt;
use hvle::Entry;

/// The unit of logs.
pub(crate) const SECTOR: u32 = 512;

/// A part of a hive that a log holds in a newer state.
#[derive(Clone, Copy, Debug)]
pub struct Page<'d> {
    /// Where it belongs in the hive, relative to the first bin.
    pub target: CellOffset,
    /// The bytes, and where they stand in the log.
    pub data: Bytes<'d>,
}

/// The format of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Format {
    /// A map of dirty sectors and the sectors: up to Windows 8.
    Old,
    /// Entries with hashes: since Windows 8.1.
    New,
}

/// A transaction log. `Copy`; borrows its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Log<'d> {
    bytes: Bytes<'d>,
    base_block: BaseBlock<'d>,
    format: Format,
}

impl<'d> Log<'d> {
    /// Reads the head of a log.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] for a file of fewer bytes than a base block's first sector has, as the
    /// empty logs are that Windows keeps; [`ErrorKind::NotAHive`] without the signature; a file type or
    /// a body that is none of a log.
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

    /// The copy of the hive's base block that it begins with.
    pub const fn base_block(self) -> BaseBlock<'d> {
        self.base_block
    }

    /// Its format.
    pub const fn format(self) -> Format {
        self.format
    }

    /// All its bytes.
    pub const fn bytes(self) -> Bytes<'d> {
        self.bytes
    }

    /// Whether its base block is whole: the checksum is right, and both sequence numbers are one.
    pub fn is_whole(self) -> bool {
        !self.base_block.is_dirty()
    }

    /// What a log of the old format holds.
    ///
    /// # Errors
    /// As [`Dirt::parse`].
    pub fn dirt(self) -> Result<Dirt<'d>> {
        Dirt::parse(self.bytes, self.base_block.bins_size())
    }

    /// The entries of a log of the new format that follow each other from its start, each with the
    /// next sequence number. The first thing that is none ends them, as the one error.
    pub fn sequence(self) -> Sequence<'d> {
        let next = self.base_block.sequence().0;
        Sequence { log: self.bytes, at: SECTOR as usize, next, is_over: false }
    }

    /// Every entry with right hashes anywhere in a log of the new format, those left over from earlier
    /// updates included: older states of the hive.
    pub fn entries(self) -> Entries<'d> {
        Entries { log: self.bytes, at: SECTOR as usize, left: self.bytes.len().saturating_mul(4) }
    }

    /// Every page of the log, the older ones of left-over entries included.
    pub fn pages(self) -> impl Iterator<Item = Page<'d>> {
        let (dirt, entries) = match self.format {
            Format::Old => (self.dirt().ok(), None),
            Format::New => (None, Some(self.entries())),
        };
        let of_entries = entries.into_iter().flatten().flat_map(Entry::pages);
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
    type Item = Result<Entry<'d>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over || self.at >= self.log.len() {
            return None;
        }
        let entry = Entry::parse(self.log, self.at).and_then(|entry| {
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
    /// Bytes that may still be hashed in vain: what looks like entries may overlap.
    left: usize,
}

impl<'d> Iterator for Entries<'d> {
    type Item = Entry<'d>;

    fn next(&mut self) -> Option<Entry<'d>> {
        while self.at < self.log.len() {
            match Entry::parse(self.log, self.at) {
                Ok(entry) => {
                    self.at = self.at.saturating_add(entry.size());
                    return Some(entry);
                }
                Err(_) => {
                    let claimed = self.log.array::<raw::LogEntry>(self.at, 1).first();
                    let is_one = claimed.filter(|entry| entry.signature == *b"HvLE");
                    let hashed = is_one.map_or(0, |entry| entry.size.get() as usize);
                    self.left = self.left.checked_sub(hashed.min(self.log.len()))?;
                    self.at = self.at.saturating_add(SECTOR as usize);
                }
            }
        }
        None
    }
}
