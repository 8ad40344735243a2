// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Patches`]: the source of each byte of a replayed hive.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use crate::log::cover::{Stretch, cover};
use crate::log::outcome::{ByteSource, Replay, Written};
use crate::meter::count;

/// Limit of [`Patches::entries`].
const MOST_ENTRIES: usize = 64;
/// Size of a page in [`Sums`].
const PAGE: u64 = 4096;

/// Bytes that a replay wrote into a hive. Where updates overlap, the later update counts.
///
/// ```no_run
/// use calhive_regf::Image;
/// use calhive_regf::log::patches::Patches;
/// let (base, log) = (Image::read("SYSTEM")?, Image::read("SYSTEM.LOG1")?);
/// let replayed = base.replay(&[log])?;
/// let patches = Patches::new(base.bytes(), replayed.image.bytes(), &replayed.replay);
/// for patch in patches.differing(0x1000..0x2000) {
///     println!("entry {}, at {:#x} of the log", patch.sequence, patch.log_offset);
/// }
/// # Ok::<(), calhive_regf::FileError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Patches<'a> {
    base: &'a [u8],
    replayed: &'a [u8],
    /// Sorted by offset, without overlaps.
    stretches: Vec<Written>,
}

impl<'a> Patches<'a> {
    /// Collects the writes of `replay`, which turned `base` into `replayed`.
    pub fn new(base: &'a [u8], replayed: &'a [u8], replay: &Replay) -> Self {
        let mut stretches = BTreeMap::new();
        for written in &replay.written {
            cover(&mut stretches, *written);
        }
        Self { base, replayed, stretches: stretches.into_values().collect() }
    }

    /// Collects the writes of one update. `hive` is the state after the update. `changed` holds the
    /// stretches that differ from the state before the update.
    pub fn of_step(hive: &'a [u8], changed: &[Written]) -> Self {
        let mut stretches = BTreeMap::new();
        changed.iter().for_each(|written| cover(&mut stretches, *written));
        Self { base: &[], replayed: hive, stretches: stretches.into_values().collect() }
    }

    /// Iterates over the writes in a range of the replayed hive, in order, clipped to the range.
    pub fn within(&self, range: Range<u64>) -> impl Iterator<Item = Written> {
        let first = self.stretches.partition_point(|it| it.end() <= range.start);
        let rest = self.stretches.get(first..).unwrap_or_default();
        let (from, to) = (range.start, range.end);
        rest.iter().take_while(move |it| it.offset < to).map(move |it| {
            count(1);
            it.cut(from..to)
        })
    }

    /// Iterates like [`within`](Self::within), but skips writes that did not change the base.
    pub fn differing(&self, range: Range<u64>) -> impl Iterator<Item = Written> {
        self.within(range).filter(|patch| {
            let (before, after) = (bytes(self.base, patch), bytes(self.replayed, patch));
            count(after.len() / 16);
            !after.is_empty() && before != after
        })
    }

    /// Returns the log entries that changed these ranges. Each entry appears once, with its first
    /// write in the ranges. The result has at most 64 entries.
    pub fn entries(&self, ranges: impl IntoIterator<Item = Range<u64>>) -> Vec<Written> {
        let mut entries: Vec<Written> = Vec::new();
        for patch in ranges.into_iter().flat_map(|range| self.differing(range)) {
            let is_known = |it: &Written| (it.log, it.sequence) == (patch.log, patch.sequence);
            if !entries.iter().any(is_known) {
                entries.push(patch);
            }
            if entries.len() == MOST_ENTRIES {
                break;
            }
        }
        entries
    }

    /// Returns the totals of all writes.
    pub fn sums(&self) -> Sums {
        let (mut sums, mut counted) = (Sums::default(), 0);
        for patch in &self.stretches {
            let (before, after) = (bytes(self.base, patch), bytes(self.replayed, patch));
            count(after.len() / 16);
            let alike = before.iter().zip(after).filter(|(before, after)| before == after).count();
            let length = after.len() as u64;
            sums.changed = sums.changed.saturating_add(length.saturating_sub(alike as u64));
            if patch.source != ByteSource::Page {
                continue;
            }
            sums.bytes = sums.bytes.saturating_add(length);
            // Several stretches can share a page, and each page counts once.
            let first = (patch.offset / PAGE).max(counted);
            let last = patch.offset.saturating_add(length).div_ceil(PAGE);
            sums.pages = sums.pages.saturating_add(last.saturating_sub(first));
            counted = counted.max(last);
        }
        sums
    }
}

/// Totals of the writes of logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Number of pages of 4,096 bytes that hold bytes from a log.
    pub pages: u64,
    /// Number of bytes from a log.
    pub bytes: u64,
    /// Number of bytes that differ from the base: bytes from a log, zeros in new bins, and bytes of
    /// the base block.
    pub changed: u64,
}

impl Stretch for Written {
    fn start(&self) -> u64 {
        self.offset
    }

    fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }

    fn cut(&self, range: Range<u64>) -> Self {
        let start = self.offset.max(range.start);
        let length = self.end().min(range.end).saturating_sub(start);
        let is_page = self.source == ByteSource::Page;
        let within = if is_page { start.saturating_sub(self.offset) } else { 0 };
        let log_offset = self.log_offset.saturating_add(within);
        Self { offset: start, length, log_offset, ..*self }
    }
}

/// Returns the bytes of a stretch, up to the end of the hive.
fn bytes<'a>(hive: &'a [u8], stretch: &Written) -> &'a [u8] {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(hive.len());
    hive.get(at(stretch.offset)..at(stretch.end())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(offset: u64, length: u64, sequence: u32) -> Written {
        let source = ByteSource::Page;
        Written { offset, length, log: 0, sequence, log_offset: 1000 + offset, source }
    }

    #[test]
    fn later_update_covers_the_earlier_one() {
        let mut stretches = BTreeMap::new();
        for it in [written(10, 20, 1), written(40, 10, 2), written(15, 5, 3), written(25, 20, 4)] {
            cover(&mut stretches, it);
        }
        let found: Vec<(u64, u64, u32, u64)> = stretches
            .values()
            .map(|it| (it.offset, it.length, it.sequence, it.log_offset))
            .collect();
        let expected = [
            (10, 5, 1, 1010),
            (15, 5, 3, 1015),
            (20, 5, 1, 1020),
            (25, 20, 4, 1025),
            (45, 5, 2, 1045),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn write_of_bytes_that_the_base_has_is_no_difference() {
        let (base, replayed) = ([1, 2, 3, 4], [1, 2, 9, 4, 5]);
        let stretches = vec![written(0, 2, 1), written(2, 3, 2)];
        let patches = Patches { base: &base, replayed: &replayed, stretches };
        let differing = |range| patches.differing(range).map(|it| it.sequence).collect::<Vec<_>>();
        assert_eq!(differing(0..5), [2]);
        assert!(differing(0..2).is_empty());
        assert!(differing(3..4).is_empty());
        assert_eq!(differing(4..9), [2]);
        assert_eq!(patches.sums(), Sums { pages: 1, bytes: 5, changed: 2 });
        assert_eq!(
            patches.within(1..3).map(|it| (it.offset, it.length)).collect::<Vec<_>>(),
            [(1, 1), (2, 1)]
        );
    }
}
