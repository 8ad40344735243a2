// SPDX-License-Identifier: GPL-3.0-or-later
//! Every form of a host, in the order of the table.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use hive_forge::bitlocker::{self, Protectors};

use super::form::{Base, Form, On};
use super::host::CONFIG;
use super::{collection, disk};

/// A form that has the facts alone, without places, times and permissions.
pub(crate) const EXPORT: &str = ".reg export of both hives";

/// All forms. The first one is the form that the others are compared with.
pub(crate) const FORMS: &[Form] = &[
    files("folder", &[], |base, at| vec![base.folder(&at.join("host")).into()]),
    files("files", &[], each_file),
    files("flat folder", &[], |base, at| {
        collection::folder(at, "host", &base.host);
        vec![at.join("host").into()]
    }),
    files("KAPE folder", &[], |base, at| {
        collection::kape(&at.join("host"), &base.host);
        vec![at.join("host").into()]
    }),
    files("KAPE zip", &["zip"], |base, at| {
        collection::kape(&at.join("host"), &base.host);
        vec![only(collection::pack(&at.join("host"), "host.zip"), at)]
    }),
    files("Velociraptor folder", &[], |base, at| {
        collection::velociraptor(&at.join("host"), &base.host);
        vec![at.join("host").into()]
    }),
    files("Velociraptor zip", &["zip"], |base, at| {
        collection::velociraptor(&at.join("host"), &base.host);
        vec![only(collection::pack(&at.join("host"), "host.zip"), at)]
    }),
    files("UAC tar.gz", &["tar", "gzip"], |base, at| {
        collection::folder(&at.join("host/[root]"), CONFIG, &base.host);
        fs::write(at.join("host/uac.log"), "uac 2.9.0\n").unwrap();
        vec![only(collection::pack(&at.join("host"), "host.tar.gz"), at)]
    }),
    files("acquire tar", &["tar", "gzip"], |base, at| {
        collection::folder(&at.join("host/fs/C:"), CONFIG, &base.host);
        vec![only(collection::pack(&at.join("host"), "host.tar.gz"), at)]
    }),
    files("tar.zst", &["tar", "zstd"], |base, at| {
        base.folder(&at.join("host"));
        vec![only(collection::pack(&at.join("host"), "host.tar.zst"), at)]
    }),
    files("zip in zip", &["zip"], |base, at| {
        base.folder(&at.join("inner/host"));
        let inner = collection::pack(&at.join("inner/host"), "host.zip");
        fs::remove_dir_all(at.join("inner/host")).unwrap();
        collection::store(&inner, &at.join("outer.zip"));
        vec![only(at.join("outer.zip"), at)]
    }),
    files(EXPORT, &[], |base, at| {
        fs::write(at.join("host.reg"), base.host.export()).unwrap();
        vec![at.join("host.reg").into()]
    }),
    volume("mounted volume, read-only", &[], |base, _| vec![base.volume().into()]),
    volume("raw volume", &[], |base, at| vec![copy(base.volume(), at, "volume.raw")]),
    volume("raw disk, GPT", &["sgdisk"], |base, at| vec![copy(base.disk(), at, "disk.raw")]),
    volume("raw disk, MBR with extended partition", &["sfdisk"], |base, at| {
        disk::mbr(base.volume(), &at.join("disk.raw"));
        vec![at.join("disk.raw").into()]
    }),
    volume("split raw disk", &["sgdisk", "split"], |base, at| {
        vec![disk::split(base.disk(), at).into()]
    }),
    volume("E01", &["sgdisk", "ewfacquire"], |base, at| {
        vec![disk::e01(base.disk(), &at.join("disk"), 1500, "fast").into()]
    }),
    volume("E01 in segments", &["sgdisk", "ewfacquire"], |base, at| {
        vec![disk::e01(base.disk(), &at.join("disk"), 8, "none").into()]
    }),
    volume("E01 in a stored zip", &["sgdisk", "ewfacquire", "zip"], |base, at| {
        let image = disk::e01(base.disk(), &at.join("disk"), 1500, "none");
        collection::store(&image, &at.join("disk.zip"));
        vec![only(at.join("disk.zip"), at)]
    }),
    volume("VHD, fixed", &["sgdisk", "qemu-img"], |base, at| {
        converted(base, at, "disk.vhd", "vpc -o subformat=fixed,force_size=on")
    }),
    volume("VHD, dynamic", &["sgdisk", "qemu-img"], |base, at| {
        converted(base, at, "disk.vhd", "vpc -o subformat=dynamic,force_size=on")
    }),
    volume("VHDX", &["sgdisk", "qemu-img"], |base, at| converted(base, at, "disk.vhdx", "vhdx")),
    volume("VMDK, monolithicSparse", &["sgdisk", "qemu-img"], |base, at| {
        converted(base, at, "disk.vmdk", "vmdk -o subformat=monolithicSparse")
    }),
    volume("VMDK, monolithicFlat", &["sgdisk", "qemu-img"], |base, at| {
        converted(base, at, "disk.vmdk", "vmdk -o subformat=monolithicFlat")
    }),
    volume("VMDK, streamOptimized", &["sgdisk", "qemu-img"], |base, at| {
        converted(base, at, "disk.vmdk", "vmdk -o subformat=streamOptimized")
    }),
    volume("QCOW2", &["sgdisk", "qemu-img"], |base, at| converted(base, at, "disk.qcow2", "qcow2")),
    volume("QCOW2, compressed", &["sgdisk", "qemu-img"], |base, at| {
        converted(base, at, "disk.qcow2", "qcow2 -c")
    }),
    volume("BitLocker volume, clear key", &[], |base, at| {
        vec![encrypted(base, at, Protectors { clear_key: true, recovery_password: false })]
    }),
    volume("BitLocker volume, recovery password", &[], |base, at| {
        let protectors = Protectors { clear_key: false, recovery_password: true };
        let option = "--bitlocker-recovery-password".into();
        vec![encrypted(base, at, protectors), option, bitlocker::recovery_password().into()]
    }),
];

type Build = fn(&Base, &Path) -> Vec<OsString>;

const fn files(name: &'static str, made_by: &'static [&'static str], build: Build) -> Form {
    Form { name, made_by, on: On::Files, build }
}

const fn volume(name: &'static str, made_by: &'static [&'static str], build: Build) -> Form {
    Form { name, made_by, on: On::Volume, build }
}

/// Returns the paths of the hives. Each finds its logs.
fn each_file(base: &Base, at: &Path) -> Vec<OsString> {
    let folder = base.folder(&at.join("host")).join(CONFIG);
    ["SOFTWARE", "SYSTEM"].map(|name| folder.join(name).into()).to_vec()
}

/// Removes everything beside a file, so that the command cannot find the hives elsewhere.
fn only(file: PathBuf, at: &Path) -> OsString {
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else if path != file {
            fs::remove_file(path).unwrap();
        }
    }
    file.into()
}

fn copy(image: &Path, at: &Path, name: &str) -> OsString {
    fs::copy(image, at.join(name)).unwrap();
    at.join(name).into()
}

fn converted(base: &Base, at: &Path, name: &str, format: &str) -> Vec<OsString> {
    disk::convert(base.disk(), &at.join(name), format);
    vec![at.join(name).into()]
}

fn encrypted(base: &Base, at: &Path, protectors: Protectors) -> OsString {
    let path = at.join("volume.raw");
    fs::write(&path, bitlocker::encrypt(&fs::read(base.volume()).unwrap(), protectors)).unwrap();
    path.into()
}
