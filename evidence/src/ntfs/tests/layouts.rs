// SPDX-License-Identifier: MIT OR Apache-2.0
//! Each layout of a file's content, compared with the source and with icat.

use std::fs;
use std::path::Path;

use super::forge::{Forged, all, at, content, has_tools, noise};

const TOOLS: [&str; 4] = ["mkntfs", "ntfs-3g", "fusermount", "icat"];

/// Checks that each file in `expected` has these bytes, in calhive and in icat.
fn check(forged: &Forged, expected: &[(&str, Vec<u8>)]) {
    let volume = forged.open();
    let files = all(&volume);
    assert_eq!(files.omissions, []);
    for (path, bytes) in expected {
        let file = at(&files, path);
        assert_eq!(file.size, bytes.len() as u64, "{path}");
        assert!(content(&volume, file).unwrap() == *bytes, "{path}");
        // icat knows no clusters of 2 MiB.
        if forged.cluster <= 65536 {
            assert!(forged.icat(file.record) == *bytes, "icat: {path}");
        }
    }
}

fn write(root: &Path, files: &[(&str, Vec<u8>)]) {
    for (path, bytes) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn files_of_each_cluster_size_are_read() {
    if !has_tools(&TOOLS) {
        return;
    }
    for (sector, cluster) in
        [("512", 512), ("512", 4096), ("512", 65536), ("4096", 4096), ("512", 2 << 20)]
    {
        let forged =
            Forged::new(&format!("clusters-{sector}-{cluster}"), 96, cluster, &["-s", sector]);
        let files = [
            ("Windows/System32/config/SYSTEM", noise(300_001, 1)),
            ("windows2/system32/CONFIG/Software", noise(5, 2)),
            ("empty", vec![]),
            ("resident", noise(500, 3)),
        ];
        forged.mount("rw", |root| write(root, &files));
        check(&forged, &files);
    }
}
