// SPDX-License-Identifier: GPL-3.0-or-later
//! [`ReportIndex`]: the parts of a report by id, in constant time.

use alloc::collections::BTreeSet;
use core::hash::Hash;
use std::collections::HashMap;

use calhive::report::{FactReport, Host, Report, SourceReport};

/// The parts of a report by id.
#[derive(Debug)]
pub(crate) struct ReportIndex<'r> {
    sources: HashMap<&'r str, &'r SourceReport>,
    hosts: HashMap<&'r str, &'r Host>,
    hosts_of_sources: HashMap<&'r str, &'r Host>,
    facts: HashMap<&'r str, &'r FactReport>,
    /// Codes of the findings that cite a fact or a token, by its id.
    finding_codes: HashMap<&'r str, BTreeSet<&'r str>>,
}

impl<'r> ReportIndex<'r> {
    pub(crate) fn new(report: &'r Report) -> Self {
        let of_sources = report
            .hosts
            .iter()
            .flat_map(|host| sources_of(host).map(move |source| (source.as_str(), host)));
        let mut finding_codes: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for finding in &report.findings {
            for id in finding.facts.iter().chain(&finding.tokens) {
                finding_codes.entry(id).or_default().insert(finding.code);
            }
        }
        Self {
            finding_codes,
            sources: by_id(&report.sources, |source| source.id.as_str()),
            hosts: by_id(&report.hosts, |host| host.id.as_str()),
            hosts_of_sources: of_sources.collect(),
            facts: by_id(&report.facts, |fact| fact.id.as_str()),
        }
    }

    pub(crate) fn source(&self, id: &str) -> Option<&'r SourceReport> {
        self.sources.get(id).copied()
    }

    pub(crate) fn host(&self, id: &str) -> Option<&'r Host> {
        self.hosts.get(id).copied()
    }

    /// Returns the host that a source belongs to.
    pub(crate) fn host_of(&self, source: &str) -> Option<&'r Host> {
        self.hosts_of_sources.get(source).copied()
    }

    /// Returns the codes of the findings that cite one of these facts and tokens, without repetition.
    pub(crate) fn finding_codes<'i>(
        &self,
        ids: impl Iterator<Item = &'i String>,
    ) -> BTreeSet<&'r str> {
        ids.filter_map(|id| self.finding_codes.get(id.as_str())).flatten().copied().collect()
    }

    pub(crate) fn fact(&self, id: &str) -> Option<&'r FactReport> {
        self.facts.get(id).copied()
    }
}

/// Returns the ids of the hives of a host, and of the profiles of its users.
pub(crate) fn sources_of(host: &Host) -> impl Iterator<Item = &String> {
    host.sources.iter().chain(host.profiles.iter().map(|profile| &profile.source))
}

fn by_id<'r, K: Eq + Hash, T>(parts: &'r [T], id: impl Fn(&'r T) -> K) -> HashMap<K, &'r T> {
    parts.iter().map(|part| (id(part), part)).collect()
}

/// Returns the computer name of a host, or its id if the hives have no name.
pub(crate) fn name_of(host: &Host) -> &str {
    host.system.computer_name.as_ref().map_or(&host.id, |name| &name.text)
}
