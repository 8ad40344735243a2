// SPDX-License-Identifier: GPL-3.0-or-later
//! Files that are no files for every subcommand: one line about each, the right exit code, and no waiting.
#![cfg(target_os = "linux")]

use core::time::Duration;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{Folder, Run, forged};

/// Longest time of a run.
const LONGEST: Duration = Duration::from_secs(20);

/// Subcommands with a file, and what follows the file.
const COMMANDS: [(&[&str], &[&str]); 10] = [
    (&["scan"], &[]),
    (&["info"], &[]),
    (&["walk"], &[]),
    (&["get"], &["Alpha"]),
    (&["recover"], &[]),
    (&["replay"], &[]),
    (&["carve"], &[]),
    (&["token"], &[]),
    (&["diff"], &["SECOND"]),
    (&["extract"], &["-o", "OUT"]),
];

/// A folder with files that are no files.
struct Files {
    folder: Folder,
    out: Folder,
    good: String,
}

impl Files {
    fn new() -> Self {
        let (folder, out) = (Folder::new(), Folder::new());
        let good = out.file("good/HIVE", &forged().bytes);
        let at = |name: &str| folder.0.join(name);
        let made = Command::new("mkfifo").arg(at("fifo")).status().unwrap();
        assert!(made.success());
        fs::create_dir(at("folder")).unwrap();
        fs::write(at("empty"), b"").unwrap();
        symlink("loop-2", at("loop-1")).unwrap();
        symlink("loop-1", at("loop-2")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        symlink("/dev/zero", at("to-zero")).unwrap();
        drop(std::os::unix::net::UnixListener::bind(at("socket")).unwrap());
        let sparse = fs::File::create(at("sparse")).unwrap();
        // Without the room of a file system for so large a file, the file is as large as possible.
        let sizes = [1_u64 << 62, 1 << 44, 1 << 40, 1 << 33];
        assert!(sizes.into_iter().any(|size| sparse.set_len(size).is_ok()));
        Self { folder, out, good }
    }

    /// Runs a subcommand on a path. Fails if the run takes long.
    #[track_caller]
    fn run(&self, (args, after): (&[&str], &[&str]), path: &str) -> Run {
        let out = self.out.0.join("out");
        let after = after.iter().map(|it| match *it {
            "SECOND" => self.good.clone(),
            "OUT" => out.display().to_string(),
            other => other.to_owned(),
        });
        let mut child = Command::new(env!("CARGO_BIN_EXE_calhive"))
            .args(args)
            .arg(path)
            .args(after)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let began = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if began.elapsed() > LONGEST {
                child.kill().unwrap();
                panic!("{args:?} {path}: no end after {LONGEST:?}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let output = child.wait_with_output().unwrap();
        let code = output.status.code().unwrap_or_else(|| panic!("{args:?} {path}: {output:?}"));
        Run { code, out: output.stdout, err: String::from_utf8(output.stderr).unwrap() }
    }
}

/// Asserts that a run refuses its only input: exit code 1, and one line about the path.
#[track_caller]
fn assert_refused(run: &Run, path: &str, what: &str) {
    assert_eq!(run.code, 1, "{what}: {run:?}");
    let lines: Vec<&str> = run.err.lines().collect();
    assert!(lines.iter().all(|line| line.starts_with("calhive: ")), "{what}: {run:?}");
    let is_about = |line: &&&str| line.contains(path) && !line.contains("followed link");
    let about: Vec<_> = lines.iter().filter(is_about).collect();
    assert_eq!(about.len(), 1, "{what}: {run:?}");
    assert!(lines.len() <= 3, "{what}: {run:?}");
    assert!(run.out.is_empty(), "{what}: {run:?}");
}

#[test]
fn path_that_is_no_file_is_refused_by_every_subcommand() {
    let files = Files::new();
    for name in ["fifo", "loop-1", "dangling", "to-zero", "socket", "missing"] {
        let path = files.folder.0.join(name).display().to_string();
        for command in COMMANDS {
            assert_refused(&files.run(command, &path), &path, &format!("{command:?} {name}"));
        }
    }
    for path in ["/dev/zero", "/dev/null", "/dev/full", "/dev/tty"] {
        for command in COMMANDS {
            assert_refused(&files.run(command, path), path, &format!("{command:?}"));
        }
    }
}

#[test]
fn empty_file_is_refused_by_every_subcommand_but_carve() {
    let files = Files::new();
    let path = files.folder.0.join("empty").display().to_string();
    for command in COMMANDS {
        let run = files.run(command, &path);
        if command.0 == ["carve"] {
            // A search through nothing finds nothing.
            assert_eq!((run.code, run.err.as_str()), (0, ""), "{run:?}");
        } else {
            assert_refused(&run, &path, &format!("{command:?}"));
        }
    }
}

#[test]
fn folder_is_refused_by_every_subcommand_for_a_file() {
    let files = Files::new();
    let path = files.folder.0.join("folder").display().to_string();
    for command in COMMANDS {
        assert_refused(&files.run(command, &path), &path, &format!("{command:?}"));
    }
}

/// A file as large as the file system takes, with nothing in it.
#[test]
fn huge_sparse_file_is_refused_at_once() {
    let files = Files::new();
    let path = files.folder.0.join("sparse").display().to_string();
    // These search through the whole file, which would take minutes.
    let searches = [&["carve"][..], &["scan"], &["extract"], &["diff"]];
    for command in COMMANDS.into_iter().filter(|it| !searches.contains(&it.0)) {
        assert_refused(&files.run(command, &path), &path, &format!("{command:?}"));
    }
}

/// Files of the kernel have the size 0 and content, or fail on the first read.
#[cfg(not(calhive_portable))]
#[test]
fn file_of_the_kernel_ends_in_an_error_or_a_result() {
    let files = Files::new();
    for path in [
        "/proc/self/status",
        "/proc/self/maps",
        "/proc/self/environ",
        "/proc/self/mem",
        "/proc/self/pagemap",
        "/proc/kmsg",
        "/proc/cpuinfo",
        "/sys/kernel/notes",
        "/sys/power/state",
    ] {
        if !std::path::Path::new(path).exists() {
            continue;
        }
        for command in COMMANDS {
            let run = files.run(command, path);
            let what = format!("{command:?} {path}");
            assert!([0, 1, 3].contains(&run.code), "{what}: {run:?}");
            if run.code != 0 {
                let about = run.err.lines().filter(|line| line.contains(path)).count();
                assert!(about >= 1, "{what}: {run:?}");
            }
        }
    }
}

/// A folder with all of them and a good hive: the hive is read, and no file makes the search wait.
#[test]
fn folder_with_bad_files_is_searched_to_its_end() {
    let files = Files::new();
    fs::remove_file(files.folder.0.join("sparse")).unwrap();
    let hive = files.folder.file("zzz/HIVE", &forged().bytes);
    let run = files.run((&["scan", "-v", "--format", "json"], &[]), files.folder.path());
    assert_eq!(run.code, 0, "{run:?}");
    let sources = run.json()["sources"].as_array().unwrap().clone();
    assert!(matches!(&sources[..], [source] if source["path"] == hive.as_str()), "{sources:?}");
    for name in ["fifo", "socket", "loop-1", "loop-2", "dangling", "to-zero", "empty"] {
        let path = files.folder.0.join(name).display().to_string();
        let about = run.err.lines().filter(|line| {
            line.contains(&format!("{path}:")) || line.contains(&format!("{path} "))
        });
        assert!(about.count() >= 1, "{name}: {}", run.err);
    }
}

/// A named pipe, device or folder beside a hive has the name of its log.
#[test]
fn log_that_is_no_file_is_named_and_the_hive_is_read() {
    let states = hive_forge::log::states();
    let dirty = states.iter().find(|it| it.name == "nothing written, one log").unwrap();
    for kind in ["fifo", "folder", "link", "loop"] {
        let files = Files::new();
        let hive = files.folder.file("logs/SYSTEM", &dirty.primary);
        let log = files.folder.0.join("logs/SYSTEM.LOG1");
        match kind {
            "fifo" => drop(Command::new("mkfifo").arg(&log).status().unwrap()),
            "folder" => fs::create_dir(&log).unwrap(),
            "link" => symlink("/dev/zero", &log).unwrap(),
            _ => symlink("SYSTEM.LOG1", &log).unwrap(),
        }
        for command in [&["info"][..], &["walk"], &["recover"], &["scan"], &["replay"]] {
            let run = files.run((command, &[]), &hive);
            assert_eq!(run.code, 3, "{kind}, {command:?}: {run:?}");
            let named = run.err.lines().filter(|line| line.contains("SYSTEM.LOG1"));
            assert!(named.count() >= 1, "{kind}, {command:?}: {run:?}");
        }
    }
}
