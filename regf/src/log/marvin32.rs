// SPDX-License-Identifier: MIT OR Apache-2.0
//! Marvin32, the hash of log entries. See [regf.md](crate::format#marvin32).

use crate::meter::count;

/// Seed that Windows uses for logs.
const SEED: u64 = 0x82EF_4D88_7A4E_55C5;

/// Returns the hash of `bytes`.
///
/// ```
/// // The hash of no bytes: the seed, mixed with the end mark and zero.
/// assert_eq!(calhive_regf::log::marvin32(b""), calhive_regf::log::marvin32(&[]));
/// assert_ne!(calhive_regf::log::marvin32(b"\0"), calhive_regf::log::marvin32(b""));
/// ```
pub fn marvin32(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<4>();
    let mut state = State::new();
    state.feed(words);
    state.finish(rest)
}

/// State of a hash over bytes that arrive in pieces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    low: u32,
    high: u32,
}

impl State {
    #[allow(clippy::cast_possible_truncation, reason = "the two halves of the seed")]
    pub(crate) const fn new() -> Self {
        Self { low: SEED as u32, high: (SEED >> 32) as u32 }
    }

    pub(crate) fn feed(&mut self, words: &[[u8; 4]]) {
        count(words.len());
        words.iter().for_each(|word| self.mix(u32::from_le_bytes(*word)));
    }

    /// Returns the hash of all bytes fed so far and of `rest`, which has at most three bytes.
    pub(crate) fn finish(mut self, rest: &[u8]) -> u64 {
        // The final word holds the remaining bytes in little-endian order, with the end mark 0x80
        // after them.
        let tail = rest.iter().rev().fold(0x80, |tail: u32, byte| (tail << 8) | u32::from(*byte));
        self.mix(tail);
        self.mix(0);
        (u64::from(self.high) << 32) | u64::from(self.low)
    }

    fn mix(&mut self, word: u32) {
        self.low = self.low.wrapping_add(word);
        self.high ^= self.low;
        self.low = self.low.rotate_left(20).wrapping_add(self.high);
        self.high = self.high.rotate_left(9) ^ self.low;
        self.low = self.low.rotate_left(27).wrapping_add(self.high);
        self.high = self.high.rotate_left(19);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_byte_changes_the_hash_at_every_length() {
        for length in 0..20_usize {
            let zeros = vec![0; length];
            for at in 0..length {
                let mut changed = zeros.clone();
                changed[at] = 1;
                assert_ne!(marvin32(&changed), marvin32(&zeros), "{at} of {length}");
            }
        }
    }
}
