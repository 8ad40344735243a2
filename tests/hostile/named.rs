// SPDX-License-Identifier: MIT OR Apache-2.0
//! The hostile hives of hive-forge, each broken in one known way.

use hive_forge::{amplified, hostile};

use super::Worst;

/// Those that are within the format, or that no reader can tell from such: they end without a fault.
const LEGAL: [&str; 2] = ["last-written time all ones", "predefined handle"];

#[test]
fn each_ends_with_a_finding_that_names_an_offset() {
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
    worst.tell("hostile hives");
    assert_eq!(legal, LEGAL);
    assert_eq!(worst.cases, 31);
}

/// Lists that many keys share, at places that licensing looks at.
#[test]
fn small_hives_that_ask_for_much_work_get_little() {
    let mut worst = Worst::default();
    for amplified in amplified::all() {
        let outcome = worst.run(|| amplified.name.to_owned(), &amplified.bytes);
        println!("{}: {} keys, {} faults", amplified.name, outcome.keys, outcome.faults);
    }
    worst.tell("amplified hives");
}

#[test]
fn a_value_list_that_all_keys_share_is_gone_through_within_bounds() {
    let mut worst = Worst::default();
    let bytes = hostile::shared_value_list(20_000);
    let outcome = worst.run(|| "shared value list".to_owned(), &bytes);
    worst.tell("shared value list");
    assert_eq!(outcome.keys, 20_001);
    assert!(outcome.faults > 0);
}
