// SPDX-License-Identifier: MIT OR Apache-2.0
//! Accounting: for every entry point and every family of hostile inputs, the work, the memory and the
//! output stay within stated constants times the number of bytes given, at sizes n, 2n and 4n.
//!
//! Work is what feature `meter` counts. Memory is what the allocator of this binary counts.
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

#[cfg(edges)]
mod edges;
mod entries;
mod families;
mod interface;
mod ledger;
#[path = "../memory.rs"]
mod memory;
mod mutations;
mod rows;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;
