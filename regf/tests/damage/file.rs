// SPDX-License-Identifier: MIT OR Apache-2.0
//! Damage to the base block, to bins, and to the file as a whole.

use calhive_regf::{Error, ErrorKind, Field, Hive, Structure};
use hive_forge::{NIL, Options, write};

use super::{ALL, Reading, error, forged, place, room};

#[test]
fn wrong_checksum_is_reported_and_hive_is_read() {
    let mut hive = forged();
    let right = hive.get("base", "checksum") as u32;
    hive.set("base", "checksum", u64::from(right ^ 0xFF));
    let kind = ErrorKind::Checksum { expected: right, found: right ^ 0xFF };
    Reading::of(&hive.bytes).lacks(&[]).check_reports(kind, 508).in_all(1);
    assert!(Hive::parse(&hive.bytes).unwrap().is_dirty());
}

/// If the checksum is wrong, the size of the bins is not trusted.
#[test]
fn wrong_bins_size_with_wrong_checksum_hides_nothing() {
    let mut hive = forged();
    hive.set("base", "bins_size", 4096);
    Reading::of(&hive.bytes).lacks(&[]);
    hive.seal();
    assert!(
        Reading::of(&hive.bytes).errors.len() > 1,
        "a size under a correct checksum is trusted"
    );
}

/// If the checksum is wrong, the cells show whether the version is 1.1, but not which later version
/// it is. Data over 16,344 bytes are then refused, not misread.
#[test]
fn wrong_version_with_wrong_checksum_is_recognized_by_cells() {
    for (written, claimed) in [(1, 5), (5, 1), (3, 1)] {
        let options = Options { minor: written, ..Options::default() };
        let mut hive = write(&super::tree(), &options);
        hive.set("base", "minor", claimed);
        let reading = Reading::of(&hive.bytes);
        assert_eq!(reading.keys, ALL, "1.{written} that claims to be 1.{claimed}");
        let refused = usize::from(written == 5);
        assert_eq!((reading.errors.len(), reading.values.len()), (refused, 6 - refused));
    }
}

#[test]
fn different_sequence_numbers_are_reported() {
    let options = Options { primary_sequence: 8, secondary_sequence: 7, ..Options::default() };
    let hive = write(&super::tree(), &options);
    let (structure, field) = (Structure::BaseBlock, Field::Sequence);
    let kind = ErrorKind::Mismatch { structure, field, expected: 8, found: 7 };
    Reading::of(&hive.bytes)
        .lacks(&[])
        .check_reports(kind, place(&hive, "base", "secondary_sequence"))
        .in_all(1);
    assert!(Hive::parse(&hive.bytes).unwrap().is_dirty());
}

#[test]
fn wrong_format_fields_are_reported() {
    let structure = Structure::BaseBlock;
    for (name, field, found, expected) in [
        ("file_type", Field::Format, 7, 0),
        ("file_format", Field::Format, 2, 1),
        ("clustering", Field::Format, 3, 1),
    ] {
        let mut hive = forged();
        hive.set("base", name, found).seal();
        let kind = ErrorKind::Mismatch { structure, field, expected, found };
        let reading = Reading::of(&hive.bytes);
        reading.lacks(&[]).check_reports(kind, place(&hive, "base", name)).in_all(1);
    }
}

#[test]
fn bins_beyond_the_file_are_reported() {
    let mut hive = forged();
    let there = hive.get("base", "bins_size");
    hive.set("base", "bins_size", 0xFFFF_F000).seal();
    let (structure, field) = (Structure::BaseBlock, Field::Size);
    let kind = ErrorKind::Mismatch { structure, field, expected: there, found: 0xFFFF_F000 };
    let reading = Reading::of(&hive.bytes);
    reading.lacks(&[]).check_reports(kind, place(&hive, "base", "bins_size")).in_all(1);
}

/// The root is then the key that is flagged as root, or else the key whose parent is no key.
#[test]
fn root_offset_without_key_is_reported_and_root_is_found() {
    for root in [NIL, 0, 0x7FFF_FFF0, 0x21] {
        for flag in [0x4, 0] {
            let mut hive = forged();
            let flags = hive.get("key ", "flags") & !0x4;
            hive.set("key ", "flags", flags | flag).set("key ", "parent", u64::from(NIL));
            hive.set("base", "root", u64::from(root)).seal();
            let read = Hive::parse(&hive.bytes).unwrap();
            let reported = read.root_fault().unwrap();
            assert_eq!(read.root().unwrap().cell_offset().get(), hive.offset("key "));
            assert!(read.key("A").unwrap().is_some());
            let reading = Reading::of(&hive.bytes);
            reading.lacks(&[]);
            assert_eq!((&reading.errors[..], &reading.faults[..]), (&[][..], &[reported][..]));
            assert_eq!(reading.check.iter().filter(|fault| **fault == reported).count(), 1);
            assert_eq!(reported.offset().get(), if root == 0 { 4096 } else { 36 }, "{reported}");
        }
    }
}

#[test]
fn hive_without_keys_has_no_root() {
    let mut hive = forged();
    hive.set("base", "root", u64::from(NIL)).seal();
    hive.bytes[4096..].fill(0);
    let reported = error(ErrorKind::Nil { structure: Structure::KeyNode }, 36);
    let read = Hive::parse(&hive.bytes).unwrap();
    assert_eq!((read.root().unwrap_err(), read.root_fault()), (reported, Some(reported)));
    assert_eq!(read.key("A").unwrap_err(), reported);
    let walk: Vec<_> = read.walk().map(|entry| entry.unwrap_err()).collect();
    assert_eq!(walk, [reported]);
}

