// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about what was deleted and could be recovered. Each says where, and how far it can be
//! trusted; what was deleted says nothing of who deleted it, nor why.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::deleted_pages as pages;
use super::{Page, Raising};
use crate::hive::name::Name;
use crate::licensing::examined::Examined;
use crate::licensing::explain::explain;
use crate::licensing::fact::{Fact, Origin, Remains};
use crate::licensing::hardware_id::HardwareId;
use crate::licensing::host::Numbered;
use crate::licensing::report::{RoleState, TokenKind};

const MSLICENSING: &str = "client.mslicensing";
const HARDWARE_ID_KEY: &str = "client.hardware_id.key";
const HARDWARE_ID: &str = "client.hardware_id";
const STORE_KEY: &str = "client.store.key";
const MODES: [&str; 3] =
    ["host.policy.licensing_mode", "host.rcm.licensing_mode", "host.policy_ac_on"];
const SERVERS: [&str; 6] = [
    "host.policy.license_servers",
    "host.license_servers",
    "host.license_servers.console",
    "host.license_servers.parameters",
    "host.license_servers.subkey",
    "host.default_license_server",
];

pub(super) fn find(examined: &Examined<'_>, raising: &mut Raising) {
    tokens(examined, raising);
    for redirected in [false, true] {
        client_keys(examined, redirected, raising);
    }
    if examined.host.session_host.state != RoleState::Absent {
        earlier(examined, &MODES, &pages::EARLIER_MODE, "licensing mode", raising);
        earlier(examined, &SERVERS, &pages::EARLIER_SERVERS, "list of licence servers", raising);
        grace_period(examined, raising);
    }
}

/// Where something was recovered, and how far it can be trusted.
fn place((id, fact): &Numbered<'_>) -> String {
    let place = &fact.provenance;
    let data = place.recovered.as_ref().and_then(|it| it.data_offset);
    let record = place.value_place.map(|(at, _)| at).or(place.key_place.map(|(at, _)| at));
    let at = record.or(data);
    let at = at.map(|at| format!(" at {at:#x}")).unwrap_or_default();
    let written = place.key_place.map(|(_, time)| format!(", its key last written {time}"));
    let written = written.unwrap_or_default();
    match &place.recovered {
        Some(it) => format!("{id}, {}{at}{written}, confidence {}", it.place, it.level),
        None => format!("{id}{at}{written}"),
    }
}

fn recovered<'e, 'f>(
    examined: &'e Examined<'f>,
    code: &'static str,
) -> impl Iterator<Item = &'e Numbered<'f>> {
    let is_deleted =
        |fact: &Fact| fact.provenance.recovered.as_ref().is_some_and(Remains::is_deleted);
    let all = examined.view.recovered.iter();
    all.filter(move |(_, fact)| fact.location.code == code && is_deleted(fact))
}

/// Stored licences whose key is not in the tree any more, and the bytes of which no stored licence has.
fn tokens(examined: &Examined<'_>, raising: &mut Raising) {
    let live: BTreeSet<&str> = examined.licenses().map(|token| token.sha256.as_str()).collect();
    for token in &examined.tokens {
        let Some(fact) = token.facts.first().and_then(|id| by_id(examined, id)) else { continue };
        if token.kind != TokenKind::StoredLicense || live.contains(token.sha256.as_str()) {
            continue;
        }
        if fact.1.provenance.origin == Origin::Carved {
            let statement = format!(
                "{} lies where nothing of the tree stands, and no value leads to it ({}).",
                token.id,
                place(fact)
            );
            raising.raise(&pages::STRAY_TOKEN, examined, statement).token(token);
        } else if !is_live_key(examined, fact.1) {
            let statement = format!(
                "{} is not in the tree; it was recovered ({}). The client's copy was removed.",
                token.id,
                place(fact)
            );
            raising.raise(&pages::TOKEN_REMOVED, examined, statement).token(token);
        }
    }
}

fn by_id<'e, 'f>(examined: &'e Examined<'f>, id: &str) -> Option<&'e Numbered<'f>> {
    recovered(examined, "client.store").find(|(other, _)| other == id)
}

/// Whether the tree has the key that a stored licence was recovered from.
fn is_live_key(examined: &Examined<'_>, fact: &Fact) -> bool {
    let of =
        |fact: &Fact| Name::from(fact.provenance.key.as_str()).to_string_lossy().to_lowercase();
    let key = of(fact);
    let mut live = examined.view.facts.iter().map(|(_, fact)| fact);
    live.any(|it| it.location.code == "client.store" && it.state.is_found() && of(it) == key)
}

