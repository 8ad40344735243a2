// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ReportRecord`]: a part of a report as one line of JSON.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use calhive_evidence::NotRead;

use crate::report::document::PageReport;
use crate::report::{
    Answer, Edge, Event, FactReport, Finding, Host, InputReport, Installation, Node, Report, Run, SCHEMA, SkippedItem, SourceReport, Text, TokenReport, Tool,
};

/// A part of a report that can be read alone: one line of JSON Lines.
///
/// In JSON, each record is an object with the fields `record` (the kind) and `schema` (`urn:calhive:report:1`), then
/// the fields of the part. The kinds, in the order of [`Report::records`]:
///
/// | `record` | Part | Added fields |
/// |---|---|---|
/// | `report` | [`ReportHead`]: tool, run and limitations. One line, the first | |
/// | `source` | [`SourceReport`] | |
/// | `input` | [`InputReport`]: an archive or a disk image | |
/// | `not_read` | [`NotRead`] | |
/// | `skipped` | [`SkippedItem`] | |
/// | `host` | [`Host`] without its answers | |
/// | `copies` | [`Installation`] with several states of its hives | |
/// | `fact` | [`FactReport`] | `host`, `source_path`, `source_sha256`, `title`, `reference` |
/// | `token` | [`TokenReport`] | |
/// | `finding` | [`Finding`] | `page`: the explanations of its code |
/// | `answer` | [`Answer`] | `host` |
/// | `event` | [`Event`] | |
/// | `node` | [`Node`] | |
/// | `edge` | [`Edge`] | `from_name`, `to_name` |
///
/// A place that was searched without result is a fact too: its `state` is `not_set` or `not_in_key`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReportRecord<'r> {
    /// What the whole report shares.
    Report(ReportHead<'r>),
    /// A hive that was read.
    Source(&'r SourceReport),
    /// An archive or a disk image that was read.
    Input(&'r InputReport),
    /// An input that was not read, is incomplete, or can mix two states.
    NotRead(&'r NotRead),
    /// A file, a link or a part of an input that was not read.
    Skipped(&'r SkippedItem),
    /// An installation of Windows, without its answers.
    Host(Box<Host>),
    /// States of one installation.
    Copies(&'r Installation),
    /// A fact.
    Fact(FactRecord<'r>),
    /// A token or certificate chain.
    Token(&'r TokenReport),
    /// A finding.
    Finding(FindingRecord<'r>),
    /// An answer about a host.
    Answer(AnswerRecord<'r>),
    /// An event of the timeline.
    Event(&'r Event),
    /// A node of the graph.
    Node(&'r Node),
    /// A relation between two nodes.
    Edge(EdgeRecord<'r>),
}

/// What the whole report shares.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ReportHead<'r> {
    /// Version of the report's shape. It grows if a field changes its meaning or is removed.
    pub schema_version: u32,
    /// Library that made the report.
    pub tool: &'r Tool,
    /// The run of the command that made the report. Absent in a report of a library call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<&'r Run>,
    /// What the evidence cannot show, whatever was found.
    pub limitations: &'r Vec<Text>,
}

/// A fact with its host, its file and its entry in the catalog.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FactRecord<'r> {
    /// Id of the host that the fact belongs to. Absent if the source belongs to no host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<&'r str>,
    /// Path that the hive was read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_path: Option<&'r str>,
    /// SHA-256 of the hive, in hex. Absent if no hash was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_sha256: Option<&'r str>,
    /// What the catalog looks for at this place.
    pub title: &'r Text,
    /// Published source for the place and its meaning.
    pub reference: &'r str,
    /// The fact.
    #[serde(flatten)]
    pub fact: &'r FactReport,
}

/// A finding with the explanations of its code.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct FindingRecord<'r> {
    /// The finding.
    #[serde(flatten)]
    pub finding: &'r Finding,
    /// Explanations of the finding.
    pub page: PageReport<'r>,
}

/// An answer with its host.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct AnswerRecord<'r> {
    /// Id of the host that the answer is about.
    pub host: &'r str,
    /// The answer.
    #[serde(flatten)]
    pub answer: &'r Answer,
}

/// A relation with the names of both nodes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct EdgeRecord<'r> {
    /// Name of the node at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_name: Option<&'r str>,
    /// Name of the node at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_name: Option<&'r str>,
    /// The relation.
    #[serde(flatten)]
    pub edge: &'r Edge,
}

/// A record as one object.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub(super) struct Line<T> {
    /// Kind of the record.
    record: &'static str,
    /// Name of the schema: `urn:calhive:report:1`.
    schema: &'static str,
    #[serde(flatten)]
    part: T,
}

impl ReportRecord<'_> {
    /// Returns the kind, as in the field `record`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Report(_) => "report",
            Self::Source(_) => "source",
            Self::Input(_) => "input",
            Self::NotRead(_) => "not_read",
            Self::Skipped(_) => "skipped",
            Self::Host(_) => "host",
            Self::Copies(_) => "copies",
            Self::Fact(_) => "fact",
            Self::Token(_) => "token",
            Self::Finding(_) => "finding",
            Self::Answer(_) => "answer",
            Self::Event(_) => "event",
            Self::Node(_) => "node",
            Self::Edge(_) => "edge",
        }
    }

    fn line<T: Serialize, S: Serializer>(&self, part: T, serializer: S) -> Result<S::Ok, S::Error> {
        Line { record: self.kind(), schema: SCHEMA, part }.serialize(serializer)
    }
}

impl Serialize for ReportRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Report(part) => self.line(part, serializer),
            Self::Source(part) => self.line(part, serializer),
            Self::Input(part) => self.line(part, serializer),
            Self::NotRead(part) => self.line(part, serializer),
            Self::Skipped(part) => self.line(part, serializer),
            Self::Host(part) => self.line(part, serializer),
            Self::Copies(part) => self.line(part, serializer),
            Self::Fact(part) => self.line(part, serializer),
            Self::Token(part) => self.line(part, serializer),
            Self::Finding(part) => self.line(part, serializer),
            Self::Answer(part) => self.line(part, serializer),
            Self::Event(part) => self.line(part, serializer),
            Self::Node(part) => self.line(part, serializer),
            Self::Edge(part) => self.line(part, serializer),
        }
    }
}

