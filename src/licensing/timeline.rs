// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every dated fact as an event, with the clock that it is by.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::licensing::explain::explain;
use crate::licensing::fact::Fact;
use crate::licensing::host::View;
use crate::licensing::locations::{Meaning, Subject};
use crate::licensing::report::{Certainty, Clock, Event, SignatureState, TokenKind, TokenReport};
use crate::time::FileTime;

/// The events of a host.
pub(crate) fn of_host(view: &View<'_>, host: &str, tokens: &[TokenReport]) -> Vec<Event> {
    let mut events = Vec::new();
    // Facts of one key are one event.
    let mut keys: BTreeMap<(FileTime, String), Event> = BTreeMap::new();
    for (id, fact) in view.facts.iter().chain(&view.recovered) {
        if let Some((written, event)) = key_written(host, fact) {
            let event = keys.entry((written, event.meaning.clone())).or_insert(event);
            event.facts.push(id.clone());
        }
        if fact.provenance.is_in_tree() {
            events.extend(told_by_data(host, id, fact));
        }
    }
    events.extend(keys.into_values());
    for token in tokens.iter().filter(|token| token.is_shown()) {
        events.extend(validity(host, token));
    }
    events
}

/// In the order of time, with their ids. What nothing dates stands behind the newest of what the logs of
/// its hive have before it; where they have nothing before it, with what they have next.
pub(crate) fn in_order(events: Vec<Event>) -> Vec<Event> {
    let source = |event: &Event| event.change.as_ref().map(|change| change.source.clone());
    let mut first: BTreeMap<String, u64> = BTreeMap::new();
    for event in &events {
        if let (Some(source), Some(time)) = (source(event), event.filetime) {
            first.entry(source).or_insert(time);
        }
    }
    let mut newest: BTreeMap<String, u64> = BTreeMap::new();
    let place = |event: Event| {
        let Some(source) = source(&event) else { return (event.filetime, event) };
        let known = newest.get(&source).or(first.get(&source)).copied();
        let time = event.filetime.or(known);
        if let Some(time) = event.filetime {
            newest.insert(source, known.map_or(time, |known| known.max(time)));
        }
        (time, event)
    };
    let mut placed: Vec<(Option<u64>, Event)> = events.into_iter().map(place).collect();
    // What has no place at all comes last.
    placed.sort_by_key(|(time, _)| (time.is_none(), *time));
    let mut events: Vec<Event> = placed.into_iter().map(|(_, event)| event).collect();
    for (event, number) in events.iter_mut().zip(1_usize..) {
        event.id = format!("event-{number}");
    }
    events
}

/// The last-written time of a key of licensing.
fn key_written(host: &str, fact: &Fact) -> Option<(FileTime, Event)> {
    let (_, written) = fact.provenance.key_place?;
    if fact.location.subject() == Subject::System || !fact.state.is_found() {
        return None;
    }
    let (what, certainty) = meaning(fact);
    let key = &fact.provenance.key;
    let meaning = match &fact.provenance.recovered {
        None => format!("{key} last written: {what}"),
        Some(remains) if remains.key_is_recovered => {
            // A time that no key has says nothing of when.
            if !written.is_plausible() {
                return None;
            }
            format!(
                "{key} (recovered, not in the tree) last written: {what}; deleting what stood below it sets this \
                 time as well"
            )
        }
        // The value was recovered, and its key is in the tree: that is told by what the tree has.
        Some(_) => return None,
    };
    let code = String::from("key.last_written");
    Some((written, Event { code, certainty, ..event(host, written, meaning) }))
}

