// SPDX-License-Identifier: MIT OR Apache-2.0

//! Random damage to bytes, for tests of readers.

use crate::rng::Rng;

/// Changes `bytes` in one to four places: flips a bit, sets a byte, truncates, inserts or removes
/// bytes, changes a possible length, or copies one part over another.
pub fn damaged(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..rng.range(1, 4) {
        if bytes.is_empty() {
            bytes.push(rng.next_u64() as u8);
            continue;
        }
        let at = rng.below(bytes.len());
        let len = rng.range(1, 16).min(bytes.len() - at);
        match rng.below(7) {
            0 => bytes[at] ^= 1 << rng.below(8),
            1 => bytes[at] = rng.pick(&[0, 1, 0x7F, 0x80, 0x84, 0xFF, at as u8]),
            2 if rng.one_in(4) => bytes.truncate(at),
            2 => drop(bytes.drain(at..at + len)),
            3 => {
                let inserted = if rng.one_in(2) { vec![0; len] } else { rng.bytes(len) };
                bytes.splice(at..at, inserted);
            }
            4 => {
                let from = rng.below(bytes.len() - len + 1);
                bytes.copy_within(from..from + len, at);
            }
            _ => change_length(rng, bytes, at),
        }
    }
}

/// Changes the length of the first element after `at` with a tag that certificates use.
fn change_length(rng: &mut Rng, bytes: &mut [u8], at: usize) {
    let tags = [0x02, 0x03, 0x04, 0x05, 0x06, 0x17, 0x1E, 0x30, 0x31, 0xA0, 0xA3];
    let Some(tag) = (at..bytes.len() - 1).find(|&at| tags.contains(&bytes[at])) else { return };
    let long = usize::from(bytes[tag + 1] & 0x7F);
    let digit = match bytes[tag + 1] {
        0x81..=0x84 if tag + 1 + long < bytes.len() => tag + 1 + rng.range(0, long),
        _ => tag + 1,
    };
    bytes[digit] = match rng.below(4) {
        0 => bytes[digit].wrapping_add(1),
        1 => bytes[digit].wrapping_sub(1),
        2 => rng.pick(&[0, 0x7F, 0x80, 0x81, 0x84, 0x88, 0xFF]),
        _ => rng.next_u64() as u8,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_changes_most_tokens_and_follows_the_seed() {
        let sound = crate::scenario::hex::token();
        let mut changed = 0;
        for seed in 0..500 {
            let (mut one, mut other) = (sound.clone(), sound.clone());
            damaged(&mut Rng::new(seed), &mut one);
            damaged(&mut Rng::new(seed), &mut other);
            assert_eq!(one, other);
            changed += usize::from(one != sound);
        }
        assert!(changed > 450, "{changed}");
        let mut empty = Vec::new();
        damaged(&mut Rng::new(1), &mut empty);
    }
}
