// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Report`]: the result of `interpret`. A report owns its data, and is serializable with the feature
//! `serde`.
//!
//! Every fact has an id. All other parts refer to facts and sources by id.
//!
//! # JSON
//!
//! With the feature `serde`, a report has two forms: one document ([`Report`]), and one object a line
//! (`ReportRecord`). Both follow these rules:
//!
//! - The field `schema` is `urn:calhive:report:1` in the document and in each line.
//! - Only fields with the name `text` hold words for people ([`Text`]). All other strings are names, paths, codes,
//!   ids, times and hex.
//! - A field without a value is absent. The same holds for an empty list inside a record.
//! - A time is an object with the strings `utc` (ISO 8601, seven digits of a second) and `filetime` (the stored
//!   number). The number has more digits than JSON readers keep.
//! - Offsets and sizes are numbers of bytes. No number is beyond 2^53.
//!
//! The document has each part once:
//!
//! | Field | Content |
//! |---|---|
//! | `facts` | All that was found, and all that could not be read |
//! | `searched` | Places that were searched without result, by source and key |
//! | `catalog` | Title and reference of each place, by code |
//! | `finding_pages` | Explanations of the findings, by code |
//!
//! The command writes the document with each fact, host, token, finding and event on a line of its own, without further
//! indentation. The report of a plain client has about 78 KB.
//!
//! One JSON schema describes the document and each line. The feature `schema` generates it from the doc comments of
//! these types:
//!
//! ```json
#![doc = include_str!("report.schema.json")]
//! ```

use alloc::vec::Vec;

use calhive_evidence::NotRead;

mod answer;
mod change;
mod compared_item;
mod copies;
#[cfg(feature = "serde")]
mod document;
mod event;
mod fact;
mod fault;
mod finding;
mod grace_end;
mod graph;
mod host;
mod input;
mod license_server;
mod pairing;
#[cfg(feature = "serde")]
mod part;
mod profile;
#[cfg(feature = "serde")]
mod record;
mod run;
#[cfg(feature = "schema")]
mod schema;
#[cfg(feature = "serde")]
mod search;
mod session_host;
mod source;
mod text;
mod token;
mod tool;

pub use answer::Answer;
pub use change::{ChangeReport, ChangeStateReport, HistoryReport};
pub use compared_item::{ComparedItem, ComparedPlace, ComparedValue, ItemResult, ItemSubject};
pub use copies::{
    HiveState, Installation, NotGrouped, StateChange, StateChangeKind, StateToken, TimeBasis,
};
#[cfg(feature = "serde")]
pub use document::PageReport;
pub use event::{Clock, Event, EventCode};
pub use fact::{
    Agreement, DataReport, FactReport, FromLogReport, HidingReport, ProvenanceReport,
    RemainsReport, SecondReadingReport,
};
pub use fault::{Fault, FaultReport};
pub use finding::{Finding, Severity};
pub use grace_end::{GraceEndReport, MasterKeyFileReport};
pub use graph::{Edge, EdgeKind, Graph, LinkedBy, Node, NodeKind};
pub use host::{
    Attributed, ControlSetReport, Difference, HiveCopy, Host, HostLogs, ReferenceTime, RoleReport,
    RoleState, SetContent, Setting, System,
};
pub use input::{InputFileReport, InputReport, SkippedItem, SkippedReport};
pub use license_server::LicenseServerReport;
pub use pairing::{Contradiction, ContradictionKind, Pairing, PairingBasis};
#[cfg(feature = "serde")]
pub use part::{DocumentPart, PartValue};
pub use profile::{ProfileHost, ProfileReport};
#[cfg(feature = "serde")]
pub use record::{AnswerRecord, EdgeRecord, FactRecord, FindingRecord, ReportHead, ReportRecord};
pub use run::{Root, Run};
#[cfg(feature = "schema")]
pub use schema::schema;
pub use session_host::{BindingReport, VersionReport};
pub use source::{
    ExportFaultReport, ExportRemarkReport, ExportReport, ExportRootReport, KindConflict,
    LiveClientReport, SecondReaderReport, SourceFormReport, SourceReport,
};
pub use text::Text;
pub use token::{
    Between, CertificateReport, Disagreement, ExtensionReport, IndexReport, LicenseReport,
    TokenFaultReport, TokenKind, TokenReport,
};
pub use tool::Tool;

/// Name of the schema of a report, in each document and line.
pub const SCHEMA: &str = "urn:calhive:report:1";

/// Version of the report's shape. It grows if a field changes its meaning or is removed.
pub const SCHEMA_VERSION: u32 = 1;

/// JSON schema of a report, as text.
pub const SCHEMA_TEXT: &str = include_str!("report.schema.json");

/// What the evidence shows, with the place of each fact.
///
/// In JSON, the places that calhive searched without result are grouped in the list `searched`. An id of a fact is
/// in `facts` or in `searched`.
#[derive(Clone, Debug)]
pub struct Report {
    /// Version of the report's shape. It grows if a field changes its meaning or is removed.
    pub schema_version: u32,
    /// Program that made the report.
    pub tool: Tool,
    /// The run of the command that made the report. `None` for a report of a library call.
    pub run: Option<Run>,
    /// Hives that were read.
    pub sources: Vec<SourceReport>,
    /// Archives and disk images that were read.
    pub inputs: Vec<InputReport>,
    /// Inputs that were not read, are incomplete, or can mix two states.
    pub not_read: Vec<NotRead>,
    /// Files, links and parts of inputs that were not read. Evidence that is missing is in `not_read` too.
    pub skipped: SkippedReport,
    /// Installations of Windows that the hives belong to. Each copy of hives is a host of its own.
    pub hosts: Vec<Host>,
    /// Installations with several states of their hives, and what differs between the states.
    pub copies: Vec<Installation>,
    /// Facts, by source, in the order of the catalog.
    pub facts: Vec<FactReport>,
    /// Decoded licenses of clients and certificates of session hosts.
    pub tokens: Vec<TokenReport>,
    /// Findings by host, then findings across hosts, then findings about copies of hives.
    pub findings: Vec<Finding>,
    /// Events in order of time. Undated events are in the order of their log.
    pub events: Vec<Event>,
    /// Clients, session hosts, license servers, scopes and farms, and their relations.
    pub graph: Graph,
    /// What the evidence cannot show, whatever was found.
    pub limitations: Vec<Text>,
}
