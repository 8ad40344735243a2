// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a session host is set to: [`LicensingMode`] and licence servers.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::hive::name::Name;
use crate::hive::upcase;
use crate::hive::value::ValueType;
use crate::licensing::fact::Fact;
use crate::licensing::host::{Numbered, View};
use crate::licensing::report::{Certainty, Explanation, Pairing, RoleState, Setting};
use crate::licensing::text;
use crate::registry::HiveKind;

/// How a session host asks for licences. Any number is one.
///
/// ```
/// use calhive::licensing::LicensingMode;
/// assert_eq!(LicensingMode(4).meaning(), Some("Per User"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LicensingMode(pub u32);

impl LicensingMode {
    /// What Microsoft's texts call it; `None` for a number that they do not give for the registry.
    pub const fn meaning(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "\"Personal\" in WMI; not documented as a value of this place",
            1 => {
                "Remote Desktop for Administration; also what the client editions carry that were \
                 measured (Windows 7 to 10)"
            }
            2 => "Per Device",
            4 => "Per User",
            5 => "Not configured",
            6 => "Per User by Microsoft Entra ID (AAD Per User)",
            _ => return None,
        })
    }
}

/// What a value that holds a licensing mode says.
pub(crate) fn explain_mode(data: &[u8], value_type: ValueType) -> Explanation {
    if text::is_text(value_type) {
        let shown = text::single(data, value_type);
        let label = format!("of type {value_type}; a licensing mode is a number");
        let label =
            shown.map_or(label.clone(), |shown| format!("{label}, and this is the text {shown}"));
        return Explanation { shown: None, label: Some(label), certainty: Certainty::Observed };
    }
    let Ok(number) = data.try_into().map(u32::from_le_bytes) else {
        let label = format!("{} bytes; a licensing mode is a number of four bytes", data.len());
        return Explanation { shown: None, label: Some(label), certainty: Certainty::Observed };
    };
    let (label, certainty) = match LicensingMode(number).meaning() {
        Some(meaning) => (meaning, Certainty::Documented),
        None => ("no documented meaning", Certainty::Observed),
    };
    Explanation { shown: Some(number.to_string()), label: Some(String::from(label)), certainty }
}

/// The servers in a list: the strings of `REG_MULTI_SZ`, or names separated by commas. Blanks around
/// names and empty names are left out, and so are repetitions in another case; the first is the
/// preferred one.
///
/// ```
/// use calhive::{ValueType, licensing::license_servers};
/// let data: Vec<u8> = "b.example, A.example,B.example\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
/// assert_eq!(license_servers(&data, ValueType::SZ), ["b.example", "A.example"]);
/// ```
pub fn license_servers(data: &[u8], value_type: ValueType) -> Vec<String> {
    let mut servers = Servers::default();
    for string in text::strings(data, value_type) {
        let text = string.as_text().to_string();
        text.split(',').map(str::trim).for_each(|server| servers.add(server));
    }
    servers.names
}

/// Names, each once in Windows' sense of the same name, in the order in which they came.
#[derive(Default)]
struct Servers {
    names: Vec<String>,
    upcased: BTreeSet<Vec<u16>>,
}

impl Servers {
    fn add(&mut self, server: &str) {
        let upcased = Name::from(server).units().map(upcase).collect();
        if !server.is_empty() && self.upcased.insert(upcased) {
            self.names.push(String::from(server));
        }
    }
}

/// The same for the value of Windows Server 2003.
pub(crate) fn explain_policy_ac_on(data: &[u8], value_type: ValueType) -> Explanation {
    let explanation = explain_mode(data, value_type);
    if data == [0; 4] {
        let label = Some(String::from("invalid (KB 834651)"));
        return Explanation { label, ..explanation };
    }
    explanation
}

/// How many licence servers are named.
fn count(servers: usize) -> String {
    match servers {
        0 => String::from("names no licence server"),
        1 => String::from("names one licence server"),
        n => format!("names {n} licence servers, the preferred one first"),
    }
}

