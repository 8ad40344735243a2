// SPDX-License-Identifier: MIT OR Apache-2.0
//! Successive states of a volume with files that change, as shadow copies.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::ShadowCopies;
use super::oracle::{FileDisk, different_bytes, mount};
use crate::ntfs::Volume;
use crate::ntfs::tests::forge::{Forged, TOOLS, all, at, content, has_tools, noise, run};
use crate::scratch::Scratch;

#[test]
fn each_shadow_copy_has_the_files_of_its_state() {
    let Some(images) = std::env::var_os("CALHIVE_IMAGES") else {
        return println!("skipped: CALHIVE_IMAGES is not set");
    };
    if !has_tools(&TOOLS) || !has_tools(&["vshadowmount"]) {
        return;
    }
    let scratch = Scratch::new("shadow-states");
    let forged = Forged::new("shadow-states-volume", 48, 4096, &[]);
    let hive = |state: u32| noise(300_000 + 1000 * usize::try_from(state).unwrap(), state);
    forged.mount("rw", |root| {
        fs::create_dir_all(root.join("System Volume Information")).unwrap();
        let page = [&b"VSSMARK"[..], &[0; 4089]].concat();
        fs::write(root.join("System Volume Information/area"), page.repeat(4096)).unwrap();
        fs::create_dir_all(root.join("Windows/System32/config")).unwrap();
    });
    let mut states = Vec::new();
    for state in 0..4 {
        forged.mount("rw", |root| {
            let config = root.join("Windows/System32/config");
            fs::write(config.join("SYSTEM"), hive(state)).unwrap();
            fs::write(config.join(format!("only in {state}")), hive(state + 10)).unwrap();
            if state > 0 {
                fs::remove_file(config.join(format!("only in {}", state - 1))).unwrap();
            }
        });
        let copy = scratch.0.join(format!("state{state}.raw"));
        fs::copy(&forged.image, &copy).unwrap();
        states.push(copy);
    }
    let raw = scratch.0.join("volume.raw");
    let script = Path::new(&images).join("forge_vss.py");
    run(Command::new("python3").arg(script).arg(&raw).args(&states));
    let copies = ShadowCopies::of(FileDisk::open(&raw)).unwrap();
    assert_eq!(copies.list().len(), 3);
    mount(&raw, &scratch, |mounted| {
        for state in 0..4 {
            let disk = match state {
                3 => FileDisk::open(&raw),
                _ => copies.disk(state + 1).unwrap(),
            };
            if state < 3 {
                let file = FileDisk::open(&mounted.join(format!("vss{}", state + 1)));
                assert_eq!(different_bytes(&disk, &file), 0, "{state}");
            }
            let volume = Volume::open(disk).unwrap();
            let files = all(&volume);
            let config = "Windows/System32/config";
            let system = at(&files, &format!("{config}/SYSTEM"));
            assert!(content(&volume, system).unwrap() == hive(state), "{state}");
            let only = at(&files, &format!("{config}/only in {state}"));
            assert!(content(&volume, only).unwrap() == hive(state + 10), "{state}");
            let live = files.found.iter().filter(|file| file.path.starts_with(config));
            assert_eq!(live.count(), 2);
        }
    });
}
