// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Collector`]: reads the places of the catalog in one tree.
//!
//! `sink` turns items into facts, and `recovery` adds recovered items.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_regf::error::{Error, ErrorKind, Limit};
use calhive_regf::hive::Hive;
use calhive_regf::hive::key::Key;
use calhive_regf::hive::look_up::LookUp;
use calhive_regf::hive::name::Name;
use calhive_regf::hive::named_subkeys::NamedSubkeys;
use calhive_regf::hive::value::Value;
use calhive_regf::log::patches::Patches;
use calhive_regf::offset::CellOffset;
use calhive_regf::registry::control_set_number;
use calhive_regf::registry::{ControlSet, HiveKind};

use crate::catalog::{Base, LOCATIONS, Location, Read, Subject};
use crate::collect::collector::start::{Start, Step, joined, path_below};
use crate::collect::overlay::Overlay;
use crate::fact::Faults;
use crate::fact::{Fact, State};
use crate::fact::{Hiding, Provenance};

mod look_up;
mod naming;
mod recovery;
mod sink;
mod start;

/// Registry view of 32-bit programs on 64-bit Windows.
pub(super) const REDIRECTED: &str = "Wow6432Node";

/// Key that is normally a link, which exists only while Windows runs. A stored key of this name counts as
/// control set 0.
const STORED_SET: &str = "CurrentControlSet";

/// Number of facts of a usual hive.
const FACTS: usize = 100;

/// Remaining work and data of a collector.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Number of list elements that the collector may still visit.
    pub(super) work: usize,
    /// Number of bytes of data that the collector may still keep.
    pub(super) data: u64,
}

impl Budget {
    /// Minimum budget for work. Even in a small hive, the collector visits many places of the catalog.
    const SMALL: usize = 1 << 18;

    /// Returns a budget in proportion to a number of bytes. Lists can name the same cells many times.
    pub(super) fn for_bytes(bytes: u64) -> Self {
        let work = usize::try_from(bytes / 4).unwrap_or(usize::MAX).saturating_add(Self::SMALL);
        Self { work, data: bytes }
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
        let Self { facts, faults, unread, budget, .. } = self;
        Collection { facts, faults, unread, budget }
    }

    /// Reads every place of the catalog in this kind of hive. Also reads the places of the other kind if one of
    /// them exists, because names that identify a kind can be forged. Returns the other kinds that were found.
    pub(super) fn read_all(&mut self, kind: HiveKind, hive: Hive<'s>) -> Vec<HiveKind> {
        let mut foreign = Vec::new();
        if matches!(kind, HiveKind::User | HiveKind::UserClasses) {
            self.read_kind(kind, hive);
        }
        for each in [HiveKind::System, HiveKind::Software, HiveKind::Security] {
            if each == kind {
                self.read_kind(each, hive);
            } else if self.read_foreign(each, kind, hive) {
                foreign.push(each);
            }
        }
        foreign
    }

    fn read_kind(&mut self, kind: HiveKind, hive: Hive<'s>) {
        match kind {
            HiveKind::System => self.system(hive),
            HiveKind::Software => self.software(hive),
            HiveKind::Security => self.at_root(Base::Security, hive),
            HiveKind::User => self.at_root(Base::User, hive),
            HiveKind::UserClasses => self.virtual_store(hive),
            _ => {}
        }
    }

    /// Reads the places of a kind other than that of the hive. If none of these places exists, undoes the
    /// reading. A hive without a known kind must have a place of licensing. Returns whether a place exists.
    fn read_foreign(&mut self, kind: HiveKind, own: HiveKind, hive: Hive<'s>) -> bool {
        let (before, budget) = (self.facts.len(), self.budget);
        let (faults, unread) = (self.faults.clone(), self.unread.clone());
        self.read_kind(kind, hive);
        let found = self.facts.iter().skip(before);
        let is_licensing = |fact: &&Fact| {
            matches!(own, HiveKind::System | HiveKind::Software)
                || fact.location.subject() != Subject::System
        };
        let is_found = found
            .filter(|fact| fact.location.base != Base::System)
            .filter(is_licensing)
            .any(|fact| fact.state.is_found());
        if !is_found {
            self.facts.truncate(before);
            (self.budget, self.faults, self.unread) = (budget, faults, unread);
        }
        is_found
    }

