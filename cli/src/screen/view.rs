// SPDX-License-Identifier: GPL-3.0-or-later
//! [`View`]: the parts of a report that are about one host.

use calhive::catalog::Code;
use calhive::regf::registry::{HiveKind, Role};
use calhive::report::{
    Answer, ControlSetReport, FactReport, Finding, Host, Report, RoleState, SourceFormReport,
    SourceReport, TokenReport,
};

/// The parts of a report that are about one host.
#[derive(Clone, Debug)]
pub(crate) struct View<'r> {
    pub(crate) report: &'r Report,
    pub(crate) host: &'r Host,
    /// Computer name, or the id of the host. With the id, if several hosts have the name.
    pub(crate) label: String,
    /// Hives of the host.
    pub(crate) sources: Vec<&'r SourceReport>,
    /// Facts of the host in the tree of its hives, found or not.
    pub(crate) facts: Vec<&'r FactReport>,
    /// Findings about the host.
    pub(crate) findings: Vec<&'r Finding>,
    /// Decoded tokens and certificates of the host.
    pub(crate) tokens: Vec<&'r TokenReport>,
}

impl<'r> View<'r> {
    pub(crate) fn new(report: &'r Report, host: &'r Host) -> Self {
        let is_ours = |id: &String| host.sources.contains(id);
        let is_in_tree = |fact: &&FactReport| {
            fact.provenance.hidden.is_none() && fact.provenance.recovered.is_none()
        };
        let facts = report.facts.iter().filter(|fact| is_ours(&fact.source)).filter(is_in_tree);
        let is_of_host = |token: &&TokenReport| token.host.as_ref() == Some(&host.id);
        Self {
            report,
            host,
            label: label(report, host),
            sources: report.sources.iter().filter(|source| is_ours(&source.id)).collect(),
            facts: facts.collect(),
            findings: report.findings.iter().filter(|it| it.hosts.contains(&host.id)).collect(),
            tokens: report.tokens.iter().filter(is_of_host).collect(),
        }
    }

    /// Returns the computer name, or the id of the host.
    pub(crate) fn name(&self) -> &'r str {
        name(self.host)
    }

    /// Returns the found facts with this code, in the control set in use or outside control sets.
    pub(crate) fn found(&self, code: Code) -> impl Iterator<Item = &'r FactReport> {
        let in_use = self.at(code).filter(|fact| is_in_use(fact));
        in_use.filter(|fact| fact.state.is_found())
    }

    /// Returns all facts with this code.
    pub(crate) fn at(&self, code: Code) -> impl Iterator<Item = &'r FactReport> {
        self.facts.iter().copied().filter(move |fact| fact.code == code)
    }

    /// Returns the text of the first found fact with this code.
    pub(crate) fn shown(&self, code: Code) -> Option<&'r str> {
        self.found(code).find_map(|fact| fact.shown.as_deref())
    }

    /// Returns the answer to the question with this code.
    pub(crate) fn answer(&self, code: &str) -> Option<&'r Answer> {
        self.host.answers.iter().find(|answer| answer.code == code)
    }

    /// Whether the host is a client edition of Windows.
    pub(crate) fn is_client(&self) -> bool {
        let is_multi_session = self.host.session_host.state == RoleState::NotApplicable;
        let is_client = match self.shown(Code::SystemProductType) {
            Some(product_type) => product_type.eq_ignore_ascii_case("WinNT"),
            // SOFTWARE alone.
            None => self
                .shown(Code::SystemInstallationType)
                .is_some_and(|installation| installation.eq_ignore_ascii_case("Client")),
        };
        !is_multi_session && is_client
    }

    /// Whether the host may serve remote sessions.
    pub(crate) fn may_be_session_host(&self) -> bool {
        !self.is_client() && self.host.session_host.state != RoleState::Absent
    }

    /// Returns a sentence of the report with the names of the hives instead of their ids, which this page
    /// does not explain.
    pub(crate) fn sentence(&self, text: &str) -> String {
        let text = text.replace("owner S-1-5-32-544", "owner Administrators");
        self.sources.iter().fold(text, |text, source| {
            let (id, kind) = (&source.id, source.kind.to_string());
            text.replace(&format!("{id} ({kind})"), &kind)
                .replace(&format!("{id} ({kind}, "), &format!("{kind} ("))
                .replace(&format!(" logs of {id} may "), &format!(" logs of {kind} may "))
                .replace(&format!(" parts of {id} that "), &format!(" parts of {kind} that "))
        })
    }

    /// Whether the source that holds the license store was read.
    pub(crate) fn has_software(&self) -> bool {
        self.sources.iter().any(|source| source.kind == HiveKind::Software)
    }

    /// Whether a hive was not read whole, or changes in logs may be missing.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.is_damaged() || self.host.logs.iter().any(|logs| logs.is_incomplete)
    }

    /// Whether a hive of the host was not read whole.
    pub(crate) fn is_damaged(&self) -> bool {
        self.sources.iter().any(|source| source.unread.total > 0)
    }
}

/// Returns the computer name, or the id of the host.
pub(crate) fn name(host: &Host) -> &str {
    host.system.computer_name.as_ref().map_or(host.id.as_str(), |it| it.text.as_str())
}

/// Returns the name of a host, with its id if several hosts have the name.
pub(crate) fn label(report: &Report, host: &Host) -> String {
    let own = name(host);
    match report.hosts.iter().filter(|other| name(other) == own).count() {
        0 | 1 => own.to_owned(),
        _ => format!("{own} ({})", host.id),
    }
}

/// Returns the word for a source: the kind of its hive, or its form.
pub(crate) fn source_word(source: &SourceReport) -> String {
    match source.form {
        SourceFormReport::RegistryExport => String::from("text export"),
        SourceFormReport::LiveRows => String::from("live registry rows"),
        SourceFormReport::LicenseFile => String::from("license file"),
        SourceFormReport::UnallocatedSpace => String::from("unallocated clusters"),
        _ => source.kind.to_string(),
    }
}

/// Whether a fact is outside control sets, or in the control set in use.
pub(crate) fn is_in_use(fact: &FactReport) -> bool {
    fact.provenance.control_set.as_ref().is_none_or(is_current)
}

pub(crate) fn is_current(set: &ControlSetReport) -> bool {
    set.roles.contains(&Role::Current)
}
