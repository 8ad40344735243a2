// SPDX-License-Identifier: MIT OR Apache-2.0
//! GUID partition tables, in sectors of 512 or 4,096 bytes.

use std::io;

use super::{Partition, Partitions, Scheme};
use crate::disk::Disk;
use crate::structure::{Fields as _, block_of, bytes_at, damaged, guid};

const SECTOR_SIZES: [u64; 2] = [512, 4096];
/// Largest table of entries. The usual table has 16 KiB.
const MOST_ENTRIES: u64 = 1 << 20;

/// Reads the partitions of a disk with a GUID partition table; `None` if no header is valid.
pub(super) fn read(disk: &dyn Disk) -> Option<Partitions> {
    for sector in SECTOR_SIZES {
        let first = read_header(disk, sector, sector);
        if let Ok(list) = first {
            return Some(Partitions { scheme: Scheme::Gpt, list, faults: Vec::new() });
        }
    }
    for sector in SECTOR_SIZES {
        let size = disk.size().saturating_sub(block_of(disk.size(), sector).1);
        let Some(at) = size.checked_sub(sector) else { continue };
        let first = read_header(disk, sector, sector);
        if let (Ok(list), Err(error)) = (read_header(disk, at, sector), first) {
            let fault = format!("the first GPT header is not valid ({error}); the backup was read");
            return Some(Partitions { scheme: Scheme::Gpt, list, faults: vec![fault] });
        }
    }
    None
}

/// Reads a header and its entries.
fn read_header(disk: &dyn Disk, at: u64, sector: u64) -> io::Result<Vec<Partition>> {
    let mut header = bytes_at(disk, at, 512)?;
    if !header.has(0, b"EFI PART") {
        return Err(damaged(format!("no GPT header at offset {at:#x}")));
    }
    let length = usize::try_from(header.le32(12)).unwrap_or(0);
    if !(92..=512).contains(&length) {
        return Err(damaged(format!("GPT header of {length} bytes at offset {at:#x}")));
    }
    let stored = header.le32(16);
    header.truncate(length);
    header.iter_mut().skip(16).take(4).for_each(|byte| *byte = 0);
    if crc32(&header) != stored {
        return Err(damaged(format!("the checksum of the GPT header at offset {at:#x} is wrong")));
    }
    let (entries_at, count) = (header.le64(72).saturating_mul(sector), u64::from(header.le32(80)));
    let (size, stored) = (u64::from(header.le32(84)), header.le32(88));
    let length = count.saturating_mul(size);
    if size < 128 || length > MOST_ENTRIES {
        return Err(damaged(format!("GPT with {count} entries of {size} bytes")));
    }
    let entries = bytes_at(disk, entries_at, usize::try_from(length).unwrap_or(usize::MAX))?;
    if crc32(&entries) != stored {
        let message = format!("the checksum of the GPT entries at offset {entries_at:#x} is wrong");
        return Err(damaged(message));
    }
    let entries = entries.chunks_exact(usize::try_from(size).unwrap_or(usize::MAX));
    Ok(entries.zip(1..).filter_map(|(entry, number)| partition(entry, number, sector)).collect())
}

fn partition(entry: &[u8], number: u32, sector: u64) -> Option<Partition> {
    let kind = guid(entry.array(0));
    let (first, last) = (entry.le64(32), entry.le64(40));
    if entry.array::<16>(0) == [0; 16] || last < first {
        return None;
    }
    let sectors = last.saturating_sub(first).saturating_add(1);
    let units = entry.get(56..128)?.chunks_exact(2).map(|unit| unit.le16(0));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    let name = String::from_utf16_lossy(&units);
    let type_name = type_name(&kind);
    let what = if name.is_empty() { type_name } else { format!("{type_name}, named {name}") };
    Some(Partition {
        number,
        offset: first.saturating_mul(sector),
        size: sectors.saturating_mul(sector),
        what,
    })
}

/// Returns the name of a type, or its GUID.
fn type_name(kind: &str) -> String {
    let name = match kind {
        "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" => "EFI system",
        "e3c9e316-0b5c-4db8-817d-f92df00215ae" => "Microsoft reserved",
        "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7" => "Windows data",
        "de94bba4-06d1-4d40-a16a-bfd50179d6ac" => "Windows recovery",
        "e75caf8f-f680-4cee-afa3-b001e56efc2d" => "Storage Spaces",
        "5808c8aa-7e8f-42e0-85d2-e1e90434cfb3" => "Windows dynamic disk, database",
        "af9b60a0-1431-4f62-bc68-3311714a69ad" => "Windows dynamic disk, data",
        "0fc63daf-8483-4772-8e79-3d69d8477de4" => "Linux data",
        "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f" => "Linux swap",
        "e6d6d379-f507-44c2-a23c-238f2a3df928" => "Linux LVM",
        "7c3457ef-0000-11aa-aa11-00306543ecac" => "Apple APFS",
        "48465300-0000-11aa-aa11-00306543ecac" => "Apple HFS+",
        other => return format!("type {other}"),
    };
    name.to_owned()
}

/// Returns the CRC-32 checksum.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xEDB8_8320;
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 }
        })
    })
}
