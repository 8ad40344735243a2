// SPDX-License-Identifier: MIT OR Apache-2.0
//! Turns items found by a [`Collector`] into facts, with data and permissions, within the budget.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_regf::error::{Error, ErrorKind, Limit};
use calhive_regf::hive::hidden::{Hidden, HiddenBy, Item, Weight};
use calhive_regf::hive::key::Key;
use calhive_regf::hive::name::Name;
use calhive_regf::hive::value::Value;

use crate::catalog::Location;
use crate::collect::collector::Collector;
use crate::fact::explain::explain;
use crate::fact::{Access, Permissions};
use crate::fact::{Fact, State};
use crate::fact::{Hiding, Origin, Provenance};
use crate::meaning::text;

/// Maximum number of access control entries in a fact.
const ENTRIES: usize = 64;
/// Work that calhive counts for the memory of one fact. The length of the names in the fact counts
/// in addition.
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
        if self.is_shown(&provenance) {
            return;
        }
        let size = u64::from(value.data_size());
        let (available, error) = value.available();
        let there =
            available.segments().fold(0, |sum: u64, it| sum.saturating_add(it.len() as u64));
        let (data, lost) = match self.budget.data.checked_sub(there) {
            Some(left) => {
                self.budget.data = left;
                (available.to_bytes().into_owned(), error)
            }
            None => (Vec::new(), Some(too_much(value))),
        };
        let state = if lost.is_some() { State::Incomplete } else { State::Set };
        if let Some(error) = lost {
            self.unread.add(error);
        }
        provenance.stand_in(value, name, value.value_type());
        if self.patches.is_some() {
            provenance.trace(self.patches, &value.spans());
        }
        let rest = self.after_the_text(value, &data);
        let rest = rest.map(|(hiding, bytes)| {
            let provenance =
                Provenance { hidden: Some(hiding), origin: Origin::Hidden, ..provenance.clone() };
            let size = bytes.len() as u64;
            Fact { data: bytes, size, ..Fact::new(location, State::Set, provenance) }
        });
        self.push(Fact { data, size, lost, ..Fact::new(location, state, provenance) });
        rest.into_iter().for_each(|rest| self.push(rest));
    }

    /// Returns the bytes that follow the terminator of a text, and the place of the terminator.
    fn after_the_text(&mut self, value: Value<'s>, data: &[u8]) -> Option<(Hiding, Vec<u8>)> {
        // The pass over hidden items meets live values again.
        let is_first = self.overlay.is_none();
        let length = text::terminated(data, value.value_type()).filter(|_| is_first)?;
        let rest = data.get(length..)?;
        self.budget.data = self.budget.data.checked_sub(rest.len() as u64)?;
        let (available, _) = value.available();
        // The terminator is the last unit of the text.
        let mut before = length.saturating_sub(2);
        let mut place = value.offset().get();
        for segment in available.segments() {
            if let Some(within) = before.checked_sub(segment.len()) {
                before = within;
            } else {
                place = segment.offset_of(before).get();
                break;
            }
        }
        let (found, weight) = (rest.len() as u64, Weight::LeftOver);
        let hiding =
            Hiding { by: HiddenBy::Terminator, offset: place, found, suggested: None, weight };
        Some((hiding, rest.to_vec()))
    }

    /// Adds the hidden data of a value, with another type if other bytes suggest one.
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
        let Some(left) = self.budget.data.checked_sub(size) else { return };
        self.budget.data = left;
        let data = pieces.iter().flat_map(|piece| piece.as_slice()).copied().collect();
        let value_type = item.suggested_type().unwrap_or(value.value_type());
        provenance.stand_in(value, name, value_type);
        provenance.hidden = Some(Hiding::of(item));
        let fact = Fact { data, size, ..Fact::new(location, State::Set, provenance) };
        if item.weight == Weight::Contradiction || !self.says_the_same(&fact) {
            self.push(fact);
        }
    }

    /// Whether the tree already shows a value with the same meaning. A cell can hold leftover bytes
    /// of a longer text. Such bytes are not a new fact.
    fn says_the_same(&mut self, fact: &Fact) -> bool {
        self.budget.work = self.budget.work.saturating_sub(self.facts.len());
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

    /// Takes the cost of reading a value from the budget. Returns whether the budget allows it.
    pub(super) fn spend(&mut self, value: &calhive_regf::Result<Value<'_>>) -> bool {
        let name = value.as_ref().ok().and_then(|value| value.name().as_bytes());
        let cost = name.map_or(0, <[u8]>::len) / 64;
        let enough = self.budget.work > cost;
        self.budget.work = self.budget.work.saturating_sub(cost.saturating_add(1));
        enough
    }

    /// Adds the fact that nothing was found. `lost` is the first error on the way to the place. With
    /// an error, the fact is that the place is not readable.
    pub(super) fn add(
        &mut self,
        location: &'static Location,
        state: State,
        lost: Option<Error>,
        provenance: Provenance,
    ) {
        let state = if lost.is_some() { State::NotReadable } else { state };
        self.push(Fact { lost, ..Fact::new(location, state, provenance) });
    }

    /// Whether the pass over hidden items skips an item, because the tree shows it.
    pub(super) const fn is_shown(&self, provenance: &Provenance) -> bool {
        self.overlay.is_some() && provenance.hidden.is_none()
    }

    /// Keeps a fact, if the budget allows it.
    pub(super) fn push(&mut self, mut fact: Fact) {
        if self.overlay.is_some() {
            if !fact.state.is_found() || fact.provenance.hidden.is_none() {
                return;
            }
            fact.provenance.origin = Origin::Hidden;
        }
        let place = &fact.provenance;
        let names = place.key.len().saturating_add(place.value.as_ref().map_or(0, String::len));
        match self.budget.work.checked_sub(FACT.saturating_add(names)) {
            Some(left) => {
                self.budget.work = left;
                self.facts.push(fact);
            }
            None => self.budget.work = 0,
        }
    }
}

/// Returns the error of a value whose data exceed the budget.
fn too_much(value: Value<'_>) -> Error {
    let most = value.hive().file_length();
    let limit = ErrorKind::LimitReached { limit: Limit::Data, most };
    value.data().err().unwrap_or(Error::new(limit, value.offset()))
}
