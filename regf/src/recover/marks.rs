// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Marks`]: one bit for each possible start of a cell.

use alloc::vec::Vec;

use crate::words::zeros;

/// Set of cell starts, in bytes from the first bin. Cells start at multiples of 8, so one word covers
/// 512 bytes.
#[derive(Debug)]
pub(crate) struct Marks(Vec<u64>);

const WORD: usize = 512;

impl Marks {
    /// Returns an empty set for `length` bytes.
    pub(crate) fn new(length: usize) -> Self {
        Self(zeros((length / WORD).saturating_add(1)))
    }

    #[inline]
    pub(crate) fn has(&self, at: usize) -> bool {
        self.0.get(at / WORD).is_some_and(|word| word & bit(at) != 0)
    }

    /// Marks a place, and returns whether the mark is new. Misaligned places and places beyond the end
    /// stay unmarked.
    #[inline]
    pub(crate) fn set(&mut self, at: usize) -> bool {
        let Some(word) = self.0.get_mut(at / WORD) else { return false };
        let is_new = *word & bit(at) == 0 && at & 7 == 0;
        *word |= if is_new { bit(at) } else { 0 };
        is_new
    }

    /// Removes a mark.
    #[inline]
    pub(crate) fn take(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / WORD) {
            *word &= !bit(at);
        }
    }

    /// Returns the first marked place in `at..end`.
    pub(crate) fn next(&self, at: usize, end: usize) -> Option<usize> {
        let mut at = at.next_multiple_of(8);
        while at < end {
            let word = self.0.get(at / WORD)?;
            let rest = word.wrapping_shr(index(at));
            if rest != 0 {
                let found = at.saturating_add((rest.trailing_zeros() as usize).saturating_mul(8));
                return Some(found).filter(|found| *found < end);
            }
            at = (at | (WORD - 1)).saturating_add(1);
        }
        None
    }

    /// Iterates over the places that are marked here but not in `other`.
    pub(crate) fn without(&self, other: &Self) -> impl Iterator<Item = usize> {
        let words = self.0.iter().zip(&other.0).enumerate();
        words.flat_map(|(number, (word, other))| {
            let mut left = word & !other;
            core::iter::from_fn(move || {
                let unit = left.trailing_zeros() as usize;
                let is_left = left != 0;
                left &= left.wrapping_sub(1);
                let first = number.saturating_mul(WORD);
                is_left.then(|| first.saturating_add(unit.saturating_mul(8)))
            })
        })
    }

    /// Passes each word of a stretch to `see`: index, word, and the bits of the stretch. A unit of eight
    /// bytes counts in full if the stretch covers a part of the unit.
    pub(crate) fn stretch(
        &mut self,
        start: usize,
        length: usize,
        mut see: impl FnMut(usize, &mut u64, u64),
    ) {
        let end = start.saturating_add(length);
        let mut at = start & !7;
        while at < end {
            let next = (at | (WORD - 1)).saturating_add(1);
            let from_here = u64::MAX.wrapping_shl(index(at));
            let beyond = if end < next { !before(end.next_multiple_of(8), next) } else { 0 };
            let Some(word) = self.0.get_mut(at / WORD) else { return };
            see(at / WORD, word, from_here & !beyond);
            at = next;
        }
    }

    /// Sets bits of a word.
    pub(crate) fn mark_word(&mut self, number: usize, bits: u64) {
        if let Some(word) = self.0.get_mut(number) {
            *word |= bits;
        }
    }
}

/// Returns the bits of a word before this place; all bits if the place is the end of the word.
const fn before(at: usize, end: usize) -> u64 {
    if at >= end { u64::MAX } else { bit(at).wrapping_sub(1) }
}

#[expect(clippy::cast_possible_truncation, reason = "below 64")]
const fn index(at: usize) -> u32 {
    ((at / 8) & 63) as u32
}

const fn bit(at: usize) -> u64 {
    1_u64.wrapping_shl(index(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_places_are_returned_in_order() {
        let mut marks = Marks::new(4096);
        assert!(marks.set(0) && marks.set(504) && marks.set(512) && !marks.set(512));
        assert!(!marks.set(12), "misaligned");
        assert_eq!((marks.next(8, 4096), marks.next(8, 504)), (Some(504), None));
        let mut other = Marks::new(4096);
        other.set(504);
        assert_eq!(marks.without(&other).collect::<Vec<_>>(), [0, 512]);
        marks.take(0);
        assert!(!marks.has(0) && marks.has(512));
    }

    #[test]
    fn stretch_covers_every_unit_that_it_touches() {
        for (start, length) in [(0, 8), (8, 9), (500, 20), (0, 1024), (504, 8), (3, 600)] {
            let mut marks = Marks::new(4096);
            let mut bits = 0;
            marks.stretch(start, length, |_, _, word| bits += word.count_ones());
            // From the unit of the first byte to the unit of the last byte.
            let units = (start + length).div_ceil(8) - start / 8;
            assert_eq!(bits as usize, units, "{start} {length}");
        }
    }
}
