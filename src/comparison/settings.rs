// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comparison of the licensing mode and the license servers in effect.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::comparison::item::{Items, Thing};
use crate::comparison::side::Side;
use crate::meaning::{LicensingMode, MachineName};
use crate::report::{ItemSubject, Setting};

/// Places of the licensing mode.
const MODE: [Code; 3] =
    [Code::HostPolicyLicensingMode, Code::HostRcmLicensingMode, Code::HostPolicyAcOn];
/// Places of license servers.
const SERVERS: [Code; 6] = [
    Code::HostPolicyLicenseServers,
    Code::HostLicenseServers,
    Code::HostLicenseServersConsole,
    Code::HostLicenseServersParameters,
    Code::HostLicenseServersSubkey,
    Code::HostDefaultLicenseServer,
];

/// Compares the settings in effect.
pub(super) fn compare(a: &Side<'_>, b: &Side<'_>, items: &mut Items) {
    let mode = |side: &Side<'_>| {
        let setting = &side.host.licensing_mode;
        (mode_in_words(setting), facts(setting))
    };
    let servers = |side: &Side<'_>| {
        let setting = &side.host.license_servers;
        (servers_in_words(setting), facts(setting))
    };
    one("licensing_mode", "Licensing mode in effect", &MODE, (a, mode(a)), (b, mode(b)), items);
    let (of_a, of_b) = ((a, servers(a)), (b, servers(b)));
    one("license_servers", "License servers in effect", &SERVERS, of_a, of_b, items);
}

/// Returns the licensing mode in effect: its number, and its name if known.
pub(crate) fn mode_in_words(setting: &Setting<LicensingMode>) -> Option<String> {
    setting.value.map(|mode| match &setting.label {
        Some(label) => format!("{} ({label})", mode.0),
        None => format!("{}", mode.0),
    })
}

/// Returns the license servers in effect.
pub(crate) fn servers_in_words(setting: &Setting<Vec<MachineName>>) -> Option<String> {
    let names = setting.value.as_ref()?;
    Some(names.iter().map(MachineName::as_str).collect::<Vec<_>>().join(", "))
}

/// A side, with the setting in words and the ids of its facts.
type Of<'s, 'r> = (&'s Side<'r>, (Option<String>, Vec<String>));

fn one(
    code: &str,
    title: &str,
    places: &[Code],
    (a, (one, facts_a)): Of<'_, '_>,
    (b, (other, facts_b)): Of<'_, '_>,
    items: &mut Items,
) {
    let thing = Thing { subject: ItemSubject::InEffect, code, title };
    match (one, other) {
        (None, None) => {}
        (Some(one), Some(other)) if one == other => items.equal(),
        (Some(one), Some(other)) => {
            let value_a = a.value(one, &a.facts(&facts_a));
            items.changed(thing, value_a, b.value(other, &b.facts(&facts_b)));
        }
        (Some(one), None) => {
            items.only_a(thing, a.value(one, &a.facts(&facts_a)), b.doubts(places));
        }
        (None, Some(other)) => {
            items.only_b(thing, b.value(other, &b.facts(&facts_b)), a.doubts(places));
        }
    }
}

fn facts<T>(setting: &Setting<T>) -> Vec<String> {
    setting.facts.clone()
}
