// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings: what deserves a look in a report. Each finding has a page that explains it.
//!
//! A finding never says what a person did. The severity says how much the finding deserves a look. The page
//! also says what the finding does not show, and lists innocent explanations. `calhive explain CODE` prints
//! the page.
#![doc = ""]
#![doc = include_str!("findings.md")]

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroUsize;

use crate::comparison::Index;
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::SignatureState;
use crate::order::each;
use crate::report::{FactReport, Finding, Text, TokenReport};

mod across;
mod computer_names;
mod copies;
mod draft;
mod grace_period;
mod grace_task;
mod hive;
mod host;
mod license_key;
mod license_server;
mod mode;
mod page;
mod recovery;
mod servers;
mod service;
mod service_state;
mod store;
mod store_permissions;
mod token;
mod token_comparison;
mod token_time;

use draft::Draft;
pub use page::FindingPage;

/// Returns all pages, in the order of reports.
///
/// ```
/// use calhive::findings;
/// assert!(findings::pages().any(|page| page.code == "client.token.temporary"));
/// ```
pub fn pages() -> impl Iterator<Item = &'static FindingPage> {
    let groups = [
        token::PAGES,
        token_comparison::PAGES,
        token_time::PAGES,
        store::PAGES,
        store_permissions::PAGES,
        license_key::PAGES,
        host::PAGES,
        mode::PAGES,
        servers::PAGES,
        grace_period::PAGES,
        grace_task::PAGES,
        service::PAGES,
        service_state::PAGES,
        license_server::PAGES,
        recovery::PAGES,
        computer_names::PAGES,
        hive::PAGES,
        across::PAGES,
        copies::PAGES,
    ];
    groups.into_iter().flatten()
}

/// Returns the page of a code. Case does not matter.
pub fn page(code: &str) -> Option<&'static FindingPage> {
    pages().find(|page| page.code.eq_ignore_ascii_case(code))
}

/// Code of the finding about a token that names a different machine.
pub(super) const MACHINE_DIFFERS: &str = token_comparison::MACHINE_DIFFERS.code;
/// Code of the finding about a mode on multi-session Windows.
pub(super) const MULTI_SESSION: &str = mode::MULTI_SESSION.code;
/// Code of the finding about the listener.
pub(super) const LISTENER: &str = service_state::LISTENER.code;
/// Code of the finding about hosts with the same token.
pub(super) const SAME_TOKEN: &str = across::SAME_TOKEN.code;
/// Code of the finding about hosts with the same hardware ID.
pub(super) const SAME_HARDWARE_ID: &str = across::SAME_HARDWARE_ID.code;

/// Whether the finding with this code shows that licensing data of a client were removed.
pub(super) fn shows_removal_on_client(code: &str) -> bool {
    let pages = [
        &recovery::TOKEN_REMOVED,
        &recovery::KEYS_REMOVED,
        &recovery::BOTH_REMOVED,
        &license_key::KEY_REMOVED,
    ];
    pages.iter().any(|page| page.code == code)
}

/// Whether the finding with this code names a reason why a session host might refuse users.
pub(super) fn can_refuse_users(code: &str) -> bool {
    let pages = [
        &mode::MODE_NOT_CONFIGURED,
        &mode::MODE_INVALID,
        &mode::PER_USER_WORKGROUP,
        &mode::MULTI_SESSION,
        &servers::NO_SERVERS,
        &servers::LOOPBACK_ONLY,
        &servers::NO_REGISTRATION,
        &service_state::DRAIN,
        &service_state::LISTENER,
        &service_state::SERVICE_OFF,
        &store_permissions::NOT_WRITABLE,
    ];
    pages.iter().any(|page| page.code == code)
}

/// Whether the finding with this code names a reason why a session host might refuse the users of a client.
pub(super) fn can_refuse_client(code: &str) -> bool {
    code == store_permissions::NOT_WRITABLE.code
}

/// Returns the first key of the license store whose permissions were not read whole.
pub(super) fn unread_permissions<'f>(examined: &HostEvidence<'f>) -> Option<&'f Exhibit<'f>> {
    store_permissions::unread(examined)
}

/// Whether the finding with this code is about the grace period.
pub(super) fn is_about_grace_period(code: &str) -> bool {
    let mut pages =
        grace_period::PAGES.iter().chain([&recovery::GRACE_RECOVERED]).chain(grace_task::PAGES);
    pages.any(|page| page.code == code)
}

