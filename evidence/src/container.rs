// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`FileContainer`]: a disk image or an archive, by its first bytes.

use core::fmt;

/// A disk image or an archive. It can hold hives, but it is no hive itself.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileContainer {
    /// Raw image of a disk with a GUID partition table.
    Gpt,
    /// Raw image of a disk with a master boot record.
    Mbr,
    /// Raw image of an NTFS volume.
    Ntfs,
    /// Raw image of a FAT or exFAT volume.
    Fat,
    /// Raw image of a `ReFS` volume.
    Refs,
    /// Raw image of a volume encrypted with `BitLocker`.
    BitLocker,
    /// Raw image of a volume encrypted with LUKS.
    Luks,
    /// Raw image of a physical volume of LVM.
    Lvm,
    /// Raw image of an APFS container.
    Apfs,
    /// Raw image of an XFS volume.
    Xfs,
    /// `EnCase` image (E01, L01, S01).
    Ewf,
    /// `EnCase` image, version 2 (Ex01, Lx01).
    Ewf2,
    /// Advanced Forensic Format, version 1 to 3.
    Aff,
    /// Advanced Forensic Format 4.
    Aff4,
    /// Virtual hard disk (VHD).
    Vhd,
    /// Virtual hard disk (VHDX).
    Vhdx,
    /// Disk of `VMware`.
    Vmdk,
    /// Disk of QEMU.
    Qcow,
    /// Disk of `VirtualBox`.
    Vdi,
    /// Windows image (WIM, ESD).
    Wim,
    /// `zip` archive.
    Zip,
    /// `tar` archive.
    Tar,
    /// `gzip` file.
    Gzip,
    /// `zstd` file.
    Zstd,
    /// `xz` file.
    Xz,
    /// `bzip2` file.
    Bzip2,
    /// `lz4` file.
    Lz4,
    /// 7z archive.
    SevenZip,
    /// RAR archive.
    Rar,
    /// Cabinet archive.
    Cabinet,
}

/// Signatures, each with its offset.
const SIGNATURES: [(usize, &[u8], FileContainer); 39] = [
    (512, b"EFI PART", FileContainer::Gpt),
    // Disks with sectors of 4,096 bytes. The caller passes 4,100 bytes.
    (4096, b"EFI ", FileContainer::Gpt),
    (3, b"NTFS    ", FileContainer::Ntfs),
    (3, b"EXFAT   ", FileContainer::Fat),
    (82, b"FAT32   ", FileContainer::Fat),
    (54, b"FAT12   ", FileContainer::Fat),
    (54, b"FAT16   ", FileContainer::Fat),
    (3, b"ReFS\0\0\0\0", FileContainer::Refs),
    (3, b"-FVE-FS-", FileContainer::BitLocker),
    (0, b"LUKS\xBA\xBE", FileContainer::Luks),
    (512, b"LABELONE", FileContainer::Lvm),
    (32, b"NXSB", FileContainer::Apfs),
    (0, b"XFSB", FileContainer::Xfs),
    (0, b"EVF\x09\x0D\x0A\xFF\0", FileContainer::Ewf),
    (0, b"LVF\x09\x0D\x0A\xFF\0", FileContainer::Ewf),
    (0, b"EVF2\x0D\x0A\x81\0", FileContainer::Ewf2),
    (0, b"LEF2\x0D\x0A\x81\0", FileContainer::Ewf2),
    (0, b"AFF10\r\n\0", FileContainer::Aff),
    // The first file of an AFF4 container.
    (30, b"container.description", FileContainer::Aff4),
    (30, b"information.turtle", FileContainer::Aff4),
    (0, b"conectix", FileContainer::Vhd),
    (0, b"vhdxfile", FileContainer::Vhdx),
    (0, b"KDMV", FileContainer::Vmdk),
    (0, b"COWD", FileContainer::Vmdk),
    (0, b"# Disk DescriptorFile", FileContainer::Vmdk),
    (0, b"QFI\xFB", FileContainer::Qcow),
    (64, b"\x7F\x10\xDA\xBE", FileContainer::Vdi),
    (0, b"MSWIM\0\0\0", FileContainer::Wim),
    (0, b"PK\x03\x04", FileContainer::Zip),
    (0, b"PK\x05\x06", FileContainer::Zip),
    (257, b"ustar", FileContainer::Tar),
    (0, b"\x1F\x8B\x08", FileContainer::Gzip),
    (0, b"\x28\xB5\x2F\xFD", FileContainer::Zstd),
    (0, b"\xFD7zXZ\0", FileContainer::Xz),
    (4, b"1AY&SY", FileContainer::Bzip2),
    (0, b"\x04\x22\x4D\x18", FileContainer::Lz4),
    (0, b"7z\xBC\xAF\x27\x1C", FileContainer::SevenZip),
    (0, b"Rar!\x1A\x07", FileContainer::Rar),
    (0, b"MSCF\0\0\0\0", FileContainer::Cabinet),
];

