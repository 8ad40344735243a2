// SPDX-License-Identifier: MIT OR Apache-2.0
//! A volume of Windows 7 with two shadow copies, compared with vshadowmount.

use alloc::sync::Arc;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::ShadowCopies;
use crate::disk::{Disk, past_end};
use crate::ntfs::Volume;
use crate::ntfs::tests::forge::{all, content, has_tools, run};
use crate::scratch::Scratch;

/// A file that is read at offsets.
pub(crate) struct FileDisk(pub(crate) File, pub(crate) u64);

impl FileDisk {
    pub(crate) fn open(path: &Path) -> Arc<dyn Disk> {
        let file = File::open(path).unwrap();
        let size = file.metadata().unwrap().len();
        Arc::new(Self(file, size))
    }
}

impl Disk for FileDisk {
    fn size(&self) -> u64 {
        self.1
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.0.read_exact_at(buffer, offset).map_err(|_| past_end(offset, buffer.len(), self.1))
    }
}

/// Mounts the shadow copies of a volume with vshadowmount, calls `read` with the folder, and unmounts it.
pub(crate) fn mount(volume: &Path, scratch: &Scratch, read: impl FnOnce(&Path)) {
    let at = scratch.0.join("mount");
    std::fs::create_dir_all(&at).unwrap();
    run(Command::new("vshadowmount").arg(volume).arg(&at));
    let result = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| read(&at)));
    run(Command::new("fusermount").arg("-u").arg(&at));
    result.unwrap();
}

/// Counts the bytes that differ.
pub(crate) fn different_bytes(one: &dyn Disk, other: &dyn Disk) -> usize {
    assert_eq!(one.size(), other.size());
    let (mut left, mut right) = (vec![0; 1 << 20], vec![0; 1 << 20]);
    let mut different = 0;
    for offset in (0..one.size()).step_by(left.len()) {
        let length = usize::try_from((one.size() - offset).min(1 << 20)).unwrap();
        one.read_at(offset, &mut left[..length]).unwrap();
        other.read_at(offset, &mut right[..length]).unwrap();
        if left[..length] != right[..length] {
            different +=
                left[..length].iter().zip(&right[..length]).filter(|(a, b)| a != b).count();
        }
    }
    different
}

fn volume_of_windows(scratch: &Scratch) -> Option<PathBuf> {
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
