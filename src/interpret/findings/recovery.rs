// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about recovered items. A finding states where the item was and how reliable the item
//! is. A finding never states who deleted the item, or why.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use calhive_regf::hive::name::Name;
use calhive_regf::recover::Level;

use crate::catalog::Code;
use crate::fact::Remains;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::removal::Bounds;
use crate::interpret::view::Exhibit;
use crate::meaning::stored_license::number_of_key;
use crate::meaning::{Certainty, HardwareId};
use crate::report::{RoleState, Severity, TokenKind, TokenReport};

pages! {
    TOKEN_REMOVED "client.token.removed" "Local token removed" Notice Inferred FORGED
        when "a sufficiently complete stored license with a complete path was recovered from a free cell or slack; no stored license has the same bytes; and its key is not in the tree"
        shows "A token and its key lie where deletion leaves them, and neither is in the tree: the client's copy of the token was removed. Deleting the keys below MSLicensing removes the client's copy (KB 315262, KB 187614)."
        not "It does not show who removed the token, or why. The timestamp of the key is that of its last change before the removal. It does not show that the license moved elsewhere: the removal does not affect the license server's record."
        innocent [
            "the documented repair for a damaged token deletes the key",
            "a policy script or a cleaner removed the keys",
            "a Windows upgrade or a restore rewrote the hive",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and look for the key at the offset named in the finding; or read its bytes there"
        source "[MS] KB 315262; KB 187614"
    STRAY_TOKEN "client.token.stray" "Token found outside the tree" Info Observed FORGED
        when "the bytes of a token were recovered from a free cell or slack; no stored license has the same bytes; and no complete path leads from the bytes to a key that the tree lacks"
        shows "The hive holds the bytes of a token outside its tree."
        not "It does not show whether the token was removed, or replaced by a newer token in the ordinary course. It does not show that the token belonged to this machine: the path to the token is lost in whole or in part."
        innocent [
            "a renewal or upgrade replaced the stored token, and the former bytes remained",
            "the documented repair for a damaged token deletes the key",
            "memory or disk space that Windows reused for this hive",
        ]
        reproduce "extract the bytes at the offset named in the finding, and decode them with `openssl pkcs7 -inform der -print_certs -text`"
        source "[MS] MS-RDPELE 3.3.5.6 (a new token replaces the old); KB 187614"
    KEYS_REMOVED "client.licensing.removed" "Licensing keys removed" Notice Inferred FORGED
        when "a sufficiently complete key MSLicensing with a complete path was recovered from a free cell or slack, and the tree has no such key in that registry view"
        shows "This hive held the client's licensing key, which is no longer in the tree. Removing the key also removes any copies of licenses below it."
        not "It does not show who removed the key, or why. It does not show that the key held licenses, unless these were recovered too. It does not show that the device was used with session hosts: every licensing exchange creates the key."
        innocent [
            "the documented repair deletes the key; without elevation, the client cannot create it again",
            "a policy script or a cleaner removed the key",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and look for the key at the offset named in the finding"
        source "[MS] KB 187614"
    CREATED_ANEW "client.licensing.created_anew" "Licensing keys removed and created again" Notice Inferred FORGED
        when "a sufficiently complete key HardwareID with a hardware ID and a complete path was recovered from a free cell or slack; the tree has a key at the same path with a different hardware ID; and the key in the tree was not written before the recovered key"
        shows "This hive held two keys at the same path with different hardware IDs. This is consistent with a key that was removed and created again."
        not "It does not show who removed the first key, or why. It does not prove that the key in the tree is the later one: the order is inferred from the free space around the other key and from both timestamps."
        innocent [
            "the documented repair: the key is deleted, and the client creates it again at the next licensing exchange",
            "a policy script or a cleaner removes the keys at every start",
            "Windows wrote the key elsewhere in the hive and left an earlier copy behind",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and compare the key at the offset named in the finding with the key in the tree"
        source "[MS] KB 187614; [INF] the order"
    BOTH_REMOVED "client.licensing.both_removed" "Keys HardwareID and Store both removed" Notice Inferred FORGED
        when "sufficiently complete keys HardwareID and Store with complete paths were recovered from free cells or slack; the tree has neither key, but has MSLicensing"
        shows "The key with the client's hardware ID and the key above its licenses were removed. The key above both was not removed."
        not "It does not show who or what removed the keys, when, or why. It does not point to any product."
        innocent [
            "published repairs and cleaner scripts remove these two keys",
            "a policy removed these keys",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys, and look for both keys at the offsets named in the finding"
        source "[MS] KB 187614; [CODE] public scripts"
    OTHER_MODE "host.mode.recovered" "Different licensing mode recovered" Info Observed FORGED
        when "a licensing mode was recovered from a free cell or slack, and the tree has a different mode or no mode at that place (if its key is unknown: at the place of the local setting); never raised if the role of a session host is absent"
        shows "The hive holds the value outside its tree."
        not "It does not show that the mode was in effect, when, or for how long: policy may have overridden it. If the key is unknown, it does not show whether policy or a local setting set the mode."
        innocent ["the mode was set during ordinary setup", "a policy was withdrawn, which deletes its key"]
        reproduce "open the hive in a registry tool that recovers deleted keys and values, and look for the value at the offset named in the finding"
        source "[INF] own inference from recovered values"
    OTHER_SERVERS "host.servers.recovered" "Different license servers recovered" Info Observed FORGED
        when "license servers were recovered from a free cell or slack, and the tree names different servers or none at that place; never raised if the role of a session host is absent"
        shows "The hive holds the names outside its tree."
        not "It does not show whether the host ever asked these servers, or how long they were set."
        innocent ["a license server was replaced", "a policy was withdrawn, which deletes its key"]
        reproduce "open the hive in a registry tool that recovers deleted keys and values, and look for the value at the offset named in the finding"
        source "[INF] own inference from recovered values"
    GRACE_RECOVERED "host.grace.recovered" "Grace-period value or key recovered outside the tree" Info Observed FORGED
        when "the key GracePeriod or one of its values was recovered from a free cell or slack; never raised if the role of a session host is absent"
        shows "The hive holds the value or key outside its tree."
        not "It does not show intent or unlicensed use, or when the value or key was removed."
        innocent [
            "deleting the value is a long-published fix on licensed Windows Server 2012 hosts",
            "an upgrade, a restore, or a tool that sets permissions",
        ]
        reproduce "open the hive in a registry tool that recovers deleted keys and values, and look for the item at the offset named in the finding"
        source "[CODE] public repair scripts"
}

/// Places of the licensing mode.
pub(super) const MODES: [Code; 3] =
    [Code::HostPolicyLicensingMode, Code::HostRcmLicensingMode, Code::HostPolicyAcOn];
/// Places of license servers.
pub(super) const SERVERS: [Code; 6] = [
    Code::HostPolicyLicenseServers,
    Code::HostLicenseServers,
    Code::HostLicenseServersConsole,
    Code::HostLicenseServersParameters,
    Code::HostLicenseServersSubkey,
    Code::HostDefaultLicenseServer,
];

/// Finds removed tokens and keys of a client, and recovered settings and grace periods of a session host.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    tokens(examined, drafts);
    for redirected in [false, true] {
        client_keys(examined, redirected, drafts);
    }
    if examined.host.session_host.state != RoleState::Absent {
        other_settings(examined, &MODES, &OTHER_MODE, "licensing mode", drafts);
        other_settings(examined, &SERVERS, &OTHER_SERVERS, "license-server setting", drafts);
        grace_period(examined, drafts);
    }
}

fn remains<'f>(exhibit: &Exhibit<'f>) -> Option<&'f Remains> {
    exhibit.fact.provenance.recovered.as_ref()
}

/// Describes where an item was recovered, and how reliable it is.
pub(super) fn place(exhibit: &Exhibit<'_>) -> String {
    let (id, place) = (&exhibit.id, &exhibit.fact.provenance);
    let Some(remains) = &place.recovered else { return id.clone() };
    let record = place.value_place.map(|(at, _)| at).or(place.key_place.map(|(at, _)| at));
    let at = match (record.filter(|_| remains.key_is_known), remains.data_offset) {
        (Some(at), _) => format!("record at {at:#x}"),
        (None, Some(at)) => format!("data at {at:#x}"),
        (None, None) => record.map(|at| format!("record at {at:#x}")).unwrap_or_default(),
    };
    let before = match remains.is_before_replay {
        true => " of the stored file, where its logs overwrite the item",
        false => "",
    };
    let written = match exhibit.written() {
        Some(time) if time.is_plausible() => format!(", its key last written {time}"),
        Some(time) => format!(", its key last written {time} (implausible)"),
        None => String::new(),
    };
    format!("{id}, {}{before}, {at}{written}, confidence {}", remains.place, remains.level)
}

/// Returns the bounds of a removal, worded to follow "was removed". Empty without bounds.
fn bounds(examined: &HostEvidence<'_>, exhibit: &Exhibit<'_>) -> String {
    let bounds = Bounds::of(&examined.view, exhibit).in_words();
    if bounds.is_empty() { bounds } else { format!(", {bounds}") }
}

/// Returns "was recovered from KEY", or a text for an unknown key.
fn recovered_from(exhibit: &Exhibit<'_>) -> String {
    match remains(exhibit) {
        Some(remains) if !remains.key_is_known => String::from("was recovered; parent key unknown"),
        _ => format!("was recovered from {}", exhibit.fact.provenance.key),
    }
}

/// Deleted items of one catalog place, recovered from leftover bytes.
fn recovered<'f>(examined: &HostEvidence<'f>, code: Code) -> impl Iterator<Item = &'f Exhibit<'f>> {
    examined.view.recovered.iter().copied().filter(move |it| is_recovered(it, code))
}

