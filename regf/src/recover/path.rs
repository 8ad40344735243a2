// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`RecoveredPath`]: path of a recovered key, along its parent offsets.

use alloc::vec::Vec;
use core::fmt;

use crate::budget::Budget;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::path::KeyPath;
use crate::limits::Limits;
use crate::meter::count;
use crate::offset::CellOffset;
use crate::raw;
use crate::recover::record::KeyRecord;
use crate::recover::{Leads, Loss, Owner, Recovered, Recovery};

/// Path of a recovered key, from the topmost key that the parent offsets reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveredPath {
    /// Known names. The last name is the name of the key itself.
    pub names: KeyPath,
    /// Whether the path starts at a root. If not, the start of the path is missing.
    pub is_whole: bool,
    /// Whether a parent link on the path is inconsistent. Another key can have taken the cell of the real
    /// parent.
    pub is_doubtful: bool,
    /// Whether the path can be wrong because Windows reused a cell. There are two cases:
    /// - A live key on the path has no subkeys. Either the key lost its subkeys, or the key
    ///   replaced the real parent in the same cell.
    /// - Only the slack of a live value list leads to the value. The list can have replaced the
    ///   list of another key in the same cell.
    pub is_inferred: bool,
    /// Whether names at the start are left out, because a limit was reached. The other answers then
    /// count for the rest of the path only.
    pub is_shortened: bool,
}

impl RecoveredPath {
    /// Returns the end of the path: the name of the key.
    #[must_use]
    pub fn shortened(&self) -> Self {
        let names: Vec<_> = self.names.names().collect();
        let names = names.last().copied().into_iter().collect();
        Self { names, is_whole: false, is_shortened: true, ..*self }
    }
}

impl fmt::Display for RecoveredPath {
    /// Writes the names, after `…\` if the start of the path is missing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_whole {
            f.write_str("…\\")?;
        }
        fmt::Display::fmt(&self.names, f)
    }
}

/// Returns the length of a name as UTF-16LE, in bytes.
pub(super) fn utf16_length(name: Name<'_>) -> usize {
    let bytes = name.as_bytes().map_or(0, <[u8]>::len);
    if name.is_latin1() { bytes.saturating_mul(2) } else { bytes & !1 }
}

/// Limit of names in a path that does not reach a root.
const LOST: usize = 32;

/// A key on a path, live or recovered.
#[derive(Clone, Copy)]
pub(super) enum Node<'d> {
    Live(Key<'d>),
    Recovered(KeyRecord<'d>),
}

impl<'d> Node<'d> {
    fn name(self) -> Name<'d> {
        match self {
            Self::Live(key) => key.name(),
            Self::Recovered(key) => key.name(),
        }
    }

    const fn raw(self) -> &'d raw::KeyNode {
        match self {
            Self::Live(key) => key.raw(),
            Self::Recovered(key) => key.raw(),
        }
    }

    /// Returns whether this key is unlikely to be the parent of the key below.
    ///
    /// Deletion of a subkey updates the time of the parent, so a parent older than the subkey is
    /// unlikely. While a parent has subkeys, the parent keeps the length of the longest subkey
    /// name, including deleted subkeys.
    fn is_unlikely_above(self, below: &raw::KeyNode, name_length: usize) -> bool {
        let node = self.raw();
        let is_older = node.last_written.get() < below.last_written.get();
        let longest = usize::from(node.largest_subkey_name.get());
        let is_short = node.subkey_count.get() > 0 && longest < name_length;
        is_older || is_short
    }
}

