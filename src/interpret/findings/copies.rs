// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about several states of one installation: the hives in use, backups, shadow copies and others.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::comparison::Index;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, TOKENS, pages};
use crate::meaning::Certainty;
use crate::report::{
    HiveState, Installation, ItemSubject, Severity, StateChange, StateChangeKind, TokenReport,
};

pages! {
    TOKEN_REMOVED "copies.token_removed" "Token in an earlier state of the hives, and not in a later one" Notice Inferred TOKENS
        when "an earlier state of an installation holds a stored token, the times show the order of the two states, and the later state, read whole at this place, holds neither the token nor another token of the same license with a later end"
        shows "The client's copy of the token was removed between the two states. An earlier state is a shadow copy, a backup of Windows, the previous Windows or a deleted file."
        not "It does not show who removed the copy, how or why. It shows no transfer of the license, which is a reissue by the Clearinghouse, no connection and no logon."
        innocent [
            "a documented repair deleted the licensing keys",
            "a policy script or a cleaner deleted the licensing keys",
            "an upgrade, a reinstallation or a restore built new hives",
        ]
        reproduce "open the SOFTWARE hives of both states in any registry viewer, and compare the keys below Microsoft\\MSLicensing\\Store in both registry views"
        source "[MS] KB 187614, KB 315262 for the removal of the client's copy; [INF] own comparison"
    HARDWARE_ID_REMOVED "copies.hardware_id_removed" "Hardware ID in an earlier state of the hives, and not in a later one" Info Inferred FORGED
        when "an earlier state of an installation holds a value ClientHWID, the times show the order of the two states, and the later state, read whole at this place, holds no such value"
        shows "The client's hardware ID was removed between the two states."
        not "It does not show who removed the hardware ID, how or why. A client creates a new hardware ID with its next licensing exchange."
        innocent [
            "a documented repair deleted the licensing keys",
            "a policy script or a cleaner deleted the licensing keys",
            "an upgrade, a reinstallation or a restore built new hives",
        ]
        reproduce "open the SOFTWARE hives of both states in any registry viewer, and compare the value ClientHWID below Microsoft\\MSLicensing\\HardwareID"
        source "[MS] MS-RDPELE 3.3.1.9, KB 187614; [INF] own comparison"
    MODE_REMOVED "copies.mode_removed" "Licensing mode set in an earlier state of the hives, and not in a later one" Info Inferred FORGED
        when "an earlier state of an installation has a licensing mode in effect, the times show the order of the two states, and the later state, read whole at the places of the mode, has none"
        shows "The setting of the licensing mode was removed between the two states, per these hives."
        not "It does not show who removed the setting, how or why, or what a connection broker or a domain sets."
        innocent [
            "an administrator changed the configuration",
            "a policy no longer applies to the machine",
            "an upgrade, a reinstallation or a restore built new hives",
        ]
        reproduce "compare LicensingMode in both places, policy and local, of both states in any registry viewer"
        source "[INF] own comparison"
    SERVERS_REMOVED "copies.servers_removed" "License servers set in an earlier state of the hives, and not in a later one" Info Inferred FORGED
        when "an earlier state of an installation has license servers in effect, the times show the order of the two states, and the later state, read whole at the places of license servers, has none"
        shows "The setting of the license servers was removed between the two states, per these hives."
        not "It does not show who removed the setting, how or why, or what a connection broker or a domain sets."
        innocent [
            "an administrator changed the configuration",
            "a policy no longer applies to the machine",
            "an upgrade, a reinstallation or a restore built new hives",
        ]
        reproduce "compare the license servers in both places, policy and local, of both states in any registry viewer"
        source "[INF] own comparison"
}

/// Number of removals that a finding describes. The facts of all are listed.
const STATEMENTS: usize = 8;

/// Finds what was removed between two states of an installation.
pub(super) fn find(index: &Index<'_>, drafts: &mut Vec<Draft>) {
    for installation in &index.report.copies {
        for page in PAGES {
            let went = installation.changes.iter().filter(|change| {
                change.kind == StateChangeKind::Removed && self::page(change) == Some(page.code)
            });
            let went: Vec<&StateChange> = went.collect();
            if !went.is_empty() {
                drafts.push(draft(page, index, installation, &went));
            }
        }
    }
}

