// SPDX-License-Identifier: MIT OR Apache-2.0

//! Random damage to the bytes of any file.

use crate::checksum;
use crate::rng::Rng;

/// Damages a text in 1 to 12 places. `special` are bytes that have a meaning in the form of the text. The result has at
/// least one byte.
///
/// # Panics
/// If the text or `special` is empty.
pub fn mutate_text(text: &mut Vec<u8>, special: &[u8], rng: &mut Rng) {
    for _ in 0..rng.range(1, 12) {
        let at = rng.below(text.len());
        match rng.below(7) {
            0 => text.truncate(at.max(1)),
            1 => text[at] = rng.pick(special),
            2 => text.insert(at, rng.pick(special)),
            3 => text[at] ^= 1 << rng.below(8),
            4 => drop(text.remove(at)),
            5 => drop(text.drain(at..(at + rng.below(64)).min(text.len()))),
            _ => {
                let end = (at + rng.below(60)).min(text.len());
                let piece = text[at..end].to_vec();
                text.splice(at..at, piece);
            }
        }
        if text.is_empty() {
            text.push(special[0]);
        }
    }
}

/// Damages `bytes` in one to four places. Half of the results have a correct checksum of the base
/// block, so that a reader does not reject them as a whole.
pub fn mutate(bytes: &mut Vec<u8>, rng: &mut Rng) {
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
                    // Another word of the hive: a meaningful offset or size.
                    3 => {
                        let from = place(bytes, rng).min(bytes.len() - 4) & !3;
                        u32::from_le_bytes(bytes[from..from + 4].try_into().expect("four bytes"))
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

/// A random offset. In half of the cases its byte is not zero.
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