fn is_recovered(exhibit: &Exhibit<'_>, code: Code) -> bool {
    exhibit.code() == code && remains(exhibit).is_some_and(Remains::is_deleted)
}

fn is_sound(exhibit: &Exhibit<'_>) -> bool {
    remains(exhibit).is_some_and(|it| it.is_sound() && it.key_is_known)
}

/// Deleted items of one catalog place that are sound and have a known key.
pub(super) fn sound<'f>(
    examined: &HostEvidence<'f>,
    code: Code,
) -> impl Iterator<Item = &'f Exhibit<'f>> {
    recovered(examined, code).filter(|it| is_sound(it))
}

/// Deleted keys of stored licenses with a complete path, of any confidence.
pub(super) fn license_keys<'f>(
    examined: &HostEvidence<'f>,
) -> impl Iterator<Item = &'f Exhibit<'f>> {
    recovered(examined, Code::ClientStoreLicense).filter(|it| {
        let name = it.fact.provenance.key.rsplit('\\').next();
        let is_whole = remains(it).is_some_and(|it| it.path_is_whole && it.key_is_known);
        is_whole && name.and_then(number_of_key).is_some()
    })
}

/// Finds recovered tokens that differ from every stored license. Reports each token once.
fn tokens(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let live: BTreeSet<&str> = examined.licenses().map(|token| token.sha256.as_str()).collect();
    let is_one = |token: &&TokenReport| {
        token.kind == TokenKind::StoredLicense && !live.contains(token.sha256.as_str())
    };
    let mut same: BTreeMap<&str, usize> = BTreeMap::new();
    for token in &examined.tokens {
        let count = same.entry(&token.sha256).or_default();
        *count = count.saturating_add(1);
    }
    let live_keys = live_keys(examined);
    let mut reported: BTreeSet<&str> = BTreeSet::new();
    for is_removal in [true, false] {
        for token in examined.tokens.iter().filter(is_one) {
            let exhibit = token.facts.first().and_then(|id| examined.view.exhibit(id));
            let exhibit = exhibit.filter(|it| is_recovered(it, Code::ClientStore));
            let exhibit = exhibit.filter(|it| {
                !is_removal || (is_sound(it) && !live_keys.contains(&key_for_comparison(it)))
            });
            let Some(exhibit) = exhibit.filter(|_| reported.insert(&token.sha256)) else {
                continue;
            };
            let same = same.get(token.sha256.as_str()).copied().unwrap_or_default();
            let more = match same.saturating_sub(1) {
                0 => String::new(),
                more => format!(" The same bytes were recovered at {more} more place(s)."),
            };
            let (page, words) = if is_removal {
                let bounds = bounds(examined, exhibit);
                let words = "its key is not in the tree. The client's copy was removed";
                (&TOKEN_REMOVED, format!("{words}{bounds}."))
            } else {
                (&STRAY_TOKEN, String::from("no stored license in the tree has these bytes."))
            };
            let (id, place) = (&token.id, place(exhibit));
            let statement = format!("{id} was recovered ({place}); {words}{more}");
            drafts.push(Draft::about(page, examined, statement).token(token));
        }
    }
}

