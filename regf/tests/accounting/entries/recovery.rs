// SPDX-License-Identifier: MIT OR Apache-2.0
//! Entry points that recover deleted keys and values. Each method is called on every record.

use calhive_regf::Hive;
use calhive_regf::recover::carve::{Match, Signatures, Window};
use calhive_regf::recover::{Recovered, Recovery};
use hive_forge::family::Case;

use super::{Entry, ITEM, text};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        Entry::new(
            "recover",
            |case| on(case, |recovery| recovery.len() as u64 * ITEM),
            [64, 32, 64, 8],
        ),
        Entry::new("records", |case| each(case, records), [128, 32, 128, 32]),
        Entry::new(
            "paths of records",
            |case| each(case, |found| text(found.path())),
            [512, 32, 2048, 128],
        ),
        Entry::new("names above records", |case| each(case, names_above), [128, 32, 128, 128]),
        Entry::new(
            "confidence of records",
            |case| each(case, |found| text(found.confidence())),
            [512, 32, 2048, 16],
        ),
        Entry::new("counterparts of records", |case| each(case, counterpart), [1024, 32, 512, 16]),
        Entry::new("data of records", |case| each(case, data), [128, 32, 256, 128]),
        Entry::new(
            "spans of records",
            |case| each(case, |found| found.spans().len() as u64 * ITEM),
            [128, 32, 256, 64],
        ),
        Entry::new("values and subkeys of records", |case| each(case, below), [128, 32, 128, 32]),
        Entry::new(
            "overwritten values",
            |case| on(case, |it| it.overwritten_values().len() as u64 * ITEM),
            [128, 64, 128, 16],
        ),
        Entry::new("unclaimed signatures", |case| on(case, unclaimed), [256, 64, 256, 64]),
    ]
}

fn on(case: &Case, run: fn(&Recovery<'_>) -> u64) -> u64 {
    Hive::parse(&case.bytes).map_or(0, |hive| run(&hive.recover()))
}

fn each(case: &Case, run: fn(Recovered<'_, '_>) -> u64) -> u64 {
    let Ok(hive) = Hive::parse(&case.bytes) else { return 0 };
    let recovery = hive.recover();
    let output = recovery.iter().map(run).sum::<u64>();
    output + recovery.faults().len() as u64 + recovery.look_ups().left().min(1)
}

fn records(found: Recovered<'_, '_>) -> u64 {
    let facts = (found.space(), found.loss(), found.cell_offset(), found.structure());
    let named = found.last_written().is_some() || found.leads_to_root();
    let owner = found.owner().is_some() || found.live_owner().is_some();
    ITEM + u64::from(named) + u64::from(owner) + u64::from(facts.1.is_empty())
}

fn names_above(found: Recovered<'_, '_>) -> u64 {
    found.names_above().into_iter().flatten().map(text).sum::<u64>() + text(format!("{found:?}"))
}

fn counterpart(found: Recovered<'_, '_>) -> u64 {
    u64::from(found.counterpart().is_some())
}

fn data(found: Recovered<'_, '_>) -> u64 {
    let data = found.data();
    data.to_bytes().len() as u64 + data.pieces().len() as u64 * ITEM + u64::from(data.is_whole())
}

fn below(found: Recovered<'_, '_>) -> u64 {
    (found.values().count() + found.subkeys().count()) as u64 * ITEM
}

/// Reports two letters wherever they are, with a long length.
#[derive(Debug)]
struct Letters;

impl Signatures for Letters {
    fn scan(&mut self, window: Window<'_>, from: u64, to: u64, report: &mut dyn FnMut(Match)) {
        let bytes = window.slice(from, to);
        for (at, pair) in (from..).step_by(8).zip(bytes.chunks(8)) {
            if pair.iter().any(|byte| *byte != 0) {
                report(Match { offset: at, length: 4096, is_whole: true, tag: 1 });
            }
        }
    }

    fn fresh(&self) -> Box<dyn Signatures> {
        Box::new(Self)
    }
}

fn unclaimed(recovery: &Recovery<'_>) -> u64 {
    let mut output = 0;
    recovery.unclaimed(&Letters, |_| output += ITEM);
    output
}
