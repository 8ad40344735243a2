// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive: hidden keys and values.
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

fn main() {
    reader::serve(|bytes| {
        let mut seen = Seen::default();
        for hidden in calhive_regf::Hive::parse(bytes).unwrap().hidden().iter() {
            seen.keys += 1;
            seen.data += hidden.place.get();
        }
        seen
    });
}
