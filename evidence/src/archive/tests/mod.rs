// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests of archives that this crate's dependencies write.

mod collections;
mod damage;
mod omissions;
mod tools;

use std::io::{Cursor, Write as _};

use super::*;
use crate::scratch::Scratch;

pub(super) const SYSTEM: &str = "C/Windows/System32/config/SYSTEM";

/// Returns the start of a hive, and further bytes that do not compress.
pub(super) fn hive(seed: u8, size: usize) -> Vec<u8> {
    let mut hive = vec![0; 4096];
    hive[..4].copy_from_slice(b"regf");
    let mut state = u32::from(seed) | 0x100;
    hive.resize_with(size.max(4096), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    hive
}

pub(super) fn zip(files: &[(&str, &[u8])], method: ::zip::CompressionMethod) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = ::zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(super) fn deflated(files: &[(&str, &[u8])]) -> Vec<u8> {
    zip(files, ::zip::CompressionMethod::DEFLATE)
}

pub(super) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// Opens an archive by its first bytes.
pub(super) fn open_bytes(bytes: Vec<u8>) -> Archive {
    open_limited(bytes, Limits::DEFAULT)
}

pub(super) fn open_limited(bytes: Vec<u8>, limits: Limits) -> Archive {
    let container = FileContainer::of(&bytes).unwrap();
    Archive::new(Arc::new(bytes), Path::new("in"), container, limits).unwrap()
}

pub(super) fn paths(archive: &Archive) -> Vec<String> {
    archive.members().iter().map(|member| member.path.display().to_string()).collect()
}

pub(super) fn losses(archive: &Archive) -> Vec<String> {
    let losses = archive.omissions().iter().filter(|omission| omission.is_loss);
    losses.map(ToString::to_string).collect()
}

pub(super) fn bytes_of(archive: &Archive, path: &str) -> Vec<u8> {
    let at = archive.members().iter().position(|member| member.path == Path::new(path)).unwrap();
    let (bytes, lost) = archive.read(at).unwrap();
    assert_eq!(lost, None);
    assert_eq!(bytes.len() as u64, archive.members()[at].size);
    assert_eq!(archive.head(at, 4096).unwrap(), bytes[..bytes.len().min(4096)]);
    bytes
}

#[test]
fn every_format_gives_the_same_members_and_bytes() {
    let folder = Scratch::new("archive-formats");
    let (system, log) = (hive(1, 200_000), [0; 0]);
    let log_name = format!("{SYSTEM}.LOG1");
    let files: [(&str, &[u8]); 5] = [
        (SYSTEM, &system),
        (&log_name, &log),
        ("C/Windows/System32/LServer/TLSLic.edb", b"database"),
        ("C/license.cal", b"license"),
        ("C/other.txt", b"text"),
    ];
    let tar = tar(&files);
    for (name, bytes, format) in [
        ("a.zip", deflated(&files), "zip"),
        ("b.zip", zip(&files, ::zip::CompressionMethod::STORE), "zip"),
        ("a.tar", tar.clone(), "tar"),
        ("a.tar.gz", gzip(&tar), "tar.gz"),
        ("a.tar.zst", zstd(&tar), "tar.zst"),
    ] {
        let container = FileContainer::of(&bytes).unwrap();
        let path = folder.file(name, &bytes);
        let archive = Archive::open(&path, container).unwrap();
        assert_eq!(
            paths(&archive),
            ["C/Windows/System32/LServer/TLSLic.edb", SYSTEM, log_name.as_str(), "C/license.cal"],
            "{name}"
        );
        assert_eq!(bytes_of(&archive, SYSTEM), system, "{name}");
        assert_eq!(bytes_of(&archive, "C/license.cal"), b"license");
        assert!(losses(&archive).is_empty(), "{name}: {:?}", archive.omissions());
        assert_eq!(archive.omissions().len(), 1, "{name}");
        let locator = &archive.members()[1].locator;
        assert_eq!((locator.format.as_str(), locator.path.as_str()), (format, SYSTEM));
        assert!(archive.bytes_read() > 0);
    }
}

#[test]
fn compressed_file_is_a_hive_with_the_name_of_the_archive() {
    let folder = Scratch::new("archive-single");
    let system = hive(1, 100_000);
    for (name, bytes) in [("SYSTEM.gz", gzip(&system)), ("SYSTEM.zst", zstd(&system))] {
        let container = FileContainer::of(&bytes).unwrap();
        let archive = Archive::open(&folder.file(name, &bytes), container).unwrap();
        assert_eq!(paths(&archive), ["SYSTEM"]);
        assert_eq!(bytes_of(&archive, "SYSTEM"), system);
    }
}

#[test]
fn archive_inside_an_archive_is_opened_and_a_deeper_one_is_reported() {
    let system = hive(1, 100_000);
    let inner: [(&str, &[u8]); 1] = [(SYSTEM, &system)];
    let archives = [
        ("a.zip", deflated(&inner)),
        ("b.tar", tar(&inner)),
        ("c.tar.gz", gzip(&tar(&inner))),
        ("d.tar.zst", zstd(&tar(&inner))),
        ("e.gz", gzip(&system)),
    ];
    let files: Vec<(&str, &[u8])> =
        archives.iter().map(|(name, bytes)| (*name, &**bytes)).collect();
    let expected =
        ["a.zip", "b.tar", "c.tar.gz", "d.tar.zst"].map(|name| format!("{name}/{SYSTEM}"));
    let expected = [&expected[..], &["e.gz/e".to_owned()]].concat();
    let tar = tar(&files);
    let outer = [deflated(&files), tar.clone(), gzip(&tar), zstd(&tar)];
    for bytes in &outer {
        let archive = open_bytes(bytes.clone());
        assert_eq!(paths(&archive), expected);
        for path in &expected {
            assert_eq!(bytes_of(&archive, path), system, "{path}");
        }
        assert!(losses(&archive).is_empty(), "{:?}", archive.omissions());
    }
    let three = open_bytes(deflated(&[("outer.zip", &outer[0])]));
    assert!(paths(&three).is_empty());
    assert_eq!(losses(&three).len(), 5);
    assert_eq!(
        losses(&three)[0],
        "in/outer.zip/a.zip: not read: it is a zip archive inside an archive inside an archive; unpack it first"
    );
}

#[test]
fn same_path_twice_gives_two_members_with_their_own_bytes() {
    let (one, two) = (hive(1, 9000), hive(2, 9000));
    let files: [(&str, &[u8]); 3] = [(SYSTEM, &one), (SYSTEM, &two), ("../SYSTEM", &two)];
    let second = format!("{SYSTEM} (2)");
    let archive = open_bytes(tar(&files[..2]));
    assert_eq!(paths(&archive), [SYSTEM, &second]);
    assert_eq!(bytes_of(&archive, SYSTEM), one);
    assert_eq!(bytes_of(&archive, &second), two);
    // The writer of zip archives refuses a second entry of the same name.
    let mut zip = deflated(&[("A/SYSTEM", &one), ("B/SYSTEM", &two), files[2]]);
    while let Some(at) = zip.windows(8).position(|name| name == b"B/SYSTEM") {
        zip[at] = b'A';
    }
    let archive = open_bytes(zip);
    assert_eq!(paths(&archive), ["(..)/SYSTEM", "A/SYSTEM", "A/SYSTEM (2)"]);
    assert_eq!(bytes_of(&archive, "A/SYSTEM"), one);
    assert_eq!(bytes_of(&archive, "A/SYSTEM (2)"), two);
}

#[test]
fn image_in_an_archive_is_given_as_a_range_only_if_it_is_stored() {
    let mut image = hive(3, 1 << 20);
    image[..4096].fill(0);
    image[3..11].copy_from_slice(b"NTFS    ");
    let boot = &image[..8192];
    let files: [(&str, &[u8]); 2] = [("C/$Boot", boot), ("disk.raw", &image)];
    let stored = [zip(&files, ::zip::CompressionMethod::STORE), tar(&files)];
    for bytes in stored {
        let archive = open_bytes(bytes);
        let images = archive.stored_images();
        let [(path, disk, FileContainer::Ntfs)] = &*images else { panic!() };
        assert_eq!((path.as_path(), disk.size()), (Path::new("disk.raw"), 1 << 20));
        let mut part = [0; 100];
        disk.read_at(5000, &mut part).unwrap();
        assert_eq!(part, image[5000..5100]);
        assert!(losses(&archive).is_empty());
    }
    let tar = tar(&files);
    for bytes in [deflated(&files), gzip(&tar), zstd(&tar), gzip(&image)] {
        let archive = open_bytes(bytes);
        assert!(archive.stored_images().is_empty());
        let losses = losses(&archive);
        assert_eq!(losses.len(), 1, "{losses:?}");
        assert!(losses[0].contains("give the image itself"), "{losses:?}");
    }
}

#[test]
fn member_beyond_the_kept_bytes_is_unpacked_again() {
    let hives: Vec<Vec<u8>> = (0..5).map(|seed| hive(seed, 1_000_000)).collect();
    let names: Vec<String> = (0..5).map(|number| format!("{number}/SYSTEM")).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().zip(&hives).map(|(name, hive)| (name.as_str(), hive.as_slice())).collect();
    let limits = Limits { kept: 2_500_000, ..Limits::DEFAULT };
    for bytes in [gzip(&tar(&files)), zstd(&tar(&files))] {
        let archive = open_limited(bytes, limits);
        assert_eq!(archive.found.iter().filter(|bytes| bytes.kept.is_some()).count(), 2);
        for (name, hive) in names.iter().zip(&hives).rev() {
            assert_eq!(bytes_of(&archive, name), *hive, "{name}");
        }
    }
}
