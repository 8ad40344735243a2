// SPDX-License-Identifier: MIT OR Apache-2.0

//! Random deletions in the hive of a random tree.

use crate::deletion::{Edited, Edits, KeyId};
use crate::rng::Rng;
use crate::tree::{Name, Value};
use crate::{ListKind, Locality, Options, SEGMENT, random};

/// Parameters of a random hive with deletions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletions {
    /// Seed of everything.
    pub seed: u64,
    /// Keys of the tree, including the root.
    pub size: usize,
    /// Minor version, 1 to 6.
    pub minor: u32,
    /// Whether the tree is a [`plain_tree`](super::plain_tree).
    pub plain: bool,
    /// Approximate number of items to delete.
    pub count: usize,
    /// Share of freed bytes that later cells overwrite, in percent.
    pub reuse: usize,
}

/// Returns a random tree, written in any form, with deletions: keys with everything below them,
/// single values, several values of one key, and data in place. Afterward, some of the freed bytes
/// may be overwritten.
pub fn deletions(made: Deletions) -> Edited {
    edits(made).finish()
}

/// Returns the same hive, ready for further edits.
pub fn edits(made: Deletions) -> Edits {
    let Deletions { seed, size, minor, plain, count, reuse } = made;
    let tree = if plain { random::plain_tree(seed, size) } else { random::tree(seed, size, minor) };
    let mut rng = Rng::nth(seed, 0xDE1E7E);
    let list = match minor {
        1..=2 => ListKind::Li,
        3..=4 => rng.pick(&[ListKind::Auto, ListKind::Li]),
        _ => rng.pick(&[ListKind::Auto, ListKind::Auto, ListKind::Lf, ListKind::Li]),
    };
    let order = rng.next_u64();
    let locality = rng.pick(&[Locality::InOrder, Locality::Shuffled(order), Locality::Aged(order)]);
    let leaf_elements = rng.pick(&[507, 507, 3]);
    let options = Options { minor, list, locality, leaf_elements, ..Options::default() };
    let mut edits = Edits::new(&tree, &options);
    let mut time = crate::time::filetime(2024, 6, 1, 0, 0, 0);
    let mut idle = 0;
    while edits.deleted() < count && idle < 100 {
        time += 600_000_000 + rng.next_u64() % 10_000_000;
        let before = edits.deleted();
        step(&mut edits, &mut rng, time, count - before);
        idle = if edits.deleted() > before { 0 } else { idle + 1 };
    }
    if reuse > 0 {
        edits.reuse(reuse, seed, time + 36_000_000_000);
    }
    edits
}

/// Makes one edit. It deletes at most `most` items, unless a key has more values.
fn step(edits: &mut Edits, rng: &mut Rng, time: u64, most: usize) {
    let keys = edits.keys();
    let key = rng.pick(&keys);
    let names: Vec<Name> =
        edits.content(key).values.iter().map(|value| value.name.clone()).collect();
    match rng.below(10) {
        0..=3 if key != edits.root() && below(edits, key) <= most => {
            edits.delete_key(key, time);
        }
        4..=6 if !names.is_empty() => {
            let name = names[rng.below(names.len())].clone();
            edits.delete_value(key, name, time);
        }
        7 if names.len() > 1 => {
            let mut names = names;
            rng.shuffle(&mut names);
            names.truncate(rng.range(2, names.len().min(5)).min(most.max(1)));
            for name in names {
                edits.delete_value(key, name, time);
            }
        }
        8 if !names.is_empty() => {
            let place = rng.below(names.len());
            let Value { value_type, data, .. } = &edits.content(key).values[place];
            let (value_type, len) = (*value_type, data.len());
            let len = match rng.below(6) {
                0 => len + rng.range(1, 300),
                1 => rng.range(SEGMENT + 1, 3 * SEGMENT),
                2 => rng.below(5),
                3 => len / 2,
                _ => len,
            };
            let value = Value::new(names[place].clone(), value_type, &rng.bytes(len));
            edits.set_value(key, value, time);
        }
        _ => {}
    }
}

/// Returns the number of keys and values at and below a key.
fn below(edits: &Edits, key: KeyId) -> usize {
    let subkeys = edits.subkeys(key).into_iter().map(|subkey| below(edits, subkey));
    1 + edits.content(key).values.len() + subkeys.sum::<usize>()
}
