// SPDX-License-Identifier: MIT OR Apache-2.0
//! Finds registry hives in files and folders, and opens them with their transaction logs.
//!
//! The crate identifies hives by content, never by name: archives flatten folders, and copies have arbitrary
//! names. The crate never writes to evidence, and never opens special files.
//!
//! - [`mod@file`] identifies a file by its first bytes.
//! - [`folder`] searches files and folders in a fixed order.
//! - [`logs`] finds the transaction logs of a hive.
//! - [`Opener`] opens a hive and applies its logs in memory.
//! - [`Found::corroboration`] lists other files that can corroborate a hive.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "tests may panic; builds without tests lint all other code"
    )
)]

extern crate alloc;

#[allow(dead_code, reason = "the search of folders merges files too")]
mod accessors;
#[cfg(any(feature = "zip", feature = "tar", feature = "gzip", feature = "zstd"))]
#[allow(dead_code, reason = "the search opens archives; each feature uses a part")]
mod archive;
mod beside;
mod container;
mod corroboration;
#[allow(dead_code, reason = "the readers of images use it")]
mod disk;
pub mod escape;
pub mod file;
pub mod folder;
mod hash;
mod held;
mod kind;
mod locator;
#[allow(dead_code, reason = "the search rewrites paths with it")]
mod layout;
pub mod logs;
mod not_read;
mod notice;
mod open_error;
mod open_hive;
mod opener;
mod place;
#[cfg(test)]
mod scratch;
mod skip;
mod stdin;
mod survey;
#[allow(dead_code, reason = "the readers of images use it")]
mod tree;
#[allow(dead_code, reason = "the search of folders reads lists too")]
mod uploads;

pub use beside::real_path;
pub use container::FileContainer;
pub use corroboration::{Corroboration, Presence};
pub use file::{Recognized, recognize};
pub use folder::{Found, MoreHives, Refused, find, find_with};
pub use hash::Hash;
pub use held::Held;
pub use kind::SECURITY;
pub use locator::{Locator, ShadowCopy, VolumePlace};
pub use logs::Neighbors;
pub use not_read::{NotRead, NotReadKind};
pub use notice::{Notice, Shift};
pub use open_error::OpenError;
pub use open_hive::OpenHive;
pub use opener::{LogChoice, Opener};
pub use stdin::{LARGEST_INPUT, read_input};
pub use skip::{Link, SearchStep, Skipped};
pub use tree::Omission;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
