// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`BaseBlock`] (`regf`): the first 4,096 bytes of a hive ([regf.md](crate::format#base-block)).

use core::fmt;

use zerocopy::IntoBytes as _;

use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind, Result, Structure};
use crate::hive::name::Name;
use crate::meter::count;
use crate::offset::{BASE_BLOCK_LENGTH, CellOffset, FileOffset};
use crate::raw;
use crate::time::FileTime;

/// File types of transaction logs: 1 from Windows XP to 8, 2 up to Windows 2000, 6 since Windows
/// 8.1.
const LOG_TYPES: [u32; 3] = [1, 2, 6];
/// Offset of the checksum. The checksum covers all bytes before this offset.
const CHECKSUM_AT: usize = 508;

/// `regf`: the base block. `Copy`; borrows the evidence.
#[derive(Clone, Copy)]
pub struct BaseBlock<'d>(&'d raw::BaseBlockHead);

impl<'d> BaseBlock<'d> {
    /// Reads the base block at the start of `file`. A wrong checksum is not an error; see
    /// [`checksum_is_valid`](Self::checksum_is_valid).
    ///
    /// # Errors
    /// - [`ErrorKind::NotAHive`] if the signature is missing.
    /// - [`ErrorKind::TransactionLog`] if the file is a transaction log.
    /// - [`ErrorKind::Truncated`] if the file is shorter than 4,096 bytes.
    /// - [`ErrorKind::UnsupportedVersion`] for version 1.0 or a major version other than 1.
    pub fn parse(file: &'d [u8]) -> Result<Self> {
        let bytes = Bytes::new(file, FileOffset::new(0));
        if !file.starts_with(b"regf") {
            let mut found = [0; 4];
            found.iter_mut().zip(file).for_each(|(to, from)| *to = *from);
            return Err(Error::new(ErrorKind::NotAHive { found }, bytes.offset()));
        }
        // A log can be as short as 512 bytes, so the test for a log precedes the length test.
        let is_log_body =
            ["DIRT", "HvLE"].iter().any(|tag| bytes.clip(512, 4).as_slice() == tag.as_bytes());
        let file_type = bytes.array::<zerocopy::little_endian::U32>(28, 1).first().map(|n| n.get());
        // Pages of a log can begin where the first bin of a hive begins. If a bin is there, the
        // file counts as a log only with both a log type and a log signature.
        let has_bin = bytes.clip(BASE_BLOCK_LENGTH as usize, 4).as_slice() == b"hbin";
        if let Some(file_type) = file_type
            && let is_log_type = LOG_TYPES.contains(&file_type)
            && (is_log_type && is_log_body || (is_log_type || is_log_body) && !has_bin)
        {
            let kind = ErrorKind::TransactionLog { file_type };
            return Err(Error::new(kind, FileOffset::new(28)));
        }
        let whole: &raw::BaseBlock = bytes.record(Structure::BaseBlock)?;
        let raw = &whole.head;
        let (major, minor) = (raw.major.get(), raw.minor.get());
        if major != 1 || minor == 0 {
            let kind = ErrorKind::UnsupportedVersion { major, minor };
            return Err(Error::new(kind, FileOffset::new(20)));
        }
        Ok(Self(raw))
    }

    /// Reads the first sector of the base block of a hive or a log.
    ///
    /// # Errors
    /// [`ErrorKind::NotAHive`] without the signature, [`ErrorKind::Truncated`] below 512 bytes.
    pub fn first_sector(file: &'d [u8]) -> Result<Self> {
        let bytes = Bytes::new(file, FileOffset::new(0));
        let head: &raw::BaseBlockHead = bytes.record(Structure::BaseBlock)?;
        if head.signature != *b"regf" {
            let kind = ErrorKind::NotAHive { found: head.signature };
            return Err(Error::new(kind, bytes.offset()));
        }
        Ok(Self(head))
    }

