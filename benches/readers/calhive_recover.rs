// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive: recovery of deleted keys and values, with names and data.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark may fail"
)]

#[path = "../support/reader.rs"]
mod reader;
use calhive_regf::recover::Record;
use reader::Seen;

fn main() {
    reader::serve(|bytes| {
        let mut seen = Seen::default();
        for found in calhive_regf::Hive::parse(bytes).unwrap().recover().iter() {
            match found.record() {
                Some(Record::Key(key)) => {
                    seen.keys += 1;
                    seen.name(key.name().units());
                }
                Some(Record::Value(value)) => {
                    seen.values += 1;
                    seen.name(value.name().units());
                    for piece in found.data().pieces() {
                        seen.data(piece.bytes.as_slice());
                    }
                }
                None => {}
            }
        }
        seen
    });
}