/// What a value with names of licence servers says.
pub(crate) fn explain_servers(data: &[u8], value_type: ValueType) -> Explanation {
    let servers = license_servers(data, value_type);
    let label = count(servers.len());
    Explanation {
        shown: Some(servers.join(", ")),
        label: Some(label),
        certainty: Certainty::Documented,
    }
}

/// Where a host's own licence servers are set. The first group that names any is in effect.
const LOCAL_SERVERS: &[&str] =
    &["host.license_servers", "host.license_servers.console", "host.license_servers.parameters"];
const SERVERS_OF_2003: &[&str] = &["host.license_servers.subkey"];
const SERVERS_OF_2000: &[&str] = &["host.default_license_server"];
const POLICY_SERVERS: &[&str] = &["host.policy.license_servers"];

/// Where a host keeps the certificates that a licence server gave it.
pub(crate) const CERTIFICATES: [&str; 3] =
    ["host.x509_certificate", "host.x509_certificate2", "host.x509_certificate.parameters"];

const POLICY_MODE: &str = "host.policy.licensing_mode";
const LOCAL_MODE: &str = "host.rcm.licensing_mode";
const MODE_OF_2003: &str = "host.policy_ac_on";

/// The first builds of generations of Windows.
const SERVER_2003: u32 = 3790;
const VISTA: u32 = 6000;
const SERVER_2008_R2: u32 = 7600;

/// Whether it is known to be a version before Server 2003.
pub(crate) fn is_before_server_2003(view: &View<'_>) -> bool {
    view.number_of_build().is_some_and(|own| own < SERVER_2003)
}

/// Whether a setting of older versions than the one that begins with this build may count.
fn is_before(view: &View<'_>, build: u32) -> bool {
    view.number_of_build().is_none_or(|own| own < build)
}

/// What is said of a setting where the role is not known to be there.
const fn role_note(role: RoleState) -> &'static str {
    match role {
        RoleState::Present => "",
        RoleState::NotApplicable => {
            " Multi-session Windows needs no RDS CAL, and this setting is not meant for it: the value is \
             told as it stands."
        }
        RoleState::Absent => {
            " The role of a session host is absent: the value is told as it stands."
        }
        RoleState::Unknown => {
            " Whether the role of a session host is present is unknown: the value is told as it stands."
        }
    }
}

/// The licensing mode in effect: policy first, then the local setting, then that of Server 2003.
pub(crate) fn licensing_mode(view: &View<'_>, role: RoleState) -> Setting {
    let mut codes = vec![POLICY_MODE, LOCAL_MODE];
    if is_before(view, VISTA) {
        codes.push(MODE_OF_2003);
    }
    let setting = mode_in_effect(view, role, &codes);
    doubted(view, &codes, setting)
}

/// A setting, with the doubt that what could not be read leaves.
fn doubted(view: &View<'_>, codes: &[&str], mut setting: Setting) -> Setting {
    if view.is_unread(codes) {
        setting.statement.push_str(
            " Not everything could be read where this is set: what is in effect may be something else.",
        );
    }
    setting
}

