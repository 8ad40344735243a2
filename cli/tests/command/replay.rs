// SPDX-License-Identifier: GPL-3.0-or-later
//! Dirty hives with the logs that lie beside them: what every command shows, what `replay` writes, and
//! that no file of evidence changes.

use std::fs;
use std::path::Path;

use hive_forge::canonical::{canonical, sha256};
use hive_forge::checksum;
use hive_forge::log::{Dirty, states};
use serde_json::Value as Json;

use crate::{Folder, calhive};

/// A hive and its logs in a folder, and a folder for what is written.
struct Case {
    evidence: Folder,
    written: Folder,
    hive: String,
    dirty: Dirty,
}

impl Case {
    fn new(dirty: Dirty) -> Self {
        let evidence = Folder::new();
        let hive = evidence.file("SYSTEM", &dirty.primary);
        for (name, log) in &dirty.logs {
            evidence.file(&format!("SYSTEM.{name}"), &log.bytes);
        }
        Self { evidence, written: Folder::new(), hive, dirty }
    }

    fn named(name: &str) -> Self {
        Self::new(states().into_iter().find(|state| state.name == name).unwrap())
    }

    fn log(&self, name: &str) -> String {
        format!("{}.{name}", self.hive)
    }

    fn output(&self) -> String {
        self.written.0.join("recovered").to_str().unwrap().to_owned()
    }

    /// The hash of every file of evidence.
    fn hashes(&self) -> Vec<(String, String)> {
        let mut hashes: Vec<(String, String)> = fs::read_dir(self.evidence.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.display().to_string(), sha256(&fs::read(path).unwrap())))
            .collect();
        hashes.sort();
        hashes
    }

    /// The canonical form that a command writes.
    fn canonical(&self, hive: &str, args: &[&str]) -> String {
        let run = calhive(["walk", hive, "--format", "canonical", "-q"].iter().chain(args));
        run.text().to_owned()
    }
}

/// Whether something is left of the base block.
fn is_hive(dirty: &Dirty) -> bool {
    dirty.primary.starts_with(b"regf")
}

#[test]
fn every_state_is_shown_as_its_last_whole_update_left_it() {
    let (mut applied, mut incomplete) = (0, 0);
    for dirty in states().into_iter().filter(is_hive) {
        let case = Case::new(dirty);
        let (before, name) = (case.hashes(), &case.dirty.name);
        if let Some(tree) = &case.dirty.tree {
            let expected = String::from_utf8(canonical(tree)).unwrap();
            for args in [&[][..], &["--no-mmap"]] {
                assert!(case.canonical(&case.hive, args) == expected, "{name} {args:?}");
            }
        }
        if !case.dirty.applied.is_empty() {
            let output = case.output();
            let run = calhive(["replay", &case.hive, "-o", &output]);
            let is_incomplete = run.text().contains("newer changes may be missing");
            let run = run.code(if is_incomplete { 3 } else { 0 });
            let is_named = run.err.contains("not applied, or applied only in part");
            assert_eq!(is_named, is_incomplete, "{name}: {run:?}");
            incomplete += u32::from(is_incomplete);
            let written = fs::read(&output).unwrap();
            let word = |at: usize| u32::from_le_bytes(written[at..at + 4].try_into().unwrap());
            assert_eq!((word(4), word(28), word(508)), (word(8), 0, checksum(&written)), "{name}");
            assert_eq!(written.len(), 4096 + word(40) as usize, "{name}");
            assert!(written[4096..] == *case.dirty.expected_bins(), "{name}");
            applied += 1;
        }
        assert_eq!(case.hashes(), before, "{name}");
    }
    println!(
        "{applied} states written as clean hives, {incomplete} of them without the newest changes"
    );
    assert!(applied > 30 && (3..10).contains(&incomplete), "{incomplete}");
}

#[test]
fn a_hive_is_shown_as_its_file_lies_where_that_is_asked_for() {
    let case = Case::named("nothing written");
    let with = case.canonical(&case.hive, &[]);
    let without = case.canonical(&case.hive, &["--no-replay"]);
    assert_ne!(with, without);
    let one = case.log("LOG1");
    let first = case.canonical(&case.hive, &["--log", &one]);
    assert!(first != with && first != without, "one of two logs was named");
    let elsewhere = case.written.file("copy of a log", &fs::read(case.log("LOG2")).unwrap());
    let both = case.canonical(&case.hive, &["--log", &elsewhere, "--log", &one]);
    assert_eq!(both, with, "in any order, from anywhere");
    calhive(["walk", &case.hive, "--no-replay", "--log", &one]).code(2);
    let run = calhive(["walk", &case.hive, "--log", "no/such/log"]).code(1);
    assert!(run.err.starts_with("calhive: no/such/log: "), "{run:?}");
    let run = calhive(["get", &case.hive, "", "--no-replay"]).code(0);
    assert_eq!(run.err, "");
}

