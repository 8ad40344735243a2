// SPDX-License-Identifier: MIT OR Apache-2.0
//! A volume of Windows 7 with two shadow copies, compared with vshadowmount.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::super::ShadowCopies;
use super::oracle::{FileDisk, different_bytes, mount};
use crate::disk::Disk;
use crate::ntfs::Volume;
use crate::ntfs::tests::forge::{all, content, has_tools, run};
use crate::scratch::Scratch;

pub(crate) fn volume_of_windows(scratch: &Scratch) -> Option<PathBuf> {
    let Some(images) = std::env::var_os("CALHIVE_IMAGES") else {
        println!("skipped: CALHIVE_IMAGES is not set");
        return None;
    };
    if !has_tools(&["qemu-img", "vshadowmount", "fusermount", "icat"]) {
        return None;
    }
    let raw = scratch.0.join("volume.raw");
    let image = Path::new(&images).join("vsstest.qcow2");
    run(Command::new("qemu-img").args(["convert", "-O", "raw"]).arg(image).arg(&raw));
    Some(raw)
}

#[test]
fn both_shadow_copies_of_windows_equal_vshadowmount() {
    let scratch = Scratch::new("shadow-windows");
    let Some(raw) = volume_of_windows(&scratch) else { return };
    let copies = ShadowCopies::of(FileDisk::open(&raw)).unwrap();
    let list: Vec<_> =
        copies.list().iter().map(|it| (it.number, it.id.as_str(), it.created)).collect();
    assert_eq!(
        list,
        [
            (1, "600f0b69-5bdf-11e3-9d6c-005056c00008", 130_305_261_097_363_787),
            (2, "600f0b6d-5bdf-11e3-9d6c-005056c00008", 130_305_262_689_190_583),
        ]
    );
    mount(&raw, &scratch, |mounted| {
        for number in [1, 2] {
            let disk = copies.disk(number).unwrap();
            let file = mounted.join(format!("vss{number}"));
            assert_eq!(different_bytes(&disk, &FileDisk::open(&file)), 0, "{number}");
            print_speed(number, &disk);
            let volume = Volume::open(disk).unwrap();
            let files = all(&volume);
            assert_eq!(files.omissions, []);
            let live: Vec<_> = files.found.iter().filter(|it| !it.is_deleted).collect();
            assert_eq!(live.len(), 17 + 2 * usize::from(number == 2), "{live:#?}");
            for found in live {
                let icat =
                    Command::new("icat").arg(&file).arg(format!("{}-128", found.record)).output();
                let icat = icat.unwrap();
                let same = content(&volume, found).unwrap() == icat.stdout;
                assert!(
                    same,
                    "{}: {}",
                    found.path.display(),
                    String::from_utf8_lossy(&icat.stderr)
                );
            }
        }
    });
}

fn print_speed(number: u32, disk: &dyn Disk) {
    let start = Instant::now();
    let mut piece = vec![0; 1 << 20];
    for offset in (0..disk.size()).step_by(1 << 20) {
        disk.read_at(offset, &mut piece).unwrap();
    }
    println!("shadow copy {number}: {} MiB read in {:?}", disk.size() >> 20, start.elapsed());
}
