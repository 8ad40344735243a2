// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`History`]: what each update of a hive's logs changed at the places of the catalogue.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::{ControlFlow, Range};

use crate::error::{Error, ErrorKind};
use crate::hive::Hive;
use crate::hive::look_up::LookUp;
use crate::licensing::collector::Collector;
use crate::licensing::fact::{Fact, Faults, FromLog, State};
use crate::licensing::locations::Subject;
use crate::log::history::{Applied, Step, history};
use crate::log::patches::Patches;
use crate::log::replay::Written;
use crate::registry::HiveKind;
use crate::time::FileTime;

/// Updates that are looked at.
const UPDATES: u64 = 2000;
/// Changes that are kept.
const CHANGES: usize = 5000;
/// States whose root had to be searched for: each search goes through all of the hive.
const SEARCHED: u32 = 8;
/// What each update adds to the work that may be done, and to the data that may be kept.
const WORK: usize = 1 << 16;

/// What the updates of a hive's logs changed, in the order in which they were applied.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The changes, as many as are kept.
    pub changes: Vec<Change>,
    /// Updates that were applied: entries, or one for a log of the old format.
    pub updates: u64,
    /// Those of them that were looked at; the others are the last ones.
    pub looked_at: u64,
    /// Those after which something could be read, or could not, that was otherwise before: what they set
    /// or removed is not known.
    pub uncertain: u64,
    /// Whether there are more changes than are kept.
    pub is_cut: bool,
}

/// Something that an update changed.
#[derive(Clone, Debug)]
pub struct Change {
    /// What became of it.
    pub kind: ChangeKind,
    /// The value or key before it; `None` where there was none.
    pub before: Option<Fact>,
    /// The value or key after it; `None` where there is none any more.
    pub after: Option<Fact>,
    /// Whether `before` is the file as it lies. Pages of later states may have been written there already:
    /// then it is no earlier state.
    pub is_before_in_file: bool,
    /// The key whose last-written time it changed, and that time after it: of a key that was removed, a key
    /// above it. `None` where nothing dates it.
    pub dated: Option<(String, FileTime)>,
    /// Where the update begins in its log, in bytes from its start.
    pub entry_offset: u64,
    /// The entry, with the first of the bytes that tell.
    pub from: FromLog,
}

/// What became of a value or key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum ChangeKind {
    /// The value was not there before.
    ValueSet,
    /// The value has another type or other data.
    ValueChanged,
    /// The value is not there any more.
    ValueRemoved,
    /// The key was not there before.
    KeyMade,
    /// The key is not there any more.
    KeyRemoved,
    /// The last-written time of the key is another one, and none of these changes of it was seen.
    KeyWritten,
}

impl ChangeKind {
    /// Its stable name, as code of an event.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::ValueSet => "log.value_set",
            Self::ValueChanged => "log.value_changed",
            Self::ValueRemoved => "log.value_removed",
            Self::KeyMade => "log.key_made",
            Self::KeyRemoved => "log.key_removed",
            Self::KeyWritten => "log.key_written",
        }
    }
}

