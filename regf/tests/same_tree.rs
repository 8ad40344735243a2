// SPDX-License-Identifier: MIT OR Apache-2.0
//! Comparison of everything that calhive reads with the tree that hive-forge wrote. The fuzz target
//! `structure` calls it, too.

use calhive_regf::raw::{AccessBits, KeyFlags, ValueFlags};
use calhive_regf::{Key, Name, Value};
use hive_forge::tree::{self, SYM_LINK, Security, Tree};
use hive_forge::upcase;

/// Flags of the root: HIVE_ENTRY and NO_DELETE.
const ROOT: u16 = 0x0C;

/// Compares a key and everything below it with a tree. Returns the number of keys.
pub(crate) fn same_tree(root: Key<'_>, tree: &Tree, minor: u32) -> usize {
    let (mut rest, mut keys) = (vec![(root, &tree.root, None)], 0);
    while let Some((read, forged, parent)) = rest.pop() {
        keys += 1;
        same_key(read, forged, parent, minor);
        let mut expected: Vec<&tree::Key> = forged.subkeys.iter().collect();
        expected.sort_by(|a, b| upcase::compare(&a.name.units(), &b.name.units()));
        let subkeys: Vec<Key<'_>> = read.subkeys().map(Result::unwrap).collect();
        assert_eq!(subkeys.len(), expected.len(), "subkeys of {read:?}");
        rest.extend(subkeys.into_iter().zip(expected).map(|(a, b)| (a, b, Some(read))));
    }
    keys
}

fn same_key(read: Key<'_>, forged: &tree::Key, parent: Option<Key<'_>>, minor: u32) {
    same_name(read.name(), &forged.name, minor);
    assert_eq!(read.name_fault(), None);
    assert_eq!(read.last_written().raw(), forged.last_written);
    assert_eq!(read.is_root(), parent.is_none());
    assert_eq!(read.parent().unwrap().map(Key::offset), parent.map(Key::offset));
    let mut flags = forged.flags | if parent.is_none() { ROOT } else { 0 };
    if forged.name.encode(minor).1 {
        flags |= KeyFlags::COMP_NAME.bits();
    }
    assert_eq!(read.flags().bits(), flags, "{read:?}");
    let access = (minor > 1).then(|| AccessBits::from_bits_retain(forged.access_bits));
    assert_eq!(read.access_bits(), access);
    assert_eq!(read.raw().user_flags, forged.user_flags);
    let class = read.class_name().unwrap().map(|class| class.units().collect::<Vec<u16>>());
    assert_eq!(class, forged.class);
    same_security(read, &forged.security);
    assert_eq!(read.value_count() as usize, forged.values.len());
    let values: Vec<Value<'_>> = read.values().map(Result::unwrap).collect();
    assert_eq!(values.len(), forged.values.len(), "values of {read:?}");
    for (value, forged) in values.iter().zip(&forged.values) {
        same_value(*value, forged, minor);
        // The upper-case forms of the names differ, so that each name finds its own value.
        let found = read.value(value.name()).unwrap().map(Value::offset);
        assert_eq!(found, Some(value.offset()));
    }
    let link = read.link_target().unwrap().map(Value::offset);
    let is_link = forged.flags & SYM_LINK != 0;
    let target = tree::Name::from("SymbolicLinkValue");
    let target = forged.values.iter().position(|value| value.name == target);
    assert_eq!(link, target.filter(|_| is_link).map(|index| values[index].offset()));
}

fn same_value(read: Value<'_>, forged: &tree::Value, minor: u32) {
    same_name(read.name(), &forged.name, minor);
    assert_eq!(read.name_fault(), None);
    assert_eq!(read.value_type().0, forged.value_type);
    let compressed = forged.name.encode(minor).1 && !forged.name.is_empty();
    let flags = if compressed { ValueFlags::COMP_NAME } else { ValueFlags::empty() };
    assert_eq!(read.flags(), flags);
    assert_eq!(read.is_inline(), (1..=4).contains(&forged.data.len()));
    let data = read.data().unwrap();
    assert!(data.to_bytes() == forged.data, "data of {read:?}");
    let in_segments = minor > 3 && forged.data.len() > hive_forge::SEGMENT;
    assert_eq!(data.as_slice().is_none(), in_segments, "{read:?}");
    let all: Vec<u8> = data.segments().flat_map(|part| part.as_slice().to_vec()).collect();
    assert!(all == forged.data, "segments of {read:?}");
}

fn same_name(read: Name<'_>, forged: &tree::Name, minor: u32) {
    assert!(read.units().eq(forged.units()), "{read} is not {forged}");
    // An empty name has no bytes that could differ between the two forms.
    assert_eq!(read.as_bytes(), Some(forged.encode(minor).0.as_slice()));
}

fn same_security(read: Key<'_>, forged: &Security) {
    let security = read.security().unwrap().expect("every forged key has one");
    let descriptor = security.descriptor().unwrap();
    assert_eq!(descriptor.bytes().as_slice(), forged.0);
    descriptor.owner().unwrap().unwrap();
    descriptor.group().unwrap().unwrap();
    assert!(descriptor.dacl().unwrap().unwrap().entries().all(|entry| entry.is_ok()));
}
