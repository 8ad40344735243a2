// SPDX-License-Identifier: MIT OR Apache-2.0
//! The measure: the sum of all bytes of the hive.
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
    reader::serve(|bytes| Seen { data: reader::sum(bytes), ..Seen::default() });
}