/// Returns the keys of stored licenses in the tree. Empty if nothing was recovered.
fn live_keys(examined: &HostEvidence<'_>) -> BTreeSet<String> {
    let view = &examined.view;
    let is_one = |it: &&&Exhibit<'_>| it.code() == Code::ClientStore && it.fact.state.is_found();
    let live = view.facts.iter().filter(is_one).filter(|_| !view.recovered.is_empty());
    live.map(|it| key_for_comparison(it)).collect()
}

fn key_for_comparison(exhibit: &Exhibit<'_>) -> String {
    Name::from(exhibit.fact.provenance.key.as_str()).to_string_lossy().to_lowercase()
}

/// Finds recovered keys of a client in one registry view.
fn client_keys(examined: &HostEvidence<'_>, redirected: bool, drafts: &mut Vec<Draft>) {
    let of_view = |it: &&Exhibit<'_>| it.fact.provenance.redirected == redirected;
    let live = |code| examined.view.all(code).filter(of_view).last();
    let gone = |code| sound(examined, code).filter(of_view).last();
    let licensing = Code::ClientMslicensing;
    // If the key could not be read, calhive cannot call the key removed.
    let is_read =
        examined.view.facts.iter().any(|it| it.code() == licensing && !it.fact.state.is_lost());
    if let Some(key) = gone(licensing).filter(|_| live(licensing).is_none() && is_read) {
        let licenses: BTreeSet<&str> = sound(examined, Code::ClientStore)
            .filter(of_view)
            .map(|it| it.fact.provenance.key.as_str())
            .collect();
        let keys = license_keys(examined).filter(of_view);
        let keys: Vec<String> =
            keys.map(|it| format!("{} ({})", it.fact.provenance.key, place(it))).collect();
        let below = match licenses.len() {
            0 if !keys.is_empty() => {
                format!("License keys were recovered from below it: {}.", keys.join("; "))
            }
            0 => String::from("This does not show whether the key held licenses."),
            1 => String::from("One stored license was recovered below it."),
            more => format!("{more} stored licenses were recovered below it."),
        };
        let (path, place) = (&key.fact.provenance.key, place(key));
        let bounds = bounds(examined, key);
        let statement = format!(
            "The key {path} was recovered ({place}); the tree has no such key. It was removed{bounds}. {below}"
        );
        drafts.push(Draft::about(&KEYS_REMOVED, examined, statement).exhibit(key));
        return;
    }
    let (id_key, store) = (Code::ClientHardwareIdKey, Code::ClientStoreKey);
    let is_gone = live(licensing).is_some() && live(id_key).is_none() && live(store).is_none();
    if let (Some(id_key), Some(store), true) = (gone(id_key), gone(store), is_gone) {
        let statement = format!(
            "HardwareID ({}) and Store ({}) were recovered; the tree has neither, but has MSLicensing.",
            place(id_key),
            place(store)
        );
        let draft = Draft::about(&BOTH_REMOVED, examined, statement);
        drafts.push(draft.exhibit(id_key).exhibit(store));
    }
    created_anew(examined, redirected, drafts);
}

