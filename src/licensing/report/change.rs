// SPDX-License-Identifier: MIT OR Apache-2.0
//! What entries of transaction logs changed: the part of an event, and of a source.

use alloc::string::String;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use super::{Certainty, DataReport, FromLogReport};
use crate::licensing::history::ChangeKind;

/// What was done to tell what each entry of the logs of a hive changed.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HistoryReport {
    /// Updates that were applied: entries, or one for a log of the old format.
    pub updates: u64,
    /// Those of them whose changes were looked for; the others are the last ones.
    pub looked_at: u64,
    /// Those of them of which it is not known what they set or removed: something could be read after them,
    /// or could not, that was otherwise before.
    pub uncertain: u64,
    /// How many changes were found; each is an event.
    pub changes: u64,
    /// Whether there are more changes than are kept.
    pub is_cut: bool,
}

/// What an update from a log changed.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ChangeReport {
    /// What became of the value or key.
    pub kind: ChangeKind,
    /// The source whose hive it is.
    pub source: String,
    /// The place in the catalogue.
    pub location: String,
    /// The key, from the root of the hive on.
    pub key_path: String,
    /// The name of the value; empty for the default value, null where the change is one of a key.
    pub value_name: Option<String>,
    /// What was there before; null where nothing was.
    pub before: Option<ChangeStateReport>,
    /// What is there after it; null where nothing is.
    pub after: Option<ChangeStateReport>,
    /// Whether what was before is the file as it lies. A machine that stopped while it wrote the file may
    /// have left later states there; then it is no earlier one.
    pub is_before_in_file: bool,
    /// The key whose last-written time after the update is the time of the event; null where the event has
    /// none.
    pub dated_by: Option<String>,
    /// Where the entry begins in the log, in bytes from its start.
    pub entry_offset: u64,
    /// The entry, with the first of the bytes that tell.
    pub from_log: FromLogReport,
}

/// A value or key in one state of its hive.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ChangeStateReport {
    /// The data as a person reads them; null for a key, or where they cannot be understood.
    pub shown: Option<String>,
    /// What the data mean; null where they speak for themselves.
    pub label: Option<String>,
    /// How sure that is.
    pub certainty: Option<Certainty>,
    /// The type of the value, as Windows names it; null for a key.
    pub value_type: Option<String>,
    /// The data as they are; null for a key.
    pub data: Option<DataReport>,
    /// When the key was last written, UTC.
    pub key_last_written: Option<String>,
    /// The same as it is stored: in units of 100 ns since 1601.
    pub key_last_written_filetime: Option<u64>,
}
