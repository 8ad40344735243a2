// SPDX-License-Identifier: GPL-3.0-or-later
//! Evidence is left as it was.

use std::fs;

use super::{Folder, calhive, forged, scenario};

/// Names, content and times of modification of all files below a folder.
fn state(folder: &Folder) -> Vec<(String, Vec<u8>, std::time::SystemTime)> {
    let mut all = Vec::new();
    let mut folders = vec![folder.0.clone()];
    while let Some(path) = folders.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                let name = entry.path().to_str().unwrap().to_owned();
                all.push((name, fs::read(entry.path()).unwrap(), metadata.modified().unwrap()));
            }
        }
    }
    all.sort();
    all
}

#[test]
fn nothing_is_written_whatever_is_asked() {
    let folder = Folder::new();
    let mut damaged = forged();
    damaged.set("list ", "hash 0", 0).set("base", "secondary_sequence", 0);
    let hive = folder.file("hives/HIVE", &damaged.bytes);
    let system = fs::read(scenario("windows-10-client-plain").join("SYSTEM")).unwrap();
    folder.file("hives/SYSTEM", &system);
    let before = state(&folder);
    for args in [
        &["scan", folder.path()][..],
        &["scan", folder.path(), "--format", "json", "--no-mmap"],
        &["info", &hive],
        &["info", &hive, "--check"],
        &["info", &hive, "--at", "5000"],
        &["walk", &hive],
        &["walk", &hive, "--format", "canonical", "--no-mmap"],
        &["get", &hive, "Alpha"],
        &["get", &hive, "Alpha", "big", "--format", "raw"],
    ] {
        calhive(args).code(0);
        assert!(state(&folder) == before, "{args:?}");
    }
}
