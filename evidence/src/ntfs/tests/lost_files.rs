// SPDX-License-Identifier: MIT OR Apache-2.0
//! Deleted files, and files whose folder is lost.

use std::fs;
use std::path::Path;

use super::forge::{Forged, TOOLS, all, at, content, fragment, has_tools, noise};

#[test]
fn deleted_file_is_read_until_its_clusters_are_in_use_again() {
    if !has_tools(&TOOLS) {
        return;
    }
    let forged = Forged::new("deleted", 16, 4096, &[]);
    let (hive, log) = (noise(400_000, 1), noise(600, 2));
    forged.mount("rw", |root| {
        fs::create_dir_all(root.join("Windows.old/config")).unwrap();
        fs::create_dir_all(root.join("Windows/config")).unwrap();
        fs::write(root.join("Windows.old/config/SYSTEM"), &hive).unwrap();
        fs::write(root.join("Windows/config/SYSTEM.LOG1"), &log).unwrap();
    });
    let live = all(&forged.open());
    let (hive_record, log_record) = (
        at(&live, "Windows.old/config/SYSTEM").record,
        at(&live, "Windows/config/SYSTEM.LOG1").record,
    );
    forged.mount("rw", |root| {
        fs::remove_dir_all(root.join("Windows.old")).unwrap();
        fs::remove_file(root.join("Windows/config/SYSTEM.LOG1")).unwrap();
    });
    let volume = forged.open();
    let files = all(&volume);
    assert_eq!(files.omissions, []);
    for (name, record, bytes, was) in [
        ("SYSTEM", hive_record, &hive, "Windows.old/config/SYSTEM"),
        ("SYSTEM.LOG1", log_record, &log, "Windows/config/SYSTEM.LOG1"),
    ] {
        let file = at(&files, &format!("deleted/{record}/{name}"));
        assert!(file.is_deleted && file.overwritten_clusters == 0, "{file:?}");
        assert_eq!(file.full_path.as_deref(), Some(Path::new(was)));
        assert!(content(&volume, file).unwrap() == *bytes);
        assert!(forged.icat(record) == *bytes);
    }
    // The bitmap says that ten clusters of the hive are in use again.
    let mut bytes = forged.bytes();
    let (bitmap, first) = (forged.data_offset(6), forged.data_offset(hive_record) / 4096);
    for cluster in first + 3..first + 13 {
        bytes[bitmap + cluster / 8] |= 1 << (cluster % 8);
    }
    // A file over the end of the hive does not count.
    bytes[bitmap + (first + 98) / 8] |= 1 << ((first + 98) % 8);
    let files = all(&super::Volume::open(alloc::sync::Arc::new(bytes)).unwrap());
    let path = format!("deleted/{hive_record}/SYSTEM");
    assert_eq!(at(&files, &path).overwritten_clusters, 10);
}

#[test]
fn deleted_file_with_an_attribute_list_is_read_whole() {
    if !has_tools(&TOOLS) {
        return;
    }
    let forged = Forged::new("deleted-list", 20, 4096, &[]);
    let hive = noise(1300 * 4096, 1);
    forged.mount("rw", |root| {
        fragment(root, 4096);
        fs::write(root.join("SYSTEM"), &hive).unwrap();
    });
    let record = at(&all(&forged.open()), "SYSTEM").record;
    // ntfs-3g removes the name of such a file. Windows only frees the records.
    let mut bytes = forged.bytes();
    for number in forged.records(record) {
        let start = forged.record_offset(number);
        bytes[start + 16] += 1;
        bytes[start + 22] &= !1;
    }
    let volume = super::Volume::open(alloc::sync::Arc::new(bytes)).unwrap();
    let files = all(&volume);
    let file = at(&files, &format!("deleted/{record}/SYSTEM"));
    assert!(content(&volume, file).unwrap() == hive);
    // The bitmap still has the clusters.
    assert_eq!(file.overwritten_clusters, 1300);
}

#[test]
fn file_of_a_lost_folder_is_an_orphan() {
    if !has_tools(&TOOLS) {
        return;
    }
    let forged = Forged::new("orphan", 16, 4096, &[]);
    let hive = noise(40_000, 1);
    forged.mount("rw", |root| {
        fs::create_dir_all(root.join("one/two")).unwrap();
        fs::write(root.join("one/two/SYSTEM"), &hive).unwrap();
    });
    let files = all(&forged.open());
    let record = at(&files, "one/two/SYSTEM").record;
    // The records of the folders are before the one of the file.
    for (folder, field, value) in [
        (record - 2, 16, vec![99, 0]), // another use of the record
        (record - 2, 22, vec![2, 0]),  // the folder is not in use
    ] {
        let mut bytes = forged.bytes();
        let at = forged.record_offset(folder) + field;
        bytes[at..at + value.len()].copy_from_slice(&value);
        check_orphan(bytes, record, &hive);
    }
    // The parent of the outer folder is the inner folder.
    let mut bytes = forged.bytes();
    let parent = forged.attribute_offset(record - 2, 0x30) + 24;
    let inner = forged.attribute_offset(record, 0x30) + 24;
    let reference = bytes[inner..inner + 8].to_vec();
    bytes[parent..parent + 8].copy_from_slice(&reference);
    check_orphan(bytes, record, &hive);
}

fn check_orphan(bytes: Vec<u8>, record: u64, hive: &[u8]) {
    let volume = super::Volume::open(alloc::sync::Arc::new(bytes)).unwrap();
    let files = all(&volume);
    let file = at(&files, &format!("orphan/{record}/SYSTEM"));
    assert_eq!((file.is_deleted, &file.full_path), (false, &None));
    assert!(content(&volume, file).unwrap() == hive);
}
