// SPDX-License-Identifier: MIT OR Apache-2.0
//! Turns dated facts into events, each with the clock that the time is from.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use calhive_regf::FileTime;

use crate::catalog::{Code, Subject};
use crate::fact::{Fact, Origin};
use crate::interpret::host_evidence::or_unknown;
use crate::interpret::installations::Group;
use crate::interpret::view::{Exhibit, View};
use crate::meaning::certificate_date::is_fixed_date;
use crate::meaning::{Certainty, CertificateKind, SignatureState};
use crate::report::{BindingReport, Clock, Event, EventCode, LicenseReport, Text, TokenReport};

/// Returns the events of a host.
pub(super) fn of_host(view: &View<'_>, host: &str, tokens: &[TokenReport]) -> Vec<Event> {
    let mut events = Vec::new();
    // All facts of one key share one event.
    let mut keys: BTreeMap<(FileTime, String), Event> = BTreeMap::new();
    for exhibit in view.facts.iter().chain(&view.recovered) {
        if let Some((written, event)) = key_written(host, exhibit.fact) {
            let event = keys.entry((written, event.meaning.clone().into())).or_insert(event);
            event.facts.push(exhibit.id.clone());
        }
        if exhibit.fact.provenance.is_in_tree() {
            events.extend(time_in_data(host, exhibit));
        }
    }
    events.extend(keys.into_values());
    let mut leaves: BTreeSet<String> = BTreeSet::new();
    // Tokens in the tree come first. A recovered copy of one adds no event.
    for token in tokens {
        if leaf_sha256(token).is_none_or(|leaf| leaves.insert(leaf)) || token.is_shown() {
            events.extend(validity(host, token));
        }
    }
    events
}

/// Returns the creation of each shadow copy with hives of an installation.
pub(super) fn of_shadow_copies(groups: &[Group]) -> Vec<Event> {
    let mut events = Vec::new();
    for group in groups {
        let mut known = BTreeSet::new();
        let in_use = group.states.iter().find(|state| state.place.copy().is_none());
        for state in &group.states {
            let (Some(number), Some((time, id))) = (state.place.shadow_copy, &state.place.created)
            else {
                continue;
            };
            if known.insert((number, *time)) {
                let id = if id.is_empty() { String::new() } else { format!(" ({id})") };
                let meaning = format!("shadow copy {number}{id} of the volume created");
                let host = in_use.unwrap_or(state).host.as_str();
                events.push(event(host, EventCode::ShadowCopyCreated, *time, meaning));
            }
        }
    }
    events
}

/// Sorts events by time and numbers them. An undated change is sorted by the newest time among
/// earlier changes in the logs of its hive. If no earlier change is dated, the time of the next
/// dated change counts.
pub(super) fn in_order(events: Vec<Event>) -> Vec<Event> {
    let source = |event: &Event| event.change.as_ref().map(|change| change.source.clone());
    let mut first: BTreeMap<String, FileTime> = BTreeMap::new();
    for event in &events {
        if let (Some(source), Some(time)) = (source(event), event.time) {
            first.entry(source).or_insert(time);
        }
    }
    let mut newest: BTreeMap<String, FileTime> = BTreeMap::new();
    let place = |event: Event| {
        let Some(source) = source(&event) else { return (event.time, event) };
        let known = newest.get(&source).or(first.get(&source)).copied();
        let time = event.time.or(known);
        if let Some(time) = event.time {
            newest.insert(source, known.map_or(time, |known| known.max(time)));
        }
        (time, event)
    };
    let mut placed: Vec<(Option<FileTime>, Event)> = events.into_iter().map(place).collect();
    // Events without any time come last.
    placed.sort_by_key(|(time, _)| (time.is_none(), *time));
    let mut events: Vec<Event> = placed.into_iter().map(|(_, event)| event).collect();
    for (event, number) in events.iter_mut().zip(1_usize..) {
        event.id = format!("event-{number}");
    }
    events
}

/// Returns the last-written time of a licensing key as an event.
fn key_written(host: &str, fact: &Fact) -> Option<(FileTime, Event)> {
    let written = fact.provenance.key_last_written()?;
    if fact.location.subject() == Subject::System || !fact.state.is_found() {
        return None;
    }
    let (what, certainty) = meaning(fact);
    let key = &fact.provenance.key;
    let meaning = match &fact.provenance.recovered {
        None => format!("{key} last written: {what}"),
        Some(remains) if remains.key_is_recovered => {
            // An implausible time does not date the key.
            if !written.is_plausible() {
                return None;
            }
            format!(
                "{key} (recovered, not in the tree) last written: {what}; deleting a direct subkey or a value also \
                 sets this time"
            )
        }
        // The recovered value belongs to a key in the tree, which has an event of its own.
        Some(_) => return None,
    };
    let event = event(host, EventCode::KeyLastWritten, written, meaning);
    Some((written, Event { certainty, ..event }))
}

