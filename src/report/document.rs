// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Document`]: a report as one JSON document.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use calhive_evidence::NotRead;

use crate::catalog::Code;
use crate::report::search::{Search, is_without_result};
use crate::report::{
    Event, FactReport, Finding, Graph, Host, InputReport, Installation, Report, Run, SCHEMA,
    SkippedReport, SourceReport, Text, TokenReport, Tool,
};

/// What the evidence shows, with the place of each fact. A field without a value is absent. An id of a fact is in
/// `facts` or in `searched`.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub(super) struct Document<'r> {
    /// Name of the schema: `urn:calhive:report:1`.
    schema: &'static str,
    /// Version of the report's shape. It grows if a field changes its meaning or is removed.
    schema_version: u32,
    /// Library that made the report.
    tool: &'r Tool,
    /// The run of the command that made the report. Absent in a report of a library call.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<&'r Run>,
    /// Hives that were read.
    sources: &'r Vec<SourceReport>,
    /// Archives and disk images that were read. Absent without any.
    #[serde(skip_serializing_if = "no_inputs")]
    inputs: &'r Vec<InputReport>,
    /// Inputs that were not read, are incomplete, or can mix two states.
    not_read: &'r Vec<NotRead>,
    /// Files, links and parts of inputs that were not read. Evidence that is missing is in `not_read` too. Absent if
    /// nothing was skipped.
    #[serde(skip_serializing_if = "SkippedReport::is_none")]
    skipped: &'r SkippedReport,
    /// Installations of Windows that the hives belong to. Each copy of hives is a host of its own.
    hosts: &'r Vec<Host>,
    /// Installations with several states of their hives, and what differs between the states. Absent without such an
    /// installation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    copies: &'r Vec<Installation>,
    /// Decoded licenses of clients and certificates of session hosts.
    tokens: &'r Vec<TokenReport>,
    /// Findings by host, then findings across hosts, then findings about copies of hives.
    findings: &'r Vec<Finding>,
    /// Explanations of the findings in this report, by code.
    finding_pages: BTreeMap<&'r str, PageReport<'r>>,
    /// Events in order of time. Undated events are in the order of their log.
    events: &'r Vec<Event>,
    /// Clients, session hosts, license servers, scopes and farms, and their relations.
    graph: &'r Graph,
    /// Facts, by source, in the order of the catalog: all that was found, and every place that could not be read or
    /// that needs more words than `searched` has.
    facts: Vec<&'r FactReport>,
    /// Places that were searched without result, by source.
    searched: Vec<Search<'r>>,
    /// Entries of the catalog for the codes in `facts` and `searched`, by code.
    catalog: BTreeMap<&'static str, PlaceReport>,
    /// What the evidence cannot show, whatever was found.
    limitations: &'r Vec<Text>,
}

/// An entry of the catalog.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub(super) struct PlaceReport {
    /// What the catalog looks for at this place.
    title: Text,
    /// Published source for the place and its meaning.
    reference: String,
}

/// Explanations that all findings with one code share.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct PageReport<'r> {
    /// What the finding shows.
    pub shows: &'r Text,
    /// What the finding does not show.
    pub does_not_show: &'r Text,
    /// Innocent explanations for the finding.
    pub innocent_explanations: &'r Vec<Text>,
    /// Evidence that the rule of the finding was validated on.
    pub validated_on: &'r Text,
    /// How to see the same with another tool.
    pub reproduce: &'r Text,
    /// Published source for the finding.
    pub reference: &'r str,
}

impl<'r> PageReport<'r> {
    /// Returns the pages of all findings, by code.
    pub(super) fn all(report: &'r Report) -> BTreeMap<&'r str, Self> {
        report.findings.iter().map(|finding| (finding.code, Self::of(finding))).collect()
    }

    pub(super) fn of(finding: &'r Finding) -> Self {
        Self {
            shows: &finding.shows,
            does_not_show: &finding.does_not_show,
            innocent_explanations: &finding.innocent_explanations,
            validated_on: &finding.validated_on,
            reproduce: &finding.reproduce,
            reference: &finding.reference,
        }
    }
}

impl PlaceReport {
    /// Returns the entries for the codes of all facts, by code.
    pub(super) fn all(report: &Report) -> BTreeMap<&'static str, Self> {
        let codes: BTreeSet<Code> = report.facts.iter().map(|fact| fact.code).collect();
        codes.into_iter().map(|code| (code.as_str(), Self::of(code))).collect()
    }

    fn of(code: Code) -> Self {
        let location = code.location();
        Self { title: Text::from(location.title), reference: location.reference() }
    }
}

impl<'r> Document<'r> {
    fn of(report: &'r Report) -> Self {
        Self {
            schema: SCHEMA,
            schema_version: report.schema_version,
            tool: &report.tool,
            run: report.run.as_ref(),
            sources: &report.sources,
            inputs: &report.inputs,
            not_read: &report.not_read,
            skipped: &report.skipped,
            hosts: &report.hosts,
            copies: &report.copies,
            tokens: &report.tokens,
            findings: &report.findings,
            finding_pages: PageReport::all(report),
            events: &report.events,
            graph: &report.graph,
            facts: report.facts.iter().filter(|fact| !is_without_result(fact)).collect(),
            searched: Search::of(report),
            catalog: PlaceReport::all(report),
            limitations: &report.limitations,
        }
    }
}

/// Whether a list has no entry. A predicate takes the field as it is: a reference.
#[allow(clippy::trivially_copy_pass_by_ref, clippy::ptr_arg, reason = "the form that serde calls")]
const fn no_inputs(inputs: &&Vec<InputReport>) -> bool {
    inputs.is_empty()
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Document::of(self).serialize(serializer)
    }
}
