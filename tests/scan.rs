// SPDX-License-Identifier: MIT OR Apache-2.0
//! `calhive::scan` on folders of forged hives.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use calhive::evidence::{LogChoice, NotReadKind};
use calhive::fact::Origin;
use calhive::report::StateChangeKind;
use calhive::{Options, Report, ScanError, scan};
use hive_forge::{canonical, scenario};

/// A session host whose logs hold another licensing mode, another license server and a policy.
const IN_LOGS: &str = "windows-server-2019-settings-in-logs";
const SYSTEM: &str = "Windows/System32/config/SYSTEM";

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("calhive-scan-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A folder with all files of a scenario.
    fn of(name: &str) -> Self {
        let folder = Self::new();
        let scenario = scenario::every().into_iter().find(|it| it.name == name).unwrap();
        for (file, bytes) in scenario.files() {
            folder.file(file, &bytes);
        }
        folder
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn scan(&self, options: &Options) -> Report {
        scan([&self.0], options).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn mode(report: &Report) -> Option<u32> {
    report.hosts[0].licensing_mode.value.map(|mode| mode.0)
}

/// Whether a license server is named by a value that was found.
fn names(report: &Report, server: &str) -> bool {
    let found = report.facts.iter().filter(|fact| fact.state.is_found());
    found.filter_map(|fact| fact.shown.as_deref()).any(|shown| shown.contains(server))
}

fn kinds(report: &Report) -> Vec<NotReadKind> {
    report.not_read.iter().map(|input| input.kind).collect()
}

#[test]
fn setting_in_logs_alone_is_found_and_is_lost_without_replay() {
    let folder = Folder::of(IN_LOGS);
    let report = folder.scan(&Options::default());
    assert_eq!(mode(&report), Some(4));
    assert!(names(&report, "rdlic03.corp.example"));
    assert!(report.sources.iter().all(|source| source.replay.is_some()));
    assert_eq!(kinds(&report), []);

    let report = folder.scan(&Options::default().no_replay());
    assert_eq!(mode(&report), Some(2));
    assert!(!names(&report, "rdlic03.corp.example"));
    assert!(report.sources.iter().all(|source| source.replay.is_none()));
}

#[test]
fn named_log_replaces_those_beside_the_hive() {
    let folder = Folder::of(IN_LOGS);
    let hive = folder.0.join(SYSTEM);
    let log = hive.with_file_name("system.log1");
    let options = Options::default().logs(LogChoice::Named(vec![log.clone()]));
    let report = scan([&hive], &options).unwrap();
    let logs = &report.sources[0].replay.as_ref().unwrap().logs;
    assert_eq!(logs.len(), 1);
    assert_eq!(logs[0].path, log.display().to_string());
    let error = scan([&folder.0], &options).unwrap_err();
    assert!(matches!(error, ScanError::LogsOfSeveralHives { hives: 2 }), "{error}");
}

#[test]
fn hashes_are_taken_unless_lists_are_trusted() {
    let folder = Folder::of(IN_LOGS);
    let hashes = |options: &Options| {
        let report = folder.scan(options);
        let logs = report.sources[0].replay.iter().flat_map(|replay| &replay.logs);
        let logs = logs.map(|log| log.sha256.clone());
        logs.chain([report.sources[0].sha256.clone()]).collect::<Vec<_>>()
    };
    let bytes = fs::read(folder.0.join("Windows/System32/config/SOFTWARE")).unwrap();
    let sha256 = canonical::sha256(&bytes);
    let all = hashes(&Options::default());
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(Option::is_some));
    assert_eq!(all.last().unwrap().as_ref(), Some(&sha256));
    assert_eq!(hashes(&Options::default().live_only().hashed()), all);
    assert!(hashes(&Options::default().live_only()).iter().all(Option::is_none));
}

#[test]
fn input_that_is_not_read_is_in_the_report() {
    let folder = Folder::of("windows-10-client-plain");
    let export = folder.file("beside/a\u{1B}.reg", b"REGEDIT4");
    let report =
        scan([folder.0.as_path(), &export, Path::new("no/such/file")], &Options::default());
    let report = report.unwrap();
    assert_eq!(kinds(&report), [NotReadKind::Unreadable, NotReadKind::NotAHive]);
    assert_eq!(report.not_read[0].path, "no/such/file");
    assert!(report.not_read[1].path.ends_with(r"a\u{1B}.reg"), "{}", report.not_read[1].path);
    assert!(report.not_read[1].message.contains("is a text export of the registry"));

    folder.file("cut", b"regf");
    let report = folder.scan(&Options::default());
    assert_eq!(kinds(&report), [NotReadKind::Damaged]);
    assert_eq!(report.sources.len(), 2);
}

#[test]
fn logs_that_cannot_be_applied_are_in_the_report() {
    let folder = Folder::of("windows-server-2016-damaged-log");
    let report = folder.scan(&Options::default());
    assert_eq!(kinds(&report), [NotReadKind::LogsNotApplied]);
    assert!(report.not_read[0].message.contains("1 log not applied, or not to the end ("));
}

#[test]
fn scan_without_any_hive_is_an_error_with_the_reason() {
    let folder = Folder::new();
    let paths = [folder.0.as_path(), Path::new("no/such/file")];
    let error = scan(paths, &Options::default()).unwrap_err();
    let text = error.to_string();
    let ScanError::NothingRead { not_read } = error else { panic!("{text}") };
    assert_eq!(not_read.len(), 2);
    assert!(text.contains("holds no registry hive; ") && text.contains("; and 1 more)"), "{text}");
    let none: [&str; 0] = [];
    let text = scan(none, &Options::default()).unwrap_err().to_string();
    assert!(text.starts_with("no hive was read; give SYSTEM"), "{text}");
}

#[cfg(feature = "mmap")]
#[test]
#[allow(unsafe_code, reason = "mapping the hives")]
fn mapped_scan_gives_the_same_report() {
    let folder = Folder::of(IN_LOGS);
    // SAFETY: nobody writes to the files while the test runs.
    let mapped = unsafe { Options::default().mapped() };
    let (mapped, read) = (folder.scan(&mapped), folder.scan(&Options::default()));
    assert_eq!(format!("{mapped:?}"), format!("{read:?}"));
}

fn evidence_ids(report: &Report) -> Vec<&str> {
    report.facts.iter().map(|fact| fact.evidence_id.as_str()).collect()
}

#[test]
fn evidence_ids_are_unique_and_equal_in_scans_of_different_folders() {
    for scenario in scenario::every() {
        let (one, other) = (Folder::of(scenario.name), Folder::of(scenario.name));
        for options in [Options::default(), Options::default().live_only()] {
            let (one, other) = (one.scan(&options), other.scan(&options));
            let ids = evidence_ids(&one);
            assert!(ids.len() > 10, "{}: {}", scenario.name, ids.len());
            assert_eq!(ids, evidence_ids(&other), "{}", scenario.name);
            let unique: BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(unique.len(), ids.len(), "{}", scenario.name);
        }
    }
}

#[test]
fn evidence_id_is_the_documented_hash() {
    let report = Folder::of(IN_LOGS).scan(&Options::default());
    for fact in report.facts.iter().filter(|fact| fact.provenance.value_offset.is_some()) {
        let source = report.sources.iter().find(|source| source.id == fact.source).unwrap();
        let (place, mut bytes) = (&fact.provenance, Vec::new());
        let origin = match place.origin {
            Origin::Live => "live",
            Origin::Replayed => "replayed",
            origin => panic!("{origin:?}"),
        };
        let offset = place.value_offset.unwrap().to_string();
        let (name, sha256) = (place.value_name.as_ref().unwrap(), source.sha256.as_ref().unwrap());
        for part in [sha256, origin, &place.key_path, name, &offset] {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part.as_bytes());
        }
        assert_eq!(fact.evidence_id, canonical::sha256(&bytes)[..32], "{}", fact.id);
    }
}

/// A shadow copy has the same bytes as the hives in use, and the backup has other ones.
#[test]
fn shadow_copy_with_the_bytes_of_the_hives_in_use_is_a_state() {
    let case = hive_forge::finding::cases();
    let case = case.into_iter().find(|case| case.code == "copies.token_removed").unwrap();
    let folder = Folder::new();
    for (path, bytes) in &case.raises {
        if let Some(file) = path.strip_prefix("Windows/System32/config/") {
            folder.file(path, bytes);
            if !file.starts_with("RegBack") {
                folder.file(&format!("vss7/{path}"), bytes);
            }
        }
    }
    let report = folder.scan(&Options::default());
    assert_eq!(report.hosts.len(), 2, "{:?}", report.sources);
    let [installation] = report.copies.as_slice() else { panic!("{:?}", report.copies) };
    let states: Vec<_> = installation.states.iter().collect();
    let places: Vec<&str> = states.iter().map(|state| state.place.as_str()).collect();
    assert_eq!(places, ["backup (RegBack)", "shadow copy 7", "in use"]);
    assert_eq!(states[1].same_bytes_as.as_ref(), Some(&states[2].id));
    assert_eq!(states[1].host, states[2].host);
    assert!(states[1].paths.iter().all(|path| path.contains("vss7")), "{:?}", states[1].paths);
    // Without this feature, no token is decoded.
    if cfg!(feature = "token") {
        let went =
            installation.changes.iter().find(|it| it.kind == StateChangeKind::Removed).unwrap();
        assert_eq!((&went.from, &went.to), (&states[0].id, &states[1].id));
        assert!(report.findings.iter().any(|it| it.code == "copies.token_removed"));
    }
}
