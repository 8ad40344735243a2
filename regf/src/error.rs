// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Error`]: a fault of a hive, with structure and file offset.
//!
//! Faults that do not stop the reader use the same type. [`Walk::faults`](crate::Walk::faults) and
//! [`Hive::check`](crate::Hive::check) report them.

use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::offset::FileOffset;
use crate::path_text::PathText;

/// Result of the parsing layers.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Fault of a hive, with its place in the file.
///
/// ```
/// let error = calhive_regf::Hive::parse(&[0; 8192]).unwrap_err();
/// assert!(matches!(error.kind(), calhive_regf::ErrorKind::NotAHive { .. }));
/// assert_eq!(error.offset().get(), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
#[error("{kind}, at file offset {offset}")]
pub struct Error {
    kind: ErrorKind,
    offset: FileOffset,
}

impl Error {
    /// Creates an error of this kind at this file offset.
    #[cold]
    pub const fn new(kind: ErrorKind, offset: FileOffset) -> Self {
        Self { kind, offset }
    }

    /// If the pointer leads to no cell, changes the offset of the error to `place`, the place of
    /// the pointer.
    /// Returns any other error unchanged.
    #[cold]
    pub(crate) const fn pointed_from(self, place: FileOffset) -> Self {
        match self.kind {
            ErrorKind::Nil { .. }
            | ErrorKind::OutOfBounds { .. }
            | ErrorKind::Misaligned { .. } => Self { offset: place, ..self },
            _ => self,
        }
    }

    /// Returns the kind of fault.
    #[inline]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Returns the file offset of the faulty structure or field.
    #[inline]
    pub const fn offset(&self) -> FileOffset {
        self.offset
    }
}

/// Kind of fault. Each kind names the structure, the expected and the found value. The page
/// [`format`](mod@crate::format) describes the structures.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum ErrorKind {
    /// The file does not begin with `regf`.
    #[error("not a registry hive: begins with {}, expected \"regf\"", Tag(*found))]
    NotAHive {
        /// First four bytes of the file, padded with zeros if the file is shorter.
        found: [u8; 4],
    },
    /// The base block belongs to a transaction log (file type 1, 2 or 6).
    #[error(
        "transaction log (file type {file_type}), expected a hive; open the hive of this log instead"
    )]
    TransactionLog {
        /// File type in the base block.
        file_type: u32,
    },
    /// The base block does not belong to a transaction log, although a log was expected.
    #[error("not a transaction log: file type {file_type}, expected 1, 2 or 6")]
    NotALog {
        /// File type in the base block.
        file_type: u32,
    },
    /// Unsupported version of the format: 1.0, or a major version other than 1.
    #[error("hive format version {major}.{minor} is not supported, expected 1.1 to 1.6")]
    UnsupportedVersion {
        /// Major version.
        major: u32,
        /// Minor version.
        minor: u32,
    },
    /// Too few bytes for the structure.
    #[error("{structure} is truncated: needs {needed} bytes, {available} available")]
    Truncated {
        /// The truncated structure.
        structure: Structure,
        /// Number of bytes that the structure needs.
        needed: u64,
        /// Number of bytes available.
        available: u64,
    },
    /// Wrong signature.
    #[error("{structure} has the signature {}, expected {}", Tag(*found), structure.tags())]
    Signature {
        /// The expected structure.
        structure: Structure,
        /// The bytes found. Signatures of two bytes are padded with zeros.
        found: [u8; 4],
    },
    /// NIL (0xFFFFFFFF) instead of the offset of a cell.
    #[error("{structure} is missing: the cell offset is NIL")]
    Nil {
        /// The expected structure.
        structure: Structure,
    },
    /// Cell offset beyond the bins.
    #[error("{structure} is outside the bins: cell offset {target:#x}, bins end at {end:#x}")]
    OutOfBounds {
        /// The expected structure.
        structure: Structure,
        /// The cell offset.
        target: u32,
        /// Length of the bins, which is the first invalid cell offset.
        end: u32,
    },
    /// Cell offset that is not a multiple of 8.
    #[error("{structure} is misaligned: cell offset {target:#x}, expected a multiple of 8")]
    Misaligned {
        /// The expected structure.
        structure: Structure,
        /// The cell offset.
        target: u32,
    },
    /// Impossible cell size: zero, too small, misaligned, or past the end of the bins.
    #[error("{structure}: impossible cell size {size}")]
    CellSize {
        /// The structure that the cell should hold.
        structure: Structure,
        /// Stored size, negative for an allocated cell.
        size: i32,
    },
    /// A reference leads to a cell that is marked free.
    #[error("{structure}: the cell is marked free (size {size}), expected an allocated cell")]
    FreeCell {
        /// The structure that the cell should hold.
        structure: Structure,
        /// Stored size.
        size: i32,
    },
    /// Wrong checksum of the base block.
    #[error("base block: checksum is {found:#010x}, expected {expected:#010x}")]
    Checksum {
        /// Checksum of the bytes.
        expected: u32,
        /// Stored checksum.
        found: u32,
    },
    /// Number that contradicts another structure.
    #[error("{structure}: {field} is {found}, expected {expected}")]
    Mismatch {
        /// The structure that holds the number.
        structure: Structure,
        /// The field that holds the number.
        field: Field,
        /// Number according to the other structures.
        expected: u64,
        /// Stored number.
        found: u64,
    },
    /// Names of a subkey list that do not ascend.
    #[error("subkey list is out of order at element {index}")]
    Order {
        /// Index of the element that is not greater than its predecessor.
        index: u32,
    },
    /// Two adjacent elements of a subkey list with the same name: two keys, or one key listed twice.
    #[error("subkey list has two elements of the same name, the second at element {index}")]
    Duplicate {
        /// Index of the second element.
        index: u32,
    },
    /// Cell that the tree reaches a second time, by a loop or from two parents.
    #[error("{structure} at cell offset {target:#x} is reached twice (loop or shared cell)")]
    AlreadyVisited {
        /// The structure in the cell.
        structure: Structure,
        /// Cell offset.
        target: u32,
    },
    /// A field hides content of the hive from the tree and contradicts other parts of the hive.
    #[error("{structure} is hidden from the tree by this field: {by}")]
    Hidden {
        /// The hidden structure.
        structure: Structure,
        /// The field that hides the structure.
        by: HiddenBy,
    },
    /// The key is a symbolic link ([regf.md](crate::format#key-nodes)). Windows reads the target instead, which can
    /// be in another hive.
    #[error("key is a symbolic link, and its target was not read")]
    SymbolicLink,
    /// A limit of [`Limits`](crate::Limits), or a [`Budget`](crate::Budget), is reached.
    #[error("limit reached: {limit} (at most {most})")]
    LimitReached {
        /// The limit.
        limit: Limit,
        /// Value of the limit.
        most: u64,
    },
}

