// SPDX-License-Identifier: MIT OR Apache-2.0
//! Contested bytes: bytes that several recovered records claim. In such a case, a later record
//! overwrote the record that Windows deleted first.

use alloc::vec::Vec;

use crate::budget::Budget;
use crate::hive::hbin::file_offset;
use crate::recover::marks::Marks;
use crate::recover::{Loss, Recovery};

impl Recovery<'_> {
    /// Marks the losses of records with contested bytes.
    pub(super) fn contest(&mut self) {
        if self.found.len() < 2 {
            return;
        }
        let new = || Marks::new(self.hive.gap(), self.hive.after_base_block().len());
        let (mut once, mut twice) = (new(), new());
        let header = self.terms.layout.header();
        let mut any = false;
        // Many values can claim the same data.
        let mut budget = self.allowance.claims;
        // What the present record claims. A record does not contest its own bytes, so its marks are set
        // after all of its claims were compared.
        let mut own = Vec::new();
        for index in 0..self.found.len() {
            self.claimed(index, |start, length| {
                let length = affordable(&mut budget, start, length.saturating_add(header));
                once.stretch(start as usize, length, |at, word, bits| {
                    let again = *word & bits;
                    if again != 0 {
                        any = true;
                        twice.mark_word(at, again);
                    }
                });
                own.push((start, length));
            });
            for (start, length) in own.drain(..) {
                once.stretch(start as usize, length, |_, word, bits| *word |= bits);
            }
        }
        self.allowance.claims = budget;
        if !any {
            return;
        }
        let mut budget = self.allowance.contests;
        for index in 0..self.found.len() {
            let mut contested = Loss::empty();
            let mut part = Loss::RECORD_CONTESTED;
            self.claimed(index, |start, length| {
                let length = affordable(&mut budget, start, length.saturating_add(header));
                twice.stretch(start as usize, length, |_, word, bits| {
                    contested.set(part, contested.contains(part) || *word & bits != 0);
                });
                part = Loss::CONTENT_CONTESTED;
            });
            if let Some(found) = self.found.get_mut(index) {
                found.loss |= contested;
            }
        }
        self.allowance.contests = budget;
    }
}

/// Returns how many of `length` bytes at `start` are within the budget.
fn affordable(budget: &mut Budget, start: u32, length: usize) -> usize {
    let taken = budget.take_up_to(length as u64, file_offset(start as usize));
    usize::try_from(taken).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use hive_forge::deletion::Edits;
    use hive_forge::time;
    use hive_forge::tree::{Tree, Value};

    use crate::hive::Hive;
    use crate::recover::Loss;

    /// The data offset of a deleted value leads to the record of the value.
    #[test]
    fn record_that_claims_its_own_bytes_twice_is_not_contested() {
        let mut tree = Tree::new("ROOT");
        let name = "a name that is longer than the data";
        let other = "a value that is long enough for a free cell of its own";
        for name in [name, "between", other, "after"] {
            tree.root.at("A").values.push(Value::binary(name, &[7; 12]));
        }
        let mut edits = Edits::new(&tree, &Default::default());
        // Records are compared only if several were recovered.
        for name in [name, other] {
            edits.delete_value(edits.key("A"), name, time::DEFAULT + 1);
        }
        let mut bytes = edits.finish().hive.bytes;
        let start = memchr::memmem::find(&bytes, name.as_bytes()).unwrap() - 20;
        let own = u32::try_from(start - 4 - 4096).unwrap();
        bytes[start + 8..start + 12].copy_from_slice(&own.to_le_bytes());
        let recovery = Hive::parse(&bytes).unwrap().recover();
        assert!(recovery.len() > 1);
        let found = recovery.iter().find(|found| found.name() == name.into()).unwrap();
        assert!(!found.loss().contains(Loss::DATA), "the data offset leads to a cell");
        let contested = Loss::RECORD_CONTESTED | Loss::CONTENT_CONTESTED;
        assert!(!found.loss().intersects(contested), "{:?}", found.loss());
    }

    #[test]
    fn values_after_the_last_bin_that_share_their_data_are_contested() {
        let mut bytes = hive_forge::write(&Tree::new("ROOT"), &Default::default()).bytes;
        let start = bytes.len() - 4096;
        let data = u32::try_from(start + 2048).unwrap();
        let mut rest = vec![0; 4096];
        for (at, name) in [(0, b"one"), (64, b"two")] {
            let record = [
                b"vk\x03\0",
                &[200, 0, 0, 0][..],
                &data.to_le_bytes(),
                &[3, 0, 0, 0, 1, 0, 0, 0],
                name,
            ];
            let cell = [&32_u32.to_le_bytes()[..], &record.concat()].concat();
            rest[at..at + cell.len()].copy_from_slice(&cell);
            rest[at + 32..at + 36].copy_from_slice(&32_u32.to_le_bytes());
        }
        rest[128..132].copy_from_slice(&1920_u32.to_le_bytes());
        rest[2048..2052].copy_from_slice(&208_u32.to_le_bytes());
        bytes.extend(rest);
        let recovery = Hive::parse(&bytes).unwrap().recover();
        let contested: Vec<bool> =
            recovery.iter().map(|found| found.loss().contains(Loss::CONTENT_CONTESTED)).collect();
        assert_eq!(contested, [true, true], "{:?}", recovery.iter().collect::<Vec<_>>());
    }
}
