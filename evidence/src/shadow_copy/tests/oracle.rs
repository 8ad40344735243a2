// SPDX-License-Identifier: MIT OR Apache-2.0
//! vshadowmount, the second reader of shadow copies.

use alloc::sync::Arc;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;

use crate::disk::{Disk, past_end};
use crate::ntfs::tests::forge::{run, unmount};
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
    unmount(&at);
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
