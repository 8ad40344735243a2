// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive scan`.

use super::{Folder, Run, assert_harmless, calhive, calhive_wide, forged, hostile_tree, scenario};
use hive_forge::tree::{Tree, Value};
use hive_forge::{Options, canonical};

fn scan(paths: &[&str], args: &[&str]) -> Run {
    calhive(["scan"].iter().chain(paths).chain(args))
}

#[test]
fn a_client_is_told_with_places_and_what_is_not_set() {
    let folder = scenario("windows-10-client-with-token");
    let run = calhive_wide(["scan", folder.to_str().unwrap(), "--details"]).code(0);
    assert_eq!(run.err, "calhive: 2 hives read\n");
    for expected in [
        "00000002-3e8759f1-af98d8c9-f3f80224-26f03a29",
        r"Wow6432Node\Microsoft\MSLicensing\HardwareID, value ClientHWID",
        "key last written 2023-03-06T08:41:12.1234567Z",
        r"Microsoft\MSLicensing\Store\LICENSE000, value ClientLicense",
        "\nNot found\n",
    ] {
        assert!(run.text().contains(expected), "{expected:?} in {}", run.text());
    }
    assert_harmless(run.text());
}

#[test]
fn the_report_is_json_with_hashes_and_provenance() {
    let folder = scenario("windows-server-2019-session-host");
    let run = scan(&[folder.to_str().unwrap()], &["--format", "json"]).code(0);
    let report = run.json();
    assert_eq!(report["tool"]["name"], "calhive");
    assert_eq!(report["hosts"].as_array().unwrap().len(), 1);
    let software = std::fs::read(folder.join("SOFTWARE")).unwrap();
    assert_eq!(report["sources"][0]["sha256"], canonical::sha256(&software));
    let facts = report["facts"].as_array().unwrap();
    let modes: Vec<_> =
        facts.iter().filter(|fact| fact["code"] == "host.rcm.licensing_mode").collect();
    assert_eq!(modes.len(), 2, "one for each control set");
    assert_eq!(modes[0]["provenance"]["control_set"]["number"], 1);

    let run = scan(&[folder.to_str().unwrap()], &["--format", "jsonl"]).code(0);
    let lines = run.lines();
    let of = |fact: &serde_json::Value| {
        let mut of = lines.iter().filter(|line| line["record"] == "fact");
        of.find(|line| line["id"] == fact["id"]).unwrap()
    };
    for fact in facts {
        let line = of(fact);
        for (name, field) in fact.as_object().unwrap() {
            assert_eq!(line[name], *field, "{line}");
        }
        assert!(line["host"] == "host-1" && line["source_sha256"].is_string(), "{line}");
        let entry = &report["catalog"][fact["code"].as_str().unwrap()];
        assert_eq!((&line["title"], &line["reference"]), (&entry["title"], &entry["reference"]));
    }
    let mut searched = 0;
    for source in report["searched"].as_array().unwrap() {
        for key in source["keys"].as_array().unwrap() {
            for place in key["places"].as_array().unwrap() {
                let line = of(place);
                assert_eq!((&line["code"], &line["state"]), (&place["code"], &key["state"]));
                let found = &line["provenance"];
                assert_eq!(found["key_path"], key["key_path"]);
                assert_eq!(found.get("value_name"), place.get("value_name"));
                assert_eq!(found.get("key_offset"), key.get("key_offset"));
                assert_eq!(found.get("key_last_written"), key.get("key_last_written"));
                assert_eq!(line["second_reader"]["state"], source["second_reader"]);
                searched += 1;
            }
        }
    }
    let all = lines.iter().filter(|line| line["record"] == "fact").count();
    assert!(searched > 50 && facts.len() > 50, "{searched} and {}", facts.len());
    assert_eq!(all, facts.len() + searched, "each fact is in one of both lists");
    assert_eq!(run.err, "calhive: 2 hives read\n");
}

