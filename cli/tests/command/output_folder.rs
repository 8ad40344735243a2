// SPDX-License-Identifier: GPL-3.0-or-later
//! `scan -o DIR`.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use hive_forge::canonical::sha256;
use hive_forge::scenario as scenarios;
use serde_json::Value;

use super::{Folder, calhive, calhive_in, run_in_shell, scenario};

const NAMES: [&str; 12] = [
    "SHA256SUMS",
    "copies.csv",
    "findings.csv",
    "hosts.csv",
    "manifest.json",
    "records.jsonl",
    "report.html",
    "report.json",
    "settings.csv",
    "timeline.csv",
    "timesketch.jsonl",
    "tokens.csv",
];

fn names(folder: &Path) -> HashSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

/// Rows of a table, each as a map from column to cell.
fn rows(file: &Path) -> Vec<HashMap<String, String>> {
    let text = fs::read_to_string(file).unwrap();
    let text = text.strip_prefix('\u{FEFF}').unwrap();
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// Copies a scenario into a folder.
fn copy(name: &str, to: &Path) {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    copy(&scenario(name), to);
}

#[test]
fn folder_has_every_file_and_its_hash() {
    let out = Folder::new();
    for scenario in scenarios::every() {
        let folder = out.0.join(scenario.name);
        let hives = self::scenario(scenario.name);
        let run = calhive([
            "scan",
            "-q",
            "-o",
            folder.to_str().unwrap(),
            "--case",
            "C-1",
            "--evidence-id",
            "E-2",
            "--examiner",
            "Ada",
            hives.to_str().unwrap(),
        ]);
        assert_eq!(names(&folder), NAMES.map(str::to_owned).into(), "{}", scenario.name);
        let manifest = manifest(&folder);
        assert_eq!(manifest["schema"], "urn:calhive:manifest:1");
        assert_eq!(manifest["exit_code"], run.code);
        assert_eq!(
            [&manifest["case"], &manifest["evidence_id"], &manifest["examiner"]],
            ["C-1", "E-2", "Ada"]
        );
        let sums = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
        assert_eq!(sums.lines().count(), NAMES.len() - 1);
        for line in sums.lines() {
            let (hash, name) = line.split_once("  ").unwrap();
            assert_eq!(sha256(&fs::read(folder.join(name)).unwrap()), hash, "{name}");
        }
        for output in manifest["outputs"].as_array().unwrap() {
            let bytes = fs::read(folder.join(output["name"].as_str().unwrap())).unwrap();
            assert_eq!(output["sha256"], sha256(&bytes));
            assert_eq!(output["size"], bytes.len());
        }
        let report: Value =
            serde_json::from_slice(&fs::read(folder.join("report.json")).unwrap()).unwrap();
        for (file, part) in [
            ("hosts.csv", "hosts"),
            ("tokens.csv", "tokens"),
            ("findings.csv", "findings"),
            ("timeline.csv", "events"),
        ] {
            assert_eq!(
                rows(&folder.join(file)).len(),
                report[part].as_array().unwrap().len(),
                "{file}"
            );
        }
        let inputs = manifest["inputs"].as_array().unwrap();
        let logs = report["sources"].as_array().unwrap().iter();
        let logs = logs.map(|source| source["replay"]["logs"].as_array().map_or(0, Vec::len));
        assert_eq!(inputs.len(), report["sources"].as_array().unwrap().len() + logs.sum::<usize>());
        for input in inputs {
            let bytes = fs::read(input["path"].as_str().unwrap()).unwrap();
            assert_eq!(input["sha256_before"], sha256(&bytes));
            assert_eq!(input["sha256_after"], sha256(&bytes));
            assert_eq!(input["is_unchanged"], true);
            assert_eq!(input["size"], bytes.len());
        }
    }
}

#[test]
fn sums_are_those_of_sha256sum() {
    let out = Folder::new();
    let hives = scenario("office-network");
    calhive(["scan", "-q", "-o", out.path(), hives.to_str().unwrap()]).code(0);
    let check =
        || Command::new("sha256sum").current_dir(&out.0).args(["-c", "SHA256SUMS"]).output();
    let Ok(checked) = check() else { return };
    assert!(checked.status.success(), "{checked:?}");
    fs::write(out.0.join("hosts.csv"), "changed").unwrap();
    assert!(!check().unwrap().status.success());
}

#[test]
fn hosts_have_their_role_mode_servers_and_tokens() {
    let out = Folder::new();
    let hives = scenario("office-network");
    calhive(["scan", "-q", "-o", out.path(), hives.to_str().unwrap()]).code(0);
    let hosts = rows(&out.0.join("hosts.csv"));
    let host = |name: &str| hosts.iter().find(|host| host["Name"] == name).unwrap();
    let client = host("CLIENT01");
    assert_eq!((&*client["Role"], &*client["TokensStored"]), ("client", "1"));
    assert_eq!(client["EarliestEnd"], "2023-12-19 07:12:45.0000000");
    assert_eq!(client["LatestEndFiletime"], "'133474435650000000");
    assert_eq!((&*client["FindingsNotice"], &*client["ReadWhole"]), ("1", "yes"));

    let out = Folder::new();
    let hives = scenario("windows-server-2019-session-host");
    calhive(["scan", "-q", "-o", out.path(), hives.to_str().unwrap()]).code(0);
    let host = &rows(&out.0.join("hosts.csv"))[0];
    let cells =
        ["Role", "Mode", "ModeName", "ModeSource", "Servers", "ServersSource"].map(|it| &*host[it]);
    let servers = "rdlic01.corp.example; rdlic09.corp.example";
    assert_eq!(cells, ["session host", "4", "Per User", "policy", servers, "policy"]);
    let settings = rows(&out.0.join("settings.csv"));
    let effects: Vec<(&str, &str)> = settings
        .iter()
        .filter(|row| row["Code"].ends_with("licensing_mode"))
        .map(|row| (&*row["Data"], &*row["InEffect"]))
        .collect();
    assert_eq!(effects, [("4", "in effect"), ("2", "overridden"), ("2", "")]);
}

#[test]
fn folder_in_an_input_is_refused() {
    let folder = Folder::new();
    copy("windows-10-client-plain", &folder.0.join("evidence"));
    let at = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    let evidence = at("evidence");
    let hive = scenarios::every();
    let hive = hive.iter().find(|it| it.name == "windows-10-client-plain").unwrap().files();
    let hive = at(&format!("evidence/{}", hive[0].0));
    #[cfg(unix)]
    std::os::unix::fs::symlink(&evidence, folder.0.join("link")).unwrap();
    for (input, output, says) in [
        (&evidence, at("evidence"), "is in the input"),
        (&evidence, at("evidence/new/out"), "is in the input"),
        (&evidence, at("evidence/../evidence/out"), "is in the input"),
        #[cfg(unix)]
        (&evidence, at("link/out"), "is in the input"),
        (&hive, at("evidence/Windows/System32/config/out"), "is below the folder of"),
    ] {
        let before = names(&folder.0.join("evidence"));
        let run = calhive(["scan", "-o", &output, input]);
        let says = if run.err.contains("same folder") { "same folder" } else { says };
        assert!(run.code == 1 && run.err.contains(says), "{output}: {run:?}");
        assert_eq!(names(&folder.0.join("evidence")), before);
    }
    calhive(["scan", "-q", "-o", &at("out"), &evidence]).code(0);
    // Relative names are those of the working folder.
    let run = calhive_in(&folder.0, ["scan", "-o", "evidence/out", "evidence"]).code(1);
    assert!(run.err.contains("is in the input"), "{run:?}");
}

#[test]
fn existing_files_stay_without_force() {
    let out = Folder::new();
    let hives = scenario("windows-10-client-plain");
    let hives = hives.to_str().unwrap();
    out.file("hosts.csv", b"mine");
    out.file("notes.txt", b"mine");
    let run = calhive(["scan", "-o", out.path(), hives]).code(1);
    assert!(run.err.contains("hosts.csv exists; --force overwrites it"), "{run:?}");
    assert!(run.out.is_empty(), "refused before the scan");
    assert_eq!(names(&out.0).len(), 2);
    calhive(["scan", "-q", "--force", "-o", out.path(), hives]).code(0);
    assert_ne!(fs::read(out.0.join("hosts.csv")).unwrap(), b"mine");
    assert_eq!(fs::read(out.0.join("notes.txt")).unwrap(), b"mine");
    calhive(["scan", "-q", "-o", out.path(), hives]).code(1);
    calhive(["scan", "-q", "--force", "-o", out.path(), hives]).code(0);
}

#[cfg(unix)]
#[test]
fn links_and_devices_as_outputs_are_refused() {
    let (out, other) = (Folder::new(), Folder::new());
    let hives = scenario("windows-10-client-plain");
    let hives = hives.to_str().unwrap();
    let target = other.file("target", b"kept");
    std::os::unix::fs::symlink(&target, out.0.join("report.json")).unwrap();
    let run = calhive(["scan", "--force", "-o", out.path(), hives]).code(1);
    assert!(run.err.contains("report.json is not a regular file"), "{run:?}");
    assert_eq!(fs::read(&target).unwrap(), b"kept");
    assert!(out.0.join("report.json").is_symlink());
    for output in ["/dev/null", &target] {
        let run = calhive(["scan", "--force", "-o", output, hives]).code(1);
        assert!(run.err.contains(output), "{run:?}");
    }
    assert_eq!(fs::read(&target).unwrap(), b"kept");
}

#[cfg(all(unix, not(calhive_portable)))]
#[test]
fn file_beyond_the_largest_size_is_an_error_and_leaves_no_file() {
    let hives = scenario("office-network");
    let hives = hives.to_str().unwrap();
    for kib in [1, 64, 500, 980] {
        // A file over the limit sends a signal that ends a process by default.
        for trap in ["", "trap '' XFSZ; "] {
            let out = Folder::new();
            let args = ["scan", "-q", "--format", "tln", "-o", out.path(), hives];
            let run = run_in_shell(&format!("{trap}ulimit -f {kib}; exec"), &args);
            assert_eq!(run.status.code(), Some(1), "{kib}: {run:?}");
            let err = String::from_utf8(run.stderr).unwrap();
            assert!(err.contains(" could not be written: File too large"), "{err}");
            assert_eq!(names(&out.0), HashSet::new());
        }
    }
}

#[test]
fn input_that_changes_during_the_scan_is_in_the_manifest() {
    let folder = Folder::new();
    copy("office-network", &folder.0.join("evidence"));
    let (evidence, out) = (folder.0.join("evidence"), folder.0.join("out"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_calhive"))
        .args(["scan", "-v", "--format", "json", "-o"])
        .args([&out, &evidence])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Each hive is named before it is read, so the first one was read when the second one is named.
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut hives =
        lines.by_ref().filter_map(|line| line.strip_prefix("calhive: reading ").map(String::from));
    let (hive, _) = (hives.next().unwrap(), hives.next().unwrap());
    let mut bytes = fs::read(&hive).unwrap();
    bytes[5000] ^= 1;
    fs::write(&hive, bytes).unwrap();
    let err = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(child.wait().unwrap().code(), Some(3), "{err}");
    assert!(err.contains(&format!("{hive}: changed while it was read")), "{err}");
    let manifest = manifest(&out);
    assert_eq!(manifest["exit_code"], 3);
    let changed = manifest["inputs"].as_array().unwrap().iter();
    let changed: Vec<&Value> = changed.filter(|input| input["is_unchanged"] == false).collect();
    assert_eq!(changed.len(), 1);
    assert_ne!(changed[0]["sha256_before"], changed[0]["sha256_after"]);
    let warnings = manifest["warnings"].to_string();
    assert!(warnings.contains("changed while it was read"), "{warnings}");
}

#[test]
#[cfg(unix)]
fn closed_pipe_leaves_a_complete_folder() {
    let hives = scenario("office-network");
    let out = Folder::new();
    let command = r#""$1" scan "$2" -q --format json -o "$3" --fail-on info | head -c 1 >"$3.byte"; echo "${PIPESTATUS[0]}""#;
    let run = Command::new("bash")
        .args(["-c", command, "bash", env!("CARGO_BIN_EXE_calhive")])
        .args([hives.to_str().unwrap(), out.path()])
        .output()
        .unwrap();
    fs::remove_file(format!("{}.byte", out.path())).unwrap();
    assert_eq!(names(&out.0), NAMES.map(String::from).into());
    // The exit code is that of the findings, not of the pipe.
    assert_eq!(String::from_utf8(run.stdout).unwrap(), "4\n");
}

#[test]
fn folder_that_a_killed_run_left_is_named_and_kept() {
    let out = Folder::new();
    let left = out.0.join(".calhive-part-1");
    fs::create_dir(&left).unwrap();
    let hives = scenario("windows-10-client-plain");
    let run = calhive(["scan", "-o", out.path(), hives.to_str().unwrap()]).code(0);
    let note = format!("{}: left over from a run that was killed", left.display());
    assert!(run.err.contains(&note), "{}", run.err);
    assert!(left.is_dir());
    assert_eq!(names(&out.0).len(), NAMES.len() + 1);
}

#[test]
#[cfg(unix)]
fn hives_in_folders_with_bytes_that_are_no_utf_8_stay_apart() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let (evidence, out) = (Folder::new(), Folder::new());
    for (byte, client) in [(b"a\xFE", "CLIENT01"), (b"a\xFF", "CLIENT02")] {
        let folder = evidence.0.join(OsStr::from_bytes(byte));
        copy(&format!("office-network/{client}"), &folder);
    }
    let run = calhive(["scan", "-q", "-o", out.path(), evidence.path()]).code(0);
    assert!(!run.err.contains("changed"), "{}", run.err);
    let manifest = manifest(&out.0);
    let inputs = manifest["inputs"].as_array().unwrap();
    assert!(inputs.iter().all(|input| input["is_unchanged"] == true), "{inputs:?}");
    let of = |byte: &str| {
        inputs.iter().filter(|input| input["path"].as_str().unwrap().contains(byte)).count()
    };
    assert_eq!((of(r"a\xFE"), of(r"a\xFF")), (inputs.len() / 2, inputs.len() / 2));
}