impl<'d> Recovery<'d> {
    /// Returns the key in a cell: the live key, if any, otherwise the recovered key.
    pub(super) fn node(&self, cell: CellOffset) -> Option<Node<'d>> {
        if let Some(key) = self.live.key_at(cell) {
            return Some(Node::Live(key));
        }
        let found = self.found.get(self.found_in(cell)?)?;
        self.key_of(*found).filter(|_| !found.loss.contains(Loss::FOREIGN)).map(Node::Recovered)
    }

    /// Determines for each recovered key whether its parents lead to a root. Each key is visited once.
    pub(super) fn follow_parents(&mut self) {
        let mut way = Vec::new();
        for start in 0..self.found.len() {
            let mut at = Some(start);
            let leads = loop {
                let Some(found) = at.and_then(|at| self.found.get_mut(at)) else {
                    break Leads::Nowhere;
                };
                if !found.is_key || found.leads != Leads::Unknown {
                    break found.leads;
                }
                // Marks the key before its parents, so that a loop of parents ends.
                found.leads = Leads::Nowhere;
                let found = *found;
                way.extend(at);
                let key = self.key_of(found).filter(|_| !found.loss.contains(Loss::FOREIGN));
                match key {
                    Some(key) if key.is_root() || self.live.key_at(key.parent()).is_some() => {
                        break Leads::ToRoot(0);
                    }
                    Some(key) => at = self.found_in(key.parent()),
                    None => break Leads::Nowhere,
                }
            };
            // Sets the result from the top key down. Keys below the maximum depth of a tree lead
            // nowhere.
            let mut leads = leads;
            for index in way.drain(..).rev() {
                leads = leads.below();
                if let Some(found) = self.found.get_mut(index) {
                    found.leads = leads;
                }
            }
        }
    }

    /// Follows the parents of a key, for at most `levels` levels.
    fn path_to(&self, start: Node<'d>, levels: usize) -> RecoveredPath {
        let live_root = self.hive.root().ok().map(Key::cell_offset);
        let (mut names, mut seen) = (Vec::new(), Vec::new());
        let mut path = RecoveredPath::default();
        let mut node = start;
        for _ in 0..levels {
            count(1);
            let (name, is_root) = match node {
                Node::Live(key) => {
                    (key.name(), key.is_root() || live_root == Some(key.cell_offset()))
                }
                Node::Recovered(key) => {
                    path.is_doubtful |= key.is_name_cut();
                    (key.name(), key.is_root())
                }
            };
            if is_root {
                path.is_whole = true;
                break;
            }
            names.push(name);
            let raw = node.raw();
            // Ends loops of parents.
            match seen.binary_search(&raw.parent.get()) {
                Ok(_) => break,
                Err(index) => seen.insert(index, raw.parent.get()),
            }
            let Some(above) = self.node(CellOffset::new(raw.parent.get())) else { break };
            // The tree confirms the parents of live keys, so only recovered keys need the check.
            if matches!(node, Node::Recovered(_)) {
                let length = utf16_length(name);
                path.is_doubtful |= above.is_unlikely_above(raw, length);
                let is_live = matches!(above, Node::Live(_));
                path.is_inferred |= is_live && above.raw().subkey_count.get() == 0;
            }
            node = above;
        }
        path.names = names.into_iter().rev().collect();
        path
    }
}

impl<'d> Recovered<'_, 'd> {
    /// Returns the path of this key. For a value, returns the path of its key, or `None` if the key
    /// is unknown.
    pub fn key_path(self) -> Option<RecoveredPath> {
        self.recovery.allowance.within_look_ups(|look_ups| self.key_path_within(look_ups))
    }

    /// Returns the [path](Self::key_path) within a budget for many records. Many keys can be below one
    /// key with a long path. If the budget is used up, the path has only the name of the key.
    pub fn key_path_within(self, look_ups: &mut Budget) -> Option<RecoveredPath> {
        let node = match (self.key(), self.owner(), self.live_owner()) {
            (Some(key), ..) => Node::Recovered(key),
            (_, Some(owner), _) => Node::Recovered(owner.key()?),
            (_, _, Some(key)) => Node::Live(key),
            _ => return None,
        };
        if self.loss().contains(Loss::FOREIGN) {
            let names = core::iter::once(self.key()?.name()).collect();
            return Some(RecoveredPath { names, ..RecoveredPath::default() });
        }
        // If the path does not reach a root, the function shortens the path to a readable length.
        let levels =
            if self.leads_to_root() { Limits::default().depth.saturating_add(2) } else { LOST };
        let is_shortened = !look_ups.take(1, self.offset());
        let mut path = self.recovery.path_to(node, if is_shortened { 1 } else { levels });
        path.is_shortened = is_shortened;
        look_ups.take_up_to(path.names.text_length() as u64, self.offset());
        path.is_inferred |= self.live_owner().is_some();
        Some(path)
    }

    /// Returns whether the parents of this key lead to a root. For a value, the parents of its key
    /// count. The answer is precomputed.
    pub fn leads_to_root(self) -> bool {
        let of_key = |found: Self| matches!(found.found().leads, Leads::ToRoot(_));
        match self.found().owner {
            _ if self.found().is_key => of_key(self),
            Owner::Recovered(_) => self.owner().is_some_and(of_key),
            Owner::Slack(_) => true,
            Owner::Unknown => false,
        }
    }

    /// Returns the names of the two keys above. For a value, these are its key and the parent of its key.
    pub fn names_above(self) -> [Option<Name<'d>>; 2] {
        let above = |node: Option<Node<'d>>| {
            node.and_then(|node| self.recovery.node(CellOffset::new(node.raw().parent.get())))
        };
        let first = match (self.key(), self.owner(), self.live_owner()) {
            _ if self.loss().contains(Loss::FOREIGN) => None,
            (Some(key), ..) => above(Some(Node::Recovered(key))),
            (_, Some(owner), _) => owner.key().map(Node::Recovered),
            (.., live) => live.map(Node::Live),
        };
        [first, above(first)].map(|node| node.map(Node::name))
    }

    /// Returns the path for display; empty if the key is unknown.
    pub fn path(self) -> RecoveredPath {
        self.key_path().unwrap_or_default()
    }
}
