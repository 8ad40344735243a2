// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real fragments, compressed hives and logs without hives. Offsets and lengths were read off the
//! files by hand.

use std::io::Cursor;

use calhive::hive::fragment::Assembled;
use calhive::hive::hidden::Item;
use calhive::log::{Log, pages_as_hive};
use calhive::recover::carve::{Unpacked, extract};
use calhive::{FileOffset, Hive};

use super::{carved, short};
use crate::corpus::file;

#[test]
fn a_hive_and_fragments_around_it() {
    let name = "a_hive_and_fragments_around_it";
    let Some(file) = file(name, "carving/HiveAndFragments") else { return };
    let expected = [
        // Its bin has 4,096 bytes; a hive begins 512 bytes into it.
        (0, 512, "bins", false),
        (0x200, 0x24000, "hive", true),
        (0x24200, 0x3000, "bins", true),
        // The file ends in it.
        (0x40000, 512, "bins", false),
    ];
    assert_eq!(short(&file.bytes), expected);
    let hive = carved(&file.bytes)[1].place;
    let bytes = extract(&mut Cursor::new(&file.bytes), hive).unwrap();
    is_big_data_hive(&bytes);
}

#[test]
fn two_fragments_of_one_run() {
    let Some(file) = file("two_fragments_of_one_run", "carving/TwoFragments") else { return };
    // The sector before them has the end of another bin.
    let expected = [
        (0x22, 118, "key", true),
        (0x142, 96, "key", true),
        (0x1B2, 24, "value", false),
        (0x200, 0x7000, "bins", true),
    ];
    assert_eq!(short(&file.bytes), expected);
}

/// A hive in three units of 64 KiB, and a single unit of another in the gap after the last of them.
#[test]
fn a_hive_that_ntfs_has_compressed() {
    let name = "a_hive_that_ntfs_has_compressed";
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
    is_big_data_hive(&bytes);
    let bins = extract(&mut raw, found[1].place).unwrap();
    let assembled = Assembled::of(&bins).unwrap();
    assert_eq!(assembled.shift, 4096 + 0x7000);
}

/// The mode that the product is licensed in stands in a log alone.
#[test]
fn a_licensing_mode_out_of_logs_without_a_hive() {
    let name = "a_licensing_mode_out_of_logs_without_a_hive";
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

/// Every page of an old log is in its place.
#[test]
fn pages_of_an_old_log_without_a_hive() {
    let name = "pages_of_an_old_log_without_a_hive";
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
    // The bins of its pages stand at multiples of 512, too. Some pages are of the middle of a bin: 40
    // keys of one length stand there. Behind the last page are 4 bytes that are of none.
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

/// In both files it is a hive that the corpus also has by itself, up to the end of its bins.
fn is_big_data_hive(bytes: &[u8]) {
    let known = file("is_big_data_hive", "special/BigDataHive").unwrap();
    assert_eq!(bytes.len(), 0x24000);
    assert!(*bytes == known.bytes[..0x24000]);
    assert_eq!(counts(Hive::parse(bytes).unwrap()), (2, 2));
}

/// Keys and values of a hive that walks without a fault, and whose data can all be read.
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
