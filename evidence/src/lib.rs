// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds the registry hives in files and folders.
//!
//! Hives are recognized by content, never by name: archives flatten folders, and copies carry all
//! kinds of names. One file per kind of input: [`mod@file`] says what a file is, [`folder`] goes through
//! files and folders in a fixed order, [`logs`] finds the transaction logs of a hive, and
//! [`Found::corroboration`] says what other evidence lies beside one. Nothing here writes, and no special
//! file is ever opened.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a test may fail; the same code is linted without tests"
    )
)]

extern crate alloc;

mod corroboration;
pub mod file;
pub mod folder;
pub mod logs;
mod met;
mod place;
#[cfg(test)]
mod scratch;

pub use file::{Recognized, recognize};
pub use folder::{Found, Refused, find};
pub use logs::Neighbors;
