// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Report`]: the result of `interpret`. A report owns its data, and is serializable with the feature
//! `serde`.
//!
//! Every fact has an id. All other parts refer to facts and sources by id. A schema describes the
//! JSON of a report. The feature `schema` generates the schema from the doc comments of these
//! types:
//!
//! ```json
#![doc = include_str!("report.schema.json")]
//! ```

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use calhive_evidence::NotRead;

mod answer;
mod change;
mod event;
mod fact;
mod fault;
mod finding;
mod graph;
mod host;
mod license_server;
mod pairing;
mod session_host;
mod source;
mod token;

pub use answer::Answer;
pub use change::{ChangeReport, ChangeStateReport, HistoryReport};
pub use event::{Clock, Event, EventCode};
pub use fact::{
    Agreement, DataReport, FactReport, FromLogReport, HidingReport, ProvenanceReport,
    RemainsReport, SecondReadingReport,
};
pub use fault::{Fault, FaultReport};
pub use finding::{Finding, Severity};
pub use graph::{Edge, EdgeKind, Graph, LinkedBy, Node, NodeKind};
pub use host::{
    Attributed, ControlSetReport, Difference, HiveCopy, Host, HostLogs, ReferenceTime, RoleReport,
    RoleState, Setting, System,
};
pub use license_server::LicenseServerReport;
pub use pairing::{Contradiction, ContradictionKind, Pairing, PairingBasis};
pub use session_host::{BindingReport, VersionReport};
pub use source::{KindConflict, SecondReaderReport, SourceReport};
pub use token::{
    Between, CertificateReport, Disagreement, ExtensionReport, IndexReport, LicenseReport,
    TokenFaultReport, TokenKind, TokenReport,
};

/// Version of the report's shape. It grows if a field changes its meaning or is removed.
pub const SCHEMA_VERSION: u32 = 1;

/// JSON schema of a report, as text.
pub const SCHEMA_TEXT: &str = include_str!("report.schema.json");

/// What the evidence shows, with the place of each fact.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Report {
    /// Version of the report's shape. It grows if a field changes its meaning or is removed.
    pub schema_version: u32,
    /// Program that made the report.
    pub tool: Tool,
    /// Hives that were read.
    pub sources: Vec<SourceReport>,
    /// Inputs that were not read, are incomplete, or can mix two states.
    pub not_read: Vec<NotRead>,
    /// Installations of Windows that the hives belong to.
    pub hosts: Vec<Host>,
    /// Facts, by source, in the order of the catalog.
    pub facts: Vec<FactReport>,
    /// Decoded licenses of clients and certificates of session hosts.
    pub tokens: Vec<TokenReport>,
    /// Findings by host. Findings across hosts are last.
    pub findings: Vec<Finding>,
    /// Events in order of time. Undated events are in the order of their log.
    pub events: Vec<Event>,
    /// Clients, session hosts, license servers, scopes and farms, and their relations.
    pub graph: Graph,
    /// What the evidence cannot show, whatever was found.
    pub limitations: Vec<String>,
}

/// The program that made a report.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct Tool {
    /// Name of the program.
    pub name: String,
    /// Version of the program.
    pub version: String,
}
