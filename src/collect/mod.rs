// SPDX-License-Identifier: MIT OR Apache-2.0
//! `collect`: turns a hive into facts. It never fails. The result lists what could not be read.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::num::NonZeroUsize;

use calhive_regf::FileTime;
use calhive_regf::error::{Error, ErrorKind, Limit, Structure};
use calhive_regf::hive::Hive;
use calhive_regf::hive::base_block::BaseBlock;
use calhive_regf::hive::hidden::{HiddenBy, HiddenItems, Item, Weight};
use calhive_regf::hive::look_up::LookUp;
use calhive_regf::log::Plan;
use calhive_regf::recover::Recovery;
use calhive_regf::registry::{HiveKind, KindSigns};

use crate::collect::collector::{Budget, Collection, Collector};
use crate::collect::overlay::Overlay;
use crate::collect::survey::Survey;
use crate::fact::{Facts, Hiding, Outside, RecoveredCounts, SecondReader, Source, SourceForm};
use crate::threads::{Taken, Threads};

/// Length of the base block.
const BASE_BLOCK: u64 = 4096;

mod collector;
mod export;
mod free_clusters;
mod history;
mod license_file;
mod overlay;
mod place;
mod survey;
mod without_hive;

pub use export::{collect_export, collect_live_rows};
pub use free_clusters::{carve_signatures, collect_unallocated};
pub use license_file::collect_license_file;

/// Reads every place of the catalog that belongs to this kind of hive, in every control set and both registry
/// views. If the hive also has places of another kind, reads these too.
///
/// A thorough look-up also traverses the whole hive once, and reports what cannot be read. It adds hidden and
/// recovered facts.
pub fn collect(source: &Source<'_>, look_up: LookUp) -> Facts {
    let threads = Threads::beside(NonZeroUsize::MIN, 1);
    collect_beside(&threads.work(), source, look_up)
}

/// Collects the facts of a hive like [`collect()`], and steps through the states of the hive on a thread of
/// its own if one is idle.
pub(crate) fn collect_beside(worker: &Taken<'_>, source: &Source<'_>, look_up: LookUp) -> Facts {
    let hive = source.hive;
    let replayed = source.replayed.as_ref();
    let patches = replayed.and_then(|it| it.patches.as_ref());
    let is_thorough = look_up == LookUp::Thorough;
    let (survey, hidden) = if is_thorough {
        let (survey, hidden) = Survey::of(hive, source.fragment.is_some());
        (survey, Some(hidden))
    } else {
        (Survey::none(hive), None)
    };
    let Survey { counts, unread, faults, mut key_times } = survey;
    let mut signs = KindSigns::by(hive, look_up);
    let budget = Budget::for_bytes(hive.file_length());
    let mut collector = Collector::new(look_up, budget, patches).with_faults(faults, unread);
    let mut foreign = collector.read_all(signs.kind, hive);
    if let Some(hidden) = &hidden {
        foreign.extend(read_hidden(&mut collector, &mut signs, hive, hidden));
    }
    // Only content shows the kind.
    if let (HiveKind::Other, Some(found)) = (signs.kind, foreign.first()) {
        signs.kind = *found;
    }
    let kind = signs.kind;
    // Recovered items of a hive with content of two kinds can belong to either kind.
    let of_either = if foreign.iter().any(|it| *it != kind) { HiveKind::Other } else { kind };
    // The plan checks the hashes of all log entries, so both uses share it.
    let plan = replayed.filter(|_| !source.logs.is_empty());
    let plan = plan.map(|it| Plan::new(it.base, &source.logs));
    let with_history = plan
        .as_ref()
        .filter(|_| patches.is_some() && matches!(kind, HiveKind::System | HiveKind::Software));
    let (recovered, history) = worker.both(
        || is_thorough.then(|| read_recovered(&mut collector, of_either, source, plan.as_ref())),
        || with_history.map(|plan| history::changes(kind, plan)),
    );
    if !is_thorough {
        let places = collector.facts().iter().filter_map(|fact| fact.provenance.key_place);
        let keys: BTreeMap<u64, FileTime> = places.collect();
        keys.into_values().for_each(|written| key_times.add(written));
    }
    if let (true, Ok(root)) = (collector.is_exhausted(), hive.root()) {
        let most = budget.work as u64;
        let kind = ErrorKind::LimitReached { limit: Limit::Elements, most };
        collector.add_unread(Error::new(kind, root.offset()));
    }
    let base = replayed.and_then(|it| BaseBlock::first_sector(it.base).ok());
    let block = base.unwrap_or(hive.base_block());
    let Collection { facts, faults, unread, .. } = collector.finish();
    Facts {
        path: source.path.clone(),
        real_path: source.real_path.clone(),
        locator: source.locator.clone(),
        copies: Vec::new(),
        beside: source.beside.clone(),
        pair: None,
        sha256: source.sha256.clone(),
        size: source.size(),
        shift: source.fragment.map_or(0, |(shift, _)| shift),
        is_fragment: source.fragment.is_some(),
        missing: missing(source),
        searched_root: hive.root_fault().and(hive.root().ok()).map(|root| root.offset().get()),
        outside: hidden.as_ref().map(outside),
        recovered,
        kind,
        signs,
        version: block.version(),
        sequence: block.sequence(),
        checksum_is_valid: block.checksum_is_valid(),
        replay: replayed.map(|it| it.report.clone()),
        history,
        counts,
        unread,
        faults,
        second_reader: SecondReader::default(),
        facts,
        key_times,
        corroboration: source.corroboration.clone(),
        grace_end: None,
        form: SourceForm::Hive,
    }
}