/// Returns the findings by host, then the findings across hosts.
pub(super) fn all(
    threads: NonZeroUsize,
    hosts: &[HostEvidence<'_>],
    facts: &[FactReport],
) -> Vec<Finding> {
    let of_hosts = each(threads, hosts, |_, examined| of_host(examined));
    let mut drafts: Vec<Draft> = of_hosts.into_iter().flatten().collect();
    across::find(hosts, &mut drafts);
    findings(1, drafts, facts, hosts.iter().flat_map(|examined| &examined.tokens))
}

/// Applies the rules about one host.
fn of_host(examined: &HostEvidence<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    client(examined, &mut drafts);
    host::find(examined, &mut drafts);
    license_server::find(examined, &mut drafts);
    let mut recovered = Vec::new();
    recovery::find(examined, &mut recovered);
    drafts.extend(draft::one_of_each_kind(recovered));
    license_key::find(examined, &mut drafts);
    computer_names::find(examined, &mut drafts);
    hive::find(examined, &mut drafts);
    drafts
}

/// Returns the findings about several states of one installation.
pub(super) fn of_copies(index: &Index<'_>) -> Vec<Finding> {
    let mut drafts = Vec::new();
    copies::find(index, &mut drafts);
    let report = index.report;
    let first = report.findings.len().saturating_add(1);
    findings(first, drafts, &report.facts, report.tokens.iter())
}

/// Numbers drafts from `first`, and adds the texts of their pages.
fn findings<'r>(
    first: usize,
    drafts: Vec<Draft>,
    facts: &[FactReport],
    tokens: impl Iterator<Item = &'r TokenReport>,
) -> Vec<Finding> {
    let facts: BTreeMap<&str, &FactReport> =
        facts.iter().map(|fact| (fact.id.as_str(), fact)).collect();
    let tokens: BTreeMap<&str, &TokenReport> =
        tokens.map(|token| (token.id.as_str(), token)).collect();
    let finding = |(number, draft)| finding(number, draft, &facts, &tokens);
    (first..).zip(drafts).map(finding).collect()
}

/// Applies the rules about clients.
fn client(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let mut of_tokens = Vec::new();
    for token in examined.licenses() {
        token::integrity(examined, token, &mut of_tokens);
    }
    for (token, license) in examined.decoded() {
        // The validity period in an altered token proves nothing.
        if license.signature != Some(SignatureState::Invalid) {
            token::validity(examined, token, license, &mut of_tokens);
        }
        token_comparison::machine(examined, token, license, &mut of_tokens);
        token_comparison::disagreements(examined, token, &mut of_tokens);
        token_time::stored(examined, token, license, &mut of_tokens);
    }
    token_comparison::forms(examined, &mut of_tokens);
    drafts.extend(draft::one_of_each_kind(of_tokens));
    token_comparison::newer_hardware_id(examined, drafts);
    store::find(examined, drafts);
    store_permissions::find(examined, drafts);
}

/// Numbers a draft and adds the texts of its page.
fn finding(
    number: usize,
    draft: Draft,
    facts: &BTreeMap<&str, &FactReport>,
    tokens: &BTreeMap<&str, &TokenReport>,
) -> Finding {
    let Draft { page, severity, statement, hosts, facts: ids, tokens: token_ids } = draft;
    let of_facts = ids.iter().filter_map(|id| facts.get(id.as_str())).map(|fact| observed(fact));
    let of_tokens = token_ids.iter().filter_map(|id| tokens.get(id.as_str()));
    Finding {
        id: format!("finding-{number}"),
        code: page.code,
        title: page.title.into(),
        severity,
        certainty: page.certainty,
        hosts,
        statement: statement.into(),
        observed: of_facts
            .chain(of_tokens.map(|token| observed_token(token)))
            .map(Text::from)
            .collect(),
        facts: ids,
        tokens: token_ids,
        shows: page.shows.into(),
        does_not_show: page.does_not_show.into(),
        innocent_explanations: page.innocent.iter().map(|text| Text::from(*text)).collect(),
        validated_on: page.validated_on.into(),
        reproduce: page.reproduce.into(),
        reference: String::from(page.source),
    }
}

/// Describes the bytes of a fact and their place.
fn observed(fact: &FactReport) -> String {
    /// Maximum number of bytes shown. Longer data are shown as a hash.
    const SHOWN: usize = 256;
    let place = &fact.provenance;
    let offset = place.value_offset.or(place.key_offset);
    let at = offset.map(|offset| format!(" at {offset:#x}")).unwrap_or_default();
    let value = place.value_name.as_deref().map(|it| if it.is_empty() { "@" } else { it });
    let value = value.map(|it| format!(", value {it}")).unwrap_or_default();
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
        .map(|(index, it)| format!("certificate {index} at byte {:#x} of the token", it.offset))
        .collect();
    let places = if places.is_empty() { String::new() } else { format!("; {}", places.join(", ")) };
    format!("{}: {} bytes with SHA-256 {}{places}", token.id, token.size, token.sha256)
}
