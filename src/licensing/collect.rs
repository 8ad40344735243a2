// SPDX-License-Identifier: MIT OR Apache-2.0
//! `collect`: a hive into facts. It never fails: what could not be read is in the result.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Limit};
use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::path::KeyPath;
use crate::hive::value::Value;
use crate::licensing::fact::{Counts, Fact, Facts, Faults, Provenance, Source, State};
use crate::licensing::locations::{LOCATIONS, Location, Read};
use crate::registry::{ControlSet, HiveKind, Role};

/// Where 32-bit programs on 64-bit Windows are sent to.
const REDIRECTED: &str = "Wow6432Node";

/// Reads every location of the catalogue that belongs to this kind of hive, in every control set and
/// both views; goes through the whole hive once to tell what of it cannot be read.
///
/// Lists of subkeys are gone through without trusting their hashes.
pub fn collect(source: &Source<'_>) -> Facts {
    let hive = source.hive;
    let block = hive.base_block();
    let kind = HiveKind::of(hive);
    let (counts, unread, faults) = read_through(hive);
    let budget = hive.file_length();
    let mut collector = Collector { facts: Vec::new(), faults, budget };
    match kind {
        HiveKind::System => collector.system(hive),
        HiveKind::Software => collector.software(hive),
        _ => {}
    }
    Facts {
        path: source.path.clone(),
        sha256: source.sha256.clone(),
        size: hive.file_length(),
        kind,
        version: block.version(),
        sequence: block.sequence(),
        checksum_is_valid: block.checksum_is_valid(),
        counts,
        unread,
        faults: collector.faults,
        facts: collector.facts,
    }
}

/// Goes through all keys, values and data.
fn read_through(hive: Hive<'_>) -> (Counts, Faults, Faults) {
    let (mut counts, mut unread, mut faults) = <(Counts, Faults, Faults)>::default();
    let mut walk = hive.walk().with_values(true);
    while let Some(entry) = walk.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                unread.add(error);
                continue;
            }
        };
        counts.keys = counts.keys.saturating_add(1);
        for value in entry.values {
            if let Ok(value) = &value
                && let Some(fault) = value.name_fault()
            {
                if is_loss(fault) { unread.add(fault) } else { faults.add(fault) }
            }
            match value.and_then(|value| walk.data(value)) {
                Ok(_) => counts.values = counts.values.saturating_add(1),
                Err(error) => unread.add(error),
            }
        }
    }
    for fault in walk.faults() {
        if is_loss(*fault) { unread.add(*fault) } else { faults.add(*fault) }
    }
    (counts, unread, faults)
}

/// Whether a fault of something that is shown means that part of it is lost: a name that is cut.
const fn is_loss(fault: Error) -> bool {
    matches!(fault.kind(), ErrorKind::Truncated { .. })
}

/// Facts of one hive. A list may name one thing again and again: each cell of a list makes one fact,
/// and all data together are no more than the hive has.
struct Collector {
    facts: Vec<Fact>,
    faults: Faults,
    /// Bytes of data that may still be kept.
    budget: u64,
}

/// A key that locations are relative to.
struct Base<'d> {
    key: Key<'d>,
    path: KeyPath,
    control_set: Option<(u32, Vec<Role>)>,
    redirected: bool,
}

impl Collector {
    fn system(&mut self, hive: Hive<'_>) {
        let sets = ControlSet::all(hive, |fault| self.faults.add(fault));
        for location in LOCATIONS.iter().filter(|location| location.hive == HiveKind::System) {
            for set in &sets {
                let path = [set.key.name()].into_iter().collect();
                let control_set = Some((set.number, set.roles.clone()));
                self.read(location, &Base { key: set.key, path, control_set, redirected: false });
            }
        }
    }

    fn software(&mut self, hive: Hive<'_>) {
        let Ok(root) = hive.root() else { return };
        let native =
            Base { key: root, path: KeyPath::default(), control_set: None, redirected: false };
        let wow = root.subkey_thorough(REDIRECTED, |fault| self.faults.add(fault)).map(|key| {
            let path = [key.name()].into_iter().collect();
            Base { key, path, control_set: None, redirected: true }
        });
        for location in LOCATIONS.iter().filter(|location| location.hive == HiveKind::Software) {
            self.read(location, &native);
            if let Some(wow) = wow.as_ref().filter(|_| location.redirected) {
                self.read(location, wow);
            }
        }
    }

