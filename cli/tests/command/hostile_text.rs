// SPDX-License-Identifier: GPL-3.0-or-later
//! Hostile text in every field that comes from evidence, in every format: it breaks no line, no cell and no tag, and it
//! cannot deceive a terminal or a reader.

use alloc::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use hive_forge::scenario::{self as scenarios, Scenario};
use hive_forge::token::{Generation, TokenSpec};
use hive_forge::tree::{Key, Name, Tree, Value, value_type};
use serde_json::Value as Json;

use super::formats::is_deceptive;
use super::html_page::Page;
use super::markdown::parsed;
use super::{Folder, Run, calhive};

/// Text with characters that end a line, a cell, a string or a tag, begin a formula or markup, or hide.
const HOSTILE: [&str; 10] = [
    "\x1b[31m\x1b]0;title\x07\u{9b}2J",
    "a\r\nb\nc\rd\u{85}\u{2028}\u{2029}\x0b\x0c",
    "\u{202E}txt.exe\u{2066}\u{200B}\u{FEFF}\u{3164}\u{E0041}\u{AD}",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|'",
    "+1|-1|\"x\",\"y\";z\t",
    "</script></style><img src=x onerror=alert(1)>",
    "' onmouseover='x\" onload=\"x&lt;&#60;<!--",
    "``` | **b** [x](javascript:y) ![i](http://z)\n---\n| x |",
    "%7C%0A\\n\\\"\\u{202E}\\x00{\"a\":1}",
];

const FORMATS: [&str; 9] =
    ["table", "json", "jsonl", "html", "markdown", "csv", "timesketch", "bodyfile", "tln"];

/// Files of `scan -o`, with the format of each.
const FILES: [(&str, &str); 11] = [
    ("report.html", "html"),
    ("report.json", "json"),
    ("records.jsonl", "jsonl"),
    ("hosts.csv", "csv"),
    ("tokens.csv", "csv"),
    ("settings.csv", "csv"),
    ("findings.csv", "csv"),
    ("copies.csv", "csv"),
    ("timeline.csv", "csv"),
    ("timesketch.jsonl", "timesketch"),
    ("manifest.json", "json"),
];

/// Text of the hive: UTF-16 with a NUL inside and a lone surrogate at the end.
fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0, 0x78, 0xDC00]).collect()
}

/// Puts the text into every name and datum that a reader can show.
fn infect(key: &mut Key, text: &str, before: bool) {
    for value in &mut key.values {
        let is_text = matches!(
            value.value_type,
            value_type::SZ | value_type::EXPAND_SZ | value_type::MULTI_SZ
        );
        // The text of the kind of the system stays, so that the hive is read as before.
        if is_text && !is_of_system(value) {
            let hostile: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let end = value.data.len().saturating_sub(2);
            let place = if before { 0 } else { end };
            value.data.splice(place..place, hostile);
        }
    }
    for below in &mut key.subkeys {
        infect(below, text, before);
        let name = String::from_utf16_lossy(&below.name.units());
        let is_free = ["LICENSE0", "S-1-5-21"].iter().any(|it| name.starts_with(it));
        if is_free {
            below.name = Name::Utf16([below.name.units(), units(text)].concat());
        }
    }
    let data: Vec<u8> = units(text).iter().flat_map(|unit| unit.to_le_bytes()).collect();
    key.class = Some(units(text));
    key.values.push(Value::new(Name::Utf16(units(text)), value_type::SZ, &data));
    key.values.push(Value::new(Name::Utf16(units(&format!("{text}2"))), value_type::BINARY, &data));
    if key.subkeys.len() < 20 {
        let below = Key::new(Name::Utf16(units(text)));
        key.subkeys.push(below.value(Value::new("", value_type::EXPAND_SZ, &data)));
    }
}

fn is_of_system(value: &Value) -> bool {
    let name = String::from_utf16_lossy(&value.name.units());
    ["CurrentVersion", "ProductType", "CurrentBuild", "CurrentBuildNumber"].contains(&name.as_str())
}

/// The hives of a scenario with the text in them, in a folder.
fn infected(scenario: &Scenario, text: &str, before: bool) -> Folder {
    let folder = Folder::new();
    for (file, tree, options) in &scenario.hives {
        let mut tree: Tree = tree.clone();
        infect(&mut tree.root, text, before);
        folder.file(file, &hive_forge::write(&tree, options).bytes);
    }
    folder
}

