// SPDX-License-Identifier: MIT OR Apache-2.0

//! The trees of the scenarios hold what is listed, looked up without calhive.

use hive_forge::scenario::{self, Scenario};
use hive_forge::security::{Ace, Descriptor, FULL_CONTROL, READ, Security, Sid};
use hive_forge::tree::{Key, Tree, Value, value_type};

const WANTED: &str = include_str!("scenarios.txt");

#[test]
fn hives_hold_what_is_listed() {
    let scenarios = scenario::every();
    let (mut hive, mut count) = ("", 0);
    for line in WANTED.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(head) = line.strip_prefix('[') {
            hive = head.strip_suffix(']').unwrap();
            continue;
        }
        let [path, name, wanted] = line.split('|').collect::<Vec<_>>()[..] else {
            panic!("three fields: {line}");
        };
        let key = find(tree(&scenarios, hive), path);
        let found = match (name, key) {
            ("subkeys", Some(key)) => key.subkeys.len().to_string(),
            (_, Some(key)) if !name.is_empty() => value(key, name).map_or("absent".into(), shown),
            (_, Some(_)) => "present".to_owned(),
            (_, None) => "absent".to_owned(),
        };
        // A missing key has its own row: it does not count as a missing value.
        assert!(key.is_some() || name.is_empty(), "no key {path} in {hive}");
        assert_eq!(found, wanted, "{path}, {name} in {hive}");
        count += 1;
    }
    assert!(count > 100);
    for scenario in &scenarios {
        assert!(WANTED.contains(&format!("[{}/", scenario.name)), "{} unlisted", scenario.name);
    }
}

/// Values that every SYSTEM hive has.
#[test]
fn system_hives_have_all_ordinary_values() {
    let mut machines = 0;
    for scenario in scenario::every() {
        for (file, tree, _) in scenario.hives.iter().filter(|hive| is_system(hive.0)) {
            let place = format!("{}/{file}", scenario.name);
            let has = |path: &str, name: &str| {
                let path = format!(r"ControlSet001\{path}");
                let key = find(tree, &path).unwrap_or_else(|| panic!("{path} in {place}"));
                assert!(value(key, name).is_some(), "{path}, {name} in {place}");
            };
            for name in ["Current", "Default", "Failed", "LastKnownGood"] {
                assert!(value(find(tree, "Select").unwrap(), name).is_some(), "{place}");
            }
            has(r"Control\ComputerName\ComputerName", "ComputerName");
            has(r"Control\TimeZoneInformation", "ActiveTimeBias");
            has(r"Control\Windows", "ShutdownTime");
            has(r"Control\ProductOptions", "ProductType");
            has(r"Control\ProductOptions", "ProductSuite");
            has(r"Control\Terminal Server", "fDenyTSConnections");
            for name in ["Hostname", "NV Hostname", "Domain", "NV Domain"] {
                has(r"Services\Tcpip\Parameters", name);
            }
            for name in ["Start", "ImagePath", "ObjectName", "DependOnService"] {
                has(r"Services\TermService", name);
            }
            let services = find(tree, r"ControlSet001\Services").unwrap().subkeys.len();
            let control = find(tree, r"ControlSet001\Control").unwrap().subkeys.len();
            assert!(services >= 24 && control >= 24, "{place}: {services}, {control}");
            machines += 1;
        }
    }
    assert!(machines > 30, "{machines}");
}

#[test]
fn grace_period_keys_have_the_expected_owners() {
    let scenarios = scenario::all();
    let security = |scenario: &str| {
        let tree = tree(&scenarios, &format!("{scenario}/Windows/System32/config/SYSTEM"));
        let key = find(tree, r"ControlSet001\Control\Terminal Server\RCM\GracePeriod").unwrap();
        key.security.clone()
    };
    let services = Descriptor {
        owner: Some(Sid::system()),
        group: Some(Sid::system()),
        dacl: Some(vec![
            Ace::allow(FULL_CONTROL, Sid::system()),
            Ace::allow(FULL_CONTROL, Sid::network_service()),
            Ace::allow(READ, Sid::administrators()),
        ]),
        sacl: None,
    };
    assert_eq!(security("windows-server-2008-r2-session-host"), services.build());
    assert_eq!(security("windows-server-2022-session-host"), Security::administrators_full());
}

fn is_system(file: &str) -> bool {
    file.to_ascii_uppercase().ends_with("SYSTEM")
}

fn tree<'s>(scenarios: &'s [Scenario], hive: &str) -> &'s Tree {
    let (scenario, file) = hive.split_once('/').unwrap();
    let scenario = scenarios.iter().find(|other| other.name == scenario);
    let hives = &scenario.unwrap_or_else(|| panic!("no scenario of {hive}")).hives;
    &hives.iter().find(|other| other.0 == file).unwrap_or_else(|| panic!("no {hive}")).1
}

fn find<'t>(tree: &'t Tree, path: &str) -> Option<&'t Key> {
    let below = |key: &'t Key, name: &str| key.subkeys.iter().find(|key| key.name == name.into());
    path.split('\\').try_fold(&tree.root, below)
}

fn value<'k>(key: &'k Key, name: &str) -> Option<&'k Value> {
    key.values.iter().find(|value| value.name == name.into())
}

/// A value in the form of the list.
fn shown(value: &Value) -> String {
    let units = value.data.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let text = char::decode_utf16(units).map(|c| c.unwrap_or('\u{FFFD}'));
    let text: String = text.collect::<String>().trim_end_matches('\0').replace('\0', ";");
    match value.value_type {
        value_type::SZ => text,
        value_type::EXPAND_SZ => format!("expand:{text}"),
        value_type::MULTI_SZ => format!("multi:{text}"),
        value_type::DWORD => {
            format!("dword:{}", u32::from_le_bytes(value.data[..].try_into().unwrap()))
        }
        value_type::BINARY => format!("binary:{}", value.data.len()),
        other => format!("type {other}"),
    }
}
