// SPDX-License-Identifier: MIT OR Apache-2.0
//! Damaged and truncated volumes, and contents that calhive does not read.

use alloc::sync::Arc;
use std::fs;

use super::forge::{Forged, TOOLS, all, at, content, fragment, has_tools, noise};
use super::{Files, Volume};

fn forge(name: &str) -> Option<(Forged, Vec<u8>)> {
    if !has_tools(&TOOLS) {
        return None;
    }
    let forged = Forged::new(name, 16, 4096, &[]);
    let hive = noise(400_000, 1);
    forged.mount("rw", |root| fs::write(root.join("SYSTEM"), &hive).unwrap());
    Some((forged, hive))
}

fn open(bytes: Vec<u8>) -> (Volume, Files) {
    let volume = Volume::open(Arc::new(bytes)).unwrap();
    let files = all(&volume);
    (volume, files)
}

fn texts(files: &Files) -> Vec<String> {
    files.omissions.iter().map(ToString::to_string).collect()
}

#[test]
fn damaged_start_of_the_mft_is_read_from_its_mirror() {
    let Some((forged, hive)) = forge("mirror") else { return };
    let mut bytes = forged.bytes();
    let start = forged.record_offset(0);
    bytes[start + 510] ^= 0xFF;
    let (volume, files) = open(bytes);
    assert!(content(&volume, at(&files, "SYSTEM")).unwrap() == hive);
    let texts = texts(&files);
    assert!(
        texts[0].starts_with("$MFT: MFT record 0 at volume offset 0x4000: sector 1 of 2"),
        "{texts:?}"
    );
    assert!(texts[0].ends_with("calhive read its copy in $MFTMirr"), "{texts:?}");
}

#[test]
fn damaged_boot_sector_is_read_from_its_copy() {
    let Some((forged, hive)) = forge("boot") else { return };
    let mut bytes = forged.bytes();
    bytes[..512].fill(0);
    let (volume, files) = open(bytes.clone());
    assert!(content(&volume, at(&files, "SYSTEM")).unwrap() == hive);
    let expected = "$Boot: NTFS boot sector at offset 0x0: expected \"NTFS\", found \"\\x00\\x00\\x00\\x00\\x00\\x00\
        \\x00\\x00\"; calhive read its copy at the end";
    assert_eq!(texts(&files), [expected]);
    let end = bytes.len();
    bytes[end - 4096..].fill(0);
    assert!(Volume::open(Arc::new(bytes)).unwrap_err().to_string().contains("offset 0x0"));
}

#[test]
fn truncated_volume_names_record_and_offset() {
    let Some((forged, hive)) = forge("truncated") else { return };
    let files = all(&forged.open());
    let record = at(&files, "SYSTEM").record;
    let mut bytes = forged.bytes();
    bytes.truncate(forged.data_offset(record) + 100_000);
    let (volume, files) = open(bytes.clone());
    assert!(texts(&files)[0].starts_with("$Boot: the volume has 1677"), "{:?}", texts(&files));
    let disk = volume.open_file(at(&files, "SYSTEM")).unwrap();
    let mut part = vec![0; 100_000];
    disk.read_at(0, &mut part).unwrap();
    assert!(part == hive[..100_000]);
    let error = disk.read_at(90_000, &mut part).unwrap_err().to_string();
    let start = format!(
        "data at offset 0x15f90 of MFT record {record}: cluster 21 of the data: 100000 bytes at"
    );
    assert!(error.starts_with(&start), "{error}");
    // The end is in the $MFT.
    let at = forged.record_offset(record);
    bytes.truncate(at + 100);
    let (_, files) = open(bytes);
    let message = format!("MFT record {record} at volume offset {at:#x}: ");
    assert!(texts(&files).iter().any(|text| text.contains(&message)), "{:?}", texts(&files));
}

