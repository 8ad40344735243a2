// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive: a walk with values and names.
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
        for entry in calhive_regf::Hive::parse(bytes).unwrap().walk().with_values(true) {
            let entry = entry.unwrap();
            seen.keys += 1;
            seen.name(entry.key.name().units());
            for value in entry.values {
                let value = value.unwrap();
                seen.values += 1;
                seen.name(value.name().units());
            }
        }
        seen
    });
}
