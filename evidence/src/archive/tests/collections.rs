// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of collections of triage tools.

use super::*;
use std::path::PathBuf;

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

/// Returns the hives and logs of a machine, below a folder.
fn machine(below: &str) -> Vec<(String, Vec<u8>)> {
    let scenario = hive_forge::scenario::with_logs().remove(0);
    let name = |name: &str| format!("{below}/Windows/System32/config/{name}");
    scenario.files().into_iter().map(|(file, bytes)| (name(file), bytes)).collect()
}

fn borrowed(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
}

/// Returns a list of uploads in the form that Velociraptor writes.
fn uploads(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let row = |(name, bytes): &(String, Vec<u8>)| {
        let size = bytes.len();
        format!(
            "{{\"Timestamp\":1706745600,\"started\":\"2024-02-01 00:00:00 UTC\",\"vfs_path\":\"{name}\",\
             \"file_size\":{size},\"uploaded_size\":{size},\"Type\":\"\"}}\n"
        )
    };
    files.iter().map(row).collect::<String>().into_bytes()
}

#[test]
fn collections_of_four_tools_give_the_same_paths_and_bytes() {
    let kape = Scratch::new("archive-kape");
    let mut expected = machine("C");
    expected.sort();
    for (name, bytes) in &expected {
        kape.file(name, bytes);
    }
    let hives = expected.iter().filter(|(_, bytes)| bytes.starts_with(b"regf"));
    let hives: Vec<PathBuf> = hives.map(|(name, _)| kape.0.join(name)).collect();
    assert!(!hives.is_empty());
    let velociraptor = machine("uploads/ntfs/%5C%5C.%5CC%3A");
    let list = uploads(&velociraptor);
    let mut collection = borrowed(&velociraptor);
    collection.push(("uploads.json", &list));
    let uac = machine("[root]/C");
    let mut uac = borrowed(&uac);
    uac.push(("uac.log", b"text"));
    for bytes in [deflated(&collection), gzip(&tar(&uac)), tar(&borrowed(&machine("fs/C:")))] {
        let archive = open_bytes(bytes);
        assert!(losses(&archive).is_empty(), "{:?}", archive.omissions());
        let mut paths = paths(&archive);
        paths.retain(|path| path != "uploads.json");
        assert_eq!(paths, expected.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>());
        for hive in &hives {
            let below = hive.strip_prefix(&kape.0).unwrap();
            let path = crate::layout::windows_path(below).display().to_string();
            assert_eq!(bytes_of(&archive, &path), std::fs::read(hive).unwrap());
        }
        for (path, bytes) in &expected {
            assert_eq!(bytes_of(&archive, path), *bytes, "{path}");
        }
    }
}

#[test]
fn shadow_copies_of_a_collection_stay_apart_from_the_volume() {
    let device = "uploads/ntfs/%5C%5C%3F%5CGLOBALROOT%5CDevice%5CHarddiskVolumeShadowCopy";
    let (live, old) = (hive(1, 9000), hive(2, 9000));
    let copies =
        ["1", "2"].map(|number| format!("{device}{number}/Windows/System32/config/SYSTEM"));
    let files: [(&str, &[u8]); 3] = [(NTFS, &live), (&copies[0], &old), (&copies[1], &old)];
    let archive = open_bytes(deflated(&files));
    let copy =
        |number: u32| format!("HarddiskVolumeShadowCopy{number}/Windows/System32/config/SYSTEM");
    assert_eq!(paths(&archive), [SYSTEM.to_owned(), copy(1), copy(2)]);
}
