// SPDX-License-Identifier: GPL-3.0-or-later
//! Folders and archives as collectors write them.

use std::fs;
use std::path::{Path, PathBuf};

use super::host::{CONFIG, Host};
use super::tool::{run, write};

/// Writes the files of a host below `config`, a path in the folder.
pub(crate) fn folder(root: &Path, config: &str, host: &Host) {
    for (name, bytes) in &host.files {
        write(&root.join(config).join(name), bytes);
    }
}

/// Writes the tree of KAPE: a folder for each drive, and a log of the copies.
pub(crate) fn kape(root: &Path, host: &Host) {
    folder(root, &format!("C/{CONFIG}"), host);
    let mut log = "CopiedTimestamp,SourceFile,DestinationFile\r\n".to_owned();
    for (name, _) in &host.files {
        log += &format!("2024-02-01 10:00:00,C:\\Windows\\System32\\config\\{name},C\\{name}\r\n");
    }
    write(&root.join("2024-02-01T10_00_00_CopyLog.csv"), log.as_bytes());
}

/// Writes a collection of Velociraptor: names are URL-encoded, and a list describes the uploads.
pub(crate) fn velociraptor(root: &Path, host: &Host) {
    folder(root, &format!("uploads/auto/C%3A/{CONFIG}"), host);
    let mut uploads = String::new();
    for (name, bytes) in &host.files {
        let size = bytes.len();
        let line = serde_json::json!({
            "Timestamp": "2024-02-01T10:00:00Z",
            "started": "2024-02-01 10:00:00 +0000 UTC",
            "vfs_path": format!("uploads/auto/C%3A/{CONFIG}/{name}"),
            "_Components": ["uploads", "auto", "C:", "Windows", "System32", "config", name],
            "file_size": size,
            "uploaded_size": size,
            "Type": "",
        });
        uploads += &format!("{line}\n");
    }
    write(&root.join("uploads.json"), uploads.as_bytes());
    write(&root.join("collection_context.json"), b"{\"session_id\":\"F.C123\"}\n");
}

/// Packs everything in a folder into an archive beside it.
pub(crate) fn pack(folder: &Path, archive: &str) -> PathBuf {
    let beside = folder.parent().unwrap().join(archive);
    let target = beside.to_str().unwrap();
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let names = names.join(" ");
    if archive.ends_with(".zip") {
        run(folder, &format!("zip -q -r {target} {names}"));
    } else {
        let how = if archive.ends_with("zst") { "--zstd" } else { "--gzip" };
        run(folder, &format!("tar {how} -cf {target} {names}"));
    }
    beside
}

/// Stores a file in a zip archive without compression.
pub(crate) fn store(file: &Path, archive: &Path) {
    let name = file.file_name().unwrap().to_str().unwrap();
    let target = archive.to_str().unwrap();
    run(file.parent().unwrap(), &format!("zip -q -0 {target} {name}"));
}
