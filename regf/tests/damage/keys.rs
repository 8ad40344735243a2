// SPDX-License-Identifier: MIT OR Apache-2.0
//! Damage to key nodes, class names and security cells.

use calhive_regf::{ErrorKind, Field, Hive, Limits, Structure};
use hive_forge::tree::{Security, Tree};
use hive_forge::{Options, write};

use super::{Reading, error, forged, place, room};

#[test]
fn bad_key_signature_hides_no_siblings() {
    let mut hive = forged();
    hive.set_bytes("key B", "signature", b"xx");
    let kind = ErrorKind::Signature { structure: Structure::KeyNode, found: *b"xx\0\0" };
    let reading = Reading::of(&hive.bytes);
    reading.lacks(&["B"]).reports(kind, place(&hive, "key B", "signature"));
    // The reference count of the security cell includes the key that cannot be read.
    reading.in_all(2);
}

#[test]
fn impossible_cell_size_hides_no_siblings() {
    for size in [0, i32::MIN, -12, -0x7FFF_FFF8] {
        let mut hive = forged();
        hive.set("key B", "cell_size", u64::from(size as u32));
        let kind = ErrorKind::CellSize { structure: Structure::KeyNode, size };
        let reading = Reading::of(&hive.bytes);
        reading.lacks(&["B"]).reports(kind, place(&hive, "key B", "cell_size"));
    }
}

#[test]
fn key_in_free_cell_is_reported() {
    let mut hive = forged();
    let size = room(&hive, "key B") as i32 + 4;
    hive.set("key B", "cell_size", size as u64);
    let kind = ErrorKind::FreeCell { structure: Structure::KeyNode, size };
    Reading::of(&hive.bytes).lacks(&["B"]).reports(kind, place(&hive, "key B", "cell_size"));
}

#[test]
fn truncated_key_node_is_reported() {
    let mut hive = forged();
    hive.set("key B", "cell_size", u64::from((-72_i32) as u32));
    let kind = ErrorKind::Truncated { structure: Structure::KeyNode, needed: 76, available: 68 };
    Reading::of(&hive.bytes).lacks(&["B"]).reports(kind, place(&hive, "key B", "signature"));
}

#[test]
fn key_name_beyond_its_cell_is_shown_up_to_the_end() {
    let mut hive = forged();
    hive.set("key B", "name_length", 0xFFFF);
    let available = room(&hive, "key B") - 76;
    let kind = ErrorKind::Truncated { structure: Structure::KeyName, needed: 0xFFFF, available };
    let reading = Reading::of(&hive.bytes);
    assert_eq!(
        reading.keys[3],
        r"B\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"[..1 + 5 * (available as usize - 1)]
    );
    reading.faults(kind, place(&hive, "key B", "name"));
}

#[test]
fn odd_length_of_utf_16_name_is_reported() {
    let mut hive = forged();
    let name = "key \u{394}\u{3b4}";
    hive.set(name, "name_length", 3);
    let kind = ErrorKind::Mismatch {
        structure: Structure::KeyName,
        field: Field::Size,
        expected: 2,
        found: 3,
    };
    let reading = Reading::of(&hive.bytes);
    reading.faults(kind, place(&hive, name, "name"));
    assert_eq!(reading.keys[6], "\u{394}");
}

#[test]
fn empty_key_name_is_reported() {
    let mut hive = forged();
    hive.set("key B", "name_length", 0);
    let (structure, field) = (Structure::KeyNode, Field::Size);
    let kind = ErrorKind::Mismatch { structure, field, expected: 1, found: 0 };
    let reading = Reading::of(&hive.bytes);
    reading.check_reports(kind, place(&hive, "key B", "name_length"));
    assert_eq!(reading.keys[3], r"\u{}");
}

