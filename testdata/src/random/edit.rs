// SPDX-License-Identifier: MIT OR Apache-2.0

//! Random edits of a tree between two flushes.

use std::collections::HashSet;

use super::{Generator, upcased};
use crate::SEGMENT;
use crate::rng::Rng;
use crate::tree::{Key, Tree, value_type};

/// Returns `tree` after `steps` random edits: keys and values are created, deleted and renamed;
/// data are replaced, grown beyond 16,344 bytes and shrunk. Any version can hold the new keys and
/// values, which are of the kinds of [`super::tree`].
///
/// A step that has nothing to edit changes nothing.
pub fn edit(seed: u64, tree: &Tree, steps: usize) -> Tree {
    edited(Generator { rng: Rng::new(seed), minor: 1, plain: false }, tree, steps)
}

/// Returns `tree` after `steps` random edits that keep the kinds of [`super::plain_tree`].
pub fn plain_edit(seed: u64, tree: &Tree, steps: usize) -> Tree {
    edited(Generator { rng: Rng::new(seed), minor: 1, plain: true }, tree, steps)
}

fn edited(mut generator: Generator, tree: &Tree, steps: usize) -> Tree {
    let mut tree = tree.clone();
    for _ in 0..steps {
        let key = generator.some_key(&mut tree.root);
        generator.edit(key);
    }
    tree
}

impl Generator {
    /// Returns a key at or below `key`.
    fn some_key<'k>(&mut self, mut key: &'k mut Key) -> &'k mut Key {
        while !key.subkeys.is_empty() && !self.rng.one_in(5) {
            let subkey = self.rng.below(key.subkeys.len());
            key = &mut key.subkeys[subkey];
        }
        key
    }

    fn edit(&mut self, key: &mut Key) {
        match self.rng.below(10) {
            0..=1 => {
                let mut siblings = names(&key.subkeys);
                let subkey = self.key(&mut siblings);
                key.subkeys.push(subkey);
            }
            2 if !key.subkeys.is_empty() => {
                let subkey = self.rng.below(key.subkeys.len());
                key.subkeys.remove(subkey);
            }
            3 if !key.subkeys.is_empty() => {
                let name = self.new_name(&mut names(&key.subkeys), 1, 255);
                let subkey = self.rng.below(key.subkeys.len());
                key.subkeys[subkey].name = name;
            }
            4 => {
                let mut others = value_names(key);
                let name = self.new_name(&mut others, 0, 1000);
                let value = if self.plain { self.plain_value(name) } else { self.value(name) };
                key.values.push(value);
            }
            5.. if !key.values.is_empty() => self.edit_value(key),
            _ => return,
        }
        key.last_written = self.time();
    }

    /// Changes one of the values of `key`.
    fn edit_value(&mut self, key: &mut Key) {
        let number = self.rng.below(key.values.len());
        if self.rng.one_in(6) {
            key.values.remove(number);
            return;
        }
        if self.rng.one_in(5) {
            key.values[number].name = self.new_name(&mut value_names(key), 0, 1000);
            return;
        }
        let value = &mut key.values[number];
        if self.plain && value.value_type != value_type::BINARY {
            // Data must suit their type.
            *value = self.plain_value(value.name.clone());
            return;
        }
        let len = value.data.len();
        match self.rng.below(4) {
            0 => {
                let long = self.rng.range(SEGMENT + 1, 3 * SEGMENT);
                let more = self.rng.bytes(long.saturating_sub(len));
                value.data.extend(more);
            }
            1 => value.data.truncate(self.rng.below(len + 1)),
            // In place, as most writes are.
            _ => value.data = self.rng.bytes(len),
        }
    }
}

fn names(keys: &[Key]) -> HashSet<Vec<u16>> {
    keys.iter().map(|key| upcased(&key.name)).collect()
}

fn value_names(key: &Key) -> HashSet<Vec<u16>> {
    key.values.iter().map(|value| upcased(&value.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, random, write};

    #[test]
    fn equal_seeds_give_equal_edits() {
        let tree = random::tree(3, 40, 5);
        assert_eq!(edit(7, &tree, 10), edit(7, &tree, 10));
        assert_ne!(edit(7, &tree, 10), edit(8, &tree, 10));
        assert_eq!(edit(7, &tree, 0), tree);
    }

    /// Counts of a tree: keys, values, and values whose data need a db.
    fn counts(tree: &Tree) -> [usize; 3] {
        let mut counts = [0; 3];
        let mut rest = vec![&tree.root];
        while let Some(key) = rest.pop() {
            counts[0] += 1;
            counts[1] += key.values.len();
            counts[2] += key.values.iter().filter(|value| value.data.len() > SEGMENT).count();
            assert_eq!(names(&key.subkeys).len(), key.subkeys.len(), "siblings differ");
            assert_eq!(value_names(key).len(), key.values.len(), "values differ");
            rest.extend(&key.subkeys);
        }
        counts
    }

    #[test]
    fn random_edits_grow_and_shrink_everything() {
        // How often there were more and fewer keys, values, long data and bytes.
        let mut more = [0; 4];
        let mut fewer = [0; 4];
        for seed in 0..60 {
            let before = if seed % 2 == 0 {
                random::tree(seed, 40, 5)
            } else {
                random::plain_tree(seed, 40)
            };
            let edit = if seed % 2 == 0 { edit } else { plain_edit };
            let after = edit(seed, &before, 6);
            let size = |tree| write(tree, &Options::default()).bytes.len();
            let counts = |tree| {
                let [keys, values, long] = counts(tree);
                [keys, values, long, size(tree)]
            };
            for (number, (before, after)) in
                counts(&before).into_iter().zip(counts(&after)).enumerate()
            {
                more[number] += usize::from(after > before);
                fewer[number] += usize::from(after < before);
            }
        }
        assert!(more.into_iter().chain(fewer).all(|times| times > 3), "{more:?} {fewer:?}");
    }
}
