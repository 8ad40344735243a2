// SPDX-License-Identifier: MIT OR Apache-2.0
//! Hives that yarp refuses: calhive reads what of them is there.

use calhive::Hive;

use super::{canonical::canonical, hives, sha256};

/// What calhive reads of a hive.
struct Damaged {
    name: &'static str,
    keys: u64,
    values: u64,
    /// What could not be shown.
    errors: u64,
    /// What was wrong with what was shown.
    faults: usize,
    /// The first half of the hash of the canonical form.
    hash: &'static str,
}

const DAMAGED: [Damaged; 0] = [];

#[test]
fn what_is_there_is_read() {
    let Some(hives) = hives("what_is_there_is_read") else { return };
    let mut seen = 0;
    for file in hives.filter(|file| file.canonical_hash().is_none()) {
        seen += 1;
        let read = canonical(Hive::parse(&file.bytes).unwrap());
        let hash = &sha256(&read.text)[..32];
        let (keys, values, errors, faults) = (read.keys, read.values, read.errors, read.faults);
        println!(
            "{}: {keys} keys, {values} values, {errors} errors, {faults} faults, {hash}",
            file.name
        );
        let Some(expected) = DAMAGED.iter().find(|damaged| damaged.name == file.name) else {
            continue;
        };
        assert_eq!(
            (keys, values, errors, faults, hash),
            (expected.keys, expected.values, expected.errors, expected.faults, expected.hash),
            "{}",
            file.name
        );
    }
    assert_eq!(seen, DAMAGED.len());
}
