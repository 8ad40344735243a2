// SPDX-License-Identifier: GPL-3.0-or-later
//! Archives as inputs: custody, `extract`, `--resume`, threads and standard input.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hive_forge::canonical::sha256;
use serde_json::Value;

use super::{Folder, Run, calhive_in, scenario};

const HOST: &str = "windows-10-client-with-token";

/// Packs the files of a scenario into a zip archive.
fn zip(folder: &Path, name: &str) -> PathBuf {
    zip_of(HOST, folder, name)
}

fn zip_of(host: &str, folder: &Path, name: &str) -> PathBuf {
    let archive = folder.join(name);
    let mut command = Command::new("zip");
    command.current_dir(scenario(host)).args(["-q", "-X", "-r"]).arg(&archive).arg(".");
    assert!(command.status().unwrap().success());
    archive
}

fn zip_is_there() -> bool {
    let is_there = Command::new("zip").arg("-v").stdout(Stdio::null()).status().is_ok();
    assert!(is_there || std::env::var_os("CI").is_none(), "zip is missing");
    if !is_there {
        println!("skipped: zip is missing");
    }
    is_there
}

fn run(arguments: &[&str], folder: &Path) -> Run {
    calhive_in(folder, arguments)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn archive_is_hashed_and_read_again_and_a_changed_one_is_named() {
    if !zip_is_there() {
        return;
    }
    let folder = Folder::new();
    let archive = zip(&folder.0, "host.zip");
    let hash = sha256(&fs::read(&archive).unwrap());
    let target = Folder::new();
    let out = target.0.join("report");
    let to = out.to_str().unwrap();
    let options = ["scan", "host.zip", "--hash-images", "--verify-after", "-q", "-o", to];
    run(&options, &folder.0).code(0);
    let manifest = json(&out.join("manifest.json"));
    let inputs = manifest["inputs"].as_array().unwrap();
    let of_kind = |kind: &str| inputs.iter().filter(|it| it["kind"] == kind).collect::<Vec<_>>();
    let image = of_kind("image")[0];
    assert_eq!(
        (&image["sha256_before"], &image["sha256_after"]),
        (&hash.clone().into(), &hash.into())
    );
    let hives = of_kind("hive");
    assert_eq!(hives.len(), 2);
    for hive in hives {
        let name = Path::new(hive["path"].as_str().unwrap()).file_name().unwrap();
        let original = sha256(&fs::read(scenario(HOST).join(name)).unwrap());
        assert_eq!(hive["sha256_after"], original);
        assert_eq!(hive["is_unchanged"], true);
    }
    let report = json(&out.join("report.json"));
    assert_eq!(report["inputs"][0]["format"], "zip");
    assert!(report["inputs"][0]["bytes_read"].as_u64().unwrap() > 1000);
    assert_eq!(report["sources"][0]["locator"]["input"], "host.zip");
}

#[test]
fn extracted_hives_are_the_original_bytes_with_a_command_that_gives_them_too() {
    if !zip_is_there() {
        return;
    }
    let folder = Folder::new();
    zip(&folder.0, "host.zip");
    fs::create_dir(folder.0.join("work")).unwrap();
    let out = Folder::new();
    let target = out.0.to_str().unwrap();
    run(&["extract", "host.zip", "-o", target], &folder.0).code(0);
    let manifest = json(&out.0.join("manifest.json"));
    let files = manifest["files"].as_array().unwrap();
    assert_eq!(files.len(), 2);
    for file in files {
        let copy = fs::read(out.0.join(file["path"].as_str().unwrap())).unwrap();
        let name = Path::new(file["evidence"].as_str().unwrap()).file_name().unwrap();
        assert_eq!(copy, fs::read(scenario(HOST).join(name)).unwrap());
        assert_eq!(file["sha256"], sha256(&copy));
        let command = file["second_tool"].as_str().unwrap();
        assert!(command.starts_with("unzip -p "), "{command}");
        // Debian's unzip is not always there; the form of its arguments is what counts.
        if let Ok(other) = Command::new("sh").arg("-c").arg(command).current_dir(&folder.0).output()
            && other.status.success()
        {
            assert_eq!(other.stdout, copy);
        }
    }
    let again = run(&["extract", "host.zip", "-o", target], &folder.0).code(1);
    assert!(again.err.contains("--force"), "{}", again.err);
    let inside = run(&["extract", ".", "-o", "work"], &folder.0).code(1);
    assert!(inside.err.contains("is in the input"), "{}", inside.err);
}

#[cfg(unix)]
#[test]
fn copy_never_follows_a_link_out_of_the_output_folder() {
    let (evidence, out) = (Folder::new(), Folder::new());
    let hive = fs::read(scenario(HOST).join("SOFTWARE")).unwrap();
    evidence.file("SYSTEM", &hive);
    std::os::unix::fs::symlink(&evidence.0, out.0.join("files")).unwrap();
    let run = run(&["extract", evidence.path(), "-o", out.path(), "--force"], Path::new("."));
    let run = run.code(3);
    assert!(run.err.contains("is a link out of the output folder"), "{}", run.err);
    let names = fs::read_dir(&evidence.0).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["SYSTEM"]);
    assert_eq!(fs::read(evidence.0.join("SYSTEM")).unwrap(), hive);
    assert_eq!(json(&out.0.join("manifest.json"))["files"].as_array().unwrap().len(), 0);
}

