// SPDX-License-Identifier: MIT OR Apache-2.0
//! Stretches of a hive that hold something else: zeros, 0xFF, garbage.

use calhive::hive::severity::Severity;
use calhive::{ErrorKind, Hive, Structure};

use super::{ALL, Reading, forged, place};

/// What a copy leaves where it could not read: the header of a bin is lost, not what lies in the bin.
#[test]
fn a_gap_over_the_header_of_a_bin_is_told_and_hides_nothing_else() {
    for (filler, length) in [(0, 32), (0xFF, 32)] {
        let mut hive = forged();
        let bin = place(&hive, "bin 1", "signature");
        hive.bytes[bin..bin + length].fill(filler);
        let kind = ErrorKind::Signature { structure: Structure::Bin, found: [filler; 4] };
        Reading::of(&hive.bytes).lacks(&[]).check_tells(kind, bin).in_all(1);
    }
}

/// A sector of 0xFF, and a whole bin of zeros or 0xFF: the other bins are read.
#[test]
fn a_gap_over_a_bin_leaves_the_others() {
    let sound = Hive::parse(&forged().bytes).unwrap().bins().count();
    for (filler, length) in [(0xFF, 512), (0, 4096), (0xFF, 4096)] {
        for bin in ["bin 1", "bin 2"] {
            let mut hive = forged();
            let at = place(&hive, bin, "signature");
            hive.bytes[at..at + length].fill(filler);
            let read = Hive::parse(&hive.bytes).unwrap();
            assert_eq!(read.bins().filter(Result::is_ok).count(), sound - 1);
            let told: Vec<_> = read.bins().filter_map(Result::err).collect();
            let kind = ErrorKind::Signature { structure: Structure::Bin, found: [filler; 4] };
            assert_eq!(told, [super::error(kind, at)]);
            let reading = Reading::of(&hive.bytes);
            assert!(reading.keys.contains(&ALL[1].to_owned()), "{:?}", reading.keys);
        }
    }
}

#[test]
fn zeros_and_garbage_after_the_last_bin_are_no_fault() {
    for filler in [0, 0xFF, 0x68] {
        let mut hive = forged();
        hive.bytes.resize(hive.bytes.len() + 5000, filler);
        Reading::of(&hive.bytes).lacks(&[]).in_all(0);
        assert_eq!(Hive::parse(&hive.bytes).unwrap().remnant().len(), 5000);
    }
}

/// Bins of zeros that the base block counts, as Windows 8.1 leaves them.
#[test]
fn bins_of_zeros_at_the_end_are_told_once() {
    let mut hive = forged();
    let end = hive.bytes.len();
    hive.bytes.resize(end + 3 * 4096, 0);
    hive.set("base", "bins_size", (end - 4096 + 3 * 4096) as u64).seal();
    let kind = ErrorKind::Signature { structure: Structure::Bin, found: [0; 4] };
    Reading::of(&hive.bytes).lacks(&[]).check_tells(kind, end).in_all(1);
}

/// Data of no bytes lead nowhere, where Windows wrote them.
#[test]
fn an_offset_of_data_without_bytes_is_told() {
    let mut hive = forged();
    hive.set(r"value A:binary", "data_size", 0);
    let found = hive.get("value A:binary", "data");
    let (structure, field) = (Structure::KeyValue, calhive::Field::Offset);
    let kind = ErrorKind::Mismatch { structure, field, expected: 0xFFFF_FFFF, found };
    Reading::of(&hive.bytes).check_tells(kind, place(&hive, "value A:binary", "data")).in_all(1);
}

#[test]
fn findings_have_a_severity() {
    for (record, field, value, severity) in [
        ("base", "clustering", 3, Severity::Note),
        ("base", "checksum", 3, Severity::Repairable),
        ("key B", "parent", 0x28, Severity::Repairable),
        ("list ", "hash 1", 7, Severity::Contradiction),
        ("key B", "signature", 7, Severity::Loss),
        ("value A:number", "signature", 7, Severity::Loss),
        ("bin 1", "signature", 7, Severity::Loss),
    ] {
        let mut hive = forged();
        hive.set(record, field, value);
        if record == "base" && field != "checksum" {
            hive.seal();
        }
        let mut worst = None;
        Hive::parse(&hive.bytes).unwrap().check(|finding| {
            let is_hidden = matches!(finding.error.kind(), ErrorKind::Hidden { .. });
            worst = worst.max(Some(finding.severity).filter(|_| !is_hidden));
        });
        assert_eq!(worst, Some(severity), "{record} {field}");
    }
}
