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
/// Offsets of the two tables of regions.
const REGIONS: [u64; 2] = [0x3_0000, 0x4_0000];
/// Largest region that the crate reads into memory: the table of blocks of 8 TiB in blocks of 1 MiB.
const LARGEST_REGION: u32 = 64 << 20;

/// Opens a virtual hard disk of Hyper-V.
///
/// # Errors
/// If a structure is damaged, if the disk has a parent, or if its log holds writes.
pub(super) fn open(file: Arc<dyn Disk>) -> io::Result<Arc<dyn Disk>> {
    refuse_log(&*file)?;
    refuse_large_regions(&*file)?;
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
    Ok(Arc::new(Contained::new(reader, size)))
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
        let table = bytes_at(file, at, 64 << 10)?;
        let count = usize::try_from(table.le32(8)).unwrap_or(usize::MAX).min(2047);
        let entries = table.get(16..).unwrap_or_default().chunks_exact(32).take(count);
        if let Some(large) = entries.map(|entry| entry.le32(24)).find(|it| *it > LARGEST_REGION) {
            let message =
                format!("VHDX region of {large} bytes; calhive reads up to {LARGEST_REGION}");
            return Err(unsupported(message));
        }
    }
    Ok(())
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
