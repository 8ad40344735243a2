// SPDX-License-Identifier: MIT OR Apache-2.0

//! Order of the keys in a hive.

use crate::options::Locality;
use crate::rng::Rng;

/// Number of keys that stay together in an aged hive.
const CHUNK: usize = 48;
/// One key in this number of an aged hive lies elsewhere.
const DISPLACED: usize = 5;

/// Keys in the order of their cells, or `None` for depth-first order.
pub(super) fn order(locality: Locality, count: usize) -> Vec<u32> {
    match locality {
        Locality::InOrder => Vec::new(),
        Locality::Shuffled(seed) => shuffled(seed, count),
        Locality::Aged(seed) => aged(seed, count),
    }
}

/// Returns the numbers of keys in any order.
fn shuffled(seed: u64, count: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    // The root remains first, as in every hive that Windows wrote.
    Rng::new(seed).shuffle(&mut order[1..]);
    order
}

/// Returns the numbers of keys in the order of a hive after years of use.
pub(crate) fn aged(seed: u64, count: usize) -> Vec<u32> {
    let mut rng = Rng::new(seed);
    // The root remains first, as in every hive that Windows wrote.
    let numbers: Vec<u32> = (1..count as u32).collect();
    let mut chunks: Vec<&[u32]> = numbers.chunks(CHUNK).collect();
    rng.shuffle(&mut chunks);
    let mut order = [&[0], chunks.concat().as_slice()].concat();
    let displaced: Vec<usize> = (1..count).filter(|_| rng.one_in(DISPLACED)).collect();
    for last in (1..displaced.len()).rev() {
        order.swap(displaced[last], displaced[rng.below(last + 1)]);
    }
    order
}
