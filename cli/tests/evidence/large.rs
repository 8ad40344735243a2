// SPDX-License-Identifier: GPL-3.0-or-later
//! Large images with one Windows: memory does not grow with the image.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::collection::folder;
use super::host::{CONFIG, Host};
use super::normal::{differences, normal};
use super::scan::Scan;
use super::table::bytes_read;
use super::tool::{has, new_folder};
use super::{disk, volume};

/// Most memory of a run, in KiB.
const MEMORY: u64 = 64 << 10;

/// Builds a sparse volume of this size with the hives of a host.
fn build(image: &Path, size: u64, host: &Host) {
    volume::format(image, size, 4096);
    let mounted = volume::mount(image);
    folder(mounted.path(), CONFIG, host);
}

/// Scans an image. The report must equal that of the host's folder.
#[track_caller]
fn check(what: &str, image: OsString, host: &Host) {
    let small = new_folder("large-folder");
    folder(&small, CONFIG, host);
    let expected = normal(&Scan::json(&[small.into()]).report()).0;
    let scan = Scan::json(&[image]);
    assert_eq!(scan.code, 0, "{what}: {}", scan.err);
    let report = scan.report();
    println!("{what}: {:?}, {} KiB, {:?} bytes read", scan.time, scan.peak, bytes_read(&report));
    let differences = differences(&expected, &normal(&report).0);
    assert!(differences.is_empty(), "{what}: {differences:#?}");
    assert!(scan.peak < MEMORY, "{what}: {} KiB", scan.peak);
}

#[test]
fn images_of_100_gb_need_less_than_64_mib_of_memory() {
    if !has(volume::TOOLS) || !has(&["qemu-img"]) {
        return;
    }
    let host = Host::client();
    let folder = new_folder("large");
    let image = folder.join("volume.raw");
    build(&image, 100_000_000_000 / 4096 * 4096, &host);
    let target = folder.join("qcow2/volume.qcow2");
    disk::convert(&image, &target, "qcow2");
    check("raw, 100 GB", image.clone().into(), &host);
    check("QCOW2, 100 GB", target.into(), &host);
    fs::remove_dir_all(folder).unwrap();
}

/// Acquisition takes minutes: only with `CALHIVE_FULL`.
#[test]
fn e01_of_20_gb_needs_less_than_64_mib_of_memory() {
    if std::env::var_os("CALHIVE_FULL").is_none() {
        println!("skipped: CALHIVE_FULL is not set");
        return;
    }
    if !has(volume::TOOLS) || !has(&["ewfacquire"]) {
        return;
    }
    let host = Host::client();
    let folder = new_folder("large-e01");
    let image = folder.join("volume.raw");
    build(&image, 20_000_000_000 / 4096 * 4096, &host);
    let target = disk::e01(&image, &folder.join("e01/volume"), 1500, "fast");
    fs::remove_file(image).unwrap();
    check("E01, 20 GB", target.into(), &host);
    fs::remove_dir_all(folder).unwrap();
}
