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
