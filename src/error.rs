// SPDX-License-Identifier: MIT OR Apache-2.0
//! The one error type: what is wrong, in which structure, at which place in the file.
//!
//! A fault that did not stop the reader is an [`Error`] too: [`Walk::faults`](crate::Walk::faults)
//! and [`Hive::check`](crate::Hive::check) hand them out.

use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::bytes::FileOffset;

/// What the parsing layers return.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// What is wrong with a hive, and where.
///
/// ```
/// let error = calhive::Hive::parse(&[0; 8192]).unwrap_err();
/// assert!(matches!(error.kind(), calhive::ErrorKind::NotAHive { .. }));
/// assert_eq!(error.offset().get(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[error("{kind}, at file offset {offset}")]
pub struct Error {
    kind: ErrorKind,
    offset: FileOffset,
}

impl Error {
    /// An error of this kind at this place.
    #[cold]
    pub const fn new(kind: ErrorKind, offset: FileOffset) -> Self {
        Self { kind, offset }
    }

    /// Where a pointer leads nowhere, the place at fault is the pointer's.
    #[cold]
    pub(crate) const fn pointed_from(self, place: FileOffset) -> Self {
        match self.kind {
            ErrorKind::Nil { .. }
            | ErrorKind::OutOfBounds { .. }
            | ErrorKind::Misaligned { .. } => Self { offset: place, ..self },
            _ => self,
        }
    }

    /// What is wrong.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The absolute offset of the faulty structure or field in the file, in bytes.
    pub const fn offset(&self) -> FileOffset {
        self.offset
    }
}

/// What can be wrong with a hive. Each kind names the structure, what was expected and what was
/// found; REGF section numbers refer to the format page of the documentation.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum ErrorKind {
    /// The file does not begin with `regf`.
    #[error("not a registry hive: begins with {}, expected \"regf\"", Tag(*found))]
    NotAHive {
        /// The first four bytes (zero where the file is shorter).
        found: [u8; 4],
    },
    /// The base block is that of a transaction log (file type 1, 2 or 6).
    #[error("this is a transaction log (file type {file_type}), not a hive; give its hive instead")]
    TransactionLog {
        /// The file type of the base block.
        file_type: u32,
    },
    /// The base block is that of a hive or of nothing that is known, where a log was expected.
    #[error("not a transaction log: file type {file_type}, expected 1, 2 or 6")]
    NotALog {
        /// The file type of the base block.
        file_type: u32,
    },
    /// A version of the format that is not read: 1.0, or a major version other than 1.
    #[error("version {major}.{minor} of the hive format is not supported (1.1 to 1.6 are)")]
    UnsupportedVersion {
        /// Major version.
        major: u32,
        /// Minor version.
        minor: u32,
    },
    /// Fewer bytes than the structure needs.
    #[error("{structure} is cut short: needs {needed} bytes, has {available}")]
    Truncated {
        /// What is cut.
        structure: Structure,
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that are there.
        available: u64,
    },
    /// The bytes that should name the structure name something else.
    #[error("{structure} has the signature {}, expected {}", Tag(*found), structure.tags())]
    Signature {
        /// What was expected here.
        structure: Structure,
        /// The bytes found (two-byte signatures are padded with zeros).
        found: [u8; 4],
    },
    /// NIL (0xFFFFFFFF) where a cell is needed.
    #[error("{structure} is missing: its offset is NIL")]
    Nil {
        /// What should be there.
        structure: Structure,
    },
    /// A cell offset beyond the hive's bins.
    #[error("{structure} lies outside the bins: offset {target:#x}, the bins end at {end:#x}")]
    OutOfBounds {
        /// What should be there.
        structure: Structure,
        /// The offset, relative to the first bin.
        target: u32,
        /// Where the bins end, relative to the first bin.
        end: u32,
    },
    /// A cell offset that is no multiple of the cell alignment.
    #[error("{structure} is misaligned: offset {target:#x}")]
    Misaligned {
        /// What should be there.
        structure: Structure,
        /// The offset, relative to the first bin.
        target: u32,
    },
    /// A cell size that no cell can have: zero, too small, unaligned, or past the end.
    #[error("the cell of a {structure} has the impossible size {size}")]
    CellSize {
        /// What the cell should hold.
        structure: Structure,
        /// The size field (negative when allocated).
        size: i32,
    },
    /// The cell that is pointed to is marked free.
    #[error("the cell of a {structure} is marked free (size {size})")]
    FreeCell {
        /// What the cell should hold.
        structure: Structure,
        /// The size field.
        size: i32,
    },
    /// The checksum of the base block does not match its bytes.
    #[error("base block checksum is {found:#010x}, its bytes give {expected:#010x}")]
    Checksum {
        /// What the bytes give.
        expected: u32,
        /// What is stored.
        found: u32,
    },
    /// A number that another structure contradicts.
    #[error("{structure}: {field} is {found}, expected {expected}")]
    Mismatch {
        /// Where the number stands.
        structure: Structure,
        /// Which number.
        field: Field,
        /// What the other structures say.
        expected: u64,
        /// What is stored.
        found: u64,
    },
    /// A subkey list whose names do not ascend.
    #[error("subkey list is out of order at element {index}")]
    Order {
        /// Index of the element that is not greater than the one before it.
        index: u32,
    },
    /// Two subkeys of one key with the same name.
    #[error("subkey list names the same key twice, at element {index}")]
    Duplicate {
        /// Index of the second one.
        index: u32,
    },
    /// A cell that the tree reaches a second time: a loop, or shared by two parents.
    #[error("{structure} at {target:#x} is reached a second time (a loop, or shared)")]
    AlreadyVisited {
        /// What the cell holds.
        structure: Structure,
        /// Its offset, relative to the first bin.
        target: u32,
    },
    /// Something is in the hive that the tree leaves out: this field contradicts other parts of the hive,
    /// which would lead to it.
    #[error("the {by} here leaves out a {structure} that the hive holds")]
    Hidden {
        /// What is hidden.
        structure: Structure,
        /// The field that hides it.
        by: HiddenBy,
    },
    /// A limit of [`Limits`](crate::Limits) is used up.
    #[error("limit reached: {limit} (at most {most})")]
    LimitReached {
        /// Which limit.
        limit: Limit,
        /// Its value.
        most: u64,
    },
}