/// Scenarios of a client, a session host and a license server.
fn some() -> Vec<Scenario> {
    let names = [
        "windows-10-client-with-token",
        "windows-10-client-with-profile",
        "windows-server-2016-session-host",
        "license-server",
    ];
    scenarios::every().into_iter().filter(|it| names.contains(&it.name)).collect()
}

/// Asserts that the text of a run is harmless in its format.
#[track_caller]
fn assert_harmless(format: &str, text: &str, what: &str) {
    let text = text.trim_start_matches('\u{FEFF}');
    let without_ends = text.replace(if format == "csv" { "\r\n" } else { "\n" }, "");
    let bad = without_ends.chars().find(|letter| is_deceptive(*letter));
    assert_eq!(bad, None, "{what}, {format}");
    match format {
        "json" => drop(serde_json::from_str::<Json>(text).unwrap()),
        "jsonl" | "timesketch" => {
            text.lines().for_each(|line| drop(serde_json::from_str::<Json>(line).unwrap()));
        }
        "csv" => {
            let mut rows = csv::Reader::from_reader(text.as_bytes());
            for row in rows.records().map(Result::unwrap) {
                for cell in &row {
                    let first = cell.chars().next().unwrap_or(' ');
                    let is_number = cell.parse::<f64>().is_ok() && !cell.starts_with('=');
                    assert!(!"=+-@\t\r".contains(first) || is_number, "{what}: formula {cell:?}");
                }
            }
        }
        "bodyfile" | "tln" => {
            let fields = if format == "tln" { 5 } else { 11 };
            let is_whole = |line: &str| line.split('|').count() == fields;
            assert!(text.lines().all(is_whole), "{what}, {format}: {text}");
        }
        "markdown" => drop(parsed(text)),
        "html" => {
            let page = Page::parse(text);
            assert_eq!(page.errors, [""; 0], "{what}");
            let names: BTreeSet<&str> = page.elements.iter().map(|it| it.name.as_str()).collect();
            for name in
                ["img", "iframe", "object", "embed", "base", "form", "input", "foreignobject"]
            {
                assert!(!names.contains(name), "{what}: <{name}>");
            }
            for element in &page.elements {
                for (name, value) in &element.attributes {
                    assert!(!name.starts_with("on"), "{what}: {name}={value}");
                    let is_link = ["href", "src", "action"].contains(&name.as_str());
                    assert!(!is_link || value.starts_with('#'), "{what}: {name}={value}");
                }
            }
        }
        _ => {}
    }
}

/// Asserts that the canonical form has no character that its page lists, besides the separator of names and the ends of
/// lines. A lone surrogate takes three bytes, which are no UTF-8.
#[track_caller]
fn assert_canonical(bytes: &[u8], what: &str) {
    let text = String::from_utf8_lossy(bytes);
    let is_listed = |letter: &char| {
        letter.is_control()
            || "\u{61C}\u{200E}\u{200F}".contains(*letter)
            || ('\u{2028}'..='\u{202E}').contains(letter)
            || ('\u{2066}'..='\u{2069}').contains(letter)
    };
    let bad = text.chars().filter(|letter| !"\n\x1F".contains(*letter)).find(is_listed);
    assert_eq!(bad, None, "{what}");
    assert!(text.lines().all(|line| line.starts_with("K|") || line.starts_with("V|")), "{what}");
}

/// Asserts that the messages of a run are harmless: each line is one of calhive.
#[track_caller]
fn assert_messages(run: &Run, what: &str) {
    assert!([0, 1, 3].contains(&run.code), "{what}: {run:?}");
    for line in run.err.lines() {
        assert_eq!(line.chars().find(|letter| is_deceptive(*letter)), None, "{what}: {line:?}");
        assert!(line.starts_with("calhive: ") || line.starts_with("  "), "{what}: {line:?}");
    }
}

