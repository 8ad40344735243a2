// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sound hives with random damage.

use hive_forge::cases::cases;
use hive_forge::corpus::files;
use hive_forge::random::{self, mutate};
use hive_forge::rng::Rng;
use hive_forge::{Options, clean, scenario, write};

use super::Worst;

/// Sound hives of the corpus that are damaged: several versions, each with something that the
/// others lack.
const FILES: [&str; 4] =
    ["special/nt-hive-testhive", "special/BigDataHive", "special/UnicodeHive", "nt4/SECURITY"];

fn damage_each(what: &str, hives: &[(String, Vec<u8>)], count: u32, seed: u64) {
    let mut worst = Worst::default();
    let (mut faulty, mut keys) = (0, 0);
    for number in 0..count {
        let mut rng = Rng::nth(seed, u64::from(number));
        let (name, sound) = &hives[number as usize % hives.len()];
        let mut bytes = sound.clone();
        mutate(&mut bytes, &mut rng);
        let outcome = worst.run(|| format!("{name}, case {number}"), &bytes);
        faulty += u32::from(outcome.faults > 0);
        keys += outcome.keys;
    }
    worst.report(what);
    println!("{what}: faults in {faulty}, {keys} keys read");
    // The damage has an effect, and leaves something to read.
    assert!(faulty > count / 4, "{faulty} of {count}");
    assert!(keys > u64::from(count), "{keys} keys");
}

#[test]
fn damaged_forged_hives_do_no_harm() {
    let mut hives: Vec<(String, Vec<u8>)> =
        clean::seeds().into_iter().map(|file| (file.path, file.bytes)).collect();
    for minor in [1, 4, 6] {
        let tree = random::tree(50 + u64::from(minor), 80, minor);
        let options = Options { minor, leaf_elements: 3, ..Options::default() };
        hives.push((format!("random 1.{minor}"), write(&tree, &options).bytes));
    }
    hives.extend(scenario::hives());
    damage_each("forged hives", &hives, cases(400), 1);
}

#[test]
fn damaged_real_hives_do_no_harm() {
    let wanted = |name: &str| FILES.contains(&name);
    let Some(files) = files("damaged_real_hives_do_no_harm", wanted) else { return };
    let hives: Vec<(String, Vec<u8>)> = files.map(|file| (file.name, file.bytes)).collect();
    assert_eq!(hives.len(), FILES.len());
    damage_each("real hives", &hives, cases(400), 2);
}