/// The structures of the format, as errors name them.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Structure {
    /// The first 4,096 bytes, `regf` (REGF 1).
    BaseBlock,
    /// The header of a bin, `hbin` (REGF 2).
    Bin,
    /// A cell (REGF 3).
    Cell,
    /// A key node, `nk` (REGF 4).
    KeyNode,
    /// The name of a key.
    KeyName,
    /// A leaf of a subkey list, `li`, `lf` or `lh`, or the index root above leaves, `ri`.
    SubkeyList,
    /// A leaf below an index root: `li`, `lf` or `lh`, never another `ri`.
    SubkeyLeaf,
    /// The array of offsets of a key's values.
    ValueList,
    /// A value, `vk`.
    KeyValue,
    /// The name of a value.
    ValueName,
    /// The cell with a value's data.
    ValueData,
    /// The header of data in segments, `db`.
    BigData,
    /// The array of offsets of the segments of a `db`.
    SegmentList,
    /// One segment of a `db`.
    Segment,
    /// A security cell, `sk`.
    Security,
    /// The security descriptor in a security cell.
    SecurityDescriptor,
    /// The cell with a key's class name.
    ClassName,
    /// An entry of a transaction log, `HvLE` (REGF 6).
    LogEntry,
    /// The map of dirty sectors of a transaction log, `DIRT` (REGF 5).
    DirtyVector,
}

impl Structure {
    const fn tags(self) -> &'static str {
        match self {
            Self::BaseBlock => "\"regf\"",
            Self::Bin => "\"hbin\"",
            Self::KeyNode => "\"nk\"",
            Self::SubkeyList => "\"li\", \"lf\", \"lh\" or \"ri\"",
            Self::SubkeyLeaf => "\"li\", \"lf\" or \"lh\"",
            Self::KeyValue => "\"vk\"",
            Self::BigData => "\"db\"",
            Self::Security => "\"sk\"",
            Self::LogEntry => "\"HvLE\"",
            Self::DirtyVector => "\"DIRT\"",
            _ => "none",
        }
    }
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BaseBlock => "base block",
            Self::Bin => "bin header (hbin)",
            Self::Cell => "cell",
            Self::KeyNode => "key node (nk)",
            Self::KeyName => "key name",
            Self::SubkeyList => "subkey list",
            Self::SubkeyLeaf => "leaf of a subkey list",
            Self::ValueList => "value list",
            Self::KeyValue => "value (vk)",
            Self::ValueName => "value name",
            Self::ValueData => "value data",
            Self::BigData => "big data (db)",
            Self::SegmentList => "segment list of big data",
            Self::Segment => "segment of big data",
            Self::Security => "security cell (sk)",
            Self::SecurityDescriptor => "security descriptor",
            Self::ClassName => "class name",
            Self::LogEntry => "log entry (HvLE)",
            Self::DirtyVector => "map of dirty sectors (DIRT)",
        })
    }
}

