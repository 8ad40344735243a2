// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Damage`]: the file records that cannot be read.

use std::io;
use std::path::PathBuf;

use crate::tree::Omission;

/// Largest number of ranges with a message of their own.
const MOST_RANGES: usize = 64;

/// The file records that cannot be read, in ranges.
#[derive(Debug, Default)]
pub(super) struct Damage {
    ranges: Vec<Range>,
    further: u64,
}

#[derive(Debug)]
struct Range {
    first: u64,
    last: u64,
    error: String,
}

impl Damage {
    /// Adds a record. The records are added in ascending order.
    pub(super) fn add(&mut self, record: u64, error: impl FnOnce() -> io::Error) {
        let last = self.ranges.last_mut();
        if let Some(range) = last.filter(|range| range.last.checked_add(1) == Some(record)) {
            range.last = record;
        } else if self.ranges.len() < MOST_RANGES {
            let error = error().to_string();
            self.ranges.push(Range { first: record, last: record, error });
        } else {
            self.further = self.further.saturating_add(1);
        }
    }

    /// Adds a record and all later ones, up to a number.
    pub(super) fn add_up_to(&mut self, first: u64, end: u64, error: impl FnOnce() -> io::Error) {
        self.add(first, error);
        if let Some(range) = self.ranges.last_mut().filter(|range| range.last == first) {
            range.last = end.saturating_sub(1).max(first);
        }
    }

    /// Returns the omissions of the `$MFT`.
    pub(super) fn into_omissions(self) -> impl Iterator<Item = Omission> {
        let further = (self.further != 0).then(|| {
            let count = self.further;
            format!("{count} further records cannot be read; files in them can be missing")
        });
        self.ranges.into_iter().map(Range::into_text).chain(further).map(of_mft)
    }
}

impl Range {
    fn into_text(self) -> String {
        let Self { first, last, error } = self;
        if first == last {
            return format!("a record cannot be read, a file can be missing: {error}");
        }
        format!(
            "records {first} to {last} cannot be read, files can be missing; the first error: {error}"
        )
    }
}

/// Returns the omission of a part of the `$MFT`.
pub(super) fn of_mft(why: String) -> Omission {
    Omission { path: PathBuf::from("$MFT"), why, is_loss: true }
}
