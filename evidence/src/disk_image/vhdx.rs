// SPDX-License-Identifier: MIT OR Apache-2.0
//! Virtual hard disks of Hyper-V (VHDX), through the crate `vhdx-core`.

use alloc::sync::Arc;
use std::io;

use vhdx::{VhdxError, VhdxReader};

use crate::containment::{Contained, contained};
use crate::disk::{Cursor, Disk};
use crate::structure::{Fields as _, bytes_at, damaged, unsupported};

/// Offsets of the two headers.
const HEADERS: [u64; 2] = [0x1_0000, 0x2_0000];
/// Offsets of the two tables of regions, and their length.
const REGIONS: [u64; 2] = [0x3_0000, 0x4_0000];
const REGIONS_LENGTH: usize = 64 << 10;
/// Identifiers of regions: the table of blocks, and the metadata.
const BLOCKS: [u8; 16] =
    [0x66, 0x77, 0xC2, 0x2D, 0x23, 0xF6, 0, 0x42, 0x9D, 0x64, 0x11, 0x5E, 0x9B, 0xFD, 0x4A, 8];
const METADATA: [u8; 16] =
    [6, 0xA2, 0x7C, 0x8B, 0x90, 0x47, 0x9A, 0x4B, 0xB8, 0xFE, 0x57, 0x5F, 5, 0xF, 0x88, 0x6E];
/// Identifier of the metadata that begin with the size of a block.
const PARAMETERS: [u8; 16] = [
    0x37, 0x67, 0xA1, 0xCA, 0x36, 0xFA, 0x43, 0x4D, 0xB3, 0xB6, 0x33, 0xF0, 0xAA, 0x44, 0xE7, 0x6B,
];
/// Length of an entry of a table of regions, and of the table of metadata.
const ENTRY: usize = 32;
/// Bytes of the table of blocks that are read at once.
const PIECE: u64 = 64 << 10;
/// Largest region that the crate reads into memory: the table of blocks of 8 TiB in blocks of 1 MiB.
const LARGEST_REGION: u32 = 64 << 20;

/// Opens a virtual hard disk of Hyper-V. Returns its faults, which leave a part of the disk unreadable.
///
/// # Errors
/// If a structure is damaged, if the disk has a parent, or if its log holds writes.
pub(super) fn open(file: Arc<dyn Disk>) -> io::Result<(Arc<dyn Disk>, Vec<String>)> {
    refuse_log(&*file)?;
    refuse_large_regions(&*file)?;
    let faults = cut_short(&*file)?.into_iter().collect();
    let reader = contained(|| {
        VhdxReader::open_reader(Box::new(Cursor::new(file))).map_err(|error| match error {
            VhdxError::DifferencingNotSupported => unsupported(
                "differencing VHDX: its other data are in a parent disk; merge it into its parent \
                 (Merge-VHD) and give the merged disk",
            ),
            VhdxError::Io(error) => error,
            error => damaged(format!("VHDX: {error}")),
        })
    })?;
    let size = reader.virtual_disk_size();
    Ok((Arc::new(Contained::new(reader, size)), faults))
}

/// Refuses a disk whose log holds writes. `vhdx-core` applies them to wrong offsets.
fn refuse_log(file: &dyn Disk) -> io::Result<()> {
    const LOG: usize = 48;
    let mut newest = None;
    for at in HEADERS {
        let header = bytes_at(file, at, 4096)?;
        if header.has(0, b"head") && checksum(&header, 4) == header.le32(4) {
            newest = newest.max(Some((header.le64(8), header.array::<16>(LOG))));
        }
    }
    match newest {
        None => Err(damaged("no valid VHDX header at offset 0x10000 or 0x20000")),
        Some((_, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])) => Ok(()),
        Some(_) => Err(unsupported(
            "VHDX that was not closed: its log holds writes; on a copy, let Windows apply them \
             (Mount-VHD, then Dismount-VHD) and give the copy",
        )),
    }
}