/// The numbers that [`ErrorKind::Mismatch`] is about.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The offset of a bin within the bins.
    Offset,
    /// A size or length, in bytes.
    Size,
    /// A number of elements.
    Count,
    /// The offset of the parent key.
    Parent,
    /// The hash or hint beside an element of a subkey list.
    Hash,
    /// How many keys use a security cell.
    ReferenceCount,
    /// A neighbor in the ring of security cells.
    Link,
    /// The file type, file format or clustering factor of the base block.
    Format,
    /// A sequence number: the secondary against the primary one, or that of an entry of a log.
    Sequence,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offset => "offset",
            Self::Size => "size",
            Self::Count => "count",
            Self::Parent => "parent offset",
            Self::Hash => "hash",
            Self::ReferenceCount => "reference count",
            Self::Link => "link",
            Self::Format => "format field",
            Self::Sequence => "sequence number",
        })
    }
}

/// The field on disk that hides something, see [`Hive::hidden`](crate::Hive::hidden).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HiddenBy {
    /// The base block's offset of the root key.
    Root,
    /// A key's number of subkeys.
    SubkeyCount,
    /// The number of elements in the head of a subkey list.
    ListCount,
    /// A key's offset of its subkey list.
    SubkeyList,
    /// An element of a subkey list.
    SubkeyElement,
    /// A key's number of values.
    ValueCount,
    /// A key's offset of its value list.
    ValueList,
    /// An element of a value list.
    ValueElement,
    /// The length of a name.
    NameLength,
    /// The flag that tells whether a name is stored in Latin-1.
    NameFlag,
    /// The length of a value's data.
    DataSize,
    /// The bit that tells whether the data stand in the value itself.
    DataInline,
    /// A value's offset of its data.
    DataOffset,
    /// The type of a value.
    DataType,
    /// The number of segments of big data.
    BigDataCount,
    /// The offset of the segment list of big data.
    BigDataList,
    /// An element of the segment list of big data.
    BigDataElement,
    /// No field that is known: nothing refers to it.
    Unreferenced,
}

impl fmt::Display for HiddenBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "offset of the root key",
            Self::SubkeyCount => "number of subkeys",
            Self::ListCount => "number of elements of the subkey list",
            Self::SubkeyList => "offset of the subkey list",
            Self::SubkeyElement => "element of the subkey list",
            Self::ValueCount => "number of values",
            Self::ValueList => "offset of the value list",
            Self::ValueElement => "element of the value list",
            Self::NameLength => "length of the name",
            Self::NameFlag => "flag of the name",
            Self::DataSize => "length of the data",
            Self::DataInline => "bit of inline data",
            Self::DataOffset => "offset of the data",
            Self::DataType => "type",
            Self::BigDataCount => "number of segments",
            Self::BigDataList => "offset of the segment list",
            Self::BigDataElement => "element of the segment list",
            Self::Unreferenced => "no field that is known",
        })
    }
}

/// The limits that [`ErrorKind::LimitReached`] is about.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// Levels below the root.
    Depth,
    /// Bytes of the names on a path.
    PathBytes,
    /// Keys in a walk.
    Keys,
    /// Elements of subkey lists in a walk or a look-up.
    Elements,
    /// Values in a walk.
    Values,
    /// Bytes of value data in a walk, or in one value.
    Data,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Depth => "levels of keys",
            Self::PathBytes => "bytes of a key path",
            Self::Keys => "keys",
            Self::Elements => "elements of subkey lists",
            Self::Values => "values",
            Self::Data => "bytes of value data",
        })
    }
}

/// Shows a signature: as text where it is printable, as hex where it is not.
struct Tag([u8; 4]);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0;
        let shown: &[u8] = if c == 0 && d == 0 { &[a, b] } else { &self.0 };
        match core::str::from_utf8(shown) {
            Ok(text) if shown.iter().all(u8::is_ascii_graphic) => write!(f, "\"{text}\""),
            _ => {
                f.write_str("0x")?;
                shown.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

/// A file that could not be opened or read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", path.display())]
pub struct FileError {
    path: PathBuf,
    /// No `source`: the message tells it, and whoever shows a chain would tell it twice.
    cause: io::Error,
}

impl FileError {
    /// An error about this file.
    pub fn new(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self { path: path.into(), cause: source }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_structure_expected_found_and_offset() {
        let found = *b"lk\0\0";
        let kind = ErrorKind::Signature { structure: Structure::KeyNode, found };
        let error = Error::new(kind, FileOffset::new(0x1020));
        assert_eq!(
            error.to_string(),
            "key node (nk) has the signature \"lk\", expected \"nk\", at file offset 0x1020"
        );
        let kind = ErrorKind::NotAHive { found: [0, 1, 2, 0xFF] };
        assert!(kind.to_string().contains("0x000102ff"));
    }

    #[test]
    fn an_error_stays_small_enough_to_return_from_a_hot_loop() {
        assert!(size_of::<Error>() <= 40, "{}", size_of::<Error>());
    }
}
