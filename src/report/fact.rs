// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`FactReport`]: a fact with its meaning.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_regf::FileTime;
use calhive_regf::hive::hidden::Weight;
use calhive_regf::log::Format;
use calhive_regf::recover;

use crate::catalog::Code;
use crate::fact::{Origin, Permissions, State};
use crate::meaning::Certainty;
use crate::report::{ControlSetReport, Fault, Text};

/// A fact, with its meaning and place.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FactReport {
    /// Id of the fact: `fact-1` and so on.
    pub id: String,
    /// Id of the fact that is the same in every report on the same evidence: the first 16 bytes, in hex, of a
    /// SHA-256. It covers these parts in this order, as UTF-8:
    ///
    /// 1. SHA-256 of the source, in hex. Without a hash: kind, size, primary and secondary sequence number of
    ///    the source, separated by spaces.
    /// 2. The origin, such as `live`.
    /// 3. The key path.
    /// 4. The name of the value.
    /// 5. The offset of the value, or of the key if there is no value, in decimal digits. For a fact of a text
    ///    export: the line.
    /// 6. The number 2 for the second fact with these parts, and so on. The first such fact lacks this part.
    ///
    /// Before each part is its length in bytes, as a little-endian number of 8 bytes. A missing name or offset
    /// has the length 2^64 - 1 and no bytes.
    pub evidence_id: String,
    /// Id of the source that the fact comes from.
    pub source: String,
    /// Code of the place in the catalog.
    pub code: Code,
    /// What the catalog looks for at this place, in words.
    ///
    /// The JSON document has it once for each code, in its table `catalog`.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub title: Text,
    /// What was found at the place.
    pub state: State,
    /// First fault on the way to the place, or in its data. Absent if everything was read.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub lost: Option<Fault>,
    /// The data in readable form. Absent without data, or if the data cannot be decoded.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub shown: Option<Text>,
    /// The number in a value of the type REG_DWORD or REG_DWORD_BIG_ENDIAN. Absent for other facts.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub number: Option<u32>,
    /// The texts in a value of the type REG_MULTI_SZ, or the license servers in a value of any type. Absent for
    /// other facts.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub list: Option<Vec<String>>,
    /// The time in a value that holds a time, UTC. Absent for other facts.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub time: Option<FileTime>,
    /// Meaning of the data, in words. Absent if nothing was found, or if the data need no explanation.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub label: Option<Text>,
    /// How certain the meaning is. Absent if nothing was found.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub certainty: Option<Certainty>,
    /// The raw data. Absent unless a value was found.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub data: Option<DataReport>,
    /// Owner and access control list of the key. Absent unless the fact is a key.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub permissions: Option<Permissions>,
    /// Place of the fact in the evidence.
    pub provenance: ProvenanceReport,
    /// Result of a second, independent reader for this fact. Absent if the second reader did not check the
    /// fact.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub second_reader: Option<SecondReadingReport>,
    /// Published source for the place and its meaning.
    ///
    /// The JSON document has it once for each code, in its table `catalog`.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub reference: String,
}

/// Result of a second, independent reader for a fact.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SecondReadingReport {
    /// Whether the second reader agrees.
    pub state: Agreement,
    /// What the second reader reads differently, or its error. Absent if both readers agree.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub why: Option<Text>,
    /// Type of the value as the second reader reads it. Absent if both readers agree, or if the second reader
    /// reads no value.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value_type: Option<String>,
    /// Data as the second reader reads them. Absent if both readers agree, or if the second reader reads no
    /// value.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub data: Option<DataReport>,
}

/// Whether two readers agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Agreement {
    /// Both readers read the same.
    Agreed,
    /// The readers read different things.
    Differs,
    /// The second reader could not read the place.
    NotReadable,
}

/// Data of a value.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct DataReport {
    /// Size that the value claims, in bytes.
    pub size: u64,
    /// SHA-256 of the bytes that could be read, in hex.
    pub sha256: String,
    /// The bytes that could be read, in hex. Absent for secrets, keys and certificates.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub hex: Option<String>,
}

