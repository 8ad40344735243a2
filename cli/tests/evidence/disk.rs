// SPDX-License-Identifier: GPL-3.0-or-later
//! Partitioned disks of a volume, and containers of disks.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::tool::{command, run};

const MIB: u64 = 1 << 20;

/// Copies a volume into a larger disk.
fn place(volume: &Path, disk: &Path, offset: u64) {
    let bytes = fs::read(volume).unwrap();
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(disk).unwrap();
    file.set_len(offset + bytes.len() as u64 + MIB).unwrap();
    file.write_all_at(&bytes, offset).unwrap();
}

/// Builds a GPT disk: a reserved partition without a file system, then the volume.
pub(crate) fn gpt(volume: &Path, disk: &Path) {
    place(volume, disk, 3 * MIB);
    let sectors = fs::metadata(volume).unwrap().len() / 512;
    let (first, last) = (3 * MIB / 512, 3 * MIB / 512 + sectors - 1);
    let (folder, name) = split_path(disk);
    run(
        folder,
        &format!(
            "sgdisk -a 1 -n 1:2048:4095 -t 1:0c01 -n 2:{first}:{last} -t 2:0700 -c 2:Basic{{}}data \
             {name}"
        ),
    );
}

/// Builds an MBR disk: a primary partition without a file system, and the volume as a logical one.
pub(crate) fn mbr(volume: &Path, disk: &Path) {
    place(volume, disk, 4 * MIB);
    let sectors = fs::metadata(volume).unwrap().len() / 512;
    let script = format!(
        "label: dos\nstart=2048, size=2048, type=27\nstart=4096, size={}, type=5\n\
         start=8192, size={sectors}, type=7\n",
        sectors + 4096
    );
    let path = disk.with_extension("sfdisk");
    fs::write(&path, script).unwrap();
    let mut sfdisk = command("sfdisk");
    let output = sfdisk.arg("-q").arg(disk).stdin(File::open(path).unwrap()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Cuts a disk into numbered pieces. Returns the first one.
pub(crate) fn split(disk: &Path, folder: &Path) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let from = disk.to_str().unwrap();
    run(folder, &format!("split -b 10M -a 3 --numeric-suffixes=1 {from} disk."));
    folder.join("disk.001")
}

/// Acquires a disk as E01 with segments of this many MiB.
pub(crate) fn e01(disk: &Path, target: &Path, segment: u32, compression: &str) -> PathBuf {
    let (folder, name) = split_path(target);
    fs::create_dir_all(folder).unwrap();
    run(
        folder,
        &format!(
            "ewfacquire -u -q -C case -D description -E evidence -e examiner -N notes -m fixed \
             -M logical -f encase6 -c {compression} -S {segment}MiB -t {name} {}",
            disk.to_str().unwrap()
        ),
    );
    target.with_extension("E01")
}

/// Converts a disk with qemu-img. The options are those after the names of the formats.
pub(crate) fn convert(disk: &Path, target: &Path, format: &str) {
    let (folder, name) = split_path(target);
    fs::create_dir_all(folder).unwrap();
    let from = disk.to_str().unwrap();
    run(folder, &format!("qemu-img convert -f raw -O {format} {from} {name}"));
}

/// Splits a path into folder and file name.
fn split_path(path: &Path) -> (&Path, &str) {
    (path.parent().unwrap(), path.file_name().unwrap().to_str().unwrap())
}
