// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about a session host: its settings, its grace period, and what surrounds them.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::host_pages as pages;
use super::{Page, Raised, Raising};
use crate::hive::value::ValueType;
use crate::licensing::examined::Examined;
use crate::licensing::fact::{Fact, Permissions};
use crate::licensing::grace_period::{self, ProtectedBlob};
use crate::licensing::graph::machine_name;
use crate::licensing::locations::{LOCATIONS, Meaning};
use crate::licensing::report::RoleState;
use crate::licensing::session_host::{CERTIFICATES, is_before_server_2003, servers_of};
use crate::registry::HiveKind;

pub(super) fn find(examined: &Examined<'_>, raising: &mut Raising) {
    concurrent(examined, raising);
    unusual_places(examined, raising);
    match examined.host.session_host.state {
        RoleState::NotApplicable => multi_session(examined, raising),
        RoleState::Absent => {}
        RoleState::Present | RoleState::Unknown => {
            mode(examined, raising);
            servers(examined, raising);
            warnings(examined, raising);
            grace_values(examined, raising);
            grace_permissions(examined, raising);
            grace_ended(examined, raising);
            registration(examined, raising);
        }
    }
    control_sets(examined, raising);
}

/// Raises a finding that is less where the role is unknown.
fn by_role<'r>(
    raising: &'r mut Raising,
    page: &'static Page,
    examined: &Examined<'_>,
    statement: String,
) -> &'r mut Raised {
    raising.raise(page, examined, statement).by_role(&examined.host.session_host)
}

/// Whether both hives are at hand, so that nothing set means something, and all was readable.
fn has_both(examined: &Examined<'_>) -> bool {
    let view = &examined.view;
    view.has(HiveKind::Software) && view.has(HiveKind::System) && view.current_set().is_some()
}

fn mode(examined: &Examined<'_>, raising: &mut Raising) {
    let setting = &examined.host.licensing_mode;
    let facts = setting.facts.as_slice();
    match setting.value.as_deref() {
        // Windows 2000 has no setting of the mode.
        None if facts.is_empty() && is_before_server_2003(&examined.view) => {}
        None if facts.is_empty() && has_both(examined) => {
            let statement = setting.statement.clone();
            by_role(raising, &pages::MODE_NOT_CONFIGURED, examined, statement);
        }
        None if facts.is_empty() => {}
        None | Some("0" | "3") => invalid(examined, raising),
        Some("5") => {
            let statement = setting.statement.clone();
            by_role(raising, &pages::MODE_NOT_CONFIGURED, examined, statement).facts(facts);
        }
        Some("1" | "2" | "6") => {}
        Some("4") => membership(examined, raising),
        Some(_) => invalid(examined, raising),
    }
    let number = |code| examined.view.number(code);
    // 5 says that nothing is set.
    if let (Some((by_policy, policy)), Some((set, local))) =
        (number("host.policy.licensing_mode"), number("host.rcm.licensing_mode"))
        && by_policy != set
        && set != 5
    {
        let statement = setting.statement.clone();
        by_role(raising, &pages::MODE_DIFFERS, examined, statement).fact(policy).fact(local);
    }
}

fn invalid(examined: &Examined<'_>, raising: &mut Raising) {
    let setting = &examined.host.licensing_mode;
    let statement = setting.statement.clone();
    by_role(raising, &pages::MODE_INVALID, examined, statement).facts(&setting.facts);
}

fn membership(examined: &Examined<'_>, raising: &mut Raising) {
    let view = &examined.view;
    let name = view.text("system.distinguished_name").filter(|(name, _)| !name.is_empty());
    if name.is_some() || view.one("system.entra.tenant").is_some() || !has_both(examined) {
        return;
    }
    let setting = &examined.host.licensing_mode;
    let domain = examined.host.system.domain.as_ref();
    let known = domain.map_or("membership unknown", |domain| domain.text.as_str());
    let statement =
        format!("The licensing mode in effect, per the hives at hand, is 4 (Per User); {known}.");
    let raised = by_role(raising, &pages::MEMBERSHIP_UNKNOWN, examined, statement);
    raised.facts(&setting.facts).facts(domain.map_or(&[], |domain| &domain.facts));
}

