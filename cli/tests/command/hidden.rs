// SPDX-License-Identifier: GPL-3.0-or-later
//! What is hidden by hand: `walk --hidden` adds it, `scan` reports what of it is about licensing, and
//! neither takes it for what Windows would show. Hives without a base block are read.

use hive_forge::manipulated::{self, Case, What};

use crate::{Folder, OnDisk, assert_harmless, calhive};

/// The cases that hide licensing facts of whole machines.
fn licensing() -> impl Iterator<Item = Case> {
    manipulated::cases().into_iter().filter(|case| case.name.starts_with("licensing "))
}

/// Codes of the places of a setting.
fn expected_codes(setting: &str) -> &'static [&'static str] {
    match setting {
        "licensing_mode" => &["host.policy.licensing_mode", "host.rcm.licensing_mode"],
        _ => &[
            "host.policy.license_servers",
            "host.license_servers",
            "host.license_servers.console",
            "host.license_servers.parameters",
        ],
    }
}

#[test]
fn licensing_facts_that_are_hidden_are_reported_as_hidden() {
    let mut found = 0;
    for case in licensing() {
        let name = format!("{} of {}", case.name, case.tree);
        let folder = Folder::new();
        let file = if case.tree.starts_with("SYSTEM") { "SYSTEM" } else { "SOFTWARE" };
        let path = folder.file(file, &case.bytes);
        // An element that names a key twice is a fault as well.
        let report = calhive(["scan", &path, "--format", "json"]).json();
        let facts = report["facts"].as_array().unwrap();
        let hidden: Vec<_> =
            facts.iter().filter(|fact| fact["provenance"]["origin"] == "hidden").collect();
        assert!(!hidden.is_empty(), "{name}");
        let of_host = report["hosts"][0]["hidden"].as_array().unwrap();
        assert_eq!(of_host.len(), hidden.len(), "{name}");
        for expected in &case.hidden {
            let (key, value) = (expected.path.join("\\"), expected.what.value());
            let fact = hidden.iter().find(|fact| {
                let place = &fact["provenance"];
                place["key_path"] == key && value.is_none_or(|value| place["value_name"] == value)
            });
            let Some(fact) = fact else {
                // Not every key on the way is a place of the catalog.
                assert!(matches!(expected.what, What::Key | What::KeyName), "{name}: {expected:?}");
                continue;
            };
            let hiding = &fact["provenance"]["hidden"];
            assert_eq!(hiding["offset"], expected.by.offset, "{name}");
            assert_eq!(hiding["found"], expected.by.found, "{name}");
            assert_eq!(hiding["suggested"], expected.by.original, "{name}");
            assert!(of_host.contains(&fact["id"]), "{name}");
            assert_eq!(fact["second_reader"], serde_json::Value::Null, "{name}");
            if let (Some(data), Some(hex)) = (&expected.data, fact["data"]["hex"].as_str()) {
                let expected: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(hex, expected, "{name}");
            }
            found += 1;
        }
        let table = calhive(["scan", "--details", &path]);
        assert!(table.text().contains("\nOutside the tree, or in it in another form"), "{name}");
        // The value in effect rests on the tree alone. The statement names what lies outside the tree.
        let plain = calhive(["scan", &path, "--live-only", "--format", "json"]).json();
        for setting in ["licensing_mode", "license_servers"] {
            let of =
                |report: &serde_json::Value, part: &str| report["hosts"][0][setting][part].clone();
            assert_eq!(of(&report, "value"), of(&plain, "value"), "{name}");
            let is_at_place = expected_codes(setting).iter().any(|code| {
                let facts = report["facts"].as_array().unwrap().iter();
                facts.clone().any(|it| {
                    it["code"] == *code
                        && of_host.contains(&it["id"])
                        && it["provenance"]["control_set"]["roles"][0] == "current"
                })
            });
            if is_at_place {
                let statement = of(&report, "statement")["text"].clone();
                assert!(
                    statement.as_str().unwrap().contains("lies outside the tree"),
                    "{name}: {statement}"
                );
            } else {
                assert_eq!(of(&report, "statement"), of(&plain, "statement"), "{name}");
            }
        }
        assert_eq!(plain["hosts"][0].get("hidden"), None, "{name}");
    }
    println!("{found} hidden facts");
    assert!(found > 10, "{found}");
}