fn mode_in_effect(view: &View<'_>, role: RoleState, codes: &[&str]) -> Setting {
    let all: Vec<&Numbered<'_>> = codes.iter().filter_map(|code| view.one(code)).collect();
    let Some((winner, rest)) = all.split_first() else {
        return nothing(view, "No licensing mode is set", role);
    };
    let explained = |(_, fact): &Numbered<'_>| match fact.location.code {
        MODE_OF_2003 => explain_policy_ac_on(&fact.data, type_of(fact)),
        _ => explain_mode(&fact.data, type_of(fact)),
    };
    let explanation = explained(winner);
    let words = |explanation: Explanation| {
        let label = explanation.label.unwrap_or_default();
        explanation.shown.map_or_else(|| label.clone(), |number| format!("{number} ({label})"))
    };
    let overridden: Vec<String> = rest
        .iter()
        .map(|fact| if fact.1.data == winner.1.data { SAME.into() } else { words(explained(fact)) })
        .collect();
    let origin = origin(view, winner.1.location.code == POLICY_MODE, &overridden.join(", "));
    let label = explanation.label.clone().unwrap_or_default();
    let statement = match &explanation.shown {
        Some(number) => {
            format!("{}, the licensing mode is {number} ({label}), {origin}.", view.per())
        }
        None => format!(
            "The value that would decide the licensing mode, {origin}, is none: {label}. What is in \
             effect cannot be told."
        ),
    };
    Setting {
        value: explanation.shown,
        label: Some(label),
        facts: vec![winner.0.clone()],
        overrides: ids(rest),
        statement: format!("{statement}{}", role_note(role)),
    }
}

/// What stands for a setting that says the same as the one that overrides it.
const SAME: &str = "the same";

/// The licence servers in effect: those of a policy that names any, then those of the local settings,
/// all places together, then those of Server 2003 and of Windows 2000.
pub(crate) fn license_servers_in_effect(view: &View<'_>, role: RoleState) -> Setting {
    let mut groups = vec![POLICY_SERVERS, LOCAL_SERVERS];
    if is_before(view, VISTA) {
        groups.push(SERVERS_OF_2003);
    }
    if is_before(view, SERVER_2003) {
        groups.push(SERVERS_OF_2000);
    }
    doubted(view, &groups.concat(), servers_in_effect(view, role, &groups))
}

fn servers_in_effect(view: &View<'_>, role: RoleState, groups: &[&[&str]]) -> Setting {
    let named = |(_, fact): &&Numbered<'_>| !servers_of(fact).is_empty();
    let groups: Vec<Vec<&Numbered<'_>>> = groups
        .iter()
        .map(|codes| codes.iter().flat_map(|code| view.all(code)).filter(named).collect())
        .collect();
    let mut filled = groups.iter().filter(|group| !group.is_empty());
    let Some(winners) = filled.next() else {
        return no_servers(view, role);
    };
    let overridden: Vec<&Numbered<'_>> = filled.flatten().copied().collect();
    let is_of =
        |codes: &[&str]| winners.iter().any(|(_, fact)| codes.contains(&fact.location.code));
    let servers = servers_of_all(winners);
    let label = match winners.as_slice() {
        [(_, one)] if one.state.is_value() => count(servers.len()),
        _ => format!("{} in all, in no order of preference", servers.len()),
    };
    let (names, others) = (servers.join(", "), servers_of_all(&overridden).join(", "));
    let others = if others == names { String::from(SAME) } else { others };
    let origin = origin(view, is_of(POLICY_SERVERS), &others);
    let further = if is_of(POLICY_SERVERS) && view.number_of_build() >= Some(SERVER_2008_R2) {
        " Whether a session host that does not find these looks for others is left open: the text of \
         this policy says that it does, KB 2473823 that it no longer does."
    } else if is_of(SERVERS_OF_2003) {
        " That servers are named by subkeys is inferred; their order says nothing."
    } else {
        ""
    };
    let note = role_note(role);
    Setting {
        statement: format!(
            "{}, the licence servers are {names}, {origin}.{further}{note}",
            view.per()
        ),
        value: Some(names),
        label: Some(label),
        facts: ids(winners),
        overrides: ids(&overridden),
    }
}

