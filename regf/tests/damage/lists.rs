// SPDX-License-Identifier: MIT OR Apache-2.0
//! Damage to the lists of subkeys.

use calhive_regf::{Error, ErrorKind, Field, Hive, Name, Structure};
use hive_forge::{Forged, Options, write};

use super::{ALL, Reading, error, forged, place};

/// Looks up a key by hash and thoroughly. Returns whether each found the key, and the faults that
/// the thorough look-up reported.
fn look_up(hive: &Forged, path: &str) -> (bool, bool, Vec<Error>) {
    let hive = Hive::parse(&hive.bytes).unwrap();
    let mut faults = Vec::new();
    let thorough = hive.key_thorough(path, |fault| faults.push(fault)).unwrap();
    (matches!(hive.key(path), Ok(Some(_))), thorough.is_some(), faults)
}

/// The hive with an index root over leaves of two elements.
fn in_leaves() -> Forged {
    write(&super::tree(), &Options { leaf_elements: 2, ..Options::default() })
}

#[test]
fn nil_list_element_hides_only_its_key() {
    let mut hive = forged();
    hive.set("list ", "element 1", 0xFFFF_FFFF);
    let kind = ErrorKind::Nil { structure: Structure::KeyNode };
    Reading::of(&hive.bytes).lacks(&["B"]).reports(kind, place(&hive, "list ", "element 1"));
}

#[test]
fn invalid_list_element_hides_only_its_key() {
    let end = (forged().bytes.len() - 4096) as u32;
    let structure = Structure::KeyNode;
    for (target, kind) in [
        (0x7000_0000, ErrorKind::OutOfBounds { structure, target: 0x7000_0000, end }),
        (end, ErrorKind::OutOfBounds { structure, target: end, end }),
        (0x24, ErrorKind::Misaligned { structure, target: 0x24 }),
    ] {
        let mut hive = forged();
        hive.set("list ", "element 1", u64::from(target));
        Reading::of(&hive.bytes).lacks(&["B"]).reports(kind, place(&hive, "list ", "element 1"));
    }
}

#[test]
fn list_count_beyond_the_cell_is_reported() {
    let mut hive = forged();
    hive.set("list ", "count", 0xFFFF);
    let (structure, field) = (Structure::SubkeyList, Field::Count);
    let kind = ErrorKind::Mismatch { structure, field, expected: 4, found: 0xFFFF };
    let reading = Reading::of(&hive.bytes);
    reading.lacks(&[]).reports(kind, place(&hive, "list ", "count")).in_all(1);
}

#[test]
fn different_subkey_counts_are_reported() {
    let (structure, field) = (Structure::KeyNode, Field::Count);
    // The key counts fewer subkeys than the list. Windows shows the number that the key counts.
    let mut hive = forged();
    hive.set("key ", "subkey_count", 2);
    let kind = ErrorKind::Mismatch { structure, field, expected: 4, found: 2 };
    let reading = Reading::of(&hive.bytes);
    reading
        .lacks(&["C", r"C\D", "\u{394}\u{3b4}"])
        .reports(kind, place(&hive, "key ", "subkey_count"));
    // The key counts more subkeys than the list.
    let mut hive = forged();
    hive.set("key ", "subkey_count", 9);
    let kind = ErrorKind::Mismatch { structure, field, expected: 4, found: 9 };
    let reading = Reading::of(&hive.bytes);
    reading.lacks(&[]).reports(kind, place(&hive, "key ", "subkey_count")).in_all(1);
}

#[test]
fn list_without_known_signature_is_reported() {
    let lost = &ALL[1..];
    let mut hive = forged();
    hive.set_bytes("list ", "signature", b"zz");
    let kind = ErrorKind::Signature { structure: Structure::SubkeyList, found: *b"zz\0\0" };
    Reading::of(&hive.bytes).lacks(lost).errors_are(kind, place(&hive, "list ", "signature"));
    let mut hive = forged();
    hive.set("key ", "subkeys", 0xFFFF_FFFF);
    let kind = ErrorKind::Nil { structure: Structure::SubkeyList };
    Reading::of(&hive.bytes).lacks(lost).errors_are(kind, place(&hive, "key ", "subkeys"));
}

impl Reading {
    #[track_caller]
    fn errors_are(&self, kind: ErrorKind, offset: usize) {
        assert_eq!(self.errors, [error(kind, offset)]);
    }
}

#[test]
fn index_root_below_index_root_hides_only_its_keys() {
    let mut hive = in_leaves();
    let root = u64::from(hive.offset("list "));
    hive.set("list ", "element 0", root);
    let kind = ErrorKind::Signature { structure: Structure::SubkeyLeaf, found: *b"ri\0\0" };
    let reading = Reading::of(&hive.bytes);
    assert_eq!(reading.keys, ["", "C", r"C\D", "\u{394}\u{3b4}"]);
    assert_eq!(reading.errors[0], error(kind, place(&hive, "list ", "signature")));
    let (structure, field) = (Structure::KeyNode, Field::Count);
    let count = ErrorKind::Mismatch { structure, field, expected: 2, found: 4 };
    assert_eq!(reading.errors[1], error(count, place(&hive, "key ", "subkey_count")));
    assert_eq!(reading.errors.len(), 2);
}

