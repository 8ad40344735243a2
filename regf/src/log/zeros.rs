// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Zeros`]: ranges of a hive that are known to be zero. Many updates can enlarge a hive to the
//! same size. Each byte is cleared again only if another update wrote to it.

use alloc::collections::BTreeMap;
use core::ops::Range;

use crate::meter::count;

/// Ranges that are known to be zero, by start. The ranges neither overlap nor touch.
#[derive(Debug, Default)]
pub(super) struct Zeros(BTreeMap<usize, usize>);

impl Zeros {
    /// Writes zeros to a range. A write to a mapped page copies the page, so the method skips bytes
    /// that are zero already.
    pub(super) fn fill(&mut self, bytes: &mut [u8], range: Range<usize>) {
        let mut clear = |gap: Range<usize>| {
            let gap = gap.start.min(bytes.len())..gap.end.min(bytes.len());
            let gap = bytes.get_mut(gap).unwrap_or_default();
            count(gap.len() / 16);
            gap.iter_mut().filter(|byte| **byte != 0).for_each(|byte| *byte = 0);
        };
        if range.is_empty() {
            return;
        }
        let (mut start, mut at, mut end) = (range.start, range.start, range.end);
        let before = self.0.range(..range.start).next_back();
        let before = before.map(|(from, to)| (*from, *to)).filter(|(_, to)| *to >= range.start);
        if let Some((from, to)) = before {
            self.0.remove(&from);
            (start, at, end) = (from, to.max(at), end.max(to));
        }
        while let Some((from, to)) = self.0.range(range.start..=range.end).next() {
            let (from, to) = (*from, *to);
            count(1);
            self.0.remove(&from);
            clear(at..from.min(range.end));
            (at, end) = (at.max(to), end.max(to));
        }
        clear(at..range.end.max(at));
        self.0.insert(start, end);
    }

    /// Forgets a range that another write covers.
    pub(super) fn forget(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        while let Some((from, to)) = self.0.range(..range.end).next_back() {
            let (from, to) = (*from, *to);
            count(1);
            if to <= range.start {
                break;
            }
            self.0.remove(&from);
            if to > range.end {
                self.0.insert(range.end, to);
            }
            if from < range.start {
                self.0.insert(from, range.start);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn cleared_and_written_bytes_equal_plain_writes() {
        let mut seed = 7_u64;
        let mut next = |most: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as usize % most
        };
        for _ in 0..200 {
            let (mut bytes, mut plain, mut zeros) = (vec![9; 64], vec![9; 64], Zeros::default());
            for _ in 0..30 {
                let start = next(60);
                let range = start..start + next(64 - start);
                let fill = next(2) == 0;
                plain[range.clone()].fill(if fill { 0 } else { 5 });
                if fill {
                    zeros.fill(&mut bytes, range);
                } else {
                    zeros.forget(range.clone());
                    bytes[range].fill(5);
                }
                assert_eq!(bytes, plain);
                let ranges: Vec<_> = zeros.0.iter().collect();
                assert!(ranges.windows(2).all(|pair| pair[0].1 < pair[1].0), "{ranges:?}");
                assert!(
                    ranges.iter().all(|(from, to)| bytes[**from..**to].iter().all(|it| *it == 0))
                );
            }
        }
    }
}
