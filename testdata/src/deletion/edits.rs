// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`Edits`]: deletion and creation of keys in a hive.

use std::ops::Range;

use super::heap::Heap;
use super::node::{Node, Shared, nodes};
use super::slack::{Fill, Pattern, Place};
use super::truth::{Deleted, DeletedKind, Overwritten, Pending, Snapshot};
use crate::forged::Forged;
use crate::group::Form;
use crate::options::Options;
use crate::record::{self, KeyLinks};
use crate::space::NIL;
use crate::tree::{Key, Name, Tree};
use crate::upcase;
use crate::write;

/// Offsets of fields in an nk.
pub(super) mod nk {
    pub(in crate::deletion) const LAST_WRITTEN: usize = 4;
    pub(in crate::deletion) const SUBKEY_COUNT: usize = 20;
    pub(in crate::deletion) const SUBKEYS: usize = 28;
    pub(in crate::deletion) const VALUE_COUNT: usize = 36;
    pub(in crate::deletion) const VALUES: usize = 40;
    pub(in crate::deletion) const SECURITY: usize = 44;
    pub(in crate::deletion) const CLASS: usize = 48;
    pub(in crate::deletion) const LARGEST_SUBKEY_NAME: usize = 52;
    pub(in crate::deletion) const LARGEST_SUBKEY_CLASS: usize = 56;
    pub(in crate::deletion) const LARGEST_VALUE_NAME: usize = 60;
    pub(in crate::deletion) const LARGEST_VALUE_DATA: usize = 64;
}

/// A key of an edited hive, live or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub(super) usize);

/// A hive that is being edited. Times are FILETIMEs, in ascending order.
#[derive(Clone, Debug)]
pub struct Edits {
    pub(super) heap: Heap,
    pub(super) form: Form,
    pub(super) nodes: Vec<Node>,
    /// Security descriptors in the order of their ring.
    pub(super) securities: Vec<Shared>,
    pub(super) pending: Vec<Pending>,
    /// Bytes after the last bin.
    pub(super) remnant: Vec<u8>,
    /// Spare bytes of value lists, subkey lists and data in new cells.
    pub(super) spare: u32,
    /// Time of the last edit.
    pub(super) time: Option<u64>,
    pub(super) last_sequence: u32,
}

impl Edits {
    /// Returns the hive of `tree`, written by [`write()`](crate::write()), before any edit.
    ///
    /// # Panics
    ///
    /// As [`write()`](crate::write()).
    pub fn new(tree: &Tree, options: &Options) -> Self {
        let hive = write(tree, options);
        Self::of(hive, tree, options)
    }

    fn of(hive: Forged, tree: &Tree, options: &Options) -> Self {
        let (nodes, securities) = nodes(&hive, tree, options.sort);
        Self {
            heap: Heap::new(hive.bytes, options.minor, &hive.map.bins),
            form: Form::new(options),
            nodes,
            securities,
            pending: Vec::new(),
            remnant: Vec::new(),
            spare: 0,
            time: None,
            last_sequence: options.primary_sequence,
        }
    }

    /// Returns the root key.
    pub fn root(&self) -> KeyId {
        KeyId(0)
    }

    /// Returns the live key at `path` below the root, with names separated by backslashes.
    pub fn find(&self, path: &str) -> Option<KeyId> {
        let mut key = self.root();
        for name in path.split('\\').filter(|name| !name.is_empty()) {
            let units = Name::from(name).units();
            let same = |key: &&KeyId| upcase::compare(&self.name(**key).units(), &units).is_eq();
            key = self.subkeys(key).iter().find(same).copied()?;
        }
        Some(key)
    }

    /// Returns the live key at `path`.
    ///
    /// # Panics
    ///
    /// If the key does not exist.
    pub fn key(&self, path: &str) -> KeyId {
        self.find(path).unwrap_or_else(|| panic!("no live key {path:?}"))
    }

    /// Returns the live keys, each before its subkeys.
    pub fn keys(&self) -> Vec<KeyId> {
        let mut keys = vec![self.root()];
        let mut done = 0;
        while let Some(&key) = keys.get(done) {
            keys.extend(self.subkeys(key));
            done += 1;
        }
        keys
    }

    /// Returns the subkeys of a key in their order.
    pub fn subkeys(&self, key: KeyId) -> Vec<KeyId> {
        self.nodes[key.0].subkeys.iter().map(|&subkey| KeyId(subkey)).collect()
    }

    /// Returns a key without its subkeys, in its present state or in the state at its deletion.
    pub fn content(&self, key: KeyId) -> &Key {
        &self.nodes[key.0].key
    }

    /// Returns the name of a key.
    pub fn name(&self, key: KeyId) -> &Name {
        &self.nodes[key.0].key.name
    }

    /// Number of deletions so far.
    pub fn deleted(&self) -> usize {
        self.pending.len()
    }

    /// Number of freed bytes that are overwritten by now, and number of freed bytes.
    pub fn overwritten(&self) -> (usize, usize) {
        self.heap.overwritten()
    }

    /// Sets the number of spare bytes of value lists, subkey lists and data in new cells.
    pub fn spare(&mut self, bytes: u32) -> &mut Self {
        self.spare = bytes;
        self
    }

    /// Sets whether new cells avoid freed content, as in a hive with enough other room. By default
    /// a new cell takes the first free cell that fits.
    pub fn keep_deleted(&mut self, keep: bool) -> &mut Self {
        self.heap.keep = keep;
        self
    }

