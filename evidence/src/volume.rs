// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`VolumeKind`]: what a volume holds, by its first bytes.

use core::fmt;

use crate::structure::Fields as _;

/// Number of bytes that identify a volume. Btrfs has its mark at 64 KiB.
pub(crate) const HEAD: usize = 68 << 10;

/// File system or other content of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VolumeKind {
    /// NTFS: the file system of Windows.
    Ntfs,
    /// Encrypted with `BitLocker`.
    BitLocker,
    Fat,
    ExFat,
    Refs,
    Lvm,
    Luks,
    Apfs,
    HfsPlus,
    Ext,
    Xfs,
    Btrfs,
    Swap,
    LinuxRaid,
    StorageSpaces,
    DynamicDisk,
    /// Zeros only.
    Empty,
    Unknown,
}

use VolumeKind as Kind;

/// Marks, each with its offset.
const MARKS: [(usize, &[u8], Kind); 22] = [
    (3, b"NTFS    ", Kind::Ntfs),
    (3, b"-FVE-FS-", Kind::BitLocker),
    (3, b"EXFAT   ", Kind::ExFat),
    (3, b"ReFS\0\0\0\0", Kind::Refs),
    (0, b"LUKS\xBA\xBE", Kind::Luks),
    (32, b"NXSB", Kind::Apfs),
    (512, b"LABELONE", Kind::Lvm),
    (0, b"LABELONE", Kind::Lvm),
    (1024, b"H+\0\x04", Kind::HfsPlus),
    (1024, b"HX\0\x05", Kind::HfsPlus),
    (0, b"XFSB", Kind::Xfs),
    (0x1_0040, b"_BHRfS_M", Kind::Btrfs),
    (4086, b"SWAPSPACE2", Kind::Swap),
    (4096, b"\xFC\x4E\x2B\xA9", Kind::LinuxRaid),
    (0, b"SPACEDB ", Kind::StorageSpaces),
    (512, b"SPACEDB ", Kind::StorageSpaces),
    (4096, b"SPACEDB ", Kind::StorageSpaces),
    (0, b"PRIVHEAD", Kind::DynamicDisk),
    (1080, b"\x53\xEF", Kind::Ext),
    (82, b"FAT32   ", Kind::Fat),
    (54, b"FAT16   ", Kind::Fat),
    (54, b"FAT12   ", Kind::Fat),
];

impl VolumeKind {
    /// Returns the kind of a volume that starts with these bytes. Pass [`HEAD`] bytes, or all of a smaller volume.
    pub(crate) fn of(head: &[u8]) -> Self {
        // BitLocker To Go keeps the boot sector of a FAT volume, with this GUID.
        const TO_GO: &[u8] = b"\x3B\xD6\x67\x49\x29\x2E\xD8\x4A\x83\x99\xF6\xA3\x39\xE3\xD0\x01";
        if head.has(3, b"MSWIN4.1") && head.has(424, TO_GO) {
            return Self::BitLocker;
        }
        let known = MARKS.iter().find(|(at, mark, _)| head.has(*at, mark));
        match known {
            Some((_, _, kind)) => *kind,
            None if head.iter().all(|byte| *byte == 0) => Self::Empty,
            None => Self::Unknown,
        }
    }

    /// Whether the volume begins with a boot sector in place of a partition table.
    pub(crate) const fn is_boot_sector(self) -> bool {
        matches!(self, Self::Ntfs | Self::BitLocker | Self::Fat | Self::ExFat | Self::Refs)
    }

    /// Whether Windows can be installed on such a volume, or hives can be on it for another reason.
    pub(crate) const fn can_hold_hives(self) -> bool {
        !matches!(self, Self::Swap | Self::Empty)
    }

    /// Returns what to do with a volume that calhive does not read; `None` if no step helps.
    pub(crate) const fn next_step(self) -> Option<&'static str> {
        Some(match self {
            Self::Ntfs | Self::Swap | Self::Empty => return None,
            Self::BitLocker => "give its recovery password: --bitlocker-recovery-password",
            Self::Fat | Self::ExFat => {
                "if hives were copied to it, mount it read-only and give the folder with them"
            }
            Self::Refs => {
                "mount it read-only on Windows and give its folder Windows\\System32\\config"
            }
            Self::Lvm => "activate it read-only (vgchange -ay) and give the logical volume",
            Self::Luks => {
                "unlock it read-only (cryptsetup open --readonly) and give the device under /dev/mapper"
            }
            Self::Apfs | Self::HfsPlus => {
                "if hives were copied to it, mount it read-only on macOS and give the folder with them"
            }
            Self::Ext | Self::Xfs | Self::Btrfs => {
                "if it holds disks or copies of Windows, mount it read-only and give the files"
            }
            Self::LinuxRaid => "assemble it read-only (mdadm --readonly) and give the device",
            Self::StorageSpaces => {
                "attach all disks of the pool read-only on Windows and give the folder of the volume"
            }
            Self::DynamicDisk => {
                "give the volume itself: map it with ldmtool, or mount it on Windows"
            }
            Self::Unknown => {
                "it can be encrypted, damaged or of an unknown kind; if Windows is on it, give an image of \
                 the decrypted or repaired volume"
            }
        })
    }
}

impl fmt::Display for VolumeKind {
    /// Writes the kind as a noun phrase.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ntfs => "NTFS volume",
            Self::BitLocker => "volume encrypted with BitLocker",
            Self::Fat => "FAT volume",
            Self::ExFat => "exFAT volume",
            Self::Refs => "ReFS volume",
            Self::Lvm => "LVM physical volume",
            Self::Luks => "volume encrypted with LUKS",
            Self::Apfs => "APFS container",
            Self::HfsPlus => "HFS+ volume",
            Self::Ext => "ext2, ext3 or ext4 volume",
            Self::Xfs => "XFS volume",
            Self::Btrfs => "Btrfs volume",
            Self::Swap => "Linux swap space",
            Self::LinuxRaid => "member of a Linux RAID",
            Self::StorageSpaces => "member of a Storage Spaces pool",
            Self::DynamicDisk => "Windows dynamic disk",
            Self::Empty => "empty volume",
            Self::Unknown => "volume of an unknown kind",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_recognized_at_its_offset() {
        for (at, mark, expected) in MARKS {
            let mut head = vec![0; at];
            head.extend_from_slice(mark);
            head.resize(HEAD, 0);
            assert_eq!(VolumeKind::of(&head), expected);
            head[at] ^= 0xFF;
            assert_eq!(VolumeKind::of(&head), VolumeKind::Unknown, "{expected}");
        }
        assert_eq!(VolumeKind::of(&[0; HEAD]), VolumeKind::Empty);
    }

    #[test]
    fn bitlocker_to_go_is_no_fat_volume() {
        let mut head = vec![0; HEAD];
        head[3..11].copy_from_slice(b"MSWIN4.1");
        head[82..90].copy_from_slice(b"FAT32   ");
        assert_eq!(VolumeKind::of(&head), VolumeKind::Fat);
        head[424..440].copy_from_slice(&[
            0x3B, 0xD6, 0x67, 0x49, 0x29, 0x2E, 0xD8, 0x4A, 0x83, 0x99, 0xF6, 0xA3, 0x39, 0xE3,
            0xD0, 1,
        ]);
        assert_eq!(VolumeKind::of(&head), VolumeKind::BitLocker);
    }
}
