// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives with stretches of zeros: whatever key or value is still there as a whole is told of.

use std::collections::BTreeSet;

use calhive::Hive;
use calhive::hive::hidden::Item;
use hive_forge::rng::Rng;
use hive_forge::{Options, random, write};

use crate::cases::cases;

/// The cells of all keys and values that are shown or hidden.
pub(super) fn told(bytes: &[u8]) -> BTreeSet<u64> {
    let Ok(hive) = Hive::parse(bytes) else { return BTreeSet::new() };
    let mut told = BTreeSet::new();
    for entry in hive.walk().with_values(true).filter_map(Result::ok) {
        told.insert(entry.key.offset().get());
        told.extend(entry.values.filter_map(Result::ok).map(|value| value.offset().get()));
    }
    for item in hive.hidden().iter() {
        match item.item {
            Item::Key(key) => told.insert(key.offset().get()),
            Item::Value(value) => told.insert(value.offset().get()),
            _ => false,
        };
    }
    told
}

#[test]
fn what_is_still_there_is_told() {
    for seed in 0..cases(60) {
        let minor = 2 + seed % 5;
        let tree = random::tree(u64::from(seed), 120, minor);
        let sound = write(&tree, &Options { minor, leaf_elements: 9, ..Options::default() }).bytes;
        let size = |at: u64| {
            let at = at as usize;
            i32::from_le_bytes(sound[at..at + 4].try_into().unwrap()).unsigned_abs() as usize
        };
        let all = told(&sound);
        let mut rng = Rng::nth(7, u64::from(seed));
        let mut bytes = sound.clone();
        let unit = if seed % 2 == 0 { 8 } else { 512 };
        for _ in 0..rng.range(1, 6) {
            let from = rng.range(4096, sound.len() - 8) / unit * unit;
            let to = (from + rng.range(8, 8192) / unit * unit).min(sound.len());
            bytes[from..to].fill(0);
        }
        let left = told(&bytes);
        for at in all {
            let range = at as usize..at as usize + size(at);
            if bytes[range.clone()] == sound[range] {
                assert!(left.contains(&at), "case {seed}: nothing told of the cell at {at:#x}");
            }
        }
    }
}

/// A cell whose size is damaged may swallow others, and the chain goes on behind them.
#[test]
fn what_a_damaged_cell_swallows_is_told() {
    let mut hive = super::forged();
    let size = hive.offset("key Charlie") - hive.offset("key Bravo");
    hive.set("key Bravo", "cell_size", u64::from(size.wrapping_neg()));
    hive.set("key Bravo", "signature", 0);
    assert_eq!(super::hidden(&hive.bytes), ["value ?:of Bravo Unreferenced left over"]);
}
