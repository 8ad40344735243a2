// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`History`]: the states of a hive, from one flush to the next.

use super::dirty::bins;
use super::update::Update;
use crate::tree::Tree;
use crate::{Forged, Options, random, write, write_over};

/// A hive before its first update, after the first, after the second, and so on.
#[derive(Clone, Debug)]
pub struct History {
    states: Vec<State>,
}

#[derive(Clone, Debug)]
struct State {
    tree: Tree,
    hive: Vec<u8>,
}

/// Number of FILETIME units in a second.
const SECOND: u64 = 10_000_000;

impl History {
    /// The states of `trees`: each tree has the edits of one update, and is written `seconds` after
    /// the previous one. This time distinguishes old-format logs from stale ones. Since Windows 8.1
    /// the timestamp of the base block no longer changes: `seconds` is then 0.
    ///
    /// # Panics
    ///
    /// If `trees` is empty.
    pub fn new(trees: Vec<Tree>, options: &Options, seconds: u64) -> Self {
        assert!(!trees.is_empty(), "a history begins with a state");
        let state = |(number, tree): (usize, Tree)| State {
            hive: write(&tree, &at(number, options, seconds)).bytes,
            tree,
        };
        Self { states: trees.into_iter().enumerate().map(state).collect() }
    }

    /// The same states, each written over the previous one as Windows does: unchanged cells keep
    /// their offsets. [`History::new`] lays out every state again.
    ///
    /// # Panics
    ///
    /// If `trees` is empty.
    pub fn in_place(trees: Vec<Tree>, options: &Options, seconds: u64) -> Self {
        assert!(!trees.is_empty(), "a history begins with a state");
        let mut states: Vec<State> = Vec::new();
        let mut before: Option<Forged> = None;
        for (number, tree) in trees.into_iter().enumerate() {
            let options = at(number, options, seconds);
            let hive = match before {
                Some(before) => write_over(&before, &tree, &options),
                None => write(&tree, &options),
            };
            states.push(State { tree, hive: hive.bytes.clone() });
            before = Some(hive);
        }
        Self { states }
    }

    /// Returns the history of a random tree of `keys` keys with `updates` updates of a few edits
    /// each.
    pub fn random(seed: u64, keys: usize, updates: usize, options: &Options, seconds: u64) -> Self {
        let mut trees = vec![random::tree(seed, keys, options.minor)];
        for number in 0..updates {
            let edits = 1 + number % 5;
            trees.push(random::edit(seed ^ number as u64, &trees[number], edits));
        }
        Self::new(trees, options, seconds)
    }

    /// Number of updates.
    pub fn updates(&self) -> usize {
        self.states.len() - 1
    }

    /// The hive after this number of updates.
    pub fn hive(&self, updates: usize) -> &[u8] {
        &self.states[updates].hive
    }

    /// The tree after this number of updates.
    pub fn tree(&self, updates: usize) -> &Tree {
        &self.states[updates].tree
    }

    /// Tree of the state with the bins data of `hive`.
    pub(super) fn find(&self, hive: &[u8]) -> Option<&Tree> {
        let same = |state: &&State| bins(&state.hive) == bins(hive);
        self.states.iter().rfind(same).map(|state| &state.tree)
    }

    /// Returns the pages of 4096 bytes that change from one state to another.
    pub fn pages(&self, from: usize, to: usize) -> Update {
        Update::pages(self.hive(from), self.hive(to))
    }

    /// Returns the sectors of 512 bytes that change from one state to another.
    pub fn sectors(&self, from: usize, to: usize) -> Update {
        Update::sectors(self.hive(from), self.hive(to))
    }
}

/// Options of state `number`, which is written `seconds` after the previous one.
fn at(number: usize, options: &Options, seconds: u64) -> Options {
    let last_written = options.last_written + number as u64 * seconds * SECOND;
    Options { last_written, ..options.clone() }
}
