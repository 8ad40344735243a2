// SPDX-License-Identifier: MIT OR Apache-2.0

//! Deletions in place, as Windows makes them. Live cells keep their offsets. Deleted cells become
//! free cells that keep their content. Later allocations overwrite them.
//!
//! [`cases`] are the classes NRD (normal with deletions) of NIST's CFTT test plan for Windows
//! registry forensic tools, on the trees of [`manipulated`](crate::manipulated).
//!
//! [`Edits`] change the bytes of a hive one after another. [`Edits::finish`] returns the hive, its
//! live tree, and everything that was deleted, with the parts that were overwritten since.
//!
//! No comparison with Windows was possible. Changes of counts and times follow known facts about
//! ReactOS. New cells take the first free cell that fits, and Windows may choose another one. NT
//! 3.1 and Windows 2000 write a link to the next free cell into a free cell; hive-forge does not
//! write this link.
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
