// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real fragments, compressed hives, and logs without hives. The expected offsets and lengths were
//! read from the files by hand.

use std::io::Cursor;

use calhive_regf::hive::fragment::Assembled;
use calhive_regf::hive::hidden::Item;
use calhive_regf::log::{Log, pages_as_hive};
use calhive_regf::recover::carve::{Unpacked, extract};
use calhive_regf::{FileOffset, Hive};
use hive_forge::corpus::file;

use super::{carved, short};

#[test]
fn hive_between_fragments_is_found_whole() {
    let name = "hive_between_fragments_is_found_whole";
    let Some(file) = file(name, "carving/HiveAndFragments") else { return };
    let expected = [
        // The bin claims 4,096 bytes. A hive begins at byte 512 of the bin.
        (0, 512, "bins", false),
        (0x200, 0x24000, "hive", true),
        (0x24200, 0x3000, "bins", true),
        // The file ends inside this bin.
        (0x40000, 512, "bins", false),
    ];
    assert_eq!(short(&file.bytes), expected);
    let hive = carved(&file.bytes)[1].place;
    let bytes = extract(&mut Cursor::new(&file.bytes), hive).unwrap();
    assert_is_big_data_hive(&bytes);
}

#[test]
fn fragment_and_single_records_are_found() {
    let Some(file) = file("fragment_and_single_records_are_found", "carving/TwoFragments") else {
        return;
    };
    // The first sector holds the end of another bin.
    let expected = [
        (0x22, 118, "key", true),
        (0x142, 96, "key", true),
        (0x1B2, 24, "value", false),
        (0x200, 0x7000, "bins", true),
    ];
    assert_eq!(short(&file.bytes), expected);
}

/// A hive in three units of 64 KiB. The gap after the last unit holds one unit of another hive.
#[test]
fn hive_compressed_by_ntfs_is_extracted() {
    let name = "hive_compressed_by_ntfs_is_extracted";
    let Some(file) = file(name, "carving/NTFSCompressed") else { return };
    let expected = [(0, 0x24000, "hive", true), (0x21000, 0x4000, "bins", true)];
    assert_eq!(short(&file.bytes), expected);
    let found = carved(&file.bytes);
    assert!(
        found.iter().all(|found| found.place.unpacked == Some(Unpacked { at: 0 })),
        "{found:?}"
    );
    let mut raw = Cursor::new(&file.bytes);
    let bytes = extract(&mut raw, found[0].place).unwrap();
    assert_is_big_data_hive(&bytes);
    let bins = extract(&mut raw, found[1].place).unwrap();
    let assembled = Assembled::of(&bins).unwrap();
    assert_eq!(assembled.shift, 4096 + 0x7000);
}

/// Only a log holds the licensing mode.
#[test]
fn licensing_mode_is_read_from_logs_without_hive() {
    let name = "licensing_mode_is_read_from_logs_without_hive";
    let logs =
        ["LOG1", "LOG2"].map(|log| file(name, &format!("logs-without-base/notatin-system.{log}")));
    let [Some(one), Some(two)] = logs else { return };
    let bytes = pages_as_hive(&[&one.bytes, &two.bytes]).unwrap();
    assert_eq!(pages_as_hive(&[&two.bytes, &one.bytes]).as_ref(), Some(&bytes), "in any order");
    let hive = Hive::parse(&bytes).unwrap();
    let modes = |hive: Hive<'_>| {
        let mut modes = Vec::new();
        for item in hive.hidden().iter() {
            let Item::Key(key) = item.item else { continue };
            if key.name() == "Licensing Core".into() {
                let value = key.value("LicensingMode").unwrap().unwrap();
                modes.push((key.offset(), value.data().unwrap().to_bytes().into_owned()));
            }
        }
        modes
    };
    assert_eq!(modes(hive), [(FileOffset::new(0x20C428), vec![1, 0, 0, 0])]);
}

/// Every page of an old-format log is at its offset in the hive.
#[test]
fn pages_of_old_log_without_hive_are_in_place() {
    let name = "pages_of_old_log_without_hive_are_in_place";
    let Some(file) = file(name, "logs-without-base/OldLogWithRemnantData.LOG") else { return };
    let bytes = pages_as_hive(&[&file.bytes]).unwrap();
    let log = Log::parse(&file.bytes).unwrap();
    let mut pages = 0;
    for page in log.dirt().unwrap().pages() {
        let at = page.target.file_offset().get() as usize;
        assert_eq!(&bytes[at..at + 512], page.data.as_slice());
        pages += 1;
    }
    assert_eq!(pages, 64);
    Hive::parse(&bytes).unwrap();
    // The pages also hold bins at multiples of 512. Some pages are from the middle of a bin: they
    // hold 40 keys of equal length. The last page is followed by 4 bytes that belong to no page.
    let expected = [
        (0, 0x8400, "log", true),
        (0x400, 0x2000, "bins", true),
        (0x2400, 0x2000, "bins", true),
        (0x4400, 0x1000, "bins", true),
        (0x6400, 0x2000, "bins", true),
    ];
    let (keys, other): (Vec<_>, Vec<_>) =
        short(&file.bytes).into_iter().partition(|found| found.2 == "key");
    assert_eq!(other, expected);
    let places = (0..40).map(|number| (0x5618 + number * 88, 84, "key", true));
    assert_eq!(keys, places.collect::<Vec<_>>());
}

/// Both files hold a hive that the corpus also has as a separate file. The comparison ends with the
/// last bin.
fn assert_is_big_data_hive(bytes: &[u8]) {
    let known = file("assert_is_big_data_hive", "special/BigDataHive").unwrap();
    assert_eq!(bytes.len(), 0x24000);
    assert!(*bytes == known.bytes[..0x24000]);
    assert_eq!(counts(Hive::parse(bytes).unwrap()), (2, 2));
}

/// Returns the numbers of keys and values of a hive without faults, whose data can all be read.
fn counts(hive: Hive<'_>) -> (usize, usize) {
    let (mut keys, mut values) = (0, 0);
    let mut walk = hive.walk().with_values(true);
    for entry in walk.by_ref() {
        keys += 1;
        for value in entry.unwrap().values {
            value.unwrap().data().unwrap();
            values += 1;
        }
    }
    assert_eq!(walk.faults(), []);
    hive.check(|fault| panic!("{fault:?}"));
    (keys, values)
}
