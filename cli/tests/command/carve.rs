// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive carve`: what it lists, what it writes, and what it refuses.

use std::fs;

use hive_forge::token::{Generation, TokenSpec};

use crate::{Folder, assert_harmless, calhive, calhive_wide, forged};

/// A hive at 0x200, and a token at an odd place behind it.
fn raw(token: &[u8]) -> (Vec<u8>, usize) {
    let hive = forged().bytes;
    let mut raw = vec![7; 0x200];
    raw.extend(&hive);
    raw.extend([0x5A; 333]);
    let at = raw.len();
    raw.extend(token);
    raw.extend([0; 100]);
    (raw, at)
}

fn token() -> Vec<u8> {
    TokenSpec::generation(Generation::Server2012).encode()
}

#[test]
fn what_lies_in_a_file_is_listed_in_every_format() {
    let folder = Folder::new();
    let (bytes, at) = raw(&token());
    let path = folder.file("raw", &bytes);
    let run = calhive_wide(["carve", &path]).code(0);
    for expected in [
        "2 items found",
        "0x200",
        &format!("{at:#x}"),
        "license server ",
        "(self-reported name) issued a token to machine ",
        "(client-reported)",
        "checksum valid",
    ] {
        assert!(run.text().contains(expected), "{expected}: {}", run.text());
    }
    assert_eq!(run.err, "");
    let found = calhive(["carve", &path, "--format", "json"]).code(0).json();
    let lines = calhive(["carve", &path, "--format", "jsonl"]).code(0).lines();
    assert_eq!(found["files"][0]["found"], serde_json::Value::from(lines.clone()));
    assert_eq!((&lines[0]["kind"], &lines[0]["offset"]), (&"hive".into(), &0x200.into()));
    assert_eq!((&lines[1]["kind"], &lines[1]["offset"]), (&"token".into(), &at.into()));
    assert_eq!(lines[1]["is_whole"], true);
    assert!(lines[1]["token"]["license"]["expires"]["utc"].is_string());
}

#[test]
fn a_cut_token_is_marked_as_salvaged() {
    let folder = Folder::new();
    let token = token();
    let path = folder.file("raw", &token[..token.len() - 200]);
    let run = calhive(["carve", &path]).code(0);
    assert!(
        run.text().contains("incomplete") && run.text().contains("salvaged: "),
        "{}",
        run.text()
    );
}

