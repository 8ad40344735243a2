// SPDX-License-Identifier: MIT OR Apache-2.0
//! Subkeys hidden by a count, by the offset of the list, or by an element of the list.

use calhive_regf::hive::hidden::HiddenBy;
use hive_forge::{ListKind, NIL, Options, write};

use super::{field, forged, hidden, tree};

const ALPHA: [&str; 10] = [
    "key Alpha @",
    "value Alpha:binary @ below",
    "value Alpha:number @ below",
    "value Alpha:long @ below",
    "value Alpha:text @ below",
    "value Alpha:big @ below",
    r"value Alpha:\u{} @ below",
    r"key Alpha\below @ below",
    r"value Alpha\below:number @ below",
    r"key Alpha\below\deep @ below",
];

fn alpha(by: &str) -> Vec<String> {
    ALPHA.iter().map(|line| line.replace('@', by)).collect()
}

#[test]
fn subkeys_hidden_by_key_count_are_found() {
    for list in [ListKind::Lh, ListKind::Lf, ListKind::Li] {
        for (count, most) in [(3, 1), (1, 3), (0, 4)] {
            let mut hive = write(&tree(), &Options { list, ..Options::default() });
            hive.set("key ", "subkey_count", count);
            field(&hive, HiddenBy::SubkeyCount, "key ", "subkey_count", 4);
            let lines = hidden(&hive.bytes);
            let own = lines.iter().filter(|line| !line.contains("below")).count();
            assert_eq!(own, most, "{lines:#?}");
            let is_of_count = |line: &String| line.contains("SubkeyCount");
            assert!(lines.iter().all(is_of_count), "{lines:#?}");
        }
    }
}

/// A list that Windows shortened still holds its last element twice: the second time beyond its
/// count.
#[test]
fn repeated_last_element_is_no_hidden_subkey() {
    let mut hive = forged();
    let last = hive.get("list ", "element 3");
    hive.set("list ", "element 2", last).set("list ", "count", 3).set("key ", "subkey_count", 2);
    field(&hive, HiddenBy::SubkeyCount, "key ", "subkey_count", 3);
}

#[test]
fn subkeys_hidden_by_list_count_are_found() {
    for list in [ListKind::Lh, ListKind::Lf, ListKind::Li] {
        let mut hive = write(&tree(), &Options { list, ..Options::default() });
        hive.set("list ", "count", 3);
        field(&hive, HiddenBy::ListCount, "list ", "count", 4);
        assert_eq!(hidden(&hive.bytes), ["key \u{394}\u{3b4}\u{3c0} ListCount"]);
        // If both counts are lowered, the key may be a cell that Windows lost.
        hive.set("key ", "subkey_count", 3);
        assert_eq!(hidden(&hive.bytes), ["key \u{394}\u{3b4}\u{3c0} ListCount left over"]);
    }
}

#[test]
fn subkeys_hidden_by_list_offset_are_found() {
    for nowhere in [u64::from(NIL), 0x20, 0x7FFF_FFF8] {
        let mut hive = forged();
        let right = hive.get("key ", "subkeys");
        hive.set("key ", "subkeys", nowhere);
        field(&hive, HiddenBy::SubkeyList, "key ", "subkeys", right);
        assert_eq!(hidden(&hive.bytes)[..10], alpha("SubkeyList"));
    }
    // The offset of the list of another key.
    let mut hive = forged();
    let (right, other) = (hive.get("key ", "subkeys"), hive.offset("list Alpha"));
    hive.set("key ", "subkeys", u64::from(other));
    field(&hive, HiddenBy::SubkeyList, "key ", "subkeys", right);
}

#[test]
fn subkeys_hidden_by_element_are_found() {
    for list in [ListKind::Lh, ListKind::Lf, ListKind::Li] {
        let hive = write(&tree(), &Options { list, ..Options::default() });
        let others = ["key Bravo", "key Alpha\\below", "value Alpha:binary"];
        let mut wrong = vec![u64::from(NIL), 0x7FFF_FFF8];
        wrong.extend(others.map(|other| u64::from(hive.offset(other))));
        for wrong in wrong {
            let mut hive = hive.clone();
            let right = hive.get("list ", "element 0");
            hive.set("list ", "element 0", wrong);
            let lines = hidden(&hive.bytes);
            assert_eq!(lines[0], "key Alpha SubkeyElement", "{list:?} {wrong:#x}");
            field(&hive, HiddenBy::SubkeyElement, "list ", "element 0", right);
        }
    }
}

/// An index root: its count, one of its elements, and its offset.
#[test]
fn subkeys_hidden_by_index_root_are_found() {
    let options = Options { leaf_elements: 2, ..Options::default() };
    let hive = write(&tree(), &options);
    let hides = ["key Charlie {}", "key \u{394}\u{3b4}\u{3c0} {}"];
    let lines = |by: &str| hides.map(|line| line.replace("{}", by));

    let mut changed = hive.clone();
    changed.set("list ", "count", 1);
    assert_eq!(hidden(&changed.bytes), lines("ListCount"));
    field(&changed, HiddenBy::ListCount, "list ", "count", 2);

    let right = hive.get("list ", "element 1");
    for wrong in [NIL, hive.offset("leaf :0"), hive.offset("key ")] {
        let mut changed = hive.clone();
        changed.set("list ", "element 1", u64::from(wrong));
        assert_eq!(hidden(&changed.bytes), lines("SubkeyElement"), "{wrong:#x}");
        field(&changed, HiddenBy::SubkeyElement, "list ", "element 1", right);
    }

    let mut changed = hive.clone();
    let right = hive.get("key ", "subkeys");
    changed.set("key ", "subkeys", u64::from(NIL));
    assert_eq!(hidden(&changed.bytes).len(), 14);
    field(&changed, HiddenBy::SubkeyList, "key ", "subkeys", right);
}

/// Keys that are each other's parents, and that no list names.
#[test]
fn loop_of_parents_ends() {
    let mut hive = forged();
    let (a, below) = (hive.offset("key Alpha"), hive.offset(r"key Alpha\below"));
    let bravo = hive.offset("key Bravo");
    hive.set("list ", "element 0", u64::from(bravo)).set("list ", "hash 0", 0);
    hive.set("key Alpha", "parent", u64::from(below));
    hive.set(r"list Alpha\below", "element 0", u64::from(a));
    let lines = hidden(&hive.bytes);
    assert!(lines.contains(&"key ? Unreferenced left over below".to_owned()), "{lines:#?}");
}

/// A misaligned offset leads to no cell, and says nothing about the cell whose bytes it points into.
#[test]
fn shown_key_is_not_hidden_by_a_misaligned_offset_into_its_cell() {
    for (record, field) in
        [("key Charlie", "values"), ("key Charlie", "class"), ("key Charlie", "subkeys")]
    {
        let mut hive = forged();
        let into = u64::from(hive.offset("key Alpha")) + 2;
        hive.set(record, field, into);
        for count in ["subkey_count", "value_count"] {
            hive.set(record, count, 1);
        }
        let lines = hidden(&hive.bytes);
        assert!(lines.iter().all(|line| !line.contains("Alpha")), "{field}: {lines:#?}");
    }
}
