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
            0 => "Personal; in Windows Server 2003 an invalid setting",
            1 => {
                "Remote Desktop for Administration; client editions of Windows carry this value by \
                 default"
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
pub(crate) fn explain_mode(data: &[u8]) -> Explanation {
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

/// Where a host's own licence servers are set, and what the setting is called. The first group that
/// names any is in effect.
const LOCAL_SERVERS: [&[&str]; 2] = [
    &["host.license_servers", "host.license_servers.console", "host.license_servers.parameters"],
    &["host.license_servers.subkey", "host.default_license_server"],
];

/// Where a host's own licensing mode is set, in the order in which the setting counts.
const LOCAL_MODES: [&str; 2] = ["host.rcm.licensing_mode", "host.policy_ac_on"];

/// What is said of a setting where the role is not known to be there.
const fn role_note(role: RoleState) -> &'static str {
    match role {
        RoleState::Present => "",
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
    let codes = ["host.policy.licensing_mode"].into_iter().chain(LOCAL_MODES).collect::<Vec<_>>();
    doubted(view, &codes, mode_in_effect(view, role))
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

fn mode_in_effect(view: &View<'_>, role: RoleState) -> Setting {
    let policy = view.one("host.policy.licensing_mode");
    let local = LOCAL_MODES.iter().filter_map(|code| view.one(code));
    let all: Vec<&Numbered<'_>> = policy.into_iter().chain(local).collect();
    let Some((winner, rest)) = all.split_first() else {
        return nothing(view, "No licensing mode is set");
    };
    let explanation = explain_mode(&winner.1.data);
    let label = explanation.label.unwrap_or_default();
    let overridden = rest.iter().map(|(_, fact)| mode_in_words(&fact.data)).collect::<Vec<_>>();
    let origin = origin(view, policy.is_some(), &overridden.join(", "));
    let statement = match &explanation.shown {
        Some(number) => {
            format!("Per the hives at hand, the licensing mode is {number} ({label}), {origin}.")
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

fn mode_in_words(data: &[u8]) -> String {
    let explanation = explain_mode(data);
    let label = explanation.label.unwrap_or_default();
    explanation.shown.map_or_else(|| label.clone(), |number| format!("{number} ({label})"))
}

/// The licence servers in effect: those of a policy that names any, then those of the local settings,
/// all places together, then those of Server 2003 and Windows 2000.
pub(crate) fn license_servers_in_effect(view: &View<'_>, role: RoleState) -> Setting {
    let codes: Vec<&str> =
        ["host.policy.license_servers"].into_iter().chain(LOCAL_SERVERS.concat()).collect();
    doubted(view, &codes, servers_in_effect(view, role))
}

fn servers_in_effect(view: &View<'_>, role: RoleState) -> Setting {
    let groups = [&["host.policy.license_servers"][..]].into_iter().chain(LOCAL_SERVERS);
    let groups: Vec<Vec<&Numbered<'_>>> = groups
        .map(|codes| {
            let named = |(_, fact): &&Numbered<'_>| !servers_of(fact).is_empty();
            codes.iter().flat_map(|code| view.all(code)).filter(named).collect()
        })
        .collect();
    let mut filled = groups.iter().filter(|group| !group.is_empty());
    let Some(winners) = filled.next() else {
        return no_servers(view, role);
    };
    let overridden: Vec<&Numbered<'_>> = filled.flatten().copied().collect();
    let by_policy = winners.iter().any(|(_, fact)| fact.location.code.contains("policy"));
    let servers = servers_of_all(winners);
    let label = match winners.as_slice() {
        [(_, one)] if one.state.is_value() => count(servers.len()),
        _ => format!("{} in all, in no order of preference", servers.len()),
    };
    let names = servers.join(", ");
    let origin = origin(view, by_policy, &servers_of_all(&overridden).join(", "));
    let elsewhere = if by_policy {
        " By Microsoft's text on this policy, a host looks for others where it does not find these."
    } else {
        ""
    };
    let note = role_note(role);
    Setting {
        statement: format!(
            "Per the hives at hand, the licence servers are {names}, {origin}.{elsewhere}{note}"
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

fn servers_of(fact: &Fact) -> Vec<String> {
    let value_type = fact.provenance.value_place.map_or(ValueType::SZ, |(_, kind)| kind);
    license_servers(&fact.data, value_type)
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
        (true, local) => format!(", which overrides the local setting {local}"),
        (false, other) => format!(", which comes before {other}"),
    };
    let by = match (by_policy, view.has(HiveKind::Software), view.has(HiveKind::System)) {
        (true, _, true) => "set by group policy",
        (true, _, false) => "set by group policy; no SYSTEM hive is at hand",
        (false, true, _) => {
            return format!(
                "set locally in the control set in use{overrides}; no policy is set in \
                 SOFTWARE{assumed}"
            );
        }
        (false, false, _) => {
            return format!(
                "set locally in the control set in use{overrides}; policy unknown, since no SOFTWARE \
                 hive is at hand"
            );
        }
    };
    format!("{by}{overrides}{assumed}")
}

fn no_servers(view: &View<'_>, role: RoleState) -> Setting {
    let discovery = match view.number_of_build() {
        _ if role == RoleState::Absent || !view.has(HiveKind::System) => "",
        Some(build) if build < SERVER_2008 => {
            " Session hosts of that generation look for licence servers by themselves."
        }
        Some(build) if build >= SERVER_2008_R2 => {
            " Whether session hosts of that generation then look for licence servers by themselves is \
             left open: KB 2473823 says that they no longer do, the text of the policy that they do."
        }
        _ => "",
    };
    let setting = nothing(view, "No licence server is named");
    Setting { statement: format!("{}{discovery}", setting.statement), ..setting }
}

/// The first builds of two generations of servers.
const SERVER_2008: u32 = 6001;
const SERVER_2008_R2: u32 = 7600;

/// Nothing is set: says where that was looked for.
fn nothing(view: &View<'_>, what: &str) -> Setting {
    let hives: Vec<String> = view
        .sources
        .iter()
        .map(|(id, source)| match (source.kind, view.current_set()) {
            (HiveKind::System, Some(set)) => format!("{id} (SYSTEM, control set {set} in use)"),
            (HiveKind::System, None) => {
                format!("{id} (SYSTEM, whose control set in use is not known)")
            }
            (kind, _) => format!("{id} ({kind})"),
        })
        .collect();
    let (by, unknown) = match (view.has(HiveKind::Software), view.has(HiveKind::System)) {
        (true, true) => ("", ""),
        (_, true) => (" locally", " Policy unknown: no SOFTWARE hive is at hand."),
        (_, false) => (" by policy", " Local setting unknown: no SYSTEM hive is at hand."),
    };
    Setting {
        value: None,
        label: None,
        facts: Vec::new(),
        overrides: Vec::new(),
        statement: format!("{what}{by}; searched in {}.{unknown}", hives.join(" and ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_without_a_meaning_say_so() {
        assert_eq!(explain_mode(&[3, 0, 0, 0]).label.as_deref(), Some("no documented meaning"));
        assert!(explain_mode(&[1, 0, 0, 0]).label.unwrap().contains("client editions"));
        assert_eq!(explain_mode(&[4]).shown, None);
    }

    #[test]
    fn a_list_of_no_servers_is_told() {
        assert_eq!(
            explain_servers(b"\0\0", ValueType::MULTI_SZ).label.as_deref(),
            Some("names no licence server")
        );
    }
}
