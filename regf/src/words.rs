// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Groups`]: words of bits for each possible start of a cell.

use alloc::vec;
use alloc::vec::Vec;
use core::hint::black_box;

/// Number of bytes that a group covers. Cells start at multiples of 8, so a word has one bit for each start.
pub(crate) const COVERED: usize = 512;

/// Bytes in a page of memory.
const PAGE: usize = 4096;

/// Groups of `N` words for places in bytes from the first bin. The words of a group stand together, so that one
/// access to memory reads them. Groups for bytes before the first bin of a fragment are left out.
#[derive(Debug)]
pub(crate) struct Groups<const N: usize> {
    groups: Vec<[u64; N]>,
    /// Number of groups that are left out.
    first: usize,
}

impl<const N: usize> Groups<N> {
    /// Returns groups for the bytes from `start` to `end`, all bits 0.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let first = start / COVERED;
        Self { groups: zeros((end / COVERED).saturating_sub(first).saturating_add(1)), first }
    }

    /// Returns the group for a place, or `None` outside the bytes.
    #[inline]
    pub(crate) fn get(&self, at: usize) -> Option<&[u64; N]> {
        self.groups.get((at / COVERED).wrapping_sub(self.first))
    }

    /// As [`get`](Self::get), to change the words.
    #[inline]
    pub(crate) fn get_mut(&mut self, at: usize) -> Option<&mut [u64; N]> {
        self.groups.get_mut((at / COVERED).wrapping_sub(self.first))
    }

    /// Iterates over the groups for `at..end`, each with its first place.
    pub(crate) fn between(
        &self,
        at: usize,
        end: usize,
    ) -> impl Iterator<Item = (usize, &[u64; N])> {
        let first = (at / COVERED).max(self.first);
        let after = end.div_ceil(COVERED).saturating_sub(self.first).min(self.groups.len());
        let groups = self.groups.get(first.saturating_sub(self.first)..after).unwrap_or_default();
        (first..).map(|number| number.saturating_mul(COVERED)).zip(groups)
    }

    /// Returns the first place that has a group.
    pub(crate) const fn start(&self) -> usize {
        self.first.saturating_mul(COVERED)
    }
}

/// Returns words that are 0, each page of them written.
///
/// A page that is read first costs two page faults: one at the read, which maps the page of zeros, and
/// one at the write. The second one also interrupts all threads of the process.
fn zeros<const N: usize>(count: usize) -> Vec<[u64; N]> {
    crate::meter::count(count.saturating_mul(size_of::<[u64; N]>()) / 64);
    let mut groups = vec![[0; N]; count];
    let step = PAGE.checked_div(size_of::<[u64; N]>()).unwrap_or(PAGE).max(1);
    groups.iter_mut().step_by(step).for_each(|group| *group = black_box([0; N]));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_before_the_start_and_after_the_end_are_left_out() {
        let mut groups = Groups::<1>::new(5000, 6000);
        assert_eq!(groups.start(), 4608);
        assert!(groups.get(4607).is_none() && groups.get(4608).is_some());
        assert!(groups.get(6143).is_some() && groups.get(6144).is_none());
        *groups.get_mut(5120).unwrap() = [7];
        let places: Vec<usize> = groups.between(0, usize::MAX).map(|(at, _)| at).collect();
        assert_eq!(places, [4608, 5120, 5632]);
        let one: Vec<_> = groups.between(5200, 5300).collect();
        assert_eq!(one, [(5120, &[7])]);
        assert_eq!(groups.between(9000, 10_000).count(), 0);
    }
}
