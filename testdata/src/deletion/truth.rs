// SPDX-License-Identifier: MIT OR Apache-2.0

//! What was deleted, and how much of it is left.

use std::ops::Range;

use crate::space::BASE_BLOCK;
use crate::tree::Name;

/// Something that was in the hive once and is not there for Windows any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// What it is.
    pub kind: DeletedKind,
    /// Names of the keys below the root: of a key down to itself, otherwise down to the key of the
    /// value.
    pub path: Vec<Name>,
    /// The name of the key or value.
    pub name: Name,
    /// FILETIME. Of a key, what its node says, which is the time at which its last subkey was
    /// deleted if it had any; otherwise what the node of its key said until then.
    pub last_written: u64,
    /// REG_*; 0 of a key.
    pub value_type: u32,
    /// The data of a value; of [`Tail`](DeletedKind::Tail), those behind the new ones.
    pub data: Vec<u8>,
    /// Its nk or vk, relative to the bins data; of data, their cell, db or first segment.
    pub cell: u32,
    /// Whether it is a value that was taken out of a key that stayed.
    pub alone: bool,
    /// Of a value taken alone, whether its vk is still named anywhere: behind the elements of its
    /// key's value list, or in a list that its key had and that was given up.
    pub referenced: bool,
    /// What of it is lost.
    pub overwritten: Overwritten,
}

impl Deleted {
    /// The file offset of its cell.
    pub fn file_offset(&self) -> usize {
        BASE_BLOCK + self.cell as usize
    }

    /// Whether all bytes of record, name and data are as they were.
    pub fn is_whole(&self) -> bool {
        let Overwritten { record, name, data, .. } = self.overwritten;
        !(record || name || data)
    }
}

/// What was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeletedKind {
    /// A key.
    Key,
    /// A value, with its key or alone.
    Value,
    /// Data of a value that stayed and has others now; all of them were given up.
    Data,
    /// Likewise, but written over from their start: the part that the new data do not reach.
    Tail,
}

impl DeletedKind {
    /// One word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Value => "value",
            Self::Data => "data",
            Self::Tail => "tail",
        }
    }
}

/// Which parts hold at least one byte that is another one than when they were deleted. A part that
/// was never there is not overwritten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overwritten {
    /// The nk or vk without its name.
    pub record: bool,
    /// The name.
    pub name: bool,
    /// The value list of the key that was deleted; of what was taken out of a key that stayed there
    /// is none, and [`Deleted::referenced`] tells more.
    pub value_list: bool,
    /// The data, with all cells that lead to them.
    pub data: bool,
    /// Nodes of the keys above, from below the root; of anything but a key its own key is the last.
    /// A key that is live is not overwritten.
    pub parents: Vec<bool>,
}

/// Bytes of the hive as they were.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot(Vec<(usize, Vec<u8>)>);

impl Snapshot {
    /// These ranges of the file as they are now.
    pub(super) fn of(bytes: &[u8], ranges: impl IntoIterator<Item = Range<usize>>) -> Self {
        let taken = |range: Range<usize>| (range.start, bytes[range].to_vec());
        Self(ranges.into_iter().map(taken).collect())
    }

    /// Whether any of them is another one now.
    fn differs(&self, bytes: &[u8]) -> bool {
        self.0.iter().any(|(at, before)| bytes[*at..*at + before.len()] != before[..])
    }
}

/// What was deleted, until it is known what becomes of it.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// All but what is overwritten.
    pub(super) deleted: Deleted,
    pub(super) record: Snapshot,
    pub(super) name: Snapshot,
    pub(super) value_list: Snapshot,
    pub(super) data: Snapshot,
    /// The keys above by their numbers.
    pub(super) parents: Vec<usize>,
    /// The key itself, or that of the value.
    pub(super) key: usize,
}

impl Pending {
    /// What is overwritten but for the keys above.
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
