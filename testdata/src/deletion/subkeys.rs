// SPDX-License-Identifier: MIT OR Apache-2.0

//! Subkeys enter and leave the list of their parent.

use std::ops::Range;

use super::edits::{Edits, nk};
use super::node::Leaf;
use crate::record::{self, Element, element_size};
use crate::space::NIL;
use crate::upcase;

/// Bytes of a list before its elements.
const HEADER: usize = 4;
/// Bytes of an element of an ri.
const OF_INDEX_ROOT: usize = 4;

impl Edits {
    /// Removes a subkey from the list of its parent. The following elements move down, and the last
    /// element remains in the slack. An empty list is freed.
    pub(super) fn take_subkey(&mut self, parent: usize, number: usize, time: u64) {
        let node = &self.nodes[parent];
        let place = node.subkeys.iter().position(|&subkey| subkey == number);
        let (leaf, element) = self.leaf_of(parent, place.expect("a parent lists its subkey"));
        let Leaf { cell, count } = self.nodes[parent].leaves[leaf];
        self.take_element(cell, self.element_size(), element, count);
        if count > 1 {
            self.nodes[parent].leaves[leaf].count -= 1;
        } else {
            let leaves = self.nodes[parent].leaves.len();
            self.nodes[parent].leaves.remove(leaf);
            self.heap.release(cell);
            if let Some(index_root) = self.nodes[parent].index_root {
                self.take_element(index_root, OF_INDEX_ROOT, leaf, leaves);
                if leaves == 1 {
                    self.heap.release(index_root);
                    self.nodes[parent].index_root = None;
                }
            }
        }
        let node = &mut self.nodes[parent];
        node.subkeys.retain(|&subkey| subkey != number);
        let (cell, left) = (node.cell, node.subkeys.len());
        self.heap.put_u32(cell, nk::SUBKEY_COUNT, left as u32);
        if left == 0 {
            self.heap.put_u32(cell, nk::SUBKEYS, NIL);
            let place = self.heap.content(cell);
            self.heap.put(place + nk::LARGEST_SUBKEY_NAME, &[0; 2]);
            self.heap.put_u32(cell, nk::LARGEST_SUBKEY_CLASS, 0);
        }
        self.touch(parent, time);
    }

    /// Adds a subkey to its parent's list. A full list moves.
    pub(super) fn put_subkey(&mut self, parent: usize, number: usize, time: u64) {
        let units = self.nodes[number].key.name.units();
        let order = |&subkey: &usize| upcase::compare(&self.nodes[subkey].key.name.units(), &units);
        let subkeys = &self.nodes[parent].subkeys;
        assert!(!subkeys.iter().any(|subkey| order(subkey).is_eq()), "two keys of one name");
        let place = subkeys.iter().position(|subkey| order(subkey).is_gt());
        let place = place.unwrap_or(subkeys.len());
        let key = &self.nodes[number];
        let (name_len, class_len) =
            (2 * key.key.name.len(), 2 * key.key.class.iter().flatten().count());
        let added = Element::new(key.cell, &key.key.name);
        let added = &record::leaf(self.form.list, &[added])[HEADER..];
        if self.nodes[parent].leaves.is_empty() {
            let cell = self.heap.allocate(&[&self.leaf_header(1)[..], added].concat(), self.spare);
            self.nodes[parent].leaves.push(Leaf { cell, count: 1 });
            self.heap.put_u32(self.nodes[parent].cell, nk::SUBKEYS, cell);
        } else {
            let (mut leaf, mut element) = self.leaf_of(parent, place.saturating_sub(1));
            element += usize::from(place > 0);
            if self.nodes[parent].leaves[leaf].count >= self.form.leaf_elements {
                self.split_leaf(parent, leaf);
                let first = self.nodes[parent].leaves[leaf].count;
                if element > first {
                    (leaf, element) = (leaf + 1, element - first);
                }
            }
            let Leaf { cell, count } = self.nodes[parent].leaves[leaf];
            let moved = self.put_element(cell, self.element_size(), element, count, added);
            self.nodes[parent].leaves[leaf] = Leaf { cell: moved, count: count + 1 };
            if moved != cell {
                self.name_leaf(parent, leaf, moved);
            }
        }
        let node = &mut self.nodes[parent];
        node.subkeys.insert(place, number);
        let (cell, count) = (node.cell, node.subkeys.len());
        self.heap.put_u32(cell, nk::SUBKEY_COUNT, count as u32);
        self.raise(cell, nk::LARGEST_SUBKEY_NAME, 2, name_len);
        self.raise(cell, nk::LARGEST_SUBKEY_CLASS, 4, class_len);
        self.touch(parent, time);
    }

