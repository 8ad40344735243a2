// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive-grace scan --grace-end`, on machines whose keys are known.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_core,
    reason = "a test may fail"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use hive_forge::grace_end::{
    CONFIG, GraceMachine, PROTECT, cases, client_with_both, late_end, machines,
    value_of_another_control_set,
};
use serde_json::Value;

#[path = "evidence/tool.rs"]
#[allow(dead_code, reason = "this test needs a part of it")]
mod tool;

const FORMATS: [&str; 9] =
    ["table", "json", "jsonl", "html", "markdown", "csv", "timesketch", "bodyfile", "tln"];

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("calhive-grace-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Writes the files of a machine.
    fn of(machine: &GraceMachine) -> Self {
        let folder = Self::new();
        for (path, bytes) in &machine.files {
            let path = folder.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    fn text(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Writes the files of a machine into a zip archive, and returns its path.
    fn zip(&self) -> String {
        tool::run(&self.0, "zip -qr machine.zip .");
        format!("{}/machine.zip", self.text())
    }

    /// Writes the files of a machine into a tar archive, and returns its path.
    fn tar(&self) -> String {
        tool::run(&self.0, "tar -cf machine.tar --exclude ./machine.* .");
        format!("{}/machine.tar", self.text())
    }

    /// Writes the files of a machine to an NTFS volume, and returns its path.
    fn volume(&self) -> String {
        let path = self.0.join("machine.raw");
        fs::File::create(&path).unwrap().set_len(16 << 20).unwrap();
        tool::run(&self.0, "mkntfs -q -F -Q machine.raw");
        let mounted = tool::Mounted::new(&self.0, "ntfs-3g machine.raw {point}");
        tool::run(&self.0, &format!("cp -r Windows {}", mounted.path().display()));
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn scan(args: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_calhive-grace");
    let mut command = Command::new(program);
    let output = command.args(["scan", "--color", "never"]).args(args).output().unwrap();
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 3)), "{code:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn report(folder: &str, extra: &[&str]) -> Value {
    let args = [&[folder, "--format", "json", "-q"], extra].concat();
    serde_json::from_slice(&scan(&args).stdout).unwrap()
}

/// The one host with a SYSTEM hive.
fn host(report: &Value) -> &Value {
    let hosts = report["hosts"].as_array().unwrap();
    assert_eq!(hosts.len(), 1, "{hosts:#?}");
    &hosts[0]
}

fn answer(host: &Value) -> &Value {
    let answers = host["answers"].as_array().unwrap();
    answers.iter().find(|it| it["code"] == "grace_period").unwrap()
}

#[test]
fn forged_machines_give_their_time_in_folders_archives_and_volumes() {
    let has_tools = tool::has(&["zip", "mkntfs", "ntfs-3g", "/dev/fuse"]);
    for machine in machines() {
        let folder = Folder::of(&machine);
        let mut all = vec![folder.0.join("Windows").display().to_string()];
        if has_tools {
            all.extend([folder.tar(), folder.zip(), folder.volume()]);
        }
        for evidence in &all {
            let report = report(evidence, &["--grace-end"]);
            let end = &host(&report)["grace_end"];
            assert_eq!(end["end"]["filetime"], machine.end.to_string(), "{evidence}: {end:#}");
            let files = end["files"].as_array().map_or(0, Vec::len);
            assert_eq!(files, machine.files.len() - 3, "{}", machine.name);
            let shown = answer(host(&report))["shown"]["text"].as_str().unwrap();
            for part in
                ["Decrypted value: ", "(inferred: one Windows XP", "Derived start, 120 days before"]
            {
                assert!(shown.contains(part), "{part}: {shown}");
            }
            assert!(!shown.contains("Estimate"), "{shown}");
        }
    }
}

#[test]
fn master_key_file_in_the_folder_of_network_service_opens_the_value() {
    let machine = machines().remove(2);
    let folder = Folder::of(&machine);
    let network = "Windows/ServiceProfiles/NetworkService/AppData/Roaming/Microsoft/Protect";
    fs::create_dir_all(folder.0.join(network)).unwrap();
    fs::rename(folder.0.join(PROTECT), folder.0.join(network).join("S-1-5-20")).unwrap();
    let report = report(folder.text(), &["--grace-end"]);
    let end = &host(&report)["grace_end"];
    assert_eq!(end["end"]["filetime"], machine.end.to_string(), "{end:#}");
    assert!(end["files"][0]["path"].as_str().unwrap().contains("S-1-5-20"), "{end:#}");
}

#[test]
fn each_reason_is_reported_and_shows_no_tampering() {
    for case in cases() {
        let folder = Folder::of(&case.closed);
        let report = report(folder.text(), &["--grace-end"]);
        let end = &host(&report)["grace_end"];
        assert_eq!(end["reason"], case.reason, "{}: {end:#}", case.about);
        assert!(end.get("end").is_none());
        let not_shown = end["not_shown"]["text"].as_str().unwrap();
        assert!(not_shown.contains("does not show tampering"), "{not_shown}");
    }
}

#[test]
fn without_the_option_nothing_is_decrypted_and_the_files_at_hand_are_named() {
    let machine = machines().remove(3);
    let folder = Folder::of(&machine);
    let report = report(folder.text(), &[]);
    assert!(host(&report).get("grace_end").is_none());
    let next = answer(host(&report))["next_evidence"].to_string();
    let guid = machine.installation.guid();
    let expected = format!("SECURITY, read; master key file {guid} in ");
    assert!(next.contains(&expected), "{next}");
    assert!(next.contains(", present ("), "{next}");
    // Without the file, the report says so.
    fs::remove_dir_all(folder.0.join(PROTECT)).unwrap();
    fs::remove_file(folder.0.join(CONFIG).join("SECURITY")).unwrap();
    let report = self::report(folder.text(), &[]);
    let next = answer(host(&report))["next_evidence"].to_string();
    assert!(next.contains("SECURITY, absent; master key file"), "{next}");
    assert!(next.contains("S-1-5-18, absent"), "{next}");
}

#[test]
fn manifest_records_the_use_of_keys() {
    let machine = machines().remove(2);
    let folder = Folder::of(&machine);
    let out = Folder::new();
    scan(&[folder.text(), "--grace-end", "--force", "-q", "-o", out.text()]);
    let manifest: Value =
        serde_json::from_slice(&fs::read(out.0.join("manifest.json")).unwrap()).unwrap();
    let use_of_keys = &manifest["grace_end"][0];
    assert_eq!(use_of_keys["is_decrypted"], true, "{manifest:#}");
    let file = &use_of_keys["master_key_files"][0];
    assert_eq!(use_of_keys["opened_with"], *file);
    let inputs = manifest["inputs"].as_array().unwrap();
    let input = inputs.iter().find(|it| it["kind"] == "master_key_file").unwrap();
    assert_eq!(input["path"], *file);
    assert_eq!(input["is_unchanged"], true, "{input:#}");
    assert!(use_of_keys["keys"].as_str().unwrap().contains("not written"));
    let features = manifest["tool"]["features"].to_string();
    assert!(features.contains("grace-end"), "{features}");
    // The same files, without the option.
    scan(&[folder.text(), "--force", "-q", "-o", out.text()]);
    let manifest: Value =
        serde_json::from_slice(&fs::read(out.0.join("manifest.json")).unwrap()).unwrap();
    assert!(manifest.get("grace_end").is_none());
}

#[test]
fn value_of_a_control_set_that_is_not_in_use_is_not_read_as_the_end() {
    let machine = value_of_another_control_set();
    let folder = Folder::of(&machine);
    let report = report(folder.text(), &["--grace-end"]);
    let end = &host(&report)["grace_end"];
    assert_eq!(end["end"]["filetime"], machine.end.to_string(), "{end:#}");
    assert_eq!(end["is_read_as_end"], false);
    assert!(end.get("derived_start").is_none());
    let statement = end["statement"]["text"].as_str().unwrap();
    let expected =
        "Control set 1, which holds the value, is not in use, so the time is not read as the end.";
    assert!(statement.contains(expected), "{statement}");
    assert!(!statement.contains("reference time"), "{statement}");
}

#[test]
fn end_that_does_not_fit_the_key_is_no_sign_of_an_untouched_period() {
    let folder = Folder::of(&late_end());
    let shown = |args: &[&str]| {
        let report = report(folder.text(), args);
        answer(host(&report))["shown"]["text"].as_str().unwrap().to_owned()
    };
    assert!(shown(&[]).starts_with("Nothing in these hives indicates a reset"), "{}", shown(&[]));
    let shown = shown(&["--grace-end"]);
    assert!(!shown.contains("Nothing in these hives indicates"), "{shown}");
    assert!(shown.contains("Decrypted value: 2150-"), "{shown}");
}

#[test]
fn time_of_a_value_is_not_given_to_the_secret_of_a_client() {
    let folder = Folder::of(&client_with_both());
    let report = report(folder.text(), &["--grace-end"]);
    let host = host(&report);
    assert_eq!(host["grace_end"]["is_read_as_end"], false, "{:#}", host["grace_end"]);
    let shown = answer(host)["shown"]["text"].as_str().unwrap();
    assert!(shown.contains("A secret of the grace period exists"), "{shown}");
    assert!(!shown.contains("decrypted value"), "{shown}");
}

#[test]
fn master_key_file_that_is_too_large_is_not_called_missing() {
    let machine = machines().remove(2);
    let folder = Folder::of(&machine);
    let file = fs::read_dir(folder.0.join(PROTECT)).unwrap().next().unwrap().unwrap().path();
    fs::File::options().write(true).open(file).unwrap().set_len(70_000).unwrap();
    let mut all = vec![folder.0.join("Windows").display().to_string()];
    if tool::has(&["zip"]) {
        all.push(folder.zip());
    }
    for evidence in &all {
        let report = report(evidence, &["--grace-end"]);
        let end = &host(&report)["grace_end"];
        assert_eq!(end["reason"], "unreadable", "{end:#}");
        let statement = end["statement"]["text"].as_str().unwrap();
        assert!(
            statement.contains("was found, and is not readable or has more than"),
            "{statement}"
        );
    }
}

/// The copy has the files that decrypt its value. The hive that stays has none.
#[test]
fn end_of_a_copy_counts_for_the_hive_that_stays() {
    let machine = machines().remove(2);
    let folder = Folder::of(&machine);
    let kept = folder.0.join("kept/Windows/System32/config");
    fs::create_dir_all(&kept).unwrap();
    for name in ["SYSTEM", "SOFTWARE"] {
        fs::copy(folder.0.join(CONFIG).join(name), kept.join(name)).unwrap();
    }
    fs::create_dir_all(folder.0.join("flat")).unwrap();
    for (path, bytes) in &machine.files {
        fs::write(folder.0.join("flat").join(path.rsplit('/').next().unwrap()), bytes).unwrap();
    }
    fs::remove_dir_all(folder.0.join("Windows")).unwrap();
    let report = report(folder.text(), &["--grace-end"]);
    let hosts = report["hosts"].as_array().unwrap();
    let ends = hosts.iter().filter(|host| !host["grace_end"]["end"].is_null());
    assert!(ends.count() > 0, "{hosts:#?}");
    let kept = hosts.iter().find(|it| it["grace_end"]["system"].as_str().is_some()).unwrap();
    assert_eq!(kept["grace_end"]["end"]["filetime"], machine.end.to_string());
}

#[test]
fn no_output_of_a_redacted_report_has_an_original_of_the_map() {
    let folder = Folder::of(&machines().remove(2));
    let (out, place) = (Folder::new(), Folder::new());
    let map = place.0.join("map.json");
    let args = [folder.text(), "--grace-end", "--force", "-q", "-o", out.text(), "--redact"];
    scan(&[&args[..], &[map.to_str().unwrap()]].concat());
    let map: Value = serde_json::from_slice(&fs::read(map).unwrap()).unwrap();
    let mut originals = Vec::new();
    texts(&map, &mut originals);
    originals.retain(|text| text.len() > 30);
    let mut files = Vec::new();
    all_files(&out.0, &mut files);
    for (file, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        for original in &originals {
            assert!(!text.contains(original), "{original} is in {file}");
        }
    }
    assert!(!originals.is_empty() && files.len() > 5, "{originals:?}");
}

/// Collects the keys and texts of a document.
fn texts(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            into.push(name.clone());
            texts(field, into);
        }),
        _ => {}
    }
}

