// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Page`]: the report, with what all of its parts share.

use std::collections::{HashMap, HashSet};
use std::io;

use calhive::report::{Host, Report, SourceReport};

use crate::digest;
use crate::output::html::Cover;
use crate::output::report_index::sources_of;
use crate::text::escape;

/// Number of digits of the report id that every printed page shows.
const SHORT_ID: usize = 16;

/// The report, with what all of its parts share.
#[derive(Debug)]
pub(super) struct Page<'r> {
    pub(super) report: &'r Report,
    pub(super) cover: &'r Cover<'r>,
    /// The JSON report, without any character that could end or alter the element around it.
    pub(super) json: String,
    /// SHA-256 of the JSON report, in hex.
    pub(super) id: String,
    anchors: HashSet<&'r str>,
    hosts: HashMap<&'r str, &'r Host>,
    /// Hosts by the ids of their sources.
    hosts_of_sources: HashMap<&'r str, &'r Host>,
    /// Names that several hosts have.
    shared_names: HashSet<&'r str>,
    sources: HashMap<&'r str, &'r SourceReport>,
}

impl<'r> Page<'r> {
    pub(super) fn new(report: &'r Report, cover: &'r Cover<'r>) -> io::Result<Self> {
        let json = inert(&serde_json::to_string(report)?);
        let id = digest::sha256([json.as_bytes()]);
        let hosts = || report.hosts.iter();
        let of_sources = |host: &'r Host| sources_of(host).map(move |id| (id.as_str(), host));
        let sources = report.sources.iter().map(|source| (source.id.as_str(), source));
        Ok(Self {
            report,
            cover,
            json,
            id,
            anchors: anchors(report),
            hosts: hosts().map(|host| (host.id.as_str(), host)).collect(),
            hosts_of_sources: hosts().flat_map(of_sources).collect(),
            shared_names: shared(hosts().map(host_name)),
            sources: sources.collect(),
        })
    }

    /// Returns the first digits of the report id.
    pub(super) fn short_id(&self) -> &str {
        self.id.get(..SHORT_ID).unwrap_or(&self.id)
    }

    /// Returns name and version of the program.
    pub(super) fn tool(&self) -> String {
        format!("{} {}", self.report.tool.name, self.report.tool.version)
    }

    /// Whether a part of the report has this id.
    pub(super) fn has_anchor(&self, id: &str) -> bool {
        self.anchors.contains(id)
    }

    /// Returns the host that a source belongs to.
    pub(super) fn host_of(&self, source: &str) -> Option<&'r Host> {
        self.hosts_of_sources.get(source).copied()
    }

    /// Returns the host with this id.
    pub(super) fn host(&self, id: &str) -> Option<&'r Host> {
        self.hosts.get(id).copied()
    }

    /// Whether several hosts have this name.
    pub(super) fn is_shared_name(&self, name: &str) -> bool {
        self.shared_names.contains(name)
    }

    /// Returns the source with this id.
    pub(super) fn source(&self, id: &str) -> Option<&'r SourceReport> {
        self.sources.get(id).copied()
    }
}

/// Returns the ids of all parts.
fn anchors(report: &Report) -> HashSet<&str> {
    let mut anchors = HashSet::new();
    anchors.extend(report.sources.iter().map(|it| it.id.as_str()));
    anchors.extend(report.hosts.iter().map(|it| it.id.as_str()));
    anchors.extend(report.facts.iter().map(|it| it.id.as_str()));
    anchors.extend(report.tokens.iter().map(|it| it.id.as_str()));
    anchors.extend(report.findings.iter().map(|it| it.id.as_str()));
    anchors.extend(report.copies.iter().map(|it| it.id.as_str()));
    let states = report.copies.iter().flat_map(|it| &it.states);
    anchors.extend(states.map(|it| it.id.as_str()));
    anchors.extend(report.events.iter().map(|it| it.id.as_str()));
    anchors
}

/// Returns the name of a host: its computer name, or its id.
pub(super) fn host_name(host: &Host) -> &str {
    host.system.computer_name.as_ref().map_or(host.id.as_str(), |name| name.text.as_str())
}

/// Returns the names that are there several times.
fn shared<'n>(names: impl Iterator<Item = &'n str>) -> HashSet<&'n str> {
    let mut seen = HashSet::new();
    names.filter(|name| !seen.insert(*name)).collect()
}

/// Replaces characters of JSON that HTML or a reader could take for something else, by JSON escapes.
fn inert(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for letter in json.chars() {
        let is_inert = match letter {
            '<' | '>' => false,
            ' '..='~' => true,
            letter => {
                let letter = letter.to_string();
                escape::message(&letter) == letter
            }
        };
        if is_inert {
            shown.push(letter);
        } else {
            let units = letter.encode_utf16(&mut [0; 2]).to_vec();
            units.iter().for_each(|unit| shown.push_str(&format!("\\u{unit:04x}")));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_meaning_without_deceptive_characters() {
        let value = serde_json::json!({"a": "</script><!-- \u{202E}ä許\u{E0001}\u{2028}"});
        let shown = inert(&value.to_string());
        assert_eq!(shown, r#"{"a":"\u003c/script\u003e\u003c!-- \u202eä許\udb40\udc01\u2028"}"#);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
