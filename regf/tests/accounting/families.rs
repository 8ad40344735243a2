// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every entry point over every family at three sizes.

use hive_forge::family::{self, Family};

use crate::entries::{self, Entry};
use crate::ledger::{Cost, Few};

/// Bytes of the smallest input.
const SIZE: usize = 24 << 10;

/// Families whose items share content. A budget limits the shared work.
pub(crate) const SHARED: [&str; 18] = [
    "a chain of keys",
    "a log entry in each sector",
    "big data of one segment",
    "big data that all values share",
    "big data whose last segment is bad",
    "deleted copies of a key with many values",
    "deleted copies of keys in an unsorted list",
    "deleted copies of one large value",
    "deleted keys below a long path",
    "deleted keys that share a value list",
    "deleted licenses below a long path",
    "deleted licenses that share their data",
    "deleted values in the slack of a list",
    "numbers in data that overlap",
    "text that overlaps",
    "unlisted keys and bad elements",
    "UTF-16 value names that overlap",
    "value names that overlap",
];

/// Largest cost for each byte, with the family that caused it.
type Worst = [(u64, &'static str); 4];

fn account(entry: &Entry, family: &Family, worst: &mut Worst) -> Vec<String> {
    let mut faults = Vec::new();
    let mut costs = Vec::new();
    for times in [1, 2, 4] {
        let case = (family.make)(SIZE * times);
        let cost = Cost::of(entry, &case);
        let excess = cost.excess(entry, case.length());
        faults.extend(excess.map(|it| format!("{}: {}: {it}", entry.name, family.name)));
        for ((_, cost), worst) in cost.columns().into_iter().zip(worst.iter_mut()) {
            let rate = cost / case.length() as u64;
            if rate > worst.0 {
                *worst = (rate, family.name);
            }
        }
        costs.push((cost, case.length()));
    }
    let [(small, first), _, (large, last)] = costs[..] else { panic!("three sizes") };
    let few = if SHARED.contains(&family.name) { Few::HalfOfLimit } else { Few::Four };
    let growth = large.growth(small, entry, [first, last], few);
    faults.extend(growth.map(|it| format!("{}: {}: {it}", entry.name, family.name)));
    faults
}

/// Checks a part of the table, so that several tests share the work.
fn check(part: usize, parts: usize) {
    let families = family::all();
    for shared in SHARED {
        assert!(families.iter().any(|it| it.name == shared), "no family is named {shared}");
    }
    let mut faults = Vec::new();
    let wanted = std::env::var("CALHIVE_ENTRY").unwrap_or_default();
    let entries = entries::all();
    for entry in entries.iter().skip(part).step_by(parts).filter(|it| it.name.contains(&wanted)) {
        let mut worst = Worst::default();
        for family in &families {
            faults.extend(account(entry, family, &mut worst));
        }
        println!("{}: {worst:?}", entry.name);
    }
    assert!(faults.is_empty(), "{} costs exceed the table:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn costs_of_each_entry_point_grow_with_the_bytes_given_first_part() {
    check(0, 2);
}

#[test]
fn costs_of_each_entry_point_grow_with_the_bytes_given_second_part() {
    check(1, 2);
}
