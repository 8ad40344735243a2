// SPDX-License-Identifier: MIT OR Apache-2.0
//! `collect`: a hive into facts. It never fails: what could not be read is in the result.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Field, Limit};
use crate::hive::Hive;
use crate::hive::key::Key;
use crate::hive::look_up::LookUp;
use crate::hive::name::Name;
use crate::hive::path::KeyPath;
use crate::hive::value::Value;
use crate::licensing::fact::{
    Access, Counts, Fact, Facts, Faults, Options, Permissions, Provenance, SecondReader, Source,
    State,
};
use crate::licensing::locations::{Base, LOCATIONS, Location, Read};
use crate::registry::{ControlSet, HiveKind, Role};

/// Where 32-bit programs on 64-bit Windows are sent to.
const REDIRECTED: &str = "Wow6432Node";
/// Entries of an access control list that are kept.
const ENTRIES: usize = 64;
/// What a fact takes of the work that may be done, beside the length of its names: it takes memory.
const FACT: usize = 256;

/// Reads every location of the catalogue that belongs to this kind of hive, in every control set and
/// both views; unless lists are trusted, it goes through the whole hive once to tell what of it cannot
/// be read.
pub fn collect(source: &Source<'_>, options: &Options) -> Facts {
    let hive = source.hive;
    let block = hive.base_block();
    let kind = HiveKind::by(hive, options.look_up);
    let (counts, unread, faults) = match options.look_up {
        LookUp::Thorough => read_through(hive),
        LookUp::Trusting => {
            let mut faults = Faults::default();
            hive.root_fault().into_iter().for_each(|fault| faults.add(fault));
            (None, Faults::default(), faults)
        }
    };
    // The same cells can be named again and again: what is done is bounded by the size of the hive,
    // with room for what the catalogue asks of a small one.
    let work =
        usize::try_from(hive.file_length() / 4).unwrap_or(usize::MAX).saturating_add(1 << 18);
    let data = hive.file_length();
    let look_up = options.look_up;
    let mut collector = Collector { facts: Vec::new(), faults, unread, look_up, work, data };
    match kind {
        HiveKind::System => collector.system(hive),
        HiveKind::Software => collector.software(hive),
        _ => {}
    }
    if collector.work == 0
        && let Ok(root) = hive.root()
    {
        let kind = ErrorKind::LimitReached { limit: Limit::Elements, most: work as u64 };
        collector.unread.add(Error::new(kind, root.offset()));
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
        unread: collector.unread,
        faults: collector.faults,
        second_reader: SecondReader::default(),
        facts: collector.facts,
    }
}

/// Goes through all keys, values and data.
fn read_through(hive: Hive<'_>) -> (Option<Counts>, Faults, Faults) {
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
    (Some(counts), unread, faults)
}

/// Whether a fault of something that is shown means that part of it is lost: a name that is cut.
const fn is_loss(fault: Error) -> bool {
    matches!(fault.kind(), ErrorKind::Truncated { .. })
}

/// Facts of one hive.
struct Collector {
    facts: Vec<Fact>,
    faults: Faults,
    unread: Faults,
    look_up: LookUp,
    /// Elements of lists that may still be looked at.
    work: usize,
    /// Bytes of data that may still be kept.
    data: u64,
}

/// A key that locations are relative to.
struct Start<'d> {
    key: Key<'d>,
    path: KeyPath,
    control_set: Option<(u32, Vec<Role>)>,
    redirected: bool,
    /// What the ways from here have led to, so that each is gone once.
    known: BTreeMap<String, Step<'d>>,
}

/// What a way leads to.
#[derive(Clone)]
enum Step<'d> {
    Found(Key<'d>, KeyPath),
    /// Nowhere; whether something on the way could not be read.
    Missing(bool),
}

impl<'d> Start<'d> {
    fn new(key: Key<'d>, path: KeyPath, control_set: Option<(u32, Vec<Role>)>) -> Self {
        Self { key, path, control_set, redirected: false, known: BTreeMap::new() }
    }
}

impl Collector {
    fn system(&mut self, hive: Hive<'_>) {
        let Ok(root) = hive.root() else { return };
        let mut root = Start::new(root, KeyPath::default(), None);
        let sets = ControlSet::all(hive, self.look_up, |fault| self.faults.add(fault));
        let mut sets: Vec<Start<'_>> = sets
            .into_iter()
            .map(|set| {
                let path = [set.key.name()].into_iter().collect();
                Start::new(set.key, path, Some((set.number, set.roles)))
            })
            .collect();
        for location in LOCATIONS {
            match location.base {
                Base::ControlSet => sets.iter_mut().for_each(|set| self.read(location, set)),
                Base::System => self.read(location, &mut root),
                Base::Software | Base::SoftwareViews => {}
            }
        }
    }

