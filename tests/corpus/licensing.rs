// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the hives of real machines say about Remote Desktop licensing, and what they do not.

use calhive::Hive;
use calhive::licensing::{self, Fact, Facts, LicensingMode, Report, Source, State, Subject};

use super::{File, file};

fn read(file: &File) -> (Facts, Report) {
    let hive = Hive::parse(&file.bytes).unwrap();
    let facts = licensing::collect(&Source::new(hive, file.name.as_str()), &Default::default());
    let report = licensing::interpret(std::slice::from_ref(&facts), None);
    (facts, report)
}

fn test_file(name: &str) -> Option<File> {
    file("licensing facts", name)
}

/// Client editions carry the mode 1: it is no sign of a session host.
#[test]
fn the_mode_of_client_editions_is_told_as_theirs() {
    for name in ["win10-dirty-system/SYSTEM", "win81/SYSTEM"] {
        let Some(file) = test_file(name) else { return };
        let (_, report) = read(&file);
        let code = "host.rcm.licensing_mode";
        let modes: Vec<_> =
            report.facts.iter().filter(|fact| fact.code == code && fact.shown.is_some()).collect();
        assert!(!modes.is_empty(), "{name}");
        for mode in modes {
            assert_eq!(mode.state, State::Set, "{name}");
            assert_eq!(mode.shown.as_deref(), Some("1"), "{name}");
            assert_eq!(mode.label.as_deref(), LicensingMode(1).meaning());
            let label = mode.label.as_deref().unwrap();
            assert!(label.contains("what the client editions carry"), "{label}");
            assert_eq!(mode.provenance.value_type.as_deref(), Some("REG_DWORD"));
        }
    }
}

/// The key is there, in both control sets, without the value: that is not the same as no key.
#[test]
fn a_key_without_its_value_is_told() {
    let Some(file) = test_file("xp/SYSTEM") else { return };
    let (facts, _) = read(&file);
    let code = "host.policy_ac_on";
    let found: Vec<_> = facts.facts.iter().filter(|fact| fact.location.code == code).collect();
    assert_eq!(found.len(), 2);
    for fact in found {
        assert_eq!(fact.state, State::NotInKey);
        assert!(fact.provenance.key.ends_with(r"Control\Terminal Server\Licensing Core"));
        assert!(fact.provenance.key_place.is_some());
    }
}

#[test]
fn nothing_is_found_where_nothing_is() {
    for name in ["nt4/SOFTWARE", "reactos/SOFTWARE"] {
        let Some(file) = test_file(name) else { return };
        let (facts, report) = read(&file);
        let licensing = |fact: &&Fact| fact.location.subject() != Subject::System;
        assert!(!facts.facts.iter().filter(licensing).any(|fact| fact.state.is_found()), "{name}");
        assert!(!facts.facts.is_empty(), "{name}: it is taken for a SOFTWARE hive");
        assert!(report.hosts.iter().all(|host| host.licensing_mode.value.is_none()), "{name}");
    }
}