#[test]
fn what_was_done_is_told() {
    let case = Case::named("older entries left over");
    let run = calhive(["replay", &case.hive, "--format", "json"]).code(0);
    let done = run.json();
    let replay = &done["replay"];
    let statement = "the base block marks the file as dirty; applied entry 2 of SYSTEM.LOG1 and entries \
                     3 to 5 of SYSTEM.LOG2";
    assert!(run.err.contains(&format!("calhive: {}: {statement}\n", case.hive)), "{run:?}");
    assert_eq!((&replay["text"], &replay["state"]), (&statement.into(), &"applied".into()));
    assert_eq!(done["sha256"], sha256(&case.dirty.primary));
    assert_eq!(done["output"], serde_json::Value::Null);
    let log = &replay["logs"][0];
    assert_eq!(log["sha256"], sha256(&case.dirty.logs[0].1.bytes));
    assert_eq!((&log["format"], &log["applied"]), (&"new".into(), &1.into()), "{log}");
    assert!(replay["logs"][1]["left_over"].as_u64().unwrap() > 0, "{replay}");
    assert!(replay["changed"].as_u64().unwrap() > 0, "{replay}");
    let info = calhive(["info", &case.hive]).code(0);
    assert!(info.text().contains(statement), "{info:?}");
    assert!(info.text().contains(&format!("SHA-256              {}", sha256(&case.dirty.primary))));
}

#[test]
fn logs_that_cannot_be_applied_are_named() {
    let case = Case::named("first entry damaged");
    for command in ["walk", "info", "replay"] {
        let run = calhive([command, &case.hive]).code(3);
        assert!(run.err.contains("no log could be applied"), "{run:?}");
        assert!(run.err.contains(&format!("  {}: no usable update: ", case.log("LOG1"))));
    }
    let run = calhive(["replay", &case.hive, "-o", &case.output()]).code(1);
    assert!(run.err.contains("nothing was written"), "{run:?}");
    assert!(!Path::new(&case.output()).exists());
    // An empty log is a normal thing.
    let alone = Folder::new();
    let hive = alone.file("SYSTEM", &case.dirty.primary);
    alone.file("SYSTEM.LOG1", b"");
    let run = calhive(["info", &hive]).code(0);
    assert!(run.err.contains("no log was found"), "{run:?}");
}

#[test]
fn a_clean_hive_is_written_as_it_is() {
    let case = Case::named("clean, stale logs");
    let run = calhive(["replay", &case.hive, "-o", &case.output()]).code(0);
    assert!(
        run.text().contains("the base block marks the file as clean, so 2 logs were not applied"),
        "{run:?}"
    );
    assert!(fs::read(case.output()).unwrap() == case.dirty.primary);
    assert_eq!(run.err, "");
}

#[test]
fn evidence_is_never_written_to() {
    let case = Case::named("nothing written");
    let before = case.hashes();
    for (output, why) in [
        (case.hive.clone(), "is evidence; calhive never modifies evidence"),
        (case.log("LOG1"), "is evidence; calhive never modifies evidence"),
        (case.log("new"), "choose a folder without evidence"),
    ] {
        for force in [&[][..], &["--force"]] {
            let args = ["replay", &case.hive, "-o", &output];
            let run = calhive(args.iter().chain(force)).code(1);
            assert!(run.err.contains(why), "{run:?}");
        }
    }
    assert_eq!(case.hashes(), before);
    // By another way to the same file.
    #[cfg(unix)]
    {
        let link = case.written.0.join("link");
        std::os::unix::fs::symlink(&case.hive, &link).unwrap();
        let link = link.to_str().unwrap();
        let run = calhive(["replay", &case.hive, "-o", link, "--force"]).code(1);
        assert!(run.err.contains("is evidence"), "{run:?}");
        assert_eq!(case.hashes(), before);
        fs::remove_file(link).unwrap();
    }
    let exists = case.written.file("recovered", b"something else");
    let run = calhive(["replay", &case.hive, "-o", &exists]).code(1);
    assert!(run.err.contains("exists; --force overwrites it"), "{run:?}");
    assert_eq!(fs::read(&exists).unwrap(), b"something else");
    calhive(["replay", &case.hive, "-o", &exists, "--force"]).code(0);
    assert!(fs::read(&exists).unwrap().starts_with(b"regf"));
    let left: Vec<_> = fs::read_dir(case.written.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "no part of a file is left");
    calhive(["replay", &case.hive, "-o", case.written.path(), "--force"]).code(1);
    calhive(["replay", &case.hive, "-o", "no/such/folder/file"]).code(1);
}

