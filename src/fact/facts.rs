// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Facts`]: everything that was collected from one source.

use alloc::string::String;
use alloc::vec::Vec;
use std::path::PathBuf;

use calhive_evidence::{Corroboration, Locator};
use calhive_regf::PathText;
use calhive_regf::log::report::ReplayReport;
use calhive_regf::registry::{HiveKind, KindSigns};

use crate::fact::Fact;
use crate::fact::Faults;
use crate::fact::GraceEndReading;
use crate::fact::History;
use crate::fact::KeyTimes;
use crate::fact::SecondReader;
use crate::fact::SourceForm;

/// Everything that was collected from one source.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Path of the source, with special characters escaped.
    pub path: String,
    /// Path of the source without escapes, with the links in its folder resolved; `None` if unknown.
    pub real_path: Option<PathBuf>,
    /// Place inside a disk image or an archive; `None` for a plain file.
    pub locator: Option<Locator>,
    /// Further files with the same content, whose facts are left out.
    pub copies: Vec<FileCopy>,
    /// Escaped paths of hives in the same folder that were not read.
    pub beside: Vec<String>,
    /// Number of the pair that the examiner made with this source; `None` without such a pair.
    pub pair: Option<usize>,
    /// SHA-256 of the whole file in hex, if it was given.
    pub sha256: Option<String>,
    /// Size of the file, in bytes.
    pub size: u64,
    /// Offset in the hive minus offset in the file, in bytes.
    pub shift: i64,
    /// Kind of the hive.
    pub kind: HiveKind,
    /// Signs of this kind and of other kinds.
    pub signs: KindSigns,
    /// Version of the format. This field and the next two are made up if the source is no hive.
    pub version: (u32, u32),
    /// Primary and secondary sequence number of the file as stored.
    pub sequence: (u32, u32),
    /// Whether the checksum of the base block is right, in the file as stored.
    pub checksum_is_valid: bool,
    /// Whether the file has no base block. If so, the base-block fields of this struct are made up.
    pub is_fragment: bool,
    /// Number of bytes that the base block counts and the file lacks, and the offset at which the file ends;
    /// `None` if the file lacks none.
    pub missing: Option<(u64, u64)>,
    /// Offset of the key that serves as root, in bytes from the start of the file, if the base block leads to
    /// no root.
    pub searched_root: Option<u64>,
    /// Number of items outside the tree; `None` if they were not searched for.
    pub outside: Option<Outside>,
    /// Number of recovered items outside the tree; `None` if they were not searched for.
    pub recovered: Option<RecoveredCounts>,
    /// What was done with the logs of the hive; `None` if no replay was requested.
    pub replay: Option<ReplayReport>,
    /// What each update from the logs changed; `None` if it was not requested, or if no log was applied.
    pub history: Option<History>,
    /// Numbers of keys and values that could be read; `None` if only the places of the catalog were read.
    pub counts: Option<Counts>,
    /// Items that the hive names and that could not be read.
    pub unread: Faults,
    /// Faults of items that could be read.
    pub faults: Faults,
    /// Whether a second reader checked the facts.
    pub second_reader: SecondReader,
    /// Facts, in the order of the catalog.
    pub facts: Vec<Fact>,
    /// Last-written times of the keys. If the look-up trusted hashes and order of subkey lists, only
    /// the times at places of the catalog.
    pub(crate) key_times: KeyTimes,
    /// Evidence beside the hive that can confirm or contradict the hive.
    pub corroboration: Vec<Corroboration>,
    /// What came of decrypting the end of the grace period; `None` if the examiner did not ask for that, or if the
    /// source is no SYSTEM hive.
    pub grace_end: Option<GraceEndReading>,
    /// Form of the source: a hive, an export or a license file.
    pub form: SourceForm,
}

impl Facts {
    /// Returns the file of the source.
    pub(crate) fn file(&self) -> FileCopy {
        FileCopy {
            path: self.path.clone(),
            real_path: self.real_path.clone(),
            locator: self.locator.clone(),
        }
    }

    /// Returns the file of the source, then its copies.
    pub(crate) fn files(&self) -> Vec<FileCopy> {
        core::iter::once(self.file()).chain(self.copies.iter().cloned()).collect()
    }

    /// Whether the file as stored is dirty by its base block.
    pub(crate) fn is_dirty(&self) -> bool {
        self.sequence.0 != self.sequence.1 || !self.checksum_is_valid
    }

    /// Whether changes that exist only in transaction logs may be missing.
    pub(crate) fn lacks_changes(&self) -> bool {
        match &self.replay {
            Some(replay) => replay.is_incomplete && (self.is_dirty() || !replay.logs.is_empty()),
            None => self.is_dirty(),
        }
    }

    /// Whether the fact is an element of these facts.
    pub(crate) fn holds(&self, fact: &Fact) -> bool {
        self.facts.as_ptr_range().contains(&core::ptr::from_ref(fact))
    }
}

/// A file with the same content as a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCopy {
    /// Path of the file, with special characters escaped.
    pub path: String,
    /// Path of the file without escapes, with the links in its folder resolved; `None` if unknown.
    pub real_path: Option<PathBuf>,
    /// Place inside a disk image or an archive; `None` for a plain file.
    pub locator: Option<Locator>,
}

impl FileCopy {
    /// Returns the names of the folders around the file, innermost first, and the name of the file.
    pub(crate) fn names(&self) -> (Vec<String>, String) {
        let mut names: Vec<String> = match &self.real_path {
            Some(path) => path.iter().map(|part| PathText(part.as_ref()).to_string()).collect(),
            None => self.path.split(['/', '\\']).map(String::from).collect(),
        };
        let file = names.pop().unwrap_or_default();
        names.reverse();
        (names, file)
    }
}

/// Numbers of keys and values that could be read in a hive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// Number of keys that could be read.
    pub keys: u64,
    /// Number of values that could be read, with all of their data.
    pub values: u64,
}

/// Numbers of items outside the tree. The tree is the content that the lists of a hive lead to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outside {
    /// Number of keys, values, names and data whose fields contradict other parts of the hive.
    pub contradictions: u64,
    /// Number of other items. Hives without known alterations have such items too.
    pub left_over: u64,
    /// Number of items, of both kinds, with an unknown path. calhive cannot assign them to a place of the
    /// catalog.
    pub without_path: u64,
}

/// Numbers of recovered items outside the tree: deleted, left over, or cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecoveredCounts {
    /// Number of keys, whether about licensing or not.
    pub keys: u64,
    /// Number of values, whether about licensing or not.
    pub values: u64,
    /// Number of keys and values whose path does not lead to the root, or whose key is unknown.
    pub without_path: u64,
}
