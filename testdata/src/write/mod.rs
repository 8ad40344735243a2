// SPDX-License-Identifier: MIT OR Apache-2.0

//! Writes a tree as a hive.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use crate::base_block::base_block;
use crate::forged::Forged;
use crate::group::{Form, Group, Kind, Part, Shape};
use crate::map::{Map, Node, Record};
use crate::options::{Locality, Options};
use crate::record::{self, Element};
use crate::rng::Rng;
use crate::space::{self, BASE_BLOCK, NIL, Space};
use crate::stream::order::aged;
use crate::tree::{Key, Security, Tree};
use crate::upcase;

mod over;

pub use over::write_over;

/// A key of the tree. Its number is its place in depth-first order.
pub(crate) struct Flat<'t> {
    pub(crate) key: &'t Key,
    /// NIL for the root.
    pub(crate) parent: u32,
    pub(crate) subkeys: Vec<u32>,
    /// Range of the key's cells among all cells.
    parts: Range<usize>,
    /// Number of the security descriptor; NIL for none.
    security: u32,
}

/// A security descriptor that keys share.
struct Shared<'t> {
    descriptor: &'t Security,
    references: u32,
    /// Index of the cell among all cells.
    part: usize,
}

/// Writes `tree` as a hive.
///
/// # Panics
///
/// If the format cannot hold the tree: an unknown version, or a name, count or hive that is too
/// long.
pub fn write(tree: &Tree, options: &Options) -> Forged {
    let form = Form::new(options);
    let mut keys = flatten(tree, options.sort);
    let (parts, shared) = plan(&mut keys, form);
    let (places, space) = place(&parts, options);

    let mut bytes = base_block(options, places[0], space.end());
    bytes.resize(BASE_BLOCK + space.end() as usize, 0);
    fill(&mut bytes[BASE_BLOCK..], form, &keys, &parts, &shared, &places);
    finish(&mut bytes[BASE_BLOCK..], &space, options);
    let map = map(&keys, &parts, &places, &space, form.minor);
    Forged { bytes, map, names: OnceLock::new() }
}

