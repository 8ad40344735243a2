// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive info`, `--check`, `--at`.

use super::{OnDisk, calhive, forged, tree};
use hive_forge::{Forged, Options, SEGMENT, canonical};

fn info(hive: &str, args: &[&str]) -> super::Run {
    calhive(["info", hive].iter().chain(args))
}

#[test]
fn a_sound_hive_is_described() {
    let forged = forged();
    let hive = OnDisk::new(&forged.bytes);
    let run = info(&hive.path, &[]).code(0);
    assert_eq!(run.err, "");
    for expected in [
        "version              1.5\n",
        "sequence numbers     1 and 1\n",
        "state                clean\n",
        "file name            emRoot\\System32\\Config\\FORGED\n",
        "checksum             valid: ",
        "keys                 5\n",
        "values               8\n",
        &format!("SHA-256              {}\n", canonical::sha256(&forged.bytes)),
    ] {
        assert!(run.text().contains(expected), "{expected:?} in {}", run.text());
    }
    let json = info(&hive.path, &["--format", "json"]).code(0).json();
    assert_eq!(json["sha256"], canonical::sha256(&forged.bytes));
    assert_eq!((&json["keys"], &json["values"]), (&5.into(), &8.into()));
    assert_eq!(json["base_block"]["is_dirty"], false);
    assert_eq!(json["base_block"]["checksum_stored"], forged.get("base", "checksum"));
    assert_eq!(json["base_block"]["checksum_computed"], forged.get("base", "checksum"));
    let free = forged.records().filter(|record| record.starts_with("free ")).count();
    assert!(free > 0);
    assert_eq!(json["cells"]["free"], free);
}

#[test]
fn dirt_is_told_in_words() {
    let options = Options { secondary_sequence: 0, ..Options::default() };
    let hive = OnDisk::new(&hive_forge::write(&tree(), &options).bytes);
    let run = info(&hive.path, &[]).code(0);
    assert!(run.text().contains("dirty: the sequence numbers differ\n"), "{run:?}");
    let note = "the base block marks the file as dirty, but no log was found; changes that are in logs only, if any, are not shown";
    assert!(run.text().contains(note) && run.err.contains(note), "{run:?}");
    let mut forged = forged();
    forged.set("base", "checksum", 7);
    let hive = OnDisk::new(&forged.bytes);
    let run = info(&hive.path, &[]).code(0);
    assert!(run.text().contains("dirty: the checksum is wrong\n"), "{run:?}");
    assert!(run.text().contains("invalid: stored 0x00000007, computed "), "{run:?}");
}

#[test]
fn what_cannot_be_read_is_named_and_changes_the_exit_code() {
    let mut forged = forged();
    forged.set("list ", "element 1", 0xFFFF_FFFF).seal();
    let hive = OnDisk::new(&forged.bytes);
    for args in [&[][..], &["--format", "json"], &["--check"]] {
        let run = info(&hive.path, args).code(3);
        let start = format!(
            "calhive: {}: could not be read completely (1 fault)\n  key node (nk) ",
            hive.path
        );
        assert!(run.err.contains(&start), "{}", run.err);
    }
}

#[test]
fn check_lists_faults_by_offset() {
    let hive = OnDisk::new(&forged().bytes);
    let run = info(&hive.path, &["--check"]).code(0);
    assert_eq!(run.text(), "no faults\n");
    let json = info(&hive.path, &["--check", "--format", "json"]).code(0).json();
    assert_eq!((&json["fault_count"], json["faults"].as_array().unwrap().len()), (&0.into(), 0));

    let mut forged = forged();
    forged.set("list ", "hash 0", 0).set("bin 0", "spare", 1).set("base", "checksum", 1);
    let place = forged.field("list ", "hash 0").start;
    let hive = OnDisk::new(&forged.bytes);
    let run = info(&hive.path, &["--check"]).code(0);
    let lines: Vec<&str> = run.text().lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].starts_with("0x000001fc  repairable     base block: checksum is 0x00000001,"),
        "{lines:?}"
    );
    let start = format!("{place:#010x}  contradiction  subkey list: hash is 0,");
    assert!(lines[1].starts_with(&start), "{lines:?}");
    assert!(run.err.ends_with("calhive: 2 faults found\n"), "{}", run.err);
    let json = info(&hive.path, &["--check", "--format", "json"]).code(0).json();
    assert_eq!(json["faults"][1]["offset"], place);
    assert_eq!(json["faults"][1]["severity"], "contradiction");
}

