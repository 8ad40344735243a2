// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sections of a segment of an `EnCase` image (E01).

use std::io;

use super::StoredHashes;
use crate::disk::Disk;
use crate::structure::{Fields as _, bytes_at, damaged};

/// Size of the header of a segment, and offset of its first section.
const FILE_HEADER: u64 = 13;
/// Size of the descriptor of a section.
const DESCRIPTOR: u64 = 76;
/// Size of the header of a table.
const TABLE_HEADER: u64 = 24;
/// Size of the data of a volume section. SMART writes 94 bytes.
const VOLUME: u64 = 1052;
/// Most sections of a segment. A segment of 2 TiB has about 12,000.
const MOST_SECTIONS: usize = 65_536;
/// Most entries of a table.
const MOST_ENTRIES: u64 = 1 << 20;

/// Size of a disk and of its chunks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Geometry {
    pub(super) chunk_size: u64,
    pub(super) size: u64,
}

/// A table of chunks.
#[derive(Debug)]
pub(super) struct Table {
    /// Index of the segment that holds the table and its chunks.
    pub(super) segment: usize,
    /// Number of entries.
    pub(super) count: u64,
    /// Offset that each entry adds to.
    base: u64,
    /// Offset of the entries.
    at: u64,
    /// Whether a checksum follows the entries.
    has_checksum: bool,
    /// Offset of the same entries in the second table.
    mirror: Option<u64>,
    /// Offset of the end of the last chunk.
    chunks_end: u64,
}

/// What a segment holds.
#[derive(Debug, Default)]
pub(super) struct Segment {
    pub(super) geometry: Option<Geometry>,
    pub(super) tables: Vec<Table>,
    pub(super) stored: StoredHashes,
    /// Whether the segment ends the image.
    pub(super) is_last: bool,
    /// Whether the segment is whole, and another one follows.
    pub(super) leads_on: bool,
    /// Start and end of the last section with chunks.
    chunks: Option<(u64, u64)>,
}

impl Segment {
    /// Reads the sections of a segment. `number` is its place among the segments, from 1.
    ///
    /// # Errors
    /// If the header or a section is damaged. A segment that is cut short is no error.
    pub(super) fn read(disk: &dyn Disk, number: usize) -> io::Result<Self> {
        let header = bytes_at(disk, 0, 13)?;
        if !header.has(0, b"EVF\x09\x0D\x0A\xFF\0") {
            return Err(damaged("no E01 signature at offset 0"));
        }
        let found = usize::from(header.le16(9));
        if found != number {
            return Err(damaged(format!("this is segment {found}; segment {number} is missing")));
        }
        let (mut segment, mut at) = (Self::default(), FILE_HEADER);
        for _ in 0..MOST_SECTIONS {
            let has_descriptor = at.checked_add(DESCRIPTOR).is_some_and(|end| end <= disk.size());
            if !has_descriptor {
                return Ok(segment);
            }
            let descriptor = bytes_at(disk, at, 76)?;
            if descriptor.le32(72) != adler32(descriptor.get(..72).unwrap_or_default()) {
                return Err(damaged(format!(
                    "the checksum of the section at offset {at:#x} is wrong"
                )));
            }
            let (next, size) = (descriptor.le64(16), descriptor.le64(24));
            let name = descriptor.get(..16).unwrap_or_default();
            let name: Vec<u8> = name.iter().copied().take_while(|byte| *byte != 0).collect();
            segment.add(disk, &name, at, next, size)?;
            match &*name {
                b"done" => {
                    segment.is_last = true;
                    return Ok(segment);
                }
                b"next" => {
                    segment.leads_on = true;
                    return Ok(segment);
                }
                _ if next <= at => {
                    let message = format!("the section at offset {at:#x} leads back to {next:#x}");
                    return Err(damaged(message));
                }
                _ => at = next,
            }
        }
        Err(damaged(format!("more than {MOST_SECTIONS} sections")))
    }

