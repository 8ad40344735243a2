// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Gaps`]: volumes in the space of a disk that no entry of its partition table covers.

use std::io;

use super::{Partitions, Scheme};
use crate::disk::Disk;
use crate::structure::{Fields as _, bytes_at};
use crate::volume::VolumeKind;

/// Distance of the places at which a volume can start: partitions of Windows are aligned to 1 MiB.
const STEP: u64 = 1 << 20;
/// Most places searched: 16 GiB.
const MOST_PLACES: u64 = 1 << 14;
const SECTOR: u64 = 512;

/// Volumes in the space of a disk that no entry of its partition table covers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Gaps {
    /// Offset and largest size of each volume, in bytes.
    pub(crate) volumes: Vec<(u64, u64)>,
    /// Offset from which on the space was not searched.
    pub(crate) not_searched: Option<u64>,
}

impl Gaps {
    /// Searches for boot sectors of NTFS and BitLocker directly after each partition and each volume, and at multiples
    /// of 1 MiB. A disk without a partition table is searched after its volume.
    ///
    /// # Errors
    /// If a place cannot be read.
    pub(crate) fn of(disk: &dyn Disk, partitions: &Partitions) -> io::Result<Self> {
        let mut gaps = Self::default();
        let mut covered = Vec::new();
        match partitions.scheme {
            Scheme::DamagedGpt => return Ok(gaps),
            Scheme::None => match end_of_volume(disk, 0, disk.size())? {
                Some(end) => covered.push((0, end)),
                None => return Ok(gaps),
            },
            Scheme::Gpt | Scheme::Mbr => {
                for partition in &partitions.list {
                    let end = partition.offset.saturating_add(partition.size).min(disk.size());
                    let own = end_of_volume(disk, partition.offset, end)?;
                    covered.push((partition.offset, own.unwrap_or(end)));
                }
            }
        }
        covered.sort_unstable();
        let (mut at, mut places) = (0_u64, 0_u64);
        for (start, end) in covered.into_iter().chain([(disk.size(), disk.size())]) {
            gaps.search(disk, at, start, &mut places)?;
            at = at.max(end);
        }
        Ok(gaps)
    }

    fn search(
        &mut self,
        disk: &dyn Disk,
        start: u64,
        end: u64,
        places: &mut u64,
    ) -> io::Result<()> {
        let mut at = start.next_multiple_of(SECTOR);
        while at.saturating_add(SECTOR) <= end {
            if *places >= MOST_PLACES {
                self.not_searched.get_or_insert(at);
                return Ok(());
            }
            *places = places.saturating_add(1);
            let sector = bytes_at(disk, at, 512)?;
            let kind = VolumeKind::of(&sector);
            let is_volume = matches!(kind, VolumeKind::Ntfs | VolumeKind::BitLocker);
            if is_volume && sector.has(510, b"\x55\xAA") {
                self.volumes.push((at, end.saturating_sub(at)));
                let next = end_of_volume(disk, at, end)?.unwrap_or(at);
                at = next.max(at.saturating_add(SECTOR));
            } else {
                at = at.saturating_add(1).next_multiple_of(STEP);
            }
        }
        Ok(())
    }
}

/// Returns where the NTFS volume at an offset ends, with the copy of its boot sector; `None` for another volume. `end`
/// is the end of the space.
fn end_of_volume(disk: &dyn Disk, offset: u64, end: u64) -> io::Result<Option<u64>> {
    if offset.saturating_add(SECTOR) > end {
        return Ok(None);
    }
    let sector = bytes_at(disk, offset, 512)?;
    if VolumeKind::of(&sector) != VolumeKind::Ntfs {
        return Ok(None);
    }
    let size = sector.le64(40).saturating_add(1).saturating_mul(u64::from(sector.le16(11)));
    Ok(Some(offset.saturating_add(size).clamp(offset.saturating_add(SECTOR), end)))
}
