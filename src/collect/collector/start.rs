// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Start`]: a key that locations are relative to, with the keys below that were looked up.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_regf::error::Error;
use calhive_regf::hive::key::Key;
use calhive_regf::hive::name::Name;
use calhive_regf::registry::Role;

use crate::catalog::{KeyTree, Location};
use crate::collect::collector::wanted;
use crate::fact::{Hiding, Provenance};

/// A key that was found.
pub(super) struct FoundKey<'d> {
    pub(super) key: Key<'d>,
    /// Path of the key, as displayed.
    pub(super) path: String,
    /// The field that hides the key.
    pub(super) hidden: Option<Hiding>,
}

/// A key that locations are relative to.
pub(super) struct Start<'d> {
    pub(super) at: FoundKey<'d>,
    pub(super) control_set: Option<(u32, Vec<Role>)>,
    pub(super) redirected: bool,
    /// Results of the look-ups, by the index in the tree of the catalog.
    pub(super) known: Vec<Option<Step<'d>>>,
}

/// Result of resolving a path.
pub(super) enum Step<'d> {
    /// The key.
    Found(FoundKey<'d>),
    /// No such key. The error is the first one on the way, if a part of the way could not be read.
    Missing(Option<Error>),
}

impl<'d> FoundKey<'d> {
    /// Returns the root key. Its path is empty.
    pub(super) const fn root(key: Key<'d>, hidden: Option<Hiding>) -> Self {
        Self { key, path: String::new(), hidden }
    }
}

impl Step<'_> {
    /// Returns the first error on the way to a missing key.
    pub(super) const fn lost(&self) -> Option<Error> {
        match self {
            Self::Found(_) => None,
            Self::Missing(lost) => *lost,
        }
    }
}

impl<'d> Start<'d> {
    pub(super) const fn new(at: FoundKey<'d>) -> Self {
        Self { at, control_set: None, redirected: false, known: Vec::new() }
    }

    /// Returns the result of a look-up; `None` before the look-up.
    pub(super) fn step(&self, index: usize) -> Option<&Step<'d>> {
        self.known.get(index)?.as_ref()
    }

    /// Keeps the result of a look-up.
    pub(super) fn keep(&mut self, index: usize, step: Step<'d>) {
        if self.known.is_empty() {
            self.known.resize_with(KeyTree::of_catalog().len(), || None);
        }
        if let Some(known) = self.known.get_mut(index) {
            *known = Some(step);
        }
    }

    /// Returns the provenance of a place, with the path of its key.
    pub(super) fn provenance(&self, location: &Location, key: String) -> Provenance {
        Provenance {
            control_set: self.control_set.clone(),
            redirected: self.redirected,
            key,
            value: wanted(location).map(String::from),
            ..Provenance::default()
        }
    }
}

/// Returns the path, as displayed, of a subkey with this name.
pub(super) fn path_below(path: &str, name: Name<'_>) -> String {
    joined(path, &name.to_string())
}

/// Joins two paths as displayed.
pub(super) fn joined(path: &str, below: &str) -> String {
    if path.is_empty() { String::from(below) } else { [path, below].join("\\") }
}
