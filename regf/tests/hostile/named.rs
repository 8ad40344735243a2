// SPDX-License-Identifier: MIT OR Apache-2.0
//! The hostile hives of hive-forge, each damaged in one known way.

use hive_forge::{amplified, hostile};

use super::Worst;

/// Hives within the format, or that no reader can distinguish from such hives: they have no fault.
const LEGAL: [&str; 2] = ["last-written time all ones", "predefined handle"];

#[test]
fn hostile_hives_are_read_with_a_fault_at_an_offset() {
    let mut worst = Worst::default();
    let mut legal = Vec::new();
    for hostile in hostile::all() {
        let outcome = worst.run(|| hostile.name.to_owned(), &hostile.bytes);
        let first = outcome.first;
        println!("{}: {} keys, {} faults, {first:?}", hostile.name, outcome.keys, outcome.faults);
        match first {
            Some(error) => assert!(error.to_string().contains("at file offset 0x"), "{error}"),
            None => legal.push(hostile.name),
        }
    }
    worst.report("hostile hives");
    assert_eq!(legal, LEGAL);
    assert_eq!(worst.cases, 31);
}

/// Lists that many keys share, in keys that licensing reads.
#[test]
fn amplified_hives_take_little_time_and_memory() {
    let mut worst = Worst::default();
    for amplified in amplified::all() {
        let outcome = worst.run(|| amplified.name.to_owned(), &amplified.bytes);
        println!("{}: {} keys, {} faults", amplified.name, outcome.keys, outcome.faults);
        assert!(outcome.keys > 1, "{}", amplified.name);
    }
    worst.report("amplified hives");
    assert_eq!(worst.cases, 5);
}

#[test]
fn shared_value_list_takes_little_time_and_memory() {
    let mut worst = Worst::default();
    let bytes = hostile::shared_value_list(20_000);
    let outcome = worst.run(|| "shared value list".to_owned(), &bytes);
    worst.report("shared value list");
    assert_eq!(outcome.keys, 20_001);
    assert!(outcome.faults > 0);
}
