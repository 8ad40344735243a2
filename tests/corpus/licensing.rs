// SPDX-License-Identifier: MIT OR Apache-2.0
//! Facts about Remote Desktop licensing in the hives of real machines.

use calhive::Hive;
use calhive::Report;
use calhive::catalog::Subject;
use calhive::fact::{Fact, Facts, Source, State};
use calhive::meaning::LicensingMode;
use calhive::regf::hive::look_up::LookUp;
use hive_forge::corpus::{File, file};

fn read(file: &File) -> (Facts, Report) {
    let hive = Hive::parse(&file.bytes).unwrap();
    let facts = calhive::collect(&Source::new(hive, file.name.as_str()), LookUp::Thorough);
    let report = calhive::interpret(std::slice::from_ref(&facts), None);
    (facts, report)
}

fn test_file(name: &str) -> Option<File> {
    file("licensing facts", name)
}

/// Client editions have mode 1, which does not indicate a session host.
#[test]
fn mode_of_client_editions_is_labeled_as_theirs() {
    for name in ["win10-dirty-system/SYSTEM", "win81/SYSTEM"] {
        let Some(file) = test_file(name) else { return };
        let (_, report) = read(&file);
        let code = "host.rcm.licensing_mode";
        let modes: Vec<_> = report
            .facts
            .iter()
            .filter(|fact| fact.code.as_str() == code && fact.shown.is_some())
            .collect();
        assert!(!modes.is_empty(), "{name}");
        for mode in modes {
            assert_eq!(mode.state, State::Set, "{name}");
            assert_eq!(mode.shown.as_deref(), Some("1"), "{name}");
            assert_eq!(mode.label.as_deref(), LicensingMode(1).meaning());
            let label = mode.label.as_deref().unwrap();
            assert!(label.contains("also the value on Windows 7 to 10 clients"), "{label}");
            assert_eq!(mode.provenance.value_type.as_deref(), Some("REG_DWORD"));
        }
    }
}

/// Both control sets have the key without the value, which differs from a missing key.
#[test]
fn key_without_its_value_is_reported() {
    let Some(file) = test_file("xp/SYSTEM") else { return };
    let (facts, _) = read(&file);
    let code = "host.policy_ac_on";
    let found: Vec<_> =
        facts.facts.iter().filter(|fact| fact.location.code.as_str() == code).collect();
    assert_eq!(found.len(), 2);
    for fact in found {
        assert_eq!(fact.state, State::NotInKey);
        assert!(fact.provenance.key.ends_with(r"Control\Terminal Server\Licensing Core"));
        assert!(fact.provenance.key_place.is_some());
    }
}

#[test]
fn hives_without_licensing_give_no_facts() {
    for name in ["nt4/SOFTWARE", "reactos/SOFTWARE"] {
        let Some(file) = test_file(name) else { return };
        let (facts, report) = read(&file);
        let licensing = |fact: &&Fact| fact.location.subject() != Subject::System;
        assert!(!facts.facts.iter().filter(licensing).any(|fact| fact.state.is_found()), "{name}");
        assert!(!facts.facts.is_empty(), "{name}: it is taken for a SOFTWARE hive");
        assert_eq!(report.hosts.len(), 1, "{name}");
        assert!(report.hosts[0].licensing_mode.value.is_none(), "{name}");
    }
}

/// Facts of a hive that were found, by code.
fn shown<'r>(report: &'r Report, code: &str) -> Vec<&'r str> {
    let of_code = report.facts.iter().filter(|it| it.code.as_str() == code && it.state.is_found());
    of_code.filter_map(|it| it.shown.as_deref()).collect()
}

#[test]
fn listener_of_real_machines_is_read() {
    for (name, layer, authentication) in [
        ("xp/SYSTEM", None, None),
        ("win81/SYSTEM", Some("1"), Some("1")),
        ("win10-dirty-system/SYSTEM", Some("2"), Some("1")),
    ] {
        let Some(file) = test_file(name) else { return };
        let (_, report) = read(&file);
        for (code, expected) in [
            ("host.listener.enabled", Some("1")),
            ("host.listener.logon_disabled", Some("0")),
            ("host.listener.port", Some("3389")),
            ("host.listener.adapter", Some("0")),
            ("host.listener.instances", Some("4294967295")),
            ("host.listener.encryption", Some("2")),
            ("host.listener.shadow", Some("1")),
            ("host.listener.security_layer", layer),
            ("host.listener.authentication", authentication),
        ] {
            assert_eq!(shown(&report, code).first().copied(), expected, "{name}: {code}");
        }
        let is_remark = |it: &&calhive::report::FactReport| {
            it.code.as_str() == "host.snapshot_monitors" && it.label.is_some()
        };
        assert_eq!(report.facts.iter().find(is_remark).map(|it| &it.label), None, "{name}");
    }
    let Some(file) = test_file("xp/SYSTEM") else { return };
    let (_, report) = read(&file);
    assert_eq!(shown(&report, "host.app_compat").first(), Some(&"0"));
    assert_eq!(shown(&report, "host.enabled").first(), Some(&"1"));
}

/// A workgroup has no security identifier.
#[test]
fn primary_domain_of_real_machines_is_read() {
    for (name, domain, has_sid) in [
        ("servers/SECURITY-win2019_64", "TEST", true),
        ("servers/SECURITY-win2008_32", "TEST", true),
        ("nt4/SECURITY", "TEST", true),
        ("win7/SECURITY", "INTERNAL", true),
        ("win10-dirty-security-onelog/SECURITY", "WORKGROUP", false),
        ("win11-dirty-security/SECURITY", "WORKGROUP", false),
    ] {
        let Some(file) = test_file(name) else { return };
        let (facts, report) = read(&file);
        assert_eq!(facts.kind, calhive_regf::registry::HiveKind::Security, "{name}");
        assert_eq!(shown(&report, "system.primary_domain"), [domain], "{name}");
        let sid = shown(&report, "system.primary_domain.sid");
        assert_eq!(sid[0].starts_with("S-1-5-21-"), has_sid, "{name}: {sid:?}");
        assert_eq!(report.hosts.len(), 0, "{name}: without the secret, no host");
    }
}
