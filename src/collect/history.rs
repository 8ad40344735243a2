// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`History`]: changes by each update from the logs of a hive, at the places of the catalog.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::{ControlFlow, Range};

use calhive_regf::error::{Error, ErrorKind};
use calhive_regf::hive::Hive;
use calhive_regf::hive::look_up::LookUp;
use calhive_regf::log::Plan;
use calhive_regf::log::history::{Applied, Step};
use calhive_regf::log::outcome::{ByteSource, Written};
use calhive_regf::log::patches::Patches;
use calhive_regf::registry::HiveKind;
use calhive_regf::time::FileTime;

use crate::catalog::Subject;
use crate::collect::collector::{Budget, Collection, Collector};
use crate::fact::ChangeKind;
use crate::fact::Faults;
use crate::fact::FromLog;
use crate::fact::{Change, Fact, History, State};

/// Limit of examined updates.
const UPDATES: u64 = 2000;
/// Limit of kept changes.
const CHANGES: usize = 5000;
/// Minimum limit of the bytes of data in kept changes.
const KEPT: u64 = 1 << 19;
/// Limit of states whose root needs a search. Each search reads the whole hive.
const SEARCHED: u32 = 8;
/// Work and bytes of data that each update adds to the limits.
const WORK: usize = 1 << 16;

