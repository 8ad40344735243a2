// SPDX-License-Identifier: GPL-3.0-or-later
//! `scan --redact MAP`.

use alloc::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hive_forge::scenario as scenarios;
use serde_json::Value;

use super::{Folder, calhive, scenario};

const FORMATS: [&str; 9] =
    ["table", "json", "jsonl", "html", "markdown", "csv", "timesketch", "bodyfile", "tln"];

/// Kind, pseudonym and spelling of each original in a map.
pub(super) fn originals(map: &str) -> Vec<(String, String, String)> {
    let map: Value = serde_json::from_slice(&fs::read(map).unwrap()).unwrap();
    assert_eq!(map["schema"], "urn:calhive:pseudonyms:1");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of_one = |one: &Value| {
        let (kind, pseudonym) = (text(&one["kind"]), text(&one["pseudonym"]));
        let originals = one["originals"].as_array().unwrap().clone();
        originals.into_iter().map(move |it| (kind.clone(), pseudonym.clone(), text(&it)))
    };
    map["pseudonyms"].as_array().unwrap().iter().flat_map(of_one).collect()
}

/// Names in the hives of the scenarios, found without the map.
const KNOWN: [&str; 11] = [
    "RDLIC0",
    "RDSH0",
    "RDCB0",
    "CLIENT0",
    "PC-ACCOUNTS",
    "LT-7F3K",
    "STANDALONE1",
    "CORP.EXAMPLE",
    "DC=CORP",
    "ALICE",
    "CAROL",
];

/// All outputs of a redacted scan of a folder, by name.
pub(super) fn outputs(hives: &str, map: &str) -> Vec<(String, String)> {
    let out = Folder::new();
    let mut all = Vec::new();
    let mut scan = |name: &str, extra: &[&str]| {
        let args = ["scan", hives, "-q", "--force", "--redact", map].into_iter();
        let args = args.chain(extra.iter().copied());
        let run = calhive(args);
        assert!([0, 3].contains(&run.code), "{name}: {run:?}");
        all.push((name.to_owned(), run.text().to_owned()));
    };
    FORMATS.iter().for_each(|format| scan(format, &["--format", format]));
    scan("details", &["--details"]);
    scan("hosts", &["--hosts"]);
    scan("folder", &["-o", out.path(), "--format", "tln"]);
    let files = fs::read_dir(&out.0).unwrap().map(|it| it.unwrap().path());
    all.extend(files.map(|file| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(file).unwrap())
    }));
    assert_eq!(all.len(), FORMATS.len() + 3 + 12);
    all
}

/// Whether a text has an original as a whole word.
pub(super) fn has(text: &str, original: &str) -> bool {
    let is_edge = |letter: Option<char>| !letter.is_some_and(char::is_alphanumeric);
    text.match_indices(original).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + original.len()..]);
        is_edge(before.chars().last()) && is_edge(after.chars().next())
    })
}

#[test]
fn no_output_of_any_scenario_has_an_original_of_the_map() {
    let (maps, mut kinds, mut seen, mut all) =
        (Folder::new(), BTreeSet::new(), BTreeSet::<&str>::new(), 0);
    for scenario in scenarios::every() {
        let hives = self::scenario(scenario.name);
        let map = maps.0.join(format!("{}.json", scenario.name));
        let map = map.to_str().unwrap();
        let outputs = outputs(hives.to_str().unwrap(), map);
        let upper: Vec<_> = outputs.iter().map(|(name, it)| (name, it.to_uppercase())).collect();
        // Serial numbers are short. Another test reads their fields.
        for (kind, _, original) in originals(map).iter().filter(|(kind, _, _)| kind != "serial") {
            for (name, text) in &upper {
                let is_there = has(text, &original.to_uppercase());
                assert!(!is_there, "{}: {kind} {original} is in {name}", scenario.name);
                all += 1;
            }
            kinds.insert(kind.clone());
        }
        let plain = calhive(["scan", "-q", "--format", "json", hives.to_str().unwrap()]);
        let plain = plain.text().to_uppercase();
        seen.extend(KNOWN.iter().filter(|known| plain.contains(**known)));
        for (name, text) in &upper {
            let known = KNOWN.iter().find(|known| text.contains(**known));
            assert_eq!(known, None, "{}: {name}", scenario.name);
        }
    }
    let expected = [
        "address",
        "contact",
        "domain",
        "farm",
        "hardware_id",
        "hash",
        "id",
        "machine",
        "path",
        "user",
    ];
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    assert_eq!(seen.len(), KNOWN.len(), "{seen:?}");
    assert!(all > 3000, "{all}");
}

