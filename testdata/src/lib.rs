// SPDX-License-Identifier: MIT OR Apache-2.0

//! Writes the registry hives that calhive is tested on.
//!
//! A [`tree::Tree`] goes in, [`Forged`] bytes of any version from 1.1 to 1.6 come out, and each
//! field of each record can be found and broken by its name. Nothing here reads a hive, and nothing
//! comes from calhive: what the writer and the reader agree on, two programs agree on.
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
pub mod canonical;
pub mod clean;
pub mod deletion;
mod fields;
pub mod finding;
mod forged;
mod group;
pub mod hostile;
mod json;
pub mod log;
pub mod manipulated;
mod map;
mod name;
mod options;
pub mod random;
mod readme;
mod record;
pub mod rng;
pub mod scenario;
pub mod security;
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