/// The answer for the first byte of a field.
fn at(forged: &Forged, hive: &str, record: &str, field: &str) -> serde_json::Value {
    let offset = forged.field(record, field).start.to_string();
    info(hive, &["--at", &offset, "--format", "json"]).code(0).json()
}

#[test]
fn every_byte_has_an_owner() {
    let mut forged = forged();
    forged.bytes.extend_from_slice(b"remnant");
    let hive = OnDisk::new(&forged.bytes);
    for (record, field, region, structure, key, value) in [
        ("key ", "parent", "allocated cell", "key node (nk)", "the root", None),
        ("key Alpha\\Below", "flags", "allocated cell", "key node (nk)", "Alpha\\Below", None),
        ("class Alpha", "name", "allocated cell", "class name", "Alpha", None),
        ("values Alpha", "element 0", "allocated cell", "value list", "Alpha", None),
        ("list ", "hash 0", "allocated cell", "subkey list", "the root", None),
        ("security 0", "flink", "allocated cell", "security cell (sk)", "the root", None),
        ("value Alpha:text", "name", "allocated cell", "value (vk)", "Alpha", Some("text")),
        ("value Alpha:", "flags", "allocated cell", "value (vk)", "Alpha", Some("@")),
        ("data Alpha:text", "data", "allocated cell", "value data", "Alpha", Some("text")),
        ("data Alpha:big", "segments", "allocated cell", "big data (db)", "Alpha", Some("big")),
    ] {
        let json = at(&forged, &hive.path, record, field);
        assert_eq!(json["region"], region, "{record}");
        let owner = &json["owners"][0];
        assert_eq!(owner["structure"], structure, "{record}");
        assert_eq!((&owner["key"], &owner["value"]), (&key.into(), &value.into()), "{record}");
        assert_eq!(owner["is_slack"], false, "{record}");
    }
    assert_eq!(at(&forged, &hive.path, "base", "checksum")["field"], "checksum");
    let bin = at(&forged, &hive.path, "bin 1", "size");
    assert_eq!((&bin["region"], &bin["field"]), (&"header of a bin".into(), &"size".into()));
    let flags = at(&forged, &hive.path, "key Alpha", "flags");
    assert_eq!(flags["owners"][0]["field"], "flags");
    assert_eq!(at(&forged, &hive.path, "security 0", "flink")["owner_count"], 5);
    let size = at(&forged, &hive.path, "key Beta", "cell_size");
    assert_eq!(size["owners"][0]["field"], "size of the cell");
    let free = at(&forged, &hive.path, "free 0", "cell_size");
    assert_eq!((&free["region"], free["owner_count"].as_u64()), (&"free cell".into(), Some(0)));
    let end = forged.bytes.len();
    let json = info(&hive.path, &["--at", &format!("{:#x}", end - 1), "--format", "json"]).json();
    assert_eq!(json["region"], "after the last bin");
    assert_eq!((&json["remnant"]["within"], &json["remnant"]["size"]), (&6.into(), &7.into()));
}

#[test]
fn slack_is_told_from_what_is_used() {
    let forged = forged();
    let hive = OnDisk::new(&forged.bytes);
    let is_slack = |at: usize| {
        let json = info(&hive.path, &["--at", &at.to_string(), "--format", "json"]).code(0).json();
        json["owners"][0]["is_slack"].clone()
    };
    // 40 bytes in a cell of 48 with its header.
    let data = forged.field("data Alpha:binary", "data").start;
    assert_eq!((is_slack(data + 39), is_slack(data + 40)), (false.into(), true.into()));
    let first = forged.field("segment Alpha:big:0", "data").start;
    assert_eq!(is_slack(first + SEGMENT - 1), false);
    let name = forged.field("key Alpha", "name");
    assert_eq!((is_slack(name.end - 1), is_slack(name.end)), (false.into(), true.into()));
    let run = info(&hive.path, &["--at", &name.end.to_string()]).code(0);
    assert!(run.text().contains("slack "), "{run:?}");
}

#[test]
fn offsets_beyond_the_file_are_refused() {
    let forged = forged();
    let hive = OnDisk::new(&forged.bytes);
    let run = info(&hive.path, &["--at", &forged.bytes.len().to_string()]).code(1);
    assert!(run.err.contains("is beyond the end of the file"), "{run:?}");
    assert!(run.out.is_empty());
    info(&hive.path, &["--at", "twelve"]).code(2);
    info(&hive.path, &["--at", "12", "--check"]).code(2);
}
