// SPDX-License-Identifier: MIT OR Apache-2.0

//! The keys of a hive with their cells.

use std::collections::HashMap;
use std::ops::Range;

use crate::forged::Forged;
use crate::group::{Kind, Shape};
use crate::record;
use crate::space::{BASE_BLOCK, NIL, cell_header, cell_size};
use crate::tree::{Key, Name, Security, Tree, Value};
use crate::upcase;
use crate::write::flatten;

/// A key with the offsets of its cells, relative to the bins data.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The key with its values, without its subkeys.
    pub(super) key: Key,
    /// Number of the parent; for the root, its own number.
    pub(super) parent: usize,
    /// Numbers of the subkeys, in the order of the list.
    pub(super) subkeys: Vec<usize>,
    pub(super) cell: u32,
    /// NIL without a class name.
    pub(super) class: u32,
    /// NIL without values.
    pub(super) value_list: u32,
    /// A cell for each value.
    pub(super) values: Vec<ValueCells>,
    /// The ri, if the key has one.
    pub(super) index_root: Option<u32>,
    /// Leaves of an ri, or the only list.
    pub(super) leaves: Vec<Leaf>,
    /// Index of the security descriptor.
    pub(super) security: Option<usize>,
    pub(super) deleted: bool,
    /// Former and present value lists of the key: the content of their cells, as ranges of the
    /// file.
    pub(super) value_lists: Vec<Range<usize>>,
}

impl Node {
    /// Returns a key at `cell` without values and subkeys.
    pub(super) fn new(key: Key, parent: usize, cell: u32) -> Self {
        Self {
            key,
            parent,
            subkeys: Vec::new(),
            cell,
            class: NIL,
            value_list: NIL,
            values: Vec::new(),
            index_root: None,
            leaves: Vec::new(),
            security: None,
            deleted: false,
            value_lists: Vec::new(),
        }
    }
}

/// The cells of a value.
#[derive(Clone, Debug)]
pub(super) struct ValueCells {
    pub(super) cell: u32,
    pub(super) data: DataCells,
}

/// The cells of data.
#[derive(Clone, Debug)]
pub(super) enum DataCells {
    /// The data are inline or empty.
    Inline,
    /// One cell.
    One(u32),
    /// A db, its list, and the segments.
    Big { db: u32, list: u32, segments: Vec<u32> },
}

/// A list of subkeys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub(super) cell: u32,
    pub(super) count: usize,
}

/// A security descriptor that keys share.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) descriptor: Security,
    pub(super) cell: u32,
    pub(super) references: u32,
}

/// Returns the keys of a hive that was written from `tree`, the root first, and its security
/// descriptors in the order of their ring.
pub(super) fn nodes(hive: &Forged, tree: &Tree, sort: bool) -> (Vec<Node>, Vec<Shared>) {
    let place = |number: usize| (hive.map.records[number].offset - BASE_BLOCK) as u32;
    let header = cell_header(hive.map.minor) as usize;
    let mut shared = Vec::new();
    let mut nodes: Vec<Node> = Vec::new();
    for (flat, written) in flatten(tree, sort).iter().zip(&hive.map.nodes) {
        let key = Key { subkeys: Vec::new(), ..flat.key.clone() };
        let parent = if flat.parent == NIL { 0 } else { flat.parent as usize };
        let mut node = Node::new(key, parent, place(written.records.start));
        node.subkeys = flat.subkeys.iter().map(|&subkey| subkey as usize).collect();
        for number in written.records.clone() {
            let part = hive.map.records[number].part;
            let cell = place(number);
            let element = if part.shape == Shape::WideList { 8 } else { 4 };
            let elements = || (part.len as usize - 4) / element;
            match part.kind {
                Kind::Class => node.class = cell,
                Kind::Values => {
                    node.value_list = cell;
                    let cell_start = BASE_BLOCK + cell as usize;
                    let end = cell_start + cell_size(part.len, hive.map.minor) as usize;
                    node.value_lists.push(cell_start + header..end);
                }
                Kind::Value => node.values.push(ValueCells { cell, data: DataCells::Inline }),
                Kind::Data => {
                    let value = node.values.last_mut().expect("a vk comes before its data");
                    value.data = if part.shape == Shape::BigData {
                        DataCells::Big { db: cell, list: NIL, segments: Vec::new() }
                    } else {
                        DataCells::One(cell)
                    };
                }
                Kind::Segments | Kind::Segment => {
                    let value = node.values.last_mut().expect("a vk comes before its data");
                    if let DataCells::Big { list, segments, .. } = &mut value.data {
                        match part.kind {
                            Kind::Segments => *list = cell,
                            _ => segments.push(cell),
                        }
                    }
                }
                Kind::Leaf => node.leaves.push(Leaf { cell, count: elements() }),
                Kind::List if node.leaves.is_empty() => {
                    node.leaves.push(Leaf { cell, count: elements() });
                }
                Kind::List => node.index_root = Some(cell),
                _ => {}
            }
        }
        nodes.push(node);
    }
    let mut known: HashMap<Security, usize> = HashMap::new();
    for record in hive.map.records.iter().filter(|record| record.part.kind == Kind::Security) {
        let start = record.offset + header + record::SECURITY as usize;
        let len = (record.part.len - record::SECURITY) as usize;
        let descriptor = Security(hive.bytes[start..start + len].to_vec());
        known.insert(descriptor.clone(), shared.len());
        let cell = (record.offset - BASE_BLOCK) as u32;
        shared.push(Shared { descriptor, cell, references: 0 });
    }
    for node in &mut nodes {
        node.security = known.get(&node.key.security).copied();
        if let Some(number) = node.security {
            shared[number].references += 1;
        }
    }
    (nodes, shared)
}

/// Returns the tree of the live keys.
pub(super) fn tree(nodes: &[Node]) -> Tree {
    // Subkeys have higher numbers than their parents, even if they were created later.
    let mut keys: Vec<Option<Key>> = nodes.iter().map(|node| Some(node.key.clone())).collect();
    for number in (0..nodes.len()).rev() {
        let subkeys = nodes[number].subkeys.iter();
        let subkeys = subkeys.map(|&subkey| keys[subkey].take().expect("a key has one parent"));
        let subkeys: Vec<Key> = subkeys.collect();
        keys[number].as_mut().expect("its parent comes later").subkeys = subkeys;
    }
    Tree { root: keys[0].take().expect("the root has no parent") }
}

/// Value of this name among the values of a key.
pub(super) fn position(values: &[Value], name: &Name) -> Option<usize> {
    let units = name.units();
    values.iter().position(|value| upcase::compare(&value.name.units(), &units).is_eq())
}
