// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`CellMarks`]: four marks for each possible start of a cell.

use crate::meter::count;
use crate::recover::marks::{bit, index};
use crate::words::Groups;

/// Mark of a place where a cell can start. A place can have several marks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mark {
    /// The tree refers to the cell.
    Live,
    /// The cell was visited as the key, value, subkey list or `db` record that it holds.
    Visited,
    /// The cell was visited as a value list. Value lists have no signature, so any cell can be one.
    ValueList,
    /// A list leads to a key here.
    Key,
    /// A list leads to a value here.
    Value,
    /// The cell was allocated, and nothing referred to it when it was passed.
    Unclaimed,
}

/// Marks of all places, in bytes from the first bin.
#[derive(Debug)]
pub(crate) struct CellMarks {
    groups: Groups<6>,
}

/// One word for each kind of marks.
type Group = [u64; 6];

#[inline]
const fn word(group: &Group, mark: Mark) -> u64 {
    let [live, visited, value_list, key, value, unclaimed] = group;
    match mark {
        Mark::Live => *live,
        Mark::Visited => *visited,
        Mark::ValueList => *value_list,
        Mark::Key => *key,
        Mark::Value => *value,
        Mark::Unclaimed => *unclaimed,
    }
}

#[inline]
const fn word_mut(group: &mut Group, mark: Mark) -> &mut u64 {
    let [live, visited, value_list, key, value, unclaimed] = group;
    match mark {
        Mark::Live => live,
        Mark::Visited => visited,
        Mark::ValueList => value_list,
        Mark::Key => key,
        Mark::Value => value,
        Mark::Unclaimed => unclaimed,
    }
}

/// The marks of one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlaceMarks<'a> {
    group: &'a Group,
    bit: u64,
}

impl PlaceMarks<'_> {
    #[inline]
    pub(crate) const fn has(self, mark: Mark) -> bool {
        word(self.group, mark) & self.bit != 0
    }
}

impl CellMarks {
    /// Returns marks for the bytes from `start` to `end`, none of them set.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self { groups: Groups::new(start, end) }
    }

    /// Returns the marks of a place, or `None` beyond the end.
    #[inline]
    pub(crate) fn of(&self, at: usize) -> Option<PlaceMarks<'_>> {
        self.groups.get(at).map(|group| PlaceMarks { group, bit: bit(at) })
    }

    #[inline]
    pub(crate) fn has(&self, at: usize, mark: Mark) -> bool {
        self.of(at).is_some_and(|marks| marks.has(mark))
    }

    /// Marks a place, and returns whether the mark is new. Misaligned places and places beyond the end
    /// stay unmarked.
    #[inline]
    pub(crate) fn set(&mut self, at: usize, mark: Mark) -> bool {
        let Some(group) = self.groups.get_mut(at) else { return false };
        let word = word_mut(group, mark);
        let is_new = *word & bit(at) == 0 && at & 7 == 0;
        *word |= if is_new { bit(at) } else { 0 };
        is_new
    }

    /// Marks a place as [live](Mark::Live), and as visited with the mark `way`. Returns whether the visit
    /// is the first. The place is aligned, since it holds a cell.
    #[inline]
    pub(crate) fn visit(&mut self, at: usize, way: Mark) -> bool {
        let Some(group) = self.groups.get_mut(at) else { return false };
        let bit = bit(at);
        *word_mut(group, Mark::Live) |= bit;
        let word = word_mut(group, way);
        let is_first = *word & bit == 0;
        *word |= bit;
        is_first
    }

    /// Returns the first place in `at..end` that the tree refers to.
    pub(crate) fn next_live(&self, at: usize, end: usize) -> Option<usize> {
        self.next(at, end, |group| word(group, Mark::Live))
    }

    /// Returns the first place in `at..end` that waits for its visit as a key or value.
    pub(crate) fn next_waiting(&self, at: usize, end: usize, listed: Mark) -> Option<usize> {
        self.next(at, end, |group| word(group, listed) & !word(group, Mark::Visited))
    }

    fn next(&self, at: usize, end: usize, wanted: impl Fn(&Group) -> u64) -> Option<usize> {
        let at = at.next_multiple_of(8).max(self.groups.start());
        let mut from = u64::MAX.wrapping_shl(index(at));
        for (first, group) in self.groups.between(at, end) {
            count(1);
            let found = wanted(group) & core::mem::replace(&mut from, u64::MAX);
            if found != 0 {
                let place = place(first, found);
                return Some(place).filter(|place| *place < end);
            }
        }
        None
    }

    /// Iterates over the places that are [unclaimed](Mark::Unclaimed) and not [live](Mark::Live).
    pub(crate) fn unreferenced(&self) -> impl Iterator<Item = usize> {
        self.groups.between(0, usize::MAX).flat_map(|(first, group)| {
            count(1);
            let mut left = word(group, Mark::Unclaimed) & !word(group, Mark::Live);
            core::iter::from_fn(move || {
                let found = (left != 0).then(|| place(first, left));
                left &= left.wrapping_sub(1);
                found
            })
        })
    }
}

/// Returns the place of the lowest bit that is set in a word whose first bit stands for `first`.
const fn place(first: usize, word: u64) -> usize {
    let unit = word.trailing_zeros() as usize;
    first.saturating_add(unit.saturating_mul(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_places_are_returned_in_order() {
        let mut marks = CellMarks::new(0, 4096);
        for at in [0, 504, 512, 4096] {
            assert!(marks.set(at, Mark::Key) && !marks.set(at, Mark::Key), "{at}");
            assert!(marks.has(at, Mark::Key) && !marks.has(at, Mark::Live), "{at}");
        }
        assert!(!marks.set(12, Mark::Key), "misaligned");
        assert!(!marks.set(1 << 20, Mark::Key) && !marks.has(1 << 20, Mark::Key), "beyond the end");
        marks.set(8, Mark::Value);
        let all = |marks: &CellMarks, end| {
            let next = |at: &usize| marks.next_waiting(at + 8, end, Mark::Key);
            core::iter::successors(marks.next_waiting(0, end, Mark::Key), next).collect::<Vec<_>>()
        };
        assert_eq!(all(&marks, 4104), [0, 504, 512, 4096]);
        assert_eq!(all(&marks, 4096), [0, 504, 512]);
        assert_eq!(all(&marks, 512), [0, 504]);
        assert_eq!(marks.next_waiting(4104, 1 << 30, Mark::Key), None);
        assert!(marks.visit(504, Mark::Visited));
        assert_eq!((all(&marks, 4104), marks.next_live(0, 4104)), (vec![0, 512, 4096], Some(504)));
    }

    #[test]
    fn each_place_has_one_first_visit() {
        let mut marks = CellMarks::new(0, 4096);
        for at in [16, 24] {
            marks.set(at, Mark::Key);
            marks.set(at, Mark::ValueList);
        }
        let mut visit = |at| marks.visit(at, Mark::Visited);
        assert!(visit(16) && !visit(16) && !visit(1 << 20));
        let of = |at| {
            [Mark::Live, Mark::Visited, Mark::Key, Mark::ValueList].map(|mark| marks.has(at, mark))
        };
        assert_eq!((of(16), of(24)), ([true, true, true, true], [false, false, true, true]));
    }

    #[test]
    fn live_cells_are_not_unreferenced() {
        let mut marks = CellMarks::new(0, 4096);
        for at in [8, 504, 512] {
            marks.set(at, Mark::Unclaimed);
        }
        for at in [16, 504] {
            marks.set(at, Mark::Live);
        }
        assert_eq!(marks.unreferenced().collect::<Vec<_>>(), [8, 512]);
    }
}
