// SPDX-License-Identifier: MIT OR Apache-2.0

//! A case: a hive, what was done to it, and what a reader has to find.

use std::fmt;
use std::sync::Arc;

use crate::tree::{Name, Tree};

/// Which of the laboratory's classes a case belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// NR: a sound hive that goes to the limits and beyond them.
    Normal,
    /// CR: parts of the hive are destroyed or missing.
    Corrupted,
    /// MR: fields were changed by hand, to hide or to break.
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

/// A hive of the laboratory's classes, and what is to be found in it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The class.
    pub class: Class,
    /// What is the matter, a colon, and what was done: `subkeys hidden: key's count lowered by
    /// one`. Together with `tree` it is the only one of its name.
    pub name: String,
    /// Which tree the hive was written from.
    pub tree: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
    /// The hive before anything was done to it.
    pub sound: Arc<[u8]>,
    /// Where `bytes` begin in `sound`: 0 but for parts that were cut out.
    pub start: usize,
    /// What a walk from the root has to find, where that is all there is and all of it is right:
    /// NR, and mixed encodings in MR.
    pub holds: Option<Tree>,
    /// Every field that was changed, but for the checksum, which is right again.
    pub changes: Vec<Change>,
    /// What a reader has to show as hidden: each topmost item, then what is below it.
    pub hidden: Vec<Hidden>,
    /// Every key node and value whose whole cell is in `bytes`.
    pub records: Vec<Record>,
}

impl Case {
    /// Whether it was manipulated without hiding anything: a reader has to get through it, and no
    /// more.
    pub fn survives_only(&self) -> bool {
        self.class == Class::Manipulated && self.hidden.is_empty()
    }

    /// What is the matter, and what was done: the two halves of the name.
    pub fn headings(&self) -> (&str, &str) {
        self.name.split_once(": ").unwrap_or((&self.name, ""))
    }
}

/// A field that was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What the field is: `root`, `subkey count`, `list count`, `subkey list`, `subkey element`,
    /// `subkey hash`, `value count`, `value list`, `value element`, `key name length`, `key name
    /// flag`, `value name length`, `value name flag`, `data size`, `inline bit`, `data offset`,
    /// `data type`, `big data size`, `segment count`, `segment list` or `segment element`.
    pub field: &'static str,
    /// Its file offset. A flag is given as the field that holds it.
    pub offset: usize,
    /// Bytes in it.
    pub width: usize,
    /// What it holds.
    pub found: u64,
    /// What it held before.
    pub original: u64,
}

/// Something that is still in the hive and that a plain walk does not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Names of the keys below the root, as they truly are, down to the hidden key or to the key
    /// that the value belongs to.
    pub path: Vec<String>,
    /// What is hidden.
    pub what: What,
    /// Whether it is hidden only because its key, or one above, is.
    pub below: bool,
    /// The change that hides it.
    pub by: Change,
    /// The true data, of a value or of what is hidden in one.
    pub data: Option<Vec<u8>>,
}

/// What is hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A key, with all below it.
    Key,
    /// The value of this name.
    Value(String),
    /// The name of a key that is shown.
    KeyName,
    /// This name of a value that is shown.
    ValueName(String),
    /// Data, or part of them, of the value of this name.
    Data(String),
}

impl What {
    /// One word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Value(_) => "value",
            Self::KeyName => "key name",
            Self::ValueName(_) => "value name",
            Self::Data(_) => "data",
        }
    }

    /// The name of the value that it is about.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Key | Self::KeyName => None,
            Self::Value(name) | Self::ValueName(name) | Self::Data(name) => Some(name),
        }
    }
}

/// A key node or value whose whole cell is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// File offset of its cell.
    pub offset: usize,
    /// Bytes in the cell, header included.
    pub len: usize,
    /// Its name, as it was before anything was changed.
    pub name: Name,
    /// Which of the two it is.
    pub kind: RecordKind,
}

/// What a [`Record`] says besides its name.
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
        /// The data, if all cells that hold them are whole as well.
        data: Option<Vec<u8>>,
    },
}

impl Record {
    /// Whether it is a key node.
    pub fn is_key(&self) -> bool {
        matches!(self.kind, RecordKind::Key { .. })
    }
}