    /// Fills a place with bytes. Freed content stays: only bytes that were never part of a cell's
    /// content are filled.
    pub fn fill(&mut self, place: Place, fill: Fill, seed: u64) -> &mut Self {
        let mut pattern = Pattern::new(fill, seed);
        let ranges = match place {
            Place::Remnant(len) => {
                self.remnant = pattern.bytes(len);
                Vec::new()
            }
            Place::FreeCells => self.heap.free_content(),
            Place::Data => self.data_slack(),
            Place::ValueLists => self.value_list_slack(),
            Place::SubkeyLists => self.subkey_list_slack(),
        };
        for range in ranges {
            self.heap.put_unused(range.start, &pattern.bytes(range.len()));
        }
        if place == Place::FreeCells {
            self.heap.pattern = Some(pattern);
        }
        self
    }

    /// Deletes a key and everything below it. Subkeys are deleted before their parent, the last one
    /// first.
    ///
    /// # Panics
    ///
    /// If the key is the root or already deleted.
    pub fn delete_key(&mut self, key: KeyId, time: u64) -> &mut Self {
        while let Some(&subkey) = self.nodes[key.0].subkeys.last() {
            self.delete_key(KeyId(subkey), time);
        }
        self.delete_leaf(key.0, time);
        self
    }

    /// Does what one call of NtDeleteKey does.
    fn delete_leaf(&mut self, number: usize, time: u64) {
        let node = &self.nodes[number];
        assert!(!node.deleted && number != 0, "the root and deleted keys cannot be deleted");
        let (parent, list, cell) = (node.parent, node.value_list, node.cell);
        self.list_values(number, list);
        self.list_key(number);
        self.take_subkey(parent, number, time);
        let values = std::mem::take(&mut self.nodes[number].values);
        for value in values.iter().rev() {
            self.release_data(&value.data);
            self.heap.release(value.cell);
        }
        if list != NIL {
            self.heap.release(list);
        }
        self.release_security(number);
        if self.nodes[number].class != NIL {
            self.heap.release(self.nodes[number].class);
        }
        self.heap.release(cell);
        self.nodes[number].deleted = true;
    }

    /// Creates a key with the content of `key` below another key. Its values and subkeys are
    /// created one after another, all at `time`.
    ///
    /// # Panics
    ///
    /// If a key of this name exists.
    pub fn add_key(&mut self, parent: KeyId, key: Key, time: u64) -> KeyId {
        let Key { values, subkeys, .. } = key;
        let key = Key { values: Vec::new(), subkeys: Vec::new(), last_written: time, ..key };
        let number = self.nodes.len();
        let links = KeyLinks {
            parent: self.nodes[parent.0].cell,
            subkeys: NIL,
            subkey_count: 0,
            values: NIL,
            security: NIL,
            class: NIL,
            largest_subkey_name: 0,
            largest_subkey_class: 0,
        };
        let cell = self.heap.allocate(&record::key(&key, self.form.minor, &links), 0);
        let mut node = Node::new(key, parent.0, cell);
        if let Some(class) = node.key.class.as_ref().filter(|class| !class.is_empty()) {
            let bytes: Vec<u8> = class.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            node.class = self.heap.allocate(&bytes, 0);
            self.heap.put_u32(cell, nk::CLASS, node.class);
        }
        self.nodes.push(node);
        self.take_security(number);
        self.put_subkey(parent.0, number, time);
        let made = KeyId(number);
        for value in values {
            self.set_value(made, value, time);
        }
        for subkey in subkeys {
            self.add_key(made, subkey, time);
        }
        made
    }

    /// Sets the last-written time of a changed key.
    pub(super) fn touch(&mut self, number: usize, time: u64) {
        let node = &mut self.nodes[number];
        node.key.last_written = time;
        let place = self.heap.content(node.cell) + nk::LAST_WRITTEN;
        self.heap.put(place, &time.to_le_bytes());
        self.time = Some(self.time.map_or(time, |before| before.max(time)));
    }

    /// Returns the parents, from below the root.
    pub(super) fn parents(&self, mut number: usize) -> Vec<usize> {
        let mut parents = Vec::new();
        while number != 0 {
            number = self.nodes[number].parent;
            parents.push(number);
        }
        parents.pop();
        parents.reverse();
        parents
    }

    /// Returns the names of keys.
    pub(super) fn path(&self, keys: &[usize]) -> Vec<Name> {
        keys.iter().map(|&key| self.nodes[key].key.name.clone()).collect()
    }

    /// Notes that a key will be deleted.
    fn list_key(&mut self, number: usize) {
        let node = &self.nodes[number];
        let parents = self.parents(number);
        let mut path = self.path(&parents);
        path.push(node.key.name.clone());
        let (record, name) = self.record(node.cell, record::KEY, &node.key.name);
        let list = (node.value_list != NIL).then(|| {
            let content = self.heap.content(node.value_list);
            content..content + 4 * node.values.len()
        });
        let deleted = Deleted {
            kind: DeletedKind::Key,
            path,
            name: node.key.name.clone(),
            last_written: node.key.last_written,
            value_type: 0,
            data: Vec::new(),
            cell: node.cell,
            alone: false,
            referenced: false,
            overwritten: Overwritten::default(),
        };
        let bytes = &self.heap.bytes;
        self.pending.push(Pending {
            deleted,
            record: Snapshot::of(bytes, [record]),
            name: Snapshot::of(bytes, [name]),
            value_list: Snapshot::of(bytes, list),
            data: Snapshot::default(),
            parents,
            key: number,
        });
    }

    /// Ranges of the fixed part and of the name of an nk or vk.
    pub(super) fn record(
        &self,
        cell: u32,
        fixed: u32,
        name: &Name,
    ) -> (Range<usize>, Range<usize>) {
        let content = self.heap.content(cell);
        let end = content + fixed as usize;
        (content..end, end..end + name.encode(self.form.minor).0.len())
    }
}
