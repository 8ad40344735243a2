// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads Remote Desktop licensing evidence out of Windows registry hives, offline.
//!
//! # Layers
//!
//! Each layer uses only those above it in this list.
//!
//! - [`raw`]: every structure as it lies on disk. [`Bytes`], [`FileOffset`], [`CellOffset`]: slices
//!   of evidence that know their place. [`FileTime`], [`Limits`], [`Error`].
//! - [`hive`]: the reader. [`Image`] owns bytes; [`Hive`], [`Key`], [`Value`] borrow them.
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
#[allow(missing_debug_implementations, reason = "zerocopy's derives make types of their own")]
pub mod raw;
pub mod registry;
pub mod time;

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
