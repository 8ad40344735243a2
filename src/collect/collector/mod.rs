// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Collector`]: reads the places of the catalog in one tree.
//!
//! `bases` reads the places of each base, `look_up` finds their keys, `sink` turns items into facts,
//! and `recovery` adds recovered items.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use calhive_regf::error::{Error, ErrorKind, Limit};
use calhive_regf::hive::key::Key;
use calhive_regf::hive::look_up::LookUp;
use calhive_regf::hive::name::Name;
use calhive_regf::hive::named_subkeys::NamedSubkeys;
use calhive_regf::hive::value::Value;
use calhive_regf::log::patches::Patches;
use calhive_regf::offset::CellOffset;

use crate::catalog::{Location, Read};
use crate::collect::collector::start::{Start, Step, joined, path_below};
use crate::collect::overlay::Overlay;
use crate::fact::Faults;
use crate::fact::{Fact, State};
use crate::fact::{Hiding, Provenance};

mod bases;
mod look_up;
mod naming;
mod recovery;
mod sink;
mod start;

/// Registry view of 32-bit programs on 64-bit Windows.
pub(super) const REDIRECTED: &str = "Wow6432Node";

/// Number of facts of a usual hive.
const FACTS: usize = 100;

/// Remaining work and data of a collector.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Number of list elements that the collector may still visit.
    pub(super) work: usize,
    /// Number of bytes of data that the collector may still keep.
    pub(super) data: u64,
    /// Names to compare for the live counterparts of recovered items.
    pub(super) look_ups: calhive_regf::Budget,
}

impl Budget {
    /// Minimum budget for work. Even in a small hive, the collector visits many places of the catalog.
    const SMALL: usize = 1 << 18;

    /// Returns a budget in proportion to a number of bytes. Lists can name the same cells many times.
    pub(super) fn for_bytes(bytes: u64) -> Self {
        let work = usize::try_from(bytes / 4).unwrap_or(usize::MAX).saturating_add(Self::SMALL);
        let look_ups = calhive_regf::Budget::new(Limit::LookUps, bytes.saturating_mul(64));
        Self { work, data: bytes, look_ups }
    }
}

/// Collects the facts of one hive.
pub(super) struct Collector<'s> {
    facts: Vec<Fact>,
    /// Faults of items that could be read.
    faults: Faults,
    /// Items that could not be read.
    unread: Faults,
    look_up: LookUp,
    budget: Budget,
    /// Origin of the bytes, if logs were applied.
    patches: Option<&'s Patches<'s>>,
    /// Hidden items. If set, the collector collects only these.
    overlay: Option<Overlay<'s>>,
    /// Subkeys of the catalog below keys, by the cell of the key and its index in the catalog.
    lists: BTreeMap<(CellOffset, Option<usize>), Option<NamedSubkeys<'s>>>,
}

/// Result of a collector.
pub(super) struct Collection {
    pub(super) facts: Vec<Fact>,
    pub(super) faults: Faults,
    pub(super) unread: Faults,
    /// Rest of the budget.
    pub(super) budget: Budget,
}

impl<'s> Collector<'s> {
    /// Returns a collector without facts.
    pub(super) fn new(look_up: LookUp, budget: Budget, patches: Option<&'s Patches<'s>>) -> Self {
        let (faults, unread) = (Faults::default(), Faults::default());
        let (facts, lists) = (Vec::with_capacity(FACTS), BTreeMap::new());
        Self { facts, faults, unread, look_up, budget, patches, overlay: None, lists }
    }

    /// Sets the known faults. `faults` are of items that could be read, `unread` of items that could not.
    pub(super) fn with_faults(mut self, faults: Faults, unread: Faults) -> Self {
        (self.faults, self.unread) = (faults, unread);
        self
    }

    /// Adds an item that could not be read.
    pub(super) fn add_unread(&mut self, fault: Error) {
        self.unread.add(fault);
    }

    /// Sets the hidden items to collect. With `None`, the collector collects items of the tree.
    pub(super) fn set_overlay(&mut self, overlay: Option<Overlay<'s>>) {
        if overlay.as_ref().and_then(Overlay::hides_all).is_some() {
            // The paths start at another root.
            self.lists.clear();
        }
        self.overlay = overlay;
    }

    /// Returns the facts so far.
    pub(super) fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Whether the budget for work is used up.
    pub(super) const fn is_exhausted(&self) -> bool {
        self.budget.work == 0
    }

    /// Returns what was found.
    pub(super) fn finish(self) -> Collection {
        let Self { facts, faults, mut unread, budget, .. } = self;
        budget.look_ups.fault().into_iter().for_each(|fault| unread.add(fault));
        Collection { facts, faults, unread, budget }
    }

