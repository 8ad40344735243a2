// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Allowance`]: the work and the output that all records of a recovery share.

use core::cell::Cell;

use crate::budget::Budget;
use crate::error::{Error, Limit};
use crate::offset::FileOffset;

/// Budgets for the bytes given. Many records can share one list, one path or the same data, so each
/// record takes its part from the same budgets.
#[derive(Debug)]
pub(super) struct Allowance {
    /// Records to find: one for each eight bytes.
    pub(super) records: Budget,
    /// Bytes of data to check: four for each byte.
    pub(super) work: Budget,
    /// Elements of value lists to read: one for each byte.
    pub(super) elements: Budget,
    /// Bytes to mark as claimed by a record: two for each byte.
    pub(super) claims: Budget,
    /// Claimed bytes to compare with those of other records: two for each byte.
    pub(super) contests: Budget,
    /// Steps of paths, look-ups and lists that callers ask for: 64 for each byte.
    look_ups: Cell<Budget>,
    /// Bytes of data that callers ask for: 64 for each byte.
    data: Cell<Budget>,
}

impl Allowance {
    /// Returns the budgets for this number of bytes.
    pub(super) const fn of(bytes: usize) -> Self {
        let bytes = bytes as u64;
        let twice = bytes.saturating_mul(2);
        Self {
            records: Budget::new(Limit::Records, bytes / 8),
            work: Budget::new(Limit::Data, bytes.saturating_mul(4)),
            elements: Budget::new(Limit::Elements, bytes),
            claims: Budget::new(Limit::Data, twice),
            contests: Budget::new(Limit::Data, twice),
            look_ups: Cell::new(look_ups(bytes)),
            data: Cell::new(Budget::new(Limit::Data, bytes.saturating_mul(64))),
        }
    }

    /// Returns the limits that the search reached.
    pub(super) fn of_search(&self) -> impl Iterator<Item = Error> {
        let budgets = [self.records, self.elements, self.claims, self.work];
        budgets.into_iter().filter_map(|budget| budget.fault())
    }

    /// Returns the limits that the methods of the records reached.
    pub(super) fn of_records(&self) -> impl Iterator<Item = Error> {
        [self.look_ups.get(), self.data.get()].into_iter().filter_map(|budget| budget.fault())
    }

    /// Uses the budget for look-ups.
    pub(super) fn within_look_ups<T>(&self, look_up: impl FnOnce(&mut Budget) -> T) -> T {
        let mut budget = self.look_ups.get();
        let found = look_up(&mut budget);
        self.look_ups.set(budget);
        found
    }

    /// Takes bytes of data for a record at `place`. Returns whether the budget pays for all of them.
    pub(super) fn pays_for_data(&self, bytes: usize, place: FileOffset) -> bool {
        let mut budget = self.data.get();
        let is_paid = budget.take(bytes as u64, place);
        self.data.set(budget);
        is_paid
    }
}

/// Returns a budget for the look-ups of all records of a hive with this number of bytes.
pub(super) const fn look_ups(bytes: u64) -> Budget {
    Budget::new(Limit::LookUps, bytes.saturating_mul(64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_search_and_records_are_apart() {
        let mut allowance = Allowance::of(16);
        let at = FileOffset::new(7);
        assert!(allowance.records.take(2, at) && !allowance.records.take(1, at));
        assert_eq!((allowance.of_search().count(), allowance.of_records().count()), (1, 0));
        assert!(allowance.within_look_ups(|budget| budget.take(1024, at)));
        assert!(allowance.pays_for_data(1024, at) && !allowance.pays_for_data(1, at));
        assert_eq!(allowance.of_records().count(), 1);
        assert!(!allowance.within_look_ups(|budget| budget.take(1, at)));
        assert_eq!((allowance.of_search().count(), allowance.of_records().count()), (1, 2));
    }
}
