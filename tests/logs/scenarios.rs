// SPDX-License-Identifier: MIT OR Apache-2.0
//! Machines that were in use: what a hive says alone, and what it says with its logs.

use calhive::Hive;
use calhive::log::replay::Untouched;
use hive_forge::scenario::with_logs;

use super::{check, recover};
use crate::round_trip::same_tree;

#[test]
fn logs_make_the_newer_tree_and_the_hive_alone_the_older_one() {
    let mut hives = 0;
    for scenario in with_logs() {
        for logged in &scenario.logged {
            let place = format!("{}/{}", scenario.name, logged.file);
            let alone = Hive::parse(&logged.dirty.primary).unwrap();
            let minor = alone.base_block().version().1;
            same_tree(alone.root().unwrap(), &logged.alone, minor);
            check(&logged.dirty);
            let (recovered, report) = recover(&logged.dirty);
            let with = Hive::parse(&recovered).unwrap();
            same_tree(with.root().unwrap(), logged.tree(), minor);
            let untouched = match (alone.is_dirty(), logged.dirty.applied.is_empty()) {
                (false, _) => Some(Untouched::Clean),
                (true, true) => Some(Untouched::NoLog),
                (true, false) => None,
            };
            assert_eq!(report.untouched, untouched, "{place}");
            hives += 1;
        }
    }
    println!("{hives} hives with logs");
}

/// A value is replayed where a byte of it or of its data came from a log: those that the logs changed
/// are, and no others, since what is not changed stays in its place.
#[test]
fn values_whose_bytes_differ_are_those_that_the_logs_changed() {
    for scenario in with_logs() {
        for logged in scenario.logged.iter().filter(|logged| !logged.dirty.applied.is_empty()) {
            let (recovered, _) = recover(&logged.dirty);
            let base = &logged.dirty.primary;
            let hive = Hive::parse(&recovered).unwrap();
            let mut changed = 0;
            for entry in hive.walk() {
                for value in entry.unwrap().key.values() {
                    let mut cells = value.unwrap().spans().into_iter();
                    changed += usize::from(cells.any(|cell| {
                        let cell = cell.start as usize..cell.end as usize;
                        base.get(cell.clone()) != recovered.get(cell)
                    }));
                }
            }
            let listed = logged.newer.iter().filter(|(_, value)| value.is_some()).count();
            assert_eq!(changed, listed, "{}/{}", scenario.name, logged.file);
        }
    }
}
