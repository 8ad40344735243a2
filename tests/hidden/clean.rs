// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sound hives hide nothing.

use calhive::Hive;
use calhive::hive::hidden::{Hidden, HiddenBy, Weight};
use hive_forge::{Locality, Options, clean, random, write};

use crate::cases::cases;
use crate::corpus::scenarios;

#[track_caller]
fn hides_nothing(name: &str, bytes: &[u8]) {
    let hidden = Hive::parse(bytes).unwrap().hidden();
    // Trees made at random have data of all kinds under each type, and names that are ASCII as well.
    let by_chance = |item: &&Hidden<'_>| {
        matches!(item.by, HiddenBy::DataType | HiddenBy::NameFlag)
            && item.weight == Weight::LeftOver
    };
    let first = hidden.iter().find(|item| !by_chance(item));
    assert!(first.is_none(), "{name}: {first:#?}");
    assert_eq!(hidden.faults(), [], "{name}");
}

#[test]
fn forged_hives_hide_nothing() {
    for file in clean::hives().into_iter().chain(clean::seeds()) {
        if let Ok(hive) = Hive::parse(&file.bytes) {
            assert!(hive.root_fault().is_none());
            hides_nothing(&file.path, &file.bytes);
        }
    }
    scenarios().iter().for_each(|(name, bytes)| hides_nothing(name, bytes));
}

#[test]
fn random_trees_hide_nothing() {
    for seed in 0..cases(60) {
        let minor = 1 + seed % 6;
        let tree = random::tree(u64::from(seed), 60, minor);
        let locality = if seed % 2 == 0 { Locality::InOrder } else { Locality::Shuffled(1) };
        let options = Options { minor, locality, leaf_elements: 5, ..Options::default() };
        hides_nothing(&format!("tree {seed}"), &write(&tree, &options).bytes);
    }
}
