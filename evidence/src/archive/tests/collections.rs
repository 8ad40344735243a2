// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of collections of triage tools.

use super::*;

const VELOCIRAPTOR: &str = "uploads/auto/C%3A/Windows/System32/config/SYSTEM";
const NTFS: &str = "uploads/ntfs/%5C%5C.%5CC%3A/Windows/System32/config/SYSTEM";

#[test]
fn same_file_under_two_accessors_counts_once() {
    let (system, log) = (hive(1, 9000), hive(2, 9000));
    let log_name = format!("{NTFS}.LOG1");
    let archive =
        open_bytes(deflated(&[(VELOCIRAPTOR, &system), (NTFS, &system), (&log_name, &log)]));
    assert_eq!(paths(&archive), [SYSTEM.to_owned(), format!("{SYSTEM}.LOG1")]);
    assert_eq!(archive.members()[0].locator.path, VELOCIRAPTOR);
    assert_eq!(archive.omissions().len(), 1);
    assert_eq!(
        archive.omissions()[0].to_string(),
        format!("in/{SYSTEM}: skipped: {NTFS} has the same bytes as {VELOCIRAPTOR}")
    );
}

#[test]
fn file_that_differs_between_accessors_keeps_its_logs_in_a_volume_of_its_own() {
    let (auto, ntfs, log) = (hive(1, 9000), hive(3, 9000), hive(2, 9000));
    let logs = [VELOCIRAPTOR, NTFS].map(|path| format!("{path}.LOG1"));
    let archive = open_bytes(deflated(&[
        (VELOCIRAPTOR, &auto),
        (&logs[0], &log),
        (NTFS, &ntfs),
        (&logs[1], &log),
    ]));
    let apart = "C (ntfs)/Windows/System32/config/SYSTEM";
    let expected =
        [SYSTEM.to_owned(), format!("{SYSTEM}.LOG1"), apart.to_owned(), format!("{apart}.LOG1")];
    assert_eq!(paths(&archive), expected);
    assert_eq!(bytes_of(&archive, apart), ntfs);
    assert_eq!(bytes_of(&archive, SYSTEM), auto);
}

#[test]
fn list_of_uploads_names_what_the_archive_lacks() {
    let system = hive(1, 9000);
    let row = |path: &str, size: u32, uploaded: u32| {
        format!(r#"{{"vfs_path":"{path}","file_size":{size},"uploaded_size":{uploaded}}}"#)
    };
    let missing = VELOCIRAPTOR.replace("SYSTEM", "SOFTWARE");
    let rows = [row(VELOCIRAPTOR, 20_000, 9000), row(&missing, 5, 5), "{".into()].join("\n");
    let whole = row(VELOCIRAPTOR, 9000, 9000);
    for list in ["uploads.json", "results/uploads.json"] {
        let archive = open_bytes(deflated(&[(VELOCIRAPTOR, &system), (list, rows.as_bytes())]));
        let losses = losses(&archive);
        assert_eq!(losses.len(), 3, "{losses:?}");
        assert!(losses[0].contains("damaged after 2 rows"), "{losses:?}");
        assert!(
            losses[1]
                .starts_with(&format!("in/{SYSTEM}: the collection holds 9,000 bytes of 20,000"))
        );
        assert!(losses[2].contains("lists 1 file that the archive does not hold"), "{losses:?}");
        let archive = open_bytes(deflated(&[(VELOCIRAPTOR, &system), (list, whole.as_bytes())]));
        assert!(archive.omissions().is_empty());
    }
}

#[test]
fn collections_of_four_tools_give_the_same_paths_and_bytes() {
    let (system, log) = (hive(1, 50_000), hive(2, 9000));
    let files = |prefix: &str| {
        let name = format!("{prefix}/Windows/System32/config/SYSTEM");
        [(name.clone(), system.clone()), (format!("{name}.LOG1"), log.clone())]
    };
    let borrowed = |files: &[(String, Vec<u8>)]| -> Vec<u8> {
        let files: Vec<(&str, &[u8])> =
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        tar(&files)
    };
    let velociraptor = files("uploads/ntfs/%5C%5C.%5CC%3A");
    let velociraptor: Vec<(&str, &[u8])> =
        velociraptor.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let kape = Scratch::new("archive-kape");
    for (name, bytes) in files("C") {
        kape.file(&name, &bytes);
    }
    let archives =
        [deflated(&velociraptor), gzip(&borrowed(&files("[root]/C"))), borrowed(&files("fs/C:"))];
    for bytes in archives {
        let archive = open_bytes(bytes);
        assert_eq!(paths(&archive), [SYSTEM.to_owned(), format!("{SYSTEM}.LOG1")]);
        for member in archive.members() {
            let path = crate::layout::windows_path(&member.path);
            let in_folder = std::fs::read(kape.0.join(&path)).unwrap();
            assert_eq!(bytes_of(&archive, &path.display().to_string()), in_folder);
        }
    }
}
