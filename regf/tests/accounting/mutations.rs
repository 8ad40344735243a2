// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives and logs with random damage, with the same constants as the families. `CALHIVE_CASES` sets their
//! number.

use hive_forge::cases::cases;
use hive_forge::family::Case;
use hive_forge::log::{new_crash, old_crash};
use hive_forge::random::{self, mutate};
use hive_forge::rng::Rng;
use hive_forge::{Options, clean, write};

use crate::entries;
use crate::ledger::Cost;

/// Entry points that each damaged input is given to.
const EACH: usize = 8;

/// Sound inputs to damage.
fn seeds() -> Vec<Case> {
    let mut seeds: Vec<Case> = clean::seeds().into_iter().map(|file| file.bytes.into()).collect();
    for minor in [1, 3, 6] {
        let tree = random::tree(70 + u64::from(minor), 60, minor);
        let options = Options { minor, leaf_elements: 3, ..Options::default() };
        seeds.push(write(&tree, &options).bytes.into());
    }
    for dirty in (0..6).map(new_crash).chain((0..6).map(old_crash)) {
        let logs = dirty.logs.iter().map(|(_, log)| log.bytes.clone()).collect();
        seeds.push(Case { bytes: dirty.primary, logs });
    }
    seeds
}

#[test]
fn costs_of_damaged_hives_and_logs_stay_within_the_table() {
    let (seeds, table) = (seeds(), entries::all());
    let mut faults = Vec::new();
    let (mut runs, mut next) = (0, 0);
    for number in 0..cases(200) {
        let mut rng = Rng::nth(18, u64::from(number));
        let mut case = seeds[number as usize % seeds.len()].clone();
        let count = case.logs.len();
        match rng.below(count + 1).checked_sub(1) {
            Some(log) => mutate(&mut case.logs[log], &mut rng),
            None => mutate(&mut case.bytes, &mut rng),
        }
        for _ in 0..EACH {
            let entry = &table[next % table.len()];
            next += 1;
            let excess = Cost::of(entry, &case).excess(entry, case.length());
            faults.extend(excess.map(|it| format!("case {number}: {}: {it}", entry.name)));
            runs += 1;
        }
    }
    println!("{runs} runs");
    assert!(faults.is_empty(), "{} costs exceed the table:\n{}", faults.len(), faults.join("\n"));
    assert!(runs >= table.len(), "each entry point has a run");
}