#[test]
fn hostile_text_in_a_hive_is_harmless_in_every_format_of_scan() {
    for (place, scenario) in some().into_iter().enumerate() {
        // Each text in two kinds of hosts.
        let texts = HOSTILE.into_iter().enumerate();
        for (number, text) in texts.filter(|(number, _)| number % 2 == place % 2) {
            let folder = infected(&scenario, text, place < 2);
            let what = format!("{}, text {number}", scenario.name);
            for format in FORMATS {
                let run = calhive(["scan", "-v", "--format", format, folder.path()]);
                assert_messages(&run, &what);
                assert_harmless(format, run.text(), &what);
            }
            let run = calhive(["scan", "--details", folder.path()]);
            assert_harmless("table", run.text(), &what);
            let out = Folder::new();
            let run = calhive(["scan", "-q", "-o", out.path(), folder.path()]);
            assert_messages(&run, &what);
            for (file, format) in FILES {
                let text = fs::read_to_string(out.0.join(file)).unwrap();
                assert_harmless(format, &text, &format!("{what}, {file}"));
            }
        }
    }
}

#[test]
fn hostile_text_in_a_hive_is_harmless_in_every_other_subcommand() {
    let scenario = some().remove(0);
    for (number, text) in HOSTILE.into_iter().enumerate() {
        let folder = infected(&scenario, text, false);
        let plain = infected(&scenario, &"x".repeat(text.encode_utf16().count()), false);
        let hive = folder.0.join("SOFTWARE").display().to_string();
        let other = plain.0.join("SOFTWARE").display().to_string();
        let what = format!("text {number}");
        for (format, args) in [
            ("tree", &["walk"][..]),
            ("jsonl", &["walk", "--format", "jsonl"]),
            ("canonical", &["walk", "--format", "canonical"]),
            ("table", &["info", "--check"]),
            ("json", &["info", "--check", "--format", "json"]),
            ("table", &["recover"]),
            ("json", &["recover", "--format", "json"]),
            ("jsonl", &["recover", "--format", "jsonl"]),
            ("table", &["carve"]),
            ("json", &["carve", "--format", "json"]),
            ("jsonl", &["carve", "--format", "jsonl"]),
            ("table", &["replay"]),
            ("json", &["replay", "--format", "json"]),
        ] {
            let of = |path: &str| calhive(args.iter().copied().chain([path]));
            let (run, harmless) = (of(&hive), of(&other));
            let what = format!("{what}, {args:?}");
            assert_messages(&run, &what);
            if format == "canonical" {
                assert_canonical(&run.out, &what);
            } else {
                assert_harmless(format, run.text(), &what);
            }
            if args[0] == "walk" {
                let lines = |run: &Run| run.out.iter().filter(|byte| **byte == b'\n').count();
                assert_eq!(lines(&run), lines(&harmless), "{what}");
            }
        }
        for args in [
            &["get", &hive, "Microsoft\\MSLicensing\\Store"][..],
            &["get", &hive, "Microsoft", "--format", "json"],
            &["diff", &hive, &other],
            &["diff", &hive, &other, "--format", "json"],
        ] {
            let run = calhive(args);
            assert_messages(&run, &what);
            assert_harmless(
                if args.contains(&"json") { "json" } else { "table" },
                run.text(),
                &what,
            );
        }
        let run = calhive(["diff", &hive, &other, "--format", "html"]);
        assert_harmless("html", run.text(), &what);
    }
}

/// Names of deleted keys in the bytes of a hive, replaced by hostile ones of the same length.
#[test]
fn hostile_names_of_deleted_keys_are_harmless() {
    for hostile in
        [*b"=\x1b[1m|<i>\n", *b"\x9b2J\"',\\n|\r", *b"@A|`</td>\t", *b"\xADx\xA0\x85|<b>\x7F\0"]
    {
        let (mut all, folder) = (0, Folder::new());
        for scenario in scenarios::with_deletions() {
            for (file, mut bytes) in scenario.files() {
                while let Some(at) = bytes.windows(10).position(|it| it == b"LICENSE000") {
                    bytes[at..at + 10].copy_from_slice(&hostile);
                    all += 1;
                }
                let path = folder.file(&format!("{}/{file}", scenario.name), &bytes);
                for format in ["table", "json", "jsonl"] {
                    let run = calhive(["recover", &path, "--format", format]);
                    assert_messages(&run, file);
                    assert_harmless(format, run.text(), file);
                }
            }
        }
        assert!(all > 0, "no deleted license");
        for format in FORMATS {
            let run = calhive(["scan", "-q", "--format", format, folder.path()]);
            assert_messages(&run, format);
            assert_harmless(format, run.text(), format);
        }
    }
}