/// The place of a fact in the evidence.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ProvenanceReport {
    /// The control set. Absent outside control sets.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub control_set: Option<ControlSetReport>,
    /// Whether the fact is in the registry view of 32-bit programs (`Wow6432Node`).
    /// In JSON, absent if not.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "core::ops::Not::not"))]
    pub redirected: bool,
    /// Path of the key, from the root of the hive. Empty for a license file, which is not in the registry.
    pub key_path: String,
    /// Offset of the key, in bytes from the start of the file. Absent without such a key.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub key_offset: Option<u64>,
    /// Last-written time of the key, UTC.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub key_last_written: Option<FileTime>,
    /// Name of the value. Empty for the default value, absent if the fact is not a value.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value_name: Option<String>,
    /// Type of the value, by its Windows name.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value_type: Option<String>,
    /// Offset of the value, in bytes from the start of the file. Absent without such a value.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub value_offset: Option<u64>,
    /// Line of the key or value in a text export or in rows of a live registry, from 1. Absent in any other source.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub line: Option<u64>,
    /// State of the hive that holds the fact. Offsets of replayed facts are offsets in the hive after replay,
    /// as `calhive replay` writes it.
    pub origin: Origin,
    /// The field that hides the fact. Absent unless the fact is hidden.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub hidden: Option<Box<HidingReport>>,
    /// How the fact was recovered. Absent unless it was recovered. Key path and control set then contain only
    /// what is known. If the key of a value is unknown, the path is `…`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub recovered: Option<Box<RemainsReport>>,
    /// Log entries that the fact comes from, in whole or in part. Empty if no log contributes to the fact.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub from_logs: Vec<FromLogReport>,
}

impl ProvenanceReport {
    /// Returns the offset of the value, or of the key if there is no value, in hex. For a fact of a text export,
    /// returns the line, such as `line 12`.
    pub fn position(&self) -> Option<String> {
        let offset = self.value_offset.or(self.key_offset).map(|offset| format!("{offset:#x}"));
        offset.or_else(|| self.line.map(|line| format!("line {line}")))
    }
}

/// A field that hides something.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HidingReport {
    /// Name of the field.
    pub field: String,
    /// Offset of the field, in bytes from the start of the file.
    pub offset: u64,
    /// Number in the field.
    pub found: u64,
    /// Number that other bytes suggest for the field. Absent without a suggestion.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub suggested: Option<u64>,
    /// Whether structures contradict each other, or Windows itself leaves such traces.
    pub weight: Weight,
    /// The same information, in words.
    pub statement: Text,
}

/// A recovered item, and how far it can be trusted.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct RemainsReport {
    /// Kind of space that held the item.
    pub place: recover::SpaceKind,
    /// How far the item can be trusted.
    pub confidence: recover::Level,
    /// Reasons for the confidence, in words.
    pub why: Text,
    /// Whether the key is known. If not, the item belongs to its place by its name or bytes alone.
    pub key_is_known: bool,
    /// Whether the key path leads to the root. If not, the path is only its last part.
    pub path_is_whole: bool,
    /// Offset of the first surviving data, in bytes from the start of the file. Absent without data.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub data_offset: Option<u64>,
    /// Whether the item is in the file as stored, where replay overwrites it. Then its offset is an offset in
    /// that file, and the live key or value is the one in that file.
    pub is_before_replay: bool,
    /// Offset of the live key or value with the same path, in bytes from the start of the file. The item is a
    /// previous version of it, or had its name before. Absent without such a key or value.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub previous_version_of: Option<u64>,
    /// What differs from that key or value, in words. Absent without such a key or value.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub changed: Option<Text>,
}

/// A log entry that a fact comes from.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FromLogReport {
    /// Path of the log.
    pub log: String,
    /// Format of the log. A log of the old format has no entries.
    pub format: Format,
    /// Sequence number of the entry. For the old format, sequence number of the log.
    pub sequence: u32,
    /// Offset of the first byte of the fact, in bytes from the start of the log.
    pub log_offset: u64,
    /// Offset of the same byte in the hive after replay, in bytes from the start.
    pub offset: u64,
}
