// SPDX-License-Identifier: MIT OR Apache-2.0
//! nt-hive: names, by recursion.
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

use nt_hive::{Hive, KeyNode, NtHiveNameString};

fn main() {
    reader::serve(|bytes| {
        let mut seen = Seen::default();
        let hive = Hive::without_validation(bytes).unwrap();
        visit(&hive.root_key_node().unwrap(), &mut seen);
        seen
    });
}

fn visit(key: &KeyNode<'_, &[u8]>, seen: &mut Seen) {
    values(key, seen);
    if let Some(subkeys) = key.subkeys() {
        for subkey in subkeys.unwrap() {
            visit(&subkey.unwrap(), seen);
        }
    }
}

fn values(key: &KeyNode<'_, &[u8]>, seen: &mut Seen) {
    seen.keys += 1;
    name(&key.name().unwrap(), seen);
    let Some(values) = key.values() else { return };
    for value in values.unwrap() {
        let value = value.unwrap();
        seen.values += 1;
        name(&value.name().unwrap(), seen);
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
