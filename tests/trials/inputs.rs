// SPDX-License-Identifier: MIT OR Apache-2.0
//! Pairing of hives, copies, and the kind of a hive.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use calhive::evidence::NotReadKind;
use calhive::regf::registry::HiveKind;
use calhive::report::{ContradictionKind, Host, Pairing};
use calhive::{Options, PairFault, Report, ScanError, scan};
use hive_forge::tree::{Tree, Value};
use hive_forge::{scenario, write};

use crate::trials::trial;

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("calhive-inputs-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn scan(&self) -> Report {
        scan([&self.0], &Options::default()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Bytes of a hive of a scenario, by the end of its file name.
fn hive(name: &str, file: &str) -> Vec<u8> {
    let scenario = scenario::every().into_iter().find(|it| it.name == name).unwrap();
    scenario.files().into_iter().find(|(path, _)| path.ends_with(file)).unwrap().1
}

fn two_hosts(file: &str) -> Vec<u8> {
    hive("flat-folder-of-two-hosts", file)
}

/// Names of the files of a host.
fn names(report: &Report, host: &Host) -> Vec<String> {
    let of_host = report.sources.iter().filter(|source| host.sources.contains(&source.id));
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    of_host.map(|source| name(&source.path)).collect()
}

fn pairings(report: &Report) -> Vec<Pairing> {
    report.hosts.iter().map(|host| host.pairing).collect()
}

#[test]
fn hives_with_matching_file_names_are_paired_and_confirmed_by_computer_names() {
    for [a, b] in [["HOST-A_SYSTEM", "HOST-A_SOFTWARE"], ["SYSTEM.bak", "SOFTWARE.bak"]] {
        let folder = Folder::new();
        folder.file(a, &two_hosts("HOST-A_SYSTEM"));
        folder.file(b, &two_hosts("HOST-A_SOFTWARE"));
        folder.file("SYSTEM", &two_hosts("HOST-B_SYSTEM"));
        folder.file("SOFTWARE", &two_hosts("HOST-B_SOFTWARE"));
        let report = folder.scan();
        assert_eq!(pairings(&report), [Pairing::FileNames; 2], "{a}");
        for host in &report.hosts {
            assert_eq!(host.pairing_basis.same_computer.len(), 2);
            assert!(host.pairing_statement.ends_with("; both name the same computer"));
        }
        let hosts: Vec<_> = report.hosts.iter().map(|host| names(&report, host)).collect();
        assert!(hosts.contains(&vec![b.to_owned(), a.to_owned()]), "{hosts:?}");
        assert!(hosts.contains(&vec!["SOFTWARE".to_owned(), "SYSTEM".to_owned()]), "{hosts:?}");
    }
}

#[test]
fn policy_of_each_host_in_a_flat_folder_is_in_effect_for_that_host() {
    let folder = Folder::new();
    for file in ["HOST-A_SYSTEM", "HOST-A_SOFTWARE", "HOST-B_SYSTEM", "HOST-B_SOFTWARE"] {
        folder.file(file, &two_hosts(file));
    }
    let report = folder.scan();
    assert_eq!(report.hosts.len(), 2);
    for host in &report.hosts {
        assert!(!host.licensing_mode.statement.contains("olicy unknown"), "{host:?}");
    }
}

#[test]
fn matching_file_names_of_two_computers_are_refused_with_the_reason() {
    let folder = Folder::new();
    folder.file("X_SYSTEM", &two_hosts("HOST-A_SYSTEM"));
    folder.file("X_SOFTWARE", &two_hosts("HOST-B_SOFTWARE"));
    folder.file("SYSTEM", &hive("license-server", "SYSTEM"));
    let report = folder.scan();
    let refused: Vec<_> =
        report.hosts.iter().filter(|host| host.pairing == Pairing::Contradicted).collect();
    assert_eq!(refused.len(), 2);
    for host in refused {
        let basis = &host.pairing_basis;
        assert_eq!(basis.contradictions[0].kind, ContradictionKind::ComputerName);
        let statement = &host.pairing_statement;
        assert!(statement.contains("computer HOST-A") && statement.contains("computer HOST-B"));
        assert_ne!(basis.refused.as_ref(), host.sources.first());
    }
}

#[test]
fn hives_of_one_computer_are_paired_whatever_their_file_names_hold() {
    let folder = Folder::new();
    folder.file("c", &two_hosts("HOST-A_SYSTEM"));
    folder.file("d", &two_hosts("HOST-A_SOFTWARE"));
    // The line feed is displayed as an escape with a backslash.
    folder.file("a\nb", &two_hosts("HOST-B_SOFTWARE"));
    let report = folder.scan();
    assert_eq!(pairings(&report), [Pairing::Single, Pairing::ComputerNames]);
    assert_eq!(names(&report, &report.hosts[1]), ["c", "d"]);
}

#[test]
fn displayed_path_with_an_escape_makes_no_folder() {
    let folder = Folder::new();
    folder.file("c", &hive("windows-10-client-plain", "SYSTEM"));
    folder.file("d", &hive("windows-10-client-plain", "SOFTWARE"));
    folder.file("a\nb", &hive("windows-10-client-with-token", "SOFTWARE"));
    // Three hives of one folder that name no computer in SOFTWARE.
    assert_eq!(pairings(&folder.scan()), [Pairing::Single; 3]);
}

#[test]
fn client_and_server_hives_are_refused_by_product_type() {
    let folder = Folder::new();
    folder.file("SOFTWARE", &hive("windows-10-client-with-token", "SOFTWARE"));
    folder.file("SYSTEM", &hive("windows-server-2019-session-host", "SYSTEM"));
    let report = folder.scan();
    assert_eq!(pairings(&report), [Pairing::Contradicted; 2]);
    let found = &report.hosts[0].pairing_basis.contradictions[0];
    assert_eq!(found.kind, ContradictionKind::ProductType);
    assert_eq!(
        (&*found.system, &*found.software),
        ("ProductType ServerNT", "InstallationType Client")
    );
    assert_eq!(found.facts.len(), 2);
}

#[test]
fn multi_session_client_is_paired_despite_its_product_type() {
    let folder = Folder::new();
    for file in ["SYSTEM", "SOFTWARE"] {
        folder.file(file, &hive("windows-11-multi-session", file));
    }
    assert_eq!(pairings(&folder.scan()), [Pairing::Assumed]);
}

#[test]
fn hives_of_two_generations_are_refused() {
    let forged = Folder::new();
    forged.file("SYSTEM", &hive("windows-10-client-plain", "SYSTEM"));
    forged.file("SOFTWARE", &hive("windows-xp-client", "SOFTWARE"));
    let folders = [Some(forged.0.clone()), trial("22-mixed-generations")];
    for folder in folders.into_iter().flatten() {
        let report = scan([&folder], &Options::default()).unwrap();
        assert_eq!(pairings(&report), [Pairing::Contradicted; 2], "{}", folder.display());
        let found = &report.hosts[0].pairing_basis.contradictions[0];
        assert_eq!(found.kind, ContradictionKind::Generation);
        assert_eq!(found.software, "version 5.1");
    }
}

#[test]
fn scenario_of_each_windows_is_paired_as_before() {
    for scenario in scenario::every() {
        let folder = Folder::new();
        for (file, bytes) in scenario.files() {
            folder.file(file, &bytes);
        }
        let report = folder.scan();
        assert!(!pairings(&report).contains(&Pairing::Contradicted), "{}", scenario.name);
    }
}

#[test]
fn single_hive_names_its_counterpart_beside_it() {
    let folder = Folder::new();
    let software = folder.file("SOFTWARE", &two_hosts("HOST-A_SOFTWARE"));
    folder.file("SYSTEM", &two_hosts("HOST-A_SYSTEM"));
    let report = scan([&software], &Options::default()).unwrap();
    let host = &report.hosts[0];
    assert_eq!((host.pairing, host.pairing_basis.beside.len()), (Pairing::Single, 1));
    let advice = "SYSTEM lies beside it: scan the folder to pair them";
    assert!(host.pairing_statement.ends_with(advice), "{}", host.pairing_statement);
    assert!(host.unknown.iter().any(|unknown| unknown.ends_with(advice)), "{:?}", host.unknown);
}

#[test]
fn same_hives_in_two_folders_are_one_host_with_listed_copies() {
    let folder = Folder::new();
    for name in ["x", "y"] {
        folder.file(&format!("{name}/SYSTEM"), &two_hosts("HOST-A_SYSTEM"));
        folder.file(&format!("{name}/SOFTWARE"), &two_hosts("HOST-A_SOFTWARE"));
    }
    let report = folder.scan();
    assert_eq!((report.hosts.len(), report.sources.len()), (1, 2));
    for source in &report.sources {
        assert_eq!(source.copies.len(), 1);
        assert!(source.path.contains("/x/") && source.copies[0].contains("/y/"), "{source:?}");
    }
    // A copy in the same folder.
    folder.file("x/SYSTEM.copy", &two_hosts("HOST-A_SYSTEM"));
    let report = folder.scan();
    assert_eq!((report.hosts.len(), report.sources.len()), (1, 2));
    assert_eq!(report.sources.iter().map(|source| source.copies.len()).max(), Some(2));
}

#[test]
fn copy_with_another_counterpart_is_not_merged() {
    let folder = Folder::new();
    for (name, software) in [("x", "HOST-A_SOFTWARE"), ("y", "HOST-B_SOFTWARE")] {
        folder.file(&format!("{name}/SYSTEM"), &two_hosts("HOST-A_SYSTEM"));
        folder.file(&format!("{name}/SOFTWARE"), &two_hosts(software));
    }
    let report = folder.scan();
    assert_eq!(report.sources.len(), 4);
    assert!(report.sources.iter().all(|source| source.copies.is_empty()));
}

#[test]
fn copy_in_a_backup_folder_is_merged_into_the_hive_in_use() {
    let folder = Folder::new();
    let config = "Windows/System32/config";
    for name in [config, "Windows/System32/config/RegBack"] {
        folder.file(&format!("{name}/SYSTEM"), &two_hosts("HOST-A_SYSTEM"));
        folder.file(&format!("{name}/SOFTWARE"), &two_hosts("HOST-A_SOFTWARE"));
    }
    let report = folder.scan();
    assert_eq!(pairings(&report), [Pairing::ConfigurationFolder]);
    assert_eq!(report.hosts[0].copy, None);
    assert!(report.sources.iter().all(|source| source.copies[0].contains("RegBack")));
}

#[test]
fn examiner_pairs_hives_of_two_folders_and_overrides_contradictions() {
    let folder = Folder::new();
    let system = folder.file("a/1", &two_hosts("HOST-A_SYSTEM"));
    let software = folder.file("b/2", &two_hosts("HOST-A_SOFTWARE"));
    let other = folder.file("c/3", &two_hosts("HOST-B_SOFTWARE"));
    let none: [&Path; 0] = [];
    let pair = |software: &Path| Options::default().pair(&system, software);
    let report = scan(none, &pair(&software)).unwrap();
    assert_eq!(pairings(&report), [Pairing::Examiner]);
    let statement = &report.hosts[0].pairing_statement;
    assert_eq!(statement, "paired by the examiner; both name the same computer");
    // In any order, and beside further inputs.
    let options = Options::default().pair(&other, &system);
    let report = scan([&folder.0], &options).unwrap();
    let host = report.hosts.iter().find(|host| host.pairing == Pairing::Examiner).unwrap();
    assert_eq!(host.pairing_basis.contradictions.len(), 1);
    assert!(host.pairing_statement.starts_with("paired by the examiner, although the hives"));
    assert_eq!(report.hosts.len(), 2);

    let fault = |options: &Options| match scan([&folder.0], options).unwrap_err() {
        ScanError::Pair { why, .. } => why,
        error => panic!("{error}"),
    };
    assert_eq!(fault(&Options::default().pair(&software, &other)), PairFault::Kinds);
    assert_eq!(fault(&pair(Path::new("no/such"))), PairFault::NotRead);
    assert_eq!(fault(&pair(&software).pair(&system, &other)), PairFault::Twice);
}

/// A SOFTWARE hive with a token, and with root keys that others have.
fn with_root_keys(keys: &[&str], has_classes: bool) -> Vec<u8> {
    let scenario =
        scenario::every().into_iter().find(|it| it.name == "windows-10-client-with-token");
    let (_, mut tree, options): (_, Tree, _) =
        scenario.unwrap().hives.into_iter().find(|(file, ..)| file.ends_with("SOFTWARE")).unwrap();
    for key in keys {
        tree.root.at(key).push(Value::dword("Current", 1));
    }
    if !has_classes {
        let others = ["Microsoft"].iter().chain(keys).copied().collect::<Vec<_>>();
        tree.root.subkeys.retain(|key| others.iter().any(|name| key.name == (*name).into()));
        let microsoft = tree.root.at("Microsoft");
        microsoft.subkeys.retain(|key| key.name == "MSLicensing".into());
        return write(&tree, &hive_forge::Options::default()).bytes;
    }
    write(&tree, &options).bytes
}

#[test]
fn token_is_found_whatever_kind_the_root_keys_name() {
    let mut inputs: Vec<(Vec<u8>, HiveKind, bool)> = vec![
        (with_root_keys(&["Select"], true), HiveKind::Software, true),
        (with_root_keys(&["Select", "ControlSet001", "Setup"], true), HiveKind::Software, true),
        (with_root_keys(&["Select"], false), HiveKind::System, true),
        (with_root_keys(&[], false), HiveKind::Software, false),
    ];
    if let Some(path) = trial("hostile/inputs/kind-select-key") {
        inputs.push((fs::read(path).unwrap(), HiveKind::Software, true));
    }
    for (number, (bytes, kind, has_conflict)) in inputs.into_iter().enumerate() {
        let folder = Folder::new();
        folder.file("HIVE", &bytes);
        let report = folder.scan();
        let source = &report.sources[0];
        assert_eq!(source.kind, kind, "{number}");
        assert_eq!(source.kind_conflicts.is_empty(), !has_conflict, "{number}: {source:?}");
        #[cfg(feature = "token")]
        {
            let is_live = |origin| matches!(origin, None | Some(calhive::fact::Origin::Live));
            assert!(report.tokens.iter().any(|token| is_live(token.origin)), "{number}");
        }
        assert_eq!(report.hosts.len(), 1, "{number}");
        let unknown = &report.hosts[0].unknown;
        let is_told = unknown.iter().any(|it| it.contains("it also has a sign of"));
        assert_eq!(is_told, has_conflict, "{number}: {unknown:?}");
    }
}

#[test]
fn link_out_of_the_searched_folder_is_named_if_no_hive_is_found() {
    #[cfg(unix)]
    {
        let (folder, elsewhere) = (Folder::new(), Folder::new());
        elsewhere.file("SYSTEM", &two_hosts("HOST-A_SYSTEM"));
        std::os::unix::fs::symlink(&elsewhere.0, folder.0.join("C")).unwrap();
        let Err(ScanError::NothingRead { not_read }) = scan([&folder.0], &Options::default())
        else {
            panic!("a hive was read")
        };
        assert_eq!(not_read[0].kind, NotReadKind::NoHives);
        assert!(not_read[0].message.contains("/C -> "), "{}", not_read[0].message);
    }
}