#[test]
fn what_comes_from_a_log_says_from_where() {
    let case = Case::named("nothing written");
    let recovered = case.output();
    calhive(["replay", &case.hive, "-o", &recovered]).code(0);
    let (base, after) = (fs::read(&case.hive).unwrap(), fs::read(&recovered).unwrap());
    let lines = calhive(["walk", &case.hive, "--format", "jsonl"]).code(0).lines();
    let (mut replayed, mut live) = (0, 0);
    for line in lines.iter().filter(|line| line["record"] == "key") {
        let at = usize::try_from(line["offset"].as_u64().unwrap()).unwrap();
        let cell = |hive: &[u8]| {
            let size = i32::from_le_bytes(after[at..at + 4].try_into().unwrap()).unsigned_abs();
            hive.get(at..at + size as usize).map(<[u8]>::to_vec)
        };
        let differs = cell(&base) != cell(&after);
        assert_eq!(line.get("from_logs").is_some(), differs, "{line}");
        for entry in line["from_logs"].as_array().into_iter().flatten() {
            let log = fs::read(entry["log"].as_str().unwrap()).unwrap();
            let number = |field: &str| usize::try_from(entry[field].as_u64().unwrap()).unwrap();
            assert_eq!(log[number("log_offset")], after[number("offset")], "{entry}");
            let place = number("offset").to_string();
            let at =
                calhive(["info", &case.hive, "--at", &place, "--format", "json"]).code(0).json();
            assert_eq!(at["from_log"]["log"], entry["log"], "{at}");
        }
        if differs { replayed += 1 } else { live += 1 }
    }
    assert!(replayed > 0 && live > 0, "{replayed} {live}");
}

/// What a report says of a value: its state, data and origin.
fn fact<'r>(report: &'r Json, file: &str, key: &str, value: &str) -> Option<&'r Json> {
    let all = |of: &str| report[of].as_array().unwrap().iter();
    let source = all("sources").find(|it| it["path"].as_str().unwrap().ends_with(file))?;
    all("facts").find(|fact| {
        let place = &fact["provenance"];
        fact["source"] == source["id"]
            && place["key_path"] == key
            && place["value_name"] == value
            && fact["state"] == "set"
    })
}

/// The report of a scenario tells which values come from logs: those that its hives alone do not hold.
#[test]
fn what_comes_from_logs_is_told_per_host() {
    let (mut from_logs, mut applied) = (0, 0);
    for scenario in hive_forge::scenario::with_logs() {
        let folder = super::scenario(scenario.name);
        let scan = |more: &[&str]| {
            let args = ["scan", "-q", "--format", "json", folder.to_str().unwrap()];
            calhive(args.iter().chain(more)).json()
        };
        let (with, without) = (scan(&[]), scan(&["--no-replay"]));
        let mut expected = 0;
        for (file, (key, value)) in scenario.from_logs() {
            let Some(value) = value else { continue };
            let name = format!("{}: {file} {key} {value}", scenario.name);
            let found = fact(&with, file, key, value).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(found["provenance"]["origin"], "replayed", "{name}");
            let entry = &found["provenance"]["from_logs"][0];
            let log = fs::read(entry["log"].as_str().unwrap()).unwrap();
            assert!(entry["log_offset"].as_u64().unwrap() < log.len() as u64, "{name}: {entry}");
            let before = fact(&without, file, key, value).map(|fact| &fact["data"]);
            assert_ne!(before, Some(&found["data"]), "{name} is in the hive alone");
            let hosts = with["hosts"].as_array().unwrap().iter();
            let told = hosts.flat_map(|host| host["logs"].as_array().unwrap()).any(|logs| {
                let is_ours = logs["source"] == found["source"];
                is_ours && logs["facts"].as_array().unwrap().contains(&found["id"])
            });
            assert!(told, "{name}: no host tells of {}", found["id"]);
            expected += 1;
        }
        let facts = |report: &Json| {
            let facts = report["facts"].as_array().unwrap().iter();
            facts
                .filter(|fact| fact["provenance"]["origin"] == "replayed")
                .filter(|fact| fact["state"] == "set")
                .count()
        };
        assert_eq!(facts(&with), expected, "{}: no other value does", scenario.name);
        assert_eq!(facts(&without), 0, "{}", scenario.name);
        from_logs += expected;
        for logged in &scenario.logged {
            let source = with["sources"].as_array().unwrap().iter();
            let source =
                source.into_iter().find(|it| it["path"].as_str().unwrap().ends_with(logged.file));
            let replay = &source.unwrap()["replay"];
            let updates: u64 = replay["logs"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|log| log["applied"].as_u64().unwrap())
                .sum();
            assert_eq!(updates, logged.dirty.applied.len() as u64, "{}", scenario.name);
            applied += updates;
        }
    }
    println!("{from_logs} values from {applied} updates");
    assert!(from_logs > 10 && applied > 8);
}