/// Writes all cells to their places.
fn fill(
    data: &mut [u8],
    form: Form,
    keys: &[Flat<'_>],
    parts: &[Part],
    shared: &[Shared<'_>],
    places: &[u32],
) {
    let mut put = |place: u32, content: &[u8]| {
        space::fill_cell(&mut data[place as usize..], content, form.minor);
    };
    let ring: Vec<u32> = shared.iter().map(|security| places[security.part]).collect();
    for (number, security) in shared.iter().enumerate() {
        let flink = ring[(number + 1) % ring.len()];
        let blink = ring[(number + ring.len() - 1) % ring.len()];
        let descriptor = &security.descriptor.0;
        put(ring[number], &record::security(flink, blink, security.references, descriptor));
    }
    for flat in keys {
        let subkeys = || flat.subkeys.iter().map(|&subkey| &keys[subkey as usize]);
        let elements: Vec<Element> = subkeys()
            .map(|subkey| Element::new(places[subkey.parts.start], &subkey.key.name))
            .collect();
        let units = |longest: Option<usize>| 2 * longest.unwrap_or(0) as u32;
        let class_len = |key: &Key| key.class.as_ref().map_or(0, Vec::len);
        let group = Group {
            key: flat.key,
            parts: &parts[flat.parts.clone()],
            places: &places[flat.parts.clone()],
            parent: keys.get(flat.parent as usize).map_or(NIL, |key| places[key.parts.start]),
            security: ring.get(flat.security as usize).copied().unwrap_or(NIL),
            subkeys: &elements,
            largest_subkey_name: units(subkeys().map(|subkey| subkey.key.name.len()).max()),
            largest_subkey_class: units(subkeys().map(|subkey| class_len(subkey.key)).max()),
        };
        form.encode(&group, &mut put);
    }
}

/// Writes the headers and free cells of bins.
fn finish(data: &mut [u8], space: &Space, options: &Options) {
    for &bin in &space.bins {
        let place = &mut data[bin.offset as usize..(bin.offset + bin.size) as usize];
        space::finish_bin(place, bin, options.last_written, options.minor);
    }
}

/// Returns the keys depth first, with subkeys in the order of the list.
pub(crate) fn flatten(tree: &Tree, sort: bool) -> Vec<Flat<'_>> {
    let mut keys: Vec<Flat<'_>> = Vec::new();
    let mut rest = vec![(&tree.root, NIL)];
    while let Some((key, parent)) = rest.pop() {
        let number = keys.len() as u32;
        if let Some(parent) = keys.get_mut(parent as usize) {
            parent.subkeys.push(number);
        }
        keys.push(Flat { key, parent, subkeys: Vec::new(), parts: 0..0, security: NIL });
        let mut subkeys: Vec<&Key> = key.subkeys.iter().collect();
        if sort {
            subkeys.sort_by_cached_key(|subkey| upcased(subkey));
        }
        rest.extend(subkeys.into_iter().rev().map(|subkey| (subkey, number)));
    }
    keys
}

fn upcased(key: &Key) -> Vec<u16> {
    key.name.units().into_iter().map(upcase::upcase).collect()
}

/// All cells, depth first. Each security descriptor follows the first key that has it.
fn plan<'t>(keys: &mut [Flat<'t>], form: Form) -> (Vec<Part>, Vec<Shared<'t>>) {
    let (mut parts, mut shared) = (Vec::new(), Vec::<Shared<'_>>::new());
    let mut known: HashMap<&Security, u32> = HashMap::new();
    for flat in keys {
        let start = parts.len();
        form.parts(flat.key, flat.subkeys.len(), &mut parts);
        flat.parts = start..parts.len();
        let descriptor = &flat.key.security;
        if descriptor.0.is_empty() {
            continue;
        }
        flat.security = *known.entry(descriptor).or_insert_with(|| {
            let number = shared.len() as u32;
            shared.push(Shared { descriptor, references: 0, part: parts.len() });
            let len = record::SECURITY + descriptor.0.len() as u32;
            let (kind, shape) = (Kind::Security, Shape::Security);
            parts.push(Part { kind, shape, value: 0, index: number, len });
            number
        });
        shared[flat.security as usize].references += 1;
    }
    (parts, shared)
}

/// Returns the offset of each cell, relative to the bins data.
fn place(parts: &[Part], options: &Options) -> (Vec<u32>, Space) {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    match options.locality {
        Locality::InOrder => {}
        // The root remains first, as in every hive that Windows wrote.
        Locality::Shuffled(seed) => Rng::new(seed).shuffle(&mut order[1..]),
        Locality::Aged(seed) => {
            // Each key begins with its node.
            let keys: Vec<&[usize]> =
                order.chunk_by(|_, next| parts[*next].kind != Kind::Key).collect();
            let aged = aged(seed, keys.len());
            order = aged.iter().flat_map(|&key| keys[key as usize]).copied().collect();
        }
    }
    let mut space = Space::new(options.minor, 0);
    let mut places = vec![0; parts.len()];
    for number in order {
        places[number] = space.place(parts[number].len);
    }
    (places, space)
}

/// The map of records, for access to fields by name.
fn map(keys: &[Flat<'_>], parts: &[Part], places: &[u32], space: &Space, minor: u32) -> Map {
    let mut map = Map::new(minor, &space.bins);
    for (part, &place) in parts.iter().zip(places) {
        map.records.push(Record::cell(*part, place));
    }
    map.nodes.extend(keys.iter().map(|flat| Node {
        name: flat.key.name.clone(),
        values: flat.key.values.iter().map(|value| value.name.clone()).collect(),
        subkeys: flat.subkeys.clone(),
        records: flat.parts.clone(),
    }));
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aged_hive_keeps_cells_of_a_key_together() {
        let mut tree = Tree::new("ROOT");
        for number in 0..200 {
            tree.root.subkeys.push(Key::new(format!("{number:03}").as_str()).sz("A", "text"));
        }
        let hive = write(&tree, &Options { locality: Locality::Aged(1), ..Options::default() });
        let offset = |record: &str, number: usize| hive.offset(&format!("{record} {number:03}"));
        let mut apart = 0;
        for number in 0..200 {
            let (key, values) = (offset("key", number), offset("values", number));
            assert!(key < values && values - key <= 4096, "{number}");
            apart += usize::from(number > 0 && key.abs_diff(offset("key", number - 1)) > 4096);
        }
        assert!(apart > 20, "{apart}");
        assert_eq!(hive.offset("key "), write(&tree, &Options::default()).offset("key "));
    }
}
