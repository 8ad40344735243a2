// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive walk`.

use super::{OnDisk, assert_harmless, calhive, forged, hostile_tree, tree};
use hive_forge::{Options, canonical};

fn walk(hive: &str, args: &[&str]) -> super::Run {
    calhive(["walk", hive].iter().chain(args))
}

#[test]
fn the_tree_has_names_times_and_short_data() {
    let hive = OnDisk::new(&forged().bytes);
    let run = walk(&hive.path, &["--path", "ALPHA"]).code(0);
    assert_eq!(run.err, "");
    let expected = "\
[Alpha]  TIME
  \"binary\" REG_BINARY 0707070707070707070707070707070707070707070707070707070707070707… (40 bytes)
  \"number\" REG_DWORD 16 (0x10)
  \"long\" REG_QWORD 1099511627776 (0x10000000000)
  \"text\" REG_SZ \"some text\"
  @ REG_SZ \"by default\"
  \"texts\" REG_MULTI_SZ \"one\", \"two\"
  \"big\" REG_BINARY 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f… (16441 bytes)
  [Below]  TIME
    \"number\" REG_DWORD 2 (0x2)
";
    let time = run.text().lines().next().unwrap().split_once("  ").unwrap().1;
    assert_eq!(run.text().replace(time, "TIME"), expected);
}

#[test]
fn the_canonical_form_is_that_of_the_independent_writer() {
    for (tree, minor) in [(tree(), 5), (tree(), 3), (hostile_tree(), 6)] {
        let options = Options { minor, ..Options::default() };
        let hive = OnDisk::new(&hive_forge::write(&tree, &options).bytes);
        let run = walk(&hive.path, &["--format", "canonical"]).code(0);
        assert_eq!(
            String::from_utf8_lossy(&run.out),
            String::from_utf8_lossy(&canonical::canonical(&tree))
        );
        let read = walk(&hive.path, &["--format", "canonical", "--no-mmap"]).code(0);
        assert_eq!(read.out, run.out);
    }
}

#[test]
fn json_lines_have_everything() {
    let forged = forged();
    let hive = OnDisk::new(&forged.bytes);
    let run = walk(&hive.path, &["--format", "jsonl"]).code(0);
    let lines = run.lines();
    assert_eq!(lines.iter().filter(|line| line["record"] == "key").count(), 5);
    assert_eq!(lines.iter().filter(|line| line["record"] == "value").count(), 8);
    assert_eq!(lines[0]["path"], serde_json::json!([]));
    let alpha = lines.iter().find(|line| line["path"] == serde_json::json!(["Alpha"])).unwrap();
    assert_eq!(alpha["path_hex"][0], "41006c00700068006100");
    assert_eq!(alpha["class_hex"], "63006c00610073007300");
    assert_eq!(alpha["layer"], "normal");
    let written = forged.get("key Alpha", "last_written").to_string();
    assert_eq!(alpha["last_written_filetime"], written);
    assert_eq!(alpha["offset"], forged.field("key Alpha", "cell_size").start);
    assert_eq!(alpha["security_offset"], forged.field("security 0", "cell_size").start);
    assert_eq!(alpha["security"]["owner"], "S-1-5-32-544");
    assert_eq!(alpha["security"]["dacl"][0]["type"], 0);
    let value = |name: &str| lines.iter().find(|line| line["name"] == name).unwrap();
    assert_eq!(value("binary")["data_hex"], "07".repeat(40));
    assert_eq!(value("binary")["type_name"], "REG_BINARY");
    assert_eq!(value(r"\u{}")["name_hex"], "");
    assert_eq!(value("big")["size"], super::big().len());
    assert_eq!(value("big")["sha256"], canonical::sha256(&super::big()));
    assert!(value("big").get("data_hex").is_none() && value("big").get("error").is_none());
}

#[test]
fn paths_stay_relative_to_the_root_of_the_hive() {
    let hive = OnDisk::new(&forged().bytes);
    let path = r"alpha\below";
    let run = walk(&hive.path, &["--path", path, "--format", "jsonl"]).code(0);
    assert_eq!(run.lines()[1]["path"], serde_json::json!(["Alpha", "Below"]));
    let run = walk(&hive.path, &["--path", path, "--format", "canonical"]).code(0);
    assert!(run.text().starts_with("K|Alpha\u{1F}Below|"), "{run:?}");
    assert_eq!(run.text().lines().count(), 2);
}

