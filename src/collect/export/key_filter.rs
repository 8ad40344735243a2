// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`KeyFilter`]: the keys of an export that can be at a place of the catalog.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_evidence::ExportedKey;

use crate::catalog::{Base, LOCATIONS};
use crate::collect::collector::REDIRECTED;

/// Paths of all keys in the catalog, from the root of their hive, in upper case.
pub(super) struct KeyFilter {
    below_set: Vec<String>,
    below_root: Vec<String>,
}

impl KeyFilter {
    pub(super) fn new() -> Self {
        let keys = |is_set: bool| {
            let of_base = LOCATIONS.iter().filter(|it| (it.base == Base::ControlSet) == is_set);
            let keys: BTreeSet<String> = of_base.map(|it| it.key.to_ascii_uppercase()).collect();
            keys.into_iter().collect::<Vec<String>>()
        };
        Self { below_set: keys(true), below_root: keys(false) }
    }

    /// Whether a key can be at a place of the catalog, or below.
    pub(super) fn has(&self, key: &ExportedKey) -> bool {
        let path = key.path().to_ascii_uppercase();
        let Some(from_hive) = path.splitn(3, '\\').nth(2) else {
            return key.is_removal;
        };
        let (first, below) = from_hive.split_once('\\').unwrap_or((from_hive, ""));
        let is_at = |path: &str, wanted: &String| {
            // A removed key can be above the place.
            let is_above = key.is_removal
                && wanted
                    .strip_prefix(path)
                    .is_some_and(|it| it.is_empty() || it.starts_with('\\'));
            is_above
                || path
                    .strip_prefix(wanted.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
        };
        // A removed control set holds every place below.
        let is_set = first.starts_with("CONTROLSET") || first == "CURRENTCONTROLSET";
        if key.is_removal && below.is_empty() && is_set {
            return true;
        }
        let is_view = first.eq_ignore_ascii_case(REDIRECTED);
        let from_view = if is_view { below } else { from_hive };
        self.below_root.iter().any(|it| is_at(from_view, it))
            || self.below_set.iter().any(|it| is_at(below, it))
    }
}
