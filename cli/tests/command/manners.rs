// SPDX-License-Identifier: GPL-3.0-or-later
//! Help, usage, broken pipes: what every subcommand has in common.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};

use super::{OnDisk, calhive, forged};
use hive_forge::Options;
use hive_forge::tree::{Key, Tree};

/// The subcommands that the help lists, without `help` itself.
pub(crate) fn subcommands(help: &str) -> Vec<String> {
    let list = help.split("\nCommands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    // A description that takes several lines is indented further than a name.
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !["", "help"].contains(name)).map(str::to_owned).collect()
}

#[test]
fn help_of_every_subcommand_has_an_example() {
    let run = calhive(["--help"]).code(0);
    for expected in
        ["Exit codes:\n", "\n  3  finished, but incomplete: an input could not be read completely"]
    {
        assert!(run.text().contains(expected), "{}", run.text());
    }
    let commands = subcommands(run.text());
    assert!(commands.len() >= 9, "{commands:?}");
    for command in commands {
        let run = calhive([&command, "--help"]).code(0);
        let (_, examples) = run.text().split_once("\nExamples:\n").unwrap();
        assert!(examples.contains(&format!("  calhive {command} ")), "{}", run.text());
    }
    let run = calhive(["--version"]).code(0);
    let lines: Vec<&str> = run.text().lines().collect();
    let [version, commit, features] = lines[..] else { panic!("{run:?}") };
    assert_eq!(version, concat!("calhive ", env!("CARGO_PKG_VERSION")));
    assert_eq!(features, "features mmap, nt-hive, serde, token, x509");
    let commit = commit.strip_prefix("commit ").unwrap();
    let hash = commit.trim_end_matches("-modified");
    let is_hash = hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_hash || commit == "unknown", "{commit}");
}

#[test]
fn a_wrong_command_line_is_2() {
    let none: [&str; 0] = [];
    calhive(none).code(2);
    calhive(["unknown"]).code(2);
    calhive(["scan"]).code(2);
    calhive(["info"]).code(2);
    calhive(["walk", "HIVE", "--format", "xml"]).code(2);
    calhive(["walk", "HIVE", "-q", "-v"]).code(2);
}

#[test]
fn what_cannot_be_opened_is_named() {
    for command in ["info", "walk", "scan"] {
        let run = calhive([command, "no/such/hive"]).code(1);
        assert!(run.err.starts_with("calhive: no/such/hive: "), "{run:?}");
        assert!(run.out.is_empty());
    }
}

#[cfg(unix)]
#[test]
fn a_device_is_not_opened() {
    for args in [&["info", "/dev/zero"][..], &["walk", "--no-mmap", "/dev/zero"]] {
        let run = calhive(args).code(1);
        assert!(run.err.contains("/dev/zero: not a regular file"), "{run:?}");
    }
    let run = calhive(["scan", "/dev/zero"]).code(1);
    assert!(run.err.contains("/dev/zero: not a regular file"), "{run:?}");
}

/// A hive whose listing does not fit into a pipe.
fn long() -> OnDisk {
    let mut tree = Tree::new("ROOT");
    tree.root.subkeys =
        (0..20_000).map(|number| Key::new(format!("{number:05}").as_str())).collect();
    OnDisk::new(&hive_forge::write(&tree, &Options::default()).bytes)
}

fn spawn_walk(hive: &str, format: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_calhive"))
        .args(["walk", hive, "--format", format])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_broken_pipe_is_no_error() {
    let hive = long();
    for format in ["tree", "jsonl", "canonical"] {
        let mut child = spawn_walk(&hive.path, format);
        let mut first = [0; 16];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{format}");
    }
}

#[cfg(unix)]
#[test]
fn a_hive_that_is_cut_while_it_is_read_is_named() {
    let hive = long();
    let mut child = spawn_walk(&hive.path, "tree");
    // It has begun, and cannot end before its output is taken.
    let mut first = [0; 16];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(&hive.path).unwrap();
    file.set_len(8192).unwrap();
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{err}");
    assert!(err.contains(": changed while it was read;"), "{err}");
}

#[test]
fn verbose_gives_all_reasons_and_quiet_none() {
    let mut forged = forged();
    for name in ["text", "texts", "binary", "big", "long"] {
        forged.set(&format!("value Alpha:{name}"), "data", 0xFFFF_FFFF);
    }
    let hive = OnDisk::new(&forged.bytes);
    let lines = |args: &[&str]| {
        let run = calhive(["walk", &hive.path].iter().chain(args)).code(3);
        (run.err.lines().count(), run.err)
    };
    let (number, text) = lines(&[]);
    assert!(number == 5 && text.ends_with("  and 2 more (-v shows more)\n"), "{text}");
    assert_eq!(lines(&["-v"]).0, 6);
    assert_eq!(lines(&["-q"]).0, 1);
}
