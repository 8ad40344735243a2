// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Partitions`] of a disk: GPT, MBR with extended partitions, or none.

mod gaps;
mod gpt;
mod mbr;
#[cfg(test)]
mod tests;

use std::io;

pub(crate) use self::gaps::Gaps;
use crate::disk::Disk;
use crate::structure::{Fields as _, head_of};
use crate::volume::VolumeKind;

/// The partitions of a disk.
#[derive(Debug, Default)]
pub(crate) struct Partitions {
    /// How the disk is divided.
    pub(crate) scheme: Scheme,
    /// The partitions, by number.
    pub(crate) list: Vec<Partition>,
    /// Faults of the partition tables, each as a sentence without a period.
    pub(crate) faults: Vec<String>,
}

/// How a disk is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// No partition table: the disk is one volume.
    #[default]
    None,
    /// GUID partition table.
    Gpt,
    /// A GUID partition table with both headers damaged. The list is empty.
    DamagedGpt,
    /// Master boot record.
    Mbr,
}

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Number, as Linux counts: entries of a GPT from 1; in an MBR, primary partitions from 1 to 4, and logical
    /// ones from 5.
    pub(crate) number: u32,
    /// Offset on the disk, in bytes.
    pub(crate) offset: u64,
    /// Size in bytes. It can reach after the end of a truncated image.
    pub(crate) size: u64,
    /// Type of the partition by its table, and its name if it has one.
    pub(crate) what: String,
}

/// Reads the partition tables of a disk.
///
/// # Errors
/// If the start of the disk cannot be read. A damaged table is a fault in the result.
pub(crate) fn partitions(disk: &dyn Disk) -> io::Result<Partitions> {
    const HEAD: usize = 8192;
    let head = head_of(disk, HEAD)?;
    let has_boot_mark = head.has(510, b"\x55\xAA");
    // The boot sector of a volume has the same mark, and code in place of a partition table.
    if VolumeKind::of(&head).is_boot_sector() {
        return Ok(Partitions::default());
    }
    let protects_gpt = has_boot_mark && mbr::entries(&head).any(|entry| entry.kind == mbr::GPT);
    let mut partitions = match gpt::read(disk) {
        Some(gpt) => gpt,
        None if protects_gpt => Partitions {
            scheme: Scheme::DamagedGpt,
            list: Vec::new(),
            faults: vec![
                "damaged GPT: neither the first nor the backup header is valid; repair the table on a copy \
                 (gdisk, testdisk), or give an image of the volume"
                    .to_owned(),
            ],
        },
        None if has_boot_mark => mbr::read(disk, &head)?,
        None => Partitions::default(),
    };
    let size = disk.size();
    let mut faults = Vec::new();
    for partition in &partitions.list {
        let end = partition.offset.saturating_add(partition.size);
        if end > size {
            let number = partition.number;
            faults.push(format!(
                "partition {number} ends at offset {end:#x}, after the end of the disk at {size:#x}: the \
                 image is truncated, or the table is damaged"
            ));
        }
    }
    partitions.faults.extend(faults);
    Ok(partitions)
}