#[test]
fn resumed_scan_skips_complete_reports_and_reads_changed_inputs() {
    if !zip_is_there() {
        return;
    }
    let folder = Folder::new();
    zip(&folder.0, "a.zip");
    fs::copy(folder.0.join("a.zip"), folder.0.join("b.zip")).unwrap();
    fs::write(folder.0.join("bad.zip"), b"PK\x03\x04").unwrap();
    let out = Folder::new();
    let target = out.0.to_str().unwrap();
    let arguments = ["scan", "a.zip", "bad.zip", "b.zip", "-o", target, "--resume", "-q"];
    let first = run(&arguments, &folder.0);
    let first = first.code(3);
    assert!(first.err.contains("bad.zip"), "{}", first.err);
    let text = first.text();
    assert_eq!(text.matches("1 host, ").count(), 2, "{text}");
    let written = fs::read(out.0.join("a.zip/report.json")).unwrap();
    let second = run(&arguments, &folder.0).code(3);
    assert_eq!(second.text().matches("complete before, skipped").count(), 2, "{}", second.text());
    assert_eq!(fs::read(out.0.join("a.zip/report.json")).unwrap(), written);
    // Without its sums, a report is not complete.
    fs::remove_file(out.0.join("b.zip/SHA256SUMS")).unwrap();
    let third = [&arguments[..], &["--force"]].concat();
    let third = run(&third, &folder.0).code(3);
    assert_eq!(third.text().matches("complete before, skipped").count(), 1, "{}", third.text());
}

#[test]
fn report_of_many_archives_is_the_same_on_one_thread_and_on_two() {
    if !zip_is_there() {
        return;
    }
    let folder = Folder::new();
    // Its logs are read with its hives.
    let first = zip_of("windows-server-2019-settings-in-logs", &folder.0, "000.zip");
    let number = if std::env::var_os("CALHIVE_FULL").is_some() { 200 } else { 12 };
    for index in 1..number {
        fs::copy(&first, folder.0.join(format!("{index:03}.zip"))).unwrap();
    }
    let report = |threads: &str| {
        let output = run(&["scan", ".", "--format", "json", "-q", "--threads", threads], &folder.0);
        let text = output.code(0).text().to_owned();
        let arguments = text.find("\"arguments\"").unwrap();
        let end = arguments + text[arguments..].find(']').unwrap();
        text.get(..arguments).unwrap().to_owned() + text.get(end..).unwrap()
    };
    let (one, two) = (report("1"), report("2"));
    assert!(one.matches("000.zip").count() > 0);
    assert!(one == two, "the reports differ");
}

#[test]
fn archive_and_hive_are_read_from_standard_input() {
    let hive = fs::read(scenario(HOST).join("SOFTWARE")).unwrap();
    let piped = |bytes: &[u8]| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("calhive"));
        command.args(["scan", "-", "--format", "json"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A child that refuses its input closes the pipe.
        let _ = child.stdin.take().unwrap().write_all(bytes);
        child.wait_with_output().unwrap()
    };
    let output = piped(&hive);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["sources"][0]["sha256"], sha256(&hive));
    assert_eq!(report["tokens"].as_array().unwrap().len(), 2);
    let empty = piped(b"");
    assert_eq!(empty.status.code(), Some(1));
    let message = String::from_utf8(empty.stderr).unwrap();
    assert!(message.contains("standard input is empty"), "{message}");
}

#[test]
fn recovery_password_is_in_no_output() {
    let folder = Folder::new();
    let password = "123456-234567-345678-456789-567890-678901-789012-890123";
    let out = Folder::new();
    let hive = scenario(HOST);
    let joined = format!("--bitlocker-recovery-password={password}");
    for arguments in [vec!["--bitlocker-recovery-password", password], vec![&joined]] {
        let fixed = ["scan", "-v", "--force", hive.to_str().unwrap(), "-o", out.path()];
        let output = run(&[&fixed[..], &arguments].concat(), &folder.0).code(0);
        let mut texts = vec![output.out, output.err.into_bytes()];
        for file in fs::read_dir(&out.0).unwrap().map(Result::unwrap) {
            texts.push(fs::read(file.path()).unwrap());
        }
        assert!(texts.len() > 10);
        for text in texts {
            assert!(!String::from_utf8_lossy(&text).contains(password));
        }
        let manifest = json(&out.0.join("manifest.json"));
        assert!(manifest["command_line"].to_string().contains("[secret]"));
    }
}

#[test]
fn wrong_recovery_password_is_in_no_usage_error() {
    let folder = Folder::new();
    let password = "123456-234567-345678-456789-567890-678901-789012-890123";
    let wrong = format!("{password}-1");
    let joined = format!("--bitlocker-recovery-password={wrong}");
    let misspelled = format!("--bitlocker-password={password}");
    let lines: [&[&str]; 6] = [
        &["scan", "x", password],
        &["scan", "x", "--bitlocker-recovery-password", &wrong],
        &["scan", "x", &joined],
        &["scan", "x", &misspelled],
        &["info", "x", password],
        &["scan", "--bitlocker-recovery-password", "123456", "234567", "--unknown", "345678"],
    ];
    for line in lines {
        let output = run(line, &folder.0).code(2);
        assert!(output.err.contains("error: "), "{line:?}: {}", output.err);
        for group in password.split('-') {
            assert!(!output.err.contains(group), "{line:?}: {}", output.err);
        }
    }
}
