// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive: a walk with values, names and data.
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
use reader::Seen;

fn main() {
    reader::serve(|bytes| {
        let mut seen = Seen::default();
        let mut walk = calhive_regf::Hive::parse(bytes).unwrap().walk().with_values(true);
        while let Some(entry) = walk.next() {
            let entry = entry.unwrap();
            seen.keys += 1;
            seen.name(entry.key.name().units());
            for value in entry.values {
                let value = value.unwrap();
                seen.values += 1;
                seen.name(value.name().units());
                let data = walk.data(value).unwrap();
                match data.as_slice() {
                    Some(bytes) => seen.data(bytes),
                    None => data.segments().for_each(|segment| seen.data(segment.as_slice())),
                }
            }
        }
        seen
    });
}
