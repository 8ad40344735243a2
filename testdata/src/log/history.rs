// SPDX-License-Identifier: MIT OR Apache-2.0

//! The states that a hive went through, from one flush to the next.

use super::dirty::bins;
use super::update::Update;
use crate::tree::Tree;
use crate::{Options, random, write};

/// A hive before its first update, after it, after the second, and so on.
#[derive(Clone, Debug)]
pub struct History {
    states: Vec<State>,
}

#[derive(Clone, Debug)]
struct State {
    tree: Tree,
    hive: Vec<u8>,
}

/// FILETIME units in a second.
const SECOND: u64 = 10_000_000;

impl History {
    /// The states that `trees` tell, each a tree with the edits of one update; each is written
    /// `seconds` after the one before. Old-format logs are told from stale ones by that time; since
    /// Windows 8.1 the time of the base block stands still, which is 0.
    ///
    /// # Panics
    ///
    /// If there is no tree.
    pub fn new(trees: Vec<Tree>, options: &Options, seconds: u64) -> Self {
        assert!(!trees.is_empty(), "a history begins with a state");
        let state = |(number, tree): (usize, Tree)| {
            let last_written = options.last_written + number as u64 * seconds * SECOND;
            let options = Options { last_written, ..options.clone() };
            State { hive: write(&tree, &options).bytes, tree }
        };
        Self { states: trees.into_iter().enumerate().map(state).collect() }
    }

    /// A random tree of `keys` keys and `updates` updates of it, each a few edits.
    pub fn random(seed: u64, keys: usize, updates: usize, options: &Options, seconds: u64) -> Self {
        let mut trees = vec![random::tree(seed, keys, options.minor)];
        for number in 0..updates {
            let edits = 1 + number % 5;
            trees.push(random::edit(seed ^ number as u64, &trees[number], edits));
        }
        Self::new(trees, options, seconds)
    }

    /// How many updates there are.
    pub fn updates(&self) -> usize {
        self.states.len() - 1
    }

    /// The hive after so many updates.
    pub fn hive(&self, updates: usize) -> &[u8] {
        &self.states[updates].hive
    }

    /// The tree after so many updates.
    pub fn tree(&self, updates: usize) -> &Tree {
        &self.states[updates].tree
    }

    /// The tree of the state whose bins data are those of `hive`.
    pub(super) fn find(&self, hive: &[u8]) -> Option<&Tree> {
        let same = |state: &&State| bins(&state.hive) == bins(hive);
        self.states.iter().rfind(same).map(|state| &state.tree)
    }

    /// The pages of 4096 bytes that change from one state to another.
    pub fn pages(&self, from: usize, to: usize) -> Update {
        Update::pages(self.hive(from), self.hive(to))
    }

    /// The sectors of 512 bytes that change from one state to another.
    pub fn sectors(&self, from: usize, to: usize) -> Update {
        Update::sectors(self.hive(from), self.hive(to))
    }
}
