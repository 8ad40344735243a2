// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about a client: its tokens against the reference time, against what stands beside them, and
//! against themselves.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::client_pages as pages;
use super::{Page, Raising};
use crate::licensing::examined::Examined;
use crate::licensing::fact::Fact;
use crate::licensing::graph::machine_name;
use crate::licensing::hardware_id::{Form, HardwareId};
use crate::licensing::report::{Between, LicenseReport, SignatureState, TokenReport};
use crate::time::FileTime;

const DAY: Duration = Duration::from_secs(86_400);
/// A client asks for a renewal when so many days are left ([MS-RDPELE] 3.2.5.3).
const RENEWAL: Duration = Duration::from_secs(7 * 86_400);

pub(super) fn find(examined: &Examined<'_>, raising: &mut Raising) {
    for token in examined.licenses() {
        whole(examined, token, raising);
    }
    for (token, license) in examined.decoded() {
        validity(examined, token, license, raising);
        machine(examined, token, license, raising);
        disagreements(examined, token, raising);
    }
    forms(examined, raising);
    newer_hardware_id(examined, raising);
    for (page, what, of) in [
        (&pages::SEVERAL_ISSUERS, "licence servers", issuer as fn(&LicenseReport) -> _),
        (&pages::SEVERAL_SCOPES, "scopes", scope),
    ] {
        several(examined, page, what, of, raising);
    }
    gaps(examined, raising);
}

/// Tokens that cannot be read, or whose signatures do not hold.
fn whole(examined: &Examined<'_>, token: &TokenReport, raising: &mut Raising) {
    if let Some(error) = &token.error {
        let statement = format!("No certificate could be read from {}: {error}.", token.id);
        raising.raise(&pages::UNDECODABLE, examined, statement).token(token);
    } else if token.license.is_none() {
        let number = token.certificates.len();
        let statement =
            format!("None of the {number} certificates in {} is about a licence.", token.id);
        raising.raise(&pages::UNDECODABLE, examined, statement).token(token);
    }
    let is_bad = |signature| signature == SignatureState::Invalid;
    let bad = token.certificates.iter().position(|it| is_bad(it.signature));
    if let Some(index) = bad {
        let statement = format!(
            "The signature of certificate {index} of {} does not match its bytes under the key of its \
             issuer in the same token.",
            token.id
        );
        raising.raise(&pages::SIGNATURE_INVALID, examined, statement).token(token);
    }
}

fn validity(
    examined: &Examined<'_>,
    token: &TokenReport,
    license: &LicenseReport,
    raising: &mut Raising,
) {
    if license.is_temporary == Some(true) {
        let flags = license.flags.clone().unwrap_or_default();
        let statement = format!("The flags of {} are {flags}: it is marked temporary.", token.id);
        raising.raise(&pages::TEMPORARY, examined, statement).token(token);
    }
    let expires = license.expires_filetime.map(FileTime::from_raw);
    let (Some(expires), Some(reference)) = (expires, examined.reference_time()) else { return };
    let (page, words) = if expires < reference {
        (&pages::PAST_VALIDITY, "is past its validity at")
    } else if expires.abs_diff(reference) <= RENEWAL {
        (&pages::NEAR_END, "is within seven days of the end of its validity at")
    } else {
        return;
    };
    let statement = format!(
        "{} {words} the reference time {reference}: by the licence server's clock it ends at {expires}.",
        token.id
    );
    raising.raise(page, examined, statement).token(token);
}

fn machine(
    examined: &Examined<'_>,
    token: &TokenReport,
    license: &LicenseReport,
    raising: &mut Raising,
) {
    let (Some(reported), Some(own)) =
        (&license.client_reported_machine, &examined.host.system.computer_name)
    else {
        return;
    };
    if !reported.is_empty() && !is_same_machine(reported, &own.text) {
        let statement = format!(
            "{} names the client-reported machine {reported}; the computer name is {}.",
            token.id, own.text
        );
        raising.raise(&pages::MACHINE_DIFFERS, examined, statement).token(token).facts(&own.facts);
    }
}

