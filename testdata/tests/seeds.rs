// SPDX-License-Identifier: MIT OR Apache-2.0

//! The seeds of the fuzz targets in the repository are those of hive-forge.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hive_forge::seeds::seeds;

/// Folder of the seeds.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds")
}

/// Names of the files in the folder, with their subfolders. A seed from a crash is not forged.
fn names() -> BTreeSet<String> {
    let entries = |folder: PathBuf| std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let folders = entries(folder()).map(|kind| (kind.path(), kind.file_name()));
    let name = |kind: &std::ffi::OsStr, file: std::fs::DirEntry| {
        Path::new(kind).join(file.file_name()).to_str().unwrap().to_owned()
    };
    folders
        .flat_map(|(path, kind)| entries(path).map(move |file| name(&kind, file)))
        .filter(|name| !name.contains("/crash-"))
        .collect()
}

#[test]
fn seeds_in_the_repository_are_those_of_hive_forge() {
    let forged = seeds();
    assert_eq!(names(), forged.iter().map(|seed| seed.path.clone()).collect());
    for seed in forged {
        let bytes = std::fs::read(folder().join(&seed.path)).unwrap();
        assert!(bytes == seed.bytes, "fuzz/seeds/{} is not what hive-forge writes", seed.path);
    }
}
