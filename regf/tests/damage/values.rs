// SPDX-License-Identifier: MIT OR Apache-2.0
//! Damage to values and their data.

use calhive_regf::{Error, ErrorKind, Field, Hive, Structure, Value};
use hive_forge::{Forged, SEGMENT};

use super::{BIG, Reading, error, forged, place, room};

/// Values of the sound hive.
const ALL: [&str; 6] = ["A:binary", "A:number", "A:text", "A:big", "A:last", r"A\below:number"];

fn value<'d>(hive: &'d Forged, name: &str) -> Value<'d> {
    let key = Hive::parse(&hive.bytes).unwrap().key("A").unwrap().unwrap();
    key.values().filter_map(Result::ok).find(|value| value.name() == name.into()).unwrap()
}

/// Available data of a value of key A, and the error that is reported for the rest.
fn available(hive: &Forged, name: &str) -> (Vec<u8>, Option<Error>) {
    let (data, error) = value(hive, name).available();
    (data.to_bytes().into_owned(), error)
}

/// Asserts that all keys and all values but these are shown.
#[track_caller]
fn only(hive: &Forged, lost: &[&str]) -> Reading {
    let reading = Reading::of(&hive.bytes);
    reading.lacks(&[]);
    let kept: Vec<&str> = ALL.into_iter().filter(|value| !lost.contains(value)).collect();
    assert_eq!(reading.values, kept);
    reading
}

#[test]
fn bad_value_signature_hides_neither_key_nor_other_values() {
    let mut hive = forged();
    hive.set_bytes("value A:number", "signature", b"zz");
    let kind = ErrorKind::Signature { structure: Structure::KeyValue, found: *b"zz\0\0" };
    let offset = place(&hive, "value A:number", "signature");
    only(&hive, &["A:number"]).reports(kind, offset).in_all(1);
    // A look-up finds the other values, and returns an error instead of absence.
    let key = Hive::parse(&hive.bytes).unwrap().key("A").unwrap().unwrap();
    assert!(key.value("text").unwrap().is_some());
    assert_eq!(key.value("number").unwrap_err(), error(kind, offset));
}

#[test]
fn value_count_beyond_the_list_is_reported() {
    for count in [6, 0xFFFF_FFF0] {
        let mut hive = forged();
        hive.set("key A", "value_count", count);
        let (structure, field) = (Structure::ValueList, Field::Count);
        let kind = ErrorKind::Mismatch { structure, field, expected: 5, found: count };
        only(&hive, &[]).reports(kind, place(&hive, "key A", "value_count")).in_all(1);
    }
}

#[test]
fn nil_value_list_hides_only_its_values() {
    let mut hive = forged();
    hive.set("key A", "values", 0xFFFF_FFFF);
    let kind = ErrorKind::Nil { structure: Structure::ValueList };
    only(&hive, &ALL[..5]).reports(kind, place(&hive, "key A", "values")).in_all(1);
}

#[test]
fn nil_value_element_hides_only_its_value() {
    let mut hive = forged();
    hive.set("values A", "element 2", 0xFFFF_FFFF);
    let kind = ErrorKind::Nil { structure: Structure::KeyValue };
    only(&hive, &["A:text"]).reports(kind, place(&hive, "values A", "element 2")).in_all(1);
}

#[test]
fn value_name_beyond_its_cell_is_shown_up_to_the_end() {
    let mut hive = forged();
    hive.set("value A:text", "name_length", 0x7000);
    let available = room(&hive, "value A:text") - 20;
    let kind = ErrorKind::Truncated { structure: Structure::ValueName, needed: 0x7000, available };
    let reading = Reading::of(&hive.bytes);
    reading.check_reports(kind, place(&hive, "value A:text", "name")).in_all(1);
    assert!(reading.values[2].starts_with("A:text"));
}

#[test]
fn data_beyond_their_cell_are_available_up_to_the_end() {
    let mut hive = forged();
    hive.set("value A:binary", "data_size", 1000);
    let there = room(&hive, "data A:binary");
    let structure = Structure::ValueData;
    let kind = ErrorKind::Truncated { structure, needed: 1000, available: there };
    let offset = place(&hive, "data A:binary", "data");
    only(&hive, &["A:binary"]).reports(kind, offset).in_all(1);
    let (data, reported) = available(&hive, "binary");
    assert_eq!((data.len() as u64, reported), (there, Some(error(kind, offset))));
    assert_eq!(data[..44], [7; 44]);
}