/// Refuses tables that would need much memory.
fn refuse_large_regions(file: &dyn Disk) -> io::Result<()> {
    for at in REGIONS {
        let table = bytes_at(file, at, REGIONS_LENGTH)?;
        if let Some(large) = regions(&table).map(|it| it.le32(24)).find(|it| *it > LARGEST_REGION) {
            let message =
                format!("VHDX region of {large} bytes; calhive reads up to {LARGEST_REGION}");
            return Err(unsupported(message));
        }
    }
    Ok(())
}

/// Returns the entries of a table of regions.
fn regions(table: &[u8]) -> impl Iterator<Item = &[u8]> {
    let count = usize::try_from(table.le32(8)).unwrap_or(usize::MAX).min(2047);
    table.get(16..).unwrap_or_default().chunks_exact(ENTRY).take(count)
}

/// Returns offset and length of a region; `None` if neither table has it.
fn region(file: &dyn Disk, identifier: [u8; 16]) -> io::Result<Option<(u64, u32)>> {
    for at in REGIONS {
        let table = bytes_at(file, at, REGIONS_LENGTH)?;
        let entry = regions(&table).find(|entry| entry.has(0, &identifier));
        if let Some(entry) = entry.filter(|_| table.has(0, b"regi")) {
            return Ok(Some((entry.le64(16), entry.le32(24))));
        }
    }
    Ok(None)
}

/// Returns the size of a block; `None` if the metadata do not state it.
fn block_size(file: &dyn Disk) -> io::Result<Option<u64>> {
    let Some((start, _)) = region(file, METADATA)? else { return Ok(None) };
    let table = bytes_at(file, start, REGIONS_LENGTH)?;
    let entries = table.get(ENTRY..).unwrap_or_default().chunks_exact(ENTRY);
    let mut entries = entries.take(usize::from(table.le16(10)));
    let Some(entry) = entries.find(|entry| entry.has(0, &PARAMETERS)) else { return Ok(None) };
    let at = start.saturating_add(u64::from(entry.le32(16)));
    Ok(Some(u64::from(bytes_at(file, at, 4)?.le32(0))))
}

/// Returns the fault of a file that ends before a block that its table names.
fn cut_short(file: &dyn Disk) -> io::Result<Option<String>> {
    // The state of an entry is in its lowest bits, and its offset in a whole number of MiB.
    const STATE: u64 = 7;
    const PRESENT: u64 = 6;
    const OFFSET: u64 = !0xF_FFFF;
    let (Some(size), Some((start, length))) = (block_size(file)?, region(file, BLOCKS)?) else {
        return Ok(None);
    };
    let end = start.saturating_add(u64::from(length)).min(file.size());
    let (mut at, mut stored, mut cut) = (start, 0_u64, 0_u64);
    while at < end {
        let piece = end.saturating_sub(at).min(PIECE);
        let entries = bytes_at(file, at, usize::try_from(piece).unwrap_or(0))?;
        let entries = entries.chunks_exact(8).map(|entry| entry.le64(0));
        for entry in entries.filter(|entry| entry & STATE >= PRESENT) {
            stored = stored.saturating_add(1);
            let is_cut = (entry & OFFSET).saturating_add(size) > file.size();
            cut = cut.saturating_add(u64::from(is_cut));
        }
        at = at.saturating_add(PIECE);
    }
    let message = || {
        format!(
            "the file is cut short: {cut} of its {stored} blocks of {size} bytes end after the file at offset {:#x}",
            file.size()
        )
    };
    Ok((cut > 0).then(message))
}

/// Returns the CRC-32C of bytes, with the four bytes at an offset as zeros.
fn checksum(bytes: &[u8], at: usize) -> u32 {
    const POLYNOMIAL: u32 = 0x82F6_3B78;
    let is_own = |position: usize| (at..at.saturating_add(4)).contains(&position);
    let bytes = bytes.iter().enumerate();
    let bytes = bytes.map(|(position, byte)| if is_own(position) { 0 } else { *byte });
    !bytes.fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 }
        })
    })
}