#[test]
fn changed_master_key_file_is_seen_after_the_scan_and_by_resume() {
    let machine = machines().remove(2);
    let folder = Folder::of(&machine);
    let out = Folder::new();
    let args = [folder.text(), "--grace-end", "--resume", "-o", out.text()];
    let resume = || String::from_utf8(scan(&args).stdout).unwrap();
    resume();
    assert!(resume().contains("complete before, skipped"));
    let protect = folder.0.join(PROTECT);
    let file = fs::read_dir(&protect).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&file).unwrap();
    bytes.push(0);
    fs::write(&file, bytes).unwrap();
    let program = env!("CARGO_BIN_EXE_calhive-grace");
    let output = Command::new(program).arg("scan").args(args).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("evidence changed since its report"), "{errors}");
}

/// The standard alphabet of base64, without a crate: the test shares no code with the command.
fn base64(bytes: &[u8]) -> String {
    let letters: Vec<char> =
        ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let of_three = |three: &[u8]| {
        let number = three.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| letters[number >> shift & 63])
    };
    bytes.chunks_exact(3).flat_map(of_three).collect()
}

/// Every form in which a key could be in an output.
fn forms(key: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let spaced: Vec<String> = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<String> = key.iter().map(u8::to_string).collect();
    // The three alignments of base64.
    let aligned = (0..3).map(|start| base64(&key[start..]).into_bytes());
    let mut forms = vec![
        key.to_vec(),
        hex.clone().into_bytes(),
        hex.to_uppercase().into_bytes(),
        spaced.join(" ").into_bytes(),
        spaced.join(",").into_bytes(),
        numbers.join(",").into_bytes(),
        numbers.join(", ").into_bytes(),
    ];
    forms.extend(aligned);
    // A part of a key is too much, too.
    forms.into_iter().map(|form| form[..form.len().min(24)].to_vec()).collect()
}

