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
use crate::licensing::fact::{Fact, Remains};
use crate::licensing::hardware_id::HardwareId;
use crate::licensing::host::Numbered;
use crate::licensing::report::{RoleState, TokenKind, TokenReport};
use crate::recover::Level;

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
        other_settings(examined, &MODES, &pages::OTHER_MODE, "licensing mode", raising);
        other_settings(
            examined,
            &SERVERS,
            &pages::OTHER_SERVERS,
            "setting of licence servers",
            raising,
        );
        grace_period(examined, raising);
    }
}

/// Where something was recovered, and how far it can be trusted.
fn place((id, fact): &Numbered<'_>) -> String {
    let place = &fact.provenance;
    let Some(remains) = &place.recovered else { return id.clone() };
    let record = place.value_place.map(|(at, _)| at).or(place.key_place.map(|(at, _)| at));
    let at = match (record.filter(|_| remains.key_is_known), remains.data_offset) {
        (Some(at), _) => format!("record at {at:#x}"),
        (None, Some(at)) => format!("data at {at:#x}"),
        (None, None) => record.map(|at| format!("record at {at:#x}")).unwrap_or_default(),
    };
    let before = match remains.is_before_replay {
        true => " of the file as it lies, where its logs write over it",
        false => "",
    };
    let written = match place.key_place {
        Some((_, time)) if time.is_plausible() => format!(", its key last written {time}"),
        Some((_, time)) => format!(", its key last written {time}, which is implausible"),
        None => String::new(),
    };
    format!("{id}, {}{before}, {at}{written}, confidence {}", remains.place, remains.level)
}

/// The path of its key, as far as it is known.
fn path(fact: &Fact) -> String {
    match &fact.provenance.recovered {
        Some(remains) if !remains.key_is_known => String::from("a key that is not known"),
        _ => fact.provenance.key.clone(),
    }
}

/// What was recovered from this place of the catalogue and lies where deleting leaves things.
fn recovered<'e, 'f>(
    examined: &'e Examined<'f>,
    code: &'static str,
) -> impl Iterator<Item = &'e Numbered<'f>> {
    let all = examined.view.recovered.iter();
    all.filter(move |(_, fact)| {
        let remains = fact.provenance.recovered.as_ref();
        fact.location.code == code && remains.is_some_and(Remains::is_deleted)
    })
}

/// The same, of which it can be relied on that it was at this place of this hive.
fn sound<'e, 'f>(
    examined: &'e Examined<'f>,
    code: &'static str,
) -> impl Iterator<Item = &'e Numbered<'f>> {
    recovered(examined, code).filter(|(_, fact)| {
        let remains = fact.provenance.recovered.as_ref();
        remains.is_some_and(|it| it.is_sound() && it.key_is_known)
    })
}

