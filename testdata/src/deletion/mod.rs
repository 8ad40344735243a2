// SPDX-License-Identifier: MIT OR Apache-2.0

//! Deletions in a hive, as Windows makes them in place: what is live stays where it is, what is
//! gone becomes free cells that keep their content, and what is made later is written over them.
//!
//! [`cases`] are the classes NRD, normal with deletions, of NIST's CFTT test plan for Windows
//! registry forensic tools, made anew on the trees of [`manipulated`](crate::manipulated).
//!
//! [`Edits`] are made one after another in the bytes of a hive. [`Edits::finish`] gives the hive,
//! the tree that is live in it, and the truth: everything that was deleted, and which parts of it
//! were written over since.
//!
//! No Windows was at hand to compare with. Which counts and times change follows what is known of
//! ReactOS; new cells take the first free cell that fits, which need not be the one that Windows
//! takes; and the link to the next free cell, which NT 3.1 and Windows 2000 write into one, is left
//! out.
//!
//! ```
//! use hive_forge::deletion::{DeletedKind, Edits};
//! use hive_forge::tree::{Key, Tree};
//! use hive_forge::{Options, time};
//!
//! let mut tree = Tree::new("ROOT");
//! tree.root = tree.root.key(Key::new("A").key(Key::new("B").dword("Start", 3)));
//! let mut edits = Edits::new(&tree, &Options::default());
//! edits.delete_key(edits.key("A"), time::DEFAULT + 1);
//! let edited = edits.finish();
//! let kinds: Vec<DeletedKind> = edited.truth.iter().map(|deleted| deleted.kind).collect();
//! assert_eq!(kinds, [DeletedKind::Value, DeletedKind::Key, DeletedKind::Key]);
//! assert!(edited.live.root.subkeys.is_empty());
//! ```

mod classes;
mod data;
mod edits;
mod finish;
mod heap;
mod index;
mod node;
mod reuse;
mod security;
mod slack;
mod subkeys;
mod table;
mod token;
mod truth;
mod values;

pub use classes::{Case, cases};
pub use edits::{Edits, KeyId};
pub use finish::Edited;
pub use index::files;
pub use slack::{Fill, Place};
pub use table::insert_table;
pub use token::{DeletedToken, Lost, deleted_token, token_in_raw_file};
pub use truth::{Deleted, DeletedKind, Overwritten};