    /// Reads a place below a start.
    fn read(&mut self, location: &'static Location, start: &mut Start<'s>) {
        let (key, path, hidden) = match self.look_up(start, location) {
            Some(Step::Found(found)) => (found.key, found.path.clone(), found.hidden),
            // Only found items can be hidden.
            _ if self.overlay.is_some() => return,
            missing => {
                let lost = missing.and_then(Step::lost);
                let place = start.provenance(location, joined(&start.at.path, location.key));
                return self.add(location, State::NotSet, lost, place);
            }
        };
        let key_place = Some((key.offset().get(), key.last_written()));
        let provenance = Provenance { key_place, hidden, ..start.provenance(location, path) };
        match location.read {
            Read::Key => self.key(location, key, provenance),
            Read::Value(name) => self.value(location, key, name, provenance),
            Read::Values => self.values(location, key, &provenance),
            Read::SubkeyValue { prefix, value } => {
                self.each_subkey(location, key, &provenance, |this, subkey, provenance| {
                    let is_ours = begins(this.name(subkey), prefix);
                    if is_ours {
                        this.value(location, subkey, value, provenance());
                    }
                    is_ours
                });
            }
            // Reading every task would touch much of the hive.
            Read::SubkeyValueNaming { .. } if self.look_up != LookUp::Thorough => {}
            Read::SubkeyValueNaming { value, texts } => {
                self.each_subkey(location, key, &provenance, |this, subkey, provenance| {
                    if this.names_any(subkey, value, texts) {
                        this.value(location, subkey, value, provenance());
                    }
                    true
                });
            }
            Read::SubkeyValues => {
                self.each_subkey(location, key, &provenance, |this, subkey, provenance| {
                    this.values(location, subkey, &provenance());
                    true
                });
            }
            Read::SubkeyNames { except } => {
                self.each_subkey(location, key, &provenance, |this, subkey, provenance| {
                    let is_ours = !this.name(subkey).same(except.into());
                    if is_ours {
                        this.key_name(location, subkey, provenance());
                    }
                    is_ours
                });
            }
        }
    }

    fn key(&mut self, location: &'static Location, key: Key<'s>, mut provenance: Provenance) {
        if self.is_shown(&provenance) {
            return;
        }
        provenance.trace(self.patches, &[key.node_span()]);
        let permissions = self.permissions(key);
        self.push(Fact { permissions, ..Fact::new(location, State::Key, provenance) });
    }

    fn value(
        &mut self,
        location: &'static Location,
        key: Key<'s>,
        name: &str,
        mut provenance: Provenance,
    ) {
        // Names of the catalog are ASCII without escapes.
        let wanted = Name::latin1(name.as_bytes());
        let is_named = |(of, ..): &(Name<'s>, Value<'s>, Hiding)| of.same(wanted);
        if let Some((name, value, hiding)) = self.hidden_values(key).into_iter().find(is_named) {
            provenance.hidden = Some(hiding);
            return self.found(location, value, name, provenance);
        }
        let exhausted = limit_reached(key);
        let (mut found, mut lost) = (None, (self.budget.work == 0).then_some(exhausted));
        for value in key.values() {
            if !self.spend(&value) {
                lost = lost.or(Some(exhausted));
                break;
            }
            match value {
                Ok(value) if value.name().same(wanted) => {
                    found = Some(value);
                    break;
                }
                Ok(_) => {}
                Err(error) => {
                    lost = lost.or(Some(error));
                    self.unread.add(error);
                }
            }
        }
        match found {
            Some(value) => self.found(location, value, value.name(), provenance),
            None => self.add(location, State::NotInKey, lost, provenance),
        }
    }

    /// Adds every value of a key. If the key has no values, adds that as a fact.
    fn values(&mut self, location: &'static Location, key: Key<'s>, provenance: &Provenance) {
        let (mut is_found, mut lost, mut seen) = (false, None, BTreeSet::new());
        for (name, value, hiding) in self.hidden_values(key) {
            seen.insert(value.cell_offset());
            let provenance = Provenance { hidden: Some(hiding), ..provenance.clone() };
            self.found(location, value, name, provenance);
        }
        for value in key.values() {
            if !self.spend(&value) {
                lost = lost.or(Some(limit_reached(key)));
                break;
            }
            match value {
                // A list can name one value many times.
                Ok(value) if seen.insert(value.cell_offset()) => {
                    is_found = true;
                    self.found(location, value, value.name(), provenance.clone());
                }
                Ok(_) => {}
                Err(error) => {
                    lost = lost.or(Some(error));
                    self.unread.add(error);
                }
            }
        }
        if !is_found || lost.is_some() {
            self.add(location, State::NotInKey, lost, provenance.clone());
        }
    }

