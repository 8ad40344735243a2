// SPDX-License-Identifier: GPL-3.0-or-later
//! File names that differ only in bytes that are not UTF-8, or in a backslash that looks like an escape, are shown apart.
#![cfg(target_os = "linux")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use super::{Folder, Run, calhive, scenario};

/// Names of hives, and how calhive shows them.
const NAMES: [(&[u8], &str); 4] = [
    (b"SOFTWARE\xFE", r"SOFTWARE\xFE"),
    (b"SOFTWARE\xFF", r"SOFTWARE\xFF"),
    (br"SOFTWARE\xFE", r"SOFTWARE\u{5C}xFE"),
    (b"SOFTWARE\xEF\xBF\xBD", "SOFTWARE\u{FFFD}"),
];

/// Formats of `scan` with the path of each hive.
const WITH_PATHS: [&str; 5] = ["table", "json", "jsonl", "html", "csv"];

/// Hives of these names, each with bytes of its own.
fn hives() -> (Folder, Vec<PathBuf>) {
    let folder = Folder::new();
    let from = scenario("windows-10-client-with-token");
    let mut bytes = fs::read(from.join("SOFTWARE")).unwrap();
    let write = |(name, _): (&[u8], &str)| {
        bytes.push(0);
        let path = folder.0.join(OsStr::from_bytes(name));
        fs::write(&path, &bytes).unwrap();
        path
    };
    let paths = NAMES.into_iter().map(write).collect();
    (folder, paths)
}

/// Asserts that a text has each name, and no replacement of a lost byte besides that in the last name.
#[track_caller]
fn assert_apart(text: &str, is_json: bool, what: &str) {
    for (_, shown) in NAMES {
        let shown = if is_json { shown.replace('\\', r"\\") } else { shown.to_owned() };
        assert!(text.contains(&shown), "{what}: no {shown} in {text}");
    }
    let replaced = text.matches('\u{FFFD}').count();
    assert_eq!(replaced, text.matches("SOFTWARE\u{FFFD}").count(), "{what}: {text}");
}

#[test]
fn hives_of_one_folder_are_shown_apart_in_every_format() {
    let (folder, _paths) = hives();
    for format in WITH_PATHS.into_iter().chain(["markdown", "timesketch", "bodyfile", "tln"]) {
        let run = calhive(["scan", "-v", "--details", "--format", format, folder.path()]);
        let run = if run.code == 2 {
            calhive(["scan", "-v", "--format", format, folder.path()])
        } else {
            run
        };
        assert!([0, 3].contains(&run.code), "{run:?}");
        let is_json = ["json", "jsonl", "timesketch"].contains(&format);
        if WITH_PATHS.contains(&format) {
            let text = match format {
                "html" => super::html_page::Page::parse(run.text()).elements[0].text.clone(),
                _ => run.text().to_owned(),
            };
            assert_apart(&text, is_json, format);
        }
        let replaced = run.text().matches('\u{FFFD}').count();
        assert_eq!(replaced, run.text().matches("SOFTWARE\u{FFFD}").count(), "{format}");
        assert_apart(&run.err, false, &format!("messages, {format}"));
    }
    let out = Folder::new();
    let run = calhive(["scan", "-q", "-o", out.path(), folder.path()]);
    assert!([0, 3].contains(&run.code), "{run:?}");
    for (file, is_json) in [("manifest.json", true), ("report.json", true), ("hosts.csv", false)] {
        assert_apart(&fs::read_to_string(out.0.join(file)).unwrap(), is_json, file);
    }
}

