// SPDX-License-Identifier: MIT OR Apache-2.0
//! The settings of a session host that are in effect: licensing mode and license servers.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::interpret::view::{Exhibit, View};
use crate::meaning::license_servers::{self as servers, ServerList};
use crate::meaning::{LicensingMode, MachineName};
use crate::report::{RoleState, Setting, Text};

/// Places of local license-server settings. Of several groups of places, the first group that names a server
/// is in effect.
pub(super) const LOCAL_SERVERS: &[Code] = &[
    Code::HostLicenseServers,
    Code::HostLicenseServersConsole,
    Code::HostLicenseServersParameters,
];
const SERVERS_OF_2003: &[Code] = &[Code::HostLicenseServersSubkey];
const SERVERS_OF_2000: &[Code] = &[Code::HostDefaultLicenseServer];
const POLICY_SERVERS: &[Code] = &[Code::HostPolicyLicenseServers];

/// Places of the certificates that a license server issued to a host.
pub(super) const CERTIFICATES: [Code; 3] =
    [Code::HostX509Certificate, Code::HostX509Certificate2, Code::HostX509CertificateParameters];

const POLICY_MODE: Code = Code::HostPolicyLicensingMode;
const LOCAL_MODE: Code = Code::HostRcmLicensingMode;
const MODE_OF_2003: Code = Code::HostPolicyAcOn;

/// First builds of Windows generations.
const SERVER_2003: u32 = 3790;
const VISTA: u32 = 6000;
const SERVER_2008_R2: u32 = 7600;

/// Text for an overridden setting that is equal to the setting in effect.
const SAME: &str = "the same";

/// Whether the build is known to be older than Server 2003.
pub(super) fn is_before_server_2003(view: &View<'_>) -> bool {
    view.build().is_some_and(|own| own < SERVER_2003)
}

/// Whether the build is known to be older than Windows Vista.
pub(super) fn is_before_vista(view: &View<'_>) -> bool {
    view.build().is_some_and(|own| own < VISTA)
}

/// Returns all places of the licensing mode, the license servers and the registration.
pub(super) fn all_places() -> Vec<Code> {
    let modes = [POLICY_MODE, LOCAL_MODE, MODE_OF_2003];
    let servers = [POLICY_SERVERS, LOCAL_SERVERS, SERVERS_OF_2003, SERVERS_OF_2000].concat();
    [&modes[..], &servers, &CERTIFICATES].concat()
}

/// Whether the build may be older than the generation that begins with `build`.
fn may_be_before(view: &View<'_>, build: u32) -> bool {
    view.build().is_none_or(|own| own < build)
}

/// Returns what the role means for a setting with a value, if the role is not known to be present.
fn role_of_stored(role: RoleState) -> Option<Text> {
    let note = match role {
        RoleState::Present => return None,
        RoleState::NotApplicable => {
            "Multi-session Windows needs no RDS CAL. The value is reported as stored."
        }
        RoleState::Absent => {
            "The role of a session host is absent. The value is reported as stored."
        }
        RoleState::Unknown => {
            "It is unknown whether the role of a session host is present. The value is reported as stored."
        }
    };
    Some(note.into())
}

/// Returns what the role means for a setting without a value, if the role is not known to be present.
fn role_of_missing(role: RoleState) -> Option<Text> {
    let note = match role {
        RoleState::Present => return None,
        RoleState::NotApplicable => {
            "Multi-session Windows needs no RDS CAL, so no setting is expected."
        }
        RoleState::Absent => "The role of a session host is absent, so no setting is expected.",
        RoleState::Unknown => "It is unknown whether the role of a session host is present.",
    };
    Some(note.into())
}

/// Returns the licensing mode in effect: policy first, then the local setting, then the Server 2003 setting.
pub(super) fn licensing_mode(view: &View<'_>, role: RoleState) -> Setting<LicensingMode> {
    let mut codes = vec![POLICY_MODE, LOCAL_MODE];
    if may_be_before(view, VISTA) {
        codes.push(MODE_OF_2003);
    }
    let setting = mode_in_effect(view, role, &codes);
    doubted(view, &codes, setting)
}