    /// Returns the fields as stored on disk.
    pub const fn raw(self) -> &'d raw::BaseBlockHead {
        self.0
    }

    /// Wraps the first sector of a base block.
    pub(crate) const fn of(raw: &'d raw::BaseBlockHead) -> Self {
        Self(raw)
    }

    /// Returns the first sector, which holds the checksum and the bytes that the checksum covers.
    pub fn bytes(self) -> Bytes<'d> {
        Bytes::new(self.0.as_bytes(), FileOffset::new(0))
    }

    /// Returns the major and the minor version.
    pub const fn version(self) -> (u32, u32) {
        (self.0.major.get(), self.0.minor.get())
    }

    /// Returns the primary and the secondary sequence number. They differ during a write.
    pub const fn sequence(self) -> (u32, u32) {
        (self.0.primary_sequence.get(), self.0.secondary_sequence.get())
    }

    /// Returns the time of the last write. Since Windows 8.1 and Server 2012 R2 the field is not
    /// updated.
    pub const fn last_written(self) -> FileTime {
        FileTime::from_raw(self.0.last_written.get())
    }

    /// Returns the time of the last reorganization, without the two flag bits. `None` if the field
    /// holds no time.
    pub fn last_reorganized(self) -> Option<FileTime> {
        let raw = self.0.last_reorganized.get();
        (matches!(raw & 3, 1 | 2) && raw > 3).then(|| FileTime::from_raw(raw & !3))
    }

    /// Returns the tail of the path of the hive file, up to 32 UTF-16 units.
    pub fn file_name(self) -> Name<'d> {
        let field = self.bytes().clip(48, 64);
        let end = field.array::<[u8; 2]>(0, 32).iter().position(|unit| *unit == [0, 0]);
        Name::utf16(field.clip(0, end.unwrap_or(32).saturating_mul(2)).as_slice())
    }

    /// Returns the flags.
    pub const fn flags(self) -> raw::BaseFlags {
        raw::BaseFlags::from_bits_retain(self.0.flags.get())
    }

    /// Returns the cell offset of the root key.
    pub const fn root(self) -> CellOffset {
        CellOffset::new(self.0.root.get())
    }

    /// Returns the stored size of all bins in bytes.
    pub const fn bins_size(self) -> u32 {
        self.0.bins_size.get()
    }

    /// Computes the checksum: the XOR of the first 127 words, with 1 instead of 0 and 0xFFFFFFFE
    /// instead of 0xFFFFFFFF ([regf.md](crate::format#checksum)).
    pub fn computed_checksum(self) -> u32 {
        count(CHECKSUM_AT / 64);
        let words = self.bytes().array::<zerocopy::little_endian::U32>(0, CHECKSUM_AT / 4);
        match words.iter().fold(0, |sum, word| sum ^ word.get()) {
            0 => 1,
            u32::MAX => u32::MAX - 1,
            sum => sum,
        }
    }

    /// Returns whether the stored checksum equals the computed checksum.
    pub fn checksum_is_valid(self) -> bool {
        self.0.checksum.get() == self.computed_checksum()
    }

    /// Returns whether the file can lack the newest changes, which the transaction logs then hold.
    /// A hive is dirty if the sequence numbers differ or the checksum is wrong
    /// ([regf.md](crate::format#dirty-hives)).
    pub fn is_dirty(self) -> bool {
        let (primary, secondary) = self.sequence();
        primary != secondary || !self.checksum_is_valid()
    }

    /// Returns whether any version of offreg.dll wrote the hive.
    pub fn is_offline_registry(self) -> bool {
        &self.0.offline_signature == b"OfRg" || self.bytes().clip(168, 4).as_slice() == b"OfRg"
    }
}

impl fmt::Debug for BaseBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor) = self.version();
        f.debug_struct("BaseBlock")
            .field("version", &format_args!("{major}.{minor}"))
            .field("sequence", &self.sequence())
            .field("file_name", &self.file_name())
            .field("is_dirty", &self.is_dirty())
            .finish_non_exhaustive()
    }
}

/// Stores the right checksum.
pub(crate) fn seal(head: &mut raw::BaseBlockHead) {
    let checksum = BaseBlock::of(head).computed_checksum();
    head.checksum.set(checksum);
}
