// SPDX-License-Identifier: MIT OR Apache-2.0
//! Facts from text exports equal those from the hives, as far as text can carry them.

use calhive::fact::{Fact, Facts, FileCopy, Origin, Source, State};
use calhive::regf::hive::look_up::LookUp;
use calhive::{Name, ValueType, collect_export, collect_license_file, interpret};
use hive_forge::random::mutate_text;
use hive_forge::registry_export::{Version, export, is_carried};
use hive_forge::rng::Rng;
use hive_forge::scenario;
use hive_forge::tree::Tree;

fn file(name: &str) -> FileCopy {
    FileCopy { path: name.into(), real_path: None, locator: None }
}

/// Facts of an export that is one source.
#[track_caller]
fn of_export(bytes: &[u8]) -> Facts {
    let mut all = collect_export(bytes, file("host.reg"), None);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn of_hive(bytes: &[u8], name: &str) -> Facts {
    calhive::collect(&Source::new(calhive::Hive::parse(bytes).unwrap(), name), LookUp::Thorough)
}

/// Everything in a fact but its place, its time and its source.
type Content =
    (String, State, Option<u32>, bool, String, Option<String>, Option<ValueType>, Vec<u8>);

fn content(fact: &Fact) -> Content {
    let place = &fact.provenance;
    (
        fact.location.code.to_string(),
        fact.state,
        place.control_set.as_ref().map(|(number, _)| *number),
        place.redirected,
        place.key.clone(),
        place.value.clone().filter(|_| fact.state.is_value()),
        place.value_type(),
        fact.data.clone(),
    )
}

/// Content of the facts that a hive shows in its tree.
fn contents(facts: &Facts) -> Vec<Content> {
    let in_tree = facts.facts.iter().filter(|fact| {
        let place = &fact.provenance;
        fact.state.is_found() && place.hidden.is_none() && place.recovered.is_none()
    });
    let mut all: Vec<Content> = in_tree.map(content).collect();
    all.sort_by_key(|it| format!("{it:?}"));
    all
}

/// Whether one byte for each character is enough for a fact.
fn is_simple(of: &Content) -> bool {
    let units = |text: &str| Name::from(text).units().collect::<Vec<u16>>();
    let is_text = matches!(of.6, Some(ValueType::SZ | ValueType::EXPAND_SZ | ValueType::MULTI_SZ));
    let (pairs, rest) = of.7.as_chunks::<2>();
    let data: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    is_carried(&units(&of.4))
        && is_carried(&units(of.5.as_deref().unwrap_or_default()))
        && (of.1 != State::KeyName || is_carried(&data))
        && (!is_text || (rest.is_empty() && is_carried(&data)))
}

fn mounted(file: &str) -> Option<&'static str> {
    let name = file.rsplit('/').next().unwrap().to_ascii_uppercase();
    [("SOFTWARE", r"HKEY_LOCAL_MACHINE\SOFTWARE"), ("SYSTEM", r"HKEY_LOCAL_MACHINE\SYSTEM")]
        .into_iter()
        .chain([("SECURITY", r"HKEY_LOCAL_MACHINE\SECURITY")])
        .find_map(|(word, key)| name.contains(word).then_some(key))
}

#[test]
fn facts_of_an_export_equal_those_of_the_hive_in_every_scenario() {
    let (mut compared, mut left_out) = (0_usize, 0_usize);
    for scenario in scenario::every() {
        for (name, tree, options) in &scenario.hives {
            let Some(key) = mounted(name) else { continue };
            let expected = contents(&of_hive(&hive_forge::write(tree, options).bytes, name));
            let five = of_export(&export(&[(key, tree)], Version::Five));
            assert_eq!(contents(&five), expected, "{}/{name}", scenario.name);
            let four = of_export(&export(&[(key, tree)], Version::Four));
            let simple: Vec<Content> =
                expected.iter().filter(|it| is_simple(it)).cloned().collect();
            let found: Vec<Content> =
                contents(&four).into_iter().filter(|it| simple.contains(it)).collect();
            assert_eq!(found, simple, "{}/{name}", scenario.name);
            compared += expected.len();
            left_out += expected.len() - simple.len();
            for fact in five.facts.iter().chain(&four.facts) {
                let place = &fact.provenance;
                assert_eq!(place.origin, Origin::RegExport);
                assert!(place.line.is_some() && place.key_place.is_none());
                assert!(place.value_place.is_none() && fact.state.is_found());
            }
        }
    }
    assert!(compared > 1000 && left_out * 20 < compared, "{compared} {left_out}");
}

/// The trees of a scenario with SYSTEM and SOFTWARE.
fn trees(name: &str) -> Vec<(&'static str, Tree)> {
    let scenario = scenario::every().into_iter().find(|it| it.name == name).unwrap();
    let trees = scenario.hives.into_iter();
    trees.filter_map(|(file, tree, _)| Some((mounted(file)?, tree))).collect()
}

fn whole(name: &str, version: Version) -> Vec<u8> {
    let trees = trees(name);
    let mounted: Vec<(&str, &Tree)> = trees.iter().map(|(key, tree)| (*key, tree)).collect();
    export(&mounted, version)
}

