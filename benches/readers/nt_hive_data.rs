// SPDX-License-Identifier: MIT OR Apache-2.0
//! nt-hive: names and data, by recursion.
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

#[path = "../support/nt_hive.rs"]
mod nt_hive_walk;
#[path = "../support/reader.rs"]
mod reader;

fn main() {
    reader::serve(nt_hive_walk::by_recursion::<true>);
}
