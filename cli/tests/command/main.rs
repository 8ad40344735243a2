// SPDX-License-Identifier: GPL-3.0-or-later
//! The command, run as its users run it: on forged hives, by its output and exit codes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may fail"
)]

extern crate alloc;

mod address_space;
mod bad_files;
mod carve;
mod completions;
mod copies;
mod corpus;
mod diff;
mod evidence;
mod examples;
mod explain;
mod file_names;
mod formats;
mod gallery;
mod get;
mod hidden;
mod hostile;
mod hostile_text;
mod html;
mod html_page;
mod info;
mod inputs;
mod json;
mod logs_alone;
mod long_work;
mod man;
mod manners;
mod markdown;
mod output_folder;
mod random_ends;
mod readme;
mod recover;
mod redact;
mod replay;
mod scan;
mod schema;
mod screen;
mod second_reader;
mod snapshots;
mod token;
mod trials_inputs;
mod trials_reader;
mod trials_tokens;
mod walk;
mod width;

use core::sync::atomic::{AtomicU32, Ordering};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hive_forge::tree::{Key, Name, Tree, Value};
use hive_forge::{Forged, Options};

/// Runs a line of the shell that ends in the command with these arguments. `before` precedes the command.
fn run_in_shell(before: &str, line: &[impl AsRef<OsStr>]) -> Output {
    let script = format!("{before} \"$0\" \"$@\"");
    let program = env!("CARGO_BIN_EXE_calhive");
    Command::new("bash").args(["-c", &script, program]).args(line).output().unwrap()
}

/// What a run of the command left.
#[derive(Debug)]
struct Run {
    code: i32,
    out: Vec<u8>,
    err: String,
}

impl Run {
    /// Standard output as text.
    fn text(&self) -> &str {
        core::str::from_utf8(&self.out).unwrap()
    }

    /// Standard output as one JSON value.
    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.out).unwrap()
    }

    /// Standard output as a JSON value a line.
    fn lines(&self) -> Vec<serde_json::Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The same run, which must have had this exit code.
    #[track_caller]
    fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", String::from_utf8_lossy(&self.out), self.err);
        self
    }
}

/// Runs the command.
fn calhive<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    calhive_in(Path::new("."), args)
}

/// Runs the command with so many columns that no line is wrapped.
fn calhive_wide<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    run(Path::new("."), &[("COLUMNS", "100000")], args)
}

/// Runs the command in a folder.
fn calhive_in<A: AsRef<OsStr>>(folder: &Path, args: impl IntoIterator<Item = A>) -> Run {
    run(folder, &[], args)
}

/// Runs the command in a folder, with these variables of the environment.
fn run<A: AsRef<OsStr>>(
    folder: &Path,
    variables: &[(&str, &str)],
    args: impl IntoIterator<Item = A>,
) -> Run {
    let mut command = assert_cmd::cargo_bin_cmd!("calhive");
    command.env_remove("COLUMNS").envs(variables.iter().copied());
    let output = command.current_dir(folder).args(args).output().unwrap();
    let code = output.status.code().unwrap();
    Run { code, out: output.stdout, err: String::from_utf8(output.stderr).unwrap() }
}

/// The workspace, so that paths in reports are those of a clone.
fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A folder that is gone when the test is.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("calhive-command-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Writes a file; its path.
    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A hive in a folder of its own.
struct OnDisk {
    _folder: Folder,
    path: String,
}

impl OnDisk {
    fn new(bytes: &[u8]) -> Self {
        let folder = Folder::new();
        let path = folder.file("HIVE", bytes);
        Self { _folder: folder, path }
    }
}

/// A small tree with one of everything.
fn tree() -> Tree {
    let mut tree = Tree::new("ROOT");
    let a = Key::new("Alpha")
        .class("class")
        .binary("binary", &[7; 40])
        .dword("number", 16)
        .qword("long", 1 << 40)
        .sz("text", "some text")
        .sz("", "by default")
        .multi_sz("texts", &["one", "two"])
        .binary("big", &big())
        .key(Key::new("Below").dword("number", 2));
    tree.root.subkeys = vec![a, Key::new("Beta"), Key::new("Gamma")];
    tree
}

/// Data in two segments.
fn big() -> Vec<u8> {
    (0..hive_forge::SEGMENT + 97).map(|at| at.to_le_bytes()[0]).collect()
}

fn forged() -> Forged {
    hive_forge::write(&tree(), &Options::default())
}

/// A tree whose names and data try to get at the terminal.
fn hostile_tree() -> Tree {
    let mut tree = Tree::new("ROOT");
    let name = Name::Latin1(b"\x1b[31mred\x07\n".to_vec());
    let reversed = Name::Utf16("txt.\u{202E}exe".encode_utf16().chain([0xD800]).collect());
    let mut key = Key::new(name);
    key.values.push(Value::new(reversed, 1, &hive_forge::tree::utf16_nul("\x1b]0;title\x07")));
    key.values.push(Value::sz("a\" REG_SZ \"b", "c\"d"));
    tree.root.subkeys = vec![key];
    tree
}

/// No byte that a terminal would act on.
#[track_caller]
fn assert_harmless(text: &str) {
    let bad = text.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202E}');
    assert_eq!(bad, None, "{text:?}");
}

/// The hives of a scenario, checked in.
fn scenario(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/hives").join(name)
}
