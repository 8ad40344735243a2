// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Marks`]: one bit for each possible start of a cell.

use crate::meter::count;
use crate::words::{COVERED, Groups};

/// Set of cell starts, in bytes from the first bin.
#[derive(Debug)]
pub(crate) struct Marks {
    words: Groups<1>,
}

impl Marks {
    /// Returns an empty set for the bytes from `start` to `end`.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self { words: Groups::new(start, end) }
    }

    /// Passes each word of a stretch to `see`: a place in the word, the word, and the bits of the stretch. A unit
    /// of eight bytes counts in full if the stretch covers a part of the unit. Bytes outside the set do not count.
    pub(crate) fn stretch(
        &mut self,
        start: usize,
        length: usize,
        mut see: impl FnMut(usize, &mut u64, u64),
    ) {
        let end = start.saturating_add(length);
        let mut at = (start & !7).max(self.words.start());
        while at < end {
            count(1);
            let next = (at | (COVERED - 1)).saturating_add(1);
            let from_here = u64::MAX.wrapping_shl(index(at));
            let beyond = if end < next { !before(end.next_multiple_of(8), next) } else { 0 };
            let Some([word]) = self.words.get_mut(at) else { return };
            see(at, word, from_here & !beyond);
            at = next;
        }
    }

    /// Sets bits of the word of this place.
    pub(crate) fn mark_word(&mut self, at: usize, bits: u64) {
        if let Some([word]) = self.words.get_mut(at) {
            *word |= bits;
        }
    }
}

/// Returns the bits of a word before this place; all bits if the place is the end of the word.
const fn before(at: usize, end: usize) -> u64 {
    if at >= end { u64::MAX } else { bit(at).wrapping_sub(1) }
}

/// Returns the number of the bit for this place in its word.
#[expect(clippy::cast_possible_truncation, reason = "below 64")]
pub(super) const fn index(at: usize) -> u32 {
    ((at / 8) & 63) as u32
}

/// Returns the bit for this place in its word.
pub(super) const fn bit(at: usize) -> u64 {
    1_u64.wrapping_shl(index(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretch_covers_every_unit_that_it_touches() {
        for (start, length) in [(0, 8), (8, 9), (500, 20), (0, 1024), (504, 8), (3, 600)] {
            let mut marks = Marks::new(0, 4096);
            let mut bits = 0;
            marks.stretch(start, length, |_, _, word| bits += word.count_ones());
            // From the unit of the first byte to the unit of the last byte.
            let units = (start + length).div_ceil(8) - start / 8;
            assert_eq!(bits as usize, units, "{start} {length}");
        }
    }

    #[test]
    fn stretch_that_begins_before_the_set_covers_its_part() {
        let (mut marks, mut bits) = (Marks::new(1024, 2048), 0);
        marks.stretch(1000, 48, |_, _, word| bits += word.count_ones());
        assert_eq!(bits, 3);
    }
}
