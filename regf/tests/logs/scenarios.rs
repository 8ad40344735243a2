// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives of machines in use, alone and with their logs.

use calhive_regf::Hive;
use calhive_regf::log::outcome::Untouched;
use hive_forge::scenario::with_logs;

use super::{check, recover};
use crate::same_tree::same_tree;

/// Number of scenario hives that have logs or should have logs, and the number of those to which
/// logs are applied.
const HIVES: usize = 10;
const REPLAYED: usize = 8;

#[test]
fn hive_alone_holds_the_older_tree_and_logs_make_the_newer() {
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
    assert_eq!(hives, HIVES);
}

/// A value counts as replayed if a byte of the value or of its data comes from a log. These are
/// exactly the values that the logs changed: unchanged values keep their offsets.
#[test]
fn values_with_bytes_from_logs_equal_the_changed_values() {
    let (mut hives, mut values) = (0, 0);
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
            hives += 1;
            values += changed;
        }
    }
    println!("{values} values of {hives} hives are changed by logs");
    assert_eq!(hives, REPLAYED);
    assert!(values > hives, "{values}");
}
