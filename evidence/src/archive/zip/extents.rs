// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Extents`]: the bytes that the listed entries take, and the gaps between them.

use alloc::sync::Arc;
use core::ops::Range;
use std::io;

use crate::disk::Disk;

/// Signature of an entry of the central directory.
const DIRECTORY: &[u8; 4] = b"PK\x01\x02";
/// Longest data descriptor. Padding and descriptors follow entries in sound archives.
const DESCRIPTOR: u64 = 24;
/// Bytes read at a time.
const CHUNK: usize = 64 << 10;

/// The bytes that the listed entries take, with their headers.
#[derive(Debug, Default)]
pub(super) struct Extents(Vec<Range<u64>>);

/// Bytes after an entry that no entry takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) range: Range<u64>,
    /// Whether the central directory is in these bytes.
    pub(super) is_last: bool,
}

impl Extents {
    /// Adds the bytes of an entry.
    pub(super) fn add(&mut self, start: u64, end: u64) {
        self.0.push(start..end.max(start));
    }

    /// Returns the gaps of an archive of this size. Bytes before the first entry belong to a program that unpacks
    /// the archive, and count as a gap too.
    pub(super) fn gaps(&mut self, size: u64) -> Vec<Gap> {
        self.0.sort_by_key(|extent| extent.start);
        let (mut gaps, mut end) = (Vec::new(), 0);
        for extent in &self.0 {
            if extent.start > end {
                gaps.push(Gap { range: end..extent.start, is_last: false });
            }
            end = end.max(extent.end);
        }
        if end < size {
            gaps.push(Gap { range: end..size, is_last: true });
        }
        gaps
    }
}

impl Gap {
    /// Whether the gap has bytes that belong to nothing: more than a data descriptor, and not only zeros. Bytes
    /// before the first entry and from the central directory on have an owner.
    ///
    /// # Errors
    /// If the bytes cannot be read.
    pub(super) fn has_stray_bytes(&self, disk: &Arc<dyn Disk>) -> io::Result<bool> {
        if self.range.start == 0 {
            return Ok(false);
        }
        let (mut at, mut buffer) = (self.range.start, vec![0; CHUNK]);
        let mut length = 0_u64;
        let mut is_empty = true;
        while at < self.range.end {
            let rest = usize::try_from(self.range.end.saturating_sub(at)).unwrap_or(CHUNK);
            let chunk = buffer.get_mut(..rest.min(CHUNK)).unwrap_or_default();
            disk.read_at(at, chunk)?;
            let directory = chunk.windows(DIRECTORY.len()).position(|four| four == DIRECTORY);
            let end = directory.filter(|_| self.is_last).unwrap_or(chunk.len());
            is_empty &= chunk.iter().take(end).all(|byte| *byte == 0);
            length = length.saturating_add(end as u64);
            if !is_empty && length > DESCRIPTOR {
                return Ok(true);
            }
            if self.is_last && directory.is_some() {
                return Ok(false);
            }
            at = at.saturating_add(chunk.len() as u64);
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_the_bytes_that_no_extent_takes() {
        let mut extents = Extents::default();
        for (start, end) in [(50, 60), (10, 30), (20, 25), (60, 70)] {
            extents.add(start, end);
        }
        let gaps: Vec<_> =
            extents.gaps(100).into_iter().map(|gap| (gap.range, gap.is_last)).collect();
        assert_eq!(gaps, [(0..10, false), (30..50, false), (70..100, true)]);
        assert!(extents.gaps(70).iter().all(|gap| !gap.is_last));
    }

    #[test]
    fn descriptors_padding_and_the_directory_are_no_stray_bytes() {
        let stray = |bytes: &[u8], is_last| {
            let disk: Arc<dyn Disk> = Arc::new([b"x", bytes].concat());
            let range = 1..disk.size();
            Gap { range, is_last }.has_stray_bytes(&disk).unwrap()
        };
        assert!(!stray(&[1; 24], false));
        assert!(!stray(&[0; 5000], false));
        assert!(stray(&[1; 25], false));
        assert!(!stray(b"12345678PK\x01\x02 and the names of all entries", true));
        assert!(stray(b"12345678PK\x01\x02 and the names of all entries", false));
        assert!(stray(&[&[1; 25][..], DIRECTORY].concat(), true));
    }
}
