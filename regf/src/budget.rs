// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Budget`]: the work, memory or output that the bytes of a hive may cause.

use crate::error::{Error, ErrorKind, Limit};
use crate::offset::FileOffset;

/// Work, memory or output in proportion to the bytes given. Structures of a hostile hive can share the
/// same bytes, so their number or their total size has no other bound.
///
/// Errors use up a budget as results do. A budget remembers its first refusal, and
/// [`fault`](Self::fault) returns the refusal as an error.
///
/// ```
/// use calhive_regf::{Budget, FileOffset, Limit};
/// let mut data = Budget::new(Limit::Data, 100);
/// assert!(data.take(60, FileOffset::new(0x1000)) && data.fault().is_none());
/// assert!(!data.take(60, FileOffset::new(0x2000)), "60 of 100 bytes are taken");
/// assert!(data.take(40, FileOffset::new(0x3000)), "smaller items still fit");
/// assert_eq!(data.fault().unwrap().to_string(),
///     "limit reached: bytes of value data (at most 100), at file offset 0x2000");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    limit: Limit,
    most: u64,
    left: u64,
    /// Place of the first refusal.
    ended: Option<FileOffset>,
    refused: u64,
}

impl Budget {
    /// Returns a budget of `most` units of `limit`.
    pub const fn new(limit: Limit, most: u64) -> Self {
        Self { limit, most, left: most, ended: None, refused: 0 }
    }

    /// Takes `amount` for an item at `place`. If the rest is smaller, the method refuses the item,
    /// and the rest stays for smaller items.
    #[inline]
    pub const fn take(&mut self, amount: u64, place: FileOffset) -> bool {
        match self.left.checked_sub(amount) {
            Some(left) => {
                self.left = left;
                true
            }
            None => self.refuse(place),
        }
    }

    /// Takes `amount` for work at `place` like [`take`](Self::take), but a refusal also uses up the
    /// rest. Later work is then refused without delay.
    #[inline]
    pub const fn spend(&mut self, amount: u64, place: FileOffset) -> bool {
        let is_paid = self.take(amount, place);
        if !is_paid {
            self.left = 0;
        }
        is_paid
    }

    /// Takes at most `amount` for items at `place`. Returns the amount taken.
    #[inline]
    pub const fn take_up_to(&mut self, amount: u64, place: FileOffset) -> u64 {
        if self.take(amount, place) { amount } else { core::mem::replace(&mut self.left, 0) }
    }

    #[cold]
    const fn refuse(&mut self, place: FileOffset) -> bool {
        if self.ended.is_none() {
            self.ended = Some(place);
        }
        self.refused = self.refused.saturating_add(1);
        false
    }

    /// Returns the rest of the budget.
    #[inline]
    pub const fn left(&self) -> u64 {
        self.left
    }

    /// Returns whether no rest exists.
    #[inline]
    pub const fn is_used_up(&self) -> bool {
        self.left == 0
    }

    /// Returns the number of refused items.
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// Returns the first refusal as an error with its place; `None` without a refusal.
    pub fn fault(&self) -> Option<Error> {
        let kind = ErrorKind::LimitReached { limit: self.limit, most: self.most };
        self.ended.map(|place| Error::new(kind, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: FileOffset = FileOffset::new(7);

    #[test]
    fn refusal_keeps_the_rest_and_its_first_place() {
        let mut budget = Budget::new(Limit::Elements, 10);
        assert!(budget.take(10, AT) && budget.is_used_up());
        assert_eq!(budget.fault(), None, "an empty budget refused nothing yet");
        assert!(budget.take(0, AT));
        assert!(!budget.take(1, FileOffset::new(8)) && !budget.take(1, AT));
        assert_eq!((budget.refused(), budget.fault().unwrap().offset().get()), (2, 8));
    }

    #[test]
    fn refused_work_uses_up_the_rest() {
        let mut budget = Budget::new(Limit::Elements, 10);
        assert!(budget.spend(4, AT) && !budget.spend(7, AT));
        assert_eq!((budget.left(), budget.refused()), (0, 1));
    }

    #[test]
    fn part_of_the_amount_is_taken_and_the_refusal_is_remembered() {
        let mut budget = Budget::new(Limit::Values, 10);
        assert_eq!((budget.take_up_to(4, AT), budget.take_up_to(9, AT)), (4, 6));
        assert_eq!(budget.fault().map(|fault| fault.offset()), Some(AT));
        assert_eq!(budget.take_up_to(9, AT), 0);
    }
}
