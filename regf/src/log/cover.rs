// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`cover`]: stretches of a hive of which a later one replaces the parts of earlier ones.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use crate::meter::count;

/// A stretch of bytes of a hive, with their origin.
pub(crate) trait Stretch: Copy {
    /// Offset of the first byte.
    fn start(&self) -> u64;

    /// Offset of the first byte after the stretch.
    fn end(&self) -> u64;

    /// Returns the part of the stretch within a range.
    fn cut(&self, range: Range<u64>) -> Self;
}

/// Adds a stretch. The new stretch replaces the overlapping parts of earlier stretches. `stretches` holds each stretch
/// by its start.
pub(crate) fn cover<T: Stretch>(stretches: &mut BTreeMap<u64, T>, new: T) {
    let (from, to) = (new.start(), new.end());
    count(1);
    let below: Vec<T> =
        stretches.range(..to).rev().map(|(_, it)| *it).take_while(|it| it.end() > from).collect();
    for old in below {
        count(1);
        stretches.remove(&old.start());
        for rest in [old.start()..from, to..old.end()] {
            if rest.start < rest.end {
                stretches.insert(rest.start, old.cut(rest));
            }
        }
    }
    if from < to {
        stretches.insert(from, new);
    }
}
