// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Patches`]: where each byte of a replayed hive comes from.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use crate::log::replay::{Replay, Written};

/// Entries that are told of one thing.
const MOST_ENTRIES: usize = 64;
/// What sums count pages of.
const PAGE: u64 = 4096;

/// What logs put into a hive, as it came out: later updates have covered earlier ones.
///
/// ```no_run
/// use calhive::Image;
/// use calhive::log::patches::Patches;
/// let (base, log) = (Image::read("SYSTEM")?, Image::read("SYSTEM.LOG1")?);
/// let replayed = base.replay(&[log])?;
/// let patches = Patches::new(base.bytes(), replayed.image.bytes(), &replayed.replay);
/// for patch in patches.differing(0x1000..0x2000) {
///     println!("entry {}, at {:#x} of the log", patch.sequence, patch.log_offset);
/// }
/// # Ok::<(), calhive::FileError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Patches<'a> {
    base: &'a [u8],
    replayed: &'a [u8],
    /// By offset; none overlaps another.
    stretches: Vec<Written>,
}

impl<'a> Patches<'a> {
    /// What `replay` put into `base`, which made it `replayed`.
    pub fn new(base: &'a [u8], replayed: &'a [u8], replay: &Replay) -> Self {
        let mut stretches = BTreeMap::new();
        for written in &replay.written {
            cover(&mut stretches, *written);
        }
        Self { base, replayed, stretches: stretches.into_values().collect() }
    }

    /// What one update put into a hive that is now these bytes: each of the stretches differs from what was
    /// there before.
    pub(crate) fn of_step(hive: &'a [u8], changed: &[Written]) -> Self {
        let mut stretches = BTreeMap::new();
        changed.iter().for_each(|written| cover(&mut stretches, *written));
        Self { base: &[], replayed: hive, stretches: stretches.into_values().collect() }
    }

    /// What a log put into this range of the replayed hive, in order, cut to the range.
    pub fn within(&self, range: Range<u64>) -> impl Iterator<Item = Written> {
        let first = self.stretches.partition_point(|it| end(it) <= range.start);
        let rest = self.stretches.get(first..).unwrap_or_default();
        let (from, to) = (range.start, range.end);
        rest.iter().take_while(move |it| it.offset < to).map(move |it| cut(it, from..to))
    }

    /// The same, without what the base has there already.
    pub fn differing(&self, range: Range<u64>) -> impl Iterator<Item = Written> {
        self.within(range).filter(|patch| {
            let (before, after) = (bytes(self.base, patch), bytes(self.replayed, patch));
            !after.is_empty() && before != after
        })
    }

    /// The entries of logs that these ranges come from where they differ from the base: each entry once,
    /// with the first of its bytes there; no more than the first 64, as no update needs so many.
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

    /// How much the logs put into the hive.
    pub fn sums(&self) -> Sums {
        let (mut sums, mut counted) = (Sums::default(), 0);
        for patch in &self.stretches {
            let (before, after) = (bytes(self.base, patch), bytes(self.replayed, patch));
            let alike = before.iter().zip(after).filter(|(before, after)| before == after).count();
            let length = after.len() as u64;
            sums.bytes = sums.bytes.saturating_add(length);
            sums.changed = sums.changed.saturating_add(length.saturating_sub(alike as u64));
            // A page may be made of several stretches.
            let first = (patch.offset / PAGE).max(counted);
            let last = patch.offset.saturating_add(length).div_ceil(PAGE);
            sums.pages = sums.pages.saturating_add(last.saturating_sub(first));
            counted = counted.max(last);
        }
        sums
    }
}

/// How much logs put into a hive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Pages of 4,096 bytes that hold bytes from a log.
    pub pages: u64,
    /// Bytes from a log.
    pub bytes: u64,
    /// Those of them that differ from the base.
    pub changed: u64,
}

/// Puts a stretch on top of the others.
fn cover(stretches: &mut BTreeMap<u64, Written>, new: Written) {
    let (from, to) = (new.offset, end(&new));
    let below: Vec<Written> =
        stretches.range(..to).rev().map(|(_, it)| *it).take_while(|it| end(it) > from).collect();
    for old in below {
        stretches.remove(&old.offset);
        for rest in [old.offset..from, to..end(&old)] {
            if rest.start < rest.end {
                stretches.insert(rest.start, cut(&old, rest));
            }
        }
    }
    if from < to {
        stretches.insert(from, new);
    }
}

/// The part of a stretch that lies in a range.
fn cut(stretch: &Written, range: Range<u64>) -> Written {
    let start = stretch.offset.max(range.start);
    let length = end(stretch).min(range.end).saturating_sub(start);
    let log_offset = stretch.log_offset.saturating_add(start.saturating_sub(stretch.offset));
    Written { offset: start, length, log_offset, ..*stretch }
}

const fn end(stretch: &Written) -> u64 {
    stretch.offset.saturating_add(stretch.length)
}

/// As many bytes of a stretch as there are.
fn bytes<'a>(hive: &'a [u8], stretch: &Written) -> &'a [u8] {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(hive.len());
    hive.get(at(stretch.offset)..at(end(stretch))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(offset: u64, length: u64, sequence: u32) -> Written {
        Written { offset, length, log: 0, sequence, log_offset: 1000 + offset }
    }

    #[test]
    fn later_updates_cover_earlier_ones() {
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
    fn what_the_base_has_already_is_no_difference() {
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