/// Adds a warning if a place that may be in effect instead could not be read, or lies outside the tree.
fn doubted<T>(view: &View<'_>, codes: &[Code], mut setting: Setting<T>) -> Setting<T> {
    let mut facts = setting.facts.iter().filter_map(|id| view.exhibit(id));
    let is_by_policy = facts.any(|it| it.code().location().hive() == HiveKind::Software);
    // Nothing in SYSTEM overrides a policy.
    let of_policy = |code: &&Code| !is_by_policy || code.location().hive() == HiveKind::Software;
    let codes: Vec<Code> = codes.iter().filter(of_policy).copied().collect();
    let doubts = view.doubts(&codes);
    if !setting.facts.is_empty() && !doubts.is_empty() {
        let doubts = doubts.join("; ");
        setting.statement.push_str(&format!(" Another value may be in effect: {doubts}."));
    }
    setting
}

fn mode_in_effect(view: &View<'_>, role: RoleState, codes: &[Code]) -> Setting<LicensingMode> {
    let all: Vec<&Exhibit<'_>> = codes.iter().filter_map(|code| view.one(*code)).collect();
    let Some((winner, rest)) = all.split_first() else {
        return not_set(view, &MODE, codes, role);
    };
    let mode = LicensingMode::decode(&winner.fact.data, winner.value_type());
    let overridden: Vec<String> = rest
        .iter()
        .map(|it| match it.fact.data == winner.fact.data {
            true => String::from(SAME),
            false => mode_in_words(it),
        })
        .collect();
    let by_policy = winner.code() == POLICY_MODE;
    let origin = origin(view, by_policy, &[POLICY_MODE], &overridden.join(", "));
    let label = label(winner);
    let statement = match mode {
        Some(mode) => format!("{}, the licensing mode is {mode} ({label}), {origin}.", view.per()),
        None => format!(
            "The licensing mode is {origin}. The value in effect is invalid: {label}. The mode in effect is \
             unknown."
        ),
    };
    Setting {
        value: mode,
        label: Some(label.into()),
        facts: vec![winner.id.clone()],
        overrides: ids(rest),
        statement: statement.into(),
        role_note: role_of_stored(role),
    }
}

/// Returns the meaning of the data of a fact.
fn label(exhibit: &Exhibit<'_>) -> String {
    exhibit.explanation.as_ref().and_then(|it| it.label.clone()).unwrap_or_default()
}

/// Returns "4 (Per User)", or what is wrong with the value.
fn mode_in_words(exhibit: &Exhibit<'_>) -> String {
    let label = label(exhibit);
    exhibit.shown().map_or_else(|| label.clone(), |number| format!("{number} ({label})"))
}

/// Returns the license servers in effect. A policy that names servers comes first, then all local settings,
/// then the settings of Server 2003 and Windows 2000.
pub(super) fn license_servers(view: &View<'_>, role: RoleState) -> Setting<Vec<MachineName>> {
    let mut groups = vec![POLICY_SERVERS, LOCAL_SERVERS];
    if may_be_before(view, VISTA) {
        groups.push(SERVERS_OF_2003);
    }
    if may_be_before(view, SERVER_2003) {
        groups.push(SERVERS_OF_2000);
    }
    doubted(view, &groups.concat(), servers_in_effect(view, role, &groups))
}

