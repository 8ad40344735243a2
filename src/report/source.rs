// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`SourceReport`]: a hive that was read.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_evidence::Locator;
use calhive_regf::FileTime;
use calhive_regf::log::report::ReplayReport;
use calhive_regf::registry::HiveKind;

use crate::fact::{Counts, Outside, RecoveredCounts};
use crate::report::{FaultReport, HistoryReport, Text};

/// A hive that was read.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SourceReport {
    /// Id of the source: `source-1` and so on.
    pub id: String,
    /// Path that the hive was read from.
    pub path: String,
    /// The same path from the root of the file system, with the links in its folder resolved. Absent if unknown.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub absolute_path: Option<String>,
    /// Place inside a disk image or an archive, for a second tool. Absent for a plain file.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub locator: Option<Locator>,
    /// Paths of further files with the same content. Their logs, if any, are among the logs of this source.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub copies: Vec<String>,
    /// SHA-256 of the whole file, in hex. Absent if no hash was taken.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub sha256: Option<String>,
    /// Size of the file, in bytes.
    pub size: u64,
    /// Difference between offsets in this report and offsets in the file, in bytes. The difference is 0,
    /// except for a part of a hive without a base block. Its offsets in this report are offsets in the whole
    /// hive.
    pub shift: i64,
    /// Kind of the hive, by most of the signs.
    pub kind: HiveKind,
    /// Signs of this kind in the hive.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub kind_signs: Vec<Text>,
    /// Signs of other kinds. Any program can write such a sign, so calhive also looks at the places of these
    /// kinds.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub kind_conflicts: Vec<KindConflict>,
    /// Form of the source.
    /// In JSON, absent for a hive.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "SourceFormReport::is_hive"))]
    pub form: SourceFormReport,
    /// Lines of the text export, or of the rows of a live registry. Absent for any other source.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub export: Option<ExportReport>,
    /// System that rows of a live registry come from. Absent for any other source.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub live: Option<LiveClientReport>,
    /// Version of the hive format, or of the text export. Empty for any other source.
    pub version: String,
    /// Whether the file is a part of a hive, without a base block. Then its version is inferred, and its
    /// state is unknown.
    pub is_fragment: bool,
    /// Primary and secondary sequence number of the file as stored. Absent without a base block.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub sequence: Option<(u32, u32)>,
    /// Whether the checksum of the base block is right, in the file as stored. Absent without a base block.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub checksum_is_valid: Option<bool>,
    /// Whether the file as stored is dirty. Then the newest changes can be in the transaction logs alone.
    /// Absent without a base block.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub is_dirty: Option<bool>,
    /// Number of items outside the tree. Absent if they were not searched for.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub outside: Option<Outside>,
    /// Number of recovered items outside the tree: deleted, left over, or cut off. Absent if they were not
    /// searched for.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub recovered: Option<RecoveredCounts>,
    /// What was done with the transaction logs. Absent if no replay was requested.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub replay: Option<ReplayReport>,
    /// Summary of what each log entry changed. Absent if it was not requested, or if no log was applied. The
    /// changes are events.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub history: Option<HistoryReport>,
    /// Numbers of keys and values that could be read. Absent if only the places of the catalog were read.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub counts: Option<Counts>,
    /// Items that the hive names and that could not be read.
    pub unread: FaultReport,
    /// Faults of items that could be read.
    pub faults: FaultReport,
    /// Result of a second, independent reader. Absent if there was no second reader.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub second_reader: Option<SecondReaderReport>,
}

/// Form of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum SourceFormReport {
    /// A registry hive.
    Hive,
    /// A text export of the registry editor. It holds only what was exported, so it shows no absence.
    RegistryExport,
    /// Rows of the running registry of one system. They hold only what was collected, so they show no absence.
    LiveRows,
    /// A license that a Remote Desktop client on another system stored in a file.
    LicenseFile,
    /// A token or a certificate chain in unallocated clusters of a volume. No key leads to these bytes.
    UnallocatedSpace,
}

impl SourceFormReport {
    /// Whether the source is a registry hive.
    pub const fn is_hive(&self) -> bool {
        matches!(self, Self::Hive)
    }
}

/// System that rows of a live registry come from, as the rows name it. Any program can write such rows.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct LiveClientReport {
    /// Client ID that the Velociraptor server adds to the rows of a hunt. Absent in rows of a single collection.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub client_id: Option<Text>,
    /// Host name that the client reports. Absent if the rows name none.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub host_name: Option<Text>,
    /// Time of the first collection, by the clock of the client. Absent if the rows state none.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub first_collected: Option<FileTime>,
    /// Time of the last collection, by the clock of the client. Absent if the rows state none.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub last_collected: Option<FileTime>,
    /// Number of rows of this system.
    pub rows: u64,
    /// Whether a row was read from a hive on disk, not from the running registry.
    pub has_hives_on_disk: bool,
}

/// Lines of a text export of the registry editor, or of rows of a live registry.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ExportReport {
    /// Number of lines.
    pub lines: u64,
    /// Keys that serve as the roots of hives. Key paths of facts start below these keys.
    pub roots: Vec<ExportRootReport>,
    /// Lines at places of the catalog that delete or repeat something, up to the first 100.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub remarks: Vec<ExportRemarkReport>,
    /// Faults of the text, up to the first 100.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub faults: Vec<ExportFaultReport>,
}

/// A key of a text export that serves as the root of a hive.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ExportRootReport {
    /// Kind of the hive.
    pub kind: HiveKind,
    /// Path of the key as in the export.
    pub key_path: String,
}

/// A line of a text export that deletes or repeats something on import.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ExportRemarkReport {
    /// Line, from 1.
    pub line: u64,
    /// Whether the line asks the registry editor to delete the key or value. Whether that was done is unknown.
    pub is_removal: bool,
    /// Earlier line that sets the same value. Absent unless the line repeats a value.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub repeats_line: Option<u64>,
    /// Path of the key as in the export.
    pub key_path: String,
    /// Name of the value. Absent for a key.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value_name: Option<String>,
}

/// A fault of a text export.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ExportFaultReport {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1. Absent if the fault concerns the whole line.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub column: Option<u64>,
    /// What is wrong.
    pub message: String,
}

/// A sign that a hive is of another kind.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct KindConflict {
    /// The other kind.
    pub kind: HiveKind,
    /// The sign, in words.
    #[cfg_attr(feature = "serde", serde(rename = "text"))]
    pub sign: String,
}

/// Result of a second, independent reader for a source.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SecondReaderReport {
    /// Name of the second reader.
    pub reader: String,
    /// Why the second reader does not open the hive. Absent if it opens the hive.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub refused: Option<Text>,
    /// Number of facts that both readers agree on: values with name, type and data, and places without a
    /// value.
    pub agreed: u64,
    /// Number of facts that the second reader reads differently.
    pub differs: u64,
    /// Number of facts whose place the second reader could not read.
    pub not_readable: u64,
    /// Number of facts that the second reader did not check: hidden facts, and places that calhive could not
    /// read.
    pub not_covered: u64,
}
