// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Report`]: what `interpret` makes of facts; owned, and serialisable with the feature `serde`.
//!
//! Every fact has an id, and everything else refers to facts and sources by id. The shape of its JSON
//! is a schema, which is kept beside this file and made from the comments of these types with the
//! feature `schema`:
//!
//! ```json
#![doc = include_str!("../report.schema.json")]
//! ```

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use crate::hive::hidden::Weight;
use crate::licensing::fact::{Counts, Origin, Outside, Permissions, RecoveredCounts, State};
use crate::log::Format;
use crate::log::report::ReplayReport;
use crate::recover;
use crate::registry::{HiveKind, Role};

mod change;
mod finding;
mod token;

pub use change::{ChangeReport, ChangeStateReport, HistoryReport};
pub use finding::{
    Answer, Clock, Corroboration, Edge, EdgeKind, Event, Finding, Graph, Node, NodeKind, Presence,
    ReferenceTime, Severity,
};
pub use token::{
    Between, CertificateReport, Container, Disagreement, ExtensionReport, IndexReport,
    LicenseReport, Reading, SignatureState, TokenFaultReport, TokenKind, TokenReport,
};

/// The version of the report's shape. It grows when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// What the evidence says, with the place of everything in it.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Report {
    /// The version of the report's shape. It grows when a field changes its meaning or goes.
    pub schema_version: u32,
    /// What made the report.
    pub tool: Tool,
    /// The hives that were read.
    pub sources: Vec<SourceReport>,
    /// The installations of Windows that they belong to.
    pub hosts: Vec<Host>,
    /// The facts, by source, in the order of the catalogue.
    pub facts: Vec<FactReport>,
    /// Stored licences and certificates of hosts, taken apart.
    pub tokens: Vec<TokenReport>,
    /// Things to look at, by host, those across hosts last.
    pub findings: Vec<Finding>,
    /// Events, in the order of time; those that nothing dates, where their log has them.
    pub events: Vec<Event>,
    /// Clients, session hosts, licence servers, scopes and farms, and how they hang together.
    pub graph: Graph,
    /// What the evidence cannot show, whatever was found.
    pub limitations: Vec<String>,
}

/// The program that made a report.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Tool {
    /// The name of the program.
    pub name: String,
    /// The version of the program.
    pub version: String,
}

/// A hive that was read.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SourceReport {
    /// Id of the source: `source-1` and so on.
    pub id: String,
    /// The path that it was read from.
    pub path: String,
    /// The SHA-256 of the whole file, in hex; null where it was not taken.
    pub sha256: Option<String>,
    /// The number of bytes of the file.
    pub size: u64,
    /// How much larger the offsets in this report are than those in the file: 0, but for a part of a
    /// hive without a base block, of which offsets are told as in the whole hive.
    pub shift: i64,
    /// Which hive it is.
    pub kind: HiveKind,
    /// Version of the hive format.
    pub version: String,
    /// Whether the file has no base block: then it is a part of a hive, its version is inferred, and
    /// nothing is known of its state.
    pub is_fragment: bool,
    /// Primary and secondary sequence number of the file as it lies; null without a base block.
    pub sequence: Option<(u32, u32)>,
    /// Whether the checksum of the base block is right, in the file as it lies; null without one.
    pub checksum_is_valid: Option<bool>,
    /// Whether the file as it lies is dirty: newest changes may stand in the transaction logs only; null
    /// without a base block.
    pub is_dirty: Option<bool>,
    /// How much the hive holds outside the tree; null where that was not searched.
    pub outside: Option<Outside>,
    /// How much was recovered that the tree does not lead to: deleted, left over, or cut off from it; null where
    /// that was not searched.
    pub recovered: Option<RecoveredCounts>,
    /// What was done with its transaction logs; null where they were not to be applied.
    pub replay: Option<ReplayReport>,
    /// What was done to tell what each entry of its logs changed; null where that was not asked for, or none
    /// was applied. The changes are events.
    pub history: Option<HistoryReport>,
    /// The numbers of keys and values that could be read; null where only the places of the catalogue
    /// were looked at.
    pub counts: Option<Counts>,
    /// What the hive names and could not be read.
    pub unread: FaultReport,
    /// What is wrong with things that could be read.
    pub faults: FaultReport,
    /// What a second, independent reader says; null where none was asked.
    pub second_reader: Option<SecondReaderReport>,
}