#[test]
fn what_is_no_hive_says_what_it_is_and_what_to_do() {
    let folder = Folder::new();
    let mut log = vec![0; 512];
    log[..4].copy_from_slice(b"regf");
    log[28] = 6;
    let export: Vec<u8> = "\u{FEFF}Windows Registry Editor Version 5.00\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let good = scenario("windows-10-client-plain");
    let good = good.to_str().unwrap();
    let beside = Folder::new();
    for (name, content, is, advice) in [
        ("a.reg", &export[..], "is a text export of the registry (.reg)", "calhive"),
        ("SYSTEM.LOG1", &log[..], "is a transaction log, not a hive", "give its hive instead"),
        ("empty", b"", "is an empty file", "copy the hive from the evidence again"),
        (
            "SYSTEM.DAT",
            b"CREG\0\0\x01\0",
            "is a registry file of Windows 95",
            "give the hives SYSTEM",
        ),
        ("other", b"text", "is not a registry hive", "give a registry hive"),
    ] {
        let path = folder.file(name, content);
        for command in ["info", "walk", "scan"] {
            let run = calhive([command, &path]).code(1);
            assert!(run.err.starts_with(&format!("calhive: {path} {is}")), "{run:?}");
            assert!(run.err.contains(advice), "{run:?}");
            assert!(run.out.is_empty());
        }
        calhive(["get", &path, ""]).code(1);
        let run = calhive_wide(["scan", &path, good]).code(3);
        assert!(run.err.contains(is) && run.err.contains(advice), "{run:?}");
        assert!(run.text().contains(is) && run.err.contains("2 hives read"), "{run:?}");
    }
    // An export in a folder is a source, even if it is empty.
    std::fs::remove_file(folder.0.join("a.reg")).unwrap();
    let run = scan(&[folder.path()], &[]).code(1);
    assert!(
        run.err.contains("holds no registry hive; give a disk image, an archive or a folder"),
        "{run:?}"
    );
    assert!(scan(&[beside.path(), good], &[]).code(3).err.contains("holds no registry hive"));
    let run = calhive(["info", folder.path()]).code(1);
    assert!(run.err.contains("is a folder; give one hive"), "{run:?}");
}

#[test]
fn in_folders_what_is_no_hive_is_counted() {
    let folder = Folder::new();
    folder.file("b/SYSTEM", &forged().bytes);
    folder.file("a/text.txt", b"text");
    folder.file("a/empty", b"");
    let mut log = vec![0; 512];
    log[..4].copy_from_slice(b"regf");
    log[28] = 1;
    folder.file("b/SYSTEM.LOG", &log);
    let run = scan(&[folder.path()], &["--format", "jsonl"]).code(0);
    assert_eq!(
        run.err,
        "calhive: 1 hive read; 1 transaction log read with the hives; 2 other files are no hives\n"
    );
    assert_eq!(scan(&[folder.path()], &["--format", "jsonl", "-q"]).code(0).err, "");
}

#[test]
fn a_damaged_hive_is_named_and_the_rest_is_finished() {
    let folder = Folder::new();
    let mut damaged = forged();
    damaged.set("list ", "element 0", 0xFFFF_FFFF).seal();
    let first = folder.file("1-damaged", &damaged.bytes);
    let second = folder.file("2-cut", &damaged.bytes[..1000]);
    let mut old = forged();
    old.set("base", "minor", 0).seal();
    let third = folder.file("3-old", &old.bytes);
    let last = folder.file("4-good", &forged().bytes);
    let run = calhive_wide(["scan", folder.path(), "--details"]).code(3);
    assert!(
        run.err.contains(&format!("{first}: could not be read completely (1 fault)\n  key node")),
        "{run:?}"
    );
    assert!(run.err.contains(&format!("{second}: base block is truncated")), "{run:?}");
    assert!(run.err.contains(&format!("{third}: hive format version 1.0")), "{run:?}");
    assert!(!run.err.contains(&last), "{run:?}");
    assert!(run.text().contains(&format!("Not read whole: {first} (1 fault)\n- key node")));
    assert!(run.text().contains(&format!("Not read\n- {second}: base block")), "{run:?}");
    assert!(run.err.ends_with("\ncalhive: 2 hives read\n"), "{run:?}");
    let run = scan(&[folder.path(), "no/such/path"], &["-q"]).code(3);
    assert!(run.err.contains("calhive: no/such/path: "), "{run:?}");
    scan(&["no/such/path"], &[]).code(1);
}

