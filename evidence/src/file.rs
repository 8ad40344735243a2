// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Recognized`]: kind of a file, by its first bytes.

use core::fmt;
use std::fs::FileType;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use calhive_regf::hive::base_block::BaseBlock;
use calhive_regf::image::open_without_waiting;
use calhive_regf::{ErrorKind, FileError};

use crate::container::FileContainer;
use crate::license_file::LicenseFile;
use crate::registry_export::live_rows::LiveRows;
use crate::source_file::SourceFile;

/// Number of bytes that distinguish a hive from a log: the base block and the signature of the first bin.
pub(crate) const HEAD_LENGTH: usize = 4096 + 4;

/// Alignment of bins in copies of disks, in bytes.
const SECTOR: usize = 512;
/// Number of bytes searched at a time.
const CHUNK: u64 = 1 << 20;
/// Largest possible hive in bytes: offsets have 32 bits.
pub(crate) const LARGEST_HIVE: u64 = 1 << 32;

/// Kind of a file, by its content.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognized {
    /// A registry hive (`regf`), intact or damaged.
    Hive,
    /// Bins of a hive without a base block: a fragment, or a hive whose start is lost.
    Fragment,
    /// A transaction log.
    TransactionLog,
    /// A registry file of Windows 95, 98 or Me (`CREG`, `RGKN`).
    Windows9x,
    /// A text export of the registry editor (`.reg`).
    TextExport,
    /// Keys and values of running systems, one in each line (JSON Lines).
    LiveRows,
    /// A license that a Remote Desktop client on another system stored in a file (`.cal`).
    LicenseFile,
    /// A disk image or an archive.
    Container(FileContainer),
    /// An empty file.
    Empty,
    /// Anything else.
    Other,
}

impl Recognized {
    /// Returns the kind of the file that starts with these bytes. Pass 4,100 bytes, or all bytes of
    /// a shorter file.
    ///
    /// ```
    /// use calhive_evidence::Recognized;
    /// assert_eq!(Recognized::of(b"REGEDIT4\r\n"), Recognized::TextExport);
    /// assert_eq!(Recognized::of(b""), Recognized::Empty);
    /// ```
    pub fn of(head: &[u8]) -> Self {
        if head.is_empty() {
            return Self::Empty;
        }
        let container = FileContainer::of(head);
        match BaseBlock::parse(head).map_err(|error| error.kind()) {
            Err(ErrorKind::TransactionLog { .. }) => Self::TransactionLog,
            Err(ErrorKind::NotAHive { .. }) if begins_with_bin(head) => Self::Fragment,
            Err(ErrorKind::NotAHive { .. }) if container.is_some() => {
                container.map_or(Self::Other, Self::Container)
            }
            Err(ErrorKind::NotAHive { .. }) if head.starts_with(b"CREG") => Self::Windows9x,
            Err(ErrorKind::NotAHive { .. }) if head.starts_with(b"RGKN") => Self::Windows9x,
            Err(ErrorKind::NotAHive { .. }) if is_text_export(head) => Self::TextExport,
            Err(ErrorKind::NotAHive { .. }) if LiveRows::may_begin(head) => Self::LiveRows,
            // Only a whole file shows a license.
            Err(ErrorKind::NotAHive { .. })
                if head.len() < HEAD_LENGTH && LicenseFile::parse(head).is_some() =>
            {
                Self::LicenseFile
            }
            Err(ErrorKind::NotAHive { .. }) => Self::Other,
            // Faults of a hive are reported on parsing.
            Err(_) | Ok(_) => Self::Hive,
        }
    }

    /// Returns the kind of a whole file. The end of a file can identify a disk image too.
    pub fn of_file(bytes: &[u8]) -> Self {
        let head = bytes.get(..HEAD_LENGTH).unwrap_or(bytes);
        let tail = bytes.get(bytes.len().saturating_sub(SECTOR)..).unwrap_or_default();
        match Self::of(head) {
            Self::Other if LicenseFile::parse(bytes).is_some() => Self::LicenseFile,
            known => known.or_by_tail(tail),
        }
    }

    fn or_by_tail(self, tail: &[u8]) -> Self {
        match (self, FileContainer::of_tail(tail)) {
            (Self::Other | Self::Container(_), Some(container)) => Self::Container(container),
            _ => self,
        }
    }

    /// Returns advice for a user who should have given a hive; `None` for a hive or a fragment.
    pub const fn what_to_do(self) -> Option<&'static str> {
        Some(match self {
            Self::Hive | Self::Fragment => return None,
            Self::TransactionLog => {
                "give its hive instead: the file of the same name without .LOG, .LOG1 or .LOG2"
            }
            Self::Windows9x => {
                "calhive does not read this format; give the hives SYSTEM and SOFTWARE of Windows NT or \
                 later, which hold Remote Desktop licensing"
            }
            Self::TextExport => "`calhive scan` reads it, and `calhive token` decodes its licenses",
            Self::LiveRows => "`calhive scan` reads it",
            Self::LicenseFile => "`calhive scan` reads it, and `calhive token` decodes it",
            Self::Container(container) => container.what_to_do(),
            Self::Empty => "copy the hive from the evidence again, or give another copy",
            Self::Other => {
                "give a registry hive: a file that starts with \"regf\", such as SYSTEM or \
                 SOFTWARE in Windows\\System32\\config"
            }
        })
    }
}

