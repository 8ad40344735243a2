// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recovered keys and values, compared with live ones of the same path.

use calhive_regf::Hive;
use calhive_regf::recover::{Counterpart, Differences, Recovered};
use hive_forge::deletion::Edits;
use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{Options, time};

const LATER: u64 = time::DEFAULT + 36_000_000_000;

/// A hive in which a key with two values was deleted and then created again as `anew`, in another
/// cell.
fn edited(anew: Key) -> Vec<u8> {
    let mut tree = Tree::new("ROOT");
    tree.root = tree.root.key(original()).key(Key::new("B"));
    let mut edits = Edits::new(&tree, &Options::default());
    edits.keep_deleted(true);
    edits.delete_key(edits.key("A"), LATER);
    edits.add_key(edits.root(), anew, LATER);
    edits.finish().hive.bytes
}

fn original() -> Key {
    Key::new("A").dword("number", 1).sz("text", "some text that has a cell")
}

/// Counterparts of the recovered key and of its two values.
fn counterparts(bytes: &[u8]) -> [Option<Counterpart>; 3] {
    let recovery = Hive::parse(bytes).unwrap().recover();
    let key = recovery.iter().find(|found| found.key().is_some()).unwrap();
    let values: Vec<Recovered<'_, '_>> = key.values().collect();
    assert_eq!(values.len(), 2);
    [key.counterpart(), values[0].counterpart(), values[1].counterpart()]
}

#[test]
fn copy_and_previous_version_are_distinguished() {
    let same = counterparts(&edited(original()));
    let is_copy = |it: &Option<Counterpart>| matches!(it, Some(Counterpart::Duplicate { .. }));
    // The timestamp of the live key is the time of its creation.
    let of_key = |it: Option<Counterpart>| match it {
        Some(Counterpart::PreviousVersion { differences, .. }) => differences,
        _ => Differences::empty(),
    };
    assert!(same.iter().skip(1).all(is_copy), "{same:?}");
    assert!(!of_key(same[0]).contains(Differences::VALUES), "{same:?}");

    let changed = Key::new("A").value(Value::qword("number", 1)).sz("text", "other text");
    let [key, number, text] = counterparts(&edited(changed)).map(of_key);
    assert!(key.contains(Differences::VALUES), "{key:?}");
    assert_eq!(number, Differences::TYPE | Differences::DATA);
    assert_eq!(text, Differences::DATA);

    let without = counterparts(&edited(Key::new("C")));
    assert_eq!(without, [None; 3]);
}