    fn software(&mut self, hive: Hive<'_>) {
        let Ok(root) = hive.root() else { return };
        let mut native = Start::new(root, KeyPath::default(), None);
        let wow = root.subkey_by(REDIRECTED, self.look_up, |fault| self.faults.add(fault));
        let mut wow = wow.map(|key| {
            let path = [key.name()].into_iter().collect();
            Start { redirected: true, ..Start::new(key, path, None) }
        });
        for location in LOCATIONS {
            match location.base {
                Base::Software => self.read(location, &mut native),
                Base::SoftwareViews => {
                    self.read(location, &mut native);
                    match &mut wow {
                        Some(wow) => self.read(location, wow),
                        None => self.no_view(location),
                    }
                }
                Base::ControlSet | Base::System => {}
            }
        }
    }

    /// The hive has no view of 32-bit programs.
    fn no_view(&mut self, location: &'static Location) {
        let provenance = Provenance {
            redirected: true,
            key: [Name::from(REDIRECTED)]
                .into_iter()
                .collect::<KeyPath>()
                .join(location.key)
                .to_string(),
            value: wanted(location).map(String::from),
            ..Provenance::default()
        };
        self.add(location, State::NotSet, provenance);
    }

    fn read(&mut self, location: &'static Location, start: &mut Start<'_>) {
        let mut provenance = Provenance {
            control_set: start.control_set.clone(),
            redirected: start.redirected,
            key: start.path.join(location.key).to_string(),
            value: wanted(location).map(String::from),
            ..Provenance::default()
        };
        let (key, path) = match self.find(start, location.key) {
            Step::Found(key, path) => (key, path),
            Step::Missing(lost) => {
                let state = if lost { State::NotReadable } else { State::NotSet };
                return self.add(location, state, provenance);
            }
        };
        provenance.stand(key, &path);
        match location.read {
            Read::Key => self.key(location, key, provenance),
            Read::Value(name) => self.value(location, key, name, provenance),
            Read::Values => self.values(location, key, &provenance),
            Read::SubkeyValue { prefix, value } => {
                self.each_subkey(location, key, &path, &provenance, |this, subkey, provenance| {
                    let is_ours = begins(subkey.name(), prefix);
                    if is_ours {
                        this.value(location, subkey, value, provenance);
                    }
                    is_ours
                });
            }
            Read::SubkeyValues => {
                self.each_subkey(location, key, &path, &provenance, |this, subkey, provenance| {
                    this.values(location, subkey, &provenance);
                    true
                });
            }
            Read::SubkeyNames { except } => {
                self.each_subkey(location, key, &path, &provenance, |this, subkey, provenance| {
                    let is_ours = !subkey.name().same(except.into());
                    if is_ours {
                        this.key_name(location, subkey, provenance);
                    }
                    is_ours
                });
            }
        }
    }

