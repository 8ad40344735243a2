// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real hives: what Windows leaves, and what it does not.

use std::collections::BTreeMap;

use calhive::Hive;
use calhive::hive::hidden::{HiddenBy, Weight};

use crate::corpus::hives;

/// Contradictions by hive, all others have none: damaged hives; dirty ones would stand here if their
/// logs were not the reason why they are. In `ntuser_software_partial` one address is followed by the
/// end of a longer one, without a NUL between: text that was made shorter in place, by a program that
/// stores no NUL.
const KNOWN: [(&str, HiddenBy, usize); 8] = [
    ("win10/ntuser_software_partial", HiddenBy::DataSize, 1),
    ("corrupt/corrupted_system_hive", HiddenBy::ValueCount, 1),
    ("corrupt/corrupted_system_hive", HiddenBy::ValueElement, 6),
    ("corrupt/corrupted_system_hive", HiddenBy::ValueList, 231),
    ("corrupt/corrupted_system_hive", HiddenBy::DataOffset, 86),
    // A key and its value.
    ("corrupt/corrupt_sub_key_list.hiv", HiddenBy::SubkeyElement, 2),
    ("corrupt/BadListHive", HiddenBy::SubkeyList, 1),
    ("corrupt/regfio_corrupt_hbin1.dat", HiddenBy::Root, 1),
];

#[test]
fn contradictions_in_real_hives_are_those_that_are_known() {
    let Some(files) = hives("contradictions_in_real_hives_are_those_that_are_known") else {
        return;
    };
    let (mut contradictions, mut wrong) = (BTreeMap::new(), Vec::new());
    for file in files {
        let Ok(hive) = Hive::parse(&file.bytes) else { continue };
        let hidden = hive.hidden();
        let mut kinds = BTreeMap::new();
        for item in hidden.iter() {
            let name = format!("{:?} {} {:?}", item.weight, item.item.structure(), item.by);
            *kinds.entry(name).or_insert(0_usize) += 1;
            if item.weight == Weight::Contradiction {
                *contradictions.entry((file.name.clone(), item.by)).or_insert(0_usize) += 1;
            }
        }
        if !kinds.is_empty() {
            println!("{}: {kinds:?}", file.name);
        }
    }
    for ((name, by), count) in contradictions {
        if !KNOWN.contains(&(&name, by, count)) {
            wrong.push(format!("{name}: {count} by {by:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
