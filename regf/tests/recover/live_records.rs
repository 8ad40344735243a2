// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the tree shows is not recovered, whatever else refers to the same bytes.

use std::collections::BTreeSet;

use calhive_regf::{CellOffset, Hive};
use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{Forged, ListKind, Options, write};

fn tree() -> Tree {
    let big = vec![9; 2 * hive_forge::SEGMENT + 100];
    let alpha = Key::new("Alpha").class("class").binary("binary", &[7; 44]).sz("text", "some text");
    let bravo = Key::new("Bravo").binary("big", &big).key(Key::new("below").dword("number", 2));
    let mut tree = Tree::new("ROOT");
    tree.root.values.push(Value::dword("of the root", 1));
    tree.root.subkeys = vec![alpha, bravo, Key::new("Charlie").binary("last", &[5; 60])];
    tree
}

/// Cells of the keys and values that the tree shows.
fn shown(hive: Hive<'_>) -> BTreeSet<CellOffset> {
    let entries = hive.walk().with_values(true).filter_map(Result::ok);
    let places = entries.flat_map(|entry| {
        let values = entry.values.filter_map(Result::ok).map(|value| value.cell_offset());
        values.chain([entry.key.cell_offset()]).collect::<Vec<_>>()
    });
    places.collect()
}

/// Asserts that recovery returns nothing that the tree shows. Returns the number of shown records.
#[track_caller]
fn nothing_live_is_recovered(forged: &Forged, what: &str) -> usize {
    let hive = Hive::parse(&forged.bytes).unwrap();
    let shown = shown(hive);
    let recovery = hive.recover();
    for found in recovery.iter() {
        let at = found.cell_offset();
        assert!(!shown.contains(&at), "{what}: {} at {at:?} is live", found.path());
    }
    shown.len()
}

#[test]
fn live_record_that_another_field_refers_to_is_not_recovered() {
    let fields = [
        ("value Alpha:binary", "data"),
        ("value Charlie:last", "data"),
        ("value Bravo:big", "data"),
        ("key Alpha", "class"),
        ("key Alpha", "security"),
        ("key Alpha", "values"),
        ("key Charlie", "values"),
        ("key Bravo", "subkeys"),
    ];
    let mut most = 0;
    for list in [ListKind::Lh, ListKind::Li] {
        let sound = write(&tree(), &Options { list, ..Options::default() });
        let records: Vec<String> = sound.records().map(str::to_owned).collect();
        for (record, field) in fields {
            for other in records.iter().filter(|it| !it.starts_with("bin") && *it != "base") {
                let mut forged = write(&tree(), &Options { list, ..Options::default() });
                let to = u64::from(forged.offset(other));
                forged.set(record, field, to);
                let what = format!("{field} of {record} leads to {other}");
                most = most.max(nothing_live_is_recovered(&forged, &what));
            }
        }
    }
    assert!(most >= 11, "the tree shows {most} records");
}

#[test]
fn live_record_inside_another_cell_is_not_recovered() {
    let sound = write(&tree(), &Options::default());
    let records: Vec<String> = sound.records().map(str::to_owned).collect();
    let cells = records.iter().filter(|it| !it.starts_with("bin") && *it != "base");
    let mut covered = 0;
    for record in cells {
        for state in [1_u32, u32::MAX] {
            let mut forged = write(&tree(), &Options::default());
            let size = u32::try_from(forged.get(record, "cell_size")).unwrap();
            let size = size.cast_signed().unsigned_abs() + 400;
            forged.set(record, "cell_size", u64::from(size.wrapping_mul(state)));
            covered += nothing_live_is_recovered(&forged, &format!("{record} grows"));
        }
    }
    assert!(covered > 0);
}

/// The tree starts at cell offset 0, and no bin can be read.
#[test]
fn live_root_in_place_of_the_header_of_the_first_bin_is_not_recovered() {
    let mut forged = write(&tree(), &Options::default());
    let root = 4096 + forged.offset("key ") as usize;
    forged.bytes.copy_within(root..root + 88, 4096);
    forged.set("base", "root", 0).seal();
    let hive = Hive::parse(&forged.bytes).unwrap();
    assert_eq!(hive.root().unwrap().cell_offset(), CellOffset::new(0));
    assert!(nothing_live_is_recovered(&forged, "the root is at 0") > 5);
}

#[test]
fn live_value_in_a_list_that_another_key_counts_shorter_is_not_recovered() {
    for (shorter, longer) in [("key Alpha", "key Charlie"), ("key Charlie", "key Alpha")] {
        let mut forged = write(&tree(), &Options::default());
        let list = forged.get("key Alpha", "values");
        forged.set("key Charlie", "values", list);
        forged.set(shorter, "value_count", 1).set(longer, "value_count", 2);
        nothing_live_is_recovered(&forged, &format!("{shorter} counts one value"));
        let hive = Hive::parse(&forged.bytes).unwrap();
        let names: Vec<String> = hive.recover().iter().map(|it| it.name().to_string()).collect();
        assert!(!names.contains(&"text".to_owned()), "{names:?}");
    }
}
