// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`Edited`]: the hive after all edits, and its deleted items.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::edits::Edits;
use super::node::{DataCells, Node, tree};
use super::truth::{Deleted, DeletedKind, Overwritten, Pending};
use crate::base_block;
use crate::forged::Forged;
use crate::group::{Kind, Part, Shape};
use crate::map::{self, Map, Record};
use crate::options::ListKind;
use crate::record::{self, SEGMENT};
use crate::space::BASE_BLOCK;
use crate::tree::Tree;

/// Result of edits.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The hive. Its map has the live records, and the free cells at the end of a bin.
    pub hive: Forged,
    /// Deleted items, in the order of their deletion.
    pub truth: Vec<Deleted>,
    /// Live tree.
    pub live: Tree,
}

impl Edits {
    /// Returns the hive after the edits, with sequence numbers, times and checksum of the base
    /// block like after one flush.
    pub fn finish(&self) -> Edited {
        let mut bytes = self.heap.bytes.clone();
        if let Some(time) = self.time {
            let before = bytes[12..20].try_into().expect("eight bytes");
            let time = time.max(u64::from_le_bytes(before));
            let sequence = self.last_sequence.wrapping_add(1).to_le_bytes();
            bytes[4..8].copy_from_slice(&sequence);
            bytes[8..12].copy_from_slice(&sequence);
            bytes[12..20].copy_from_slice(&time.to_le_bytes());
            bytes[BASE_BLOCK + 20..BASE_BLOCK + 28].copy_from_slice(&time.to_le_bytes());
        }
        let bins_size = (bytes.len() - BASE_BLOCK) as u32;
        bytes[40..44].copy_from_slice(&bins_size.to_le_bytes());
        base_block::seal(&mut bytes);
        bytes.extend_from_slice(&self.remnant);
        let hive = Forged { bytes, map: self.map(), names: OnceLock::new() };
        Edited { hive, truth: self.truth(), live: tree(&self.nodes) }
    }

    /// Compares the deleted items with the bytes of the hive.
    fn truth(&self) -> Vec<Deleted> {
        let bytes = &self.heap.bytes;
        let overwritten: Vec<Overwritten> =
            self.pending.iter().map(|pending| pending.overwritten(bytes)).collect();
        let of_keys = self.pending.iter().zip(&overwritten);
        let of_keys = of_keys.filter(|(pending, _)| pending.deleted.kind == DeletedKind::Key);
        let lost: HashMap<usize, bool> =
            of_keys.map(|(pending, lost)| (pending.key, lost.record || lost.name)).collect();
        let parents = |pending: &Pending| {
            let keys = pending.parents.iter();
            keys.map(|key| lost.get(key).copied().unwrap_or(false)).collect()
        };
        let all = self.pending.iter().zip(&overwritten);
        all.map(|(pending, overwritten)| Deleted {
            referenced: pending.deleted.alone && self.is_named(pending),
            overwritten: Overwritten { parents: parents(pending), ..overwritten.clone() },
            ..pending.deleted.clone()
        })
        .collect()
    }

    /// Whether a freed element of a list of its key names the vk.
    fn is_named(&self, value: &Pending) -> bool {
        let wanted = value.deleted.cell.to_le_bytes();
        self.nodes[value.key].value_lists.iter().any(|list| {
            list.clone().step_by(4).any(|at| {
                let element = at..at + 4;
                self.heap.bytes.get(element.clone()) == Some(&wanted[..])
                    && self.heap.is_given_up(element)
            })
        })
    }

    /// Returns the records of the live keys.
    fn map(&self) -> Map {
        let mut map = Map::new(self.form.minor, &self.heap.bins());
        let part = |kind, shape, index: usize, len: usize| Part {
            kind,
            shape,
            value: 0,
            index: index as u32,
            len: len as u32,
        };
        // Live keys depth first, with new numbers.
        let mut order = Vec::new();
        let mut rest = vec![0];
        while let Some(number) = rest.pop() {
            order.push(number);
            rest.extend(self.nodes[number].subkeys.iter().rev());
        }
        let numbers = order.iter().enumerate();
        let numbers: HashMap<usize, u32> =
            numbers.map(|(new, &number)| (number, new as u32)).collect();
        for number in order {
            let node = &self.nodes[number];
            let start = map.records.len();
            self.records(node, &mut map.records);
            map.nodes.push(map::Node {
                name: node.key.name.clone(),
                values: node.key.values.iter().map(|value| value.name.clone()).collect(),
                subkeys: node.subkeys.iter().map(|subkey| numbers[subkey]).collect(),
                records: start..map.records.len(),
            });
        }
        let live = self.securities.iter().filter(|shared| shared.references > 0);
        for (number, shared) in live.enumerate() {
            let len = record::SECURITY as usize + shared.descriptor.0.len();
            let security = part(Kind::Security, Shape::Security, number, len);
            map.records.push(Record::cell(security, shared.cell));
        }
        map
    }

    /// Returns the records of one key.
    fn records(&self, node: &Node, records: &mut Vec<Record>) {
        let mut add = |kind, shape, (value, index): (usize, usize), len: usize, cell| {
            let (value, index) = (value as u32, index as u32);
            let part = Part { kind, shape, value, index, len: len as u32 };
            records.push(Record::cell(part, cell));
        };
        let name_len = |name: &crate::tree::Name| name.encode(self.form.minor).0.len();
        let key_len = record::KEY as usize + name_len(&node.key.name);
        add(Kind::Key, Shape::Key, (0, 0), key_len, node.cell);
        if let Some(class) = node.key.class.as_ref().filter(|class| !class.is_empty()) {
            add(Kind::Class, Shape::Class, (0, 0), 2 * class.len(), node.class);
        }
        if !node.values.is_empty() {
            let len = 4 * node.values.len();
            add(Kind::Values, Shape::Offsets, (0, 0), len, node.value_list);
        }
        for (number, (value, cells)) in node.key.values.iter().zip(&node.values).enumerate() {
            let len = record::VALUE as usize + name_len(&value.name);
            add(Kind::Value, Shape::Value, (number, 0), len, cells.cell);
            match &cells.data {
                DataCells::Inline => {}
                DataCells::One(cell) => {
                    add(Kind::Data, Shape::Data, (number, 0), value.data.len(), *cell);
                }
                DataCells::Big { db, list, segments } => {
                    let len = record::BIG_DATA as usize;
                    add(Kind::Data, Shape::BigData, (number, 0), len, *db);
                    add(Kind::Segments, Shape::Offsets, (number, 0), 4 * segments.len(), *list);
                    let parts = value.data.chunks(SEGMENT);
                    for (index, (part, &segment)) in parts.zip(segments).enumerate() {
                        add(Kind::Segment, Shape::Data, (number, index), part.len(), segment);
                    }
                }
            }
        }
        let narrow = self.form.list == ListKind::Li;
        let (shape, size) = if narrow { (Shape::NarrowList, 4) } else { (Shape::WideList, 8) };
        let kind = if node.index_root.is_some() { Kind::Leaf } else { Kind::List };
        for (index, leaf) in node.leaves.iter().enumerate() {
            add(kind, shape, (0, index), 4 + size * leaf.count, leaf.cell);
        }
        if let Some(cell) = node.index_root {
            let len = 4 + 4 * node.leaves.len();
            add(Kind::List, Shape::NarrowList, (0, 0), len, cell);
        }
    }
}
