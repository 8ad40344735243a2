// SPDX-License-Identifier: MIT OR Apache-2.0
//! The walk of any hive against look-ups: each key and value of the walk is found by its name.

use std::collections::BTreeSet;

use calhive_regf::{Entry, Hive, Key, KeyPath, Name, Value};

use crate::forms::as_given_and_sealed;

/// Number of keys that are looked up.
const LOOKED_UP: usize = 400;
/// Number of values of a key that are looked up.
const VALUES: usize = 60;
/// Bytes of all lists that look-ups may read. Many keys can share one long list.
const ELEMENTS: usize = 1 << 20;

/// Looks each key and value up that the walk of the hive in `bytes` yields.
pub fn look_up(bytes: &[u8]) {
    as_given_and_sealed(bytes, |_, hive| check(hive));
}

fn check(hive: Hive<'_>) {
    let mut walk = hive.walk().with_values(true);
    let (mut number, mut elements) = (0, 0);
    while let Some(entry) = walk.next() {
        let Ok(Entry { key, depth, values }) = entry else { continue };
        number += 1;
        elements += key.subkey_count() as usize + key.value_count() as usize;
        if number > LOOKED_UP || elements > ELEMENTS {
            break;
        }
        let path = walk.path().to_key_path();
        assert_eq!(path.names().count(), depth, "{path}");
        path_is_read_back(&path, walk.path().names());
        key_is_found(hive, key, &path);
        values_are_found(key, values.filter_map(Result::ok).take(VALUES));
    }
}

/// Asserts that the text of a path parses into the same names. An empty name is no part of the text.
fn path_is_read_back<'d>(path: &KeyPath, names: impl Iterator<Item = Name<'d>>) {
    if path.names().any(Name::is_empty) {
        return;
    }
    let text = path.to_string();
    let again = KeyPath::from(text.as_str());
    assert!(&again == path, "{text}");
    for (name, again) in names.zip(again.names()) {
        assert!(name.units().eq(again.units()), "{name:?} is {again:?} in {text}");
    }
}

/// Asserts that a thorough look-up finds this key, unless two keys on the path have the same name.
fn key_is_found(hive: Hive<'_>, key: Key<'_>, path: &KeyPath) {
    let found = hive.key_thorough(path, |_| {}).ok().flatten();
    if found.map(Key::cell_offset) != Some(key.cell_offset()) {
        assert!(has_a_twin(hive, path), "{path}: {found:?} is not {key:?}");
    }
    // A look-up that trusts hashes can miss a key of a damaged list, but finds no key of another name.
    if let Ok(Some(trusted)) = hive.key(path) {
        assert!(trusted.name().same(key.name()) || path.is_root(), "{trusted:?} is not {key:?}");
    }
}

/// Whether two subkeys on the path have the same name.
fn has_a_twin(hive: Hive<'_>, path: &KeyPath) -> bool {
    let mut keys: Vec<Key<'_>> = hive.root().into_iter().collect();
    for name in path.names() {
        let below = keys.iter().flat_map(|key| key.subkeys()).filter_map(Result::ok);
        let mut seen = BTreeSet::new();
        let below = below.filter(|key| key.name().same(name) && seen.insert(key.cell_offset()));
        keys = below.collect();
        if keys.len() > 1 {
            return true;
        }
    }
    false
}

/// Asserts that a look-up finds the first value of each name.
fn values_are_found<'d>(key: Key<'d>, values: impl Iterator<Item = Value<'d>>) {
    for value in values {
        let name = value.name();
        let Ok(Some(found)) = key.value(name) else { panic!("{key:?}: {value:?} is not found") };
        let mut all = key.values().filter_map(Result::ok);
        let first = all.find(|it| it.name().same(name)).expect("at least this value");
        assert_eq!(found.cell_offset(), first.cell_offset(), "{key:?}, {name}");
    }
}
