// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Change`]: a change by an update from a log.

use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::time::FileTime;

use crate::fact::{Fact, FromLog};

/// What the updates from a hive's logs changed, in the order of replay.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Changes, up to a limit.
    pub changes: Vec<Change>,
    /// Number of updates that were applied. An update is a log entry, or a whole log of the old format.
    pub updates: u64,
    /// Number of updates that were examined. The updates that were not examined are the last ones.
    pub looked_at: u64,
    /// Number of examined updates that made parts of the hive readable or unreadable. What such an update set
    /// or removed is unknown.
    pub uncertain: u64,
    /// Whether the updates made more changes than the history keeps.
    pub is_cut: bool,
}

/// A change by an update.
#[derive(Clone, Debug)]
pub struct Change {
    /// What happened to the value or key.
    pub kind: ChangeKind,
    /// The value or key before the update; `None` if it did not exist.
    pub before: Option<Fact>,
    /// The value or key after the update; `None` if it no longer exists.
    pub after: Option<Fact>,
    /// Whether `before` is the state of the file as stored. The file can already contain pages of later
    /// states. Then `before` is not an earlier state.
    pub is_before_in_file: bool,
    /// Key that dates the change, with its last-written time after the update. For a removed key,
    /// this is an ancestor key. `None` if nothing dates the change.
    pub dated: Option<(String, FileTime)>,
    /// Offset of the update, in bytes from the start of its log.
    pub entry_offset: u64,
    /// The log entry, with the first byte that shows the change.
    pub from: FromLog,
}

/// What happened to a value or key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum ChangeKind {
    /// The value is new.
    ValueSet,
    /// The value has another type or other data.
    ValueChanged,
    /// The value no longer exists.
    ValueRemoved,
    /// The key is new.
    KeyMade,
    /// The key no longer exists.
    KeyRemoved,
    /// The key has another last-written time, and none of the other changes was seen in the key.
    KeyWritten,
}

impl ChangeKind {
    /// Returns the stable name, as the code of an event.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::ValueSet => "log.value_set",
            Self::ValueChanged => "log.value_changed",
            Self::ValueRemoved => "log.value_removed",
            Self::KeyMade => "log.key_made",
            Self::KeyRemoved => "log.key_removed",
            Self::KeyWritten => "log.key_written",
        }
    }
}

impl Change {
    /// Returns the value or key: after the change if it still exists, otherwise before.
    pub(crate) fn fact(&self) -> Option<&Fact> {
        self.after.as_ref().or(self.before.as_ref())
    }
}