#[test]
fn inconsistent_parent_offset_is_reported() {
    let mut hive = forged();
    let (right, wrong) = (hive.offset("key "), hive.offset("key A"));
    hive.set("key B", "parent", u64::from(wrong));
    let kind = ErrorKind::Mismatch {
        structure: Structure::KeyNode,
        field: Field::Parent,
        expected: u64::from(right),
        found: u64::from(wrong),
    };
    let reading = Reading::of(&hive.bytes);
    reading.lacks(&[]).faults(kind, place(&hive, "key B", "parent")).in_all(1);
}

#[test]
fn class_offset_beyond_the_hive_is_reported() {
    let mut hive = forged();
    hive.set("key A", "class", 0x7000_0000);
    let end = (hive.bytes.len() - 4096) as u32;
    let kind = ErrorKind::OutOfBounds { structure: Structure::ClassName, target: 0x7000_0000, end };
    let offset = place(&hive, "key A", "class");
    let key = Hive::parse(&hive.bytes).unwrap().key("A").unwrap().unwrap();
    assert_eq!(key.class_name(), Err(error(kind, offset)));
    Reading::of(&hive.bytes).lacks(&[]).check_reports(kind, offset).in_all(1);

    // NIL means no class, whatever the length is. The check reports the length.
    let mut hive = forged();
    hive.set("key A", "class", 0xFFFF_FFFF);
    let key = Hive::parse(&hive.bytes).unwrap().key("A").unwrap().unwrap();
    assert_eq!(key.class_name(), Ok(None));
    let (structure, field) = (Structure::KeyNode, Field::Size);
    let kind = ErrorKind::Mismatch { structure, field, expected: 0, found: 10 };
    let reading = Reading::of(&hive.bytes);
    reading.check_reports(kind, place(&hive, "key A", "class_length")).in_all(1);
}

#[test]
fn class_beyond_its_cell_is_shown_up_to_the_end() {
    let mut hive = forged();
    hive.set("key A", "class_length", 0xFFFE);
    let expected = room(&hive, "class A");
    let (structure, field) = (Structure::KeyNode, Field::Size);
    let kind = ErrorKind::Mismatch { structure, field, expected, found: 0xFFFE };
    Reading::of(&hive.bytes).check_reports(kind, place(&hive, "key A", "class_length")).in_all(1);
    let key = Hive::parse(&hive.bytes).unwrap().key("A").unwrap().unwrap();
    assert!(key.class_name().unwrap().unwrap().to_string().starts_with("class"));
}

#[test]
fn key_without_security_is_reported() {
    let mut hive = forged();
    hive.set("key B", "security", 0xFFFF_FFFF);
    let key = Hive::parse(&hive.bytes).unwrap().key("B").unwrap().unwrap();
    assert!(key.security().unwrap().is_none());
    let nil = ErrorKind::Nil { structure: Structure::Security };
    let (structure, field) = (Structure::Security, Field::ReferenceCount);
    let count = ErrorKind::Mismatch { structure, field, expected: 6, found: 7 };
    Reading::of(&hive.bytes)
        .lacks(&[])
        .check_reports(nil, place(&hive, "key B", "security"))
        .check_reports(count, place(&hive, "security 0", "reference_count"))
        .in_all(2);
}

#[test]
fn security_offset_of_a_key_is_reported() {
    let mut hive = forged();
    let other = u64::from(hive.offset("key A"));
    hive.set("key B", "security", other);
    let kind = ErrorKind::Signature { structure: Structure::Security, found: *b"nk\0\0" };
    let offset = place(&hive, "key A", "signature");
    let key = Hive::parse(&hive.bytes).unwrap().key("B").unwrap().unwrap();
    assert_eq!(key.security().unwrap_err(), error(kind, offset));
    Reading::of(&hive.bytes).lacks(&[]).check_reports(kind, offset).in_all(2);
}