fn servers_in_effect(
    view: &View<'_>,
    role: RoleState,
    codes: &[&[Code]],
) -> Setting<Vec<MachineName>> {
    let groups: Vec<Vec<&Exhibit<'_>>> = codes
        .iter()
        .map(|codes| {
            let all = codes.iter().flat_map(|code| view.all(*code));
            all.filter(|it| !servers_of(it).is_empty()).collect()
        })
        .collect();
    let mut filled = groups.iter().filter(|group| !group.is_empty());
    let Some(winners) = filled.next() else {
        return no_servers(view, &codes.concat(), role);
    };
    let overridden: Vec<&Exhibit<'_>> = filled.flatten().copied().collect();
    let is_of = |codes: &[Code]| winners.iter().any(|it| codes.contains(&it.code()));
    let value = servers_of_all(winners);
    let label = match winners.as_slice() {
        [one] if one.fact.state.is_value() => servers::count(value.len()),
        _ => format!("{} in all, in no order of preference", value.len()),
    };
    let (names, others) = (servers::joined(&value), servers::joined(&servers_of_all(&overridden)));
    let others = if others == names { String::from(SAME) } else { others };
    let origin = origin(view, is_of(POLICY_SERVERS), POLICY_SERVERS, &others);
    let further = if is_of(POLICY_SERVERS) && view.build() >= Some(SERVER_2008_R2) {
        " Microsoft's texts conflict on whether a session host searches for other servers if it does not \
         find these. The text of this policy says yes; KB 2473823 says that it no longer does."
    } else if is_of(SERVERS_OF_2003) {
        " calhive infers that the subkey names are server names. Their order means nothing."
    } else {
        ""
    };
    Setting {
        statement: format!("{}, the license servers are {names}, {origin}.{further}", view.per())
            .into(),
        role_note: role_of_stored(role),
        value: Some(value),
        label: Some(label.into()),
        facts: ids(winners),
        overrides: ids(&overridden),
    }
}