#[test]
fn what_was_found_is_written_out_and_nothing_is_overwritten() {
    let (evidence, written) = (Folder::new(), Folder::new());
    let path = evidence.file("raw", &raw(&token()).0);
    let target = written.0.join("carved");
    let target = target.to_str().unwrap();
    calhive(["carve", &path, "-o", target]).code(0);
    let mut names: Vec<_> = fs::read_dir(target).unwrap().map(|it| it.unwrap().path()).collect();
    names.sort();
    assert_eq!(names.len(), 2);
    assert!(fs::read(&names[0]).unwrap() == forged().bytes);
    assert!(fs::read(&names[1]).unwrap() == token());
    let run = calhive(["carve", &path, "-o", target]).code(1);
    assert!(run.err.ends_with(" exists; --force overwrites it\n"), "{run:?}");
    calhive(["carve", &path, "-o", target, "--force"]).code(0);
    for format in ["table", "json"] {
        let run = calhive(["carve", &path, "-o", evidence.path(), "--format", format]).code(1);
        assert!(run.err.contains("choose a folder without evidence"), "{run:?}");
    }
    assert_eq!(fs::read_dir(evidence.path()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = Folder::new();
    let path = folder.file("raw", &raw(&token()).0);
    let run = calhive(["carve", "no/such/file"]).code(1);
    assert!(run.err.starts_with("calhive: no/such/file: "), "{run:?}");
    let run = calhive(["carve", folder.path()]).code(1);
    assert!(run.err.ends_with(": not a regular file\n"), "{run:?}");
    let run = calhive(["carve", "no/such/file", &path]).code(3);
    assert!(run.text().contains("2 items found"), "{run:?}");
    calhive(["carve"]).code(2);
    calhive(["carve", &path, "--force"]).code(2);
    let empty = folder.file("empty", b"");
    assert!(calhive(["carve", &empty]).code(0).text().contains("0 bytes, 0 items found"));
}

#[test]
fn hostile_names_do_not_get_to_the_terminal() {
    let mut spec = TokenSpec::generation(Generation::Server2012);
    spec.machine = "\x1b[31mred\x07".to_owned();
    spec.user = "txt.\u{202e}exe\nX".to_owned();
    let folder = Folder::new();
    let path = folder.file("raw", &raw(&spec.encode()).0);
    for format in ["table", "json", "jsonl"] {
        assert_harmless(calhive(["carve", &path, "--format", format]).code(0).text());
    }
}

/// A key and a value by themselves: listed with what they say, and not written.
#[test]
fn keys_and_values_outside_hives_are_listed() {
    let hive = forged().bytes;
    let parsed = calhive::Hive::parse(&hive).unwrap();
    let key = parsed.key("Alpha").unwrap().unwrap();
    let mut raw = vec![7; 100];
    let mut put = |at: u64| {
        let at = usize::try_from(at).unwrap();
        let size = i32::from_le_bytes(hive[at..at + 4].try_into().unwrap()).unsigned_abs() as usize;
        raw.extend(&hive[at..at + size]);
    };
    put(key.offset().get());
    let value =
        key.values().map(Result::unwrap).find(|value| value.name() == "number".into()).unwrap();
    put(value.offset().get());
    let (evidence, written) = (Folder::new(), Folder::new());
    let path = evidence.file("raw", &raw);
    let target = written.0.join("carved");
    let run = calhive(["carve", &path, "-o", target.to_str().unwrap()]).code(0);
    assert_eq!(fs::read_dir(&target).unwrap().count(), 0);
    for expected in ["\"Alpha\", last written ", "of an unknown hive", "; in an allocated cell"] {
        assert!(run.text().contains(expected), "{expected}: {}", run.text());
    }
    let lines = calhive(["carve", &path, "--format", "jsonl"]).code(0).lines();
    assert_eq!(lines.len(), 2);
    let record = &lines[0]["record"];
    assert_eq!((&lines[0]["kind"], &lines[0]["offset"]), (&"key".into(), &100.into()));
    assert_eq!(record["last_written"], key.last_written().to_string());
    assert_eq!(record["parent"], key.raw().parent.get());
    let record = &lines[1]["record"];
    assert_eq!(
        (&lines[1]["kind"], &record["name"]),
        (&"value".into(), &value.name().to_string().into())
    );
    assert_eq!(record["type"], value.value_type().0);
    let data = value.data().unwrap().to_bytes().into_owned();
    assert_eq!(
        record["data_hex"],
        data.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    );
}

/// The pages of a log, and of consecutive entries without a log, are written at their places in a hive.
#[test]
fn pages_of_logs_are_written_as_hives() {
    let states = hive_forge::log::states();
    let log = states
        .iter()
        .flat_map(|state| &state.logs)
        .map(|(_, log)| &log.bytes)
        .find(|log| log.get(512..516) == Some(b"HvLE") && carved_entries(log) > 1)
        .unwrap();
    let (evidence, written) = (Folder::new(), Folder::new());
    for (name, bytes, first) in [("log", &log[..], 0), ("entries", &log[512..], 0)] {
        let path = evidence.file(name, bytes);
        let target = written.0.join(name);
        calhive(["carve", &path, "-o", target.to_str().unwrap()]).code(0);
        let kind = if name == "log" { "log" } else { "log_entry-and-following" };
        let pages = fs::read(target.join(format!("1-{first:010x}.{kind}.pages-as-hive"))).unwrap();
        assert!(Some(&pages) == calhive_regf::log::pages_as_hive(&[bytes]).as_ref());
        let names = fs::read_dir(&target).unwrap().map(|it| it.unwrap().file_name());
        let names = names.filter(|name| name.to_string_lossy().contains("pages-as-hive"));
        assert_eq!(names.count(), 1);
    }
}

fn carved_entries(log: &[u8]) -> usize {
    calhive_regf::log::Log::parse(log).map_or(0, |log| log.entries().count())
}
