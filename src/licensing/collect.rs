// SPDX-License-Identifier: MIT OR Apache-2.0
//! `collect`: a hive into facts. It never fails: what could not be read is in the result.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Limit, Structure};
use crate::hive::Hive;
use crate::hive::base_block::BaseBlock;
use crate::hive::hidden::{HiddenBy, HiddenItems, Item, Weight};
use crate::hive::look_up::LookUp;
use crate::licensing::collector::Collector;
use crate::licensing::fact::{
    Counts, Facts, Faults, Hiding, Options, Outside, RecoveredCounts, SecondReader, Source,
};
use crate::licensing::history::History;
use crate::licensing::overlay::Overlay;
use crate::licensing::reference_time::KeyTimes;
use crate::recover::Recovery;
use crate::registry::HiveKind;
use crate::time::FileTime;

/// Reads every location of the catalogue that belongs to this kind of hive, in every control set and
/// both views; unless lists are trusted, it goes through the whole hive once to tell what of it cannot
/// be read.
pub fn collect(source: &Source<'_>, options: &Options) -> Facts {
    let hive = source.hive;
    let replayed = source.replayed.as_ref();
    let base = replayed.and_then(|it| BaseBlock::first_sector(it.base).ok());
    let block = base.unwrap_or(hive.base_block());
    let mut kind = HiveKind::by(hive, options.look_up);
    let mut key_times = KeyTimes::default();
    let (counts, unread, faults) = match options.look_up {
        LookUp::Thorough => read_through(hive, source.fragment.is_some(), &mut key_times),
        LookUp::Trusting => {
            let mut unread = Faults::default();
            hive.root_fault().into_iter().for_each(|fault| unread.add(fault));
            (None, unread, Faults::default())
        }
    };
    // The same cells can be named again and again: what is done is bounded by the size of the hive,
    // with room for what the catalogue asks of a small one.
    let work =
        usize::try_from(hive.file_length() / 4).unwrap_or(usize::MAX).saturating_add(1 << 18);
    let data = hive.file_length();
    let look_up = options.look_up;
    let patches = replayed.and_then(|it| it.patches.as_ref());
    let overlay = None;
    let mut collector =
        Collector { facts: Vec::new(), faults, unread, look_up, work, data, patches, overlay };
    collector.read_all(kind, hive);
    let hidden = (look_up == LookUp::Thorough).then(|| hive.hidden());
    if let Some(hidden) = &hidden {
        hidden.faults().iter().for_each(|fault| collector.unread.add(*fault));
        kind = read_hidden(&mut collector, kind, hive, hidden);
        collector.overlay = None;
    }
    let recovered = (look_up == LookUp::Thorough).then(|| {
        let recovery = hive.recover();
        collector.recovered(kind, &recovery);
        if matches!(kind, HiveKind::Software | HiveKind::Other) {
            collector.stray_tokens(&recovery);
        }
        if let Some(replayed) = replayed.filter(|_| !source.logs.is_empty()) {
            collector.left_over(kind, hive, replayed, &source.logs);
        }
        recovered_counts(&recovery)
    });
    if look_up == LookUp::Trusting {
        let places = collector.facts.iter().filter_map(|fact| fact.provenance.key_place);
        let keys: BTreeMap<u64, FileTime> = places.collect();
        keys.into_values().for_each(|written| key_times.add(written));
    }
    if collector.work == 0
        && let Ok(root) = hive.root()
    {
        let kind = ErrorKind::LimitReached { limit: Limit::Elements, most: work as u64 };
        collector.unread.add(Error::new(kind, root.offset()));
    }
    let history = replayed
        .filter(|it| it.patches.is_some() && !source.logs.is_empty())
        .filter(|_| matches!(kind, HiveKind::System | HiveKind::Software))
        .map(|it| History::collect(kind, it.base, &source.logs));
    Facts {
        path: source.path.clone(),
        sha256: source.sha256.clone(),
        size: source.size(),
        shift: source.fragment.map_or(0, |(shift, _)| shift),
        is_fragment: source.fragment.is_some(),
        searched_root: hive.root_fault().and(hive.root().ok()).map(|root| root.offset().get()),
        outside: hidden.as_ref().map(outside),
        recovered,
        kind,
        version: block.version(),
        sequence: block.sequence(),
        checksum_is_valid: block.checksum_is_valid(),
        replay: replayed.map(|it| it.report.clone()),
        history,
        counts,
        unread: collector.unread,
        faults: collector.faults,
        second_reader: SecondReader::default(),
        facts: collector.facts,
        key_times,
        corroboration: source.corroboration.clone(),
    }
}

/// Reads the same places of what is hidden; the kind of hive, which may be known by that alone.
fn read_hidden<'s>(
    collector: &mut Collector<'s>,
    mut kind: HiveKind,
    hive: Hive<'s>,
    hidden: &'s HiddenItems<'s>,
) -> HiveKind {
    // A root that was searched for is hidden, and its tree is shown.
    let shown = hive.root().ok().map(|root| root.offset());
    let root = hidden.iter().find_map(|item| match item.item {
        Item::Key(key) if item.by == HiddenBy::Root && item.below.is_none() => {
            (Some(key.offset()) != shown).then_some((key, item))
        }
        _ => None,
    });
    if let Some((key, item)) = root {
        // The base block leads to another key, whose path is not that which it has from here.
        let whole = hive.rooted(key);
        kind = HiveKind::of(whole);
        collector.overlay = Some(Overlay::all(Hiding::of(item)));
        collector.read_all(kind, whole);
    } else if !hidden.is_empty() {
        collector.overlay = Some(Overlay::new(hidden));
        match kind {
            // A key by which the kind is told may be what is hidden.
            HiveKind::Other => [HiveKind::System, HiveKind::Software]
                .into_iter()
                .for_each(|kind| collector.read_all(kind, hive)),
            kind => collector.read_all(kind, hive),
        }
    }
    kind
}

/// How much there is outside the tree.
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

/// How much was recovered.
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

/// Goes through all keys, values and data.
fn read_through(
    hive: Hive<'_>,
    is_fragment: bool,
    key_times: &mut KeyTimes,
) -> (Option<Counts>, Faults, Faults) {
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
        key_times.add(entry.key.last_written());
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
        // A root that was searched for may not be the one. What is wrong with a base block that was made
        // up says nothing.
        let is_root = Some(*fault) == hive.root_fault();
        if is_loss(*fault) || is_root && !is_fragment {
            unread.add(*fault);
        } else if !is_root {
            faults.add(*fault);
        }
    }
    (Some(counts), unread, faults)
}

/// Whether a fault of something that is shown means that part of it is lost: a name that is cut.
const fn is_loss(fault: Error) -> bool {
    matches!(fault.kind(), ErrorKind::Truncated { .. })
}
