// SPDX-License-Identifier: MIT OR Apache-2.0
//! What becomes of what a [`Collector`] finds: facts, with their data and permissions, as many as may be
//! kept.

use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Limit};
use crate::hive::hidden::{Hidden, Item, Weight};
use crate::hive::key::Key;
use crate::hive::name::Name;
use crate::hive::value::Value;
use crate::licensing::collector::Collector;
use crate::licensing::explain::explain;
use crate::licensing::fact::{Access, Fact, Hiding, Origin, Permissions, Provenance, State};
use crate::licensing::locations::Location;

/// Entries of an access control list that are kept.
const ENTRIES: usize = 64;
/// What a fact takes of the work that may be done, beside the length of its names: it takes memory.
const FACT: usize = 256;

impl<'s> Collector<'s> {
    pub(super) fn found(
        &mut self,
        location: &'static Location,
        value: Value<'s>,
        name: Name<'s>,
        mut provenance: Provenance,
    ) {
        if let Some(item) = self.overlay.as_ref().and_then(|overlay| overlay.data(value)) {
            return self.found_hidden_data(location, value, name, provenance, item);
        }
        let size = u64::from(value.data_size());
        let (available, error) = value.available();
        let there =
            available.segments().fold(0, |sum: u64, it| sum.saturating_add(it.len() as u64));
        let (data, error) = match self.data.checked_sub(there) {
            Some(left) => {
                self.data = left;
                (available.to_bytes().into_owned(), error)
            }
            None => (Vec::new(), Some(too_much(value))),
        };
        let state = if error.is_some() { State::Incomplete } else { State::Set };
        if let Some(error) = error {
            self.unread.add(error);
        }
        provenance.stand_in(value, name, value.value_type());
        if self.patches.is_some() {
            provenance.trace(self.patches, &value.spans());
        }
        self.push(Fact { data, size, ..Fact::new(location, state, provenance) });
    }

    /// Data that the bytes suggest in place of those that are shown, or their type.
    fn found_hidden_data(
        &mut self,
        location: &'static Location,
        value: Value<'s>,
        name: Name<'s>,
        mut provenance: Provenance,
        item: &Hidden<'s>,
    ) {
        let Item::Data { data: pieces, .. } = &item.item else { return };
        let size = pieces.iter().fold(0, |sum: u64, it| sum.saturating_add(it.len() as u64));
        let Some(left) = self.data.checked_sub(size) else { return };
        self.data = left;
        let data = pieces.iter().flat_map(|piece| piece.as_slice()).copied().collect();
        let value_type = item.suggested_type().unwrap_or(value.value_type());
        provenance.stand_in(value, name, value_type);
        provenance.hidden = Some(Hiding::of(item));
        let fact = Fact { data, size, ..Fact::new(location, State::Set, provenance) };
        if item.weight == Weight::Contradiction || !self.says_the_same(&fact) {
            self.push(fact);
        }
    }

    /// Whether the tree shows a value that says the same as this one: what a longer text left behind it
    /// in a cell is nothing new.
    fn says_the_same(&mut self, fact: &Fact) -> bool {
        self.work = self.work.saturating_sub(self.facts.len());
        let place = |fact: &Fact| (fact.location.code, fact.provenance.value_place.map(|it| it.0));
        let shown = |fact: &Fact| explain(fact).and_then(|it| it.shown);
        let is_shown = |other: &Fact| place(other) == place(fact) && shown(other) == shown(fact);
        shown(fact).is_some() && self.facts.iter().any(is_shown)
    }

    pub(super) fn permissions(&mut self, key: Key<'_>) -> Option<Permissions> {
        let security = key.security().map_err(|error| self.faults.add(error)).ok()??;
        let descriptor = security.descriptor().map_err(|error| self.faults.add(error)).ok()?;
        let mut permissions = Permissions::default();
        match descriptor.owner() {
            Ok(owner) => permissions.owner = owner.map(|sid| sid.to_string()),
            Err(error) => self.faults.add(error),
        }
        let list = descriptor.dacl().map_err(|error| self.faults.add(error)).ok().flatten();
        for entry in list.into_iter().flat_map(|list| list.entries()).take(ENTRIES) {
            match entry {
                Ok(entry) => permissions.entries.push(Access {
                    r#type: entry.ace_type(),
                    flags: entry.flags(),
                    mask: entry.mask(),
                    sid: entry.sid().map(|sid| sid.to_string()),
                }),
                Err(error) => self.faults.add(error),
            }
        }
        Some(permissions)
    }

    /// Takes what looking at a value costs; whether it may be looked at.
    pub(super) fn spend(&mut self, value: &crate::Result<Value<'_>>) -> bool {
        let name = value.as_ref().ok().and_then(|value| value.name().as_bytes());
        let cost = name.map_or(0, <[u8]>::len) / 64;
        let enough = self.work > cost;
        self.work = self.work.saturating_sub(cost.saturating_add(1));
        enough
    }

    pub(super) fn add(
        &mut self,
        location: &'static Location,
        state: State,
        provenance: Provenance,
    ) {
        self.push(Fact::new(location, state, provenance));
    }

    /// Keeps a fact, as long as there may be more of them.
    pub(super) fn push(&mut self, mut fact: Fact) {
        if self.overlay.is_some() {
            if !fact.state.is_found() || fact.provenance.hidden.is_none() {
                return;
            }
            fact.provenance.origin = Origin::Hidden;
        }
        let place = &fact.provenance;
        let names = place.key.len().saturating_add(place.value.as_ref().map_or(0, String::len));
        match self.work.checked_sub(FACT.saturating_add(names)) {
            Some(left) => {
                self.work = left;
                self.facts.push(fact);
            }
            None => self.work = 0,
        }
    }
}

/// The error of a value whose data are more than may still be kept.
fn too_much(value: Value<'_>) -> Error {
    let most = value.hive().file_length();
    let limit = ErrorKind::LimitReached { limit: Limit::Data, most };
    value.data().err().unwrap_or(Error::new(limit, value.offset()))
}