#[test]
fn truncated_security_descriptor_is_reported_once() {
    let mut hive = forged();
    hive.set("security 0", "descriptor_size", 0x1_0000);
    let available = room(&hive, "security 0") - 20;
    let structure = Structure::SecurityDescriptor;
    let kind = ErrorKind::Truncated { structure, needed: 0x1_0000, available };
    let reading = Reading::of(&hive.bytes);
    reading.check_reports(kind, place(&hive, "security 0", "descriptor")).in_all(1);

    // An owner beyond the descriptor: the place is where the descriptor ends, never past the file.
    let mut hive = forged();
    let descriptor = hive.field("security 0", "descriptor");
    hive.bytes[descriptor.start + 4..descriptor.start + 8].copy_from_slice(&[0xFF; 4]);
    let kind = ErrorKind::Truncated { structure, needed: 8, available: 0 };
    Reading::of(&hive.bytes).check_reports(kind, descriptor.end).in_all(1);
}

#[test]
fn broken_ring_of_security_cells_is_reported() {
    let mut tree = super::tree();
    tree.root.subkeys[1].security = Security::administrators_full();
    let mut hive = write(&tree, &Options::default());
    hive.set("security 1", "blink", 0x20);
    let structure = Structure::Security;
    let first = u64::from(hive.offset("security 0"));
    let kind = ErrorKind::Mismatch { structure, field: Field::Link, expected: first, found: 0x20 };
    let reading = Reading::of(&hive.bytes);
    reading.check_reports(kind, place(&hive, "security 0", "flink")).in_all(1);
}

/// A chain of keys deeper than Windows allows.
#[test]
fn keys_below_the_depth_limit_are_reported() {
    let mut tree = Tree::new("ROOT");
    tree.root.at(&["k"; 600].join("\\"));
    let hive = write(&tree, &Options::default());
    let deepest = format!("key {}", ["k"; 512].join("\\"));
    let kind = ErrorKind::LimitReached { limit: calhive_regf::Limit::Depth, most: 512 };
    let reading = Reading::of(&hive.bytes);
    assert_eq!(reading.keys.len(), 513);
    reading.reports(kind, place(&hive, &deepest, "cell_size"));
    let read = Hive::parse(&hive.bytes).unwrap();
    let deeper = Limits { depth: 600, ..Limits::default() };
    assert_eq!(read.walk().with_limits(deeper).map(Result::unwrap).count(), 601);
}

/// A walk of a tree with a loop shows each key once.
#[test]
fn loop_of_keys_is_reported_at_its_element() {
    let mut hive = forged();
    let list = u64::from(hive.offset("list "));
    hive.set("key B", "subkeys", list).set("key B", "subkey_count", 4);
    let reading = Reading::of(&hive.bytes);
    let mut keys = reading.keys.clone();
    keys.sort();
    // The walk shows each key once, below B or below the root.
    assert_eq!(keys.len(), super::ALL.len());
    let target = hive.offset("key A");
    let kind = ErrorKind::AlreadyVisited { structure: Structure::KeyNode, target };
    assert!(reading.errors.contains(&error(kind, place(&hive, "list ", "element 0"))));
    assert_eq!(reading.errors.len(), 4);
}

#[test]
fn value_list_offset_of_a_key_hides_no_key() {
    let mut hive = forged();
    let key = u64::from(hive.offset("key C"));
    hive.set("key B", "values", key).set("key B", "value_count", 1);
    Reading::of(&hive.bytes).lacks(&[]);
}

/// Windows accepts no key node larger than 0x45C bytes.
#[test]
fn oversized_key_node_is_reported() {
    let long = "x".repeat(1100);
    let mut tree = Tree::new("ROOT");
    tree.root.at(&long).values.clear();
    let hive = write(&tree, &Options::default());
    let found = room(&hive, &format!("key {long}")) + 4;
    let (structure, field) = (Structure::KeyNode, Field::Size);
    let kind = ErrorKind::Mismatch { structure, field, expected: 0x45C, found };
    let mut faults = Vec::new();
    Hive::parse(&hive.bytes).unwrap().check(|violation| faults.push(violation.error));
    assert_eq!(faults, [error(kind, place(&hive, &format!("key {long}"), "signature"))]);
}
