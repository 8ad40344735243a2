// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Hives`]: the mutated hives, by number.

use hive_forge::random::{self, mutate};
use hive_forge::rng::Rng;
use hive_forge::{Options, clean, scenario, write};

/// Seed of the mutations.
const SEED: u64 = 18;

/// Sound hives, and their mutations by number.
pub struct Hives(Vec<Vec<u8>>);

impl Hives {
    /// Writes the sound hives: one of each version, random trees, and the hives of all scenarios.
    pub fn new() -> Self {
        let mut sound: Vec<Vec<u8>> = clean::seeds().into_iter().map(|file| file.bytes).collect();
        for minor in [1, 4, 6] {
            let tree = random::tree(50 + u64::from(minor), 80, minor);
            let options = Options { minor, leaf_elements: 3, ..Options::default() };
            sound.push(write(&tree, &options).bytes);
        }
        let is_hive = |bytes: &Vec<u8>| bytes.starts_with(b"regf") && bytes.get(28) == Some(&0);
        sound.extend(scenario::hives().into_iter().map(|(_, bytes)| bytes).filter(is_hive));
        Self(sound)
    }

    /// Returns the mutated hive of this number.
    pub fn nth(&self, number: u64) -> Vec<u8> {
        let mut bytes = self.0[usize::try_from(number).unwrap() % self.0.len()].clone();
        mutate(&mut bytes, &mut Rng::nth(SEED, number));
        bytes
    }
}

/// Describes the first hives: their number, their size, and a sum over all bytes that shows whether they are the same.
pub fn digest(count: u64) -> String {
    let hives = Hives::new();
    let (mut size, mut sum) = (0_u64, 0xCBF2_9CE4_8422_2325_u64);
    for number in 0..count {
        let bytes = hives.nth(number);
        size += bytes.len() as u64;
        let step = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3);
        sum = bytes.iter().fold(sum, step);
    }
    let sound = hives.0.len();
    format!("{count} mutations of {sound} sound hives, {size} bytes, FNV-1a {sum:016x}")
}
