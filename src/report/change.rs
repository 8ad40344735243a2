// SPDX-License-Identifier: MIT OR Apache-2.0
//! Changes by entries of transaction logs, as parts of an event and of a source.

use alloc::string::String;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_regf::FileTime;

use crate::catalog::Code;
use crate::fact::ChangeKind;
use crate::meaning::Certainty;
use crate::report::{DataReport, FromLogReport, Text};

/// Summary of the search for changes by the updates from the logs of a hive.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HistoryReport {
    /// Number of updates that were applied. An update is a log entry, or a whole log of the old format.
    pub updates: u64,
    /// Number of updates whose changes were examined. The updates that were not examined are the last ones.
    pub looked_at: u64,
    /// Number of examined updates that made parts of the hive readable or unreadable. What such an update set
    /// or removed is unknown.
    pub uncertain: u64,
    /// Number of changes in this report. Each change is an event.
    pub changes: u64,
    /// Whether the updates made more changes than the report keeps.
    pub is_cut: bool,
}

/// What an update from a log changed.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ChangeReport {
    /// What happened to the value or key.
    pub kind: ChangeKind,
    /// Id of the source whose hive holds the value or key.
    pub source: String,
    /// Code of the place in the catalog.
    pub location: Code,
    /// Path of the key, from the root of the hive.
    pub key_path: String,
    /// Name of the value. Empty for the default value, absent for a change of a key.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value_name: Option<String>,
    /// The value or key before the update. Absent if it did not exist.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub before: Option<ChangeStateReport>,
    /// The value or key after the update. Absent if it does not exist.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub after: Option<ChangeStateReport>,
    /// Whether `before` is the state of the file as stored. If the machine stopped while it wrote the file,
    /// the file can already contain later states. Then `before` is not an earlier state.
    pub is_before_in_file: bool,
    /// Path of the key whose last-written time after the update is the time of the event. Absent if the event
    /// has no time.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub dated_by: Option<String>,
    /// Offset of the log entry, in bytes from the start of the log.
    pub entry_offset: u64,
    /// The log entry, with the first byte that shows the change.
    pub from_log: FromLogReport,
}

/// A value or key in one state of its hive.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ChangeStateReport {
    /// The data in readable form. Absent for a key, or for data that cannot be decoded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub shown: Option<Text>,
    /// Meaning of the data, in words. Absent if the data need no explanation.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub label: Option<Text>,
    /// How certain the meaning is.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub certainty: Option<Certainty>,
    /// Type of the value, by its Windows name. Absent for a key.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value_type: Option<String>,
    /// The raw data. Absent for a key.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub data: Option<DataReport>,
    /// Last-written time of the key, UTC.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub key_last_written: Option<FileTime>,
}