/// What a second, independent reader says of a source.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SecondReaderReport {
    /// The reader.
    pub reader: String,
    /// Why it does not open the hive; null where it does.
    pub refused: Option<String>,
    /// Facts on which it agrees: values with name, type and data, and places without one.
    pub agreed: u64,
    /// Facts on which it reads something else.
    pub differs: u64,
    /// Facts whose place it could not read.
    pub not_readable: u64,
    /// Facts that it was not asked about: those whose place calhive could not read itself, and hidden
    /// ones.
    pub not_covered: u64,
}

/// Faults of a source.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FaultReport {
    /// How many there are.
    pub total: u64,
    /// The first of them.
    pub first: Vec<Fault>,
}

/// A fault.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Fault {
    /// Where, in bytes from the start of the file.
    pub offset: u64,
    /// What is wrong.
    pub message: String,
}

/// An installation of Windows, or one copy of its hives.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Host {
    /// Id of the host: `host-1` and so on.
    pub id: String,
    /// The sources that belong to it.
    pub sources: Vec<String>,
    /// Why these sources are taken for one host.
    pub pairing: Pairing,
    /// The same in words.
    pub pairing_statement: String,
    /// What copy of the hives it is, where it is not the one in use: told by the folder.
    pub copy: Option<String>,
    /// What the hives say about the installation.
    pub system: System,
    /// Whether it serves remote sessions.
    pub session_host: RoleReport,
    /// Whether it issues licences.
    pub license_server: RoleReport,
    /// The licensing mode that is in effect, per the hives at hand.
    pub licensing_mode: Setting,
    /// The licence servers that are in effect, per the hives at hand.
    pub license_servers: Setting,
    /// The licence servers that gave it certificates as a session host.
    pub registered_with: Vec<Attributed>,
    /// What was done with the transaction logs of its hives.
    pub logs: Vec<HostLogs>,
    /// Facts that its hives hold and that the tree does not show. Nothing else that is said of the host
    /// rests on them.
    pub hidden: Vec<String>,
    /// Facts that were recovered from bytes of its hives and logs that no tree leads to, copies of live ones left
    /// out. What is said to be in effect does not rest on them.
    pub recovered: Vec<String>,
    /// The control sets of its SYSTEM hive, by number.
    pub control_sets: Vec<ControlSetReport>,
    /// What differs between its control sets.
    pub differences: Vec<Difference>,
    /// What cannot be known, since a hive of it is not at hand.
    pub unknown: Vec<String>,
    /// The time that its tokens are judged at.
    pub reference_time: ReferenceTime,
    /// What the hives say to the questions that a host is examined for.
    pub answers: Vec<Answer>,
    /// Evidence that would bear on the answers.
    pub corroboration: Vec<Corroboration>,
}

/// What the transaction logs of a hive add to what is known of a host.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HostLogs {
    /// The hive.
    pub source: String,
    /// Which logs were applied to it, in words.
    pub statement: String,
    /// Whether changes are known to be missing: settings are then as of the last state that is whole.
    pub is_incomplete: bool,
    /// The facts with bytes from a log.
    pub facts: Vec<String>,
}

/// Why sources are taken for one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum Pairing {
    /// They lie in one configuration folder of Windows.
    ConfigurationFolder,
    /// They are the only SYSTEM and the only SOFTWARE hive of one folder: assumed.
    Assumed,
    /// There is another hive in the folder, which names another machine.
    Contradicted,
    /// There is one source.
    Single,
}

/// What the hives say about an installation of Windows. What is null is not in the hives at hand.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct System {
    /// Computer name.
    pub computer_name: Option<Attributed>,
    /// Product.
    pub product: Option<Attributed>,
    /// Edition.
    pub edition: Option<Attributed>,
    /// Version with build and update level, and service pack or release.
    pub build: Option<Attributed>,
    /// Product type: client, server or domain controller.
    pub product_type: Option<Attributed>,
    /// When this installation was made or last upgraded, by its own clock.
    pub installed: Option<Attributed>,
    /// Installations before upgrades.
    pub upgraded_from: Vec<Attributed>,
    /// The mark of a machine that was cloned with Sysprep.
    pub clone_tag: Option<Attributed>,
    /// Domain membership.
    pub domain: Option<Attributed>,
    /// Join to Microsoft Entra.
    pub entra: Option<Attributed>,
    /// Time zone with its offset from UTC.
    pub time_zone: Option<Attributed>,
    /// When it was last shut down.
    pub shut_down: Option<Attributed>,
    /// The farm that it belongs to.
    pub farm: Option<Attributed>,
}

