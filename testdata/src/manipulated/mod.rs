// SPDX-License-Identifier: MIT OR Apache-2.0

//! The classes of hives that a national laboratory tries registry tools on: NIST's CFTT test plan
//! for Windows registry forensic tools, made anew.
//!
//! Each class is tried on three trees: a random one with a laboratory in it, a license store, and
//! one of non-ASCII names with an ri. A [`Case`] says what was done, field by field, and what a
//! reader has to make of it: what a walk finds, what it has to show as hidden and by which field,
//! and which records are still whole. Deletions, the plan's NRD, are in [`crate::deletion`].
//!
//! ```
//! use hive_forge::manipulated;
//!
//! let cases = manipulated::cases();
//! let lowered = "subkeys hidden: key's count lowered by one";
//! let case = cases.iter().find(|case| case.name == lowered && case.tree == "licensing").unwrap();
//! assert_eq!(case.hidden[0].path, ["Microsoft", "MSLicensing", "Store"]);
//! assert_eq!(case.hidden[0].by.field, "subkey count");
//! ```

mod breaking;
mod case;
mod catalog;
mod corrupted;
mod data;
mod index;
mod keys;
mod licensing;
mod manipulation;
mod normal;
pub(crate) mod subject;
mod table;
pub(crate) mod trees;
mod values;

pub use case::{Case, Change, Class, Hidden, Record, RecordKind, What};
pub use index::files;
pub use table::insert_table;

use trees::Laboratory;

/// All of them, class after class.
pub fn cases() -> Vec<Case> {
    let makers: [fn(&Laboratory) -> Vec<Case>; 6] =
        [normal::cases, corrupted::cases, keys::cases, values::cases, data::cases, breaking::cases];
    let laboratories = trees::all();
    let of_all_trees = makers.iter().flat_map(|maker| laboratories.iter().flat_map(maker));
    of_all_trees.chain(licensing::cases()).collect()
}
