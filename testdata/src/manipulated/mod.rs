// SPDX-License-Identifier: MIT OR Apache-2.0

//! Classes of hives that a national laboratory tests registry tools with, by NIST's CFTT test plan
//! for Windows registry forensic tools.
//!
//! Each class has cases of three trees: a random tree with a laboratory, a license store, and a
//! tree of non-ASCII names with an ri. A [`Case`] has the changed fields and the expected reading:
//! the result of a walk, the hidden items with the fields that hide them, and the records that are
//! still whole. [`crate::deletion`] has the deletions, the plan's NRD.
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
mod cells;
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

/// All cases, sorted by class.
pub fn cases() -> Vec<Case> {
    let makers: [fn(&Laboratory) -> Vec<Case>; 7] = [
        normal::cases,
        corrupted::cases,
        keys::cases,
        values::cases,
        data::cases,
        cells::cases,
        breaking::cases,
    ];
    let laboratories = trees::all();
    let of_all_trees = makers.iter().flat_map(|maker| laboratories.iter().flat_map(maker));
    of_all_trees.chain(licensing::cases()).collect()
}