/// Finds a recovered hardware ID that differs from the live hardware ID. The recovered key has the
/// same path as the live key and is not newer.
fn created_anew(examined: &HostEvidence<'_>, redirected: bool, drafts: &mut Vec<Draft>) {
    let of_view = |it: &&Exhibit<'_>| it.fact.provenance.redirected == redirected;
    let Some(live) = examined.view.all(Code::ClientHardwareId).find(of_view) else { return };
    let Some(now) = HardwareId::parse(&live.fact.data) else { return };
    let earlier = sound(examined, Code::ClientHardwareId).filter(of_view).find(|it| {
        let is_deleted = remains(it).is_some_and(|it| it.key_is_recovered);
        is_deleted && it.fact.data != live.fact.data && it.written() <= live.written()
    });
    let Some(earlier) = earlier else { return };
    let Some(before) = HardwareId::parse(&earlier.fact.data) else { return };
    let written = live.written().map(|time| time.to_string()).unwrap_or_default();
    let statement = format!(
        "A key {} with the hardware ID {before} was recovered ({}). At the same path, the tree has a key with \
         the hardware ID {now} ({}), last written {written}. This is consistent with a key that was removed \
         and created again.",
        earlier.fact.provenance.key,
        place(earlier),
        live.id
    );
    let draft = Draft::about(&CREATED_ANEW, examined, statement);
    drafts.push(draft.exhibit(earlier).exhibit(live));
}