/// A run with each of the hives as its only input.
fn each(args: &[&str], after: &[&str]) -> Vec<(Run, &'static str)> {
    let (_folder, paths) = hives();
    let run = |(path, (_, shown)): (&PathBuf, (&[u8], &'static str))| {
        let line = args.iter().map(OsStr::new).chain([path.as_os_str()]);
        (calhive(line.chain(after.iter().map(OsStr::new))), shown)
    };
    paths.iter().zip(NAMES).map(run).collect()
}

#[test]
fn hive_is_named_without_loss() {
    let commands: [(&[&str], &[&str], bool); 6] = [
        (&["carve"], &[], false),
        (&["carve", "--format", "json"], &[], true),
        (&["replay"], &[], false),
        (&["replay", "--format", "json"], &[], true),
        (&["scan"], &["--details"], false),
        (&["scan", "--format", "json"], &[], true),
    ];
    for (args, after, is_json) in commands {
        for (run, shown) in each(args, after) {
            let all = format!("{}{}", run.text(), run.err);
            let shown = if is_json { shown.replace('\\', r"\\") } else { shown.to_owned() };
            assert!(all.contains(&shown), "{args:?}: no {shown} in {all}");
        }
    }
}

#[test]
fn file_that_cannot_be_read_is_named_without_loss() {
    let folder = Folder::new();
    for (name, shown) in NAMES {
        let path = folder.0.join(OsStr::from_bytes(name));
        for command in ["scan", "info", "walk", "recover", "replay", "carve", "token", "extract"] {
            let mut args: Vec<OsString> = vec![command.into(), path.clone().into()];
            if command == "extract" {
                args.extend(["-o".into(), folder.0.join("out").into_os_string()]);
            }
            let run = calhive(&args).code(1);
            assert!(run.err.contains(&format!("{shown}: No such file")), "{command}: {run:?}");
        }
        let hive = super::OnDisk::new(&super::forged().bytes);
        let args = ["get".into(), path.clone().into_os_string(), OsString::from("Alpha")];
        assert!(calhive(args).code(1).err.contains(shown));
        let args = ["diff".into(), path.clone().into_os_string(), OsString::from(&hive.path)];
        assert!(calhive(args).code(1).err.contains(shown));
        let log: OsString = "--log".into();
        let args = ["info".into(), OsString::from(&hive.path), log, path.into_os_string()];
        assert!(calhive(args).code(1).err.contains(shown));
    }
}

#[test]
fn output_file_is_named_without_loss() {
    let (folder, out) = (Folder::new(), Folder::new());
    let hive = folder.file("HIVE", &super::forged().bytes);
    for (name, shown) in NAMES {
        let path = out.0.join(OsStr::from_bytes(name));
        let run = || {
            let path = path.clone().into();
            calhive(["replay".into(), OsString::from(&hive), "-o".into(), path])
        };
        let first = run();
        assert!(first.code == 1 || first.text().contains(shown), "{first:?}");
        fs::write(&path, b"").unwrap();
        let second = run();
        assert_eq!(second.code, 1, "{second:?}");
        assert!(second.err.contains(shown), "{second:?}");
    }
}

/// Logs are found by name. The names of these logs differ in one byte that is not UTF-8.
#[test]
fn log_of_another_name_is_not_applied() {
    let folder = Folder::new();
    let states = hive_forge::log::states();
    let dirty = states.iter().find(|it| it.name == "nothing written, one log").unwrap();
    let name = |end: &[u8]| folder.0.join(OsString::from_vec([b"SYSTEM\xFE", end].concat()));
    fs::write(name(b""), &dirty.primary).unwrap();
    // A log without the identity of the hive, which its name alone would pair.
    let other = folder.0.join(OsStr::from_bytes(b"SYSTEM\xFF.LOG1"));
    fs::write(&other, b"no log").unwrap();
    let run = calhive([OsStr::new("info"), name(b"").as_os_str()]);
    assert!(!run.err.contains(r"SYSTEM\xFF.LOG1"), "{run:?}");
    fs::rename(&other, name(b".LOG1")).unwrap();
    let run = calhive([OsStr::new("info"), name(b"").as_os_str()]);
    assert!(format!("{}{}", run.text(), run.err).contains(r"SYSTEM\xFE.LOG1"), "{run:?}");
}
