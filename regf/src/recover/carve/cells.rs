// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Cells`]: keys and values outside all hives and bins.

use crate::bytes::Bytes;
use crate::offset::FileOffset;
use crate::recover::carve::window::Window;
use crate::recover::carve::{Carved, Kind, See, place};
use crate::recover::record::{Before, KeyRecord, Terms, ValueRecord};
use crate::recover::search;

/// Length of the number before a record, in bytes. If the record is in a cell, the number is the
/// cell size.
const SIZE: u64 = 4;
/// Largest plausible cell size. Windows merges adjacent free cells, so a free cell can be large.
const LARGEST: usize = 1 << 20;

/// Largest plausible data size in bytes. Four ASCII letters, read as a number, exceed this size.
const MOST_DATA: u32 = 64 << 20;

/// Scanner for keys and values outside all hives and bins.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    /// End of the last record.
    end: u64,
}

impl Cells {
    /// Reports the keys and values that start in `from..to`.
    pub(crate) fn scan(&mut self, window: Window<'_>, from: u64, to: u64, see: See<'_>) {
        let from = from.max(self.end).next_multiple_of(2);
        search::signatures(window.slice(from, to), |place| {
            let at = from.saturating_add(place as u64);
            let Some(length) = report(window, at, see) else { return 2 };
            self.end = at.saturating_add(length as u64);
            length
        });
    }
}

/// Reports the key or value at `at` and returns the length of the record. Returns `None` if `at`
/// holds no key or value.
fn report(window: Window<'_>, at: u64, see: See<'_>) -> Option<usize> {
    let bytes = window.from(at);
    let size = at.checked_sub(SIZE).and_then(|cell| window.slice(cell, at).first_chunk::<4>());
    let cell_size = size.map(|size| i32::from_le_bytes(*size));
    let before = cell_size.map(|size| Before { size, room: LARGEST });
    let range = |length: usize, is_in_cell: bool| {
        let header = if is_in_cell { SIZE } else { 0 };
        place(at.saturating_sub(header), (length as u64).saturating_add(header))
    };
    if let Some(record) = KeyRecord::parse(bytes, before, Terms::ANY) {
        let fits = record.fits(before, Terms::ANY);
        if record.is_name_cut() || !record.last_written().is_plausible() {
            return None;
        }
        see(Carved {
            place: range(record.length(), fits),
            is_whole: true,
            kind: Kind::Key { record, cell_size: cell_size.filter(|_| fits) },
        });
        return Some(record.length());
    }
    let bytes = Bytes::new(bytes, FileOffset::new(at));
    let record = ValueRecord::parse(bytes, before, Terms::ANY)?;
    let cell_size = cell_size.filter(|_| record.fits(before, Terms::ANY))?;
    // In random bytes, the inline bit is as rare as a known type other than 0, so an inline value
    // needs no further sign.
    let has_type = !record.name().is_empty() || record.value_type().0 != 0;
    let is_likely = has_type && record.data_size() <= MOST_DATA && record.is_likely();
    if record.is_name_cut() || !(record.is_inline() || is_likely) {
        return None;
    }
    see(Carved {
        place: range(record.length(), true),
        is_whole: record.data_cell().is_nil(),
        kind: Kind::Value { record, cell_size },
    });
    Some(record.length())
}