impl FileContainer {
    /// Returns the kind of the file that starts with these bytes; `None` for any other file.
    ///
    /// ```
    /// use calhive_evidence::FileContainer;
    /// assert_eq!(FileContainer::of(b"PK\x03\x04"), Some(FileContainer::Zip));
    /// assert_eq!(FileContainer::of(b"regf"), None);
    /// ```
    pub fn of(head: &[u8]) -> Option<Self> {
        let is = |at: usize, signature: &[u8]| {
            head.get(at..).is_some_and(|rest| rest.starts_with(signature))
        };
        let known = SIGNATURES.iter().find(|(at, signature, _)| is(*at, signature));
        match known {
            Some((_, _, container)) => Some(*container),
            // A frame for other data, before those of a zstd file.
            None if matches!(head, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..]) => Some(Self::Zstd),
            None if is_old_tar(head) => Some(Self::Tar),
            None if is_partitioned(head) => Some(Self::Mbr),
            None => None,
        }
    }

    /// Returns the kind by the last 512 bytes of a file. A fixed VHD has its signature only there.
    pub fn of_tail(tail: &[u8]) -> Option<Self> {
        tail.starts_with(b"conectix").then_some(Self::Vhd)
    }

    /// Whether calhive opens the file as a disk.
    pub(crate) const fn is_disk(self) -> bool {
        self.is_raw_disk()
            || matches!(self, Self::Ewf | Self::Vhd | Self::Vhdx | Self::Vmdk | Self::Qcow)
    }

    /// Whether the file is a raw image of a disk or volume.
    pub(crate) const fn is_raw_disk(self) -> bool {
        matches!(
            self,
            Self::Gpt
                | Self::Mbr
                | Self::Ntfs
                | Self::Fat
                | Self::Refs
                | Self::BitLocker
                | Self::Luks
                | Self::Lvm
                | Self::Apfs
                | Self::Xfs
        )
    }

    /// Whether the files in the container are stored in one piece each, unless fragmented.
    pub const fn is_plain(self) -> bool {
        matches!(self, Self::Gpt | Self::Mbr | Self::Ntfs | Self::Fat | Self::Tar | Self::Vhd)
    }

    /// Returns advice for a user who should have given a hive.
    pub const fn what_to_do(self) -> &'static str {
        match self {
            Self::Zip | Self::Tar | Self::Gzip | Self::Zstd => {
                "`calhive scan` reads the hives in it, and `calhive extract` copies them"
            }
            Self::Xz | Self::Bzip2 | Self::Lz4 => {
                "calhive does not read this compression; unpack it and give the file"
            }
            Self::SevenZip | Self::Rar | Self::Cabinet => {
                "calhive does not read this kind of archive; unpack it and give the folder with the hives"
            }
            Self::Wim => {
                "calhive does not read Windows images; apply it (dism, wimlib-imagex) and give the folder \
                 with the hives"
            }
            Self::Ewf2 => {
                "calhive does not read Ex01; export it as E01 or raw (EnCase, X-Ways) and give that image"
            }
            Self::Aff => {
                "calhive does not read AFF; convert it to raw (affconvert) and give that image"
            }
            Self::Aff4 => {
                "calhive does not read AFF4; export it as E01 or raw (aff4imager, X-Ways) and give that image"
            }
            Self::Vdi => {
                "calhive does not read VDI; convert it to raw (qemu-img convert -O raw) and give that image"
            }
            Self::Fat | Self::Refs | Self::Apfs | Self::Xfs => {
                "calhive reads NTFS only; mount the volume read-only and give the folder with the hives"
            }
            Self::Luks | Self::Lvm => {
                "calhive does not open it; unlock or activate it read-only and give the volume inside"
            }
            Self::Gpt
            | Self::Mbr
            | Self::Ntfs
            | Self::BitLocker
            | Self::Ewf
            | Self::Vhd
            | Self::Vhdx
            | Self::Vmdk
            | Self::Qcow => {
                "`calhive scan` reads the hives in it, and `calhive extract` copies them"
            }
        }
    }
}

