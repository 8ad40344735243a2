// SPDX-License-Identifier: MIT OR Apache-2.0
//! nt-hive: names and data, with a stack of lists.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::cast_possible_truncation,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark may fail"
)]

#[path = "../support/reader.rs"]
mod reader;
use reader::Seen;

use nt_hive::{Hive, KeyNode, KeyValueData, NtHiveNameString};

fn main() {
    reader::serve(|bytes| {
        let mut seen = Seen::default();
        let hive = Hive::without_validation(bytes).unwrap();
        let root = hive.root_key_node().unwrap();
        values(&root, &mut seen);
        let mut above: Vec<_> = root.subkeys().into_iter().map(Result::unwrap).collect();
        while let Some(subkeys) = above.last_mut() {
            let Some(key) = subkeys.next() else {
                above.pop();
                continue;
            };
            let key = key.unwrap();
            values(&key, &mut seen);
            above.extend(key.subkeys().map(Result::unwrap));
        }
        seen
    });
}

fn values(key: &KeyNode<'_, &[u8]>, seen: &mut Seen) {
    seen.keys += 1;
    name(&key.name().unwrap(), seen);
    let Some(values) = key.values() else { return };
    for value in values.unwrap() {
        let value = value.unwrap();
        seen.values += 1;
        name(&value.name().unwrap(), seen);
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