#[test]
fn hostile_names_in_certificates_are_harmless() {
    for text in HOSTILE {
        let text: String = text.chars().filter(|letter| u32::from(*letter) < 0x1_0000).collect();
        let mut token = TokenSpec::generation(Generation::Server2012);
        for field in [
            &mut token.server,
            &mut token.server_domain,
            &mut token.scope,
            &mut token.machine,
            &mut token.user,
            &mut token.product,
            &mut token.requested_product,
            &mut token.manufacturer,
            &mut token.index_scope,
            &mut token.index_company,
            &mut token.index_product,
        ] {
            field.push_str(&text);
        }
        token.server_id.clone_from(&text);
        token.activation_name = Some(text.clone());
        let folder = Folder::new();
        let file = folder.file("token.der", &token.encode());
        for format in ["table", "json"] {
            let run = calhive(["token", &file, "--format", format]);
            assert_messages(&run, &text);
            assert_harmless(format, run.text(), &text);
            assert!(run.code == 1 || !run.out.is_empty(), "{run:?}");
        }
        let mut tree = Tree::new("ROOT");
        let license = tree.root.at(r"Microsoft\MSLicensing\Store\LICENSE000");
        license.push(Value::binary("ClientLicense", &token.encode()));
        let index = token.index();
        license.push(Value::new("CompanyName", value_type::BINARY, &index.company));
        license.push(Value::new("LicenseScope", value_type::BINARY, &index.scope));
        license.push(Value::new("ProductID", value_type::BINARY, &index.product));
        let hives = Folder::new();
        hives.file("SOFTWARE", &hive_forge::write(&tree, &hive_forge::Options::default()).bytes);
        for format in FORMATS {
            let run = calhive(["scan", "-q", "--format", format, hives.path()]);
            assert_messages(&run, &text);
            assert_harmless(format, run.text(), &text);
        }
    }
}

/// Names of files, and of entries in archives.
#[cfg(target_os = "linux")]
#[test]
fn hostile_names_of_files_and_archive_entries_are_harmless() {
    let source = infected(&some()[0], "x", false);
    let hive = fs::read(source.0.join("SOFTWARE")).unwrap();
    for text in HOSTILE {
        let folder = Folder::new();
        let name = text.replace(['/', '\0'], "%");
        let inside = folder.0.join("in").join(&name);
        fs::create_dir_all(&inside).unwrap();
        fs::write(inside.join(format!("SOFTWARE{name}")), &hive).unwrap();
        fs::write(inside.join(format!("SYSTEM{name}")), b"").unwrap();
        fs::write(inside.join(format!("{name}.zip")), b"PK\x03\x04 damaged").unwrap();
        std::os::unix::fs::symlink("nowhere", inside.join(format!("link{name}"))).unwrap();
        // The output must not lie below the folder of the archive.
        let packed = Folder::new();
        let archive = packed.0.join("in.tar").display().to_string();
        let made = Command::new("tar").args(["-C", folder.path(), "-cf", &archive, "in"]).status();
        let is_made = made.is_ok_and(|status| status.success());
        assert!(is_made || std::env::var_os("CI").is_none(), "tar is missing");
        let inputs = if is_made { vec![folder.path(), &archive] } else { vec![folder.path()] };
        for input in inputs {
            for format in FORMATS {
                let run = calhive(["scan", "-v", "--format", format, input]);
                assert_messages(&run, text);
                assert_harmless(format, run.text(), text);
            }
            let out = Folder::new();
            let copies = out.0.join("copies").display().to_string();
            assert_messages(&calhive(["extract", input, "-o", &copies]), text);
            let manifest = fs::read_to_string(Path::new(&copies).join("manifest.json")).unwrap();
            assert_harmless("json", &manifest, text);
            let reports = out.0.join("reports").display().to_string();
            assert_messages(&calhive(["scan", "-o", &reports, input]), text);
            for (file, format) in FILES {
                let written = fs::read_to_string(Path::new(&reports).join(file)).unwrap();
                assert_harmless(format, &written, text);
            }
        }
    }
}
