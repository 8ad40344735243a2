// SPDX-License-Identifier: GPL-3.0-or-later
//! States of one installation in every format: a client with shadow copies, a backup and the previous Windows.

use std::fs;

use hive_forge::finding;

use super::redact::{has, originals, outputs};
use super::schema::{assert_valid, validator};
use super::{Folder, calhive, calhive_in, calhive_wide};

/// A folder with the hives of a case that raise its finding.
fn folder() -> Folder {
    let folder = Folder::new();
    let cases = finding::cases();
    let case = cases.into_iter().find(|case| case.code == "copies.token_removed").unwrap();
    for (path, bytes) in &case.raises {
        folder.file(path, bytes);
    }
    folder
}

#[test]
fn screen_names_the_states_and_what_was_removed() {
    let folder = folder();
    let screen = calhive_in(&folder.0, ["scan", "-q", ".", "--host", "host-1"]).code(0);
    let text = screen.text().split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "COPIES 5 states: previous Windows, shadow copy 4, shadow copy 5, backup (RegBack) (the same bytes), in use",
        "LICENSE000 removed between 2023-10-16 15:51:33 (backup (RegBack), latest key timestamp) and \
         2023-11-14 16:20:41 (in use, latest key timestamp)",
        "3 other changes: 2 appeared, 1 differs; --details=copies lists all",
        "notice copies.token_removed",
    ] {
        assert!(text.contains(part), "{part}: {}", screen.text());
    }
    let copy = calhive_in(&folder.0, ["scan", "-q", ".", "--host", "host-2"]).code(0);
    assert!(
        copy.text().contains("COPIES            shadow copy 4 of installation-1"),
        "{}",
        copy.text()
    );
}

#[test]
fn details_have_each_state_with_its_license_and_each_change_with_both_places() {
    let folder = folder();
    let details = calhive_wide(["scan", "-q", folder.path(), "--details=copies"]).code(0);
    for part in [
        "  state-1: previous Windows, host-4 (2022-06-07 16:02:51 UTC, latest key timestamp)\n",
        "    the same bytes as state-3\n",
        "  state-2 to state-3: differs: token, LICENSE000\n",
        "; another token of the same license with a later end\n",
        "  state-4 to state-5: removed: token, LICENSE000\n",
        "RegBack/SOFTWARE at 0x",
        "    state-5: nothing; read whole at this place\n",
    ] {
        assert!(details.text().contains(part), "{part}: {}", details.text());
    }
}

#[test]
fn copies_are_in_every_machine_format_and_match_the_schema() {
    let folder = folder();
    let validator = validator();
    let report = calhive(["scan", "-q", folder.path(), "--format", "json"]).code(0).json();
    assert_valid(&validator, &report, "document");
    let states = report["copies"][0]["states"].as_array().unwrap().len();
    let changes = report["copies"][0]["changes"].as_array().unwrap().len();
    assert_eq!((states, changes), (5, 4));
    let lines = calhive(["scan", "-q", folder.path(), "--format", "jsonl"]).code(0).lines();
    lines.iter().for_each(|line| assert_valid(&validator, line, "line"));
    let copies: Vec<_> = lines.iter().filter(|line| line["record"] == "copies").collect();
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0]["states"], report["copies"][0]["states"]);
    let out = Folder::new();
    calhive(["scan", "-q", folder.path(), "-o", out.path()]).code(0);
    let mut rows = csv::Reader::from_path(out.0.join("copies.csv")).unwrap();
    let records: Vec<String> =
        rows.records().map(|row| row.unwrap().get(1).unwrap().to_owned()).collect();
    let expected = [&["state"; 5][..], &["change"; 4][..]].concat();
    assert_eq!(records, expected);
    let html = fs::read_to_string(out.0.join("report.html")).unwrap();
    for part in [
        "<section id=\"copies\">",
        "id=\"state-5\"",
        "the same bytes as <a class=\"id\" href=\"#state-3\">",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn redacted_copies_have_no_original_name() {
    let (folder, maps) = (folder(), Folder::new());
    let map = maps.0.join("map.json");
    let map = map.to_str().unwrap();
    let outputs = outputs(folder.path(), map);
    let originals = originals(map);
    assert!(originals.iter().any(|(kind, _, _)| kind == "user"));
    for (kind, _, original) in originals.iter().filter(|(kind, _, _)| kind != "serial") {
        for (name, text) in &outputs {
            let is_there = has(&text.to_uppercase(), &original.to_uppercase());
            assert!(!is_there, "{kind} {original} is in {name}");
        }
    }
}
