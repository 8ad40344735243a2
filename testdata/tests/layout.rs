// SPDX-License-Identifier: MIT OR Apache-2.0

//! Properties of every forged hive, checked byte by byte.

use hive_forge::stream::{Synthetic, write_synthetic};
use hive_forge::tree::{Key, Name, Security, Tree, Value};
use hive_forge::{ListKind, Locality, NIL, Options, SEGMENT, random, write};

mod reading;

use reading::{cells, normal, read};

#[test]
fn random_trees_are_read_as_written() {
    for minor in 1..=6 {
        for list in [ListKind::Auto, ListKind::Li, ListKind::Lf, ListKind::Lh] {
            for (seed, locality) in [(1, Locality::InOrder), (2, Locality::Shuffled(3))] {
                let tree = random::tree(seed, 40, minor);
                for leaf_elements in [2, 507] {
                    let options =
                        Options { minor, list, locality, leaf_elements, ..Options::default() };
                    let hive = write(&tree, &options);
                    assert!(read(&hive.bytes, minor) == normal(&tree.root, minor), "{options:?}");
                    assert_eq!(write(&tree, &options).bytes, hive.bytes, "the same bytes again");
                }
            }
        }
    }
}

#[test]
fn synthetic_hives_are_sound() {
    let mut most = 0;
    for (bytes, minor, locality) in [
        (6_500_000, 5, Locality::InOrder),
        (500_000, 6, Locality::Shuffled(1)),
        (500_000, 1, Locality::InOrder),
    ] {
        let synthetic = Synthetic { bytes, locality, seed: 1, minor };
        let mut bytes = Vec::new();
        let summary = write_synthetic(&mut bytes, &synthetic);
        let root = read(&bytes, minor);
        let (mut keys, mut values) = (0, 0);
        let mut rest = vec![&root];
        while let Some(key) = rest.pop() {
            keys += 1;
            values += key.values.len() as u64;
            most = most.max(key.subkeys.len());
            rest.extend(&key.subkeys);
        }
        assert_eq!((keys, values), (summary.keys, summary.values));
    }
    assert!(most > 507, "some lists need an ri");
}

#[test]
fn fields_are_found_by_name() {
    let mut tree = Tree::new("ROOT");
    tree.root.at(r"A\B").push(Value::sz("text", "four"));
    tree.root.at("A").push(Value::binary("big:data", &[1; SEGMENT + 5])).class =
        Some(vec![0x41, 0x42]);
    tree.root.subkeys.push(Key::new(Name::from("back\\slash")).dword("n", 7));
    let mut hive = write(&tree, &Options { leaf_elements: 1, ..Options::default() });

    assert_eq!(hive.get("base", "root"), 0x20);
    assert_eq!(hive.get("base", "major"), 1);
    assert_eq!(hive.get("key ", "flags"), 0x2C);
    assert_eq!(hive.get("key ", "subkey_count"), 2);
    assert_eq!(hive.get("list ", "element 1"), u64::from(hive.offset("leaf :1")));
    assert_eq!(hive.get("leaf :0", "element 0"), u64::from(hive.offset("key A")));
    assert_eq!(hive.get(r"key A\B", "parent"), u64::from(hive.offset("key A")));
    assert_eq!(hive.get(r"value back\slash:n", "data"), 7);
    assert_eq!(hive.get(r"value A\B:text", "data_size"), 10);
    assert_eq!(hive.get("data A:big:data", "segments"), 2);
    assert_eq!(hive.field("segment A:big:data:1", "data").len(), 5);
    assert_eq!(hive.bytes[hive.field("class A", "name")], *b"A\0B\0");
    assert_eq!(hive.bytes[hive.field(r"key A\B", "name")], *b"B");
    assert_eq!(hive.get("security 0", "reference_count"), 4);
    assert_eq!(hive.bytes[hive.field("security 0", "descriptor")], Security::system_default().0);
    assert_eq!(hive.get("bin 1", "offset"), hive.get("bin 0", "size"));
    let names: Vec<String> = hive.records().map(str::to_owned).collect();
    for name in &names {
        hive.field(
            name,
            if name.starts_with("base") || name.starts_with("bin") {
                "signature"
            } else {
                "cell_size"
            },
        );
    }

    let cell = hive.append(&[b"new cell"])[0];
    hive.set("key A", "values", u64::from(cell)).set_bytes("base", "file_name", b"x\0").seal();
    assert_eq!(hive.get("key A", "values"), u64::from(cell));
    assert_eq!(cells(&hive.bytes, 5)[&cell][..8], *b"new cell");
}

#[test]
fn version_1_1_has_title_indexes_and_utf_16_names() {
    let mut tree = Tree::new("ROOT");
    tree.root.at("A").push(Value::dword("n", 7));
    let hive = write(&tree, &Options { minor: 1, ..Options::default() });
    assert_eq!(hive.get("key A", "flags"), 0);
    assert_eq!(hive.get("key A", "title_index"), 0);
    assert_eq!(hive.bytes[hive.field("value A:n", "name")], *b"n\0");
    assert_eq!(hive.get("key ", "cell_last"), u64::from(NIL));
    assert_eq!(hive.bytes[hive.field("list ", "signature")], *b"li");
}

#[test]
#[should_panic(expected = "no field \"size\" in \"key A\"; it has cell_size, signature")]
fn unknown_field_panics_with_the_known_fields() {
    let mut tree = Tree::new("ROOT");
    tree.root.at("A");
    write(&tree, &Options::default()).get("key A", "size");
}

#[test]
#[should_panic(expected = "no record \"key B\"; there are [\"key \", \"key A\"] and 0 more")]
fn unknown_record_panics_with_the_known_records() {
    let mut tree = Tree::new("ROOT");
    tree.root.at("A");
    write(&tree, &Options::default()).get("key B", "flags");
}

#[test]
fn tombstones_have_no_data() {
    let mut tree = Tree::new("ROOT");
    tree.root.push(Value::tombstone("gone"));
    let hive = write(&tree, &Options { minor: 6, ..Options::default() });
    let value = |field| hive.get("value :gone", field);
    assert_eq!([value("value_type"), value("data_size"), value("flags")], [0, 0, 3]);
    assert_eq!(value("data"), u64::from(NIL));
}