fn servers(examined: &Examined<'_>, raising: &mut Raising) {
    let (view, setting) = (&examined.view, &examined.host.license_servers);
    let Some(names) = &setting.value else {
        if has_both(examined) {
            let statement = setting.statement.clone();
            by_role(raising, &pages::NO_SERVERS, examined, statement);
        }
        return;
    };
    if names.split(", ").all(is_loopback) {
        let statement =
            format!("The licence servers in effect, per the hives at hand, are {names}.");
        by_role(raising, &pages::LOOPBACK_ONLY, examined, statement).facts(&setting.facts);
    }
    let policy: Vec<_> = view.all("host.policy.license_servers").collect();
    let local =
        ["host.license_servers", "host.license_servers.console", "host.license_servers.parameters"];
    let local: Vec<_> = local.iter().flat_map(|code| view.all(code)).collect();
    let all = |facts: &[&(String, &Fact)]| -> BTreeSet<String> {
        let named = facts.iter().flat_map(|(_, fact)| servers_of(fact));
        named.map(|name| machine_name(&name)).collect()
    };
    let (by_policy, set) = (all(&policy), all(&local));
    if !by_policy.is_empty() && !set.is_empty() && by_policy != set {
        let statement = setting.statement.clone();
        let raised = by_role(raising, &pages::SERVERS_DIFFER, examined, statement);
        policy.iter().chain(&local).for_each(|(id, _)| {
            raised.fact(id);
        });
    }
}

fn is_loopback(name: &str) -> bool {
    let name = name.trim().trim_matches(['[', ']']).to_lowercase();
    let is_address = name.starts_with("127.") && name.split('.').all(|it| it.parse::<u8>().is_ok());
    is_address || matches!(name.as_str(), "localhost" | "::1" | "localhost.localdomain" | ".")
}

fn warnings(examined: &Examined<'_>, raising: &mut Raising) {
    if let Some((1, id)) = examined.view.number("host.policy.tooltip") {
        let statement = String::from(
            "fDisableTerminalServerTooltip is 1 by policy: licensing warnings are suppressed.",
        );
        by_role(raising, &pages::WARNINGS_SUPPRESSED, examined, statement).fact(id);
    }
}

fn grace_values(examined: &Examined<'_>, raising: &mut Raising) {
    for (id, fact) in examined.view.all("host.grace_period").filter(|(_, it)| it.state.is_value()) {
        let name = fact.provenance.value.as_deref().unwrap_or_default();
        let kind = fact.provenance.value_place.map(|(_, kind)| kind);
        let mut odd = Vec::new();
        if !grace_period::is_known_name(name) {
            odd.push(String::from("its name is not a known one"));
        }
        if let Some(kind) = kind.filter(|kind| *kind != ValueType::BINARY) {
            odd.push(format!("its type is {kind}"));
        }
        if ProtectedBlob::parse(&fact.data).is_none() {
            odd.push(String::from("its data are no blob of the Data Protection API"));
        }
        if !odd.is_empty() {
            let statement =
                format!("The value {name} of the key GracePeriod: {}.", odd.join(", and "));
            by_role(raising, &pages::GRACE_VALUE_FORM, examined, statement).fact(id);
        }
    }
}

fn grace_permissions(examined: &Examined<'_>, raising: &mut Raising) {
    for (id, fact) in examined.view.all("host.grace_period.key") {
        let odd = fact.permissions.as_ref().map(unusual).unwrap_or_default();
        if !odd.is_empty() {
            let statement = format!("The key GracePeriod {}.", odd.join(", and "));
            by_role(raising, &pages::GRACE_PERMISSIONS, examined, statement).fact(id);
        }
    }
}

