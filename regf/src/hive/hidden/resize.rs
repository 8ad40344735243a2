// SPDX-License-Identifier: MIT OR Apache-2.0
//! Decides which cells have a wrong size: the neighbors of a cell show where the cell ends.

use alloc::vec::Vec;

use crate::hive::hbin::cell_offset;
use crate::hive::hidden::marks::Live;
use crate::hive::hidden::sizes::{Of, Resized, Suspect};
use crate::hive::key::Key;
use crate::hive::value::Value;

/// Largest content of a cell that the search accepts.
const LARGEST: usize = 1 << 30;

/// Finds the suspects whose size is wrong, and reads the keys and values among them.
pub(super) fn resize(live: &mut Live<'_>) {
    let suspects = core::mem::take(&mut live.suspects);
    if suspects.is_empty() {
        return;
    }
    let hive = live.hive;
    let start = |at| cell_offset(at).get() as usize;
    let bins: Vec<(usize, usize)> = hive
        .bins()
        .filter_map(Result::ok)
        .map(|bin| (start(bin.offset()), start(bin.offset()).saturating_add(bin.bytes().len())))
        .collect();
    for suspect in &suspects {
        let Some(resized) = fit(live, &bins, *suspect) else { continue };
        match suspect.of {
            Of::Key(above) => {
                let key = Key::sized(hive, suspect.at, resized.payload);
                let Some(key) = key.filter(|key| key.raw().parent.get() == above.get()) else {
                    continue;
                };
                live.repaired.keys.insert(suspect.at, key);
            }
            Of::Value(key) => {
                let Some(value) = Value::sized(hive, suspect.at, resized.payload) else { continue };
                live.repaired.values.insert(suspect.at, (value, key));
            }
            Of::Other => {}
        }
        live.sizes.insert(resized);
    }
}

/// Returns the cell with the size that fits both its content and its neighbors, if the stored size
/// does not.
fn fit<'d>(live: &mut Live<'d>, bins: &[(usize, usize)], suspect: Suspect) -> Option<Resized<'d>> {
    let (hive, layout) = (live.hive, live.hive.layout());
    let (at, start) = (suspect.at, suspect.at.get() as usize);
    let want = layout.size_for(suspect.need);
    let index = bins.partition_point(|(_, end)| *end <= start);
    let end = bins.get(index).filter(|(first, _)| *first < start)?.1;
    // The next cell in use limits the size.
    let limit = live.next_used(start.saturating_add(8), end);
    let passed = limit.saturating_sub(start) / 512;
    if !live.charge(passed.saturating_add(1)) {
        return None;
    }
    if at.get() & 7 != 0 || suspect.need > LARGEST || start.saturating_add(want) > limit {
        return None;
    }
    let bytes = hive.bin_bytes().as_slice();
    let found = u32::from_le_bytes(*bytes.get(start..)?.first_chunk::<4>()?);
    let size = found.cast_signed();
    let length = size.unsigned_abs() as usize;
    let is_size = length >= 8 && layout.is_multiple(size.unsigned_abs());
    if is_size && leads(live, start.saturating_add(length), limit) {
        if size < 0 || length < want {
            return None;
        }
        return Resized::new(hive, at, found, length);
    }
    let step = layout.size_for(1);
    let mut length = want;
    while start.saturating_add(length) <= limit {
        if leads(live, start.saturating_add(length), limit) {
            return Resized::new(hive, at, found, length);
        }
        length = length.saturating_add(step);
    }
    None
}

/// Whether adjacent cells lead from `from` exactly to `limit`.
fn leads(live: &mut Live<'_>, from: usize, limit: usize) -> bool {
    let (hive, layout) = (live.hive, live.hive.layout());
    let bytes = hive.bin_bytes().as_slice();
    let mut at = from;
    while at < limit {
        let size = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
        let length = size.map_or(0, |size| i32::from_le_bytes(*size).unsigned_abs());
        if length < 8 || !layout.is_multiple(length) || !live.charge(1) {
            return false;
        }
        at = at.saturating_add(length as usize);
    }
    at == limit
}