#[test]
fn unsupported_version_is_refused() {
    for (field, value, version) in
        [("minor", 0, (1, 0)), ("major", 2, (2, 5)), ("major", 0, (0, 5))]
    {
        let mut hive = forged();
        hive.set("base", field, value).seal();
        let (major, minor) = version;
        let kind = ErrorKind::UnsupportedVersion { major, minor };
        assert_eq!(Hive::parse(&hive.bytes).unwrap_err(), error(kind, 20));
    }
}

/// A log may consist of the first 512 bytes of a base block alone.
#[test]
fn log_is_refused_as_log() {
    for file_type in [1, 2, 6] {
        let mut hive = forged();
        hive.set("base", "file_type", u64::from(file_type)).seal();
        hive.bytes.truncate(512);
        let kind = ErrorKind::TransactionLog { file_type };
        assert_eq!(Hive::parse(&hive.bytes).unwrap_err(), error(kind, 28), "by its type");
        hive.set("base", "file_type", 0);
        let kind = ErrorKind::TransactionLog { file_type: 0 };
        hive.bytes.extend_from_slice(if file_type == 6 { b"HvLE" } else { b"DIRT" });
        assert_eq!(Hive::parse(&hive.bytes).unwrap_err(), error(kind, 28), "by its body");
        // The pages of a log may begin at the offset of the first bin of a hive.
        hive.set("base", "file_type", u64::from(file_type));
        hive.bytes.resize(4096, 0);
        hive.bytes.extend_from_slice(b"hbin");
        let kind = ErrorKind::TransactionLog { file_type };
        assert_eq!(Hive::parse(&hive.bytes).unwrap_err(), error(kind, 28), "by both");
    }
}

/// Offsets of the bins that can be read, and the faults of the other bins.
fn bins(bytes: &[u8]) -> (Vec<u64>, Vec<Error>) {
    let hive = Hive::parse(bytes).unwrap();
    let bins = hive.bins().filter_map(Result::ok).map(|bin| bin.offset().get()).collect();
    (bins, hive.bins().filter_map(Result::err).collect())
}

#[test]
fn bad_bin_header_hides_no_key_and_no_other_bin() {
    let structure = Structure::Bin;
    let bin = place(&forged(), "bin 1", "signature");
    for (field, value, kind) in [
        ("signature", 0x6E69_6267, ErrorKind::Signature { structure, found: *b"gbin" }),
        (
            "offset",
            8,
            ErrorKind::Mismatch {
                structure,
                field: Field::Offset,
                expected: bin as u64 - 4096,
                found: 8,
            },
        ),
        (
            "size",
            100,
            ErrorKind::Mismatch { structure, field: Field::Size, expected: 4096, found: 100 },
        ),
    ] {
        let mut hive = forged();
        let (sound, none) = bins(&hive.bytes);
        assert_eq!((sound.len() > 2, none.len()), (true, 0));
        hive.set("bin 1", field, value);
        let (left, reported) = bins(&hive.bytes);
        let others: Vec<u64> = sound.into_iter().filter(|at| *at != bin as u64).collect();
        assert_eq!((left, reported), (others, vec![error(kind, bin)]), "{field}");
        Reading::of(&hive.bytes).lacks(&[]).check_reports(kind, bin).in_all(1);
    }
}

/// A cell that crosses the end of its bin ends the cells of this bin, but not those of other bins.
#[test]
fn cell_beyond_its_bin_is_reported() {
    let mut hive = forged();
    let cells = Hive::parse(&hive.bytes).unwrap().cells().count();
    // Sixteen bytes more than the rest of the bin.
    let at = place(&hive, "free 0", "cell_size");
    let size = room(&hive, "free 0") as i32 + 4 + 16;
    hive.set("free 0", "cell_size", size as u64);
    let kind = ErrorKind::CellSize { structure: Structure::Cell, size };
    Reading::of(&hive.bytes).lacks(&[]).check_reports(kind, at).in_all(1);
    let read = Hive::parse(&hive.bytes).unwrap();
    assert_eq!(read.cells().filter(Result::is_ok).count(), cells - 1);
    assert_eq!(read.cells().filter_map(Result::err).collect::<Vec<_>>(), [error(kind, at)]);
}

/// A longer part of the file gives at least as many keys.
#[test]
fn truncated_hive_is_read_up_to_its_end() {
    let whole = forged();
    let mut most = 0;
    for length in (4096..whole.bytes.len()).step_by(52) {
        let bytes = &whole.bytes[..length];
        let reading = Reading::of(bytes);
        assert!(reading.keys.len() >= most, "{length}");
        assert!(!reading.check.is_empty(), "{length}");
        most = reading.keys.len();
    }
    assert_eq!(most, ALL.len());
}

#[test]
fn last_bin_beyond_the_file_is_reported() {
    let mut hive = forged();
    let last = hive.records().filter(|name| name.starts_with("bin ")).last().unwrap().to_owned();
    let available = hive.get(&last, "size");
    let needed = available + 8192;
    hive.set(&last, "size", needed);
    let kind = ErrorKind::Truncated { structure: Structure::Bin, needed, available };
    Reading::of(&hive.bytes).lacks(&[]).check_reports(kind, place(&hive, &last, "signature"));
}

#[test]
fn nil_root_offset_is_reported() {
    let mut hive = forged();
    hive.set("base", "root", 0xFFFF_FFFF).seal();
    let kind = ErrorKind::Nil { structure: Structure::KeyNode };
    Reading::of(&hive.bytes).lacks(&[]).faults(kind, 36);
}