#[test]
fn torn_record_is_reported() {
    let Some((forged, _)) = forge("torn") else { return };
    let files = all(&forged.open());
    let record = at(&files, "SYSTEM").record;
    let mut bytes = forged.bytes();
    let end = forged.record_offset(record) + 1022;
    bytes[end] ^= 1;
    let (_, files) = open(bytes);
    assert!(files.found.iter().all(|file| file.record != record));
    let texts = texts(&files);
    let start = "$MFT: a record cannot be read, a file can be missing: MFT record";
    assert!(
        texts[0].starts_with(start) && texts[0].contains("sector 2 of 2 is from another write"),
        "{texts:?}"
    );
    assert!(files.omissions[0].is_loss);
}

#[test]
fn bytes_after_the_initialized_size_are_zeros() {
    let Some((forged, mut hive)) = forge("initialized") else { return };
    let files = all(&forged.open());
    let record = at(&files, "SYSTEM").record;
    let mut bytes = forged.bytes();
    let field = forged.attribute_offset(record, 0x80) + 56;
    bytes[field..field + 8].copy_from_slice(&123_457_u64.to_le_bytes());
    let (volume, files) = open(bytes);
    hive[123_457..].fill(0);
    assert!(content(&volume, at(&files, "SYSTEM")).unwrap() == hive);
}

#[test]
fn encrypted_file_is_refused_by_name() {
    let Some((forged, _)) = forge("encrypted") else { return };
    let files = all(&forged.open());
    let record = at(&files, "SYSTEM").record;
    let mut bytes = forged.bytes();
    bytes[forged.attribute_offset(record, 0x80) + 13] |= 0x40;
    let (volume, files) = open(bytes);
    let error = volume.open_file(at(&files, "SYSTEM")).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
    assert!(error.to_string().contains("encrypted with EFS; copy it"), "{error}");
}

#[test]
fn file_that_windows_compressed_as_a_whole_is_refused_by_name() {
    let Some((forged, _)) = forge("wof") else { return };
    let files = all(&forged.open());
    let record = at(&files, "SYSTEM").record;
    let mut bytes = forged.bytes();
    // The end of the record moves, and a reparse point takes its place.
    let start = forged.record_offset(record);
    let used = start + 24;
    let end = start + usize::from(u16::from_le_bytes([bytes[used], bytes[used + 1]])) - 8;
    let mut point = vec![0_u8; 40];
    point[0] = 0xC0;
    point[4] = 40;
    point[16] = 16;
    point[20] = 24;
    point[24..28].copy_from_slice(&0x8000_0017_u32.to_le_bytes());
    point.extend([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]);
    assert!(end + point.len() < start + 510);
    bytes[end..end + point.len()].copy_from_slice(&point);
    bytes[used] += 40;
    let (volume, files) = open(bytes);
    let error = volume.open_file(at(&files, "SYSTEM")).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("(WOF, CompactOS); mount the image"), "{error}");
}

#[test]
fn lost_extent_of_an_attribute_list_is_reported() {
    if !has_tools(&TOOLS) {
        return;
    }
    let forged = Forged::new("extent", 20, 4096, &[]);
    forged.mount("rw", |root| {
        fragment(root, 4096);
        fs::write(root.join("SYSTEM"), noise(1300 * 4096, 1)).unwrap();
    });
    let (volume, files) = open(forged.bytes());
    let record = at(&files, "SYSTEM").record;
    assert_eq!(content(&volume, at(&files, "SYSTEM")).unwrap().len(), 1300 * 4096);
    let has_data = |number: &u64| *number != record && forged.has_attribute(*number, 0x80);
    let further = forged.records(record).into_iter().find(has_data).unwrap();
    let mut bytes = forged.bytes();
    let at = forged.record_offset(further) + 32;
    bytes[at] ^= 1; // its base record
    let (_, files) = open(bytes);
    assert!(files.found.iter().all(|file| file.record != record));
    let texts = texts(&files);
    assert!(texts.iter().any(|text| text.contains("belongs to another file by now")), "{texts:?}");
}