fn all_files(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        into.push((path.display().to_string(), fs::read(path).unwrap()));
    }
}

#[test]
fn no_output_of_any_format_holds_a_key() {
    let (mut outputs, mut searched) = (0, 0);
    let closed = cases().into_iter().map(|case| case.closed);
    for machine in machines().into_iter().chain(closed) {
        let folder = Folder::of(&machine);
        let out = Folder::new();
        let mut all = Vec::new();
        let mut add = |name: &str, output: Output| {
            all.push((format!("{name}, standard output"), output.stdout));
            all.push((format!("{name}, standard error"), output.stderr));
        };
        for format in FORMATS {
            add(format, scan(&[folder.text(), "--grace-end", "-v", "--format", format]));
        }
        add("details", scan(&[folder.text(), "--grace-end", "--details"]));
        let args = [folder.text(), "--grace-end", "--force", "-o", out.text()];
        add("folder", scan(&args));
        all_files(&out.0, &mut all);
        outputs += all.len();
        for (name, key) in machine.installation.key_material() {
            for form in forms(&key) {
                for (output, bytes) in &all {
                    let is_there = bytes.windows(form.len()).any(|window| window == form);
                    assert!(!is_there, "{}: {name} is in {output}", machine.name);
                    searched += 1;
                }
            }
        }
    }
    assert!(outputs > 200 && searched > 10_000, "{outputs} outputs, {searched} searches");
}

/// The search above finds a key that is there.
#[test]
fn key_in_an_output_is_found() {
    let key: Vec<u8> = (7..39).collect();
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes = [b"report ".to_vec(), hex.into_bytes(), b" end".to_vec()].concat();
    assert!(forms(&key).iter().any(|form| bytes.windows(form.len()).any(|it| it == form)));
    let shifted = base64(&[&[1], &key[..]].concat());
    let is_there = |form: &Vec<u8>| shifted.as_bytes().windows(form.len()).any(|it| it == form);
    assert!(forms(&key).iter().any(is_there));
}
