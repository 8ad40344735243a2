// SPDX-License-Identifier: MIT OR Apache-2.0
//! Integration tests of licensing. `CALHIVE_CASES` scales randomized tests. If `CALHIVE_CORPUS` names
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

mod accounting;
#[cfg(feature = "token")]
mod carve;
mod corpus;
#[cfg(feature = "token")]
mod findings;
mod hostile;
mod house;
mod licensing;
#[path = "../regf/tests/memory.rs"]
mod memory;
#[cfg(feature = "token")]
mod recover;
mod scan;
#[cfg(feature = "token")]
mod token;
#[cfg(feature = "token")]
mod trials;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;