/// Steps through the states of a hive of this kind. `plan` is the plan of the replay.
pub(crate) fn changes(kind: HiveKind, plan: &Plan<'_>) -> History {
    let mut found = History::default();
    let of_logs = plan.logs().iter().map(|log| log.len());
    let room = of_logs.fold(plan.hive().len(), usize::saturating_add);
    let mut limits = Limits {
        work: (room / 4).saturating_add(1 << 18),
        data: room as u64,
        // Each change keeps the data before and after it.
        kept: (room as u64).saturating_mul(2).saturating_add(KEPT),
        searched: 0,
    };
    let mut before: Option<Places> = None;
    let mut touched = BTreeSet::new();
    plan.history(|Step { bytes, update }| {
        if let Some(update) = &update {
            // An update without changes needs no look-up.
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
            compare(
                &mut found,
                before,
                &mut after,
                update,
                patches,
                &mut touched,
                &mut limits.kept,
            );
        }
        before = Some(after);
        let is_full = found.is_cut || found.looked_at >= UPDATES;
        if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let updates = plan.outcome().logs.iter().map(|log| u64::from(log.applied));
    found.updates = updates.fold(0, u64::saturating_add);
    found
}

fn compare(
    found: &mut History,
    before: &mut Places,
    after: &mut Places,
    update: Applied<'_>,
    patches: &Patches<'_>,
    touched: &mut BTreeSet<Place>,
    kept: &mut u64,
) {
    let is_certain = before.unread == after.unread;
    if !is_certain {
        found.uncertain = found.uncertain.saturating_add(1);
        after.keep(before);
    }
    for Difference { place, kind, old, new } in differences(before, after, is_certain) {
        let data = [old, new].into_iter().flatten().map(|fact| fact.data.len() as u64);
        let left = kept.checked_sub(data.fold(0, u64::saturating_add));
        let Some(left) = left.filter(|_| found.changes.len() < CHANGES) else {
            found.is_cut = true;
            return;
        };
        *kept = left;
        let dated = dated(&place.0, kind, before, after);
        let from = origin(old, new, &dated, after, update, patches);
        found.changes.push(Change {
            kind,
            before: old.cloned(),
            after: new.cloned(),
            is_before_in_file: touched.insert(place),
            dated,
            entry_offset: update.log_offset,
            from,
        });
    }
}

/// Difference of a key or value between two states.
struct Difference<'p> {
    place: Place,
    kind: ChangeKind,
    old: Option<&'p Fact>,
    new: Option<&'p Fact>,
}

/// Lists the differences of two states, by path and name.
fn differences<'p>(before: &'p Places, after: &'p Places, is_certain: bool) -> Vec<Difference<'p>> {
    let mut found = Vec::new();
    let mut add = |place, kind, old, new| found.push(Difference { place, kind, old, new });
    let paths: BTreeSet<&String> = before.keys.keys().chain(after.keys.keys()).collect();
    for path in paths {
        let keys = (before.keys.get(path), after.keys.get(path));
        let key_place = || (path.clone(), None);
        let is_reported = |key: &Fact| key.location.subject() != Subject::System;
        let mut is_seen = false;
        match keys {
            (None, Some(key)) if is_certain && is_reported(key) => {
                add(key_place(), ChangeKind::KeyMade, None, Some(key));
            }
            (Some(key), None) if is_reported(key) => {
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
            && is_reported(new)
            && written(old) != written(new)
        {
            add(key_place(), ChangeKind::KeyWritten, Some(old), Some(new));
        }
    }
    found
}

/// Path of a key, and name of a value, both in lower case.
type Place = (String, Option<String>);

/// Remaining limits.
struct Limits {
    work: usize,
    /// Bytes of data to read.
    data: u64,
    /// Bytes of data to keep in changes.
    kept: u64,
    searched: u32,
}

/// Content of the places of the catalog in one state.
struct Places {
    /// Keys by path.
    keys: BTreeMap<String, Fact>,
    /// Values by path and name.
    values: BTreeMap<(String, String), Fact>,
    /// Number of items that could not be read, and the first errors.
    unread: (u64, Vec<Error>),
}

impl Places {
    /// Reads the places of a state; `None` if a limit is reached.
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
        let budget =
            Budget { work: limits.work, data: limits.data, ..Budget::for_bytes(limits.data) };
        let mut collector = Collector::new(LookUp::Trusting, budget, patches)
            .with_faults(Faults::default(), unread);
        collector.read_all(kind, hive);
        let Collection { facts, unread, budget, .. } = collector.finish();
        (limits.work, limits.data) = (budget.work, budget.data);
        let is_limit = |error: &Error| matches!(error.kind(), ErrorKind::LimitReached { .. });
        if limits.work == 0 || unread.first.iter().any(is_limit) {
            return None;
        }
        let mut places = Self {
            keys: BTreeMap::new(),
            values: BTreeMap::new(),
            unread: (unread.total, unread.first),
        };
        facts.into_iter().for_each(|fact| places.add(fact));
        Some(places)
    }

    fn add(&mut self, fact: Fact) {
        let path = fact.provenance.key.to_lowercase();
        if fact.provenance.key_place.is_some() {
            // Several facts can share a key. The fact about the key itself is the best one.
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

    /// Keeps earlier items that can still exist, since not everything could be read.
    fn keep(&mut self, before: &Self) {
        for (path, key) in &before.keys {
            self.keys.entry(path.clone()).or_insert_with(|| key.clone());
        }
        for (place, value) in &before.values {
            self.values.entry(place.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// Converts a fact into a fact about its key.
fn key_of(fact: &Fact) -> Fact {
    if fact.state == State::Key {
        return fact.clone();
    }
    let mut provenance = fact.provenance.clone();
    (provenance.value, provenance.value_place) = (None, None);
    provenance.from_logs.clear();
    Fact::new(fact.location, State::Key, provenance)
}

/// Returns the values of a key in two states, by name.
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

/// Whether a value has another type or other data, if both states could be read in full.
fn is_other(old: &Fact, new: &Fact) -> bool {
    let kind = |fact: &Fact| fact.provenance.value_place.map(|(_, kind)| kind);
    old.state == State::Set
        && new.state == State::Set
        && (kind(old) != kind(new) || old.data != new.data)
}

fn written(key: &Fact) -> Option<FileTime> {
    key.provenance.key_place.map(|(_, written)| written)
}

/// Returns the key whose time dates a change, and that time.
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
        // The nearest key that still exists.
        return above.rev().find(|above| after.keys.contains_key(*above)).and_then(of);
    }
    of(path)
}

/// Returns the first log bytes that show a change. The function looks in the value or key after the change,
/// then in the item before the change, then in the key that dates the change. If none of them has log bytes,
/// the function returns the first bytes that the update changed.
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
    let none =
        Written { offset: 0, length: 0, log, sequence, log_offset, source: ByteSource::Page };
    let Written { log, sequence, log_offset, offset, .. } = found.unwrap_or(none);
    FromLog { log, sequence, log_offset, offset }
}

/// Returns the records of a value and its key, with the headers of their cells.
fn places(fact: &Fact) -> impl Iterator<Item = Range<u64>> {
    let place = |offset: u64, length: u64| offset..offset.saturating_add(length);
    let value = fact.provenance.value_place.map(|(offset, _)| place(offset, 24));
    let key = fact.provenance.key_place.map(|(offset, _)| place(offset, 80));
    value.into_iter().chain(key)
}
