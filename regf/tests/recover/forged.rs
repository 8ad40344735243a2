// SPDX-License-Identifier: MIT OR Apache-2.0
//! Deletions by hive-forge: recovered items are compared with the deleted ones.

use std::collections::BTreeMap;

use calhive_regf::Hive;
use calhive_regf::recover::Recovery;
use hive_forge::cases::cases;
use hive_forge::deletion::{Deleted, DeletedKind, Edited, Fill, Place};
use hive_forge::random::{Deletions, deletions, edits};

use super::truth::{by_cell, has_path, is_itself, is_plausible, records};

/// Number of deletions per hive.
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

/// Whether the record, the value list of its key and its parents are all intact.
fn is_left_alone(edited: &Edited, deleted: &Deleted) -> bool {
    let own_list = |it: &&Deleted| it.kind == DeletedKind::Key && it.path == deleted.path;
    let list = edited.truth.iter().filter(own_list).any(|key| key.overwritten.value_list);
    deleted.is_whole() && !list && !deleted.overwritten.parents.contains(&true)
}

#[test]
fn deletions_without_overwriting_are_recovered_whole() {
    let (mut all, mut with_path, mut in_freed_list, mut unlinked) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    let mut seed = 0;
    // Each deletion is a case.
    while all < cases(1000) {
        let edited = edited(seed, 0);
        let hive = Hive::parse(&edited.hive.bytes).unwrap();
        let recovery = hive.recover();
        let found = by_cell(&recovery);
        // Data that grew may overwrite something.
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
                wrong.push(format!(
                    "{seed}: recovered as incomplete, {}: {deleted:?}",
                    found.loss()
                ));
            }
            if has_path(*found, deleted) {
                with_path += 1;
                let time = found.last_written().map(|time| time.raw());
                // If only the value was deleted, its key is live and was written at that time.
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
fn overwritten_deletions_are_never_recovered_as_whole() {
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
        println!("{reuse} % overwritten: {table:?}");
        assert!(
            wrong.is_empty(),
            "{} wrong, first {:#?}",
            wrong.len(),
            &wrong[..wrong.len().min(5)]
        );
        assert!(table.whole * 10 >= table.survive * 9, "{table:?}");
        assert!(table.survive > 0 && table.incomplete > 0, "{table:?}");
    }
}

/// Results of recovery, in numbers of deletions.
#[derive(Debug, Default)]
struct Table {
    deleted: u32,
    /// Deletions without overwritten bytes.
    survive: u32,
    /// Those of `survive` that were recovered unchanged and as complete.
    whole: u32,
    /// Deletions that were recovered unchanged.
    same: u32,
    /// Items recovered as incomplete or doubtful.
    incomplete: u32,
    /// Items recovered with a wrong path that is marked as inferred: another key took the place of
    /// the parent.
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
        // A cell may have been deleted several times. Any of its records is right.
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
                let is_complete = found.is_some_and(|found| !found.loss().is_incomplete());
                self.whole += u32::from(is_same && (is_complete || !is_plausible(deleted)));
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
                wrong.push(format!("{seed}: {found:?} was not deleted: {why:?} {known:?}"));
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
fn hive_without_deletions_gives_nothing() {
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
    assert_eq!(keys, 40 * cases(60) as usize);
}

/// A deleted key whose parent offset leads to no cell is recovered. Its parent is unknown, and the
/// keys below it keep their path up to this key.
#[test]
fn deleted_key_with_an_impossible_parent_offset_is_recovered_without_parent() {
    use hive_forge::deletion::Edits;
    use hive_forge::time;
    use hive_forge::tree::Tree;
    let mut tree = Tree::new("ROOT");
    tree.root.at(r"1\2\3\4\5").values.clear();
    for parent in [0x31_u32, 0x7FFF_FFF8, 0x0FFF_FFF1, 0, 8] {
        let mut edits = Edits::new(&tree, &hive_forge::Options::default());
        for path in [r"1\2\3\4\5", r"1\2\3\4", r"1\2\3"] {
            edits.delete_key(edits.key(path), time::DEFAULT + 1);
        }
        let mut bytes = edits.finish().hive.bytes;
        let name = bytes
            .windows(81)
            .position(|record| record[..2] == *b"nk" && record[72] == 1 && record[76] == b'3');
        let at = name.expect("the record of 3 is left");
        bytes[at + 16..at + 20].copy_from_slice(&parent.to_le_bytes());
        let recovery = Hive::parse(&bytes).unwrap().recover();
        let path = |name: &str| {
            let found = recovery.iter().find(|found| found.name() == name.into());
            found.map(|found| found.path().to_string())
        };
        let paths = ["3", "4", "5"].map(|name| path(name).unwrap_or_default());
        let expected = ["…\\3", "…\\3\\4", "…\\3\\4\\5"];
        assert_eq!(paths, expected.map(str::to_owned), "parent offset {parent:#x}");
    }
}
