// SPDX-License-Identifier: MIT OR Apache-2.0

//! The cells of one key: its node, class name, values, data and subkey list.

use crate::options::{ListKind, Options};
use crate::record::{self, Element, KeyLinks};
use crate::space::NIL;
use crate::tree::{Key, Name, Value};

/// Purpose of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Base,
    Bin,
    Free,
    Security,
    Key,
    Class,
    Values,
    Value,
    Data,
    Segments,
    Segment,
    Leaf,
    List,
}

/// Content of a cell, which determines its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Base,
    Bin,
    Free,
    Security,
    Key,
    Class,
    /// Offsets only.
    Offsets,
    Value,
    /// Raw data.
    Data,
    BigData,
    /// li or ri.
    NarrowList,
    /// lf or lh.
    WideList,
}

/// One cell of a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) kind: Kind,
    pub(crate) shape: Shape,
    /// Index of the value that the cell belongs to.
    pub(crate) value: u32,
    /// Index of the leaf or segment.
    pub(crate) index: u32,
    /// Size of the content in bytes, without the cell header.
    pub(crate) len: u32,
}

/// The [`Options`] that affect records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    pub(crate) minor: u32,
    pub(crate) list: ListKind,
    pub(crate) leaf_elements: usize,
}

impl Form {
    pub(crate) fn new(options: &Options) -> Self {
        let Options { minor, list, leaf_elements, .. } = *options;
        assert!((1..=6).contains(&minor), "there is no version 1.{minor}");
        assert!(leaf_elements > 0, "a leaf holds at least one element");
        Self { minor, list: list.resolve(minor), leaf_elements }
    }

    fn has_big_data(self, value: &Value) -> bool {
        self.minor >= 4 && value.data.len() > record::SEGMENT
    }

    /// Adds the cells of `key`, which has `subkeys` subkeys, in the order in which Windows places
    /// them.
    pub(crate) fn parts(self, key: &Key, subkeys: usize, parts: &mut Vec<Part>) {
        let name_len = |name: &Name| name.encode(self.minor).0.len() as u32;
        let mut add = |kind, shape, value: usize, index: usize, len: u32| {
            parts.push(Part { kind, shape, value: value as u32, index: index as u32, len });
        };
        add(Kind::Key, Shape::Key, 0, 0, record::KEY + name_len(&key.name));
        if let Some(class) = key.class.as_ref().filter(|class| !class.is_empty()) {
            add(Kind::Class, Shape::Class, 0, 0, 2 * class.len() as u32);
        }
        if !key.values.is_empty() {
            add(Kind::Values, Shape::Offsets, 0, 0, 4 * key.values.len() as u32);
        }
        for (number, value) in key.values.iter().enumerate() {
            let len = value.data.len();
            add(Kind::Value, Shape::Value, number, 0, record::VALUE + name_len(&value.name));
            if self.has_big_data(value) {
                let segments = len.div_ceil(record::SEGMENT);
                add(Kind::Data, Shape::BigData, number, 0, record::BIG_DATA);
                add(Kind::Segments, Shape::Offsets, number, 0, 4 * segments as u32);
                for (index, segment) in value.data.chunks(record::SEGMENT).enumerate() {
                    add(Kind::Segment, Shape::Data, number, index, segment.len() as u32);
                }
            } else if len > record::INLINE {
                add(Kind::Data, Shape::Data, number, 0, len as u32);
            }
        }
        let list = if self.list == ListKind::Li { Shape::NarrowList } else { Shape::WideList };
        let list_len = |elements: usize| 4 + record::element_size(self.list) * elements as u32;
        if subkeys > self.leaf_elements {
            let leaves = subkeys.div_ceil(self.leaf_elements);
            for leaf in 0..leaves {
                let elements = self.leaf_elements.min(subkeys - leaf * self.leaf_elements);
                add(Kind::Leaf, list, 0, leaf, list_len(elements));
            }
            add(Kind::List, Shape::NarrowList, 0, 0, 4 + 4 * leaves as u32);
        } else if subkeys > 0 {
            add(Kind::List, list, 0, 0, list_len(subkeys));
        }
    }

    /// Passes the content of each of `group.parts` to `put`, with its place.
    pub(crate) fn encode(self, group: &Group<'_>, mut put: impl FnMut(u32, &[u8])) {
        let Group { key, parts, places, .. } = *group;
        let places_of = |kind: Kind| -> Vec<u32> {
            let cells = parts.iter().zip(places);
            cells.filter(|(part, _)| part.kind == kind).map(|(_, &place)| place).collect()
        };
        let first = |kind: Kind| {
            parts.iter().position(|part| part.kind == kind).map_or(NIL, |number| places[number])
        };
        for (number, part) in parts.iter().enumerate() {
            let value = || &key.values[part.value as usize];
            // The cells of a value are in sequence: vk, then data or db, segment list, segments.
            let next = || places.get(number + 1).copied().unwrap_or(NIL);
            let content = match part.kind {
                Kind::Key => record::key(
                    key,
                    self.minor,
                    &KeyLinks {
                        parent: group.parent,
                        subkeys: first(Kind::List),
                        subkey_count: group.subkeys.len() as u32,
                        values: first(Kind::Values),
                        security: group.security,
                        class: first(Kind::Class),
                        largest_subkey_name: group.largest_subkey_name,
                        largest_subkey_class: group.largest_subkey_class,
                    },
                ),
                Kind::Class => {
                    let units = key.class.iter().flatten();
                    units.flat_map(|unit| unit.to_le_bytes()).collect()
                }
                Kind::Values => record::offsets(&places_of(Kind::Value)),
                Kind::Value => {
                    let outside = value().data.len() > record::INLINE;
                    record::value(value(), self.minor, if outside { next() } else { NIL })
                }
                Kind::Data if part.shape == Shape::BigData => {
                    let segments = value().data.len().div_ceil(record::SEGMENT);
                    record::big_data(segments, next())
                }
                Kind::Data => value().data.clone(),
                Kind::Segments => record::offsets(&places[number + 1..][..part.len as usize / 4]),
                Kind::Segment => {
                    let at = part.index as usize * record::SEGMENT;
                    value().data[at..at + part.len as usize].to_vec()
                }
                Kind::Leaf => {
                    let from = part.index as usize * self.leaf_elements;
                    let to = group.subkeys.len().min(from + self.leaf_elements);
                    record::leaf(self.list, &group.subkeys[from..to])
                }
                Kind::List if group.subkeys.len() > self.leaf_elements => {
                    record::index_root(&places_of(Kind::Leaf))
                }
                Kind::List => record::leaf(self.list, group.subkeys),
                Kind::Base | Kind::Bin | Kind::Free | Kind::Security => {
                    panic!("{:?} is no cell of a key", part.kind)
                }
            };
            debug_assert_eq!(content.len(), part.len as usize, "{part:?}");
            put(places[number], &content);
        }
    }
}

/// The placed cells of one key, and the references of its node to other keys.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group<'a> {
    pub(crate) key: &'a Key,
    pub(crate) parts: &'a [Part],
    /// Cell offsets, one for each part, relative to the bins data.
    pub(crate) places: &'a [u32],
    /// NIL for the root.
    pub(crate) parent: u32,
    pub(crate) security: u32,
    /// Subkeys in the order of the list.
    pub(crate) subkeys: &'a [Element],
    pub(crate) largest_subkey_name: u32,
    pub(crate) largest_subkey_class: u32,
}
