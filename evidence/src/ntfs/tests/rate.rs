// SPDX-License-Identifier: MIT OR Apache-2.0
//! Many files: all are listed, and the time is printed.

use std::fs;
use std::time::Instant;

use super::Wanted;
use super::forge::{Forged, TOOLS, all, has_tools};
use super::mutations::cases;

#[test]
fn volume_with_many_files_lists_all_of_them() {
    if !has_tools(&TOOLS) {
        return;
    }
    let folders = if cases() >= 2000 { 1000 } else { 20 };
    let forged = Forged::new("many", 512, 4096, &[]);
    forged.mount("rw,big_writes", |root| {
        for folder in 0..folders {
            let folder = root.join(format!("folder {folder}"));
            fs::create_dir(&folder).unwrap();
            let write = |n| fs::write(folder.join(format!("file {n}.dat")), [0; 40]).unwrap();
            (0..100).for_each(write);
        }
        fs::write(root.join("folder 7/SYSTEM"), b"regf").unwrap();
    });
    let start = Instant::now();
    let volume = forged.open();
    println!("opened in {:?}", start.elapsed());
    let start = Instant::now();
    let files = all(&volume);
    println!("{} files listed in {:?}", files.found.len(), start.elapsed());
    assert_eq!(files.omissions, []);
    let inside = |path: &std::path::Path| path.to_string_lossy().starts_with("folder ");
    assert_eq!(files.found.iter().filter(|file| inside(&file.path)).count(), folders * 100 + 1);
    let mft = files.found.iter().find(|file| file.path.as_os_str() == "$MFT").unwrap().size;
    let start = Instant::now();
    let hives = volume.files(&Wanted {
        name: &|name| name == "SYSTEM",
        path: &|_| true,
        folder: &|_| false,
    });
    println!("{mft} bytes of the $MFT passed in {:?}", start.elapsed());
    assert_eq!(hives.found.len(), 1);
}