/// Tokens the bytes of which no stored licence has, each told once.
fn tokens(examined: &Examined<'_>, raising: &mut Raising) {
    let live: BTreeSet<&str> = examined.licenses().map(|token| token.sha256.as_str()).collect();
    let is_one = |token: &&TokenReport| {
        token.kind == TokenKind::StoredLicense && !live.contains(token.sha256.as_str())
    };
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for is_removal in [true, false] {
        for token in examined.tokens.iter().filter(is_one) {
            let id = token.facts.first().map(String::as_str).unwrap_or_default();
            let by_id = |(other, _): &&Numbered<'_>| other == id;
            let fact = match is_removal {
                true => sound(examined, "client.store").find(by_id),
                false => recovered(examined, "client.store").find(by_id),
            };
            let fact = fact.filter(|(_, fact)| !is_removal || !is_live_key(examined, fact));
            let Some(fact) = fact.filter(|_| told.insert(&token.sha256)) else { continue };
            let same = examined.tokens.iter().filter(|it| it.sha256 == token.sha256).count();
            let more = match same.saturating_sub(1) {
                0 => String::new(),
                more => format!(" The same bytes were recovered at {more} more places."),
            };
            let (page, words) = if is_removal {
                (
                    &pages::TOKEN_REMOVED,
                    "its key is not in the tree. The client's copy was removed.",
                )
            } else {
                (&pages::STRAY_TOKEN, "no stored licence in the tree has these bytes.")
            };
            let statement = format!("{} was recovered ({}); {words}{more}", token.id, place(fact));
            raising.raise(page, examined, statement).token(token);
        }
    }
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
    let gone = |code| sound(examined, code).filter(of_view).last();
    let is_read = examined.view.facts.iter().map(|(_, fact)| fact).any(|fact| {
        // What could not be read is not told to be gone.
        fact.location.code == MSLICENSING && !fact.state.is_lost()
    });
    if let Some(key) = gone(MSLICENSING).filter(|_| live(MSLICENSING).is_none() && is_read) {
        let licenses: BTreeSet<&str> = sound(examined, "client.store")
            .filter(of_view)
            .map(|(_, fact)| fact.provenance.key.as_str())
            .collect();
        let below = match licenses.len() {
            0 => String::from("Whether licences stood below it is not shown."),
            1 => String::from("One stored licence was recovered from below it."),
            more => format!("{more} stored licences were recovered from below it."),
        };
        let statement = format!(
            "The key {} was recovered ({}); the tree has none. {below}",
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

/// A hardware id that was recovered beside another one in the tree, with a key of its path that is no later.
fn made_anew(examined: &Examined<'_>, redirected: bool, raising: &mut Raising) {
    let of_view = |(_, fact): &&Numbered<'_>| fact.provenance.redirected == redirected;
    let time = |fact: &Fact| fact.provenance.key_place.map(|(_, time)| time);
    let live = examined.view.all(HARDWARE_ID).find(of_view);
    let Some((live_id, live)) = live else { return };
    let Some(now) = HardwareId::parse(&live.data) else { return };
    let earlier = sound(examined, HARDWARE_ID).filter(of_view).find(|(_, fact)| {
        let is_deleted = fact.provenance.recovered.as_ref().is_some_and(|it| it.key_is_recovered);
        is_deleted && fact.data != live.data && time(fact) <= time(live)
    });
    let Some(earlier) = earlier else { return };
    let Some(before) = HardwareId::parse(&earlier.1.data) else { return };
    let written = time(live).map(|time| time.to_string()).unwrap_or_default();
    let statement = format!(
        "A key {} with the hardware id {before} was recovered ({}); the tree has one of the same path with the \
         hardware id {now} ({live_id}), last written {written}. This is consistent with a key that was removed and \
         created anew.",
        earlier.1.provenance.key,
        place(earlier)
    );
    let raised = raising.raise(&pages::CREATED_ANEW, examined, statement);
    raised.fact(&earlier.0).fact(live_id);
}

/// Settings of these places that were recovered, and that say something else than the live ones there.
fn other_settings(
    examined: &Examined<'_>,
    codes: &[&'static str],
    page: &'static Page,
    what: &str,
    raising: &mut Raising,
) {
    let shown = |fact: &Fact| explain(fact).and_then(|it| it.shown);
    let in_tree = |code: &str| {
        let facts = examined.view.facts.iter();
        let code = String::from(code);
        facts.filter(move |(_, fact)| fact.location.code == code && fact.state.is_found())
    };
    for code in codes {
        for numbered in recovered(examined, code) {
            let (_, fact) = numbered;
            let is_whole = !fact.state.is_lost();
            let is_low =
                fact.provenance.recovered.as_ref().is_some_and(|it| it.level == Level::Low);
            let Some(text) = shown(fact).filter(|_| is_whole && !is_low) else { continue };
            let set = fact.provenance.control_set.as_ref().map(|(number, _)| *number);
            let is_there = |(_, live): &&Numbered<'_>| {
                let of = live.provenance.control_set.as_ref().map(|(number, _)| *number);
                set.is_none() || of == set
            };
            let there: Vec<String> =
                in_tree(code).filter(is_there).filter_map(|(_, live)| shown(live)).collect();
            if there.contains(&text) {
                continue;
            }
            let is_known = fact.provenance.recovered.as_ref().is_some_and(|it| it.key_is_known);
            let at = match is_known {
                true => String::from("there"),
                false => format!("at {}", fact.location.key),
            };
            let there = match there.first() {
                Some(live) => format!("the tree has {live} {at}"),
                None => format!("the tree has none {at}"),
            };
            let elsewhere = codes.iter().flat_map(|code| in_tree(code));
            let same = elsewhere
                .filter(|(_, live)| shown(live).as_ref() == Some(&text))
                .map(|(id, _)| id.as_str())
                .next();
            let same = same.map(|id| format!("; {id} says the same elsewhere")).unwrap_or_default();
            let text = if text.is_empty() { "(empty)" } else { text.as_str() };
            let statement = format!(
                "A {what}, {text}, was recovered from {} ({}); {there}{same}.",
                path(fact),
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
                "{what} of the grace period was recovered from {} ({}); {live}.",
                path(numbered.1),
                place(numbered)
            );
            raising.raise(&pages::GRACE_RECOVERED, examined, statement).fact(&numbered.0);
        }
    }
}