/// What of the permissions is not as on a key that only services write.
fn unusual(permissions: &Permissions) -> Vec<String> {
    /// SYSTEM, LocalService, NetworkService; services by name; the owner, as far as it is one of them.
    fn is_service(sid: &str) -> bool {
        matches!(sid, "S-1-5-18" | "S-1-5-19" | "S-1-5-20" | "S-1-3-0" | "S-1-3-4")
            || sid.starts_with("S-1-5-80-")
    }
    /// Setting values, making subkeys, deleting, changing permissions or owner; everything; writing.
    /// An entry that counts for subkeys alone.
    const INHERIT_ONLY: u8 = 0x8;
    const WRITES: u32 = 0x2 | 0x4 | 0x1_0000 | 0x4_0000 | 0x8_0000 | 0x1000_0000 | 0x4000_0000;
    let mut odd = Vec::new();
    if let Some(owner) = permissions.owner.as_ref().filter(|owner| !is_service(owner)) {
        odd.push(format!("is owned by {owner}"));
    }
    for entry in permissions.entries.iter().filter(|entry| entry.flags & INHERIT_ONLY == 0) {
        let mask = entry.mask.unwrap_or_default();
        if let Some(sid) = entry.sid.as_ref().filter(|sid| entry.r#type == 0 && !is_service(sid))
            && mask & WRITES != 0
        {
            odd.push(format!("has an entry that allows {sid} to write it (access {mask:#x})"));
        }
    }
    odd
}

fn grace_ended(examined: &Examined<'_>, raising: &mut Raising) {
    if let Some((id, fact)) = examined.view.one("host.grace_period_ended") {
        let written = fact.provenance.key_place.map(|(_, written)| written.to_string());
        let statement = format!(
            "LicensingGracePeriodEnded stands in the service's parameters; the key was last written at {}.",
            written.unwrap_or_default()
        );
        by_role(raising, &pages::GRACE_ENDED, examined, statement).fact(id);
    }
}

fn registration(examined: &Examined<'_>, raising: &mut Raising) {
    let view = &examined.view;
    let places = CERTIFICATES;
    let is_there = places.iter().any(|code| view.one(code).is_some());
    if is_there || view.is_unread(&places) || view.current_set().is_none() {
        return;
    }
    let searched = view.facts.iter().filter(|(_, fact)| {
        let set = fact.provenance.control_set.as_ref().map(|(number, _)| *number);
        places.contains(&fact.location.code) && set == view.current_set()
    });
    let ids: Vec<String> = searched.map(|(id, _)| id.clone()).collect();
    let statement = format!(
        "No X509 Certificate and no X509 Certificate2; searched in {} below RCM and TermService\\Parameters. No \
         registration with a licence server is seen.",
        view.searched(Some(HiveKind::System))
    );
    by_role(raising, &pages::NO_REGISTRATION, examined, statement).facts(&ids);
}

fn multi_session(examined: &Examined<'_>, raising: &mut Raising) {
    if let Some((id, fact)) = examined.view.one("host.policy.licensing_mode") {
        let number = <[u8; 4]>::try_from(fact.data.as_slice()).map(u32::from_le_bytes);
        let number = number.map_or_else(|_| String::from("no number"), |it| it.to_string());
        let statement = format!(
            "LicensingMode at the policy path is {number}, on an edition of multi-session Windows."
        );
        let raised = raising.raise(&pages::MULTI_SESSION, examined, statement);
        raised.fact(id).facts(&examined.host.session_host.facts);
    }
}

/// Another library of the service, or a setting that only third-party scripts write. The weaker signs are
/// told beside them, and never alone.
fn concurrent(examined: &Examined<'_>, raising: &mut Raising) {
    let view = &examined.view;
    let library = view.text("host.service.library").filter(|(path, _)| !is_own_library(path));
    let setting =
        view.number("host.licensing_core.concurrent_sessions").filter(|(number, _)| *number == 1);
    let mut parts = Vec::new();
    let mut facts = Vec::new();
    if let Some((path, id)) = library {
        parts.push(format!(
            "ServiceDll of the Remote Desktop service is {path}, not termsrv.dll in System32"
        ));
        facts.push(id);
    }
    if let Some((_, id)) = setting {
        parts.push(String::from("EnableConcurrentSessions is 1"));
        facts.push(id);
    }
    if parts.is_empty() {
        return;
    }
    for (code, number, what) in [
        ("host.multiple_sessions", 1, "AllowMultipleTSSessions is 1, a weaker sign"),
        ("host.single_session", 0, "fSingleSessionPerUser is 0, by itself no sign"),
    ] {
        if let Some((_, id)) = view.number(code).filter(|(found, _)| *found == number) {
            parts.push(String::from(what));
            facts.push(id);
        }
    }
    let statement = format!("{}.", parts.join("; "));
    raising.raise(&pages::CONCURRENT, examined, statement).facts(&facts);
}

/// Whether a path is that of the service's own library, in the ways in which it is written.
fn is_own_library(path: &str) -> bool {
    let path = path.trim().trim_matches('"').trim().to_lowercase().replace('/', "\\");
    let (folder, name) = path.rsplit_once('\\').unwrap_or(("", &path));
    let is_own_folder = matches!(folder, "" | r"%systemroot%\system32" | r"\systemroot\system32")
        || folder
            .get(1..)
            .is_some_and(|it| matches!(it, r":\windows\system32" | r":\winnt\system32"));
    is_own_folder && matches!(name, "termsrv.dll" | "termsrv")
}

/// Settings at places where Windows is not known to look, in the control set in use.
fn unusual_places(examined: &Examined<'_>, raising: &mut Raising) {
    const CODES: [&str; 2] = ["host.licensing_core.licensing_mode", "host.policy_ac_on.as_printed"];
    let places = LOCATIONS.iter().filter(|place| {
        let is_odd = place.meaning == Meaning::Anomaly || CODES.contains(&place.code);
        is_odd && has_role(examined, place.code)
    });
    let odd: Vec<_> = places.flat_map(|place| examined.view.all(place.code)).collect();
    let keys: BTreeSet<&str> = odd.iter().map(|(_, fact)| fact.provenance.key.as_str()).collect();
    if keys.is_empty() {
        return;
    }
    let keys: Vec<&str> = keys.into_iter().collect();
    let statement =
        format!("A licensing setting, or a key for one, stands at {}.", keys.join(" and at "));
    let raised = raising.raise(&pages::UNUSUAL_PLACE, examined, statement);
    odd.iter().for_each(|(id, _)| {
        raised.fact(id);
    });
}

/// Whether a host may have the role that a place belongs to.
fn has_role(examined: &Examined<'_>, code: &str) -> bool {
    let role = match code.split('.').next() {
        Some("host") => &examined.host.session_host,
        Some("license_server") => &examined.host.license_server,
        _ => return false,
    };
    role.state != RoleState::Absent
}

fn control_sets(examined: &Examined<'_>, raising: &mut Raising) {
    let differences = examined.host.differences.iter();
    let all: Vec<_> = differences.filter(|it| has_role(examined, &it.code)).collect();
    if all.is_empty() {
        return;
    }
    let titles: Vec<&str> = all.iter().map(|difference| difference.title.as_str()).collect();
    let statement = format!("Control sets differ in: {}.", titles.join("; "));
    let raised = raising.raise(&pages::CONTROL_SETS_DIFFER, examined, statement);
    all.iter().for_each(|difference| {
        raised.facts(&difference.facts);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_of_the_service_is_written_in_several_ways() {
        for own in [
            r"%SystemRoot%\System32\termsrv.dll",
            r"C:\Windows\System32\termsrv.dll ",
            r#""C:\WINDOWS\system32\TERMSRV.DLL""#,
            "termsrv.dll",
            "termsrv",
        ] {
            assert!(is_own_library(own), "{own}");
        }
        for other in [r"%ProgramFiles%\RDP Wrapper\rdpwrap.dll", r"C:\Users\Public\termsrv.dll", ""]
        {
            assert!(!is_own_library(other), "{other}");
        }
    }
}
