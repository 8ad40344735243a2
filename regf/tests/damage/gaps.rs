// SPDX-License-Identifier: MIT OR Apache-2.0
//! Gaps in a hive, filled with zeros, 0xFF or garbage.

use calhive_regf::hive::violation::Grade;
use calhive_regf::{ErrorKind, Hive, Structure};

use super::{ALL, Reading, forged, place};

/// A copy with a read error: the header of a bin is lost, the content of the bin is not.
#[test]
fn gap_over_bin_header_is_reported_and_hides_no_key() {
    for (filler, length) in [(0, 32), (0xFF, 32)] {
        let mut hive = forged();
        let bin = place(&hive, "bin 1", "signature");
        hive.bytes[bin..bin + length].fill(filler);
        let kind = ErrorKind::Signature { structure: Structure::Bin, found: [filler; 4] };
        Reading::of(&hive.bytes).lacks(&[]).check_reports(kind, bin).in_all(1);
    }
}

/// A sector of 0xFF, and a whole bin of zeros or 0xFF. The other bins are read.
#[test]
fn gap_over_bin_leaves_other_bins_readable() {
    let sound = Hive::parse(&forged().bytes).unwrap().bins().count();
    for (filler, length) in [(0xFF, 512), (0, 4096), (0xFF, 4096)] {
        for bin in ["bin 1", "bin 2"] {
            let mut hive = forged();
            let at = place(&hive, bin, "signature");
            hive.bytes[at..at + length].fill(filler);
            let read = Hive::parse(&hive.bytes).unwrap();
            assert_eq!(read.bins().filter(Result::is_ok).count(), sound - 1);
            let faults: Vec<_> = read.bins().filter_map(Result::err).collect();
            let kind = ErrorKind::Signature { structure: Structure::Bin, found: [filler; 4] };
            assert_eq!(faults, [super::error(kind, at)]);
            let reading = Reading::of(&hive.bytes);
            assert!(reading.keys.contains(&ALL[1].to_owned()), "{:?}", reading.keys);
        }
    }
}

#[test]
fn bytes_after_last_bin_are_no_fault() {
    for filler in [0, 0xFF, 0x68] {
        let mut hive = forged();
        hive.bytes.resize(hive.bytes.len() + 5000, filler);
        Reading::of(&hive.bytes).lacks(&[]).in_all(0);
        assert_eq!(Hive::parse(&hive.bytes).unwrap().remnant().len(), 5000);
    }
}

/// Bins of zeros that the base block counts. Windows 8.1 leaves such bins.
#[test]
fn zeroed_bins_at_end_are_reported_once() {
    let mut hive = forged();
    let end = hive.bytes.len();
    hive.bytes.resize(end + 3 * 4096, 0);
    hive.set("base", "bins_size", (end - 4096 + 3 * 4096) as u64).seal();
    let kind = ErrorKind::Signature { structure: Structure::Bin, found: [0; 4] };
    Reading::of(&hive.bytes).lacks(&[]).check_reports(kind, end).in_all(1);
}

/// Windows writes NIL as the offset of empty data.
#[test]
fn offset_of_empty_data_is_reported() {
    let mut hive = forged();
    hive.set(r"value A:binary", "data_size", 0);
    let found = hive.get("value A:binary", "data");
    let (structure, field) = (Structure::KeyValue, calhive_regf::Field::Offset);
    let kind = ErrorKind::Mismatch { structure, field, expected: 0xFFFF_FFFF, found };
    Reading::of(&hive.bytes).check_reports(kind, place(&hive, "value A:binary", "data")).in_all(1);
}

#[test]
fn faults_have_grades() {
    for (record, field, value, grade) in [
        ("base", "clustering", 3, Grade::Note),
        ("base", "checksum", 3, Grade::Repairable),
        ("key B", "parent", 0x28, Grade::Repairable),
        ("list ", "hash 1", 7, Grade::Contradiction),
        ("key B", "signature", 7, Grade::Loss),
        ("value A:number", "signature", 7, Grade::Loss),
        ("bin 1", "signature", 7, Grade::Loss),
    ] {
        let mut hive = forged();
        hive.set(record, field, value);
        if record == "base" && field != "checksum" {
            hive.seal();
        }
        let mut worst = None;
        Hive::parse(&hive.bytes).unwrap().check(|violation| {
            let is_hidden = matches!(violation.error.kind(), ErrorKind::Hidden { .. });
            worst = worst.max(Some(violation.grade).filter(|_| !is_hidden));
        });
        assert_eq!(worst, Some(grade), "{record} {field}");
    }
}