/// A statement with the facts that it rests on.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Attributed {
    /// The statement.
    pub text: String,
    /// The facts that it rests on.
    pub facts: Vec<String>,
}

/// Whether a host has a role.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct RoleReport {
    /// Whether it has it.
    pub state: RoleState,
    /// What that rests on, in words.
    pub statement: String,
    /// How sure that is.
    pub certainty: Certainty,
    /// The facts that it rests on.
    pub facts: Vec<String>,
    /// What a published text says of the role, quoted and not judged; null where nothing is quoted.
    pub background: Option<String>,
}

/// Whether a host has a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum RoleState {
    /// It has it.
    Present,
    /// It does not have it.
    Absent,
    /// It serves sessions without the role: multi-session Windows.
    NotApplicable,
    /// The hives at hand do not tell.
    Unknown,
}

/// A setting that several places may make: which of them wins.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Setting {
    /// What is in effect; null where nothing is set, or it cannot be told.
    pub value: Option<String>,
    /// What that is called.
    pub label: Option<String>,
    /// The facts that make it.
    pub facts: Vec<String>,
    /// The facts that it overrides.
    pub overrides: Vec<String>,
    /// The whole in words, with what it does not take into account.
    pub statement: String,
}

/// A control set of a SYSTEM hive.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ControlSetReport {
    /// Its number: 1 for ControlSet001.
    pub number: u32,
    /// What `Select` says that it is for.
    pub roles: Vec<Role>,
}

/// A place whose content differs between control sets.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Difference {
    /// Entry in the catalogue.
    pub code: String,
    /// What stands there.
    pub title: String,
    /// What each control set has, by number; null where it is not set.
    pub values: Vec<(u32, Option<String>)>,
    /// The facts.
    pub facts: Vec<String>,
}

/// A fact, with what it means.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FactReport {
    /// Id of the fact: `fact-1` and so on.
    pub id: String,
    /// The source that it comes from.
    pub source: String,
    /// Its entry in the catalogue.
    pub code: String,
    /// What it is.
    pub title: String,
    /// What was found at the place.
    pub state: State,
    /// The data as a person reads them; null where there are none, or none that can be understood.
    pub shown: Option<String>,
    /// What the data mean; null where nothing was found, or the data speak for themselves.
    pub label: Option<String>,
    /// How sure that is; null where nothing was found.
    pub certainty: Option<Certainty>,
    /// The data as they are; null unless a value was found.
    pub data: Option<DataReport>,
    /// Who may do what with the key; null unless the fact is a key.
    pub permissions: Option<Permissions>,
    /// Where it stands.
    pub provenance: ProvenanceReport,
    /// What a second, independent reader says; null where it was not asked.
    pub second_reader: Option<SecondReadingReport>,
    /// Who says that this is the place, and what it means.
    pub reference: String,
}

/// What a second, independent reader says of a fact.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct SecondReadingReport {
    /// Whether it agrees.
    pub state: Agreement,
    /// What it reads otherwise, or its error; null where it agrees.
    pub why: Option<String>,
    /// The type of the value as it reads it; null where it agrees or reads no value.
    pub value_type: Option<String>,
    /// The data as it reads them; null where it agrees or reads no value.
    pub data: Option<DataReport>,
}

/// Whether two readers agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum Agreement {
    /// Both read the same.
    Agreed,
    /// They read different things.
    Differs,
    /// The second one could not read the place.
    NotReadable,
}

/// Data of a value.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct DataReport {
    /// The number of bytes that the value claims.
    pub size: u64,
    /// The SHA-256 of the bytes that could be read, in hex.
    pub sha256: String,
    /// The bytes that could be read, in hex; null for secrets, keys and certificates.
    pub hex: Option<String>,
}

