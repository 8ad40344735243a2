// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive man`.

use std::fs;
use std::path::Path;

use super::{Folder, calhive};
use crate::manners::subcommands;

#[test]
fn page_of_a_subcommand_has_its_options_and_examples() {
    let run = calhive(["man", "walk"]).code(0);
    for part in [".TH calhive-walk 1", "\\-\\-hidden", "calhive walk SOFTWARE", "Examples:"] {
        assert!(run.text().contains(part), "{part}: {}", run.text());
    }
    let run = calhive(["man"]).code(0);
    for part in [".TH calhive 1", "calhive\\-scan(1)", "Exit codes:"] {
        assert!(run.text().contains(part), "{part}: {}", run.text());
    }
}

#[test]
fn unknown_subcommand_is_an_error_that_names_all() {
    let run = calhive(["man", "scam"]).code(1);
    assert!(
        run.err.starts_with("calhive: no subcommand has the name scam; the subcommands are scan, "),
        "{}",
        run.err
    );
    assert!(run.out.is_empty());
}

#[test]
fn folder_gets_a_page_for_each_subcommand_and_keeps_existing_files() {
    let folder = Folder::new();
    let man1 = format!("{}/man1", folder.path());
    let run = calhive(["man", "-o", &man1]).code(0);
    let commands = subcommands(calhive(["--help"]).code(0).text());
    assert!(commands.len() >= 11, "{commands:?}");
    let mut expected = vec![format!("{man1}/calhive.1")];
    expected.extend(commands.iter().map(|command| format!("{man1}/calhive-{command}.1")));
    assert_eq!(run.text().lines().collect::<Vec<_>>(), expected);
    for (path, command) in expected.iter().skip(1).zip(&commands) {
        assert_eq!(fs::read(path).unwrap(), calhive(["man", command]).code(0).out);
    }
    let run = calhive(["man", "-o", &man1]).code(1);
    assert!(run.err.contains("calhive.1 exists; --force overwrites it"), "{}", run.err);
    calhive(["man", "-o", &man1, "--force"]).code(0);
    calhive(["man", "--force"]).code(2);
    calhive(["man", "scan", "-o", &man1]).code(2);
}

#[cfg(unix)]
#[test]
fn groff_renders_every_page_without_a_warning() {
    if !Path::new("/usr/bin/groff").exists() {
        eprintln!("groff is not installed");
        return;
    }
    let folder = Folder::new();
    let run = calhive(["man", "-o", folder.path()]).code(0);
    for page in run.text().lines() {
        let output = std::process::Command::new("groff")
            .args(["-man", "-Tutf8", "-ww", "-z", page])
            .output()
            .unwrap();
        assert!(output.status.success(), "{page}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{page}");
    }
}