    /// Slack after the elements of all subkey lists.
    pub(super) fn subkey_list_slack(&self) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        for node in self.nodes.iter().filter(|node| !node.deleted) {
            let slack = |cell, size, count| self.heap.slack(cell, HEADER + size * count);
            let size = self.element_size();
            ranges.extend(node.leaves.iter().map(|leaf| slack(leaf.cell, size, leaf.count)));
            let index_root = node.index_root;
            ranges.extend(index_root.map(|cell| slack(cell, OF_INDEX_ROOT, node.leaves.len())));
        }
        ranges
    }

    /// Raises a number of a node to at least `number`.
    pub(super) fn raise(&mut self, cell: u32, field: usize, width: usize, number: usize) {
        let place = self.heap.content(cell) + field;
        let mut found = [0; 8];
        found[..width].copy_from_slice(&self.heap.bytes[place..place + width]);
        let number = u64::from_le_bytes(found).max(number as u64).to_le_bytes();
        self.heap.put(place, &number[..width]);
    }

    fn element_size(&self) -> usize {
        element_size(self.form.list) as usize
    }

    /// Returns the leaf of the subkey at this place, and the index of the element.
    fn leaf_of(&self, parent: usize, place: usize) -> (usize, usize) {
        let mut before = 0;
        for (number, leaf) in self.nodes[parent].leaves.iter().enumerate() {
            if place < before + leaf.count {
                return (number, place - before);
            }
            before += leaf.count;
        }
        panic!("no subkey {place} of {before}");
    }

    /// Returns the signature and count of a leaf.
    fn leaf_header(&self, count: u16) -> [u8; HEADER] {
        let empty = record::leaf(self.form.list, &[]);
        let [low, high] = count.to_le_bytes();
        [empty[0], empty[1], low, high]
    }

    /// Removes an element from a list of `count` elements.
    fn take_element(&mut self, list: u32, size: usize, element: usize, count: usize) {
        let content = self.heap.content(list);
        let at = |element: usize| content + HEADER + element * size;
        let behind = self.heap.bytes[at(element + 1)..at(count)].to_vec();
        self.heap.put(at(element), &behind);
        self.heap.put(content + 2, &(count as u16 - 1).to_le_bytes());
        self.heap.give_up(at(count - 1)..at(count));
    }

    /// Inserts an element into a list of `count` elements. Returns the cell of the list, which is a
    /// new cell if the old one is full.
    fn put_element(
        &mut self,
        list: u32,
        size: usize,
        element: usize,
        count: usize,
        added: &[u8],
    ) -> u32 {
        let content = self.heap.content(list);
        let at = |element: usize| HEADER + element * size;
        let mut bytes = self.heap.bytes[content..content + at(count)].to_vec();
        bytes.splice(at(element)..at(element), added.iter().copied());
        bytes[2..4].copy_from_slice(&(count as u16 + 1).to_le_bytes());
        if bytes.len() <= self.heap.capacity(list) as usize {
            self.heap.put(content, &bytes);
            return list;
        }
        let moved = self.heap.allocate(&bytes, self.spare);
        self.heap.release(list);
        moved
    }

    /// Moves the second half of a full leaf to a new leaf after it.
    fn split_leaf(&mut self, parent: usize, leaf: usize) {
        let Leaf { cell, count } = self.nodes[parent].leaves[leaf];
        let first = count.div_ceil(2);
        let content = self.heap.content(cell);
        let at = |element: usize| content + HEADER + element * self.element_size();
        let later = at(first)..at(count);
        let header = self.leaf_header((count - first) as u16);
        let bytes = [&header[..], &self.heap.bytes[later.clone()]].concat();
        let made = self.heap.allocate(&bytes, self.spare);
        self.heap.put(content + 2, &(first as u16).to_le_bytes());
        self.heap.give_up(later);
        let leaves = self.nodes[parent].leaves.len();
        let index_root = match self.nodes[parent].index_root {
            Some(index_root) => {
                let named = made.to_le_bytes();
                self.put_element(index_root, OF_INDEX_ROOT, leaf + 1, leaves, &named)
            }
            None => self.heap.allocate(&record::index_root(&[cell, made]), self.spare),
        };
        self.heap.put_u32(self.nodes[parent].cell, nk::SUBKEYS, index_root);
        let node = &mut self.nodes[parent];
        node.index_root = Some(index_root);
        node.leaves[leaf].count = first;
        node.leaves.insert(leaf + 1, Leaf { cell: made, count: count - first });
    }

    /// Updates the reference to a moved leaf.
    fn name_leaf(&mut self, parent: usize, leaf: usize, moved: u32) {
        match self.nodes[parent].index_root {
            Some(index_root) => {
                self.heap.put_u32(index_root, HEADER + OF_INDEX_ROOT * leaf, moved);
            }
            None => self.heap.put_u32(self.nodes[parent].cell, nk::SUBKEYS, moved),
        }
    }
}