    fn add(
        &mut self,
        disk: &dyn Disk,
        name: &[u8],
        at: u64,
        next: u64,
        size: u64,
    ) -> io::Result<()> {
        let data = at.saturating_add(DESCRIPTOR);
        // Some writers leave the size at 0, and all set the offset of the next section.
        let end = if size > DESCRIPTOR { at.saturating_add(size) } else { next };
        match name {
            b"volume" | b"disk" | b"data" if self.geometry.is_none() => {
                self.geometry = geometry(disk, data, end.saturating_sub(data))?;
            }
            b"sectors" => self.chunks = Some((data, end)),
            b"table" => {
                let chunks_end = self.chunks.map_or(at, |(_, end)| end);
                let table = Table::read(disk, data, end, chunks_end)?;
                self.tables.push(table);
            }
            b"table2" => {
                let mirrors = Table::read(disk, data, end, at);
                let table = self.tables.last_mut().filter(|table| table.mirror.is_none());
                if let (Some(table), Ok(mirror)) = (table, mirrors)
                    && (table.count, table.base) == (mirror.count, mirror.base)
                {
                    table.mirror = Some(mirror.at);
                }
            }
            b"digest" if has(disk, data, 36) => {
                let bytes = bytes_at(disk, data, 36)?;
                self.stored = StoredHashes {
                    md5: some_bytes(bytes.array(0)),
                    sha1: some_bytes(bytes.array(16)),
                };
            }
            b"hash" if has(disk, data, 16) && self.stored.md5.is_none() => {
                self.stored.md5 = some_bytes(bytes_at(disk, data, 16)?.array(0));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether the disk holds these bytes.
fn has(disk: &dyn Disk, at: u64, length: u64) -> bool {
    at.checked_add(length).is_some_and(|end| end <= disk.size())
}

/// Returns a hash, unless the writer left it at 0.
fn some_bytes<const N: usize>(hash: [u8; N]) -> Option<[u8; N]> {
    hash.iter().any(|byte| *byte != 0).then_some(hash)
}

/// Reads a volume section; `None` if its checksum is wrong, so that a copy in a later section counts.
fn geometry(disk: &dyn Disk, at: u64, length: u64) -> io::Result<Option<Geometry>> {
    let is_long = length >= VOLUME;
    let data = bytes_at(disk, at, if is_long { 1052 } else { 94 })?;
    let covered = if is_long { 1048 } else { 90 };
    if data.le32(covered) != adler32(data.get(..covered).unwrap_or_default()) {
        return Ok(None);
    }
    let sectors = if is_long { data.le64(16) } else { u64::from(data.le32(16)) };
    let sector_size = u64::from(data.le32(12));
    let size = sectors.checked_mul(sector_size);
    let size = size.ok_or_else(|| damaged("the size of the disk overflows 64 bits"))?;
    Ok(Some(Geometry { chunk_size: u64::from(data.le32(8)).saturating_mul(sector_size), size }))
}

impl Table {
    fn read(disk: &dyn Disk, data: u64, end: u64, chunks_end: u64) -> io::Result<Self> {
        let header = bytes_at(disk, data, 24)?;
        if header.le32(20) != adler32(header.get(..20).unwrap_or_default()) {
            return Err(damaged(format!("the checksum of the table at offset {data:#x} is wrong")));
        }
        let (count, base) = (u64::from(header.le32(0)), header.le64(8));
        let at = data.saturating_add(TABLE_HEADER);
        let room = end.saturating_sub(at) / 4;
        if count > room || count > MOST_ENTRIES {
            let message =
                format!("the table at offset {data:#x} has {count} entries, and room for {room}");
            return Err(damaged(message));
        }
        // The first writers put the chunks into the section of the table, right after the entries.
        let entries_end = at.saturating_add(count.saturating_mul(4));
        let first =
            if count == 0 { 0 } else { u64::from(bytes_at(disk, at, 4)?.le32(0) & 0x7FFF_FFFF) };
        let first = base.saturating_add(first);
        let has_checksum = room > count && first != entries_end;
        let chunks_end = if (entries_end..end).contains(&first) { end } else { chunks_end };
        Ok(Self { segment: 0, count, base, at, has_checksum, mirror: None, chunks_end })
    }

    /// Reads the entries, from the second table if the first is damaged.
    pub(super) fn entries(&self, disk: &dyn Disk) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.count.saturating_mul(4)).unwrap_or(usize::MAX);
        let read = |at: u64| {
            let whole = length.saturating_add(if self.has_checksum { 4 } else { 0 });
            let bytes = bytes_at(disk, at, whole)?;
            let (entries, checksum) = bytes.split_at_checked(length).unwrap_or_default();
            if self.has_checksum && checksum.le32(0) != adler32(entries) {
                return Err(damaged(format!(
                    "the checksum of the entries at offset {at:#x} is wrong"
                )));
            }
            Ok(entries.to_vec())
        };
        match (read(self.at), self.mirror) {
            (Err(error), Some(mirror)) => read(mirror).map_err(|_| error),
            (entries, _) => entries,
        }
    }

    /// Returns the offset of a chunk, and whether the chunk is compressed.
    pub(super) fn start(&self, entries: &[u8], index: usize) -> (u64, bool) {
        const COMPRESSED: u32 = 1 << 31;
        let entry = entries.le32(index.saturating_mul(4));
        let offset = self.base.saturating_add(u64::from(entry & !COMPRESSED));
        (offset, entry & COMPRESSED != 0)
    }

    /// Returns the offset of the end of a chunk: the start of the next, or the end of the section.
    pub(super) fn end(&self, entries: &[u8], index: usize, start: u64) -> u64 {
        let next = index.saturating_add(1);
        if (next as u64) < self.count {
            return self.start(entries, next).0;
        }
        if self.chunks_end > start { self.chunks_end } else { u64::MAX }
    }
}

/// Returns the Adler-32 checksum.
pub(super) fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let (mut low, mut high) = (1_u32, 0_u32);
    // The sums of 5,552 bytes fit into 32 bits.
    for part in bytes.chunks(5552) {
        for byte in part {
            low = low.wrapping_add(u32::from(*byte));
            high = high.wrapping_add(low);
        }
        (low, high) = (low % MODULUS, high % MODULUS);
    }
    (high << 16) | low
}