/// Returns the meaning of the last-written time of a key.
fn meaning(fact: &Fact) -> (&'static str, Certainty) {
    match fact.location.code {
        Code::ClientMslicensing => {
            ("a subkey was added or removed, or the key itself was changed", Certainty::Observed)
        }
        Code::ClientHardwareId | Code::ClientHardwareIdKey => {
            ("the hardware ID was created, or the key was changed otherwise", Certainty::Inferred)
        }
        Code::ClientStoreKey => {
            ("a license was added or removed, or the key itself was changed", Certainty::Observed)
        }
        Code::ClientStore | Code::ClientStoreLicense => (
            "the last issue, upgrade or renewal that this client stored, if nothing else wrote the key",
            Certainty::Inferred,
        ),
        Code::HostGracePeriod | Code::HostGracePeriodKey => {
            ("the grace-period key was created, or changed otherwise", Certainty::Inferred)
        }
        _ => (
            "a value, a subkey or the key itself was changed; the time does not show which",
            Certainty::Observed,
        ),
    }
}

/// Returns the time in the data of a value as an event.
fn time_in_data(host: &str, exhibit: &Exhibit<'_>) -> Option<Event> {
    let time = exhibit.time()?;
    exhibit.shown()?;
    let set = exhibit.control_set();
    let set = set.map(|number| format!(" (control set {number})")).unwrap_or_default();
    let meaning = format!("{}{set}", exhibit.fact.location.title);
    let event = event(host, EventCode::Value(exhibit.code()), time, meaning);
    Some(Event { facts: vec![exhibit.id.clone()], ..event })
}

/// Returns the SHA-256 of the certificate that a token is about.
fn leaf_sha256(token: &TokenReport) -> Option<String> {
    let index = usize::try_from(token.license.as_ref()?.certificate).ok()?;
    token.certificates.get(index).map(|it| it.sha256.clone())
}

/// Describes the start and the end of the validity of a token or certificate.
fn validity_in_words(token: &TokenReport, license: &LicenseReport) -> (String, String, Certainty) {
    let place = match token.origin {
        Some(Origin::Hidden) => " (outside the tree)",
        Some(Origin::Recovered | Origin::Carved) => " (recovered, not in the tree)",
        _ => "",
    };
    let doubt = match license.signature {
        Some(SignatureState::Valid) => "",
        Some(SignatureState::Invalid) => "; the signature does not hold",
        _ => "; the signature could not be checked",
    };
    let id = format!("{}{place}", token.id);
    let server = or_unknown(license.license_server_in_words().as_deref());
    match (license.kind, doubt) {
        (CertificateKind::HostCertificate, _) => {
            let host = license.binding.as_ref().map(BindingReport::text);
            let what = format!(
                "certificate of a session host, {id}, for {} from license server {server}",
                or_unknown(host.as_deref())
            );
            (
                format!("{what}: start of validity{doubt}"),
                format!("{what}: end of validity{doubt}"),
                Certainty::Inferred,
            )
        }
        (CertificateKind::ClientToken, "") => (
            format!(
                "{id} issued or renewed, by the clock of a license server naming itself {server}"
            ),
            format!("{id}: token expiry (scheduled)"),
            Certainty::Documented,
        ),
        (CertificateKind::ClientToken, _) => (
            format!("{id}: start of validity as written in it{doubt}"),
            format!("{id}: token expiry (scheduled) as written in it{doubt}"),
            Certainty::Observed,
        ),
        _ => (
            format!("{id}, a certificate whose kind is not established: start of validity{doubt}"),
            format!("{id}, a certificate whose kind is not established: end of validity{doubt}"),
            Certainty::Observed,
        ),
    }
}

/// Returns the start and end of a token's validity as events. Skips fixed dates.
fn validity(host: &str, token: &TokenReport) -> Vec<Event> {
    let Some(license) = &token.license else { return Vec::new() };
    let (start, end, certainty) = validity_in_words(token, license);
    let times = [
        (EventCode::TokenValidFrom, license.valid_from, start),
        (EventCode::TokenExpires, license.expires, end),
    ];
    let mut events = Vec::new();
    for (code, time, meaning) in times {
        if let Some(time) = time.filter(|time| !is_fixed_date(*time)) {
            events.push(Event {
                clock: Clock::LicenseServer,
                certainty,
                facts: token.facts.first().cloned().into_iter().collect(),
                tokens: vec![token.id.clone()],
                ..event(host, code, time, meaning)
            });
        }
    }
    events
}

fn event(host: &str, code: EventCode, time: FileTime, meaning: String) -> Event {
    Event {
        id: String::new(),
        time: Some(time),
        clock: Clock::LocalMachine,
        code,
        meaning: Text::from(meaning),
        certainty: Certainty::Observed,
        host: String::from(host),
        facts: Vec::new(),
        tokens: Vec::new(),
        change: None,
    }
}
