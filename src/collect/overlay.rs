// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Overlay`]: adds hidden items to the tree of a hive. Look-ups find hidden and live items alike.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use calhive_regf::hive::hidden::{Hidden, HiddenItems, Item};
use calhive_regf::hive::key::Key;
use calhive_regf::hive::name::Name;
use calhive_regf::hive::value::Value;

use crate::fact::Hiding;

/// Hidden items, grouped by owner. The owner is an offset in bytes from the start of the file.
pub(crate) struct Overlay<'d> {
    /// Keys by their parent.
    keys: BTreeMap<u64, Vec<(Name<'d>, Key<'d>, Hiding)>>,
    /// Values by their key.
    values: BTreeMap<u64, Vec<(Name<'d>, Value<'d>, Hiding)>>,
    /// Data by their value.
    data: BTreeMap<u64, &'d Hidden<'d>>,
    /// Suggested names of keys that the tree shows under another name.
    names: BTreeMap<u64, Name<'d>>,
    /// The field that hides the whole tree; `None` if no field hides it.
    all: Option<Hiding>,
}

impl<'d> Overlay<'d> {
    pub(crate) fn new(hidden: &'d HiddenItems<'d>) -> Self {
        let (keys, values, data, names) = Default::default();
        let mut overlay = Self { keys, values, data, names, all: None };
        hidden.iter().for_each(|item| overlay.add(item));
        overlay
    }

    /// Returns the overlay of a tree that is hidden as a whole.
    pub(crate) fn all(hiding: Hiding) -> Self {
        let (keys, values, data, names) = Default::default();
        Self { keys, values, data, names, all: Some(hiding) }
    }

    fn add(&mut self, item: &'d Hidden<'d>) {
        let hiding = Hiding::of(item);
        let mut key = |name: Name<'d>, key: Key<'d>| {
            if let Ok(Some(parent)) = key.parent() {
                self.keys.entry(parent.offset().get()).or_default().push((name, key, hiding));
            }
        };
        let owner = item.key.map(|cell| cell.file_offset().get());
        match &item.item {
            Item::Key(hidden) => key(hidden.name(), *hidden),
            Item::KeyName { key: named, name } => {
                key(*name, *named);
                self.names.insert(named.offset().get(), *name);
            }
            Item::Value(value) => self.value(owner, value.name(), *value, hiding),
            Item::ValueName { value, name } => self.value(owner, *name, *value, hiding),
            Item::Data { value, .. } => drop(self.data.insert(value.offset().get(), item)),
        }
    }

    fn value(&mut self, key: Option<u64>, name: Name<'d>, value: Value<'d>, hiding: Hiding) {
        if let Some(key) = key {
            self.values.entry(key).or_default().push((name, value, hiding));
        }
    }

    /// Returns the field that hides the whole tree; `None` if no field hides it.
    pub(crate) const fn hides_all(&self) -> Option<Hiding> {
        self.all
    }

    /// Returns the hidden subkeys of a key.
    pub(crate) fn subkeys(&self, key: Key<'d>) -> &[(Name<'d>, Key<'d>, Hiding)] {
        self.keys.get(&key.offset().get()).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the hidden values of a key.
    pub(crate) fn values(&self, key: Key<'d>) -> &[(Name<'d>, Value<'d>, Hiding)] {
        self.values.get(&key.offset().get()).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the hidden data of a value.
    pub(crate) fn data(&self, value: Value<'d>) -> Option<&'d Hidden<'d>> {
        self.data.get(&value.offset().get()).copied()
    }

    /// Returns the name under which a look-up finds a key.
    pub(crate) fn name(&self, key: Key<'d>) -> Name<'d> {
        self.names.get(&key.offset().get()).copied().unwrap_or(key.name())
    }
}
