// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`BootSector`]: sizes of a volume, and the place of its `$MFT`.

use std::io;

use crate::disk::Disk;
use crate::field::{bytes_at, in_place, invalid, u16_at, u64_at};

/// Length of the part that is read.
const LENGTH: usize = 512;
/// Largest cluster in bytes (Windows 10 1709).
const LARGEST_CLUSTER: u64 = 2 << 20;
/// Sizes of file records in bytes.
const RECORD_SIZES: core::ops::RangeInclusive<u64> = 512..=(64 << 10);

/// Sizes of a volume, and the place of its `$MFT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BootSector {
    /// Size of a cluster in bytes.
    pub(super) cluster: u64,
    /// Size of the volume in bytes.
    pub(super) size: u64,
    /// Offset of the `$MFT` in bytes.
    pub(super) mft: u64,
    /// Offset of the `$MFTMirr` in bytes.
    pub(super) mft_mirror: u64,
    /// Size of a file record in bytes.
    pub(super) record: u64,
}

impl BootSector {
    /// Reads the first sector of the volume. If it is damaged, reads its copy in the last sector. Returns the error
    /// of the first sector too.
    ///
    /// # Errors
    /// If both are damaged or unreadable. The error is about the first sector.
    pub(super) fn read(disk: &dyn Disk) -> io::Result<(Self, Option<io::Error>)> {
        let first = match Self::at(disk, 0) {
            Ok(sector) => return Ok((sector, None)),
            Err(error) => error,
        };
        let size = disk.size();
        for sector in [512, 4096] {
            // The end of a partition can be no multiple of the sector.
            let last = size.checked_div(sector).and_then(|sectors| sectors.checked_sub(1));
            let last = last.map(|last| Self::at(disk, last.saturating_mul(sector)));
            if let Some(Ok(copy)) = last {
                return Ok((copy, Some(first)));
            }
        }
        Err(first)
    }

    /// Returns the number of clusters.
    pub(super) fn clusters(&self) -> u64 {
        self.size.checked_div(self.cluster).unwrap_or(0)
    }

    fn at(disk: &dyn Disk, offset: u64) -> io::Result<Self> {
        let mut bytes = [0; LENGTH];
        disk.read_at(offset, &mut bytes)?;
        Self::parse(&bytes).map_err(|error| {
            in_place(format_args!("NTFS boot sector at offset {offset:#x}"), &error)
        })
    }

    fn parse(bytes: &[u8]) -> io::Result<Self> {
        let name: [u8; 8] = bytes_at(bytes, 3).unwrap_or_default();
        if name != *b"NTFS    " {
            return Err(invalid(format!("expected \"NTFS\", found \"{}\"", name.escape_ascii())));
        }
        let sector = u64::from(u16_at(bytes, 11).unwrap_or(0));
        if !sector.is_power_of_two() || !(256..=4096).contains(&sector) {
            return Err(invalid(format!("expected a sector size of 512 to 4,096, found {sector}")));
        }
        let [sectors] = bytes_at(bytes, 13).unwrap_or_default();
        let cluster = match sectors {
            0..=0x80 => sector.saturating_mul(u64::from(sectors)),
            // Large clusters: the negative exponent of two.
            _ => power_of_two(sectors).saturating_mul(sector),
        };
        if !cluster.is_power_of_two() || cluster > LARGEST_CLUSTER {
            return Err(invalid(format!("expected a cluster size up to 2 MiB, found {cluster}")));
        }
        let [record] = bytes_at(bytes, 64).unwrap_or_default();
        let record = match record {
            0..=0x7F => cluster.saturating_mul(u64::from(record)),
            _ => power_of_two(record),
        };
        if !record.is_power_of_two() || !RECORD_SIZES.contains(&record) {
            return Err(invalid(format!(
                "expected a record size of 1,024 or 4,096, found {record}"
            )));
        }
        let size = u64_at(bytes, 40).unwrap_or(0).checked_mul(sector);
        let size = size.filter(|size| *size >= cluster);
        let size = size.ok_or_else(|| invalid("the number of sectors does not fit a volume"))?;
        let place = |at| u64_at(bytes, at).unwrap_or(0).checked_mul(cluster);
        let mft = place(48).filter(|mft| (1..size).contains(mft));
        let mft = mft.ok_or_else(|| invalid("the place of the $MFT is not on the volume"))?;
        Ok(Self { cluster, size, mft, mft_mirror: place(56).unwrap_or(0), record })
    }
}

/// Returns two to the power of a negative exponent without its sign.
fn power_of_two(exponent: u8) -> u64 {
    1_u64.checked_shl(u32::from(exponent.wrapping_neg())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sector(change: impl Fn(&mut [u8; 512])) -> io::Result<BootSector> {
        let mut bytes = [0; 512];
        bytes[3..11].copy_from_slice(b"NTFS    ");
        bytes[12] = 2; // 512 bytes
        bytes[13] = 8;
        bytes[40..48].copy_from_slice(&0x8000_u64.to_le_bytes());
        bytes[48] = 4;
        bytes[56] = 2;
        bytes[64] = 0xF6;
        change(&mut bytes);
        BootSector::parse(&bytes)
    }

    #[test]
    fn sizes_are_read_in_each_form() {
        let plain = sector(|_| {}).unwrap();
        let expected = BootSector {
            cluster: 4096,
            size: 0x100_0000,
            mft: 0x4000,
            mft_mirror: 0x2000,
            record: 1024,
        };
        assert_eq!(plain, expected);
        assert_eq!(plain.clusters(), 4096);
        // Clusters of 2 MiB: two to the power of 12 sectors.
        assert_eq!(sector(|bytes| bytes[13] = 0xF4).unwrap().cluster, 2 << 20);
        let wide = sector(|bytes| (bytes[12], bytes[13], bytes[64]) = (0x10, 1, 1)).unwrap();
        assert_eq!((wide.cluster, wide.record), (4096, 4096));
    }

    #[test]
    fn impossible_sizes_are_reported() {
        for (at, value, message) in [
            (3, b'X', "expected \"NTFS\", found \"XTFS    \""),
            (12, 3, "expected a sector size of 512 to 4,096, found 768"),
            (13, 3, "expected a cluster size up to 2 MiB, found 1536"),
            (13, 0xF3, "expected a cluster size up to 2 MiB, found 4194304"),
            (64, 0, "expected a record size of 1,024 or 4,096, found 0"),
            (64, 0xE0, "expected a record size of 1,024 or 4,096, found 4294967296"),
            (47, 0xFF, "the number of sectors does not fit a volume"),
            (55, 0xFF, "the place of the $MFT is not on the volume"),
        ] {
            let error = sector(|bytes| bytes[at] = value).unwrap_err().to_string();
            assert_eq!(error, message);
        }
    }
}