#[test]
fn a_missing_key_is_named_with_what_is_there() {
    let hive = OnDisk::new(&forged().bytes);
    let run = walk(&hive.path, &["--path", r"Alpha\Belwo\X"]).code(1);
    let expected = "calhive: no key Belwo in Alpha, which has 1 subkey; for example: Below\n";
    assert_eq!(run.err, expected);
    assert!(run.out.is_empty());
    let run = walk(&hive.path, &["--path", "Alpha/Below"]).code(1);
    assert!(run.err.contains("(use a backslash between key names)"), "{run:?}");
}

#[test]
fn data_that_cannot_be_read_are_left_out_and_named() {
    let mut forged = forged();
    forged.set("value Alpha:binary", "data", 0xFFFF_FFFF);
    let hive = OnDisk::new(&forged.bytes);
    let run = walk(&hive.path, &["--format", "canonical"]).code(3);
    assert_eq!(run.text().lines().count(), 12);
    assert!(!run.text().contains("|binary|"));
    assert!(
        run.err.contains("could not be read completely (1 fault)\n  value binary of Alpha: "),
        "{run:?}"
    );
    let run = walk(&hive.path, &["--format", "jsonl"]).code(3);
    let lines = run.lines();
    let value = lines.iter().find(|line| line["name"] == "binary").unwrap();
    assert!(value["error"].as_str().unwrap().starts_with("value data is missing"), "{value}");
    assert_eq!((&value["size"], &value["available"]), (&40.into(), &0.into()));
    let run = walk(&hive.path, &[]).code(3);
    assert!(run.text().contains("\"binary\" REG_BINARY  (incomplete: value data is"), "{run:?}");
}

#[test]
fn data_that_are_there_in_part_are_shown_in_part() {
    let mut forged = forged();
    forged.set("value Alpha:binary", "data_size", 4000);
    let hive = OnDisk::new(&forged.bytes);
    let lines = walk(&hive.path, &["--format", "jsonl"]).code(3).lines();
    let value = lines.iter().find(|line| line["name"] == "binary").unwrap();
    assert_eq!((&value["size"], &value["available"]), (&4000.into(), &44.into()));
    assert!(value["data_hex"].as_str().unwrap().starts_with("0707"));
}

#[test]
fn faults_have_their_place_among_the_records() {
    let mut forged = forged();
    forged.set("list ", "element 1", 0xFFFF_FFFF).set("key Gamma", "parent", 0);
    let hive = OnDisk::new(&forged.bytes);
    let run = walk(&hive.path, &["--format", "jsonl"]).code(3);
    let lines = run.lines();
    let faults: Vec<_> = lines.iter().filter(|line| line["record"] == "fault").collect();
    assert_eq!(faults.len(), 2);
    assert_eq!(faults[0]["offset"], forged.field("list ", "element 1").start);
    assert!(faults[1]["error"].as_str().unwrap().contains("parent offset is 0"), "{faults:?}");
    assert!(run.err.contains(": 1 fault; reading continued"), "{run:?}");
    assert!(walk(&hive.path, &[]).code(3).text().contains("(unreadable: key node (nk) is missing"));
    walk(&hive.path, &["--format", "canonical"]).code(3);
}

#[test]
fn a_name_that_is_cut_is_not_read_whole() {
    let mut forged = forged();
    forged.set("key Beta", "name_length", 500);
    let hive = OnDisk::new(&forged.bytes);
    let run = walk(&hive.path, &[]).code(3);
    assert!(run.err.contains("key name is truncated"), "{run:?}");
}

#[test]
fn hostile_names_and_data_do_not_get_to_the_terminal() {
    let hive = OnDisk::new(&hive_forge::write(&hostile_tree(), &Options::default()).bytes);
    let run = walk(&hive.path, &[]).code(0);
    assert_harmless(run.text());
    assert!(run.text().contains(r"[\u{1B}[31mred\u{7}\u{A}]"), "{run:?}");
    assert!(run.text().contains(r#""txt.\u{202E}exe\u{D800}" REG_SZ "\u{1B}]0;title\u{7}""#));
    assert!(run.text().contains(r#""a\u{22} REG_SZ \u{22}b" REG_SZ "c\u{22}d""#), "{run:?}");
    let run = walk(&hive.path, &["--format", "jsonl"]).code(0);
    assert_harmless(run.text());
    let run = walk(&hive.path, &["--path", "\x1b[31m"]).code(1);
    assert_harmless(&run.err);
}