/// Returns the number of bytes that the base block counts and the hive lacks, and where the hive ends.
fn missing(source: &Source<'_>) -> Option<(u64, u64)> {
    let length = source.hive.file_length();
    let counted = u64::from(source.hive.base_block().bins_size()).saturating_add(BASE_BLOCK);
    let missing = counted.checked_sub(length).filter(|missing| *missing > 0)?;
    source.fragment.is_none().then_some((missing, length))
}

/// Adds hidden facts. Changes the signs if only hidden keys identify the kind. Returns the other kinds that were
/// found.
fn read_hidden<'s>(
    collector: &mut Collector<'s>,
    signs: &mut KindSigns,
    hive: Hive<'s>,
    hidden: &'s HiddenItems<'s>,
) -> Vec<HiveKind> {
    let mut foreign = Vec::new();
    hidden.faults().iter().for_each(|fault| collector.add_unread(*fault));
    // A root found by search counts as hidden. The tree below this root does not.
    let shown = hive.root().ok().map(|root| root.offset());
    let root = hidden.iter().find_map(|item| match item.item {
        Item::Key(key) if item.by == HiddenBy::Root && item.below.is_none() => {
            (Some(key.offset()) != shown).then_some((key, item))
        }
        _ => None,
    });
    if let Some((key, item)) = root {
        // The base block points to another key. Paths start at the hidden root.
        let whole = hive.rooted(key);
        *signs = KindSigns::by(whole, LookUp::Thorough);
        collector.set_overlay(Some(Overlay::all(Hiding::of(item))));
        foreign = collector.read_all(signs.kind, whole);
    } else if !hidden.is_empty() {
        collector.set_overlay(Some(Overlay::new(hidden)));
        // The key that identifies the kind can be hidden.
        foreign = collector.read_all(signs.kind, hive);
    }
    collector.set_overlay(None);
    foreign
}

/// Adds recovered facts. Returns the numbers of all recovered items, including items unrelated to licensing.
fn read_recovered<'s>(
    collector: &mut Collector<'s>,
    kind: HiveKind,
    source: &Source<'s>,
    plan: Option<&Plan<'_>>,
) -> RecoveredCounts {
    let hive = source.hive;
    let recovery = hive.recover();
    collector.add_recovered(kind, &recovery);
    if matches!(kind, HiveKind::System | HiveKind::Software | HiveKind::Other) {
        collector.add_unclaimed_tokens(kind, &recovery);
    }
    if let (Some(replayed), Some(plan)) = (&source.replayed, plan) {
        collector.add_left_over(kind, hive, replayed, plan);
    }
    recovered_counts(&recovery)
}

/// Counts items outside the tree.
fn outside(hidden: &HiddenItems<'_>) -> Outside {
    let mut outside = Outside::default();
    for item in hidden.iter() {
        let count = match item.weight {
            Weight::Contradiction => &mut outside.contradictions,
            Weight::LeftOver => &mut outside.left_over,
        };
        *count = count.saturating_add(1);
        let is_lost = hidden.path(item).is_none();
        outside.without_path = outside.without_path.saturating_add(u64::from(is_lost));
    }
    outside
}

/// Counts recovered items.
fn recovered_counts(recovery: &Recovery<'_>) -> RecoveredCounts {
    let mut counts = RecoveredCounts::default();
    for found in recovery.iter() {
        let is_key = found.structure() == Structure::KeyNode;
        let count = if is_key { &mut counts.keys } else { &mut counts.values };
        *count = count.saturating_add(1);
        let is_lost = u64::from(!found.leads_to_root());
        counts.without_path = counts.without_path.saturating_add(is_lost);
    }
    counts
}
