// SPDX-License-Identifier: MIT OR Apache-2.0
//! Walks with nt-hive: by recursion, and with a stack of lists. `DATA` says whether a walk reads data.
#![allow(dead_code, reason = "each reader has one of the walks")]

use nt_hive::{Hive, KeyNode, KeyValueData, NtHiveNameString};

use crate::reader::Seen;

pub fn by_recursion<const DATA: bool>(bytes: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let hive = Hive::without_validation(bytes).unwrap();
    visit::<DATA>(&hive.root_key_node().unwrap(), &mut seen);
    seen
}

pub fn with_a_stack<const DATA: bool>(bytes: &[u8]) -> Seen {
    let mut seen = Seen::default();
    let hive = Hive::without_validation(bytes).unwrap();
    let root = hive.root_key_node().unwrap();
    values::<DATA>(&root, &mut seen);
    let mut above: Vec<_> = root.subkeys().into_iter().map(Result::unwrap).collect();
    while let Some(subkeys) = above.last_mut() {
        let Some(key) = subkeys.next() else {
            above.pop();
            continue;
        };
        let key = key.unwrap();
        values::<DATA>(&key, &mut seen);
        above.extend(key.subkeys().map(Result::unwrap));
    }
    seen
}

fn visit<const DATA: bool>(key: &KeyNode<'_, &[u8]>, seen: &mut Seen) {
    values::<DATA>(key, seen);
    if let Some(subkeys) = key.subkeys() {
        for subkey in subkeys.unwrap() {
            visit::<DATA>(&subkey.unwrap(), seen);
        }
    }
}

fn values<const DATA: bool>(key: &KeyNode<'_, &[u8]>, seen: &mut Seen) {
    seen.keys += 1;
    name(&key.name().unwrap(), seen);
    let Some(values) = key.values() else { return };
    for value in values.unwrap() {
        let value = value.unwrap();
        seen.values += 1;
        name(&value.name().unwrap(), seen);
        if !DATA {
            continue;
        }
        match value.data().unwrap() {
            KeyValueData::Small(bytes) => seen.data(bytes),
            KeyValueData::Big(segments) => {
                segments.for_each(|segment| seen.data(segment.unwrap()));
            }
        }
    }
}

fn name(name: &NtHiveNameString<'_>, seen: &mut Seen) {
    match name {
        NtHiveNameString::Latin1(bytes) => seen.name(bytes.iter().map(|byte| u16::from(*byte))),
        NtHiveNameString::Utf16LE(bytes) => {
            let (pairs, _) = bytes.as_chunks::<2>();
            seen.name(pairs.iter().map(|pair| u16::from_le_bytes(*pair)));
        }
    }
}
