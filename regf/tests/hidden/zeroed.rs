// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives with zeroed ranges. Every key and value whose cell is whole is shown or hidden.

use std::collections::BTreeSet;

use calhive_regf::Hive;
use calhive_regf::hive::hidden::Item;
use hive_forge::cases::cases;
use hive_forge::rng::Rng;
use hive_forge::{Options, random, write};

/// Offsets of all keys and values that are shown or hidden.
pub(super) fn found(bytes: &[u8]) -> BTreeSet<u64> {
    let Ok(hive) = Hive::parse(bytes) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    for entry in hive.walk().with_values(true).filter_map(Result::ok) {
        found.insert(entry.key.offset().get());
        found.extend(entry.values.filter_map(Result::ok).map(|value| value.offset().get()));
    }
    for item in hive.hidden().iter() {
        match item.item {
            Item::Key(key) => found.insert(key.offset().get()),
            Item::Value(value) => found.insert(value.offset().get()),
            _ => false,
        };
    }
    found
}

#[test]
fn whole_cells_of_zeroed_hives_are_found() {
    let (mut whole, mut lost) = (0, 0);
    for seed in 0..cases(60) {
        let minor = 2 + seed % 5;
        let tree = random::tree(u64::from(seed), 120, minor);
        let sound = write(&tree, &Options { minor, leaf_elements: 9, ..Options::default() }).bytes;
        let size = |at: u64| {
            let at = at as usize;
            i32::from_le_bytes(sound[at..at + 4].try_into().unwrap()).unsigned_abs() as usize
        };
        let all = found(&sound);
        let mut rng = Rng::nth(7, u64::from(seed));
        let mut bytes = sound.clone();
        let unit = if seed % 2 == 0 { 8 } else { 512 };
        for _ in 0..rng.range(1, 6) {
            let from = rng.range(4096, sound.len() - 8) / unit * unit;
            let to = (from + rng.range(8, 8192) / unit * unit).min(sound.len());
            bytes[from..to].fill(0);
        }
        let left = found(&bytes);
        for at in all {
            let range = at as usize..at as usize + size(at);
            if bytes[range.clone()] == sound[range] {
                assert!(left.contains(&at), "case {seed}: nothing found of the cell at {at:#x}");
                whole += 1;
            } else {
                lost += 1;
            }
        }
    }
    println!("{whole} cells are left, {lost} are not");
    assert!(whole > lost && lost > 0, "{whole} {lost}");
}

/// A cell with a damaged size may cover other cells. The chain of cells continues after them.
#[test]
fn cell_covered_by_a_damaged_cell_is_found() {
    let mut hive = super::forged();
    let size = hive.offset("key Charlie") - hive.offset("key Bravo");
    hive.set("key Bravo", "cell_size", u64::from(size.wrapping_neg()));
    hive.set("key Bravo", "signature", 0);
    assert_eq!(super::hidden(&hive.bytes), ["value ?:of Bravo Unreferenced left over"]);
}