    fn read(&mut self, location: &'static Location, base: &Base<'_>) {
        let mut lost = false;
        let (mut key, mut path) = (base.key, base.path.clone());
        let mut provenance = Provenance {
            control_set: base.control_set.clone(),
            redirected: base.redirected,
            key: base.path.join(location.key).to_string(),
            value: wanted(location).map(String::from),
            ..Provenance::default()
        };
        for name in KeyPath::from(location.key).names() {
            let below = key.subkey_thorough(name, |fault| {
                lost = true;
                self.faults.add(fault);
            });
            let Some(below) = below else {
                let state = if lost { State::NotReadable } else { State::NotSet };
                return self.add(location, state, provenance, None);
            };
            key = below;
            path.push(key.name());
        }
        provenance.spell(&path);
        provenance.key_place = Some((key.offset().get(), key.last_written()));
        match location.read {
            Read::Value(name) => self.value(location, key, name, provenance),
            Read::SubkeyValues => self.subkey_values(location, key, &path, provenance),
            Read::SubkeyNames { except } => {
                self.subkey_names(location, key, &path, except, provenance);
            }
        }
    }

    fn value(
        &mut self,
        location: &'static Location,
        key: Key<'_>,
        name: &str,
        provenance: Provenance,
    ) {
        let (mut found, mut lost) = (None, false);
        for value in key.values() {
            match value {
                Ok(value) if value.name().same(name.into()) => found = found.or(Some(value)),
                Ok(_) => {}
                Err(error) => {
                    lost = true;
                    self.faults.add(error);
                }
            }
        }
        match found {
            Some(value) => self.found(location, value, provenance),
            None => {
                let state = if lost { State::NotReadable } else { State::NotInKey };
                self.add(location, state, provenance, None);
            }
        }
    }

    fn subkey_values(
        &mut self,
        location: &'static Location,
        key: Key<'_>,
        path: &KeyPath,
        provenance: Provenance,
    ) {
        let mut any = false;
        for (subkey, provenance) in self.subkeys(key, path, &provenance) {
            any = true;
            let (mut empty, mut seen) = (true, BTreeSet::new());
            for value in subkey.values() {
                match value {
                    Ok(value) => {
                        empty = false;
                        if seen.insert(value.cell_offset()) {
                            self.found(location, value, provenance.clone());
                        }
                    }
                    Err(error) => self.faults.add(error),
                }
            }
            if empty {
                self.add(location, State::NotInKey, provenance, None);
            }
        }
        if !any {
            self.add(location, State::NotInKey, provenance, None);
        }
    }

    fn subkey_names(
        &mut self,
        location: &'static Location,
        key: Key<'_>,
        path: &KeyPath,
        except: &str,
        provenance: Provenance,
    ) {
        let mut any = false;
        for (subkey, provenance) in self.subkeys(key, path, &provenance) {
            if !subkey.name().same(except.into()) {
                any = true;
                let name = subkey.name().to_string_lossy();
                let data = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
                self.add(location, State::KeyName, provenance, Some(data));
            }
        }
        if !any {
            self.add(location, State::NotInKey, provenance, None);
        }
    }

    /// The subkeys of a key, each with a provenance of its own.
    fn subkeys<'d>(
        &mut self,
        key: Key<'d>,
        path: &KeyPath,
        provenance: &Provenance,
    ) -> Vec<(Key<'d>, Provenance)> {
        let subkeys =
            key.subkeys().filter_map(|subkey| subkey.map_err(|e| self.faults.add(e)).ok());
        let with_place = |subkey: Key<'d>| {
            let mut provenance = provenance.clone();
            let mut path = path.clone();
            path.push(subkey.name());
            provenance.spell(&path);
            provenance.key_place = Some((subkey.offset().get(), subkey.last_written()));
            (subkey, provenance)
        };
        let mut seen = BTreeSet::new();
        subkeys.filter(|subkey| seen.insert(subkey.cell_offset())).map(with_place).collect()
    }

    fn found(&mut self, location: &'static Location, value: Value<'_>, mut provenance: Provenance) {
        let size = u64::from(value.data_size());
        let (data, error) = match self.budget.checked_sub(size) {
            Some(left) => {
                self.budget = left;
                let (data, error) = value.available();
                (data.to_bytes().into_owned(), error)
            }
            None => (Vec::new(), Some(too_much(value))),
        };
        let state = if error.is_some() { State::Incomplete } else { State::Set };
        if let Some(error) = error {
            self.faults.add(error);
        }
        provenance.value = Some(value.name().as_text().to_string());
        provenance.value_place = Some((value.offset().get(), value.value_type()));
        self.facts.push(Fact { location, state, provenance, data, size });
    }

    fn add(
        &mut self,
        location: &'static Location,
        state: State,
        provenance: Provenance,
        data: Option<Vec<u8>>,
    ) {
        let data = data.unwrap_or_default();
        let size = data.len() as u64;
        self.facts.push(Fact { location, state, provenance, data, size });
    }
}

/// The error of a value whose data are more than may still be kept.
fn too_much(value: Value<'_>) -> Error {
    let most = value.hive().file_length();
    let limit = ErrorKind::LimitReached { limit: Limit::Data, most };
    value.data().err().unwrap_or(Error::new(limit, value.offset()))
}

const fn wanted(location: &Location) -> Option<&'static str> {
    match location.read {
        Read::Value(name) => Some(name),
        Read::SubkeyValues | Read::SubkeyNames { .. } => None,
    }
}