    fn key_name(&mut self, location: &'static Location, key: Key<'s>, mut provenance: Provenance) {
        if self.is_shown(&provenance) {
            return;
        }
        provenance.trace(self.patches, &[key.node_span()]);
        let name = self.name(key).to_string_lossy();
        let data: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let size = data.len() as u64;
        let permissions = self.permissions(key);
        let fact = Fact::new(location, State::KeyName, provenance);
        self.push(Fact { data, size, permissions, ..fact });
    }

    /// Calls `see` for each subkey of a key, with the provenance of the subkey. If `see` accepts no subkey,
    /// adds that as a fact.
    fn each_subkey(
        &mut self,
        location: &'static Location,
        key: Key<'s>,
        provenance: &Provenance,
        mut see: impl FnMut(&mut Self, Key<'s>, &dyn Fn() -> Provenance) -> bool,
    ) {
        let below = |subkey: Key<'s>, name: Name<'s>, hidden| Provenance {
            key: path_below(&provenance.key, name),
            key_place: Some((subkey.offset().get(), subkey.last_written())),
            hidden,
            ..provenance.clone()
        };
        let (mut is_found, mut lost, mut seen) = (false, None, BTreeSet::new());
        for (name, subkey, hiding) in self.hidden_subkeys(key) {
            seen.insert(subkey.cell_offset());
            if let Ok(subkey) = self.unless_link(subkey) {
                see(self, subkey, &|| below(subkey, name, Some(hiding)));
            }
        }
        for subkey in key.subkeys() {
            let Some(work) = self.budget.work.checked_sub(1) else {
                lost = lost.or(Some(limit_reached(key)));
                break;
            };
            self.budget.work = work;
            match subkey.and_then(Key::unless_link) {
                Ok(subkey) if seen.insert(subkey.cell_offset()) => {
                    let hidden = provenance.hidden;
                    is_found |= see(self, subkey, &|| below(subkey, subkey.name(), hidden));
                }
                Ok(_) => {}
                Err(error) => {
                    lost = lost.or(Some(error));
                    self.unread.add(error);
                }
            }
        }
        if !is_found || lost.is_some() {
            // The missing item is a subkey, so the fact names no value.
            let provenance = Provenance { value: None, ..provenance.clone() };
            self.add(location, State::NotInKey, lost, provenance);
        }
    }

    /// Returns the field that hides the whole tree; `None` if no field hides it.
    fn hides_all(&self) -> Option<Hiding> {
        self.overlay.as_ref().and_then(Overlay::hides_all)
    }

    fn hidden_subkeys(&mut self, key: Key<'s>) -> Vec<(Name<'s>, Key<'s>, Hiding)> {
        self.hidden(|overlay| overlay.subkeys(key))
    }

    fn hidden_values(&mut self, key: Key<'s>) -> Vec<(Name<'s>, Value<'s>, Hiding)> {
        self.hidden(|overlay| overlay.values(key))
    }

    /// Returns the hidden items that the budget allows.
    fn hidden<T: Copy>(&mut self, of: impl for<'o> FnOnce(&'o Overlay<'s>) -> &'o [T]) -> Vec<T> {
        let most = self.budget.work;
        let take = |overlay| of(overlay).iter().take(most).copied().collect();
        let hidden: Vec<T> = self.overlay.as_ref().map(take).unwrap_or_default();
        self.budget.work = most.saturating_sub(hidden.len());
        hidden
    }

    /// Returns the name under which a look-up finds a key.
    fn name(&self, key: Key<'s>) -> Name<'s> {
        self.overlay.as_ref().map_or(key.name(), |overlay| overlay.name(key))
    }
}

/// Whether a name has this prefix. Names compare as in Windows.
pub(super) fn begins(name: Name<'_>, prefix: &str) -> bool {
    let upcase = calhive_regf::hive::upcase;
    let mut units = name.units();
    Name::from(prefix).units().all(|unit| units.next().map(upcase) == Some(upcase(unit)))
}

/// Returns the error of a key whose content exceeds the budget for work.
fn limit_reached(key: Key<'_>) -> Error {
    let most = key.hive().file_length() / 4;
    Error::new(ErrorKind::LimitReached { limit: Limit::Elements, most }, key.offset())
}

/// Returns the name of the value that a location reads.
const fn wanted(location: &Location) -> Option<&'static str> {
    match location.read {
        Read::Value(name)
        | Read::SubkeyValue { value: name, .. }
        | Read::SubkeyValueNaming { value: name, .. } => Some(name),
        Read::Key | Read::Values | Read::SubkeyValues | Read::SubkeyNames { .. } => None,
    }
}
