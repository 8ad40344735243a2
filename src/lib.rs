// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads Remote Desktop licensing evidence out of Windows registry hives, offline.
//!
//! A hive is bytes: read or map them, open the hive over them, and look around.
//!
//! ```
//! # let mut tree = hive_forge::tree::Tree::new("ROOT");
//! # tree.root.at(r"Microsoft\MSLicensing\Store\LICENSE000").values.clear();
//! # let forged = hive_forge::write(&tree, &Default::default());
//! # let bytes = &forged.bytes;
//! let hive = calhive::Hive::parse(bytes)?;
//! if let Some(store) = hive.key(r"Microsoft\MSLicensing\Store")? {
//!     for license in store.subkeys() {
//!         let license = license?;
//!         println!("{} last written {}", license.name(), license.last_written());
//!     }
//! }
//! # Ok::<(), calhive::Error>(())
//! ```
//!
//! - A whole tree, in linear time whatever the hive says: [`Hive::walk`].
//! - What is wrong with a hive, each fault with its offset and severity: [`Hive::check`].
//! - What the tree leaves out while the bytes still hold it: [`Hive::hidden`]; what is left of a hive
//!   without its base block: [`Image::fragment`].
//! - What was deleted and still lies in the bytes: [`Hive::recover`]; hives, logs and tokens in raw
//!   bytes: [`recover::carve`](mod@recover::carve).
//! - A dirty hive with the newest changes from its logs, in a copy: [`Image::replay`].
//! - Cells, allocated and free: [`Hive::cells`]; the cells of a thing: [`Key::spans`].
//! - What hives say about licensing: [`licensing::collect()`], [`licensing::interpret()`]; what is
//!   concluded, and in which words: [`licensing::findings`].
//! - A licence that a client keeps, taken apart: [`licensing::token`].
//!
//! # Errors
//!
//! Look-ups return `Result<Option<T>>`. Iterators yield `Result<T>` and go on after an error, so a bad
//! value never hides its key, and a bad key never hides its siblings. Every [`Error`] has a kind and
//! the offset in the file. No input makes the library panic.
//!
//! # Evidence
//!
//! Nothing is written to. Raw numbers stay reachable: [`FileTime::raw`], [`ValueType`], the structures
//! of [`raw`]. Names are shown with escapes that lose nothing, see [`Name`].
//!
//! # Layers
//!
//! Each layer uses only those above it in this list.
//!
//! - [`raw`]: every structure as it lies on disk. [`Bytes`], [`FileOffset`], [`CellOffset`]: slices
//!   of evidence that know their place. [`FileTime`], [`Limits`], [`Error`].
//! - [`hive`]: the reader. [`Image`] owns bytes; [`Hive`], [`Key`], [`Value`] borrow them.
//! - [`log`]: transaction logs.
//! - [`recover`]: what was deleted, and carving of raw bytes.
//! - [`registry`]: which hive it is, and which control sets it has.
//! - [`licensing`]: facts about Remote Desktop licensing, and the report made of them.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::std_instead_of_alloc,
        reason = "a test may fail; the same code is linted without tests"
    )
)]

extern crate alloc;

pub mod bytes;
pub mod error;
pub mod hive;
pub mod image;
pub mod licensing;
pub mod limits;
pub mod log;
#[allow(missing_debug_implementations, reason = "zerocopy's derives make types of their own")]
pub mod raw;
pub mod recover;
pub mod registry;
pub mod time;

/// The examples of the README are tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use bytes::{Bytes, CellOffset, FileOffset};
pub use error::{Error, ErrorKind, Field, FileError, Limit, Result, Structure};
pub use hive::Hive;
pub use hive::key::Key;
pub use hive::name::Name;
pub use hive::path::KeyPath;
pub use hive::value::{Data, Value, ValueType};
pub use hive::walk::{Entry, Walk};
pub use image::{Access, Image};
pub use limits::Limits;
pub use time::FileTime;
