// SPDX-License-Identifier: GPL-3.0-or-later
//! Disk images, archives and collections of forged hosts, built by other programs and read by the command.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may fail"
)]

extern crate alloc;

mod bad_inputs;
mod collection;
mod disk;
mod form;
mod forms;
mod history;
mod host;
mod large;
mod normal;
mod scan;
mod table;
mod tool;
mod unallocated;
mod volume;
