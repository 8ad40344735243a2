// SPDX-License-Identifier: MIT OR Apache-2.0
//! Integration tests of the reader. `CALHIVE_CASES` scales randomized tests. If `CALHIVE_CORPUS` names
//! a folder of real hives, tests read these hives too.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::alloc_instead_of_core,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test may fail"
)]

mod allocations;
mod carve;
mod corpus;
mod damage;
mod hidden;
mod hostile;
mod image;
mod logs;
mod memory;
mod oracle;
mod recover;
mod round_trip;
mod same_tree;
mod trials;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;
