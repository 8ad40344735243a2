// SPDX-License-Identifier: MIT OR Apache-2.0
//! Deletions that hive-forge made, against the truth of what it deleted.

use std::collections::BTreeMap;

use calhive::Hive;
use calhive::recover::Recovery;
use hive_forge::deletion::{Deleted, DeletedKind, Edited, Fill, Place};
use hive_forge::random::{Deletions, deletions, edits};

use super::truth::{by_cell, has_path, is_itself, is_plausible, records};
use crate::cases::cases;

/// Deletions of each hive.
const EACH: usize = 40;

fn edited(seed: u64, reuse: usize) -> Edited {
    let minor = 1 + (seed % 6) as u32;
    deletions(Deletions {
        seed,
        size: 60,
        minor,
        plain: seed.is_multiple_of(4),
        count: EACH,
        reuse,
    })
}

/// The deleted keys whose value lists were written over, and keys above things that were.
fn is_left_alone(edited: &Edited, deleted: &Deleted) -> bool {
    let own_list = |it: &&Deleted| it.kind == DeletedKind::Key && it.path == deleted.path;
    let list = edited.truth.iter().filter(own_list).any(|key| key.overwritten.value_list);
    deleted.is_whole() && !list && !deleted.overwritten.parents.contains(&true)
}

#[test]
fn nothing_overwritten_all_of_it_comes_back() {
    let (mut all, mut with_path, mut in_freed_list, mut unlinked) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    let mut seed = 0;
    // A case is a deletion.
    while all < cases(1000) {
        let edited = edited(seed, 0);
        let hive = Hive::parse(&edited.hive.bytes).unwrap();
        let recovery = hive.recover();
        let found = by_cell(&recovery);
        // Where data are changed to longer ones, these may be written over something.
        for deleted in records(&edited).filter(|it| is_left_alone(&edited, it)) {
            all += 1;
            let Some(found) = found.get(&deleted.cell) else {
                wrong.push(format!("{seed}: not found: {deleted:?}"));
                continue;
            };
            if let Err(why) = is_itself(*found, deleted) {
                wrong.push(format!("{seed}: {why}: {deleted:?}"));
            }
            let is_calm = edited.truth.iter().all(Deleted::is_whole);
            if is_calm && found.loss().is_incomplete() && is_plausible(deleted) {
                wrong.push(format!("{seed}: told as incomplete, {}: {deleted:?}", found.loss()));
            }
            if has_path(*found, deleted) {
                with_path += 1;
                let time = found.last_written().map(|time| time.raw());
                // The key of a value that was taken out alone is live, and was written then.
                if time != Some(deleted.last_written) && !deleted.alone {
                    wrong.push(format!("{seed}: time of its key: {deleted:?}"));
                }
            } else if deleted.alone && deleted.referenced {
                in_freed_list += 1;
            } else if deleted.alone {
                unlinked += 1;
            } else {
                wrong.push(format!("{seed}: path {:?}: {deleted:?}", found.key_path()));
            }
        }
        seed += 1;
    }
    println!(
        "{all} deletions in {seed} hives, all found: {with_path} with their path, {in_freed_list} values in \
         lists that no key names any more, {unlinked} values that nothing names any more"
    );
    assert!(wrong.is_empty(), "{} wrong, first {:#?}", wrong.len(), &wrong[..wrong.len().min(5)]);
    assert!(with_path > all / 2, "{with_path}");
}

#[test]
fn what_was_written_over_is_never_told_as_whole() {
    for reuse in [10, 30, 60] {
        let mut table = Table::default();
        let mut wrong = Vec::new();
        let mut seed = 0;
        while table.deleted < cases(1000) {
            let edited = edited(1_000_000 + seed, reuse);
            let hive = Hive::parse(&edited.hive.bytes).unwrap();
            let recovery = hive.recover();
            table.add(&edited, &recovery, seed, &mut wrong);
            seed += 1;
        }
        println!("{reuse} % written over: {table:?}");
        assert!(
            wrong.is_empty(),
            "{} wrong, first {:#?}",
            wrong.len(),
            &wrong[..wrong.len().min(5)]
        );
        assert!(table.whole * 10 >= table.survive * 9, "{table:?}");
    }
}

/// What became of deletions.
#[derive(Debug, Default)]
struct Table {
    deleted: u32,
    /// Those of which no byte was written over.
    survive: u32,
    /// Of these, recovered as they were and told as complete.
    whole: u32,
    /// Of all, recovered as they were.
    same: u32,
    /// Recovered, and told as incomplete or in doubt.
    incomplete: u32,
    /// Recovered with a path that is not the right one and is told as inferred: another key stands in the
    /// place of the one above.
    other_path: u32,
}

impl Table {
    fn add(
        &mut self,
        edited: &Edited,
        recovery: &Recovery<'_>,
        seed: u64,
        wrong: &mut Vec<String>,
    ) {
        // One place may have been deleted from more than once: any of them is right.
        let mut truth: BTreeMap<u32, Vec<&Deleted>> = BTreeMap::new();
        records(edited).for_each(|it| truth.entry(it.cell).or_default().push(it));
        let found = by_cell(recovery);
        for deleted in records(edited) {
            self.deleted += 1;
            let found = found.get(&deleted.cell);
            let is_same = found.is_some_and(|found| is_itself(*found, deleted).is_ok());
            self.same += u32::from(is_same);
            if deleted.is_whole() {
                self.survive += 1;
                let is_told = found.is_some_and(|found| !found.loss().is_incomplete());
                self.whole += u32::from(is_same && (is_told || !is_plausible(deleted)));
            }
        }
        for found in recovery.iter() {
            if found.loss().is_incomplete() {
                self.incomplete += 1;
                continue;
            }
            let known =
                truth.get(&found.cell_offset().get()).map(Vec::as_slice).unwrap_or_default();
            let Some(deleted) = known.iter().find(|it| is_itself(found, it).is_ok()) else {
                let why: Vec<_> = known.iter().map(|it| is_itself(found, it)).collect();
                wrong
                    .push(format!("{seed}: {found:?} is none that was deleted: {why:?} {known:?}"));
                continue;
            };
            let path = found.key_path().filter(|path| path.is_whole && !path.is_doubtful);
            if path.as_ref().is_some_and(|path| path.is_inferred) && !has_path(found, deleted) {
                self.other_path += 1;
            } else if path.is_some() && !has_path(found, deleted) {
                wrong.push(format!("{seed}: {found:?} has another path: {deleted:?}"));
            }
        }
    }
}

#[test]
fn nothing_deleted_nothing_recovered() {
    let mut keys = 0;
    for seed in 0..u64::from(cases(60)) {
        let minor = 1 + (seed % 6) as u32;
        let made = Deletions { seed, size: 40, minor, plain: false, count: 0, reuse: 0 };
        let mut edits = edits(made);
        for (number, place) in [
            Place::Data,
            Place::ValueLists,
            Place::SubkeyLists,
            Place::FreeCells,
            Place::Remnant(5000),
        ]
        .into_iter()
        .enumerate()
        {
            let fill = Fill::ALL[(seed as usize + number) % Fill::ALL.len()];
            edits.fill(place, fill, seed);
        }
        let edited = edits.finish();
        assert!(edited.truth.is_empty());
        let hive = Hive::parse(&edited.hive.bytes).unwrap();
        keys += hive.walk().count();
        let recovery = hive.recover();
        let found: Vec<_> = recovery.iter().collect();
        assert!(found.is_empty(), "{seed}: {found:?}");
    }
    println!("{keys} keys, nothing recovered");
}