#[test]
fn redacted_report_keeps_relations_times_and_settings() {
    let folder = Folder::new();
    let map = folder.0.join("map.json");
    let map = map.to_str().unwrap();
    let hives = scenario("office-network");
    let hives = hives.to_str().unwrap();
    let scan =
        |args: &[&str]| calhive(["scan", "-q", "--format", "json", hives].iter().chain(args));
    let plain = scan(&[]).json();
    let redacted = scan(&["--redact", map]).json();
    let originals = originals(map);
    let pseudonym = |kind: &str, original: &str| {
        let found = originals.iter().find(|it| it.0 == kind && it.2 == original);
        found.unwrap_or_else(|| panic!("{original}: {originals:?}")).1.clone()
    };
    assert_eq!(pseudonym("machine", "RDLIC01"), pseudonym("machine", "rdlic01"));
    assert_ne!(pseudonym("machine", "RDLIC01"), pseudonym("machine", "RDLIC02"));
    for (one, other) in [("hosts", "hosts"), ("facts", "facts"), ("tokens", "tokens")]
        .iter()
        .flat_map(|(one, other)| {
            let (one, other) =
                (plain[one].as_array().unwrap(), redacted[other].as_array().unwrap());
            assert_eq!(one.len(), other.len());
            one.iter().zip(other)
        })
    {
        for field in ["id", "code", "state", "evidence_id", "source", "size", "certificate_kind"] {
            assert_eq!(one[field], other[field]);
        }
        assert!(other.get("data").is_none());
        for field in ["valid_from", "expires", "license_type", "flags"] {
            assert_eq!(one["license"][field], other["license"][field]);
        }
        for certificate in other["certificates"].as_array().into_iter().flatten() {
            assert!(
                certificate["serial"].as_str().unwrap().starts_with("SERIAL-"),
                "{certificate}"
            );
            assert!(certificate.get("extensions").is_none());
        }
    }
    let client = &redacted["tokens"][0]["license"];
    assert_eq!(client["client_reported_user"], pseudonym("user", "alice"));
    assert_eq!(client["client_reported_machine"], pseudonym("machine", "CLIENT01"));
    let name = &redacted["hosts"][0]["system"]["computer_name"]["text"];
    assert_eq!(*name, pseudonym("machine", "CLIENT01"));
    assert_eq!(plain["graph"]["edges"], redacted["graph"]["edges"]);
    // The same run again has the same pseudonyms, and a host is found by its original name.
    let again = scan(&["--redact", map, "--force"]);
    assert_eq!(again.json()["facts"], redacted["facts"]);
    let one =
        calhive(["scan", "-q", hives, "--redact", map, "--force", "--host", "client02"]).code(0);
    assert!(one.text().contains(&pseudonym("machine", "CLIENT02")), "{}", one.text());
}

#[test]
fn map_is_neither_in_an_input_nor_in_the_output_folder_nor_overwritten() {
    let folder = Folder::new();
    let hive = fs::read(scenario("windows-10-client-plain").join("SYSTEM")).unwrap();
    let evidence = folder.file("evidence/SYSTEM", &hive);
    let at = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    let inside = at("evidence/map.json");
    for input in [&evidence, &at("evidence")] {
        let run = calhive(["scan", input, "--redact", &inside]).code(1);
        assert!(run.out.is_empty() && run.err.contains("choose a folder"), "{run:?}");
        assert!(!Path::new(&inside).exists());
    }
    let (out, in_output) = (at("out"), at("out/map.json"));
    let run = calhive(["scan", &evidence, "-o", &out, "--redact", &in_output]).code(1);
    assert!(run.err.contains("map.json is in the output folder"), "{run:?}");
    let map = folder.file("map.json", b"mine");
    let run = calhive(["scan", &evidence, "--redact", &map]).code(1);
    assert!(
        run.out.is_empty() && run.err.contains("map.json exists; --force overwrites it"),
        "{run:?}"
    );
    assert_eq!(fs::read(&map).unwrap(), b"mine");
    calhive(["scan", "-q", &evidence, "--force", "--redact", &map]).code(0);
    assert_ne!(fs::read(&map).unwrap(), b"mine");
}

#[test]
fn manifest_has_pseudonyms_and_hashes_of_the_original_files() {
    let folder = Folder::new();
    let hive = fs::read(scenario("windows-10-client-plain").join("SYSTEM")).unwrap();
    let evidence = folder.file("Secret-Case/SYSTEM", &hive);
    let at = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    let (out, map) = (at("out"), at("map.json"));
    calhive(["scan", "-q", &evidence, "-o", &out, "--redact", &map]).code(0);
    let manifest = fs::read_to_string(folder.0.join("out/manifest.json")).unwrap();
    assert!(!manifest.contains("Secret-Case"), "{manifest}");
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let input = &manifest["inputs"][0];
    assert_eq!(input["path"], "PATH-1/SYSTEM");
    assert_eq!(input["sha256_after"], hive_forge::canonical::sha256(&hive));
    assert_eq!(input["is_unchanged"], true);
    let expected =
        ["calhive", "scan", "-q", "PATH-1/SYSTEM", "-o", "[redacted]", "--redact", "[redacted]"];
    assert_eq!(manifest["command_line"], serde_json::json!(expected));
}

