// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Index`]: the parts of a report by their ids.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use calhive_evidence::NotRead;

use crate::Report;
use crate::report::{FactReport, Finding, Host, SourceReport, TokenReport};

/// The parts of a report by their ids, so that a look-up takes the same time in a report of any size.
pub(crate) struct Index<'r> {
    pub(crate) report: &'r Report,
    hosts: BTreeMap<&'r str, &'r Host>,
    /// Sources by id, each with its number.
    sources: BTreeMap<&'r str, (usize, &'r SourceReport)>,
    /// First source of each path.
    paths: BTreeMap<&'r str, &'r SourceReport>,
    facts: BTreeMap<&'r str, &'r FactReport>,
    /// Facts of each source, each with its number among all facts.
    of_source: BTreeMap<&'r str, Vec<(usize, &'r FactReport)>>,
    /// Tokens of each host, each with its number among all tokens.
    tokens: BTreeMap<&'r str, Vec<(usize, &'r TokenReport)>>,
    hashes: BTreeSet<&'r str>,
    findings: BTreeMap<&'r str, Vec<&'r Finding>>,
    not_read: BTreeMap<&'r str, Vec<&'r NotRead>>,
}

impl<'r> Index<'r> {
    pub(crate) fn new(report: &'r Report) -> Self {
        let mut index = Self {
            report,
            hosts: report.hosts.iter().map(|it| (it.id.as_str(), it)).collect(),
            sources: (report.sources.iter().enumerate())
                .map(|(number, it)| (it.id.as_str(), (number, it)))
                .collect(),
            paths: report.sources.iter().rev().map(|it| (it.path.as_str(), it)).collect(),
            facts: report.facts.iter().map(|it| (it.id.as_str(), it)).collect(),
            of_source: BTreeMap::new(),
            tokens: BTreeMap::new(),
            hashes: report.tokens.iter().map(|it| it.sha256.as_str()).collect(),
            findings: BTreeMap::new(),
            not_read: BTreeMap::new(),
        };
        for (number, fact) in report.facts.iter().enumerate() {
            index.of_source.entry(&fact.source).or_default().push((number, fact));
        }
        for (number, token) in report.tokens.iter().enumerate() {
            if let Some(host) = &token.host {
                index.tokens.entry(host).or_default().push((number, token));
            }
        }
        for finding in &report.findings {
            if let [host] = finding.hosts.as_slice() {
                index.findings.entry(host).or_default().push(finding);
            }
        }
        for input in &report.not_read {
            index.not_read.entry(&input.path).or_default().push(input);
        }
        index
    }

    pub(crate) fn host(&self, id: &str) -> Option<&'r Host> {
        self.hosts.get(id).copied()
    }

    pub(crate) fn source(&self, id: &str) -> Option<&'r SourceReport> {
        self.sources.get(id).map(|(_, source)| *source)
    }

    /// Returns the first source with this path.
    pub(crate) fn source_at(&self, path: &str) -> Option<&'r SourceReport> {
        self.paths.get(path).copied()
    }

    /// Returns these sources, in the order of the report.
    pub(crate) fn sources(&self, ids: &[String]) -> Vec<&'r SourceReport> {
        let found = ids.iter().filter_map(|id| self.sources.get(id.as_str()).copied());
        let found: BTreeMap<usize, &SourceReport> = found.collect();
        found.into_values().collect()
    }

    pub(crate) fn fact(&self, id: &str) -> Option<&'r FactReport> {
        self.facts.get(id).copied()
    }

    /// Returns the facts of these sources, in the order of the report.
    pub(crate) fn facts_of<'i>(
        &self,
        sources: impl Iterator<Item = &'i str>,
    ) -> Vec<&'r FactReport> {
        let sources: BTreeSet<&str> = sources.collect();
        let of = sources.iter().filter_map(|id| self.of_source.get(id)).flatten();
        let mut facts: Vec<(usize, &FactReport)> = of.copied().collect();
        facts.sort_unstable_by_key(|(number, _)| *number);
        facts.into_iter().map(|(_, fact)| fact).collect()
    }

    /// Returns the tokens of a host, in the order of the report.
    pub(crate) fn tokens_of(&self, host: &str) -> impl Iterator<Item = &'r TokenReport> {
        self.tokens.get(host).into_iter().flatten().map(|(_, token)| *token)
    }

    /// Returns the tokens of these hosts, in the order of the report.
    pub(crate) fn tokens_of_all<'i>(
        &self,
        hosts: impl Iterator<Item = &'i str>,
    ) -> Vec<&'r TokenReport> {
        let tokens = hosts.filter_map(|host| self.tokens.get(host)).flatten().copied();
        let tokens: BTreeMap<usize, &TokenReport> = tokens.collect();
        tokens.into_values().collect()
    }

    /// Whether a token of the report has this hash.
    pub(crate) fn is_token(&self, sha256: &str) -> bool {
        self.hashes.contains(sha256)
    }

    /// Returns the findings about this host alone.
    pub(crate) fn findings_of(&self, host: &str) -> &[&'r Finding] {
        self.findings.get(host).map_or(&[], Vec::as_slice)
    }

    /// Returns the inputs at a path that were not read.
    pub(crate) fn not_read(&self, path: &str) -> &[&'r NotRead] {
        self.not_read.get(path).map_or(&[], Vec::as_slice)
    }
}
