// SPDX-License-Identifier: GPL-3.0-or-later
//! Long runs: progress on a terminal, and an end by Ctrl-C.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use super::{Folder, Run, calhive, scenario};

/// Writes this many clients, each with hives of its own hash.
fn clients(number: usize) -> Folder {
    let folder = Folder::new();
    for client in 0..number {
        for hive in ["SYSTEM", "SOFTWARE"] {
            let of = scenario("windows-10-client-with-token").join("Windows/System32/config");
            let of = if of.is_dir() { of } else { scenario("windows-10-client-with-token") };
            let mut bytes = fs::read(of.join(hive)).unwrap();
            bytes.extend(vec![0; client]);
            folder.file(&format!("client-{client:03}/Windows/System32/config/{hive}"), &bytes);
        }
    }
    folder
}

fn spawn(args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_calhive"))
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Sends SIGINT as soon as a line of standard error starts with `when`, then waits for the end.
fn interrupted(mut child: Child, when: &str) -> Run {
    let mut err = String::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    while !err.lines().any(|line| line.starts_with(when)) {
        assert!(lines.read_line(&mut err).unwrap() > 0, "no {when:?}: {err}");
    }
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    // Both pipes must be emptied at the same time: a full one would stop the command.
    let mut out = child.stdout.take().unwrap();
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).unwrap();
        bytes
    });
    lines.read_to_string(&mut err).unwrap();
    let code = child.wait().unwrap().code().unwrap();
    Run { code, out: out.join().unwrap(), err }
}

#[test]
fn interrupted_scan_ends_with_valid_output_marked_incomplete() {
    let folder = clients(200);
    let child = spawn(&["scan", "-v", "--format", "json", folder.path()]);
    let run = interrupted(child, "calhive: reading ").code(3);
    let report = run.json();
    let read = report["sources"].as_array().unwrap().len();
    let not_read = report["not_read"].as_array().unwrap();
    assert!((1..400).contains(&read), "{read}");
    assert_eq!(read + not_read.len(), 400);
    assert!(not_read.iter().all(|input| input["kind"] == "interrupted"), "{not_read:?}");
    assert!(run.err.contains("was not read: the scan was interrupted before it"), "{}", run.err);
}

#[test]
fn interrupted_carving_ends_with_code_3() {
    let folder = Folder::new();
    // Sparse, so that it takes no space.
    let path = folder.file("raw", b"");
    fs::File::options().write(true).open(&path).unwrap().set_len(64 << 30).unwrap();
    let hive = folder.file("HIVE", &super::forged().bytes);
    let child = spawn(&["carve", "-v", "--format", "jsonl", &hive, &path]);
    let run = interrupted_after_output(child);
    assert_eq!(run.code, 3, "{run:?}");
    assert!(run.err.contains("interrupted by the user"), "{}", run.err);
    assert!(
        run.lines().iter().any(|line| line["what"] == "hive" || line["kind"] == "hive"),
        "{run:?}"
    );
}

/// Sends SIGINT after the first byte of output.
fn interrupted_after_output(mut child: Child) -> Run {
    let mut out = vec![0];
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut out).unwrap();
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    pipe.read_to_end(&mut out).unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    let code = child.wait().unwrap().code().unwrap();
    Run { code, out, err }
}

/// Runs the command on a pseudo terminal, which `script` makes. Returns what the terminal received.
fn on_terminal(args: &str) -> String {
    let command = format!("{} {args}", env!("CARGO_BIN_EXE_calhive"));
    let run = Command::new("script").args(["-qec", &command, "/dev/null"]).output().unwrap();
    String::from_utf8_lossy(&run.stdout).into_owned()
}

#[test]
fn progress_is_shown_on_a_terminal_only() {
    let folder = clients(3);
    let run = calhive(["scan", folder.path()]).code(0);
    for part in ["searching for hives", "hive 1 of"] {
        assert!(!run.err.contains(part), "{}", run.err);
    }
    let shown = on_terminal(&format!("scan {}", folder.path()));
    for part in ["searching for hives: ", "hive 1 of 6, "] {
        assert!(shown.contains(part), "{part}: {shown:?}");
    }
    let quiet = on_terminal(&format!("scan -q {}", folder.path()));
    assert!(!quiet.contains("searching for hives"), "{quiet:?}");
}