#[test]
fn the_order_is_that_of_the_paths_and_of_names_within_folders() {
    let folder = Folder::new();
    // Files with the same content would be one source.
    for (name, number) in ["b", "a/z", "a/b/c", "c"].into_iter().zip(0_u64..) {
        let mut tree = super::tree();
        tree.root.last_written += number;
        folder.file(name, &hive_forge::write(&tree, &Options::default()).bytes);
    }
    let order = |paths: &[&str]| -> Vec<String> {
        let run = scan(paths, &["--format", "json"]).code(0);
        let report = run.json();
        let sources = report["sources"].as_array().unwrap();
        let path = |source: &serde_json::Value| source["path"].as_str().unwrap().to_owned();
        sources.iter().map(|source| path(source).replace(folder.path(), "")).collect()
    };
    assert_eq!(order(&[folder.path()]), ["/a/b/c", "/a/z", "/b", "/c"]);
    let c = folder.0.join("c");
    assert_eq!(order(&[c.to_str().unwrap(), folder.path()]), ["/c", "/a/b/c", "/a/z", "/b"]);
    let first = scan(&[folder.path()], &["--details"]);
    assert_eq!(first.out, scan(&[folder.path()], &["--details"]).out);
}

#[test]
fn names_of_files_beside_hives_do_not_get_to_the_terminal() {
    let folder = Folder::new();
    for (path, bytes) in hive_forge::finding::bases().remove(0).1 {
        folder.file(&path, &bytes);
    }
    for name in ["ev\x1b[31m", "\u{202E}rtl", "line\nfeed"] {
        folder.file(&format!("Users/{name}/NTUSER.DAT"), b"regf");
    }
    for format in ["table", "json"] {
        let run = calhive_wide(["scan", folder.path(), "--details", "--format", format, "-q"]);
        assert_harmless(run.text());
        for shown in [r"u{1B}[31m", r"u{202E}rtl", r"line\u{A}feed"] {
            let shown = if format == "json" { shown.replace('\\', "\\\\") } else { shown.into() };
            assert!(run.text().contains(&shown), "{shown} in {}", run.text());
        }
    }
}

#[test]
fn hostile_evidence_does_not_get_to_the_terminal() {
    let folder = Folder::new();
    folder.file("\x1b[31mred", &hive_forge::write(&hostile_tree(), &Options::default()).bytes);
    let mut tree = Tree::new("ROOT");
    tree.root.at("Select").push(Value::dword("Current", 1));
    let servers = "ControlSet001\\Services\\TermService\\Parameters\\LicenseServers";
    let data = &["evil\x1b[2J\u{202E}"];
    tree.root.at(servers).push(Value::multi_sz("SpecifiedLicenseServers", data));
    folder.file("SYSTEM", &hive_forge::write(&tree, &Options::default()).bytes);
    folder.file("\x07note", b"");
    for format in ["table", "markdown", "json", "jsonl"] {
        let run = scan(&[folder.path()], &["--format", format]).code(0);
        assert_harmless(run.text());
        let shown = if format == "markdown" { "\\[2J" } else { "[2J" };
        assert!(run.text().contains(shown), "{run:?}");
    }
    let named = folder.0.join("\x07note");
    assert_harmless(&scan(&[named.to_str().unwrap()], &[]).code(1).err);
}
