// SPDX-License-Identifier: MIT OR Apache-2.0
//! Master boot records, with the chain of extended boot records.

use alloc::collections::BTreeSet;
use std::io;

use super::{Partition, Partitions, Scheme};
use crate::disk::Disk;
use crate::structure::{Fields as _, bytes_at};

/// Type of the entry that covers a disk with a GUID partition table.
pub(super) const GPT: u8 = 0xEE;
/// Most logical partitions. Windows and Linux stop far below.
const MOST_LOGICAL: u32 = 256;

/// An entry of a partition table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Place in the table, from 1.
    number: u32,
    pub(super) kind: u8,
    /// First sector and number of sectors.
    start: u64,
    sectors: u64,
}

/// Returns the used entries in a boot record.
pub(super) fn entries(sector: &[u8]) -> impl Iterator<Item = Entry> {
    const TABLE: core::ops::Range<usize> = 446..510;
    let table = sector.get(TABLE).unwrap_or_default();
    let entry = |(entry, number): (&[u8], u32)| Entry {
        number,
        kind: entry.get(4).copied().unwrap_or(0),
        start: u64::from(entry.le32(8)),
        sectors: u64::from(entry.le32(12)),
    };
    table.chunks_exact(16).zip(1..).map(entry).filter(|entry| entry.kind != 0 && entry.sectors != 0)
}

impl Entry {
    const fn is_extended(self) -> bool {
        matches!(self.kind, 0x05 | 0x0F | 0x85)
    }

    fn partition(self, number: u32, base: u64, sector_size: u64) -> Partition {
        let kind = self.kind;
        let name = match kind {
            0x01 | 0x04 | 0x06 | 0x0B | 0x0C | 0x0E => "FAT",
            0x07 => "NTFS or exFAT",
            0x27 => "Windows recovery",
            0x42 => "Windows dynamic disk",
            0x82 => "Linux swap",
            0x83 => "Linux",
            0x8E => "Linux LVM",
            0xAF => "Apple HFS",
            0xEF => "EFI system",
            0xFD => "Linux RAID",
            _ => "other",
        };
        Partition {
            number,
            offset: base.saturating_add(self.start).saturating_mul(sector_size),
            size: self.sectors.saturating_mul(sector_size),
            what: format!("{name}, type {kind:02x}"),
        }
    }
}

/// Returns the size of a sector: 4,096 if a volume starts only where that size places it.
fn sector_size(disk: &dyn Disk, head: &[u8]) -> u64 {
    let starts_volume = |entry: Entry, size: u64| {
        let mark = entry.start.saturating_mul(size).saturating_add(510);
        bytes_at(disk, mark, 2).is_ok_and(|mark| mark == b"\x55\xAA")
    };
    let fits = |size: u64| entries(head).any(|entry| starts_volume(entry, size));
    if !fits(512) && fits(4096) { 4096 } else { 512 }
}

/// Reads the partitions of a disk with a master boot record.
pub(super) fn read(disk: &dyn Disk, head: &[u8]) -> io::Result<Partitions> {
    let size = sector_size(disk, head);
    let mut partitions = Partitions { scheme: Scheme::Mbr, ..Partitions::default() };
    let mut next = 5;
    for entry in entries(head) {
        if entry.is_extended() {
            read_extended(disk, entry.start, size, &mut next, &mut partitions);
        } else {
            partitions.list.push(entry.partition(entry.number, 0, size));
        }
    }
    partitions.list.sort_by_key(|partition| partition.number);
    if partitions.list.is_empty() && partitions.faults.is_empty() {
        // The mark of a boot record alone is no partition table.
        return Ok(Partitions::default());
    }
    Ok(partitions)
}

/// Reads the chain of records in an extended partition. `base` is its first sector.
fn read_extended(disk: &dyn Disk, base: u64, size: u64, next: &mut u32, found: &mut Partitions) {
    let (mut at, mut seen) = (base, BTreeSet::new());
    while seen.insert(at) {
        if seen.len() > MOST_LOGICAL as usize {
            let fault =
                format!("more than {MOST_LOGICAL} logical partitions; the rest were not read");
            found.faults.push(fault);
            return;
        }
        let offset = at.saturating_mul(size);
        let record = match bytes_at(disk, offset, 512) {
            Ok(record) if record.has(510, b"\x55\xAA") => record,
            Ok(_) => {
                let fault = format!("no extended boot record at offset {offset:#x}");
                found.faults.push(format!("{fault}; later logical partitions are lost"));
                return;
            }
            Err(error) => {
                let fault = format!("the extended boot record cannot be read: {error}");
                found.faults.push(fault);
                return;
            }
        };
        let mut link = None;
        for entry in entries(&record) {
            if entry.is_extended() {
                link = link.or(Some(base.saturating_add(entry.start)));
            } else {
                found.list.push(entry.partition(*next, at, size));
                *next = next.saturating_add(1);
            }
        }
        let Some(link) = link else { return };
        at = link;
    }
    let offset = at.saturating_mul(size);
    found.faults.push(format!("the extended boot records lead back to offset {offset:#x}"));
}
