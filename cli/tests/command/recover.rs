// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive recover` and `walk --recovered`: what was deleted, in every format.

use hive_forge::deletion::Edits;
use hive_forge::tree::{Key, Tree};
use hive_forge::{Options, time};

use crate::{Folder, assert_harmless, calhive, forged};

const LATER: u64 = time::DEFAULT + 36_000_000_000;

/// A hive from which a key with a value, and the last value of another, were deleted; both by names that could
/// deceive a reader.
fn edited() -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    let lost = Key::new("Lost\u{202E}").sz("text", "of\u{7} no use");
    let kept = Key::new("Kept").dword("first", 1).dword("last", 7);
    tree.root = tree.root.key(kept).key(lost);
    let mut edits = Edits::new(&tree, &Options::default());
    let lost = *edits.subkeys(edits.root()).last().unwrap();
    edits.delete_key(lost, LATER);
    edits.delete_value(edits.key("Kept"), "last", LATER);
    edits.finish().hive.bytes
}

#[test]
fn what_was_deleted_is_listed_in_every_format() {
    let folder = Folder::new();
    let path = folder.file("SOFTWARE", &edited());
    let table = calhive(["recover", &path]).code(0);
    assert!(table.text().contains(r"[Lost\u{202E}]"), "{}", table.text());
    assert!(table.text().contains(r#""text" REG_SZ "#), "{}", table.text());
    assert!(table.text().contains("free cell at 0x"), "{}", table.text());
    assert!(table.err.contains("1 key and 2 values recovered"), "{}", table.err);
    assert_harmless(table.text());
    let lines = calhive(["recover", &path, "--format", "jsonl"]).code(0).lines();
    let all = calhive(["recover", &path, "--format", "json"]).code(0).json();
    assert_eq!(all["recovered"], serde_json::Value::from(lines.clone()));
    let key = lines.iter().find(|line| line["item"] == "key").unwrap();
    assert_eq!((&key["state"], &key["origin"]), (&"now".into(), &"free_cell".into()));
    assert_eq!((&key["confidence"], &key["path_is_whole"]), (&"high".into(), &true.into()));
    let last = lines.iter().find(|line| line["name"] == "last").unwrap();
    assert_eq!((&last["path"][0], &last["data_hex"]), (&"Kept".into(), &"07000000".into()));
    // Nothing but the slack of a live list names it.
    assert_eq!(last["confidence"], "medium");
}

#[test]
fn a_walk_adds_it_when_asked() {
    let folder = Folder::new();
    let path = folder.file("SOFTWARE", &edited());
    let without = calhive(["walk", &path]).code(0);
    assert!(!without.text().contains("Lost"), "{}", without.text());
    let with = calhive(["walk", &path, "--recovered"]).code(0);
    assert!(with.text().contains(r"[Lost\u{202E}]"), "{}", with.text());
    let below = calhive(["walk", &path, "--recovered", "--path", "Kept", "--format", "jsonl"]);
    let lines = below.code(0).lines();
    let recovered: Vec<_> = lines.iter().filter(|line| line["record"] == "recovered").collect();
    assert_eq!(recovered.len(), 1, "{lines:?}");
    assert_eq!(recovered[0]["name"], "last");
    calhive(["walk", &path, "--recovered", "--format", "canonical"]).code(2);
}

#[test]
fn a_hive_without_deletions_gives_nothing() {
    let folder = Folder::new();
    let path = folder.file("SOFTWARE", &forged().bytes);
    let run = calhive(["recover", &path]).code(0);
    assert_eq!(run.text(), "");
    assert!(run.err.contains("0 keys and 0 values recovered"), "{}", run.err);
    let path = folder.file("no-hive", b"regf?");
    calhive(["recover", &path]).code(1);
}

/// The token of this client was deleted; its logs are older than the hive, and hold it too.
#[test]
fn what_the_hive_and_its_logs_have_alike_is_told_once() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../testdata/hives/windows-10-client-stale-logs/SOFTWARE"
    );
    let lines = calhive(["recover", path, "--format", "jsonl"]).code(0).lines();
    let tokens: Vec<_> = lines.iter().filter(|line| line["name"] == "ClientLicense").collect();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    let token = tokens[0];
    assert_eq!((&token["state"], &token["origin"]), (&"now".into(), &"free_cell".into()));
    assert_eq!((&token["size"], &token["available"]), (&1945.into(), &1945.into()));
    // The record stands where it is said to.
    let hive = std::fs::read(path).unwrap();
    let at = usize::try_from(token["offset"].as_u64().unwrap()).unwrap();
    assert_eq!(&hive[at..at + 2], b"vk");
}
