// SPDX-License-Identifier: MIT OR Apache-2.0
//! A laboratory's classes of deletions, each on three trees.

use std::collections::BTreeMap;

use calhive_regf::Hive;
use hive_forge::deletion::{DeletedKind, cases};

use super::truth::{by_cell, has_path, is_itself, records};

#[test]
fn deleted_records_are_recovered_and_former_data_are_not() {
    let mut counts: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for case in cases() {
        let title = format!("{} ({})", case.name, case.tree);
        assert!(Hive::parse(&case.before).unwrap().recover().is_empty(), "{title}");
        let hive = Hive::parse(&case.edited.hive.bytes).unwrap();
        let recovery = hive.recover();
        assert_eq!(recovery.faults(), [], "{title}");
        let found = by_cell(&recovery);
        let count = counts.entry(case.name).or_default();
        for deleted in records(&case.edited) {
            assert!(deleted.is_whole(), "{title}: {deleted:?}");
            let Some(found) = found.get(&deleted.cell) else { panic!("{title}: {deleted:?}") };
            assert_eq!(is_itself(*found, deleted), Ok(()), "{title}");
            assert!(!found.loss().is_incomplete(), "{title}: {found:?} {}", found.loss());
            count[usize::from(deleted.kind == DeletedKind::Value)] += 1;
            if has_path(*found, deleted) {
                count[2] += 1;
            } else {
                // The list of the remaining key was written again, and no longer names the value.
                assert!(deleted.alone && found.key_path().is_none(), "{title}: {deleted:?}");
            }
        }
        // Nothing else is recovered. Former data of changed values lie in free cells that no value
        // names.
        assert_eq!(recovery.len(), records(&case.edited).count(), "{title}");
        count[3] += case.edited.truth.len() - records(&case.edited).count();
    }
    println!("class: keys, values, with their path; former data that no record names");
    for (name, count) in &counts {
        println!("{name}: {count:?}");
        let is_change = name.starts_with("data changed") || name.starts_with("big data made");
        assert_eq!(count[0] + count[1] == 0, is_change, "{name}");
        // Data of the same size overwrite all former data.
        let leaves_data = is_change && *name != "data changed in place: same size";
        assert_eq!(count[3] > 0, leaves_data, "{name}");
    }
    assert_eq!(counts.len(), 16);
}
