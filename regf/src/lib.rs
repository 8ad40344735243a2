// SPDX-License-Identifier: MIT OR Apache-2.0
//! Zero-copy reader of Windows registry hives.
//!
//! Read or map the bytes of a hive, parse the hive over these bytes, then look up or walk its keys.
//! Reading a key, a name, or data in one piece copies nothing. No input makes the reader panic.
//!
//! ```
//! # let mut tree = hive_forge::tree::Tree::new("ROOT");
//! # tree.root.at(r"Microsoft\MSLicensing\Store\LICENSE000").values.clear();
//! # let forged = hive_forge::write(&tree, &Default::default());
//! # let bytes = &forged.bytes;
//! let hive = calhive_regf::Hive::parse(bytes)?;
//! if let Some(store) = hive.key(r"Microsoft\MSLicensing\Store")? {
//!     for license in store.subkeys() {
//!         let license = license?;
//!         println!("{} last written {}", license.name(), license.last_written());
//!     }
//! }
//! # Ok::<(), calhive_regf::Error>(())
//! ```
//!
//! - [`Hive::key`] looks a key up by its path; [`Key::value`] looks a value up by its name.
//! - [`Hive::walk`] traverses the whole tree. The work is linear in the size of any hive.
//! - [`Hive::check`] reports every fault with its offset and grade.
//! - [`Hive::hidden`] reports content of the hive that the tree does not show.
//! - [`Image::fragment`] reads the remains of a hive without its base block.
//! - [`Hive::recover`] recovers deleted keys and values.
//! - [`recover::carve`](mod@recover::carve) finds hives, logs and other signatures in raw bytes.
//! - [`Image::replay`] applies transaction logs to a copy of a dirty hive.
//! - [`Hive::cells`] lists allocated and free cells. [`Key::spans`] returns the cells of a key.
//!
//! The page [`format`](mod@format) describes the file format and names the source of each fact. Its
//! source file is `docs/regf.md`.
//!
//! # Errors
//!
//! Look-ups return `Result<Option<T>>`. Iterators yield `Result<T>` and continue after an error. A
//! bad value therefore never hides its key, and a bad key never hides its siblings. Every [`Error`]
//! has a kind and a file offset.
//!
//! # Evidence
//!
//! The reader never modifies evidence. Raw numbers stay reachable through [`FileTime::raw`],
//! [`ValueType`] and the structures of [`raw`]. The displayed form of a [`Name`] uses lossless
//! escapes.
//!
//! # Features
//!
//! - `mmap` (default): [`Image::map`] maps a hive instead of reading the whole file.
//! - `serde`: `Serialize` for [`FileTime`] and for the types of reports.
//! - `meter`: counts the work of the reader, for tests ([`meter`]).
//! - `schema`: JSON schemas of the types that `serde` serializes.
//!
//! # Layers
//!
//! Each layer uses only the layers above it in this list.
//!
//! - [`raw`]: every structure as stored on disk. [`Bytes`], [`FileOffset`] and [`CellOffset`]:
//!   bytes of evidence and their places. [`FileTime`], [`Limits`], [`Error`].
//! - [`hive`]: the reader. [`Image`] owns bytes. [`Hive`], [`Key`] and [`Value`] borrow these
//!   bytes.
//! - [`log`]: transaction logs.
//! - [`recover`]: deleted keys and values, and carving of raw bytes.
//! - [`registry`]: the type of a hive, and its control sets.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::std_instead_of_alloc,
        reason = "tests may panic; builds without tests lint all other code"
    )
)]

extern crate alloc;

pub mod budget;
pub mod bytes;
pub mod error;
#[doc = include_str!("../docs/regf.md")]
pub mod format {}
mod gap_reader;
pub mod hive;
pub mod image;
pub mod limits;
pub mod log;
pub mod meter;
pub mod offset;
mod path_text;
#[allow(missing_debug_implementations, reason = "zerocopy's derives make types of their own")]
pub mod raw;
pub mod recover;
pub mod registry;
pub mod time;
mod words;

pub use budget::Budget;
pub use bytes::Bytes;
pub use error::{Error, ErrorKind, Field, FileError, Limit, Result, Structure};
pub use gap_reader::{GapReader, LostBytes};
pub use hive::Hive;
pub use hive::key::Key;
pub use hive::name::Name;
pub use hive::path::KeyPath;
pub use hive::value::{Data, Value};
pub use hive::value_type::ValueType;
pub use hive::walk::{Entry, Walk};
pub use image::{AccessPattern, Image};
pub use limits::Limits;
pub use offset::{CellOffset, FileOffset};
pub use path_text::PathText;
pub use time::FileTime;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