/// The place of a fact in the evidence.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ProvenanceReport {
    /// The control set; null outside of control sets.
    pub control_set: Option<ControlSetReport>,
    /// Whether it is the view of 32-bit programs (`Wow6432Node`).
    pub redirected: bool,
    /// The key, from the root of the hive on.
    pub key_path: String,
    /// Where the key begins, in bytes from the start of the file; null where there is no such key.
    pub key_offset: Option<u64>,
    /// When the key was last written, UTC.
    pub key_last_written: Option<String>,
    /// The same as it is stored: in units of 100 ns since 1601.
    pub key_last_written_filetime: Option<u64>,
    /// The name of the value; empty for the default value, null where the fact is no value.
    pub value_name: Option<String>,
    /// The type of the value, as Windows names it.
    pub value_type: Option<String>,
    /// Where the value begins, in bytes from the start of the file; null where there is no such value.
    pub value_offset: Option<u64>,
    /// In which state of the hive it stands. Offsets of replayed facts are those in the hive after the
    /// logs were applied, as `calhive replay` writes it.
    pub origin: Origin,
    /// Which field hides it; null unless it is hidden.
    pub hidden: Option<HidingReport>,
    /// How it was recovered; null unless it was. Key path and control set are what is known of
    /// them; of a value whose key is not known, the path is `…`.
    pub recovered: Option<RemainsReport>,
    /// Which entries of which logs it comes from, in part or as a whole; nothing unless it is replayed.
    pub from_logs: Vec<FromLogReport>,
}

/// The field that hides something.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct HidingReport {
    /// Which field.
    pub field: String,
    /// Where it stands, in bytes from the start of the file.
    pub offset: u64,
    /// What it says.
    pub found: u64,
    /// What the bytes suggest that it said; null where they suggest nothing.
    pub suggested: Option<u64>,
    /// Whether structures contradict each other, or Windows itself leaves the like.
    pub weight: Weight,
    /// The same in words.
    pub statement: String,
}

/// Something that was recovered, and how far it can be trusted.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct RemainsReport {
    /// What kind of place it was in.
    pub place: recover::Origin,
    /// How far it can be trusted.
    pub confidence: recover::Level,
    /// Why, in words.
    pub why: String,
    /// Whether the way to its key leads to the root; else the path is its end.
    pub path_is_whole: bool,
    /// Where the first of its data begins that survives, in bytes from the start of the file; null where it
    /// has none.
    pub data_offset: Option<u64>,
    /// Whether it is in the file as it lies, where the logs that were applied write over it: then its offset is
    /// one of that file, and the live key or value is that of it.
    pub is_before_replay: bool,
    /// Where the live key or value of the same path begins, in bytes from the start of the file: this is
    /// a previous version of it, or had its name before. Null where there is none.
    pub previous_version_of: Option<u64>,
    /// What differs from that one; null where there is none.
    pub changed: Option<String>,
}

/// An entry of a log that a fact comes from.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FromLogReport {
    /// The path of the log.
    pub log: String,
    /// Its format: a log of the old format has no entries.
    pub format: Format,
    /// The sequence number of the entry; of the log for one of the old format.
    pub sequence: u32,
    /// Where the first of the bytes stands in the log, in bytes from its start.
    pub log_offset: u64,
    /// Where that byte stands in the hive after the logs were applied.
    pub offset: u64,
}

/// How sure a meaning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[non_exhaustive]
pub enum Certainty {
    /// The bytes are told, without a meaning.
    Observed,
    /// Microsoft's texts say so.
    Documented,
    /// It follows from other facts, and no text of Microsoft says so.
    Inferred,
    /// The hives at hand cannot tell.
    NotDeterminable,
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Observed => "observed",
            Self::Documented => "documented",
            Self::Inferred => "inferred",
            Self::NotDeterminable => "not determinable",
        })
    }
}

/// What data mean.
#[derive(Clone, Debug)]
pub(crate) struct Explanation {
    pub(crate) shown: Option<String>,
    /// Nothing where the data speak for themselves.
    pub(crate) label: Option<String>,
    pub(crate) certainty: Certainty,
}
