// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive and yarp read the same keys, times, values, types and data.

use calhive_regf::Hive;
use hive_forge::canonical::sha256;
use hive_forge::corpus::hives;

use super::canonical::unescaped;

/// Hives that calhive and yarp read differently, each with the reason. There are none.
const DIFFERENT: [(&str, &str); 0] = [];

/// Hives of the corpus that yarp can read.
const READ_BY_YARP: usize = 74;

#[test]
fn canonical_hashes_equal_those_of_yarp() {
    let Some(hives) = hives("canonical_hashes_equal_those_of_yarp") else { return };
    let (mut equal, mut all, mut differing) = (0, 0, Vec::new());
    for file in hives {
        let Some(expected) = file.canonical_hash() else { continue };
        all += 1;
        let read = unescaped(Hive::parse(&file.bytes).unwrap());
        if sha256(&read.text) == expected {
            equal += 1;
        } else {
            println!("{}: {} keys, {} values", file.name, read.keys, read.values);
            differing.push(file.name.clone());
        }
    }
    println!("canonical hash equal to yarp's: {equal} of {all}");
    assert_eq!(all, READ_BY_YARP);
    let known: Vec<&str> = DIFFERENT.iter().map(|(name, _)| *name).collect();
    assert_eq!(differing, known);
}
