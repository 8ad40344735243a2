// SPDX-License-Identifier: MIT OR Apache-2.0
//! Real hives: what Windows leaves, and what it does not.

use std::collections::BTreeMap;

use calhive::Hive;
use calhive::hive::hidden::Weight;

use crate::corpus::hives;

#[test]
fn contradictions_in_real_hives_are_those_that_are_known() {
    let Some(files) = hives("contradictions_in_real_hives_are_those_that_are_known") else {
        return;
    };
    for file in files {
        let Ok(hive) = Hive::parse(&file.bytes) else { continue };
        let hidden = hive.hidden();
        let mut kinds = BTreeMap::new();
        for item in hidden.iter() {
            let name = format!("{:?} {:?} {:?}", item.weight, item.item.structure(), item.by);
            *kinds.entry(name).or_insert(0) += 1;
        }
        println!("{}: {kinds:?}", file.name);
        for item in hidden.iter().filter(|item| item.weight == Weight::Contradiction).take(3) {
            let path = hidden.path(item).map(|path| path.to_string());
            let mut shown = format!("{:?}", item.item);
            shown.truncate(180);
            println!(
                "    {shown} {:?} at {} found {:#x} suggested {:x?} {path:?}",
                item.by, item.place, item.found, item.suggested
            );
        }
    }
}
