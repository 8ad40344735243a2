// SPDX-License-Identifier: MIT OR Apache-2.0

//! Writing of a tree over an older state.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::{fill, finish, flatten, map, plan};
use crate::base_block::base_block;
use crate::forged::Forged;
use crate::group::{Form, Kind};
use crate::map::Map;
use crate::options::Options;
use crate::record;
use crate::space::{self, BASE_BLOCK, Space, cell_header, cell_size};
use crate::tree::Tree;

/// Writes `tree` over `before`, as Windows changes a hive. A cell of both states keeps its offset
/// if it keeps its size. New cells follow the last cell. Deleted cells become free cells that keep
/// their content. `options` do not determine the order of the cells here.
///
/// # Panics
///
/// As [`write`](super::write), and if the version differs from that of `before`.
pub fn write_over(before: &Forged, tree: &Tree, options: &Options) -> Forged {
    let form = Form::new(options);
    assert_eq!(form.minor, before.map.minor, "a hive keeps its version");
    let mut keys = flatten(tree, options.sort);
    let (parts, shared) = plan(&mut keys, form);

    let mut left = cells(&before.map, |number| descriptor(before, number));
    let mut space = Space::after(form.minor, &before.map.bins);
    // The names of cells do not depend on their offsets.
    let unplaced = map(&keys, &parts, &vec![0; parts.len()], &space, form.minor);
    let security = |number: usize| {
        let found = shared.iter().find(|security| security.part == number);
        found.expect("a cell of a descriptor").descriptor.0.clone()
    };
    let mut places = vec![0; parts.len()];
    let mut named: Vec<(Cell, usize)> = named(&unplaced, security);
    named.sort_by_key(|(_, number)| *number);
    for (cell, number) in named {
        let len = parts[number].len;
        let fits = |&old: &usize| {
            let old = before.map.records[old].part.len;
            cell_size(old, form.minor) == cell_size(len, form.minor)
        };
        // Among cells of equal name only the first is kept: a cell cannot be removed twice.
        places[number] = match left.get(&cell).copied().filter(fits) {
            Some(old) => {
                left.remove(&cell);
                (before.map.records[old].offset - BASE_BLOCK) as u32
            }
            None => space.place(len),
        };
    }
    let kept: HashSet<usize> = places.iter().map(|&place| BASE_BLOCK + place as usize).collect();

    let mut bytes = before.bytes.clone();
    bytes[..BASE_BLOCK].copy_from_slice(&base_block(options, places[0], space.end()));
    bytes.resize(BASE_BLOCK + space.end() as usize, 0);
    let gone = before.map.records.iter().filter(|record| !kept.contains(&record.offset));
    gone.for_each(|record| space::free_cell(&mut bytes[record.offset..]));
    fill(&mut bytes[BASE_BLOCK..], form, &keys, &parts, &shared, &places);
    finish(&mut bytes[BASE_BLOCK..], &space, options);
    let map = map(&keys, &parts, &places, &space, form.minor);
    Forged { bytes, map, names: OnceLock::new() }
}

/// Identity of a cell, in any state of a hive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Cell {
    /// A cell of a key, by the name of its record.
    OfKey(String),
    /// A security descriptor.
    Security(Vec<u8>),
}

/// Returns the first cell of each name, with its number among the records.
fn cells(map: &Map, security: impl Fn(usize) -> Vec<u8>) -> HashMap<Cell, usize> {
    let mut cells = HashMap::new();
    for (cell, number) in named(map, security) {
        cells.entry(cell).or_insert(number);
    }
    cells
}

/// Returns all cells, each with its identity and its number among the records.
fn named(map: &Map, security: impl Fn(usize) -> Vec<u8>) -> Vec<(Cell, usize)> {
    let of_keys = map.cells_of_keys().into_iter();
    let mut all: Vec<(Cell, usize)> =
        of_keys.map(|(name, number)| (Cell::OfKey(name), number)).collect();
    let numbers = 0..map.records.len();
    let securities = numbers.filter(|&number| map.records[number].part.kind == Kind::Security);
    all.extend(securities.map(|number| (Cell::Security(security(number)), number)));
    all
}

/// Returns the security descriptor in a record of `hive`.
fn descriptor(hive: &Forged, number: usize) -> Vec<u8> {
    let record = hive.map.records[number];
    let start = record.offset + (cell_header(hive.map.minor) + record::SECURITY) as usize;
    let len = (record.part.len - record::SECURITY) as usize;
    hive.bytes[start..start + len].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{PAGE, Update};
    use crate::tree::{Key, Value};
    use crate::{random, write};

    fn pages(before: &Forged, after: &Forged) -> usize {
        let update = Update::pages(&before.bytes, &after.bytes);
        update.runs.iter().map(|run| run.bytes.len() / PAGE).sum()
    }

    #[test]
    fn unchanged_cells_keep_their_offsets() {
        let options = Options::default();
        let mut tree = random::plain_tree(3, 300);
        let before = write(&tree, &options);
        let same = write_over(&before, &tree, &options);
        assert!(same.bytes == before.bytes);

        tree.root.at("A").push(Value::dword("Number", 1));
        let first = write_over(&before, &tree, &options);
        tree.root.at("A").set(Value::dword("Number", 2));
        let second = write_over(&first, &tree, &options);
        assert_eq!(first.offset("value A:Number"), second.offset("value A:Number"));
        assert_eq!(pages(&first, &second), 1);
        // The root with its list, the new key after all others, and no page between.
        assert!(pages(&before, &first) <= 4, "{}", pages(&before, &first));
    }

    #[test]
    fn deleted_cell_is_free_and_keeps_its_content() {
        let options = Options::default();
        let mut tree = random::plain_tree(3, 30);
        tree.root = tree.root.key(Key::new("Gone").sz("Text", "still here"));
        let before = write(&tree, &options);
        tree.root.remove("Gone");
        let after = write_over(&before, &tree, &options);
        let data = before.field("data Gone:Text", "data");
        assert_eq!(before.bytes[data.clone()], after.bytes[data]);
        let size = before.field("data Gone:Text", "cell_size");
        let word = |hive: &Forged| i32::from_le_bytes(hive.bytes[size.clone()].try_into().unwrap());
        assert_eq!((word(&before), word(&after)), (-32, 32));
    }

    /// After any edit, cells cover the bins without gaps.
    #[test]
    fn cells_cover_the_bins() {
        for minor in 1..=6 {
            let options = Options { minor, ..Options::default() };
            let mut tree = random::tree(u64::from(minor), 40, minor);
            let mut hive = write(&tree, &options);
            for seed in 0..8 {
                tree = random::edit(seed, &tree, 4);
                hive = write_over(&hive, &tree, &options);
                for bin in &hive.map.bins {
                    let (mut at, end) = (bin.offset + 32, bin.offset + bin.size);
                    while at < end {
                        let place = &hive.bytes[BASE_BLOCK + at as usize..];
                        let size = i32::from_le_bytes(place[..4].try_into().unwrap());
                        assert!(size != 0, "1.{minor}, seed {seed}, cell {at:#x}");
                        at += size.unsigned_abs();
                    }
                    assert_eq!(at, end, "1.{minor}, seed {seed}");
                }
            }
        }
    }
}