impl Report {
    /// Returns all parts of the report, one after the other.
    pub fn records(&self) -> impl Iterator<Item = ReportRecord<'_>> {
        let first = ReportHead {
            schema_version: self.schema_version,
            tool: &self.tool,
            run: self.run.as_ref(),
            limitations: &self.limitations,
        };
        let finding = |finding| FindingRecord { finding, page: PageReport::of(finding) };
        core::iter::once(ReportRecord::Report(first))
            .chain(self.sources.iter().map(ReportRecord::Source))
            .chain(self.inputs.iter().map(ReportRecord::Input))
            .chain(self.not_read.iter().map(ReportRecord::NotRead))
            .chain(self.skipped.first.iter().map(ReportRecord::Skipped))
            .chain(self.hosts.iter().map(without_answers))
            .chain(self.copies.iter().map(ReportRecord::Copies))
            .chain(self.fact_records().map(ReportRecord::Fact))
            .chain(self.tokens.iter().map(ReportRecord::Token))
            .chain(self.findings.iter().map(finding).map(ReportRecord::Finding))
            .chain(self.hosts.iter().flat_map(answers).map(ReportRecord::Answer))
            .chain(self.events.iter().map(ReportRecord::Event))
            .chain(self.graph.nodes.iter().map(ReportRecord::Node))
            .chain(self.edge_records().map(ReportRecord::Edge))
    }

    fn fact_records(&self) -> impl Iterator<Item = FactRecord<'_>> {
        let sources: BTreeMap<&str, &SourceReport> =
            self.sources.iter().map(|source| (source.id.as_str(), source)).collect();
        let mut hosts: BTreeMap<&str, &str> = BTreeMap::new();
        for host in &self.hosts {
            hosts.extend(host.sources.iter().map(|source| (source.as_str(), host.id.as_str())));
            let profiles = host.profiles.iter();
            hosts.extend(profiles.map(|it| (it.source.as_str(), host.id.as_str())));
        }
        self.facts.iter().map(move |fact| {
            let source = sources.get(fact.source.as_str());
            FactRecord {
                host: hosts.get(fact.source.as_str()).copied(),
                source_path: source.map(|source| source.path.as_str()),
                source_sha256: source.and_then(|source| source.sha256.as_deref()),
                title: &fact.title,
                reference: &fact.reference,
                fact,
            }
        })
    }

    fn edge_records(&self) -> impl Iterator<Item = EdgeRecord<'_>> {
        let nodes: BTreeMap<&str, &Node> =
            self.graph.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        self.graph.edges.iter().map(move |edge| {
            let name = |id: &str| nodes.get(id).map(|node| node.name.as_str());
            EdgeRecord { from_name: name(&edge.from), to_name: name(&edge.to), edge }
        })
    }
}

fn without_answers(host: &Host) -> ReportRecord<'_> {
    ReportRecord::Host(Box::new(Host { answers: Vec::new(), ..host.clone() }))
}

fn answers(host: &Host) -> impl Iterator<Item = AnswerRecord<'_>> {
    host.answers.iter().map(|answer| AnswerRecord { host: &host.id, answer })
}