/// JSON of a redacted scan of a scenario.
fn redacted(scenario: &Path) -> String {
    let folder = Folder::new();
    let map = folder.0.join("map.json");
    let hives = scenario.to_str().unwrap();
    let scan = ["scan", "-q", "--format", "json", hives, "--redact", map.to_str().unwrap()];
    calhive(scan).text().to_owned()
}

#[test]
fn observations_of_findings_have_left_out_instead_of_data() {
    let report: Value = serde_json::from_str(&redacted(&scenario("control-sets-differ"))).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let observed = findings.iter().flat_map(|it| it["observed"].as_array().into_iter().flatten());
    let observed: Vec<_> = observed.map(|it| it["text"].as_str().unwrap()).collect();
    let values: Vec<_> = observed.iter().filter(|it| it.contains(": REG_")).collect();
    assert!(!values.is_empty(), "{observed:?}");
    for value in values {
        assert!(value.contains(" [left out]; "), "{value}");
    }
}

#[test]
fn folder_with_a_word_as_its_name_is_path_1_in_messages() {
    let folder = Folder::new();
    let hives = scenario("windows-server-2016-damaged-log").join("Windows/System32/config");
    for file in fs::read_dir(hives).unwrap().map(|it| it.unwrap()) {
        let name = file.file_name().to_string_lossy().into_owned();
        let at = format!("meier/Windows/System32/config/{name}");
        folder.file(&at, &fs::read(file.path()).unwrap());
    }
    let command = std::process::Command::new(env!("CARGO_BIN_EXE_calhive"))
        .current_dir(&folder.0)
        .args(["scan", "meier", "--redact", "map.json", "--format", "json"])
        .output()
        .unwrap();
    let out = String::from_utf8(command.stdout).unwrap();
    assert!(out.contains("\"PATH-1/Windows/System32/config/SYSTEM: 1 log"), "{out}");
    assert!(!out.contains("meier"), "{out}");
}

#[test]
fn serial_number_in_a_name_of_a_certificate_is_an_id() {
    let out = redacted(&scenario("client-licenses-renewed"));
    let numbers: Vec<_> = out.split("serialNumber=").skip(1).collect();
    assert!(!numbers.is_empty());
    for number in numbers {
        assert!(number.starts_with("ID-"), "{number}");
    }
}

#[test]
fn case_exhibit_and_examiner_have_pseudonyms() {
    let folder = Folder::new();
    let at = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    let hives = scenario("office-network");
    let scan = ["scan", "-q", hives.to_str().unwrap(), "--format", "tln"];
    let (out, map) = (at("out"), at("map.json"));
    let case = ["--case", "Case RDLIC01", "--evidence-id", "E rdlic01", "--examiner", "alice"];
    let to = ["-o", &out, "--redact", &map];
    calhive(scan.into_iter().chain(case).chain(to));
    let originals = originals(&map);
    let pseudonym = |original: &str| &originals.iter().find(|it| it.2 == original).unwrap().1;
    let manifest = fs::read(folder.0.join("out/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["case"], format!("Case {}", pseudonym("RDLIC01")));
    assert_eq!(manifest["evidence_id"], format!("E {}", pseudonym("rdlic01")));
    assert_eq!(manifest["examiner"], *pseudonym("alice").as_str());
    let page = fs::read_to_string(folder.0.join("out/report.html")).unwrap();
    assert!(page.contains(&format!("Case {}", pseudonym("RDLIC01"))));
    assert!(!page.to_uppercase().contains("RDLIC01"));
}

#[cfg(all(unix, not(calhive_portable)))]
#[test]
fn map_has_mode_600_and_is_no_device() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new();
    let map = folder.0.join("map.json");
    let hives = scenario("windows-10-client-plain");
    let scan = |map: &str| calhive(["scan", "-q", hives.to_str().unwrap(), "--redact", map]);
    scan(map.to_str().unwrap()).code(0);
    assert_eq!(fs::metadata(&map).unwrap().permissions().mode() & 0o777, 0o600);
    for device in ["/dev/stdout", "/dev/null"] {
        let run = scan(device).code(1);
        assert!(run.out.is_empty() && run.err.contains("is not a regular file"), "{run:?}");
    }
}