impl Change {
    /// The value or key, after the change if it is still there.
    pub(crate) fn fact(&self) -> Option<&Fact> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

impl History {
    /// Steps through the states of a hive of this kind, as `base` and its logs make them.
    pub(crate) fn collect(kind: HiveKind, base: &[u8], logs: &[&[u8]]) -> Self {
        let mut found = Self::default();
        let room = logs.iter().fold(base.len(), |sum, log| sum.saturating_add(log.len()));
        let mut limits =
            Limits { work: (room / 4).saturating_add(1 << 18), data: room as u64, searched: 0 };
        let mut before: Option<Places> = None;
        let mut touched = BTreeSet::new();
        let replay = history(base, logs, |Step { bytes, update }| {
            if let Some(update) = &update {
                // What changes nothing needs no look.
                if update.changed.is_empty() && update.bins.0 == update.bins.1 {
                    found.looked_at = found.looked_at.saturating_add(1);
                    return ControlFlow::Continue(());
                }
                limits.work = limits.work.saturating_add(WORK);
                limits.data = limits.data.saturating_add(WORK as u64);
            }
            let Ok(hive) = Hive::parse(bytes) else { return ControlFlow::Continue(()) };
            let patches = update.map(|update| Patches::of_step(bytes, update.changed));
            let places = Places::of(kind, hive, patches.as_ref(), &mut limits);
            let Some(mut after) = places else { return ControlFlow::Break(()) };
            if let (Some(before), Some(update), Some(patches)) = (&mut before, update, &patches) {
                found.looked_at = found.looked_at.saturating_add(1);
                found.compare(before, &mut after, update, patches, &mut touched);
            }
            before = Some(after);
            let is_full = found.is_cut || found.looked_at >= UPDATES;
            if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let updates = replay.logs.iter().map(|log| u64::from(log.applied));
        found.updates = updates.fold(0, u64::saturating_add);
        found
    }

    fn compare(
        &mut self,
        before: &mut Places,
        after: &mut Places,
        update: Applied<'_>,
        patches: &Patches<'_>,
        touched: &mut BTreeSet<Place>,
    ) {
        let is_certain = before.unread == after.unread;
        if !is_certain {
            self.uncertain = self.uncertain.saturating_add(1);
            after.keep(before);
        }
        let mut add = |place: Place, kind: ChangeKind, old: Option<&Fact>, new: Option<&Fact>| {
            if self.changes.len() >= CHANGES {
                self.is_cut = true;
                return;
            }
            let dated = dated(&place.0, kind, before, after);
            let from = origin(old, new, &dated, after, update, patches);
            self.changes.push(Change {
                kind,
                before: old.cloned(),
                after: new.cloned(),
                is_before_in_file: touched.insert(place),
                dated,
                entry_offset: update.log_offset,
                from,
            });
        };
        let paths: BTreeSet<&String> = before.keys.keys().chain(after.keys.keys()).collect();
        for path in paths {
            let keys = (before.keys.get(path), after.keys.get(path));
            let key_place = || (path.clone(), None);
            let is_told = |key: &Fact| key.location.subject() != Subject::System;
            let mut is_seen = false;
            match keys {
                (None, Some(key)) if is_certain && is_told(key) => {
                    add(key_place(), ChangeKind::KeyMade, None, Some(key));
                }
                (Some(key), None) if is_told(key) => {
                    add(key_place(), ChangeKind::KeyRemoved, Some(key), None);
                }
                _ => {}
            }
            for (name, old, new) in values(path, before, after) {
                let kind = match (old, new) {
                    (None, Some(_)) if is_certain => ChangeKind::ValueSet,
                    (Some(_), None) => ChangeKind::ValueRemoved,
                    (Some(old), Some(new)) if is_other(old, new) => ChangeKind::ValueChanged,
                    _ => continue,
                };
                is_seen = true;
                add((path.clone(), Some(name.clone())), kind, old, new);
            }
            if let (Some(old), Some(new)) = keys
                && !is_seen
                && is_told(new)
                && written(old) != written(new)
            {
                add(key_place(), ChangeKind::KeyWritten, Some(old), Some(new));
            }
        }
    }
}

/// A key, and the name of a value of it, both without regard to case.
type Place = (String, Option<String>);

/// How much may still be done.
struct Limits {
    work: usize,
    data: u64,
    searched: u32,
}

/// What stands at the places of the catalogue, in one state.
struct Places {
    /// By path.
    keys: BTreeMap<String, Fact>,
    /// By path, then by name.
    values: BTreeMap<(String, String), Fact>,
    /// What could not be read.
    unread: (u64, Vec<Error>),
}

impl Places {
    /// `None` where more would have to be done than may be.
    fn of(
        kind: HiveKind,
        hive: Hive<'_>,
        patches: Option<&Patches<'_>>,
        limits: &mut Limits,
    ) -> Option<Self> {
        let root_fault = hive.root_fault();
        limits.searched = limits.searched.saturating_add(u32::from(root_fault.is_some()));
        if limits.searched > SEARCHED {
            return None;
        }
        let mut unread = Faults::default();
        root_fault.into_iter().for_each(|fault| unread.add(fault));
        let mut collector = Collector {
            facts: Vec::new(),
            faults: Faults::default(),
            unread,
            look_up: LookUp::Trusting,
            work: limits.work,
            data: limits.data,
            patches,
            overlay: None,
        };
        collector.read_all(kind, hive);
        (limits.work, limits.data) = (collector.work, collector.data);
        let unread = collector.unread;
        let is_limit = |error: &Error| matches!(error.kind(), ErrorKind::LimitReached { .. });
        if limits.work == 0 || unread.first.iter().any(is_limit) {
            return None;
        }
        let mut places = Self {
            keys: BTreeMap::new(),
            values: BTreeMap::new(),
            unread: (unread.total, unread.first),
        };
        collector.facts.into_iter().for_each(|fact| places.add(fact));
        Some(places)
    }

    fn add(&mut self, fact: Fact) {
        let path = fact.provenance.key.to_lowercase();
        if fact.provenance.key_place.is_some() {
            // Several facts stand in one key: the one that is about the key itself tells most.
            let is_better = |known: &Fact| {
                let rank = |fact: &Fact| {
                    (fact.location.subject() != Subject::System, fact.state == State::Key)
                };
                rank(&fact) > rank(known)
            };
            if self.keys.get(&path).is_none_or(is_better) {
                self.keys.insert(path.clone(), key_of(&fact));
            }
        }
        if let (true, Some(name)) = (fact.state.is_value(), &fact.provenance.value) {
            let place = (path, name.to_lowercase());
            self.values.entry(place).or_insert(fact);
        }
    }

    /// Takes over what was there before and may be there still: not all could be read.
    fn keep(&mut self, before: &Self) {
        for (path, key) in &before.keys {
            self.keys.entry(path.clone()).or_insert_with(|| key.clone());
        }
        for (place, value) in &before.values {
            self.values.entry(place.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// The key in which a fact stands, as a fact.
fn key_of(fact: &Fact) -> Fact {
    if fact.state == State::Key {
        return fact.clone();
    }
    let mut provenance = fact.provenance.clone();
    (provenance.value, provenance.value_place) = (None, None);
    provenance.from_logs.clear();
    Fact::new(fact.location, State::Key, provenance)
}

/// The values of a key in two states, by name.
fn values<'p>(
    path: &'p str,
    before: &'p Places,
    after: &'p Places,
) -> impl Iterator<Item = (&'p String, Option<&'p Fact>, Option<&'p Fact>)> {
    let of = move |places: &'p Places| {
        let from = (String::from(path), String::new());
        let all = places.values.range(from..);
        all.take_while(move |((of, _), _)| of == path).map(|((_, name), fact)| (name, fact))
    };
    let mut both: BTreeMap<&'p String, (Option<&'p Fact>, Option<&'p Fact>)> = BTreeMap::new();
    of(before).for_each(|(name, fact)| both.entry(name).or_default().0 = Some(fact));
    of(after).for_each(|(name, fact)| both.entry(name).or_default().1 = Some(fact));
    both.into_iter().map(|(name, (old, new))| (name, old, new))
}

/// Whether a value has another type or other data, as far as both could be read.
fn is_other(old: &Fact, new: &Fact) -> bool {
    let kind = |fact: &Fact| fact.provenance.value_place.map(|(_, kind)| kind);
    old.state == State::Set
        && new.state == State::Set
        && (kind(old) != kind(new) || old.data != new.data)
}

fn written(key: &Fact) -> Option<FileTime> {
    key.provenance.key_place.map(|(_, written)| written)
}

/// The key whose time tells when a change was made, and that time.
fn dated(
    path: &str,
    kind: ChangeKind,
    before: &Places,
    after: &Places,
) -> Option<(String, FileTime)> {
    let of = |path: &str| {
        let (old, new) = (before.keys.get(path).and_then(written), after.keys.get(path)?);
        let time = written(new).filter(|time| old != Some(*time))?;
        Some((new.provenance.key.clone(), time))
    };
    if !after.keys.contains_key(path) || (kind == ChangeKind::KeyRemoved && of(path).is_none()) {
        let above = path.match_indices('\\').map(|(at, _)| path.get(..at).unwrap_or_default());
        // The nearest key that is still there.
        return above.rev().find(|above| after.keys.contains_key(*above)).and_then(of);
    }
    of(path)
}

/// Where the bytes that tell of a change stand: those of the value or key after it, else those of what
/// went, else the key above, else the first that the update changed.
fn origin(
    old: Option<&Fact>,
    new: Option<&Fact>,
    dated: &Option<(String, FileTime)>,
    after: &Places,
    update: Applied<'_>,
    patches: &Patches<'_>,
) -> FromLog {
    if let Some(from) = new.and_then(|fact| fact.provenance.from_logs.first()) {
        return *from;
    }
    let above = dated.as_ref().and_then(|(path, _)| after.keys.get(&path.to_lowercase()));
    let places = [new, old, above].into_iter().flatten().flat_map(places);
    let first = update.changed.first().copied();
    let found = places.filter_map(|range| patches.within(range).next()).next().or(first);
    let Applied { log, sequence, log_offset, .. } = update;
    let none = Written { offset: 0, length: 0, log, sequence, log_offset };
    let Written { log, sequence, log_offset, offset, .. } = found.unwrap_or(none);
    FromLog { log, sequence, log_offset, offset }
}

/// The records of a value and its key, with the headers of their cells.
fn places(fact: &Fact) -> impl Iterator<Item = Range<u64>> {
    let place = |offset: u64, length: u64| offset..offset.saturating_add(length);
    let value = fact.provenance.value_place.map(|(offset, _)| place(offset, 24));
    let key = fact.provenance.key_place.map(|(offset, _)| place(offset, 80));
    value.into_iter().chain(key)
}