/// Structure of the format, as errors name it.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Structure {
    /// Base block, `regf` ([regf.md](crate::format#base-block)).
    BaseBlock,
    /// Bin header, `hbin` ([regf.md](crate::format#bins)).
    Bin,
    /// Cell ([regf.md](crate::format#cells)).
    Cell,
    /// Key node, `nk` ([regf.md](crate::format#key-nodes)).
    KeyNode,
    /// Name of a key ([regf.md](crate::format#key-names)).
    KeyName,
    /// Subkey list: a leaf (`li`, `lf`, `lh`) or an index root (`ri`)
    /// ([regf.md](crate::format#subkey-lists)).
    SubkeyList,
    /// Leaf below an index root: `li`, `lf` or `lh`, never another `ri`.
    SubkeyLeaf,
    /// Value list: cell offsets of the values of a key ([regf.md](crate::format#value-lists)).
    ValueList,
    /// Value record, `vk` ([regf.md](crate::format#values)).
    KeyValue,
    /// Name of a value.
    ValueName,
    /// Cell with the data of a value ([regf.md](crate::format#value-data)).
    ValueData,
    /// Header of big data, `db` ([regf.md](crate::format#big-data)).
    BigData,
    /// Segment list of big data.
    SegmentList,
    /// Segment of big data.
    Segment,
    /// Security cell, `sk` ([regf.md](crate::format#security)).
    Security,
    /// Security descriptor in a security cell.
    SecurityDescriptor,
    /// Cell with the class name of a key ([regf.md](crate::format#class-names)).
    ClassName,
    /// Entry of a transaction log, `HvLE` ([regf.md](crate::format#logs-of-the-new-format)).
    LogEntry,
    /// Dirty vector of a transaction log, `DIRT` ([regf.md](crate::format#logs-of-the-old-format)).
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
            Self::DirtyVector => "dirty vector (DIRT)",
        })
    }
}