impl fmt::Display for FileContainer {
    /// Writes the kind with its article.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gpt => "a disk image (raw, GPT partitions)",
            Self::Mbr => "a disk image (raw, MBR partitions)",
            Self::Ntfs => "a disk image (raw, NTFS volume)",
            Self::Fat => "a disk image (raw, FAT volume)",
            Self::Refs => "a disk image (raw, ReFS volume)",
            Self::BitLocker => "a disk image (raw, volume encrypted with BitLocker)",
            Self::Luks => "a disk image (raw, volume encrypted with LUKS)",
            Self::Lvm => "a disk image (raw, LVM physical volume)",
            Self::Apfs => "a disk image (raw, APFS container)",
            Self::Xfs => "a disk image (raw, XFS volume)",
            Self::Ewf => "a disk image (EnCase, E01)",
            Self::Ewf2 => "a disk image (EnCase, Ex01)",
            Self::Aff => "a disk image (AFF)",
            Self::Aff4 => "a disk image (AFF4)",
            Self::Vhd => "a disk image (VHD)",
            Self::Vhdx => "a disk image (VHDX)",
            Self::Vmdk => "a disk image (VMDK)",
            Self::Qcow => "a disk image (QCOW2)",
            Self::Vdi => "a disk image (VDI)",
            Self::Wim => "a Windows image (WIM)",
            Self::Zip => "a zip archive",
            Self::Tar => "a tar archive",
            Self::Gzip => "a gzip file",
            Self::Zstd => "a zstd file",
            Self::Xz => "an xz file",
            Self::Bzip2 => "a bzip2 file",
            Self::Lz4 => "an lz4 file",
            Self::SevenZip => "a 7z archive",
            Self::Rar => "a RAR archive",
            Self::Cabinet => "a cabinet archive",
        })
    }
}

/// Whether a header of a `tar` archive without the mark `ustar` starts here, by its checksum.
fn is_old_tar(head: &[u8]) -> bool {
    const CHECKSUM: core::ops::Range<usize> = 148..156;
    let (Some(header), Some(stored)) = (head.get(..512), head.get(CHECKSUM)) else { return false };
    let digits: String = stored.iter().map(|byte| char::from(*byte)).collect();
    let digits = digits.trim_matches([' ', '\0']);
    let Ok(stored) = u32::from_str_radix(digits, 8) else { return false };
    let byte =
        |(at, byte): (usize, &u8)| u32::from(if CHECKSUM.contains(&at) { b' ' } else { *byte });
    let sum = header.iter().enumerate().map(byte).fold(0_u32, u32::wrapping_add);
    sum == stored && header.first() != Some(&0)
}

/// Whether a master boot record starts here: its mark, and a partition table that makes sense.
fn is_partitioned(head: &[u8]) -> bool {
    const TABLE: usize = 446;
    let Some(table) = head.get(TABLE..510) else { return false };
    if head.get(510..512) != Some(b"\x55\xAA") {
        return false;
    }
    let has_boot_flag = |entry: &[u8]| matches!(entry.first(), Some(0 | 0x80));
    let is_used = |entry: &[u8]| {
        let sectors = entry.get(8..16).unwrap_or_default();
        let (start, length) = sectors.split_at_checked(4).unwrap_or_default();
        entry.get(4) != Some(&0)
            && [start, length].iter().all(|it| it.iter().any(|byte| *byte != 0))
    };
    table.chunks_exact(16).all(has_boot_flag) && table.chunks_exact(16).any(is_used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_is_recognized_at_its_offset() {
        for (at, signature, expected) in SIGNATURES {
            let mut head = vec![0; at];
            if at == 30 {
                head[..4].copy_from_slice(b"PK\x03\x04");
            }
            head.extend_from_slice(signature);
            assert_eq!(FileContainer::of(&head), Some(expected), "{expected}");
            assert!(!expected.what_to_do().is_empty());
            head[at] ^= 0xFF;
            assert_ne!(FileContainer::of(&head), Some(expected), "{expected}");
        }
        assert_eq!(FileContainer::of_tail(b"conectix"), Some(FileContainer::Vhd));
    }

    #[test]
    fn boot_record_needs_a_plausible_partition_table() {
        let mut disk = vec![0; 512];
        disk[510..].copy_from_slice(b"\x55\xAA");
        assert_eq!(FileContainer::of(&disk), None);
        (disk[446], disk[450], disk[455], disk[459]) = (0x80, 7, 8, 1);
        assert_eq!(FileContainer::of(&disk), Some(FileContainer::Mbr));
        disk[462] = 1;
        assert_eq!(FileContainer::of(&disk), None);
    }

    #[test]
    fn tar_archive_without_mark_is_recognized_by_its_checksum() {
        let mut header = vec![0; 512];
        header[..6].copy_from_slice(b"SYSTEM");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert_eq!(FileContainer::of(&header), Some(FileContainer::Tar));
        header[0] = b's';
        assert_eq!(FileContainer::of(&header), None);
    }
}