fn ids(exhibits: &[&Exhibit<'_>]) -> Vec<String> {
    exhibits.iter().map(|it| it.id.clone()).collect()
}

fn servers_of_all(exhibits: &[&Exhibit<'_>]) -> Vec<MachineName> {
    let mut servers = ServerList::default();
    exhibits.iter().flat_map(|it| servers_of(it)).for_each(|it| servers.add(it.as_str()));
    servers.names
}

/// Returns the license servers that a fact names.
pub(super) fn servers_of(exhibit: &Exhibit<'_>) -> Vec<MachineName> {
    servers::license_servers(&exhibit.fact.data, exhibit.value_type())
}

/// Describes how a setting is made, what the setting overrides, and which hive is missing. `policy` are the
/// places of the policy.
fn origin(view: &View<'_>, by_policy: bool, policy: &[Code], overridden: &str) -> String {
    let assumed = if view.pairing.is_assumed() && view.basis.same_computer.is_empty() {
        "; SYSTEM and SOFTWARE are assumed to belong to one machine"
    } else {
        ""
    };
    let overrides = match (by_policy, overridden) {
        (_, "") => String::new(),
        (true, SAME) => String::from("; the local setting is the same"),
        (true, local) => format!(", which overrides the local setting {local}"),
        (false, other) => format!(", which takes precedence over {other}"),
    };
    match (by_policy, view.has(HiveKind::System)) {
        (true, true) => format!("set by a value at the policy path{overrides}{assumed}"),
        (true, false) => {
            String::from("set by a value at the policy path; no SYSTEM hive of this host was read")
        }
        (false, _) => format!(
            "set locally in the control set in use{overrides}; {}{assumed}",
            no_policy(view, policy)
        ),
    }
}

/// Describes why no policy is in effect.
fn no_policy(view: &View<'_>, policy: &[Code]) -> String {
    if !view.has(HiveKind::Software) {
        return String::from("policy unknown, because no SOFTWARE hive of this host was read");
    }
    let doubts = view.doubts(policy);
    if !doubts.is_empty() {
        return format!("policy not determinable: {}", doubts.join("; "));
    }
    match policy.iter().find_map(|code| view.one(*code)) {
        Some(empty) => {
            format!(
                "the policy value {} names no license server ({})",
                empty.value_name(),
                empty.id
            )
        }
        None => String::from("SOFTWARE has no value at the policy path"),
    }
}

fn no_servers(view: &View<'_>, codes: &[Code], role: RoleState) -> Setting<Vec<MachineName>> {
    let is_of_interest =
        view.has(HiveKind::System) && matches!(role, RoleState::Present | RoleState::Unknown);
    let discovery = match view.build() {
        _ if !is_of_interest || !view.doubts(codes).is_empty() => "",
        Some(build) if build < VISTA => {
            " Session hosts of that generation discover license servers automatically."
        }
        Some(build) if build >= SERVER_2008_R2 => {
            " Microsoft's texts conflict on whether session hosts of that generation then discover license \
             servers automatically. The text of the policy says yes; KB 2473823 says that they no longer do."
        }
        _ => "",
    };
    let setting = not_set(view, &SERVERS, codes, role);
    Setting { statement: format!("{}{discovery}", setting.statement).into(), ..setting }
}

/// Words about a setting that is not known.
struct Words {
    /// Sentence for a setting that is not set.
    nothing: &'static str,
    /// Subject of a sentence about the setting in effect.
    subject: &'static str,
    /// Places that only earlier generations of Windows read.
    earlier: &'static [Code],
    /// Returns the value in a fact, for people.
    shown: fn(&Exhibit<'_>) -> String,
}

const MODE: Words = Words {
    nothing: "No licensing mode is set",
    subject: "The licensing mode in effect is",
    earlier: &[MODE_OF_2003],
    shown: mode_in_words,
};
const SERVERS: Words = Words {
    nothing: "No license server is named",
    subject: "The license servers in effect are",
    earlier: &[Code::HostLicenseServersSubkey, Code::HostDefaultLicenseServer],
    shown: |it| match servers::joined(&servers_of(it)) {
        names if names.is_empty() => String::from("an empty list"),
        names => names,
    },
};

/// Returns a setting that is not set, with the searched hives, or the reasons why calhive cannot know.
fn not_set<T>(view: &View<'_>, words: &Words, codes: &[Code], role: RoleState) -> Setting<T> {
    let (by, unknown) = match (view.has(HiveKind::Software), view.has(HiveKind::System)) {
        (true, true) => ("", ""),
        (_, true) => (" locally", " Policy unknown: no SOFTWARE hive of this host was read."),
        (_, false) => {
            (" by policy", " Local setting unknown: no SYSTEM hive of this host was read.")
        }
    };
    let doubts = view.doubts(codes);
    let mut statement = if doubts.is_empty() {
        format!("{}{by}; searched in {}.", words.nothing, view.searched(None))
    } else {
        format!("{} not determinable: {}.", words.subject, doubts.join("; "))
    };
    let mut add = |sentence: String| statement.push_str(&sentence);
    if view.current_set().is_none() {
        for stored in view.stored_by_set(codes, words.shown) {
            add(format!(" {stored}."));
        }
    }
    if view.current_set().is_some() {
        let empty = codes.iter().flat_map(|code| view.all(*code));
        for empty in empty.filter(|it| it.fact.state.is_value()) {
            add(format!(
                " The value {} is {} ({}).",
                empty.value_name(),
                (words.shown)(empty),
                empty.id
            ));
        }
    }
    let earlier = words.earlier.iter().filter(|code| !codes.contains(code));
    for found in earlier.flat_map(|code| view.all(*code)) {
        let shown = (words.shown)(found);
        add(format!(
            " A value for earlier Windows is {shown} ({}); this Windows does not read it.",
            found.id
        ));
    }
    for found in view.recovered_at(&[codes, words.earlier].concat()) {
        add(format!(" Recovered outside the tree: {} ({}).", (words.shown)(found), found.id));
    }
    add(String::from(unknown));
    Setting {
        value: None,
        label: None,
        facts: Vec::new(),
        overrides: Vec::new(),
        statement: statement.into(),
        role_note: role_of_missing(role),
    }
}