/// Whether two names may be of one machine. A client reports its name in a character set of its own, in
/// which other characters than ASCII may be lost.
fn is_same_machine(one: &str, other: &str) -> bool {
    let (one, other) = (machine_name(one), machine_name(other));
    // In such a character set the length may be another one, too.
    if !other.is_ascii() && one.chars().count() != other.chars().count() {
        return true;
    }
    let is_alike = |(a, b): (char, char)| a == b || !a.is_ascii() || !b.is_ascii() || a == '?';
    one.chars().count() == other.chars().count() && one.chars().zip(other.chars()).all(is_alike)
}

/// What two parts of a token, or a token and what stands beside it, say otherwise of the same.
fn disagreements(examined: &Examined<'_>, token: &TokenReport, raising: &mut Raising) {
    for (between, page) in [
        (Between::HardwareId, &pages::HARDWARE_ID_DIFFERS),
        (Between::Index, &pages::CONTRADICTS_INDEX),
        (Between::Certificate, &pages::CONTRADICTS_ITSELF),
    ] {
        let of = token.disagreements.iter().filter(|it| it.between == between);
        let parts: Vec<String> =
            of.map(|it| format!("{} ({}; {})", it.what, it.one, it.other)).collect();
        if parts.is_empty() {
            continue;
        }
        let (whose, inferred) = match between {
            Between::Certificate => ("two parts of its certificate differ in", ""),
            Between::Index => ("its certificate and the values beside it differ in", ""),
            Between::HardwareId => ("it and the stored value differ in", " (inferred)"),
        };
        let statement = format!("{}: {whose} {}{inferred}.", token.id, parts.join(", and in "));
        let raised = raising.raise(page, examined, statement).token(token);
        let of = token.disagreements.iter().filter(|it| it.between == between);
        if let Some(first) = of.map(|it| &it.facts).next() {
            raised.facts(first);
        }
    }
}

/// Hardware ids of the forms that other client software writes.
fn forms(examined: &Examined<'_>, raising: &mut Raising) {
    let is_other = |form: &Form| matches!(form, Form::HostName | Form::FreeRdp);
    for (id, fact) in examined.view.all("client.hardware_id") {
        let stored = HardwareId::parse(&fact.data);
        if let Some((stored, form)) = stored.and_then(|it| Some((it, it.form().filter(is_other)?)))
        {
            let statement = format!("The stored hardware id {stored} is {form} (inferred).");
            raising.raise(&pages::OTHER_CLIENT, examined, statement).fact(id);
        }
    }
    for (token, license) in examined.decoded() {
        let known = [Form::HostName, Form::FreeRdp].map(|form| form.to_string());
        let form = license.hardware_id_form.as_ref().filter(|form| known.contains(form));
        if let (Some(form), Some(id)) = (form, &license.hardware_id) {
            let statement = format!("The hardware id in {}, {id}, is {form} (inferred).", token.id);
            raising.raise(&pages::OTHER_CLIENT, examined, statement).token(token);
        }
    }
}

/// A hardware id whose key is newer than that of a token, but for upgrades, which write keys anew.
fn newer_hardware_id(examined: &Examined<'_>, raising: &mut Raising) {
    let view = &examined.view;
    let upgrades = upgrades(examined);
    let facts: BTreeMap<&str, &Fact> =
        view.facts.iter().map(|(id, fact)| (id.as_str(), *fact)).collect();
    for (id, fact) in view.all("client.hardware_id") {
        let Some((_, made)) = fact.provenance.key_place else { continue };
        if upgrades.iter().any(|upgrade| upgrade.abs_diff(made) <= DAY) {
            continue;
        }
        let older = examined.licenses().find_map(|token| {
            let stored = facts.get(token.facts.first()?.as_str())?;
            let (_, written) = stored.provenance.key_place?;
            let is_same_view = stored.provenance.redirected == fact.provenance.redirected;
            let is_older = written.saturating_add(DAY) < made;
            (is_same_view && is_older).then_some((token, written))
        });
        if let Some((token, written)) = older {
            let statement = format!(
                "The key HardwareID was last written at {made}, after the key of {} at {written}.",
                token.id
            );
            raising.raise(&pages::NEWER_HARDWARE_ID, examined, statement).fact(id).token(token);
        }
    }
}

