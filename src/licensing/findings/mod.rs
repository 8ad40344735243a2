// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings: what in a report is worth a look, each with the page that says what it means.
//!
//! A finding never says what a person did. Its severity is how much it matters to look, its page says
//! what it does not show and what else explains it, and `calhive explain CODE` prints that page.
#![doc = ""]
#![doc = include_str!("../findings.md")]

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::licensing::examined::Examined;
use crate::licensing::report::{FactReport, Finding, RoleReport, RoleState, Severity, TokenReport};

mod across;
mod across_pages;
mod client;
mod client_pages;
mod deleted;
mod deleted_pages;
mod host;
mod host_pages;
mod license_server;
mod license_server_pages;
mod page;

pub use page::Page;

/// All pages, in the order in which findings are reported.
///
/// ```
/// use calhive::licensing::findings;
/// assert!(findings::pages().any(|page| page.code == "client.token.temporary"));
/// ```
pub fn pages() -> impl Iterator<Item = &'static Page> {
    let groups = [
        client_pages::PAGES,
        host_pages::PAGES,
        license_server_pages::PAGES,
        deleted_pages::PAGES,
        across_pages::PAGES,
    ];
    groups.into_iter().flatten()
}

/// The page of a code, in any case.
pub fn page(code: &str) -> Option<&'static Page> {
    pages().find(|page| page.code.eq_ignore_ascii_case(code))
}

/// A finding before it is written out.
pub(crate) struct Raised {
    page: &'static Page,
    severity: Severity,
    statement: String,
    hosts: Vec<String>,
    facts: Vec<String>,
    tokens: Vec<String>,
}

/// The findings of one host, or of several, while they are gathered.
#[derive(Default)]
pub(crate) struct Raising {
    raised: Vec<Raised>,
}

impl Raising {
    /// Raises a finding about a host.
    fn raise(
        &mut self,
        page: &'static Page,
        examined: &Examined<'_>,
        statement: String,
    ) -> &mut Raised {
        let hosts = Vec::from([examined.host.id.clone()]);
        self.raise_of(page, hosts, statement)
    }

    /// Raises one about several.
    fn raise_of(
        &mut self,
        page: &'static Page,
        hosts: Vec<String>,
        statement: String,
    ) -> &mut Raised {
        let (facts, tokens) = (Vec::new(), Vec::new());
        let raised = Raised { page, severity: page.severity, statement, hosts, facts, tokens };
        let at = self.raised.len();
        self.raised.push(raised);
        // It was pushed just now.
        #[expect(clippy::indexing_slicing, reason = "the element at the length before a push")]
        &mut self.raised[at]
    }
}

impl Raised {
    fn fact(&mut self, id: impl AsRef<str>) -> &mut Self {
        self.facts.push(String::from(id.as_ref()));
        self
    }

    fn facts(&mut self, ids: &[String]) -> &mut Self {
        self.facts.extend_from_slice(ids);
        self
    }

    /// A token, with the facts that hold it.
    fn token(&mut self, token: &TokenReport) -> &mut Self {
        self.tokens.push(token.id.clone());
        self.facts.extend(token.facts.first().cloned());
        self
    }

    /// What is set means little where the role is not known.
    fn by_role(&mut self, role: &RoleReport) -> &mut Self {
        if role.state != RoleState::Present {
            self.severity = Severity::Info;
        }
        self
    }
}

/// The findings of all hosts, in the order of the hosts, those across hosts last.
pub(crate) fn all(hosts: &[Examined<'_>], facts: &[FactReport]) -> Vec<Finding> {
    let mut raising = Raising::default();
    for examined in hosts {
        client::find(examined, &mut raising);
        host::find(examined, &mut raising);
        license_server::find(examined, &mut raising);
        deleted::find(examined, &mut raising);
    }
    across::find(hosts, &mut raising);
    let facts: BTreeMap<&str, &FactReport> =
        facts.iter().map(|fact| (fact.id.as_str(), fact)).collect();
    let tokens: BTreeMap<&str, &TokenReport> = hosts
        .iter()
        .flat_map(|examined| &examined.tokens)
        .map(|token| (token.id.as_str(), token))
        .collect();
    let finding = |(number, raised)| finding(number, raised, &facts, &tokens);
    (1_usize..).zip(raising.raised).map(finding).collect()
}

fn finding(
    number: usize,
    raised: Raised,
    facts: &BTreeMap<&str, &FactReport>,
    tokens: &BTreeMap<&str, &TokenReport>,
) -> Finding {
    let Raised { page, severity, statement, hosts, facts: ids, tokens: token_ids } = raised;
    let of_facts = ids.iter().filter_map(|id| facts.get(id.as_str())).map(|fact| observed(fact));
    let of_tokens = token_ids.iter().filter_map(|id| tokens.get(id.as_str()));
    Finding {
        id: format!("finding-{number}"),
        code: page.code.to_string(),
        title: page.title.to_string(),
        severity,
        certainty: page.certainty,
        hosts,
        statement,
        observed: of_facts.chain(of_tokens.map(|token| observed_token(token))).collect(),
        facts: ids,
        tokens: token_ids,
        shows: page.shows.to_string(),
        does_not_show: page.does_not_show.to_string(),
        innocent_explanations: page.innocent.iter().map(ToString::to_string).collect(),
        validated_on: page.validated_on.to_string(),
        reproduce: page.reproduce.to_string(),
        reference: page.source.to_string(),
    }
}

/// The bytes of a fact, and where they stand.
fn observed(fact: &FactReport) -> String {
    /// So many bytes are shown; of more, their hash.
    const SHOWN: usize = 256;
    let place = &fact.provenance;
    let offset = place.value_offset.or(place.key_offset);
    let at = offset.map(|offset| format!(" at {offset:#x}")).unwrap_or_default();
    let value = place.value_name.as_ref().map(|it| format!(", value {it}")).unwrap_or_default();
    let written = place.key_last_written.as_ref();
    let written = written.map(|it| format!(", key last written {it}")).unwrap_or_default();
    let bytes = match &fact.data {
        None if fact.state.is_found() => String::from("the key"),
        None => {
            let key = place.key_offset.map(|offset| format!("; its key is at {offset:#x}"));
            let key = key.unwrap_or_default();
            return format!(
                "{}: no such value{key}; {}, {}{value}",
                fact.id, fact.source, place.key_path
            );
        }
        Some(data) => match data.hex.as_ref().filter(|hex| hex.len() <= SHOWN.saturating_mul(2)) {
            Some(hex) => {
                let kind = place.value_type.as_deref().unwrap_or_default();
                format!("{kind} {hex}")
            }
            None => format!("{} bytes with SHA-256 {}", data.size, data.sha256),
        },
    };
    format!("{}: {bytes}; {}{at}, {}{value}{written}", fact.id, fact.source, place.key_path)
}

fn observed_token(token: &TokenReport) -> String {
    let certificates = token.certificates.iter().enumerate();
    let places: Vec<String> = certificates
        .map(|(index, it)| format!("certificate {index} at byte {:#x} of it", it.offset))
        .collect();
    let places = if places.is_empty() { String::new() } else { format!("; {}", places.join(", ")) };
    format!("{}: {} bytes with SHA-256 {}{places}", token.id, token.size, token.sha256)
}