    /// The key at `path`, by the way that is known already as far as there is one.
    fn find<'d>(&mut self, start: &mut Start<'d>, path: &str) -> Step<'d> {
        if let Some(step) = start.known.get(path) {
            return step.clone();
        }
        let (above, name) = match path.rsplit_once('\\') {
            Some((above, name)) => (self.find(start, above), name),
            None => (Step::Found(start.key, start.path.clone()), path),
        };
        let step = match above {
            Step::Found(key, path) => self.below(key, path, name),
            missing @ Step::Missing(_) => missing,
        };
        start.known.insert(path.to_string(), step.clone());
        step
    }

    fn below<'d>(&mut self, key: Key<'d>, mut path: KeyPath, name: &str) -> Step<'d> {
        let (mut lost, faults, unread) = (self.work == 0, &mut self.faults, &mut self.unread);
        let below = key.subkey_within(name.into(), self.look_up, &mut self.work, |fault| {
            // Out of order, or a wrong hash: nothing is lost by that.
            match fault.kind() {
                ErrorKind::Order { .. } | ErrorKind::Duplicate { .. } => faults.add(fault),
                ErrorKind::Mismatch { field: Field::Hash, .. } => faults.add(fault),
                _ => {
                    lost = true;
                    unread.add(fault);
                }
            }
        });
        match below {
            Some(below) => {
                path.push(below.name());
                Step::Found(below, path)
            }
            None => Step::Missing(lost || self.work == 0),
        }
    }

    fn key(&mut self, location: &'static Location, key: Key<'_>, provenance: Provenance) {
        let permissions = self.permissions(key);
        self.push(Fact { permissions, ..Fact::new(location, State::Key, provenance) });
    }

    fn value(
        &mut self,
        location: &'static Location,
        key: Key<'_>,
        name: &str,
        provenance: Provenance,
    ) {
        let (mut found, mut lost) = (None, self.work == 0);
        for value in key.values() {
            if !self.spend(&value) {
                lost = true;
                break;
            }
            match value {
                Ok(value) if value.name().same(name.into()) => {
                    found = Some(value);
                    break;
                }
                Ok(_) => {}
                Err(error) => {
                    lost = true;
                    self.unread.add(error);
                }
            }
        }
        match found {
            Some(value) => self.found(location, value, provenance),
            None => {
                let state = if lost { State::NotReadable } else { State::NotInKey };
                self.add(location, state, provenance);
            }
        }
    }

    /// Every value of a key; where it has none, that.
    fn values(&mut self, location: &'static Location, key: Key<'_>, provenance: &Provenance) {
        let (mut state, mut seen) = (Some(State::NotInKey), BTreeSet::new());
        for value in key.values() {
            if !self.spend(&value) {
                state = state.and(Some(State::NotReadable));
                break;
            }
            match value {
                // A list may name one value again and again.
                Ok(value) if seen.insert(value.cell_offset()) => {
                    state = None;
                    self.found(location, value, provenance.clone());
                }
                Ok(_) => {}
                Err(error) => {
                    state = state.and(Some(State::NotReadable));
                    self.unread.add(error);
                }
            }
        }
        if let Some(state) = state {
            self.add(location, state, provenance.clone());
        }
    }

    fn key_name(&mut self, location: &'static Location, key: Key<'_>, provenance: Provenance) {
        let name = key.name().to_string_lossy();
        let data: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let size = data.len() as u64;
        self.push(Fact { data, size, ..Fact::new(location, State::KeyName, provenance) });
    }

    /// Hands out the subkeys of a key, each with a provenance of its own; where none of them was what
    /// was looked for, says that.
    fn each_subkey<'d>(
        &mut self,
        location: &'static Location,
        key: Key<'d>,
        path: &KeyPath,
        provenance: &Provenance,
        mut see: impl FnMut(&mut Self, Key<'d>, Provenance) -> bool,
    ) {
        let (mut state, mut seen) = (Some(State::NotInKey), BTreeSet::new());
        for subkey in key.subkeys() {
            let Some(work) = self.work.checked_sub(1) else {
                state = state.and(Some(State::NotReadable));
                break;
            };
            self.work = work;
            match subkey {
                Ok(subkey) if seen.insert(subkey.cell_offset()) => {
                    let (mut provenance, mut path) = (provenance.clone(), path.clone());
                    path.push(subkey.name());
                    provenance.stand(subkey, &path);
                    if see(self, subkey, provenance) {
                        state = None;
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    state = state.and(Some(State::NotReadable));
                    self.unread.add(error);
                }
            }
        }
        if let Some(state) = state {
            // It is a subkey that was not there, not a value of this key.
            self.add(location, state, Provenance { value: None, ..provenance.clone() });
        }
    }

    fn found(&mut self, location: &'static Location, value: Value<'_>, mut provenance: Provenance) {
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
        provenance.value = Some(value.name().as_text().to_string());
        provenance.value_place = Some((value.offset().get(), value.value_type()));
        self.push(Fact { data, size, ..Fact::new(location, state, provenance) });
    }

    fn permissions(&mut self, key: Key<'_>) -> Option<Permissions> {
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
    fn spend(&mut self, value: &crate::Result<Value<'_>>) -> bool {
        let name = value.as_ref().ok().and_then(|value| value.name().as_bytes());
        let cost = name.map_or(0, <[u8]>::len) / 64;
        let enough = self.work > cost;
        self.work = self.work.saturating_sub(cost.saturating_add(1));
        enough
    }

    fn add(&mut self, location: &'static Location, state: State, provenance: Provenance) {
        self.push(Fact::new(location, state, provenance));
    }

    /// Keeps a fact, as long as there may be more of them.
    fn push(&mut self, fact: Fact) {
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

/// Whether a name begins like this, in Windows' sense of the same name.
fn begins(name: Name<'_>, prefix: &str) -> bool {
    let units = prefix.encode_utf16().count();
    name.units()
        .take(units)
        .map(crate::hive::upcase)
        .eq(Name::from(prefix).units().map(crate::hive::upcase))
}

/// The error of a value whose data are more than may still be kept.
fn too_much(value: Value<'_>) -> Error {
    let most = value.hive().file_length();
    let limit = ErrorKind::LimitReached { limit: Limit::Data, most };
    value.data().err().unwrap_or(Error::new(limit, value.offset()))
}

const fn wanted(location: &Location) -> Option<&'static str> {
    match location.read {
        Read::Value(name) | Read::SubkeyValue { value: name, .. } => Some(name),
        Read::Key | Read::Values | Read::SubkeyValues | Read::SubkeyNames { .. } => None,
    }
}