const HOST: &str = "windows-server-2019-session-host";

#[test]
fn one_export_with_both_hives_is_one_host_with_its_settings() {
    let scenario = scenario::every().into_iter().find(|it| it.name == HOST).unwrap();
    let hives: Vec<Facts> =
        scenario.files().iter().map(|(name, bytes)| of_hive(bytes, name)).collect();
    let expected = interpret(&hives, None);
    for version in [Version::Four, Version::Five] {
        let facts = of_export(&whole(HOST, version));
        let report = interpret(&[facts], None);
        let [host] = report.hosts.as_slice() else { panic!("{:?}", report.hosts) };
        let hive_host = &expected.hosts[0];
        assert_eq!(host.licensing_mode.value, hive_host.licensing_mode.value);
        assert_eq!(
            host.system.computer_name.as_ref().map(|it| &it.text),
            hive_host.system.computer_name.as_ref().map(|it| &it.text)
        );
        assert_eq!(report.tokens.len(), expected.tokens.len());
        // An export has no times.
        assert_eq!(host.reference_time.time, None);
        assert!(report.facts.iter().all(|fact| fact.provenance.key_last_written.is_none()));
    }
}

#[test]
fn place_that_is_not_in_an_export_is_never_absent() {
    let text = b"REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSLicensing\\Store]\r\n\
        [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server]\r\n\
        \"fDenyTSConnections\"=dword:00000000\r\n";
    let report = interpret(&[of_export(text)], None);
    let [host] = report.hosts.as_slice() else { panic!("{:?}", report.hosts) };
    for answer in &host.answers {
        let shown = answer.shown.as_str();
        for word in [
            "Neither registry view",
            "no key",
            "No key",
            "no value",
            "is not set",
            "no service",
            "found no",
        ] {
            assert!(!shown.contains(word), "{}: {shown}", answer.code);
        }
    }
    let session = host.answers.iter().find(|it| it.code == "session").unwrap();
    assert_eq!(
        session.shown.as_str(),
        "Whether a token is stored is not determinable: source-1 is an export, which holds only what was exported."
    );
    assert_eq!(host.licensing_mode.value, None);
    let mode = host.licensing_mode.statement.as_str();
    assert!(mode.contains("source-1 is an export"), "{mode}");
    assert!(report.facts.iter().all(|fact| fact.state.is_found()));
    let role = host.license_server.statement.as_str();
    assert!(role.contains("source-1 is an export"), "{role}");
    for finding in &report.findings {
        assert!(finding.severity == calhive::report::Severity::Info, "{finding:?}");
    }
}

#[test]
fn current_control_set_of_an_export_is_in_use_and_a_loaded_hive_has_select() {
    let text = |set: &str| {
        format!(
            "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\{set}\\Control\\Terminal Server\\RCM\\Licensing Core]\r\n\
             \"LicensingMode\"=dword:00000004\r\n"
        )
    };
    let mode = |text: &str| {
        let report = interpret(&[of_export(text.as_bytes())], None);
        report.hosts[0].licensing_mode.clone()
    };
    let live = mode(&text("SYSTEM\\CurrentControlSet"));
    let fact = &of_export(text("SYSTEM\\CurrentControlSet").as_bytes()).facts[0];
    assert_eq!(fact.provenance.line, Some(3));
    assert_eq!(fact.provenance.control_set.as_ref().unwrap().0, 0);
    assert!(live.statement.as_str().contains('4'), "{}", live.statement);
    let loaded = text("OFFLINE_SYSTEM\\ControlSet001");
    let unknown = mode(&loaded);
    assert!(
        unknown.statement.as_str().contains("Select is not in the export"),
        "{}",
        unknown.statement
    );
    let select = "[HKEY_LOCAL_MACHINE\\OFFLINE_SYSTEM\\Select]\r\n\"Current\"=dword:00000001\r\n";
    let known = mode(&(loaded + select));
    assert!(!known.statement.as_str().contains("Select"), "{}", known.statement);
}

#[test]
fn hives_loaded_under_other_names_are_read_apart_from_the_running_windows() {
    let licensing = |root: &str| format!("[{root}\\Microsoft\\MSLicensing]\n");
    let text = format!(
        "REGEDIT4\n{}{}{}",
        licensing("HKEY_LOCAL_MACHINE\\SOFTWARE"),
        licensing("HKEY_LOCAL_MACHINE\\OFFLINE_SOFTWARE"),
        licensing("HKEY_USERS\\OTHER"),
    );
    let all = collect_export(text.as_bytes(), file("all.reg"), Some("ab".repeat(32)));
    let roots: Vec<String> =
        all.iter().map(|facts| facts.form.export().unwrap().roots[0].1.clone()).collect();
    assert_eq!(
        roots,
        [
            r"HKEY_LOCAL_MACHINE\SOFTWARE",
            r"HKEY_LOCAL_MACHINE\OFFLINE_SOFTWARE",
            r"HKEY_USERS\OTHER"
        ]
    );
    assert!(all.iter().all(|facts| facts.facts.len() == 1));
}