/// What the last-written time of a key means, by what stands in it.
fn meaning(fact: &Fact) -> (&'static str, Certainty) {
    match fact.location.code {
        "client.mslicensing" => {
            ("a subkey was added or removed, or the key itself was changed", Certainty::Observed)
        }
        "client.hardware_id" | "client.hardware_id.key" => {
            ("the hardware id was made, or the key was changed otherwise", Certainty::Inferred)
        }
        "client.store.key" => {
            ("a licence was added or removed, or the key itself was changed", Certainty::Observed)
        }
        "client.store" => (
            "the last issue, upgrade or renewal that this client stored, if nothing else wrote the key",
            Certainty::Inferred,
        ),
        "host.grace_period" | "host.grace_period.key" => {
            ("the key of the grace period was made, or changed otherwise", Certainty::Inferred)
        }
        _ => (
            "a value, a subkey or the key itself was changed; which is not shown",
            Certainty::Observed,
        ),
    }
}

/// Times that stand in the data of a value.
fn told_by_data(host: &str, id: &str, fact: &Fact) -> Option<Event> {
    if !fact.state.is_value() {
        return None;
    }
    let data = fact.data.as_slice();
    let time = match fact.location.meaning {
        Meaning::FileTime => FileTime::from_raw(u64::from_le_bytes(data.try_into().ok()?)),
        Meaning::UnixTime => {
            FileTime::from_unix_seconds(i64::from(u32::from_le_bytes(data.try_into().ok()?)))?
        }
        _ => return None,
    };
    explain(fact)?.shown?;
    let set = fact.provenance.control_set.as_ref();
    let set = set.map(|(number, _)| format!(" (control set {number})")).unwrap_or_default();
    Some(Event {
        code: fact.location.code.to_string(),
        facts: vec![String::from(id)],
        ..event(host, time, format!("{}{set}", fact.location.title))
    })
}

/// Start and end of a token's validity. Certificates of 1970 and 2049 say nothing of when.
fn validity(host: &str, token: &TokenReport) -> Vec<Event> {
    let Some(license) = &token.license else { return Vec::new() };
    let id = &token.id;
    let doubt = match license.signature {
        Some(SignatureState::Valid) => "",
        Some(SignatureState::Invalid) => "; the signature does not hold",
        _ => "; the signature could not be checked",
    };
    let issuer = license.issuer.as_deref().unwrap_or("unknown");
    let (start, end, certainty) = match (token.kind, doubt) {
        (TokenKind::HostCertificate, _) => (
            format!("certificate of the host {id}: start of validity{doubt}"),
            format!("certificate of the host {id}: end of validity{doubt}"),
            Certainty::Inferred,
        ),
        (_, "") => (
            format!(
                "{id} issued or renewed, by the clock of a licence server naming itself {issuer}"
            ),
            format!("{id}: token expiry (scheduled)"),
            Certainty::Documented,
        ),
        _ => (
            format!("{id}: start of validity as written in it{doubt}"),
            format!("{id}: token expiry (scheduled) as written in it{doubt}"),
            Certainty::Observed,
        ),
    };
    let times = [
        ("token.valid_from", license.valid_from_filetime, start),
        ("token.expires", license.expires_filetime, end),
    ];
    let is_of_note = |time: &str| !time.starts_with("1970") && !time.starts_with("2049");
    let mut events = Vec::new();
    for (code, raw, meaning) in times {
        let Some(time) = raw.map(FileTime::from_raw) else { continue };
        if is_of_note(&time.to_string()) {
            events.push(Event {
                code: String::from(code),
                clock: Clock::LicenseServer,
                certainty,
                facts: token.facts.first().cloned().into_iter().collect(),
                tokens: vec![token.id.clone()],
                ..event(host, time, meaning)
            });
        }
    }
    events
}

fn event(host: &str, time: FileTime, meaning: String) -> Event {
    Event {
        id: String::new(),
        time: Some(time.to_string()),
        filetime: Some(FileTime::raw(time)),
        clock: Clock::LocalMachine,
        code: String::new(),
        meaning,
        certainty: Certainty::Observed,
        host: String::from(host),
        facts: Vec::new(),
        tokens: Vec::new(),
        change: None,
    }
}