/// Field that [`ErrorKind::Mismatch`] names.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Offset of a bin, or data offset of a value.
    Offset,
    /// Size or length in bytes.
    Size,
    /// Number of elements.
    Count,
    /// Parent offset of a key.
    Parent,
    /// Hash or hint in an element of a subkey list.
    Hash,
    /// Number of keys that use a security cell.
    ReferenceCount,
    /// Link to a neighbor in the ring of security cells.
    Link,
    /// File type, file format or clustering factor of the base block.
    Format,
    /// Sequence number of the base block or of a log entry.
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

/// Field on disk that hides content of a hive from the tree, see
/// [`Hive::hidden`](crate::Hive::hidden).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HiddenBy {
    /// Root offset in the base block.
    Root,
    /// Subkey count of a key.
    SubkeyCount,
    /// Element count in the header of a subkey list.
    ListCount,
    /// Subkey list offset of a key.
    SubkeyList,
    /// Element of a subkey list.
    SubkeyElement,
    /// Value count of a key.
    ValueCount,
    /// Value list offset of a key.
    ValueList,
    /// Element of a value list.
    ValueElement,
    /// Length of a name.
    NameLength,
    /// Flag for the encoding of a name.
    NameFlag,
    /// Data size of a value.
    DataSize,
    /// Bit of the data size that marks inline data.
    DataInline,
    /// Data offset of a value.
    DataOffset,
    /// Type of a value.
    DataType,
    /// Segment count of big data.
    BigDataCount,
    /// Segment list offset of big data.
    BigDataList,
    /// Element of the segment list of big data.
    BigDataElement,
    /// Terminator of a text. Data of the value follow the end of the text.
    Terminator,
    /// Size of a cell.
    CellSize,
    /// Minor version in the base block, which decides whether data can be big data.
    Version,
    /// Flag of a predefined key. The value count is then a handle, and the key shows no values.
    PredefinedHandle,
    /// Earlier element of the same list that has the same name.
    SameName,
    /// No known field: nothing refers to the record.
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
            Self::NameFlag => "encoding flag of the name",
            Self::DataSize => "length of the data",
            Self::DataInline => "inline bit of the data size",
            Self::DataOffset => "offset of the data",
            Self::DataType => "type",
            Self::BigDataCount => "number of segments",
            Self::BigDataList => "offset of the segment list",
            Self::BigDataElement => "element of the segment list",
            Self::Terminator => "terminator of the text",
            Self::CellSize => "size of the cell",
            Self::Version => "minor version",
            Self::PredefinedHandle => "flag of a predefined key (0x40)",
            Self::SameName => "earlier element of the same name",
            Self::Unreferenced => "no known field",
        })
    }
}

/// Limit that [`ErrorKind::LimitReached`] names.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// Levels of keys below the root.
    Depth,
    /// Bytes of all names on a path.
    PathBytes,
    /// Number of keys.
    Keys,
    /// Number of elements of subkey lists and value lists, or of entries of access control lists.
    Elements,
    /// Number of values.
    Values,
    /// Bytes of value data, in a walk or in one value.
    Data,
    /// Number of recovered records.
    Records,
    /// Names of keys and values to compare or to follow in look-ups of recovered records.
    LookUps,
    /// UTF-16 units of the paths of recovered records.
    Paths,
    /// Number of faults.
    Faults,
    /// Damaged entries of a transaction log.
    LogEntries,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Depth => "levels of keys",
            Self::PathBytes => "bytes of a key path",
            Self::Keys => "keys",
            Self::Elements => "elements of lists",
            Self::Values => "values",
            Self::Data => "bytes of value data",
            Self::Records => "recovered records",
            Self::LookUps => "names in look-ups",
            Self::Paths => "UTF-16 units of recovered paths",
            Self::Faults => "faults",
            Self::LogEntries => "damaged entries of a log",
        })
    }
}

/// Signature, displayed as text if printable, otherwise in hexadecimal.
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

/// Failure to open or read a file.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", PathText(path))]
pub struct FileError {
    path: PathBuf,
    /// Not a `source`, because the message includes the cause. A displayed chain would repeat it.
    cause: io::Error,
}

impl FileError {
    /// Creates an error about the file at `path`.
    pub fn new(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self { path: path.into(), cause: source }
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_names_structure_expected_found_and_offset() {
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
    fn error_size_stays_within_40_bytes() {
        assert!(size_of::<Error>() <= 40, "{}", size_of::<Error>());
    }
}
