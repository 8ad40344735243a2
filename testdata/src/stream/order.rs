// SPDX-License-Identifier: MIT OR Apache-2.0

//! In which order the keys of a hive lie.

use crate::options::Locality;
use crate::rng::Rng;

/// Keys that stay together in an aged hive.
const CHUNK: usize = 48;
/// One in so many keys of an aged hive lies somewhere else.
const DISPLACED: usize = 5;

/// Numbers of keys in the order of their cells; none if that is the depth-first order.
pub(super) fn order(locality: Locality, count: usize) -> Vec<u32> {
    match locality {
        Locality::InOrder => Vec::new(),
        Locality::Shuffled(seed) | Locality::Aged(seed) => aged(seed, count),
    }
}

/// Numbers of keys as they lie in a hive that was in use for years.
pub(crate) fn aged(seed: u64, count: usize) -> Vec<u32> {
    let mut rng = Rng::new(seed);
    // The root stays first, where every hive that Windows wrote has it.
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
