// SPDX-License-Identifier: MIT OR Apache-2.0

//! Deletion, creation and change of values of live keys.

use std::ops::Range;

use super::edits::{Edits, KeyId, nk};
use super::node::{DataCells, ValueCells, position};
use super::truth::{Deleted, DeletedKind, Overwritten, Pending, Snapshot};
use crate::record;
use crate::space::NIL;
use crate::tree::{Name, Value};

impl Edits {
    /// Deletes a value of a live key.
    ///
    /// # Panics
    ///
    /// If no value has this name.
    pub fn delete_value(&mut self, key: KeyId, name: impl Into<Name>, time: u64) -> &mut Self {
        let name = name.into();
        let node = &self.nodes[key.0];
        let place = position(&node.key.values, &name).filter(|_| !node.deleted);
        let place = place.unwrap_or_else(|| panic!("no value {name} to delete"));
        let (cell, list, count) = (node.cell, node.value_list, node.values.len());
        self.list_value(key.0, place, true);
        let content = self.heap.content(list);
        let at = |element: usize| content + 4 * element;
        let behind = self.heap.bytes[at(place + 1)..at(count)].to_vec();
        self.heap.put(at(place), &behind);
        self.heap.give_up(at(count - 1)..at(count));
        let node = &mut self.nodes[key.0];
        node.key.values.remove(place);
        let value = node.values.remove(place);
        self.heap.put_u32(cell, nk::VALUE_COUNT, count as u32 - 1);
        if count == 1 {
            self.nodes[key.0].value_list = NIL;
            self.heap.release(list);
            self.heap.put_u32(cell, nk::VALUES, NIL);
            self.heap.put_u32(cell, nk::LARGEST_VALUE_NAME, 0);
            self.heap.put_u32(cell, nk::LARGEST_VALUE_DATA, 0);
        }
        self.release_data(&value.data);
        self.heap.release(value.cell);
        self.touch(key.0, time);
        self
    }

    /// Sets a value: creates it, or changes type and data of the value of this name. Data use the
    /// old cells as far as they have room, and new cells otherwise.
    pub fn set_value(&mut self, key: KeyId, value: Value, time: u64) -> &mut Self {
        assert!(!self.nodes[key.0].deleted, "a deleted key has no values");
        let cell = self.nodes[key.0].cell;
        let (name_len, data_len) = (2 * value.name.len(), value.data.len());
        match position(&self.nodes[key.0].key.values, &value.name) {
            Some(place) => self.change_value(key.0, place, value),
            None => self.make_value(key.0, value),
        }
        self.raise(cell, nk::LARGEST_VALUE_NAME, 4, name_len);
        self.raise(cell, nk::LARGEST_VALUE_DATA, 4, data_len);
        self.touch(key.0, time);
        self
    }

    /// Marks all values of a key for deletion with the key.
    pub(super) fn list_values(&mut self, number: usize, list: u32) {
        for place in 0..self.nodes[number].values.len() {
            self.list_value(number, place, false);
            let content = self.heap.content(list);
            let elements = content..content + 4 * self.nodes[number].values.len();
            let pending = self.pending.last_mut().expect("one was listed");
            pending.value_list = Snapshot::of(&self.heap.bytes, [elements]);
        }
    }

    /// Slack after the elements of all value lists.
    pub(super) fn value_list_slack(&self) -> Vec<Range<usize>> {
        let live = self.nodes.iter().filter(|node| !node.deleted && node.value_list != NIL);
        live.map(|node| self.heap.slack(node.value_list, 4 * node.values.len())).collect()
    }

    /// Notes that a value will be deleted.
    fn list_value(&mut self, number: usize, place: usize, alone: bool) {
        let ValueCells { cell, data } = self.nodes[number].values[place].clone();
        let Value { name, value_type, data: bytes, .. } =
            self.nodes[number].key.values[place].clone();
        let (record, name_range) = self.record(cell, record::VALUE, &name);
        let ranges = self.data_ranges(&data, bytes.len());
        let mut pending = self.former(number, name, DeletedKind::Value);
        pending.deleted = Deleted { value_type, data: bytes, cell, alone, ..pending.deleted };
        pending.record = Snapshot::of(&self.heap.bytes, [record]);
        pending.name = Snapshot::of(&self.heap.bytes, [name_range]);
        pending.data = Snapshot::of(&self.heap.bytes, ranges);
        self.pending.push(pending);
    }

    /// A part of a value that is about to be deleted.
    pub(super) fn former(&self, number: usize, name: Name, kind: DeletedKind) -> Pending {
        let mut parents = self.parents(number);
        parents.extend((number != 0).then_some(number));
        let deleted = Deleted {
            kind,
            path: self.path(&parents),
            name,
            last_written: self.nodes[number].key.last_written,
            value_type: 0,
            data: Vec::new(),
            cell: NIL,
            alone: false,
            referenced: false,
            overwritten: Overwritten::default(),
        };
        Pending {
            deleted,
            record: Snapshot::default(),
            name: Snapshot::default(),
            value_list: Snapshot::default(),
            data: Snapshot::default(),
            parents,
            key: number,
        }
    }

    fn make_value(&mut self, number: usize, value: Value) {
        let minor = self.form.minor;
        let cell = self.heap.allocate(&record::value(&value, minor, NIL), 0);
        let data = self.make_data(&value.data);
        let vk = record::value(&value, minor, first_cell(&data));
        self.heap.put(self.heap.content(cell), &vk);
        let node = &self.nodes[number];
        let (count, list) = (node.values.len(), node.value_list);
        let moved = if count == 0 {
            self.heap.allocate(&cell.to_le_bytes(), self.spare)
        } else if 4 * (count as u32 + 1) <= self.heap.capacity(list) {
            self.heap.put_u32(list, 4 * count, cell);
            list
        } else {
            let content = self.heap.content(list);
            let mut bytes = self.heap.bytes[content..content + 4 * count].to_vec();
            bytes.extend_from_slice(&cell.to_le_bytes());
            let moved = self.heap.allocate(&bytes, self.spare);
            self.heap.release(list);
            moved
        };
        let slack = self.heap.slack(moved, 0);
        let node = &mut self.nodes[number];
        if moved != list {
            node.value_lists.push(slack);
        }
        node.value_list = moved;
        node.values.push(ValueCells { cell, data });
        node.key.values.push(value);
        let (nk, count) = (node.cell, node.values.len());
        self.heap.put_u32(nk, nk::VALUE_COUNT, count as u32);
        self.heap.put_u32(nk, nk::VALUES, moved);
    }

    /// The vk keeps its offset.
    fn change_value(&mut self, number: usize, place: usize, value: Value) {
        let node = &self.nodes[number];
        let before = node.key.values[place].clone();
        let ValueCells { cell, data } = node.values[place].clone();
        let data = self.change_data(number, &before, &data, &value);
        let value = Value { name: before.name, ..value };
        let vk = record::value(&value, self.form.minor, first_cell(&data));
        self.heap.put(self.heap.content(cell), &vk);
        self.nodes[number].values[place].data = data;
        self.nodes[number].key.values[place] = value;
    }
}

/// Returns the data cell of a vk.
fn first_cell(data: &DataCells) -> u32 {
    match *data {
        DataCells::Inline => NIL,
        DataCells::One(cell) | DataCells::Big { db: cell, .. } => cell,
    }
}
