// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`RecoveredPath`]: the way from a root to a recovered key, by the parents that keys name.

use alloc::vec::Vec;
use core::fmt;

use crate::bytes::CellOffset;
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::path::KeyPath;
use crate::limits::Limits;
use crate::raw;
use crate::recover::record::KeyRecord;
use crate::recover::{Leads, Loss, Owner, Recovered, Recovery};

/// The names on the way to a recovered key, as far as parents lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveredPath {
    /// The names that are known, the last of them that of the key itself.
    pub names: KeyPath,
    /// Whether the way goes up to a root; else it begins somewhere below.
    pub is_whole: bool,
    /// Whether a key on the way does not look like the parent of the one below it: then another key may
    /// stand in that place by now.
    pub is_doubtful: bool,
    /// Whether a live key on the way has no subkeys: it has lost them, or another key stands in the place of
    /// the one that had them. Nothing but that place says which. Or whether a value is named in the slack of
    /// a live key's list alone: a list may be made in a cell that another key's list was in.
    pub is_inferred: bool,
}

impl fmt::Display for RecoveredPath {
    /// The names; behind `…\` where the way to the root is lost.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_whole {
            f.write_str("…\\")?;
        }
        fmt::Display::fmt(&self.names, f)
    }
}

/// So many names are told of a way that leads nowhere.
const LOST: usize = 32;

/// A key on the way, wherever it is.
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

    /// Whether this key cannot be, or hardly is, the parent of the one below it. A key that a subkey
    /// was deleted from was written then, so after the subkey; and it keeps the length of the longest name
    /// that its subkeys have had, as long as it has any.
    fn is_unlikely_above(self, below: &raw::KeyNode, name_length: usize) -> bool {
        let node = self.raw();
        let is_older = node.last_written.get() < below.last_written.get();
        let longest = usize::from(node.largest_subkey_name.get());
        let is_short = node.subkey_count.get() > 0 && longest < name_length;
        is_older || is_short
    }
}

impl<'d> Recovery<'d> {
    /// The key in a cell: a live one, else a recovered one.
    pub(super) fn node(&self, cell: CellOffset) -> Option<Node<'d>> {
        if let Some(key) = self.live.key_at(cell) {
            return Some(Node::Live(key));
        }
        let found = self.found.get(self.found_in(cell)?)?;
        self.key_of(*found).filter(|_| !found.loss.contains(Loss::FOREIGN)).map(Node::Recovered)
    }

    /// Says of each recovered key whether parents lead from it to a root. Each is gone through once.
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
                // A loop comes back here.
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
            // From the topmost down; nothing that is deeper than a tree can be leads anywhere.
            let mut leads = leads;
            for index in way.drain(..).rev() {
                leads = leads.below();
                if let Some(found) = self.found.get_mut(index) {
                    found.leads = leads;
                }
            }
        }
    }

    /// The way to a key, which may be any.
    fn path_to(&self, start: Node<'d>, levels: usize) -> RecoveredPath {
        let live_root = self.hive.root().ok().map(Key::cell_offset);
        let (mut names, mut seen) = (Vec::new(), Vec::new());
        let mut path = RecoveredPath::default();
        let mut node = start;
        for _ in 0..levels {
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
            // Parents may lead in a circle.
            if seen.contains(&raw.parent.get()) {
                break;
            }
            seen.push(raw.parent.get());
            let Some(above) = self.node(CellOffset::new(raw.parent.get())) else { break };
            // What the tree leads to is where its parents say.
            if matches!(node, Node::Recovered(_)) {
                let length = name.units().count().saturating_mul(2);
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
    /// The way to this key, or to the key of this value; `None` for a value whose key is not known.
    pub fn key_path(self) -> Option<RecoveredPath> {
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
        // Of a way that leads nowhere no more is told than makes sense to read.
        let levels =
            if self.leads_to_root() { Limits::default().depth.saturating_add(2) } else { LOST };
        let mut path = self.recovery.path_to(node, levels);
        path.is_inferred |= self.live_owner().is_some();
        Some(path)
    }

    /// Whether parents lead from this key, or from the key of this value, to a root. It is known without
    /// going there.
    pub fn leads_to_root(self) -> bool {
        let of_key = |found: Self| matches!(found.found().leads, Leads::ToRoot(_));
        match self.found().owner {
            _ if self.found().is_key => of_key(self),
            Owner::Recovered(_) => self.owner().is_some_and(of_key),
            Owner::Slack(_) => true,
            Owner::Unknown => false,
        }
    }

    /// The names of the two keys above: of a value, its key and the one above that.
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

    /// The same, for showing: nothing where the key is not known.
    pub fn path(self) -> RecoveredPath {
        self.key_path().unwrap_or_default()
    }
}
