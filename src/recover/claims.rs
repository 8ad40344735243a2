// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bytes that more than one recovered thing claims: what was deleted first was then written over by
//! what was deleted later.

use alloc::vec;
use alloc::vec::Vec;

use crate::recover::{Loss, Recovery};

/// One bit for each place where a cell can begin.
struct Units(Vec<u64>);

impl Units {
    fn new(length: usize) -> Self {
        Self(vec![0; (length / 512).saturating_add(1)])
    }

    /// Goes through the bits of a stretch, a word at a time.
    fn each(&mut self, start: u32, length: usize, mut see: impl FnMut(usize, &mut u64, u64)) {
        let first = start as usize / 8;
        let end = (start as usize).saturating_add(length).div_ceil(8);
        let mut unit = first;
        while unit < end {
            let (word, bit) = (unit / 64, unit & 63);
            let count = (64_usize.saturating_sub(bit)).min(end.saturating_sub(unit));
            let bits = u64::MAX.checked_shr(64_u32.saturating_sub(count as u32)).unwrap_or(0);
            let bits = bits.wrapping_shl(bit as u32);
            match self.0.get_mut(word) {
                Some(place) => see(word, place, bits),
                None => return,
            }
            unit = unit.saturating_add(count);
        }
    }
}

impl Recovery<'_> {
    /// Marks what is contested.
    pub(super) fn contest(&mut self) {
        let length = self.hive.after_base_block().len();
        let (mut once, mut twice) = (Units::new(length), Units::new(length));
        let header = self.terms.layout.header();
        let mut any = false;
        // Many values may claim the same data: no more is marked than the file has, twice over.
        let mut left = length.saturating_mul(2);
        for index in 0..self.found.len() {
            self.claimed(index, |start, length| {
                let length = length.saturating_add(header).min(left);
                left = left.saturating_sub(length);
                once.each(start, length, |word, place, bits| {
                    let again = *place & bits;
                    *place |= bits;
                    if again != 0 {
                        any = true;
                        if let Some(twice) = twice.0.get_mut(word) {
                            *twice |= again;
                        }
                    }
                });
            });
        }
        if !any {
            return;
        }
        let mut left = length.saturating_mul(2);
        for index in 0..self.found.len() {
            let mut contested = Loss::empty();
            let mut part = Loss::RECORD_CONTESTED;
            self.claimed(index, |start, length| {
                let length = length.saturating_add(header).min(left);
                left = left.saturating_sub(length);
                twice.each(start, length, |_, place, bits| {
                    contested.set(part, contested.contains(part) || *place & bits != 0);
                });
                part = Loss::CONTENT_CONTESTED;
            });
            if let Some(found) = self.found.get_mut(index) {
                found.loss |= contested;
            }
        }
    }
}