/// When Windows was installed or upgraded.
fn upgrades(examined: &Examined<'_>) -> Vec<FileTime> {
    let view = &examined.view;
    let installed = ["system.installed", "system.upgraded.installed"];
    let seconds = installed.iter().flat_map(|code| view.all(code)).filter_map(|(_, fact)| {
        let seconds = u32::from_le_bytes(fact.data.as_slice().try_into().ok()?);
        FileTime::from_unix_seconds(i64::from(seconds))
    });
    let keys = view.all("system.upgraded").filter_map(|(_, fact)| fact.provenance.key_place);
    seconds.chain(keys.map(|(_, written)| written)).collect()
}

fn issuer(license: &LicenseReport) -> Option<(String, String)> {
    let name = license.license_server.as_ref().or(license.issuer.as_ref())?;
    Some((machine_name(name), name.clone()))
}

fn scope(license: &LicenseReport) -> Option<(String, String)> {
    let name = license.scope.as_ref()?;
    Some((name.trim().to_uppercase(), name.clone()))
}

/// Tokens that name different ones of what `of` takes from them, with the form that is compared.
fn several(
    examined: &Examined<'_>,
    page: &'static Page,
    what: &str,
    of: fn(&LicenseReport) -> Option<(String, String)>,
    raising: &mut Raising,
) {
    let mut names: BTreeMap<String, (String, Vec<&TokenReport>)> = BTreeMap::new();
    for (token, license) in examined.decoded() {
        if let Some((form, name)) = of(license) {
            names.entry(form).or_insert((name, Vec::new())).1.push(token);
        }
    }
    if names.len() < 2 {
        return;
    }
    let ids = |tokens: &[&TokenReport]| {
        tokens.iter().map(|it| it.id.clone()).collect::<Vec<_>>().join(", ")
    };
    let parts: Vec<String> =
        names.values().map(|(name, tokens)| format!("{name} ({})", ids(tokens))).collect();
    let statement = format!("The stored tokens name the {what} {}.", parts.join(" and "));
    let raised = raising.raise(page, examined, statement);
    names.values().flat_map(|(_, tokens)| tokens).for_each(|token| {
        raised.token(token);
    });
}

/// Numbers that are missing before the last one, in each store.
fn gaps(examined: &Examined<'_>, raising: &mut Raising) {
    // Where not all was read, a number may be missing for that.
    if examined.view.sources.iter().any(|(_, source)| source.unread.total > 0) {
        return;
    }
    let mut stores: BTreeMap<(&str, bool), BTreeMap<u32, &String>> = BTreeMap::new();
    for (id, fact) in &examined.view.facts {
        let place = &fact.provenance;
        if fact.location.code != "client.store" || !fact.state.is_found() {
            continue;
        }
        let Some((store, name)) = place.key.rsplit_once('\\') else { continue };
        let is_license = name.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("LICENSE"));
        let digits = name.get(7..).unwrap_or_default();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if let (true, true, Ok(number)) = (is_license, is_number, digits.parse()) {
            let numbers = stores.entry((store, place.redirected)).or_default();
            numbers.entry(number).or_insert(id);
        }
    }
    for ((store, _), numbers) in stores {
        let Some((last, id)) = numbers.last_key_value() else { continue };
        let there: BTreeSet<u32> = numbers.keys().copied().collect();
        // A key of a large number alone is a gap of as many; the first of them tells it.
        let missing = (0..*last).find(|number| !there.contains(number));
        if let Some(missing) = missing {
            let statement = format!(
                "{store} has a key LICENSE{last:03} and none LICENSE{missing:03}: gap; cause unknown."
            );
            raising.raise(&pages::GAP, examined, statement).fact(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_compared_as_clients_report_them() {
        assert!(is_same_machine("client01", "CLIENT01"));
        assert!(is_same_machine("A-VERY-LONG-NAM", "a-very-long-name-indeed"));
        assert!(is_same_machine("M?LLER", "M\u{dc}LLER"));
        assert!(!is_same_machine("CLIENT01", "CLIENT02"));
        assert!(!is_same_machine("CLIENT", "CLIENT01"));
        assert!(is_same_machine("????-PC", "\u{5c71}\u{7530}-PC"));
    }
}
