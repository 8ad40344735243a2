// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`KeyTree`]: the keys of the catalog as a tree, so that one look-up serves all places of a key.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use std::sync::LazyLock;

use calhive_regf::hive::name::Name;

use crate::catalog::{LOCATIONS, Location};

/// Keys of the catalog, each one after the key above.
pub(crate) struct KeyTree {
    keys: Vec<CatalogKey>,
    /// Names of the keys directly below each key; `None` for the base.
    below: BTreeMap<Option<usize>, Vec<Name<'static>>>,
    /// Index of the key of each location, by the position of the location in the catalog.
    of_location: Vec<usize>,
}

/// Key of the catalog, relative to a base.
pub(crate) struct CatalogKey {
    /// Index of the key above; `None` directly below the base.
    pub(crate) above: Option<usize>,
    /// Names from below the base to the key.
    pub(crate) names: Vec<&'static str>,
    /// Position of the key among the keys below the same key.
    pub(crate) position: usize,
}

static TREE: LazyLock<KeyTree> = LazyLock::new(KeyTree::new);

impl KeyTree {
    /// Returns the keys of the catalog.
    pub(crate) fn of_catalog() -> &'static Self {
        &TREE
    }

    fn new() -> Self {
        let (keys, below, of_location) = <_>::default();
        let mut tree = Self { keys, below, of_location };
        let mut known = BTreeMap::new();
        for location in LOCATIONS {
            let mut above = None;
            let mut names = Vec::new();
            for name in location.key.split('\\') {
                names.push(name);
                let next = tree.keys.len();
                let index = *known.entry(names.clone()).or_insert(next);
                if index == next {
                    let siblings = tree.below.entry(above).or_default();
                    let (position, names) = (siblings.len(), names.clone());
                    tree.keys.push(CatalogKey { above, names, position });
                    siblings.push(Name::latin1(name.as_bytes()));
                }
                above = Some(index);
            }
            tree.of_location.push(above.unwrap_or_default());
        }
        tree
    }

    /// Returns the number of keys.
    pub(crate) const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns the index of the key of a location.
    pub(crate) fn index_of(&self, location: &Location) -> usize {
        self.of_location.get(location.code as usize).copied().unwrap_or_default()
    }

    /// Returns the key with this index.
    pub(crate) fn key(&self, index: usize) -> Option<&CatalogKey> {
        self.keys.get(index)
    }

    /// Returns the names of the keys directly below a key; `None` for the base.
    pub(crate) fn names_below(&self, above: Option<usize>) -> &[Name<'static>] {
        self.below.get(&above).map_or(&[], Vec::as_slice)
    }

    /// Returns the names from below the base to the key of a location.
    pub(crate) fn names_of(&self, location: &Location) -> &[&'static str] {
        self.key(self.index_of(location)).map_or(&[], |key| key.names.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Read;
    use alloc::string::ToString;
    use calhive_regf::KeyPath;

    #[test]
    fn tree_leads_to_the_key_of_each_location() {
        let tree = KeyTree::of_catalog();
        for location in LOCATIONS {
            let mut at = Some(tree.index_of(location));
            let mut names = Vec::new();
            while let Some(key) = at.and_then(|at| tree.key(at)) {
                assert!(key.above.is_none_or(|above| above < at.unwrap()));
                names.push(*key.names.last().unwrap());
                at = key.above;
            }
            names.reverse();
            assert_eq!(names, tree.names_of(location));
            assert_eq!(names.join("\\"), location.key);
        }
        assert!(tree.len() < LOCATIONS.len());
    }

    #[test]
    fn names_of_values_are_ascii_without_escapes() {
        for location in LOCATIONS {
            if let Read::Value(name)
            | Read::SubkeyValue { value: name, .. }
            | Read::SubkeyValueNaming { value: name, .. } = location.read
            {
                assert!(name.is_ascii() && !name.contains('\\'), "{name}");
            }
        }
    }

    #[test]
    fn path_of_a_location_displays_without_escapes() {
        for location in LOCATIONS {
            assert_eq!(KeyPath::from(location.key).to_string(), location.key);
        }
    }
}