#[test]
fn oversized_inline_data_are_reported() {
    let mut hive = forged();
    hive.set("value A:number", "data_size", 0x8000_0005);
    let kind = ErrorKind::Truncated { structure: Structure::ValueData, needed: 5, available: 4 };
    let offset = place(&hive, "value A:number", "data");
    only(&hive, &["A:number"]).reports(kind, offset).in_all(1);
    assert_eq!(available(&hive, "number"), (vec![1, 0, 0, 0], Some(error(kind, offset))));
}

#[test]
fn nil_data_offset_is_reported_at_the_value() {
    let mut hive = forged();
    hive.set("value A:binary", "data", 0xFFFF_FFFF);
    let kind = ErrorKind::Nil { structure: Structure::ValueData };
    let offset = place(&hive, "value A:binary", "data");
    only(&hive, &["A:binary"]).reports(kind, offset).in_all(1);
    assert_eq!(available(&hive, "binary"), (vec![], Some(error(kind, offset))));
}

#[test]
fn data_in_free_cell_are_reported_and_available() {
    let mut hive = forged();
    let size = room(&hive, "data A:binary") as i32 + 4;
    hive.set("data A:binary", "cell_size", size as u64);
    let kind = ErrorKind::FreeCell { structure: Structure::ValueData, size };
    let offset = place(&hive, "data A:binary", "cell_size");
    only(&hive, &["A:binary"]).reports(kind, offset).in_all(1);
    assert_eq!(available(&hive, "binary"), (vec![7; 44], Some(error(kind, offset))));
}

#[test]
fn big_data_without_segment_list_are_reported() {
    let mut hive = forged();
    hive.set("data A:big", "list", 0xFFFF_FFFF);
    let kind = ErrorKind::Nil { structure: Structure::SegmentList };
    only(&hive, &["A:big"]).reports(kind, place(&hive, "data A:big", "list")).in_all(1);
    let mut hive = forged();
    hive.set_bytes("data A:big", "signature", b"xx");
    let kind = ErrorKind::Signature { structure: Structure::BigData, found: *b"xx\0\0" };
    only(&hive, &["A:big"]).reports(kind, place(&hive, "data A:big", "signature")).in_all(1);
}

#[test]
fn missing_segment_leaves_other_segments_available() {
    let mut hive = forged();
    hive.set("segments A:big", "element 1", 0xFFFF_FFFF);
    let kind = ErrorKind::Nil { structure: Structure::Segment };
    let offset = place(&hive, "segments A:big", "element 1");
    only(&hive, &["A:big"]).reports(kind, offset).in_all(1);
    assert_eq!(available(&hive, "big"), (vec![9; SEGMENT], Some(error(kind, offset))));

    let mut hive = forged();
    hive.set("segments A:big", "element 0", 0xFFFF_FFFF);
    let offset = place(&hive, "segments A:big", "element 0");
    assert_eq!(available(&hive, "big"), (vec![9; BIG - SEGMENT], Some(error(kind, offset))));
}

#[test]
fn too_few_segments_are_reported() {
    let mut hive = forged();
    hive.set("data A:big", "segments", 1);
    let (structure, field) = (Structure::BigData, Field::Count);
    let kind = ErrorKind::Mismatch { structure, field, expected: 2, found: 1 };
    let offset = place(&hive, "data A:big", "cell_size");
    only(&hive, &["A:big"]).reports(kind, offset).in_all(1);
    assert_eq!(available(&hive, "big"), (vec![9; SEGMENT], Some(error(kind, offset))));
}

#[test]
fn short_segment_is_reported() {
    let mut hive = forged();
    hive.set("value A:big", "data_size", SEGMENT as u64 + 1000);
    let there = room(&hive, "segment A:big:1");
    let structure = Structure::Segment;
    let kind = ErrorKind::Truncated { structure, needed: 1000, available: there };
    let offset = place(&hive, "segment A:big:1", "data");
    only(&hive, &["A:big"]).reports(kind, offset).in_all(1);
}

/// Versions with big data expect a `db` cell if the claimed size is over 16,344 bytes.
#[test]
fn big_data_size_without_db_cell_is_reported() {
    let mut hive = forged();
    hive.set("value A:binary", "data_size", SEGMENT as u64 + 1);
    let kind = ErrorKind::Signature { structure: Structure::BigData, found: [7, 7, 0, 0] };
    let offset = place(&hive, "data A:binary", "data");
    only(&hive, &["A:binary"]).reports(kind, offset).in_all(1);
}

/// Wrong sizes do not use up the limit for all data of a walk.
#[test]
fn wrong_data_sizes_do_not_use_up_the_limit() {
    let mut hive = forged();
    let most = hive.get("base", "bins_size");
    hive.set("value A:binary", "data_size", most).set("value A:text", "data_size", most - 1);
    let reading = only(&hive, &["A:binary", "A:text"]);
    assert_eq!(reading.errors.len(), 2);
}