fn ids(facts: &[&Numbered<'_>]) -> Vec<String> {
    facts.iter().map(|(id, _)| id.clone()).collect()
}

fn servers_of_all(facts: &[&Numbered<'_>]) -> Vec<String> {
    let mut servers = Servers::default();
    facts.iter().flat_map(|(_, fact)| servers_of(fact)).for_each(|it| servers.add(&it));
    servers.names
}

pub(crate) fn servers_of(fact: &Fact) -> Vec<String> {
    license_servers(&fact.data, type_of(fact))
}

fn type_of(fact: &Fact) -> ValueType {
    fact.provenance.value_place.map_or(ValueType::SZ, |(_, kind)| kind)
}

/// By what a setting is made, what it overrides, and what is not at hand.
fn origin(view: &View<'_>, by_policy: bool, overridden: &str) -> String {
    let assumed = if view.pairing == Pairing::Assumed {
        "; that SYSTEM and SOFTWARE belong to one machine is assumed"
    } else {
        ""
    };
    let overrides = match (by_policy, overridden) {
        (_, "") => String::new(),
        (true, SAME) => String::from("; the local setting is the same"),
        (true, local) => format!(", which overrides the local setting {local}"),
        (false, other) => format!(", which comes before {other}"),
    };
    match (by_policy, view.has(HiveKind::Software), view.has(HiveKind::System)) {
        (true, _, true) => format!("set by a value at the policy path{overrides}{assumed}"),
        (true, _, false) => {
            String::from("set by a value at the policy path; no SYSTEM hive is at hand")
        }
        (false, true, _) => format!(
            "set locally in the control set in use{overrides}; no value stands at the policy path in \
             SOFTWARE{assumed}"
        ),
        (false, false, _) => format!(
            "set locally in the control set in use{overrides}; policy unknown, since no SOFTWARE hive \
             is at hand"
        ),
    }
}

fn no_servers(view: &View<'_>, role: RoleState) -> Setting {
    let is_of_interest =
        view.has(HiveKind::System) && matches!(role, RoleState::Present | RoleState::Unknown);
    let discovery = match view.number_of_build() {
        _ if !is_of_interest => "",
        Some(build) if build < VISTA => {
            " Session hosts of that generation look for licence servers by themselves."
        }
        Some(build) if build >= SERVER_2008_R2 => {
            " Whether session hosts of that generation then look for licence servers by themselves is \
             left open: KB 2473823 says that they no longer do, the text of the policy that they do."
        }
        _ => "",
    };
    let setting = nothing(view, "No licence server is named", role);
    Setting { statement: format!("{}{discovery}", setting.statement), ..setting }
}

/// Nothing is set: says where that was looked for.
fn nothing(view: &View<'_>, what: &str, role: RoleState) -> Setting {
    let (by, unknown) = match (view.has(HiveKind::Software), view.has(HiveKind::System)) {
        (true, true) => ("", ""),
        (_, true) => (" locally", " Policy unknown: no SOFTWARE hive is at hand."),
        (_, false) => (" by policy", " Local setting unknown: no SYSTEM hive is at hand."),
    };
    let expected = match role {
        RoleState::Absent => " The role of a session host is absent: none is expected.",
        RoleState::NotApplicable => " Multi-session Windows needs no RDS CAL: none is expected.",
        RoleState::Unknown => " Whether the role of a session host is present is unknown.",
        RoleState::Present => "",
    };
    Setting {
        value: None,
        label: None,
        facts: Vec::new(),
        overrides: Vec::new(),
        statement: format!("{what}{by}; searched in {}.{unknown}{expected}", view.searched(None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_without_a_meaning_say_so() {
        assert_eq!(
            explain_mode(&[3, 0, 0, 0], ValueType::DWORD).label.as_deref(),
            Some("no documented meaning")
        );
        assert!(
            explain_mode(&[1, 0, 0, 0], ValueType::DWORD)
                .label
                .unwrap()
                .contains("client editions")
        );
        assert_eq!(explain_mode(&[4], ValueType::DWORD).shown, None);
        let text = explain_mode(b"2\0\0\0", ValueType::SZ);
        assert_eq!(text.shown, None);
        assert!(text.label.unwrap().contains("of type REG_SZ"));
    }

    #[test]
    fn a_list_of_no_servers_is_told() {
        assert_eq!(
            explain_servers(b"\0\0", ValueType::MULTI_SZ).label.as_deref(),
            Some("names no licence server")
        );
    }
}
