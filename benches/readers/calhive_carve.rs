// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive: carving, without further signatures.
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
        calhive_regf::recover::carve::carve_bytes(bytes, None, |carved| {
            seen.keys += 1;
            seen.data_length += carved.place.length;
        });
        seen
    });
}
