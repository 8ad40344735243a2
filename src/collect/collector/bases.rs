// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reads the places of the catalog from each base in a hive.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_regf::error::Error;
use calhive_regf::hive::Hive;
use calhive_regf::registry::{ControlSet, HiveKind, control_set_number};

use crate::catalog::{Base, LOCATIONS, Location, Subject};
use crate::collect::collector::start::{FoundKey, Start, Step, joined};
use crate::collect::collector::{Collector, REDIRECTED, wanted};
use crate::fact::{Fact, Provenance, State};

/// Key that is normally a link, which exists only while Windows runs. A stored key of this name counts as
/// control set 0.
const STORED_SET: &str = "CurrentControlSet";

impl<'s> Collector<'s> {
    /// Reads every place of the catalog in this kind of hive. Also reads the places of the other kind if one of
    /// them exists, because names that identify a kind can be forged. Returns the other kinds that were found.
    pub(in crate::collect) fn read_all(&mut self, kind: HiveKind, hive: Hive<'s>) -> Vec<HiveKind> {
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
                Start { control_set, ..Start::new(FoundKey { key: set.key, path, hidden: all }) }
            })
            .collect();
        for (name, key, hiding) in self.hidden_subkeys(root) {
            if let Some(number) = control_set_number(name) {
                let roles = ControlSet::roles(root, number);
                let start =
                    Start::new(FoundKey { key, path: name.to_string(), hidden: Some(hiding) });
                sets.push(Start { control_set: Some((number, roles)), ..start });
            }
        }
        let stored = root.subkey_by(STORED_SET, self.look_up, |fault| self.faults.add(fault));
        sets.extend(stored.map(|key| {
            let path = key.name().to_string();
            Start {
                control_set: Some((0, Vec::new())),
                ..Start::new(FoundKey { key, path, hidden: all })
            }
        }));
        sets.retain(|set| self.unless_link(set.at.key).is_ok());
        let mut root = Start::new(FoundKey::root(root, all));
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
        let mut root = Start::new(FoundKey::root(root, self.hides_all()));
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
            Step::Found(native) => self.below(native, REDIRECTED, None),
            Step::Missing(lost) => Step::Missing(*lost),
        };
        let views = [(native, STORE, false), (wow, VIEW, true)];
        let mut views = views.map(|(step, path, redirected)| match step {
            Step::Found(found) => Ok(Start { redirected, ..Start::new(found) }),
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
        let mut native = Start::new(FoundKey::root(root, all));
        let mut wow = match self.below(&native.at, REDIRECTED, None) {
            Step::Found(found) => Ok(Start { redirected: true, ..Start::new(found) }),
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
}