impl fmt::Display for Recognized {
    /// Writes the kind as the end of a sentence that starts with "the file is".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Container(container) => return write!(f, "{container}"),
            Self::Hive => "a registry hive",
            Self::Fragment => "part of a registry hive, without the base block",
            Self::TransactionLog => "a transaction log, not a hive",
            Self::Windows9x => "a registry file of Windows 95, 98 or Me, not a hive of Windows NT",
            Self::LicenseFile => "a license file of a Remote Desktop client, not a hive",
            Self::TextExport => "a text export of the registry (.reg), not a hive",
            Self::LiveRows => "rows of a live registry (JSON Lines), not a hive",
            Self::Empty => "an empty file",
            Self::Other => "not a registry hive",
        })
    }
}

/// Returns whether a bin is at the start of the file, or at offset 4,096, where a hive has its first bin.
fn begins_with_bin(head: &[u8]) -> bool {
    head.starts_with(b"hbin") || head.get(4096..).is_some_and(|rest| rest.starts_with(b"hbin"))
}

/// Returns whether the bytes start an export of the registry editor: 8-bit code page, UTF-8 or UTF-16LE.
fn is_text_export(head: &[u8]) -> bool {
    let as_bytes = |text: &str| text.bytes().collect::<Vec<u8>>();
    let as_utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let text = head.strip_prefix(b"\xEF\xBB\xBF").or(head.strip_prefix(b"\xFF\xFE"));
    let text = text.unwrap_or(head);
    ["REGEDIT4", "Windows Registry Editor Version 5.00"]
        .iter()
        .any(|first| text.starts_with(&as_bytes(first)) || text.starts_with(&as_utf16(first)))
}

/// Reads the start and the end of a file, and returns the kind of the file.
///
/// # Errors
/// If the file is neither a regular file nor a block device, or if the file cannot be opened or read.
pub fn recognize(path: &Path) -> Result<Recognized, FileError> {
    let recognize = || {
        let head = head(path)?;
        Ok(match Recognized::of(&head) {
            Recognized::Other
                if LicenseFile::may_begin(&head) && LicenseFile::parse(&small(path)?).is_some() =>
            {
                Recognized::LicenseFile
            }
            known @ (Recognized::Other | Recognized::Container(_)) => {
                known.or_by_tail(&tail(path)?)
            }
            known => known,
        })
    };
    recognize().map_err(|source| FileError::new(path, source))
}

/// Opens a regular file or a block device, and never waits.
pub(crate) fn open(path: &Path) -> io::Result<SourceFile> {
    let (file, _) = open_without_waiting(path, |kind| has_offsets(*kind))?;
    Ok(SourceFile::new(file, path))
}

/// Reads a file up to the largest size of a license file and one byte more.
fn small(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(LicenseFile::MOST.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the last sector of a file.
fn tail(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = open(path)?;
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(end.saturating_sub(SECTOR as u64)))?;
    let mut tail = Vec::with_capacity(SECTOR);
    file.take(SECTOR as u64).read_to_end(&mut tail)?;
    Ok(tail)
}

/// Whether a file has bytes at offsets: a regular file or a block device.
pub(crate) fn has_offsets(kind: FileType) -> bool {
    kind.is_file() || is_block_device(kind)
}

#[cfg(all(unix, not(calhive_portable)))]
fn is_block_device(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_block_device(&kind)
}

#[cfg(any(not(unix), calhive_portable))]
fn is_block_device(_: FileType) -> bool {
    false
}

/// Reads the bytes of a file that identify its kind.
pub(crate) fn head(path: &Path) -> io::Result<Vec<u8>> {
    // One read is enough with this capacity. Each further read makes the system read ahead.
    let mut head = Vec::with_capacity(HEAD_LENGTH);
    open(path)?.take(HEAD_LENGTH as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Parts of hives in raw bytes, at multiples of 512.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Number of base blocks of hives, which have a valid checksum.
    pub(crate) hives: u64,
    /// Whether a bin exists. A file with bins alone can be a hive whose start is lost.
    pub(crate) has_bin: bool,
}

impl Parts {
    /// Finds parts of hives in bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut parts = Self::default();
        parts.add(bytes);
        parts
    }

    /// Finds parts of hives in a file, from an offset that is a multiple of 512. Reads 4 GiB at most.
    pub(crate) fn in_file(path: &Path, start: u64) -> io::Result<Self> {
        let mut file = open(path)?;
        file.seek(SeekFrom::Start(start))?;
        let (mut file, mut chunk, mut parts) =
            (file.take(LARGEST_HIVE), Vec::new(), Self::default());
        while (&mut file).take(CHUNK).read_to_end(&mut chunk)? > 0 {
            parts.add(&chunk);
            chunk.clear();
        }
        Ok(parts)
    }

    /// Adds the parts in further bytes.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for sector in bytes.chunks(SECTOR) {
            self.has_bin |= is_bin(sector);
            self.hives = self.hives.saturating_add(u64::from(is_base_block(sector)));
        }
    }
}

