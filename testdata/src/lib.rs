// SPDX-License-Identifier: MIT OR Apache-2.0

//! Writes the registry hives for the tests of calhive.
//!
//! [`write()`] turns a [`tree::Tree`] into [`Forged`] bytes of any version from 1.1 to 1.6. Each
//! field of each record can be found and damaged by its name. hive-forge reads no hives and does
//! not depend on calhive: if both agree, two programs agree.
//!
//! [`corpus`] loads real files for tests, and [`cases`] scales randomized tests.
//!
//! ```
//! use hive_forge::tree::{Key, Tree};
//! use hive_forge::{Options, write};
//!
//! let mut tree = Tree::new("ROOT");
//! tree.root = tree.root.key(Key::new("A").dword("Start", 3));
//! let mut hive = write(&tree, &Options::default());
//! assert_eq!(hive.get("value A:Start", "data"), 3);
//! hive.set("base", "root", 0xFFFF_FFFF).seal();
//! ```

pub mod amplified;
mod base_block;
pub mod bitlocker;
pub mod canonical;
pub mod cases;
pub mod clean;
pub mod corpus;
pub mod deletion;
pub mod family;
mod fields;
pub mod finding;
mod forged;
pub mod grace_end;
mod group;
pub mod hostile;
mod json;
pub mod live_rows;
pub mod log;
pub mod manipulated;
mod map;
mod name;
mod options;
pub mod overlapping;
pub mod random;
mod readme;
mod record;
pub mod registry_export;
pub mod rng;
pub mod room;
pub mod scenario;
pub mod security;
pub mod seeds;
pub mod shadow_copy;
mod space;
pub mod stream;
pub mod time;
pub mod token;
pub mod tree;
pub mod upcase;
mod write;

pub use base_block::checksum;
pub use forged::Forged;
pub use options::{ListKind, Locality, Options};
pub use record::SEGMENT;
pub use space::NIL;
pub use write::{write, write_over};
