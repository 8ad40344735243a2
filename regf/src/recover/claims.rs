// SPDX-License-Identifier: MIT OR Apache-2.0
//! Contested bytes: bytes that several recovered records claim. In such a case, a later record
//! overwrote the record that Windows deleted first.

use crate::recover::marks::Marks;
use crate::recover::{Loss, Recovery};

impl Recovery<'_> {
    /// Marks the losses of records with contested bytes.
    pub(super) fn contest(&mut self) {
        if self.found.len() < 2 {
            return;
        }
        let length = self.hive.after_base_block().len();
        let (mut once, mut twice) = (Marks::new(length), Marks::new(length));
        let header = self.terms.layout.header();
        let mut any = false;
        // Many values can claim the same data. The work is therefore limited to twice the length of
        // the file.
        let mut left = length.saturating_mul(2);
        for index in 0..self.found.len() {
            self.claimed(index, |start, length| {
                let length = length.saturating_add(header).min(left);
                left = left.saturating_sub(length);
                once.stretch(start as usize, length, |word, place, bits| {
                    let again = *place & bits;
                    *place |= bits;
                    if again != 0 {
                        any = true;
                        twice.mark_word(word, again);
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
                twice.stretch(start as usize, length, |_, place, bits| {
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
