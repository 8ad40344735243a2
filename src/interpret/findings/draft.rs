// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Draft`]: a finding without its number and the texts of its page.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::interpret::findings::page::FindingPage;
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::report::{RoleReport, RoleState, Severity, TokenReport};

/// A finding without its number and the texts of its page.
pub(super) struct Draft {
    pub(super) page: &'static FindingPage,
    pub(super) severity: Severity,
    pub(super) statement: String,
    pub(super) hosts: Vec<String>,
    pub(super) facts: Vec<String>,
    pub(super) tokens: Vec<String>,
}

impl Draft {
    /// Drafts a finding about one host.
    pub(super) fn about(
        page: &'static FindingPage,
        examined: &HostEvidence<'_>,
        statement: String,
    ) -> Self {
        Self::across(page, Vec::from([examined.host.id.clone()]), statement)
    }

    /// Drafts a finding about several hosts.
    pub(super) const fn across(
        page: &'static FindingPage,
        hosts: Vec<String>,
        statement: String,
    ) -> Self {
        Self {
            page,
            severity: page.severity,
            statement,
            hosts,
            facts: Vec::new(),
            tokens: Vec::new(),
        }
    }

    /// Adds a fact as evidence.
    #[must_use]
    pub(super) fn exhibit(self, exhibit: &Exhibit<'_>) -> Self {
        self.fact(&exhibit.id)
    }

    /// Adds the fact with this ID as evidence.
    #[must_use]
    pub(super) fn fact(mut self, id: &str) -> Self {
        self.facts.push(String::from(id));
        self
    }

    /// Adds the facts with these IDs as evidence.
    #[must_use]
    pub(super) fn facts(mut self, ids: &[String]) -> Self {
        self.facts.extend_from_slice(ids);
        self
    }

    /// Adds a token, and the fact that holds it, as evidence.
    #[must_use]
    pub(super) fn token(mut self, token: &TokenReport) -> Self {
        self.tokens.push(token.id.clone());
        self.facts.extend(token.facts.first().cloned());
        self
    }

    /// Lowers the severity unless the host has the role. Without the role, the setting means
    /// little.
    #[must_use]
    pub(super) fn by_role(mut self, role: &RoleReport) -> Self {
        if role.state != RoleState::Present {
            self.severity = Severity::Info;
        }
        self
    }
}

/// Number of statements of one kind that a finding about tokens repeats. The tokens of all are listed.
const STATEMENTS: usize = 8;

/// Prefix of the codes of findings about single tokens.
const TOKENS: &str = "client.token.";

/// Merges the drafts of each kind about the tokens of one host into one draft, in the order of the first ones.
/// Other drafts stay as they are.
pub(super) fn one_of_each_kind(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut merged: Vec<Merged> = Vec::new();
    let mut numbers: BTreeMap<(&'static str, Vec<String>), usize> = BTreeMap::new();
    for draft in drafts {
        if draft.page.code.starts_with(TOKENS) {
            let kind = (draft.page.code, draft.hosts.clone());
            let number = *numbers.entry(kind).or_insert(merged.len());
            if let Some(first) = merged.get_mut(number) {
                first.add(draft);
                continue;
            }
        }
        merged.push(Merged::new(draft));
    }
    let finish = |Merged { mut draft, count, .. }: Merged| {
        if let more @ 1.. = count.saturating_sub(STATEMENTS) {
            let tokens = draft.tokens.join(", ");
            draft.statement.push_str(&format!(" The same holds for {more} more; all: {tokens}."));
        }
        draft
    };
    merged.into_iter().map(finish).collect()
}

/// A draft, the number of drafts that were merged into it, and the ids of its facts and tokens.
struct Merged {
    draft: Draft,
    count: usize,
    known: BTreeSet<String>,
}

impl Merged {
    fn new(draft: Draft) -> Self {
        let known = draft.facts.iter().chain(&draft.tokens).cloned().collect();
        Self { draft, count: 1, known }
    }

    fn add(&mut self, other: Draft) {
        self.count = self.count.saturating_add(1);
        let draft = &mut self.draft;
        if self.count <= STATEMENTS {
            draft.statement.push(' ');
            draft.statement.push_str(&other.statement);
        }
        for (own, others) in [(&mut draft.facts, other.facts), (&mut draft.tokens, other.tokens)] {
            own.extend(others.into_iter().filter(|id| self.known.insert(id.clone())));
        }
    }
}
