// SPDX-License-Identifier: MIT OR Apache-2.0

//! Dirty pages of one flush.

use crate::fields::number;
use crate::space::BASE_BLOCK;

/// Unit of new-format logs.
pub const PAGE: usize = 4096;
/// Unit of old-format logs, and alignment of everything in a log.
pub const SECTOR: usize = 512;

/// Changes from one state of a hive to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Size of the bins data after the update.
    pub bins_size: u32,
    /// Flags of the entry. Bit 0 goes into the flags of the base block.
    pub flags: u32,
    /// Changed ranges, in any order.
    pub runs: Vec<Run>,
}

/// Dirty pages in sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Start, relative to the bins data.
    pub offset: u32,
    /// Bytes after the update.
    pub bytes: Vec<u8>,
}

impl Update {
    /// Returns the pages of 4096 bytes in which `after` differs from `before`, coalesced into runs.
    /// Everything beyond the end of `before` is new. If nothing differs, the first page is used,
    /// since an entry needs a page.
    pub fn pages(before: &[u8], after: &[u8]) -> Self {
        let mut update = Self::between(before, after, PAGE);
        if update.runs.is_empty() {
            let bytes = after[BASE_BLOCK..][..PAGE].to_vec();
            update.runs.push(Run { offset: 0, bytes });
        }
        update
    }

    /// Returns the sectors of 512 bytes in which `after` differs from `before`, coalesced into
    /// runs.
    pub fn sectors(before: &[u8], after: &[u8]) -> Self {
        Self::between(before, after, SECTOR)
    }

    fn between(before: &[u8], after: &[u8], granularity: usize) -> Self {
        let (old, new) = (&before[BASE_BLOCK..], &after[BASE_BLOCK..]);
        let mut runs: Vec<Run> = Vec::new();
        for (number, page) in new.chunks(granularity).enumerate() {
            let at = number * granularity;
            if old.get(at..at + page.len()) == Some(page) {
                continue;
            }
            match runs.last_mut() {
                Some(run) if run.end() == at => run.bytes.extend_from_slice(page),
                _ => runs.push(Run { offset: at as u32, bytes: page.to_vec() }),
            }
        }
        let flags = number(&after[144..148]) as u32 & 1;
        Self { bins_size: new.len() as u32, flags, runs }
    }

    /// Returns the same update with each page in its own run.
    #[must_use]
    pub fn split(self, granularity: usize) -> Self {
        let pages = |run: &Run| -> Vec<Run> {
            let from = run.offset as usize;
            let chunks = run.bytes.chunks(granularity).enumerate();
            let page = |(number, bytes): (usize, &[u8])| Run {
                offset: (from + number * granularity) as u32,
                bytes: bytes.to_vec(),
            };
            chunks.map(page).collect()
        };
        Self { runs: self.runs.iter().flat_map(pages).collect(), ..self }
    }

    /// Applies the update to `hive`: the bins data grow, filled with zeros, or shrink, and the runs
    /// are written. The base block does not change.
    pub fn apply(&self, hive: &mut Vec<u8>) {
        hive.resize(BASE_BLOCK + self.bins_size as usize, 0);
        for run in &self.runs {
            let at = BASE_BLOCK + run.offset as usize;
            hive[at..at + run.bytes.len()].copy_from_slice(&run.bytes);
        }
    }
}

impl Run {
    /// Returns the end, relative to the bins data.
    pub(crate) fn end(&self) -> usize {
        self.offset as usize + self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a base block and pages, each filled with one byte.
    fn hive(pages: &[u8]) -> Vec<u8> {
        let bins = pages.iter().flat_map(|&page| [page; PAGE]);
        [0; BASE_BLOCK].into_iter().chain(bins).collect()
    }

    fn places(update: &Update) -> Vec<(u32, usize)> {
        update.runs.iter().map(|run| (run.offset, run.bytes.len())).collect()
    }

    #[test]
    fn neighboring_pages_become_one_run() {
        let (before, mut after) = (hive(&[1, 2, 3, 4]), hive(&[9, 2, 8, 7]));
        let update = Update::pages(&before, &after);
        assert_eq!(places(&update), [(0, 4096), (8192, 8192)]);
        assert_eq!(places(&update.split(PAGE)), [(0, 4096), (8192, 4096), (12288, 4096)]);
        after.copy_from_slice(&before);
        after[4096 + 4096 + 511..][..2].fill(7);
        assert_eq!(places(&Update::sectors(&before, &after)), [(4096, 1024)]);
    }

    #[test]
    fn hives_grow_and_shrink() {
        let (small, large) = (hive(&[1, 2]), hive(&[1, 2, 0, 3]));
        let growth = Update::pages(&small, &large);
        assert_eq!((growth.bins_size, places(&growth)), (16384, vec![(8192, 8192)]));
        let shrinking = Update::pages(&large, &small);
        assert_eq!((shrinking.bins_size, places(&shrinking)), (8192, vec![(0, 4096)]));
        for (update, from, to) in [(growth, &small, &large), (shrinking, &large, &small)] {
            let mut hive = from.clone();
            update.apply(&mut hive);
            assert!(hive == *to);
        }
    }
}