#[test]
fn removal_and_repetition_are_remarks_and_no_facts() {
    let text = b"REGEDIT4\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSLicensing\\HardwareID]\n\
        \"ClientHWID\"=hex:01\n\"ClientHWID\"=hex:02\n\"ClientHWID\"=-\n\
        [-HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSLicensing]\n";
    let facts = of_export(text);
    let values: Vec<(Option<u64>, &[u8])> = facts
        .facts
        .iter()
        .filter(|fact| fact.state.is_value())
        .map(|fact| (fact.provenance.line, fact.data.as_slice()))
        .collect();
    assert_eq!(values, [(Some(4), &[2][..]), (Some(3), &[1])]);
    let lines: Vec<u64> = facts.form.export().unwrap().remarks.iter().map(|it| it.line).collect();
    assert_eq!(lines, [4, 5, 6]);
    let report = interpret(&[facts], None);
    let unknown: Vec<&str> = report.hosts[0].unknown.iter().map(|it| it.as_str()).collect();
    assert!(
        unknown
            .iter()
            .any(|it| it.contains("line 6 of source-1 asks the registry editor to delete it")),
        "{unknown:?}"
    );
}

#[test]
fn export_that_only_deletes_is_reported_and_one_without_licensing_is_no_source() {
    let text = b"REGEDIT4\n[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\MSLicensing]\n";
    let facts = of_export(text);
    assert!(facts.facts.is_empty());
    assert_eq!(facts.form.export().unwrap().remarks.len(), 1);
    let report = interpret(&[facts], None);
    assert_eq!(report.hosts.len(), 1);
    for (key, expected) in [
        ("SOFTWARE", 1),
        ("SYSTEM\\ControlSet001", 1),
        ("SOFTWARE\\Microsoft", 1),
        ("SOFTWARE\\Other", 0),
        ("OTHER", 0),
    ] {
        let text = format!("REGEDIT4\n[-HKEY_LOCAL_MACHINE\\{key}]\n");
        assert_eq!(collect_export(text.as_bytes(), file("a.reg"), None).len(), expected, "{key}");
    }
    let text = b"REGEDIT4\n[HKEY_CURRENT_USER\\Software\\A]\n";
    assert!(collect_export(text, file("a.reg"), None).is_empty());
}

#[test]
fn license_file_is_a_token_of_its_own_host_without_a_registry() {
    let license =
        hive_forge::token::TokenSpec::generation(hive_forge::token::Generation::Server2012)
            .encode();
    let length = u32::try_from(license.len()).unwrap().to_le_bytes();
    let wallix = [&[7; 20][..], &length, &license].concat();
    for (bytes, words) in [(&license, "FreeRDP and rdesktop"), (&wallix, "WALLIX")] {
        let facts = collect_license_file(bytes, file("licenses/ab.cal"), None).unwrap();
        let report = interpret(&[facts], None);
        let [token] = report.tokens.as_slice() else { panic!("{:?}", report.tokens) };
        assert!(token.license.is_some() && token.origin == Some(Origin::LicenseFile));
        let host = &report.hosts[0];
        let session = host.answers.iter().find(|it| it.code == "session").unwrap();
        let shown = session.shown.as_str();
        assert!(shown.contains(&format!("is in a license file in the form of {words}")), "{shown}");
        assert!(host.pairing_statement.as_str().contains("no registry was read"));
    }
    assert!(collect_license_file(b"regf", file("x"), None).is_none());
}

#[test]
fn many_values_deep_paths_and_many_roots_cost_memory_in_proportion() {
    let store = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\MSLicensing\Store\LICENSE000";
    let mut text = format!("REGEDIT4\n[{store}]\n");
    (0..60_000).for_each(|number| text += &format!("\"v{number}\"=hex:\n"));
    (0..60_000).for_each(|_| text += "\"same\"=hex:01\n");
    text += &format!("[{store}{}]\n@=\"deep\"\n", "\\a".repeat(200_000));
    let facts = of_export(text.as_bytes());
    assert!(facts.facts.len() > 1000 && facts.facts.len() < text.len() / 256);
    assert_eq!(facts.unread.total, 1);
    let mut text = String::from("REGEDIT4\n");
    (0..5_000).for_each(|number| text += &format!("[HKLM\\X{number}\\Microsoft\\MSLicensing]\n"));
    assert_eq!(collect_export(text.as_bytes(), file("roots.reg"), None).len(), 256);
}

#[test]
fn mutated_exports_are_collected_without_panic() {
    let cases = u64::from(hive_forge::cases::cases(60));
    let bases = [
        whole("windows-10-client-with-token", Version::Five),
        whole("windows-10-client-with-token", Version::Four),
    ];
    for case in 0..cases {
        let mut bytes = bases[case as usize % 2].clone();
        mutate_text(&mut bytes, b"\"\\[]=-\r\n\0", &mut Rng::nth(0x89AB_CDEF, case));
        let facts = collect_export(&bytes, file("m.reg"), None);
        let report = interpret(&facts, None);
        assert!(report.facts.iter().all(|fact| fact.provenance.line.is_some()), "{case}");
    }
}