/// Returns the code of the page about a removal.
fn page(change: &StateChange) -> Option<&'static str> {
    match change.subject {
        ItemSubject::Token => Some(TOKEN_REMOVED.code),
        ItemSubject::Client if change.code == Code::ClientHardwareId.as_str() => {
            Some(HARDWARE_ID_REMOVED.code)
        }
        ItemSubject::InEffect if change.code == "licensing_mode" => Some(MODE_REMOVED.code),
        ItemSubject::InEffect if change.code == "license_servers" => Some(SERVERS_REMOVED.code),
        _ => None,
    }
}

fn draft(
    page: &'static FindingPage,
    index: &Index<'_>,
    installation: &Installation,
    went: &[&StateChange],
) -> Draft {
    let states: BTreeMap<&str, &HiveState> =
        installation.states.iter().map(|state| (state.id.as_str(), state)).collect();
    let state = |id: &str| states.get(id).copied();
    let (mut hosts, mut facts) = (Unique::default(), Unique::default());
    let mut by_host: BTreeMap<&str, Evidence<'_>> = BTreeMap::new();
    let mut statements = Vec::new();
    for change in went {
        let (Some(from), Some(to)) = (state(&change.from), state(&change.to)) else { continue };
        // The later state is first: the finding is about what it lacks.
        for host in [&to.host, &from.host] {
            hosts.add(host);
        }
        let evidence = by_host.entry(&from.host).or_insert_with(|| evidence(index, &from.host));
        for place in change.before.iter().flat_map(|value| &value.places) {
            let found = evidence.get(place.evidence_id.as_str()).into_iter().flatten();
            found.for_each(|fact| facts.add(fact));
        }
        if statements.len() < STATEMENTS {
            statements.push(statement(change, (from, to)));
        }
    }
    let more = went.len().saturating_sub(statements.len());
    if more > 0 {
        statements.push(format!("The same holds for {more} more."));
    }
    let is_one = |token: &&TokenReport| token.facts.iter().any(|fact| facts.known.contains(fact));
    let tokens = index.tokens_of_all(hosts.all.iter().map(String::as_str)).into_iter();
    let tokens: Vec<String> = match page.code == TOKEN_REMOVED.code {
        true => tokens.filter(is_one).map(|token| token.id.clone()).collect(),
        false => Vec::new(),
    };
    let draft = Draft::across(page, hosts.all, statements.join(" ")).facts(&facts.all);
    Draft { tokens, ..draft }
}

/// Ids, each once, in the order in which they were added.
#[derive(Default)]
struct Unique {
    all: Vec<String>,
    known: BTreeSet<String>,
}

impl Unique {
    fn add(&mut self, id: &str) {
        if self.known.insert(String::from(id)) {
            self.all.push(String::from(id));
        }
    }
}

/// Ids of facts by their evidence id.
type Evidence<'r> = BTreeMap<&'r str, Vec<&'r str>>;

/// Returns the facts of a host by their evidence id.
fn evidence<'r>(index: &Index<'r>, host: &str) -> Evidence<'r> {
    let mut evidence = Evidence::new();
    let sources = index.host(host).map(|host| host.sources.as_slice()).unwrap_or_default();
    for fact in index.facts_of(sources.iter().map(String::as_str)) {
        evidence.entry(&fact.evidence_id).or_default().push(&fact.id);
    }
    evidence
}

/// Describes a removal with both places.
fn statement(change: &StateChange, (from, to): (&HiveState, &HiveState)) -> String {
    let StateChange { title, before, statement, .. } = change;
    let text = before.as_ref().map(|value| value.text.as_str()).unwrap_or_default();
    let mut places = before.iter().flat_map(|value| &value.places).map(|place| {
        let offset = place.offset.map(|offset| format!(" at {offset:#x}")).unwrap_or_default();
        let value = place.value_name.as_deref().filter(|name| !name.is_empty());
        let value = value.map(|name| format!(", value {name}")).unwrap_or_default();
        format!("{}, {}{value}{offset}", place.path, place.key_path)
    });
    let place = places.next().unwrap_or_else(|| from.paths.join(", "));
    format!(
        "{title} {statement}. First state ({}, {}): {text}; {place}. Second state ({}, {}): read whole at this place, \
         and nothing is set; {}.",
        from.host,
        from.place,
        to.host,
        to.place,
        to.paths.join(", ")
    )
}
