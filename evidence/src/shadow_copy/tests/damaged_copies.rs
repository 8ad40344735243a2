// SPDX-License-Identifier: MIT OR Apache-2.0
//! Damaged catalogs, block lists and bitmaps.

use alloc::sync::Arc;

use super::super::ShadowCopies;
use super::forge::{BLOCK, Descriptor, FIRST_OF_STORES, Forge};
use crate::ntfs::tests::mutations::Random;

/// Offset of the catalog.
const CATALOG: usize = 300 * BLOCK;
/// Offset of the block list of the first store: after its header.
const LIST: usize = CATALOG + 2 * BLOCK;
/// Offset of the bitmap of the last store: after its header, its block list and its ranges.
const BITMAP: usize = CATALOG + 8 * BLOCK;

/// Forges a volume with two shadow copies of one changed block each.
fn forge() -> Vec<u8> {
    let mut forge = Forge::new(&mut Random(1));
    for _ in 0..2 {
        let stored = FIRST_OF_STORES * BLOCK as u64;
        let plain = Descriptor { original: 0x8000, relative: 1, stored, flags: 0, sectors: 0 };
        forge.add_store(&[plain], &[0; 64], None);
    }
    forge.finish()
}

fn set(bytes: &mut [u8], at: usize, value: u64) {
    bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

fn error_of_catalog(bytes: Vec<u8>) -> String {
    ShadowCopies::of(Arc::new(bytes)).unwrap_err().to_string()
}

fn errors_of_disks(bytes: Vec<u8>) -> [Option<String>; 2] {
    let copies = ShadowCopies::of(Arc::new(bytes)).unwrap();
    assert_eq!(copies.list().len(), 2);
    [1, 2].map(|number| copies.disk(number).err().map(|error| error.to_string()))
}

#[test]
fn volume_without_catalog_has_no_shadow_copies() {
    let mut bytes = forge();
    set(&mut bytes, 0x1E00 + 48, 0);
    assert_eq!(ShadowCopies::of(Arc::new(bytes.clone())).unwrap().list(), []);
    bytes[0x1E00] = 0;
    assert_eq!(ShadowCopies::of(Arc::new(bytes)).unwrap().list(), []);
    assert_eq!(ShadowCopies::of(Arc::new(vec![0; 100])).unwrap().list(), []);
}

#[test]
fn intact_volume_is_read() {
    assert_eq!(errors_of_disks(forge()), [None, None]);
    let copies = ShadowCopies::of(Arc::new(forge())).unwrap();
    let numbers: Vec<_> = copies.list().iter().map(|copy| (copy.number, &copy.id[..8])).collect();
    assert_eq!(numbers, [(1, "01010101"), (2, "02020202")]);
    assert!(copies.disk(0).is_err() && copies.disk(3).is_err());
}

#[test]
fn damaged_catalog_is_reported() {
    let mut bytes = forge();
    bytes[CATALOG + 20] = 7;
    let expected =
        "catalog block of a shadow copy at volume offset 0x4b0000: expected record type 2, found 7";
    assert_eq!(error_of_catalog(bytes), expected);
    let mut bytes = forge();
    bytes[CATALOG] = 0;
    assert!(error_of_catalog(bytes).ends_with("the signature of shadow copies is missing"));
    let mut bytes = forge();
    set(&mut bytes, CATALOG + 40, CATALOG as u64);
    assert!(error_of_catalog(bytes).ends_with("the blocks form a circle"));
    let mut bytes = forge();
    set(&mut bytes, 0x1E00 + 48, u64::MAX);
    assert!(error_of_catalog(bytes).contains("go past the end at offset 0x800000"));
    // Without the entry of the newer store, the older shadow copy would be wrong.
    let mut bytes = forge();
    bytes[CATALOG + 128 * 4] = 1;
    let expected = "the catalog of shadow copies has only one of two entries of store \
        02020202-0202-0202-0202-020202020202";
    assert_eq!(error_of_catalog(bytes), expected);
}

#[test]
fn damaged_store_is_reported_for_it_and_for_older_ones() {
    let mut bytes = forge();
    bytes[LIST + 20] = 9;
    let [first, second] = errors_of_disks(bytes);
    let expected = "shadow copy 1: block list of a shadow copy at volume offset 0x4b8000: expected record type 3, \
        found 9";
    assert_eq!((first.as_deref(), second), (Some(expected), None));
    let mut bytes = forge();
    bytes[LIST + 4 * BLOCK + 20] = 9;
    let [first, second] = errors_of_disks(bytes);
    assert!(first.unwrap().starts_with("shadow copy 2: "));
    assert!(second.unwrap().starts_with("shadow copy 2: "));
    let mut bytes = forge();
    set(&mut bytes, LIST + 40, LIST as u64);
    assert!(errors_of_disks(bytes)[0].as_ref().unwrap().ends_with("the blocks form a circle"));
    let mut bytes = forge();
    set(&mut bytes, LIST + 128 + 16, 0x1234);
    assert!(errors_of_disks(bytes)[0].as_ref().unwrap().contains("the offset 0x1234"));
    let mut bytes = forge();
    set(&mut bytes, LIST + 128 + 16, 1 << 40);
    assert!(errors_of_disks(bytes)[0].as_ref().unwrap().contains("after the end of the volume"));
    let mut bytes = forge();
    bytes[BITMAP + 20] = 9;
    let [first, second] = errors_of_disks(bytes);
    assert_eq!(first, None);
    assert!(second.unwrap().contains("bitmap of a shadow copy"));
}

#[test]
fn forwarders_in_a_circle_end() {
    let mut forge = Forge::new(&mut Random(1));
    let forwarder =
        |original, relative| Descriptor { original, relative, stored: 0, flags: 1, sectors: 0 };
    for _ in 0..3 {
        let circle =
            [forwarder(0x8000, 0xC000), forwarder(0xC000, 0x8000), forwarder(0x4000, 0x4000)];
        forge.add_store(&circle, &[0; 64], None);
    }
    let copies = ShadowCopies::of(Arc::new(forge.finish())).unwrap();
    for number in 1..=3 {
        let disk = copies.disk(number).unwrap();
        disk.read_at(0, &mut vec![0; 0x20000]).unwrap();
    }
}