    fn system(&mut self, hive: Hive<'s>) {
        let Ok(root) = hive.root() else { return };
        let all = self.hides_all();
        let sets = ControlSet::all(hive, self.look_up, |fault| self.faults.add(fault));
        let mut sets: Vec<Start<'s>> = sets
            .into_iter()
            .map(|set| {
                let path = set.key.name().to_string();
                let control_set = Some((set.number, set.roles));
                Start { control_set, ..Start::new(set.key, path, all) }
            })
            .collect();
        for (name, key, hiding) in self.hidden_subkeys(root) {
            if let Some(number) = control_set_number(name) {
                let roles = ControlSet::roles(root, number);
                let start = Start::new(key, name.to_string(), Some(hiding));
                sets.push(Start { control_set: Some((number, roles)), ..start });
            }
        }
        let stored = root.subkey_by(STORED_SET, self.look_up, |fault| self.faults.add(fault));
        sets.extend(stored.map(|key| {
            let path = key.name().to_string();
            Start { control_set: Some((0, Vec::new())), ..Start::new(key, path, all) }
        }));
        let mut root = Start::new(root, String::new(), all);
        for location in LOCATIONS.iter().copied() {
            match location.base {
                Base::ControlSet => sets.iter_mut().for_each(|set| self.read(location, set)),
                Base::System => self.read(location, &mut root),
                _ => {}
            }
        }
    }

    /// Reads the places whose base is the root.
    fn at_root(&mut self, base: Base, hive: Hive<'s>) {
        let Ok(root) = hive.root() else { return };
        let mut root = Start::new(root, String::new(), self.hides_all());
        for location in LOCATIONS.iter().filter(|it| it.base == base) {
            self.read(location, &mut root);
        }
    }

    /// Reads the places in the `VirtualStore` of a user, in both registry views.
    fn virtual_store(&mut self, hive: Hive<'s>) {
        const STORE: &str = r"VirtualStore\MACHINE\SOFTWARE";
        const VIEW: &str = r"VirtualStore\MACHINE\SOFTWARE\Wow6432Node";
        let Ok(root) = hive.root() else { return };
        let native = self.find(root, STORE);
        let wow = match &native {
            Step::Found(key, path, hidden) => self.below(*key, path, REDIRECTED, *hidden, None),
            Step::Missing(lost) => Step::Missing(*lost),
        };
        let views = [(native, STORE, false), (wow, VIEW, true)];
        let mut views = views.map(|(step, path, redirected)| match step {
            Step::Found(key, path, hidden) => {
                Ok(Start { redirected, ..Start::new(key, path, hidden) })
            }
            Step::Missing(lost) => Err((path, redirected, lost)),
        });
        for location in LOCATIONS.iter().copied().filter(|it| it.base == Base::VirtualStore) {
            for view in &mut views {
                match view {
                    Ok(start) => self.read(location, start),
                    Err((path, redirected, lost)) => {
                        let provenance = Provenance {
                            redirected: *redirected,
                            key: format!("{path}\\{}", location.key),
                            value: wanted(location).map(String::from),
                            ..Provenance::default()
                        };
                        self.add(location, State::NotSet, *lost, provenance);
                    }
                }
            }
        }
    }

    fn software(&mut self, hive: Hive<'s>) {
        let Ok(root) = hive.root() else { return };
        let all = self.hides_all();
        let mut native = Start::new(root, String::new(), all);
        let mut wow = match self.below(root, "", REDIRECTED, all, None) {
            Step::Found(key, path, hidden) => {
                Ok(Start { redirected: true, ..Start::new(key, path, hidden) })
            }
            Step::Missing(lost) => Err(lost),
        };
        for location in LOCATIONS.iter().copied() {
            match location.base {
                Base::Software => self.read(location, &mut native),
                Base::SoftwareViews => {
                    self.read(location, &mut native);
                    match &mut wow {
                        Ok(wow) => self.read(location, wow),
                        Err(lost) => self.no_view(location, *lost),
                    }
                }
                _ => {}
            }
        }
    }

    /// Adds the fact that a place is not set in the registry view of 32-bit programs, because the hive has no
    /// such view. `lost` is the first error of the search for the view.
    fn no_view(&mut self, location: &'static Location, lost: Option<Error>) {
        let provenance = Provenance {
            redirected: true,
            key: joined(REDIRECTED, location.key),
            value: wanted(location).map(String::from),
            ..Provenance::default()
        };
        self.add(location, State::NotSet, lost, provenance);
    }

    fn read(&mut self, location: &'static Location, start: &mut Start<'s>) {
        let (key, path, hidden) = match self.look_up(start, location) {
            Some(Step::Found(key, path, hidden)) => (*key, String::from(path), *hidden),
            // Only found items can be hidden.
            _ if self.overlay.is_some() => return,
            missing => {
                let lost = missing.and_then(Step::lost);
                let place = start.provenance(location, joined(&start.path, location.key));
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
        let is_named = |(of, ..): &(Name<'s>, Value<'s>, Hiding)| of.same(name.into());
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
                Ok(value) if value.name().same(name.into()) => {
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
            see(self, subkey, &|| below(subkey, name, Some(hiding)));
        }
        for subkey in key.subkeys() {
            let Some(work) = self.budget.work.checked_sub(1) else {
                lost = lost.or(Some(limit_reached(key)));
                break;
            };
            self.budget.work = work;
            match subkey {
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
