// SPDX-License-Identifier: MIT OR Apache-2.0

//! The states that a hive went through, from one flush to the next.

use super::dirty::bins;
use super::update::Update;
use crate::tree::Tree;
use crate::{Forged, Options, random, write, write_over};

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
        let state = |(number, tree): (usize, Tree)| State {
            hive: write(&tree, &at(number, options, seconds)).bytes,
            tree,
        };
        Self { states: trees.into_iter().enumerate().map(state).collect() }
    }

    /// The same, each state written over the one before it as Windows changes a hive: what an update
    /// does not touch stays where it is. The hives of [`History::new`] are laid out anew each time.
    ///
    /// # Panics
    ///
    /// If there is no tree.
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

/// How the state `number` is written, `seconds` after the one before it.
fn at(number: usize, options: &Options, seconds: u64) -> Options {
    let last_written = options.last_written + number as u64 * seconds * SECOND;
    Options { last_written, ..options.clone() }
}
