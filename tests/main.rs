// SPDX-License-Identifier: MIT OR Apache-2.0
//! The integration tests. `CALHIVE_CASES` scales the randomised ones; real hives are read where
//! `CALHIVE_CORPUS` names their folder.
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
mod cases;
mod corpus;
mod damage;
#[cfg(feature = "token")]
mod findings;
mod hidden;
mod hostile;
mod image;
mod layers;
mod licensing;
mod logs;
mod memory;
mod oracle;
mod recover;
mod round_trip;
#[cfg(feature = "token")]
mod token;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;
