// SPDX-License-Identifier: MIT OR Apache-2.0

//! Deleted items, and the parts of them that are left.

use std::ops::Range;

use crate::space::BASE_BLOCK;
use crate::tree::Name;

/// An item that was in the hive and that Windows no longer shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Kind of the item.
    pub kind: DeletedKind,
    /// Names of the keys below the root, down to the deleted key or to the key of the value.
    pub path: Vec<Name>,
    /// The name of the key or value.
    pub name: Name,
    /// FILETIME. For a key, the time in its node, which is the deletion of its last subkey if it
    /// had any. Otherwise the time in the node of the value's key before the deletion.
    pub last_written: u64,
    /// REG_* type; 0 for a key.
    pub value_type: u32,
    /// Data of the value. For [`Tail`](DeletedKind::Tail), the data after the new data.
    pub data: Vec<u8>,
    /// Offset of the nk or vk, relative to the bins data; for data, of their cell, db or first
    /// segment.
    pub cell: u32,
    /// Whether the item is a value deleted from a live key.
    pub alone: bool,
    /// For a value deleted without its key: whether its vk is still named in the slack of the key's
    /// value list, or in a freed list of the key.
    pub referenced: bool,
    /// Lost parts.
    pub overwritten: Overwritten,
}

impl Deleted {
    /// Returns the file offset of the cell.
    pub fn file_offset(&self) -> usize {
        BASE_BLOCK + self.cell as usize
    }

    /// Returns whether all bytes of record, name and data are intact.
    pub fn is_whole(&self) -> bool {
        let Overwritten { record, name, data, .. } = self.overwritten;
        !(record || name || data)
    }
}

/// Kind of a deleted item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeletedKind {
    /// A key.
    Key,
    /// A value, with its key or alone.
    Value,
    /// Former data of a live value that has new data. All former data were freed.
    Data,
    /// Former data of a live value, overwritten from their start: the part after the new data.
    Tail,
}

impl DeletedKind {
    /// Returns the kind in one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Value => "value",
            Self::Data => "data",
            Self::Tail => "tail",
        }
    }
}

/// Parts with at least one byte that changed since the deletion. A missing part is not overwritten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overwritten {
    /// The nk or vk without its name.
    pub record: bool,
    /// The name.
    pub name: bool,
    /// Value list of the deleted key. Items of a remaining key have none, see
    /// [`Deleted::referenced`].
    pub value_list: bool,
    /// The data, with all cells on the way to them.
    pub data: bool,
    /// Nodes of the parents, from below the root. Anything but a key includes its own key. A live
    /// key is not overwritten.
    pub parents: Vec<bool>,
}

/// Former bytes of the hive.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot(Vec<(usize, Vec<u8>)>);

impl Snapshot {
    /// Reads these ranges of the file.
    pub(super) fn of(bytes: &[u8], ranges: impl IntoIterator<Item = Range<usize>>) -> Self {
        let taken = |range: Range<usize>| (range.start, bytes[range].to_vec());
        Self(ranges.into_iter().map(taken).collect())
    }

    /// Returns whether any of the bytes changed.
    fn differs(&self, bytes: &[u8]) -> bool {
        self.0.iter().any(|(at, before)| bytes[*at..*at + before.len()] != before[..])
    }
}

/// A deleted item before its lost parts are known.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// The item without its overwritten parts.
    pub(super) deleted: Deleted,
    pub(super) record: Snapshot,
    pub(super) name: Snapshot,
    pub(super) value_list: Snapshot,
    pub(super) data: Snapshot,
    /// Numbers of the parents.
    pub(super) parents: Vec<usize>,
    /// The key itself, or the key of the value.
    pub(super) key: usize,
}

impl Pending {
    /// Overwritten parts, without the parents.
    pub(super) fn overwritten(&self, bytes: &[u8]) -> Overwritten {
        Overwritten {
            record: self.record.differs(bytes),
            name: self.name.differs(bytes),
            value_list: self.value_list.differs(bytes),
            data: self.data.differs(bytes),
            parents: Vec::new(),
        }
    }
}
