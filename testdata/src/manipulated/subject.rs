// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`Subject`]: a tree for cases, written as a hive, and the keys and values that the cases change.

use std::ops::Range;
use std::slice::from_ref;
use std::sync::Arc;

use super::case::{Case, Class, Record};
use super::catalog::{Entry, catalog};
use crate::tree::{Key, Tree, Value};
use crate::upcase::upcase;
use crate::{Forged, Options, write};

/// A value: the path of its key, and its name.
pub(crate) type Place = (&'static str, &'static str);

/// Keys and values that cases hide and damage. Paths are below the root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Targets {
    /// A key with at least two subkeys; the last of them has subkeys and values.
    pub(crate) parent: &'static str,
    /// Another key with subkeys, neither above nor below `parent`.
    pub(crate) other_parent: &'static str,
    /// A key without subkeys, at least two levels below `parent`.
    pub(crate) deep: &'static str,
    /// A key with at least two values.
    pub(crate) values: &'static str,
    /// Another key with values.
    pub(crate) other_values: &'static str,
    /// A REG_SZ, longer than four bytes.
    pub(crate) text: Place,
    /// A REG_DWORD without zero bytes.
    pub(crate) dword: Place,
    /// A REG_BINARY in one cell.
    pub(crate) binary: Place,
    /// Data of three segments.
    pub(crate) big: Place,
    /// Other data of several segments.
    pub(crate) other_big: Place,
}

/// A tree, written as a hive.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) tree: Tree,
    pub(super) options: Options,
    pub(super) hive: Forged,
    entries: Arc<[Entry]>,
    sound: Arc<[u8]>,
}

impl Subject {
    pub(super) fn new(name: &'static str, tree: Tree, options: Options) -> Self {
        let hive = write(&tree, &options);
        let entries = catalog(&tree, &hive).into();
        let sound = hive.bytes.as_slice().into();
        Self { name, tree, options, hive, entries, sound }
    }

    /// Returns a case of this tree without changes.
    pub(super) fn case(&self, class: Class, name: &str) -> Case {
        Case {
            class,
            name: name.to_owned(),
            tree: self.name,
            bytes: self.sound.to_vec(),
            sound: self.sound.clone(),
            start: 0,
            holds: None,
            changes: Vec::new(),
            hidden: Vec::new(),
            records: self.records(from_ref(&(0..self.sound.len())), 0),
        }
    }

    /// Returns the records whose cells are whole in these `kept` parts, in a file that begins at
    /// `start`.
    pub(super) fn records(&self, kept: &[Range<usize>], start: usize) -> Vec<Record> {
        self.entries.iter().filter_map(|entry| entry.within(kept, start)).collect()
    }

    /// Returns the key at `path`.
    pub(super) fn key(&self, path: &str) -> &Key {
        components(path).iter().fold(&self.tree.root, |key, name| {
            let found = key.subkeys.iter().find(|subkey| subkey.name.to_string() == *name);
            found.unwrap_or_else(|| panic!("no {path} in {}", self.name))
        })
    }

    /// Returns a value.
    pub(super) fn value(&self, (path, name): Place) -> &Value {
        let found = self.key(path).values.iter().find(|value| value.name.to_string() == name);
        found.unwrap_or_else(|| panic!("no {path}, {name} in {}", self.name))
    }

    /// Returns the paths of the subkeys of the key at `path`, in the order of the list.
    pub(super) fn subkeys(&self, path: &str) -> Vec<String> {
        let mut subkeys: Vec<&Key> = self.key(path).subkeys.iter().collect();
        subkeys.sort_by_cached_key(|subkey| -> Vec<u16> {
            subkey.name.units().into_iter().map(upcase).collect()
        });
        subkeys.iter().map(|subkey| join(path, &subkey.name.to_string())).collect()
    }

    /// Returns whether an ri lists the subkeys of the key at `path`.
    pub(super) fn has_index_root(&self, path: &str) -> bool {
        self.key(path).subkeys.len() > self.options.leaf_elements
    }

    /// Returns the list with subkey `number` of the key at `path`, and the index of its element.
    pub(super) fn element(&self, path: &str, number: usize) -> (String, usize) {
        if self.has_index_root(path) {
            let leaf = self.options.leaf_elements;
            (format!("leaf {path}:{}", number / leaf), number % leaf)
        } else {
            (format!("list {path}"), number)
        }
    }
}

/// Name of the record of a value in its hive.
pub(super) fn value_record((path, name): (&str, &str)) -> String {
    format!("value {path}:{name}")
}

/// Returns the path of the key `name` below the key at `path`.
pub(crate) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}\\{name}") }
}

/// Returns the path of the parent, and the name.
pub(super) fn parent(path: &str) -> (&str, &str) {
    path.rsplit_once('\\').unwrap_or(("", path))
}

/// Returns the names in a path.
pub(super) fn components(path: &str) -> Vec<String> {
    path.split('\\').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
