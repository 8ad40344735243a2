// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sound hives, broken at random.

use hive_forge::rng::Rng;
use hive_forge::{Options, checksum, clean, random, write};

use super::Worst;
use crate::cases::cases;
use crate::corpus::files;

/// Hives of the corpus that are broken: sound ones, of several versions, each with something that
/// the others have not.
const FILES: [&str; 4] =
    ["special/nt-hive-testhive", "special/BigDataHive", "special/UnicodeHive", "nt4/SECURITY"];

/// Breaks `bytes` in one to four places.
pub(crate) fn mutate(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..rng.range(1, 4) {
        if bytes.len() < 8 {
            return;
        }
        match rng.below(10) {
            0..=2 => {
                let at = place(bytes, rng);
                bytes[at] = rng.next_u64() as u8;
            }
            3..=6 => {
                let at = place(bytes, rng).min(bytes.len() - 4) & !3;
                let word = match rng.below(5) {
                    0 => 0,
                    1 => u32::MAX,
                    2 => 0x8000_0000,
                    // Another word of the hive: an offset or size that means something.
                    3 => {
                        let from = place(bytes, rng).min(bytes.len() - 4) & !3;
                        u32::from_le_bytes(bytes[from..from + 4].try_into().unwrap())
                    }
                    _ => rng.next_u64() as u32,
                };
                bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
            }
            7 => bytes.truncate(rng.below(bytes.len())),
            _ => {
                let length = rng.range(1, 256).min(bytes.len());
                let from = rng.below(bytes.len() - length + 1);
                let to = rng.below(bytes.len() - length + 1);
                bytes.copy_within(from..from + length, to);
            }
        }
    }
    if bytes.len() >= 4096 && rng.one_in(2) {
        let sum = checksum(bytes);
        bytes[508..512].copy_from_slice(&sum.to_le_bytes());
    }
}

/// A place in the file; one time in two where something is.
fn place(bytes: &[u8], rng: &mut Rng) -> usize {
    let mut at = rng.below(bytes.len());
    if rng.one_in(2) {
        for _ in 0..64 {
            if bytes[at] != 0 {
                break;
            }
            at = rng.below(bytes.len());
        }
    }
    at
}

fn break_each(what: &str, hives: &[(String, Vec<u8>)], count: u32, seed: u64) {
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
    worst.tell(what);
    println!("{what}: faults in {faulty}, {keys} keys read");
    // The mutations are neither without effect nor so coarse that nothing is left to read.
    assert!(faulty > count / 4, "{faulty} of {count}");
    assert!(keys > u64::from(count), "{keys} keys");
}

#[test]
fn broken_forged_hives_do_no_harm() {
    let mut hives: Vec<(String, Vec<u8>)> =
        clean::seeds().into_iter().map(|file| (file.path, file.bytes)).collect();
    for minor in [1, 4, 6] {
        let tree = random::tree(50 + u64::from(minor), 80, minor);
        let options = Options { minor, leaf_elements: 3, ..Options::default() };
        hives.push((format!("random 1.{minor}"), write(&tree, &options).bytes));
    }
    for scenario in hive_forge::scenario::all() {
        let named = |(file, bytes)| (format!("{}/{file}", scenario.name), bytes);
        hives.extend(scenario.files().into_iter().map(named));
    }
    break_each("forged hives", &hives, cases(400), 1);
}

#[test]
fn broken_real_hives_do_no_harm() {
    let wanted = |name: &str| FILES.contains(&name);
    let Some(files) = files("broken_real_hives_do_no_harm", wanted) else { return };
    let hives: Vec<(String, Vec<u8>)> = files.map(|file| (file.name, file.bytes)).collect();
    assert_eq!(hives.len(), FILES.len());
    break_each("real hives", &hives, cases(400), 2);
}
