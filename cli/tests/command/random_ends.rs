// SPDX-License-Identifier: GPL-3.0-or-later
//! Runs that end at a random moment, or whose output or evidence fails under them: outputs are whole or absent, no temporary
//! file stays where a signal can be handled, and evidence stays as it is.
#![cfg(target_os = "linux")]

use alloc::collections::BTreeMap;
use core::time::Duration;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::Instant;

use hive_forge::canonical::sha256;
use hive_forge::cases::cases;
use hive_forge::rng::Rng;
use serde_json::Value;

use super::{Folder, calhive, run_in_shell, scenario};

/// User without rights.
const NOBODY: u32 = 65_534;

/// Hashes of all files below a folder.
fn hashes(folder: &Path) -> BTreeMap<PathBuf, String> {
    let (mut files, mut rest) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(folder) = rest.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.path() {
                path if path.is_dir() => rest.push(path),
                path => drop(files.insert(path.clone(), sha256(&fs::read(path).unwrap()))),
            }
        }
    }
    files
}

/// Copies the hives of a scenario to a folder.
fn copy(name: &str, to: &Path) {
    for path in hashes(&scenario(name)).into_keys() {
        let target = to.join(path.strip_prefix(scenario(name)).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
}

/// Evidence of two hosts, in one folder.
fn evidence() -> Folder {
    let folder = Folder::new();
    copy("windows-10-client-token-in-logs", &folder.0.join("client"));
    copy("windows-server-2019-settings-in-logs", &folder.0.join("host"));
    folder
}

/// A subcommand that writes files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    Scan,
    Redact,
    Replay,
    Carve,
    Extract,
    Man,
}

impl Writer {
    const ALL: [Self; 6] =
        [Self::Scan, Self::Redact, Self::Replay, Self::Carve, Self::Extract, Self::Man];

    /// Returns the command line for this evidence and output.
    fn line(self, evidence: &Path, out: &Path) -> Vec<String> {
        let text = |path: PathBuf| path.display().to_string();
        let (all, hive) = (text(evidence.into()), text(evidence.join("client/SOFTWARE")));
        let (folder, file) = (text(out.join("new")), text(out.join("file")));
        let line: &[&str] = match self {
            Self::Scan => &["scan", &all, "-o", &folder, "--verify-after"],
            Self::Redact => &["scan", &all, "-o", &folder, "--redact", &file],
            Self::Replay => &["replay", &hive, "-o", &file],
            Self::Carve => &["carve", &hive, "-o", &folder],
            Self::Extract => &["extract", &all, "-o", &folder],
            Self::Man => &["man", "-o", &folder],
        };
        line.iter().map(|it| (*it).to_owned()).collect()
    }
}

/// Returns the files of a whole run, below the output.
fn whole(writer: Writer, evidence: &Path) -> BTreeMap<PathBuf, String> {
    let out = Folder::new();
    let run = calhive(writer.line(evidence, &out.0));
    assert!([0, 3].contains(&run.code), "{writer:?}: {run:?}");
    let files = hashes(&out.0);
    assert!(!files.is_empty(), "{writer:?}");
    files
        .into_iter()
        .map(|(path, hash)| (path.strip_prefix(&out.0).unwrap().into(), hash))
        .collect()
}

/// Asserts that every output is a whole file. `is_killed` allows temporary names.
#[track_caller]
fn assert_whole(
    out: &Path,
    writer: Writer,
    expected: &BTreeMap<PathBuf, String>,
    is_killed: bool,
    what: &str,
) {
    for (path, hash) in hashes(out) {
        let below = path.strip_prefix(out).unwrap();
        let is_temporary = below.to_str().unwrap().contains("part-");
        if is_temporary {
            assert!(is_killed, "{what}: {} is left", below.display());
            continue;
        }
        let name = below.file_name().unwrap().to_str().unwrap().to_owned();
        let bytes = fs::read(&path).unwrap();
        // An interrupted scan reports what it read until then: each file is whole, and says so.
        match name.rsplit('.').next().unwrap() {
            "json" => drop(serde_json::from_slice::<Value>(&bytes).unwrap()),
            "jsonl" => String::from_utf8(bytes.clone())
                .unwrap()
                .lines()
                .for_each(|line| drop(serde_json::from_str::<Value>(line).unwrap())),
            "html" => {
                assert!(bytes.ends_with(b"</html>") || bytes.ends_with(b"</html>\n"), "{what}")
            }
            "csv" => assert!(bytes.ends_with(b"\r\n"), "{what}: {name}"),
            // It is compared with the other files below.
            _ if name == "SHA256SUMS" => {}
            // The map of pseudonyms, for the inputs that were read.
            "file" if writer == Writer::Redact => {
                drop(serde_json::from_slice::<Value>(&bytes).unwrap());
            }
            _ => assert_eq!(expected.get(below), Some(&hash), "{what}: {}", below.display()),
        }
    }
    let folder = out.join("new");
    if let Ok(sums) = fs::read_to_string(folder.join("SHA256SUMS")) {
        for line in sums.lines() {
            let (hash, name) = line.split_once("  ").unwrap();
            assert_eq!(sha256(&fs::read(folder.join(name)).unwrap()), hash, "{what}: {name}");
        }
    }
}

fn spawn(line: &[String]) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_calhive"))
        .args(line)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Returns a random part of a time.
fn part(of: Duration, rng: &mut Rng) -> Duration {
    of.mul_f64(f64::from(u32::try_from(rng.below(1300)).unwrap()) / 1000.0)
}

fn time_of(line: &[String]) -> Duration {
    let began = Instant::now();
    drop(spawn(line).wait_with_output().unwrap());
    began.elapsed()
}

fn signal(child: &std::process::Child, name: &str) {
    let _ = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .stderr(Stdio::null())
        .status();
}

#[test]
fn outputs_are_whole_or_absent_after_a_signal_at_a_random_moment() {
    let evidence = evidence();
    let before = hashes(&evidence.0);
    let mut rng = Rng::new(0xE7D5);
    let mut ended_early = 0;
    for writer in Writer::ALL {
        let expected = whole(writer, &evidence.0);
        let measured = Folder::new();
        let time = time_of(&writer.line(&evidence.0, &measured.0));
        for case in 0..cases(12) {
            let out = Folder::new();
            let child = spawn(&writer.line(&evidence.0, &out.0));
            sleep(part(time, &mut rng));
            let name = rng.pick(&["INT", "TERM", "HUP", "KILL"]);
            signal(&child, name);
            // A second request ends a run that noted the first one.
            if rng.below(2) == 0 {
                sleep(part(time / 8, &mut rng));
                signal(&child, name);
            }
            let output = child.wait_with_output().unwrap();
            let what = format!("{writer:?}, case {case}, {name}");
            let err = String::from_utf8_lossy(&output.stderr);
            let code = output.status.code();
            // Before the handler is there, a signal ends the process.
            let is_signal = output.status.signal().is_some_and(|it| [1, 2, 9, 15].contains(&it));
            assert!(
                is_signal || matches!(code, Some(0 | 1 | 3)),
                "{what}: {:?} {err}",
                output.status
            );
            assert!(!err.contains("panicked"), "{what}: {err}");
            assert_whole(&out.0, writer, &expected, name == "KILL", &what);
            ended_early += u32::from(code != Some(0));
        }
    }
    assert!(ended_early > 0, "no run was ended early");
    assert_eq!(hashes(&evidence.0), before);
}

/// Asserts that a run with a failing output wrote no file, and says why.
#[track_caller]
fn assert_failed(output: &Output, out: &Path, why: &[&str], what: &str) {
    let err = String::from_utf8_lossy(&output.stderr);
    // `extract` reports each file that it cannot copy, and goes on.
    let codes = if what.starts_with("Extract") { 1..=3 } else { 1..=1 };
    let is_expected = output.status.code().is_some_and(|code| codes.contains(&code));
    assert!(is_expected, "{what}: {:?} {err}", output.status);
    assert!(why.iter().any(|why| err.contains(why)), "{what}: {err}");
    let left: Vec<PathBuf> = hashes(out).into_keys().collect();
    let temporary = left.iter().filter(|path| path.to_str().unwrap().contains("part-"));
    assert_eq!(temporary.count(), 0, "{what}: {left:?}");
}

#[cfg(not(calhive_portable))]
#[test]
fn output_beyond_the_largest_file_size_is_an_error_and_leaves_no_file() {
    let evidence = evidence();
    let before = hashes(&evidence.0);
    for writer in Writer::ALL {
        let expected = whole(writer, &evidence.0);
        for kib in [0, 1, 2, 8] {
            let out = Folder::new();
            let line = writer.line(&evidence.0, &out.0);
            let output = run_in_shell(&format!("ulimit -f {kib}; exec"), &line);
            let what = format!("{writer:?}, {kib} KiB");
            assert!(output.status.code().is_some(), "{what}: {:?}", output.status);
            let is_enough = output.status.success();
            if !is_enough {
                assert_failed(&output, &out.0, &["File too large"], &what);
            }
            assert!(kib > 0 || !is_enough, "{what}");
            assert_whole(&out.0, writer, &expected, false, &what);
        }
    }
    assert_eq!(hashes(&evidence.0), before);
}

/// A file system without room. Mounting one needs rights.
#[test]
fn output_on_a_full_disk_is_an_error_and_leaves_no_file() {
    let evidence = evidence();
    for writer in Writer::ALL {
        let expected = whole(writer, &evidence.0);
        for kib in [4, 16, 64] {
            let out = Folder::new();
            let size = format!("size={kib}k");
            let mount = ["-t", "tmpfs", "-o", &size, "calhive", out.path()];
            let mounted = Command::new("mount").args(mount).stderr(Stdio::null()).status();
            if !mounted.is_ok_and(|status| status.success()) {
                println!("skipped: no right to mount");
                return;
            }
            let output = run_in_shell("exec", &writer.line(&evidence.0, &out.0));
            let what = format!("{writer:?}, {kib} KiB");
            let checked = std::panic::catch_unwind(|| {
                if output.status.code() == Some(1) {
                    assert_failed(&output, &out.0, &["No space left"], &what);
                } else {
                    assert!(matches!(output.status.code(), Some(0 | 3)), "{what}: {output:?}");
                }
                assert_whole(&out.0, writer, &expected, false, &what);
                // A page of the file system has 4 KiB.
                assert!(kib > 4 || !output.status.success(), "{what}: {output:?}");
            });
            assert!(Command::new("umount").arg(out.path()).status().unwrap().success());
            checked.unwrap();
        }
    }
}

#[test]
fn result_on_a_full_device_is_an_error() {
    let evidence = evidence();
    let (all, hive) =
        (evidence.path().to_owned(), evidence.0.join("client/SOFTWARE").display().to_string());
    for line in [
        &["scan", &all][..],
        &["scan", &all, "--format", "json"],
        &["scan", &all, "--format", "html"],
        &["info", &hive],
        &["walk", &hive],
        &["get", &hive, "Microsoft"],
        &["recover", &hive, "--format", "json"],
        &["replay", &hive],
        &["carve", &hive],
        &["diff", &hive, &hive],
        &["explain"],
        &["completions", "bash"],
        &["man"],
    ] {
        let line: Vec<String> = line.iter().map(|it| (*it).to_owned()).collect();
        let output = run_in_shell("exec >/dev/full", &line);
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{line:?}: {err}");
        assert!(err.contains("No space left"), "{line:?}: {err}");
    }
}

/// Returns a command that runs the program as a user without rights; `None` if the test cannot change the user.
fn as_nobody() -> Option<Command> {
    let is_root =
        fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    if !is_root {
        return Some(Command::new(env!("CARGO_BIN_EXE_calhive")));
    }
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let mut works = Command::new("setpriv");
    works.args(nobody).arg(env!("CARGO_BIN_EXE_calhive")).arg("--version");
    if !works.output().is_ok_and(|output| output.status.success()) {
        println!("skipped: setpriv is missing, or the program is below a private folder");
        return None;
    }
    let mut command = Command::new("setpriv");
    command.args(nobody).arg(env!("CARGO_BIN_EXE_calhive"));
    Some(command)
}

/// Makes all files and folders those of the user without rights.
fn give_away(folder: &Path) {
    // Only the user with all rights can do it. Any other user keeps the files.
    let give = |path: &Path| drop(chown(path, Some(NOBODY), Some(NOBODY)));
    give(folder);
    for path in hashes(folder).keys() {
        path.ancestors().take_while(|it| it.starts_with(folder)).for_each(give);
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn folder_without_write_permission_is_an_error_and_stays_as_it_is() {
    let evidence = evidence();
    let before = hashes(&evidence.0);
    for writer in Writer::ALL {
        let out = Folder::new();
        give_away(&out.0);
        set_mode(&out.0, 0o555);
        let Some(mut command) = as_nobody() else { return };
        let output = command.args(writer.line(&evidence.0, &out.0)).output().unwrap();
        let what = format!("{writer:?}");
        assert_failed(&output, &out.0, &["Permission denied"], &what);
        assert_eq!(fs::read_dir(&out.0).unwrap().count(), 0, "{what}");
        set_mode(&out.0, 0o755);
    }
    assert_eq!(hashes(&evidence.0), before);
}

/// The folder of the output or the evidence becomes inaccessible during the run.
#[test]
fn permission_that_is_lost_at_a_random_moment_leaves_no_half_file() {
    let evidence = evidence();
    give_away(&evidence.0);
    let before = hashes(&evidence.0);
    let mut rng = Rng::new(0x7E57);
    for writer in Writer::ALL {
        let expected = whole(writer, &evidence.0);
        let measured = Folder::new();
        let time = time_of(&writer.line(&evidence.0, &measured.0));
        for case in 0..cases(8) {
            let out = Folder::new();
            give_away(&out.0);
            let Some(mut command) = as_nobody() else { return };
            let line = writer.line(&evidence.0, &out.0);
            let child = command.args(line).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
            let child = child.unwrap();
            sleep(part(time, &mut rng));
            let lost = if rng.below(2) == 0 { &out.0 } else { &evidence.0 };
            set_mode(lost, 0);
            let output = child.wait_with_output().unwrap();
            set_mode(lost, 0o755);
            let what = format!("{writer:?}, case {case}, {}", lost.display());
            assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{what}: {output:?}");
            // Without the right to the folder, its temporary files cannot be removed either.
            assert_whole(&out.0, writer, &expected, lost == &out.0, &what);
        }
    }
    assert_eq!(hashes(&evidence.0), before);
}

/// The state of a report: hash of the hive, and whether the run calls its input changed or unreadable.
fn source_hash(output: &Output) -> Option<String> {
    let report: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(report["sources"][0]["sha256"].as_str()?.to_owned())
}

#[test]
fn hive_that_changes_at_a_random_moment_is_reported_or_read_in_one_state() {
    let folder = Folder::new();
    copy("windows-10-client-with-token", &folder.0);
    let hive = folder.0.join("SOFTWARE");
    let mut original = fs::read(&hive).unwrap();
    // Large enough that a run takes a while.
    original.resize(8 << 20, 0x5A);
    let path = hive.display().to_string();
    let mut rng = Rng::new(0xC4A7);
    let mut reported = 0;
    for more in [&[][..], &["--no-mmap"]] {
        let line: Vec<String> = ["scan", &path, "--format", "json"]
            .iter()
            .chain(more)
            .map(|it| (*it).to_owned())
            .collect();
        fs::write(&hive, &original).unwrap();
        let time = time_of(&line);
        for case in 0..cases(12) {
            fs::write(&hive, &original).unwrap();
            let child = Command::new(env!("CARGO_BIN_EXE_calhive"))
                .args(&line)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            sleep(part(time, &mut rng));
            let kind = rng.below(3);
            match kind {
                0 => OpenOptions::new()
                    .write(true)
                    .open(&hive)
                    .unwrap()
                    .set_len(rng.below(8 << 20) as u64)
                    .unwrap(),
                1 => OpenOptions::new()
                    .append(true)
                    .open(&hive)
                    .unwrap()
                    .write_all(&[7; 5000])
                    .unwrap(),
                _ => {
                    let other = folder.0.join("other");
                    fs::write(&other, &original[..4096 + 4096]).unwrap();
                    fs::rename(&other, &hive).unwrap();
                }
            }
            let after = sha256(&fs::read(&hive).unwrap());
            let output = child.wait_with_output().unwrap();
            let what = format!("case {case}, kind {kind}, {more:?}");
            let err = String::from_utf8_lossy(&output.stderr);
            let code = output.status.code();
            assert!(matches!(code, Some(0 | 1 | 3)), "{what}: {:?} {err}", output.status);
            assert!(!err.contains("panicked"), "{what}: {err}");
            let states = [sha256(&original), after];
            if code == Some(0) {
                let hash = source_hash(&output).unwrap();
                assert!(states.contains(&hash), "{what}: another state without a word: {err}");
            } else {
                assert!(err.contains(&path), "{what}: {err}");
                reported += 1;
            }
        }
    }
    assert!(reported > 0, "no change was met");
}