#[test]
fn walk_adds_what_is_hidden_only_where_that_is_asked_for() {
    for case in licensing() {
        let hive = OnDisk::new(&case.bytes);
        let plain = calhive(["walk", &hive.path]);
        let with = calhive(["walk", &hive.path, "--hidden"]);
        let added = with.text().strip_prefix(plain.text()).unwrap();
        assert!(added.starts_with("\nOutside the tree"), "{added}");
        assert_harmless(added);
        let lines = calhive(["walk", &hive.path, "--hidden", "--format", "jsonl"]).lines();
        let hidden: Vec<_> = lines.iter().filter(|line| line["record"] == "hidden").collect();
        for expected in &case.hidden {
            let path = serde_json::to_value(&expected.path).unwrap();
            let word = expected.what.word().replace(' ', "_");
            let shown = hidden.iter().find(|line| {
                let name = expected.what.value().is_none_or(|name| line["name"] == name);
                line["item"] == word && line["path"] == path && name
            });
            let shown = shown.unwrap_or_else(|| panic!("{}: {expected:?}", case.name));
            assert_eq!(shown["field_offset"], expected.by.offset, "{}", case.name);
            assert_eq!(shown["below"] != serde_json::Value::Null, expected.below, "{shown}");
        }
        let elsewhere = ["walk", &hive.path, "--hidden", "--path", "Select"];
        if case.tree.starts_with("SYSTEM") {
            let run = calhive(elsewhere);
            assert!(!run.text().contains("Outside the tree"), "{run:?}");
        }
    }
    let hive = OnDisk::new(&crate::forged().bytes);
    let run = calhive(["walk", &hive.path, "--hidden"]).code(0);
    assert_eq!(run.text(), calhive(["walk", &hive.path]).code(0).text());
    calhive(["walk", &hive.path, "--hidden", "--format", "canonical"]).code(2);
}

#[test]
fn hives_without_a_base_block_are_read() {
    let whole = crate::forged().bytes;
    let folder = Folder::new();
    let (mut lost, fragment) = (whole.clone(), whole[4096..].to_vec());
    lost[..4096].fill(0);
    for (name, bytes, shift) in [("lost", lost, 0), ("fragment", fragment, 4096)] {
        let path = folder.file(name, &bytes);
        let run = calhive(["walk", &path]).code(3);
        assert!(run.err.contains(&format!("{path}: it has no base block")), "{run:?}");
        assert_eq!(run.err.contains("higher than in the file"), shift > 0, "{run:?}");
        assert!(run.text().starts_with("[ROOT]"), "{run:?}");
        assert_eq!(run.text().matches("REG_").count(), 8, "{run:?}");
        let info = calhive(["info", &path, "--format", "json"]).code(3).json();
        assert_eq!((&info["is_fragment"], &info["keys"]), (&true.into(), &5.into()));
        let report = calhive(["scan", &path, "--format", "json"]).code(3).json();
        assert_eq!(report["sources"][0]["shift"], shift);
        assert_eq!(report["sources"][0]["size"], bytes.len());
    }
    // Logs say where bytes belong in the whole hive: beside a fragment they are left alone.
    let states = hive_forge::log::states();
    let dirty = states.iter().find(|state| state.name == "nothing written, one log").unwrap();
    let beside = Folder::new();
    let path = beside.file("SYSTEM", &dirty.primary[4096..]);
    beside.file("SYSTEM.LOG1", &dirty.logs[0].1.bytes);
    let run = calhive(["walk", &path, "--format", "canonical"]).code(3);
    assert!(
        run.err
            .contains("logs were not applied, because the bins are not at their original offsets")
    );
    assert_eq!(run.out, calhive(["walk", &path, "--format", "canonical", "--no-replay"]).out);
    let run = calhive(["replay", &path]).code(1);
    assert!(run.err.contains("no base block, and no log was applied"), "{run:?}");
    // In a folder it is known by its first bytes; one that begins with something else, if it is named.
    let deep = folder.file("deep", &[&vec![0xFF; 8192], &whole[4096..]].concat());
    let run = calhive(["scan", folder.path()]).code(3);
    assert!(run.err.contains("2 hives read; 1 other file is no hive"), "{run:?}");
    let run = calhive(["scan", &deep]).code(3);
    assert!(run.err.contains("1 hive read"), "{run:?}");
    let text = folder.file("text", b"nothing of a hive");
    let run = calhive(["walk", &text]).code(1);
    assert!(run.err.contains("is not a registry hive"), "{run:?}");
}

/// A hive whose base block is lost is made whole from its log.
#[test]
fn a_lost_base_block_comes_from_the_log() {
    let states = hive_forge::log::states();
    let mut seen = 0;
    for dirty in states.iter().filter(|state| state.primary[..4] == [0; 4]) {
        let folder = Folder::new();
        let path = folder.file("SYSTEM", &dirty.primary);
        for (name, log) in &dirty.logs {
            folder.file(&format!("SYSTEM.{name}"), &log.bytes);
        }
        let expected = hive_forge::canonical::canonical(dirty.tree.as_ref().unwrap());
        let run = calhive(["walk", &path, "--format", "canonical"]).code(0);
        assert!(run.out == expected, "{}", dirty.name);
        let alone = calhive(["walk", &path, "--no-replay"]).code(3);
        assert!(alone.err.contains("it has no base block"), "{alone:?}");
        seen += 1;
    }
    assert!(seen > 1, "{seen}");
}
