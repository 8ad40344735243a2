// SPDX-License-Identifier: MIT OR Apache-2.0

//! Shape of a synthetic tree.

use crate::rng::Rng;

/// Parents and children of a synthetic tree. Keys are numbered depth first.
pub(super) struct Shape {
    parents: Vec<u32>,
    /// Number of keys in the subtree of each key, including the key.
    sizes: Vec<u32>,
    /// Place of each key among its siblings.
    places: Vec<u32>,
}

impl Shape {
    pub(super) fn new(seed: u64, count: usize) -> Self {
        let mut rng = Rng::new(!seed);
        let (mut parents, mut sizes, mut places) = (Vec::new(), Vec::new(), Vec::new());
        // Subtrees to create: parent, place, keys, level. The next one is the last.
        let mut rest = vec![(0u32, 0u32, count, 0usize)];
        while let Some((parent, place, size, level)) = rest.pop() {
            let number = parents.len() as u32;
            parents.push(parent);
            sizes.push(size as u32);
            places.push(place);
            let mut left = size - 1;
            let subkeys = match level {
                0 => 14,
                // Every fifth key on the second level, and some further down, need an ri.
                1 if place % 5 == 0 && left > 600 => rng.range(520, 600),
                2.. if left > 2000 && rng.one_in(3) => rng.range(600, 1500),
                1..=8 => rng.range(2, 40),
                _ => left,
            }
            .min(left);
            let first = rest.len();
            for place in 0..subkeys {
                let others = subkeys - place - 1;
                let share = left / (others + 1);
                let size = if others == 0 {
                    left
                } else {
                    rng.range(share.div_ceil(2).max(1), share + share / 2).min(left - others)
                };
                left -= size;
                rest.push((number, place as u32, size, level + 1));
            }
            rest[first..].reverse();
        }
        Self { parents, sizes, places }
    }

    pub(super) fn parent(&self, number: usize) -> usize {
        self.parents[number] as usize
    }

    pub(super) fn place(&self, number: usize) -> u32 {
        self.places[number]
    }

    pub(super) fn subkeys(&self, number: usize) -> impl Iterator<Item = usize> {
        let end = number + self.sizes[number] as usize;
        let first = Some(number + 1).filter(|&first| first < end);
        std::iter::successors(first, move |&subkey| {
            Some(subkey + self.sizes[subkey] as usize).filter(|&next| next < end)
        })
    }
}
