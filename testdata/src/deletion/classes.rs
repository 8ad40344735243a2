// SPDX-License-Identifier: MIT OR Apache-2.0

//! NRD: the laboratory's classes of deletions, each on three trees.

use super::edits::{Edits, KeyId};
use super::finish::Edited;
use crate::manipulated::subject::{Place, join};
use crate::manipulated::trees::{self, Laboratory};
use crate::rng::Rng;
use crate::time::filetime;
use crate::tree::{Key, Value};
use crate::{Options, SEGMENT, write};

/// Time of all deletions.
const DELETED: u64 = filetime(2024, 6, 3, 9, 41, 7) + 2_718_281;

/// A hive with deletions of one class.
#[derive(Clone, Debug)]
pub struct Case {
    /// What was deleted, a colon, and how. Name and `tree` together are unique.
    pub name: &'static str,
    /// Name of the tree that the hive was written from.
    pub tree: &'static str,
    /// The hive before the deletions.
    pub before: Vec<u8>,
    /// The hive, the truth, and the live tree.
    pub edited: Edited,
}

impl Case {
    /// What was deleted, and how: the two halves of the name.
    pub fn headings(&self) -> (&'static str, &'static str) {
        self.name.split_once(": ").unwrap_or((self.name, ""))
    }
}

/// Edits of a class.
type Class = (&'static str, fn(&mut Edits, &Laboratory));

const CLASSES: [Class; 16] = [
    ("key deleted: values, no subkeys", |edits, _| delete(edits, "Values")),
    ("key deleted: values and subkeys", |edits, _| delete(edits, "Both")),
    ("key deleted: neither", |edits, _| delete(edits, "Neither")),
    ("key deleted: many subkeys", |edits, laboratory| {
        edits.delete_key(edits.key(laboratory.targets.parent), DELETED);
    }),
    ("value deleted: normal data", |edits, laboratory| {
        delete_value(edits, laboratory.targets.binary);
    }),
    ("value deleted: data in the vk", |edits, laboratory| {
        delete_value(edits, laboratory.targets.dword);
    }),
    ("value deleted: big data", |edits, laboratory| {
        delete_value(edits, laboratory.targets.big);
    }),
    ("value deleted: the only one", |edits, _| {
        let key = edits.key(r"Deletions\Single");
        edits.delete_value(key, "Only", DELETED);
    }),
    ("several values deleted: the first ones", |edits, _| {
        let key = edits.key(r"Deletions\Values");
        several(edits, key, &["First", "Second", "Third"]);
    }),
    ("several values deleted: the last ones", |edits, _| {
        let key = edits.key(r"Deletions\Values");
        several(edits, key, &["Sixth", "Fifth", "Fourth"]);
    }),
    ("several values deleted: all", |edits, _| {
        let key = edits.key(r"Deletions\Values");
        several(edits, key, &["Second", "Fifth", "First", "Sixth", "Third", "Fourth"]);
    }),
    ("data changed in place: same size", |edits, laboratory| {
        change(edits, laboratory.targets.binary, |len| len);
    }),
    ("data changed in place: smaller", |edits, laboratory| {
        change(edits, laboratory.targets.binary, |len| len / 2);
    }),
    ("data changed in place: larger", |edits, laboratory| {
        change(edits, laboratory.targets.binary, |len| len + 200);
    }),
    ("big data made smaller: fewer segments", |edits, laboratory| {
        change(edits, laboratory.targets.big, |_| SEGMENT + 1000);
    }),
    ("big data made smaller: one cell", |edits, laboratory| {
        change(edits, laboratory.targets.big, |_| 1000);
    }),
];

/// All cases, sorted by class.
pub fn cases() -> Vec<Case> {
    let laboratories = trees::all().map(prepared);
    let of_class =
        |&class: &Class| laboratories.iter().map(move |laboratory| case(class, laboratory));
    CLASSES.iter().flat_map(of_class).collect()
}

/// Returns a tree with keys of each kind to delete, in a version with big data.
fn prepared(laboratory: Laboratory) -> Laboratory {
    let Laboratory { mut tree, options, .. } = laboratory;
    let values = || {
        Key::new("Values")
            .sz("First", "of six values")
            .dword("Second", 0x2222_2222)
            .binary("Third", &Rng::new(3).bytes(333))
            .multi_sz("Fourth", &["one", "two", "three", "four"])
            .qword("Fifth", 0x5555_5555_5555_5555)
            .binary("Sixth", &Rng::new(6).bytes(66))
    };
    let both = Key::new("Both")
        .sz("Of", "the key")
        .key(Key::new("Empty"))
        .key(Key::new("Full").class("a class").dword("Number", 7).key(values()));
    let key = tree.root.at("Deletions");
    key.subkeys.extend([
        both,
        Key::new("Neither"),
        Key::new("Single").sz("Only", "and no other"),
        values(),
    ]);
    let options = Options { minor: options.minor.max(5), ..options };
    Laboratory { tree, options, ..laboratory }
}

fn case((name, class): Class, laboratory: &Laboratory) -> Case {
    let Laboratory { name: tree_name, tree, options, .. } = laboratory;
    let mut edits = Edits::new(tree, options);
    class(&mut edits, laboratory);
    let before = write(tree, options).bytes;
    Case { name, tree: tree_name, before, edited: edits.finish() }
}

fn delete(edits: &mut Edits, name: &str) {
    edits.delete_key(edits.key(&join("Deletions", name)), DELETED);
}

fn delete_value(edits: &mut Edits, (path, name): Place) {
    edits.delete_value(edits.key(path), name, DELETED);
}

fn several(edits: &mut Edits, key: KeyId, names: &[&str]) {
    for (second, &name) in (0..).zip(names) {
        edits.delete_value(key, name, DELETED + second * 10_000_000);
    }
}

/// Replaces the data of a value. `len` maps the old length to the new one.
fn change(edits: &mut Edits, (path, name): Place, len: fn(usize) -> usize) {
    let key = edits.key(path);
    let value = edits.content(key).values.iter().find(|value| value.name == name.into());
    let Value { value_type, data, .. } = value.expect("a value to change");
    let data = Rng::named(name).bytes(len(data.len()));
    let value = Value::new(name, *value_type, &data);
    edits.set_value(key, value, DELETED);
}
