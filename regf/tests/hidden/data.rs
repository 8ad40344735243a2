// SPDX-License-Identifier: MIT OR Apache-2.0
//! Data hidden by size, inline bit, offset or type.

use calhive_regf::hive::hidden::{HiddenBy, Item};
use calhive_regf::{Bytes, Hive};
use hive_forge::NIL;

use super::{BIG, field, forged, hidden};

#[test]
fn data_hidden_by_size_are_found() {
    for (value, size, whole) in
        [("text", 8, 46), ("text", 0, 46), ("binary", 0, 44), ("long", 5, 8)]
    {
        let mut hive = forged();
        let record = format!("value Alpha:{value}");
        hive.set(&record, "data_size", size);
        // Text that a program shortened in place without a NUL leaves the same bytes.
        let is_weak = (value, size) == ("text", 8);
        let weak = if is_weak { " left over" } else { "" };
        assert_eq!(hidden(&hive.bytes), [format!("data Alpha:{value} {whole} DataSize{weak}")]);
        if !is_weak {
            field(&hive, HiddenBy::DataSize, &record, "data_size", whole);
        }
    }
    let mut hive = forged();
    hive.set("value Alpha:number", "data_size", 0x8000_0001);
    assert_eq!(hidden(&hive.bytes), ["data Alpha:number 4 DataSize"]);
    // Windows shortens binary data in place, too.
    let mut hive = forged();
    hive.set("value Alpha:binary", "data_size", 20);
    assert_eq!(hidden(&hive.bytes), ["data Alpha:binary 44 DataSize left over"]);
}

#[test]
fn data_hidden_by_inline_bit_are_found() {
    for (size, whole) in [(0x8000_0004, 44), (0x8000_0000_u64 | 44, 44)] {
        let mut hive = forged();
        hive.set("value Alpha:binary", "data_size", size);
        assert_eq!(hidden(&hive.bytes), [format!("data Alpha:binary {whole} DataInline")]);
    }
}

/// Windows stores up to four bytes inline.
#[test]
fn data_hidden_by_cleared_inline_bit_are_found() {
    let mut hive = forged();
    hive.set("value Alpha:number", "data_size", 4);
    assert_eq!(hidden(&hive.bytes), ["data Alpha:number 4 DataInline"]);
    field(&hive, HiddenBy::DataInline, "value Alpha:number", "data_size", 0x8000_0004);
}

#[test]
fn data_hidden_by_offset_are_found() {
    let hive = forged();
    for wrong in [NIL, 0x7FFF_FFF8, hive.offset("data Alpha:text"), hive.offset("key Bravo")] {
        let mut hive = hive.clone();
        let right = hive.get("value Alpha:binary", "data");
        hive.set("value Alpha:binary", "data", u64::from(wrong));
        assert_eq!(hidden(&hive.bytes), ["data Alpha:binary 44 DataOffset"], "{wrong:#x}");
        field(&hive, HiddenBy::DataOffset, "value Alpha:binary", "data", right);
    }
}

#[test]
fn data_hidden_by_type_are_found() {
    let mut hive = forged();
    hive.set("value Alpha:text", "value_type", 4);
    assert_eq!(hidden(&hive.bytes), ["data Alpha:text 46 DataType"]);
    field(&hive, HiddenBy::DataType, "value Alpha:text", "value_type", 1);
    let mut hive = forged();
    let at = hive.offset("data Alpha:long") as usize + 4096 + 4;
    hive.bytes[at..at + 8].copy_from_slice(&1_u64.to_le_bytes());
    hive.set("value Alpha:long", "value_type", 1);
    assert_eq!(hidden(&hive.bytes), ["data Alpha:long 8 DataType left over"]);
}

#[test]
fn hidden_big_data_are_found() {
    let whole = BIG as u64;
    let mut hive = forged();
    hive.set("value Alpha:big", "data_size", 100);
    assert_eq!(hidden(&hive.bytes), [format!("data Alpha:big {whole} DataSize")]);
    field(&hive, HiddenBy::DataSize, "value Alpha:big", "data_size", whole);

    let mut hive = forged();
    hive.set("data Alpha:big", "segments", 1);
    assert_eq!(hidden(&hive.bytes), [format!("data Alpha:big {whole} BigDataCount")]);
    field(&hive, HiddenBy::BigDataCount, "data Alpha:big", "segments", 3);

    let mut hive = forged();
    let right = hive.get("data Alpha:big", "list");
    hive.set("data Alpha:big", "list", u64::from(NIL));
    assert_eq!(hidden(&hive.bytes), [format!("data Alpha:big {whole} BigDataList")]);
    field(&hive, HiddenBy::BigDataList, "data Alpha:big", "list", right);

    for (element, wrong) in [("element 0", NIL), ("element 1", 0x20), ("element 2", 0x7FFF_FFF8)] {
        let mut hive = forged();
        let right = hive.get("segments Alpha:big", element);
        hive.set("segments Alpha:big", element, u64::from(wrong));
        assert_eq!(hidden(&hive.bytes), [format!("data Alpha:big {whole} BigDataElement")]);
        field(&hive, HiddenBy::BigDataElement, "segments Alpha:big", element, right);
    }

    let mut hive = forged();
    let right = hive.get("value Alpha:big", "data");
    hive.set("value Alpha:big", "data", u64::from(NIL));
    assert_eq!(hidden(&hive.bytes), [format!("data Alpha:big {whole} DataOffset")]);
    field(&hive, HiddenBy::DataOffset, "value Alpha:big", "data", right);
}

/// Data after an element that leads to no cell have no known place, so they are not shown.
#[test]
fn segment_beyond_the_file_adds_no_piece_to_hidden_data() {
    let records: Vec<String> = forged().records().map(str::to_owned).collect();
    let of_big: Vec<&String> = records.iter().filter(|it| it.contains("Alpha:big")).collect();
    let mut items = 0;
    for record in &of_big {
        for element in ["element 0", "element 1", "element 2"] {
            let mut hive = forged();
            if let Some(list) = of_big.iter().find(|it| it.starts_with("segments")) {
                hive.set(list, element, 0x5A5A_5A50);
            }
            hive.set(record, "cell_size", 0x5A5A_5A50);
            let read = Hive::parse(&hive.bytes).unwrap();
            for hidden in read.hidden().iter() {
                let Item::Data { data, .. } = &hidden.item else { continue };
                let inside = |piece: &Bytes<'_>| {
                    !piece.is_empty() && piece.offset().get() < hive.bytes.len() as u64
                };
                assert!(
                    !data.is_empty() && data.iter().all(inside),
                    "{record} {element}: {hidden:?}"
                );
                items += 1;
            }
        }
    }
    assert!(items > 0, "{of_big:?}");
}