/// Finds recovered settings that differ from the live settings at the same place.
fn other_settings(
    examined: &HostEvidence<'_>,
    codes: &[Code],
    page: &'static FindingPage,
    what: &str,
    drafts: &mut Vec<Draft>,
) {
    if !examined.view.recovered.iter().any(|it| codes.contains(&it.code())) {
        return;
    }
    let tree = SettingsInTree::of(examined, codes);
    for code in codes {
        for exhibit in recovered(examined, *code) {
            let Some(remains) = remains(exhibit) else { continue };
            let is_reliable = !exhibit.fact.state.is_lost() && remains.level != Level::Low;
            let Some(text) = exhibit.shown().filter(|_| is_reliable) else { continue };
            let set = exhibit.control_set();
            if tree.texts.contains(&(*code, set, text)) {
                continue;
            }
            let at = match remains.key_is_known {
                true => String::from("there"),
                false => format!("at {}", exhibit.fact.location.key),
            };
            let live = match tree.first.get(&(*code, set)) {
                Some(live) => format!("the tree has {live} {at}"),
                None => format!("the tree has none {at}"),
            };
            let same = tree
                .places
                .get(text)
                .map(|it| format!("; {} has the same content elsewhere", it.id))
                .unwrap_or_default();
            let shown = if text.is_empty() { "(empty)" } else { text };
            let statement = format!(
                "A {what}, {shown}, {} ({}); {live}{same}.",
                recovered_from(exhibit),
                place(exhibit)
            );
            let draft = Draft::about(page, examined, statement);
            drafts.push(draft.exhibit(exhibit).by_role(&examined.host.session_host));
        }
    }
}

/// The settings in the tree at some places, in readable form.
#[derive(Default)]
struct SettingsInTree<'f> {
    /// The texts of each place, in each control set and (as `None`) in any.
    texts: BTreeSet<(Code, Option<u32>, &'f str)>,
    /// The first text of each place, in each control set and in any.
    first: BTreeMap<(Code, Option<u32>), &'f str>,
    /// The first fact with each text.
    places: BTreeMap<&'f str, &'f Exhibit<'f>>,
}

impl<'f> SettingsInTree<'f> {
    fn of(examined: &HostEvidence<'f>, codes: &[Code]) -> Self {
        let mut tree = Self::default();
        for code in codes {
            let facts = examined.view.facts.iter().copied();
            for exhibit in facts.filter(|it| it.code() == *code && it.fact.state.is_found()) {
                let Some(text) = exhibit.shown() else { continue };
                for set in BTreeSet::from([None, exhibit.control_set()]) {
                    tree.texts.insert((*code, set, text));
                    tree.first.entry((*code, set)).or_insert(text);
                }
                tree.places.entry(text).or_insert(exhibit);
            }
        }
        tree
    }
}

/// Finds recovered keys and values of the grace period.
fn grace_period(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    for code in [Code::HostGracePeriodKey, Code::HostGracePeriod] {
        for exhibit in recovered(examined, code) {
            let what = match &exhibit.fact.provenance.value {
                Some(name) => format!("The value {name}"),
                None => String::from("The key"),
            };
            let live = match examined.view.one(code) {
                Some(live) => format!("the tree has one now ({})", live.id),
                None => String::from("the tree has none in the control set in use"),
            };
            let statement = format!(
                "{what} of the grace period {} ({}); {live}.",
                recovered_from(exhibit),
                place(exhibit)
            );
            drafts.push(Draft::about(&GRACE_RECOVERED, examined, statement).exhibit(exhibit));
        }
    }
}