/// What was recovered of the client's keys, in one view.
fn client_keys(examined: &Examined<'_>, redirected: bool, raising: &mut Raising) {
    let of_view = |(_, fact): &&Numbered<'_>| fact.provenance.redirected == redirected;
    let live = |code| examined.view.all(code).filter(of_view).last();
    let gone = |code| recovered(examined, code).filter(of_view).last();
    let is_whole = examined.view.facts.iter().map(|(_, fact)| fact).any(|fact| {
        // What could not be read is not told to be gone.
        fact.location.code == MSLICENSING && !fact.state.is_lost()
    });
    if let Some(key) = gone(MSLICENSING).filter(|_| live(MSLICENSING).is_none() && is_whole) {
        let statement = format!(
            "The key {} is not in the tree; it was recovered ({}). With it the client's copies of its \
             licences were removed.",
            key.1.provenance.key,
            place(key)
        );
        raising.raise(&pages::KEYS_REMOVED, examined, statement).fact(&key.0);
        return;
    }
    let (id_key, store) = (gone(HARDWARE_ID_KEY), gone(STORE_KEY));
    if let (Some(id_key), Some(store)) = (id_key, store)
        && live(MSLICENSING).is_some()
        && live(HARDWARE_ID_KEY).is_none()
        && live(STORE_KEY).is_none()
    {
        let statement = format!(
            "HardwareID ({}) and Store ({}) were recovered; neither is in the tree, and MSLicensing is.",
            place(id_key),
            place(store)
        );
        let raised = raising.raise(&pages::BOTH_REMOVED, examined, statement);
        raised.fact(&id_key.0).fact(&store.0);
    }
    made_anew(examined, redirected, raising);
}

/// Keys of the client that were recovered beside live ones of the same path.
fn made_anew(examined: &Examined<'_>, redirected: bool, raising: &mut Raising) {
    let of_view = |(_, fact): &&Numbered<'_>| fact.provenance.redirected == redirected;
    let is_earlier = |(_, fact): &&Numbered<'_>| {
        let remains = fact.provenance.recovered.as_ref();
        remains.is_some_and(|it| it.previous_version_of.is_some())
    };
    let earlier = [MSLICENSING, HARDWARE_ID_KEY, STORE_KEY]
        .iter()
        .find_map(|code| recovered(examined, code).filter(of_view).find(is_earlier));
    let Some(earlier) = earlier else { return };
    let live = examined.view.all(earlier.1.location.code).find(of_view);
    let Some(live) = live else { return };
    let ids = |numbered: Option<&Numbered<'_>>| match numbered {
        Some((id, fact)) => match HardwareId::parse(&fact.data) {
            Some(hardware_id) => (format!("{hardware_id} ({id})"), Some(id.clone())),
            None => (format!("not readable ({id})"), Some(id.clone())),
        },
        None => (String::from("none"), None),
    };
    let (before, before_fact) = ids(recovered(examined, HARDWARE_ID).filter(of_view).last());
    let (now, now_fact) = ids(examined.view.all(HARDWARE_ID).find(of_view));
    let written = live.1.provenance.key_place.map(|(_, time)| time.to_string());
    let statement = format!(
        "A key {} was recovered ({}), and the tree has one of the same path, last written {}: removed and \
         created anew. Hardware id recovered: {before}; in the tree: {now}.",
        earlier.1.provenance.key,
        place(earlier),
        written.unwrap_or_default()
    );
    let raised = raising.raise(&pages::CREATED_ANEW, examined, statement);
    raised.fact(&earlier.0).fact(&live.0);
    before_fact.into_iter().chain(now_fact).for_each(|id| {
        raised.fact(id);
    });
}

/// Settings of these places that were recovered, and that say something else than the live ones.
fn earlier(
    examined: &Examined<'_>,
    codes: &[&'static str],
    page: &'static Page,
    what: &str,
    raising: &mut Raising,
) {
    let shown = |fact: &Fact| explain(fact).and_then(|it| it.shown);
    for code in codes {
        let live: Vec<String> =
            examined.view.all(code).filter_map(|(_, fact)| shown(fact)).collect();
        for numbered in recovered(examined, code) {
            // A part of a text is another one.
            let is_whole = !numbered.1.state.is_lost();
            let text = shown(numbered.1).filter(|text| is_whole && !live.contains(text));
            let Some(text) = text else { continue };
            let statement = format!(
                "A {what} {text} was recovered at {} ({}); it is not in the tree.",
                numbered.1.provenance.key,
                place(numbered)
            );
            let raised = raising.raise(page, examined, statement);
            raised.fact(&numbered.0).by_role(&examined.host.session_host);
        }
    }
}

fn grace_period(examined: &Examined<'_>, raising: &mut Raising) {
    for code in ["host.grace_period.key", "host.grace_period"] {
        for numbered in recovered(examined, code) {
            let place_of = &numbered.1.provenance;
            let what = match &place_of.value {
                Some(name) => format!("The value {name}"),
                None => String::from("The key"),
            };
            let live = match examined.view.one(code) {
                Some((id, _)) => format!("the tree has one now ({id})"),
                None => String::from("the tree has none in the control set in use"),
            };
            let statement = format!(
                "{what} of the grace period was recovered at {} ({}); {live}.",
                place_of.key,
                place(numbered)
            );
            raising.raise(&pages::GRACE_RECOVERED, examined, statement).fact(&numbered.0);
        }
    }
}