/// Returns whether the base block of a hive starts here.
fn is_base_block(sector: &[u8]) -> bool {
    sector.starts_with(b"regf")
        && BaseBlock::first_sector(sector)
            .is_ok_and(|block| block.checksum_is_valid() && block.raw().file_type.get() == 0)
}

/// Returns where a hive ends by its base block, as a multiple of 512; `None` if the file has no base block.
pub(crate) fn end_of_hive(path: &Path) -> io::Result<Option<u64>> {
    let head = head(path)?;
    let end = |block: BaseBlock<'_>| {
        let bins = u64::from(block.raw().bins_size.get());
        bins.next_multiple_of(SECTOR as u64).saturating_add(4096)
    };
    Ok(BaseBlock::first_sector(&head).ok().map(end))
}

/// Returns whether a bin starts here: its offset and size are multiples of 4,096.
fn is_bin(sector: &[u8]) -> bool {
    let is_whole = |at: usize| {
        sector.get(at..).is_some_and(|rest| matches!(rest, [0, low, ..] if low & 0xF == 0))
    };
    sector.starts_with(b"hbin") && is_whole(4) && is_whole(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn kind_of_a_file_follows_from_its_first_bytes() {
        let first = "Windows Registry Editor Version 5.00\r\n";
        let with_mark = [b"\xFF\xFE".as_slice(), &utf16(first)].concat();
        let mut log = vec![0; 4096];
        log[..4].copy_from_slice(b"regf");
        log[28] = 6;
        let headless = [vec![0; 4096], b"hbin".to_vec()].concat();
        for (head, expected) in [
            (&b""[..], Recognized::Empty),
            (b"regf", Recognized::Hive),
            (b"CREG\0\0\x01\0", Recognized::Windows9x),
            (b"RGKN", Recognized::Windows9x),
            (b"REGEDIT4", Recognized::TextExport),
            (first.as_bytes(), Recognized::TextExport),
            (&with_mark, Recognized::TextExport),
            (&utf16(first), Recognized::TextExport),
            (b"REGEDIT", Recognized::Other),
            (b"{\"CalhiveRow\":1}", Recognized::LiveRows),
            (b"{\"Row\":1}", Recognized::Other),
            (b"PK\x03\x04", Recognized::Container(FileContainer::Zip)),
            (&log, Recognized::TransactionLog),
            (&log[..512], Recognized::TransactionLog),
            (b"hbin", Recognized::Fragment),
            (&headless, Recognized::Fragment),
            (&headless[..4099], Recognized::Other),
        ] {
            assert_eq!(Recognized::of(head), expected, "{head:?}");
        }
    }

    #[test]
    fn bin_at_any_sector_is_found() {
        let folder = crate::scratch::Scratch::new("bins");
        let mut bin = vec![0; SECTOR];
        bin[..4].copy_from_slice(b"hbin");
        bin[9] = 0x10;
        let has_bin = |path: &Path| Parts::in_file(path, 0).unwrap().has_bin;
        for (before, expected) in [(0, true), (3 << 20, true), (512, true), (100, false)] {
            let path = folder.file("file", &[vec![0xFF; before], bin.clone()].concat());
            assert_eq!(has_bin(&path), expected, "{before}");
        }
        bin[8] = 1;
        assert!(!has_bin(&folder.file("odd", &bin)));
    }

    #[test]
    fn fixed_virtual_disk_is_recognized_by_its_end() {
        let folder = crate::scratch::Scratch::new("tail");
        let mut disk = vec![0; 3 * SECTOR];
        disk[2 * SECTOR..][..8].copy_from_slice(b"conectix");
        let expected = Recognized::Container(FileContainer::Vhd);
        assert_eq!(Recognized::of_file(&disk), expected);
        assert_eq!(recognize(&folder.file("disk", &disk)).unwrap(), expected);
        assert_eq!(recognize(&folder.file("cut", &disk[..1024])).unwrap(), Recognized::Other);
    }

    #[test]
    fn log_file_type_before_bins_is_a_hive() {
        let mut hive = vec![0; 4100];
        hive[..4].copy_from_slice(b"regf");
        hive[28] = 1;
        hive[4096..].copy_from_slice(b"hbin");
        assert_eq!(Recognized::of(&hive), Recognized::Hive);
    }

    #[test]
    fn every_kind_except_a_hive_has_advice() {
        for recognized in [
            Recognized::TransactionLog,
            Recognized::Windows9x,
            Recognized::TextExport,
            Recognized::LiveRows,
            Recognized::LicenseFile,
            Recognized::Empty,
            Recognized::Other,
        ] {
            assert!(recognized.what_to_do().is_some(), "{recognized}");
        }
        assert_eq!(Recognized::Hive.what_to_do(), None);
    }
}
