// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`Case`]: a hive, its changes, and the expected reading.

use std::fmt;
use std::sync::Arc;

use crate::tree::{Name, Tree};

/// Class of the laboratory that a case belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// NR: a valid hive at the limits and beyond them.
    Normal,
    /// CR: parts of the hive are destroyed or missing.
    Corrupted,
    /// MR: fields were changed by hand to hide or to damage.
    Manipulated,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "NR",
            Self::Corrupted => "CR",
            Self::Manipulated => "MR",
        })
    }
}

/// A hive of the laboratory's classes, and its expected content.
#[derive(Clone, Debug)]
pub struct Case {
    /// The class.
    pub class: Class,
    /// What is manipulated, a colon, and how: `subkeys hidden: key's count lowered by one`. Name
    /// and `tree` together are unique.
    pub name: String,
    /// Name of the tree that the hive was written from.
    pub tree: &'static str,
    /// Bytes of the file.
    pub bytes: Vec<u8>,
    /// The hive before all changes.
    pub sound: Arc<[u8]>,
    /// Offset of `bytes` in `sound`: 0, except for parts that were cut out.
    pub start: usize,
    /// Tree that a walk from the root has to find, if the hive is whole and sound: NR, and mixed
    /// encodings in MR.
    pub holds: Option<Tree>,
    /// Every changed field, except the checksum, which is correct again.
    pub changes: Vec<Change>,
    /// Items that a reader has to show as hidden: each topmost item, then the items below it.
    pub hidden: Vec<Hidden>,
    /// Every key node and value whose whole cell is in `bytes`.
    pub records: Vec<Record>,
}

impl Case {
    /// Returns whether the case hides nothing: a reader only has to survive it.
    pub fn survives_only(&self) -> bool {
        self.class == Class::Manipulated && self.hidden.is_empty()
    }

    /// What is manipulated, and how: the two halves of the name.
    pub fn headings(&self) -> (&str, &str) {
        self.name.split_once(": ").unwrap_or((&self.name, ""))
    }
}

/// A changed field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Name of the field: `root`, `subkey count`, `list count`, `subkey list`, `subkey element`,
    /// `subkey hash`, `value count`, `value list`, `value element`, `key name length`, `key name
    /// flag`, `value name length`, `value name flag`, `data size`, `inline bit`, `data offset`,
    /// `data type`, `big data size`, `segment count`, `segment list`, `segment element`, `cell size`
    /// or `version`.
    pub field: &'static str,
    /// File offset; for a flag, of the field that holds it.
    pub offset: usize,
    /// Size in bytes.
    pub width: usize,
    /// Present content.
    pub found: u64,
    /// Former content.
    pub original: u64,
}

/// An item that is still in the hive, but that a plain walk does not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// True names of the keys below the root, down to the hidden key or to the key of the value.
    pub path: Vec<String>,
    /// Kind of the hidden item.
    pub what: What,
    /// Whether the item is hidden only because its key or a parent is hidden.
    pub below: bool,
    /// Change that hides the item.
    pub by: Change,
    /// True data of the value.
    pub data: Option<Vec<u8>>,
}

/// Kind of the hidden item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A key, with all below it.
    Key,
    /// The value of this name.
    Value(String),
    /// Name of a key that is shown.
    KeyName,
    /// This name of a visible value.
    ValueName(String),
    /// Data of the value of this name, or a part of them.
    Data(String),
}

impl What {
    /// Returns the kind in one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Value(_) => "value",
            Self::KeyName => "key name",
            Self::ValueName(_) => "value name",
            Self::Data(_) => "data",
        }
    }

    /// Returns the name of the value.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Key | Self::KeyName => None,
            Self::Value(name) | Self::ValueName(name) | Self::Data(name) => Some(name),
        }
    }
}

/// A key node or value whose whole cell is in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// File offset of the cell.
    pub offset: usize,
    /// Size of the cell, including the header.
    pub len: usize,
    /// Name before all changes.
    pub name: Name,
    /// Key node or value.
    pub kind: RecordKind,
}

/// Content of a [`Record`] besides its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A key node.
    Key {
        /// FILETIME.
        last_written: u64,
    },
    /// A value.
    Value {
        /// REG_*.
        value_type: u32,
        /// The data, if all cells with the data are whole too.
        data: Option<Vec<u8>>,
    },
}

impl Record {
    /// Returns whether the record is a key node.
    pub fn is_key(&self) -> bool {
        matches!(self.kind, RecordKind::Key { .. })
    }
}