#[test]
fn nil_leaf_hides_only_its_keys() {
    let mut hive = in_leaves();
    hive.set("list ", "element 0", 0xFFFF_FFFF);
    let kind = ErrorKind::Nil { structure: Structure::SubkeyLeaf };
    let reading = Reading::of(&hive.bytes);
    assert_eq!(reading.keys, ["", "C", r"C\D", "\u{394}\u{3b4}"]);
    assert_eq!(reading.errors[0], error(kind, place(&hive, "list ", "element 0")));
}

#[test]
fn wrong_hash_is_reported_by_thorough_look_up() {
    let mut hive = forged();
    hive.set("list ", "hash 1", 0x1234);
    let kind = ErrorKind::Mismatch {
        structure: Structure::SubkeyList,
        field: Field::Hash,
        expected: u64::from(Name::from("B").lh_hash()),
        found: 0x1234,
    };
    let offset = place(&hive, "list ", "hash 1");
    assert_eq!(look_up(&hive, "b"), (false, true, vec![error(kind, offset)]));
    Reading::of(&hive.bytes).lacks(&[]).check_reports(kind, offset).in_all(1);
    // The other keys are found as before.
    assert_eq!(look_up(&hive, r"c\d"), (true, true, vec![]));
}

#[test]
fn wrong_order_of_elements_is_reported() {
    let mut hive = forged();
    for field in ["element", "hash"] {
        let (first, second) = (format!("{field} 0"), format!("{field} 1"));
        let (a, b) = (hive.get("list ", &first), hive.get("list ", &second));
        hive.set("list ", &first, b).set("list ", &second, a);
    }
    let kind = ErrorKind::Order { index: 1 };
    let offset = place(&hive, "list ", "element 1");
    for path in ["A", "B", r"C\D"] {
        assert_eq!(look_up(&hive, path), (true, true, vec![error(kind, offset)]), "{path}");
    }
    let reading = Reading::of(&hive.bytes);
    assert_eq!(reading.keys[1], "B");
    reading.check_reports(kind, offset).in_all(1);
}

#[test]
fn key_listed_twice_is_shown_once() {
    let mut hive = forged();
    for field in ["element", "hash"] {
        let a = hive.get("list ", &format!("{field} 0"));
        hive.set("list ", &format!("{field} 1"), a);
    }
    let offset = place(&hive, "list ", "element 1");
    let target = hive.offset("key A");
    let twice = ErrorKind::AlreadyVisited { structure: Structure::KeyNode, target };
    let reading = Reading::of(&hive.bytes);
    reading.lacks(&["B"]).reports(twice, offset);
    reading.check_reports(ErrorKind::Duplicate { index: 1 }, offset);
}

/// The order continues across the leaves of an index root.
#[test]
fn wrong_order_of_leaves_is_reported() {
    let mut hive = in_leaves();
    let (a, b) = (hive.get("list ", "element 0"), hive.get("list ", "element 1"));
    hive.set("list ", "element 0", b).set("list ", "element 1", a);
    let kind = ErrorKind::Order { index: 2 };
    let reading = Reading::of(&hive.bytes);
    reading.check_reports(kind, place(&hive, "leaf :0", "element 0")).in_all(1);
    assert!(look_up(&hive, "A").1);
}

/// A lowered count may leave out whole leaves.
#[test]
fn keys_in_leaves_beyond_the_count_are_reported() {
    let (structure, field) = (Structure::KeyNode, Field::Count);
    for (count, lost) in
        [(1, &["B", "C", r"C\D", "\u{394}\u{3b4}"][..]), (2, &["C", r"C\D", "\u{394}\u{3b4}"])]
    {
        let mut hive = in_leaves();
        hive.set("key ", "subkey_count", count);
        let kind = ErrorKind::Mismatch { structure, field, expected: 4, found: count };
        Reading::of(&hive.bytes).lacks(lost).reports(kind, place(&hive, "key ", "subkey_count"));
    }
}

#[test]
fn list_of_key_with_count_zero_is_reported() {
    let (structure, field) = (Structure::KeyNode, Field::Count);
    for mut hive in [forged(), in_leaves()] {
        hive.set("key ", "subkey_count", 0);
        let kind = ErrorKind::Mismatch { structure, field, expected: 4, found: 0 };
        let reading = Reading::of(&hive.bytes);
        reading.lacks(&ALL[1..]).reports(kind, place(&hive, "key ", "subkey_count"));
    }
}

#[test]
fn count_beyond_all_leaves_is_reported_with_the_right_count() {
    let mut hive = in_leaves();
    hive.set("key ", "subkey_count", 0xFFFF_FFFF);
    let (structure, field) = (Structure::KeyNode, Field::Count);
    let kind = ErrorKind::Mismatch { structure, field, expected: 4, found: 0xFFFF_FFFF };
    Reading::of(&hive.bytes).lacks(&[]).reports(kind, place(&hive, "key ", "subkey_count"));
}

/// A look-up searches a list without hashes by its order.
#[test]
fn look_up_reports_the_element_at_fault() {
    let mut hive =
        write(&super::tree(), &Options { list: hive_forge::ListKind::Li, ..Options::default() });
    hive.set("list ", "element 2", 0xFFFF_FFFF);
    let read = Hive::parse(&hive.bytes).unwrap();
    let kind = ErrorKind::Nil { structure: Structure::KeyNode };
    assert_eq!(read.key("C").unwrap_err(), error(kind, place(&hive, "list ", "element 2")));
}
