// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Extents`]: the bytes that the listed entries take, and the gaps between them.

use alloc::sync::Arc;
use core::ops::Range;
use std::io;

use crate::disk::Disk;

/// Longest data descriptor. Padding and descriptors follow entries in sound archives.
const DESCRIPTOR: u64 = 24;
/// Bytes read at a time.
const CHUNK: usize = 64 << 10;

/// The bytes that the listed entries take with their headers, and those of the central directory.
#[derive(Debug, Default)]
pub(super) struct Extents(Vec<Range<u64>>);

/// Bytes that nothing takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gap(pub(super) Range<u64>);

impl Extents {
    /// Adds the bytes of an entry, or of a part of the directory.
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
                gaps.push(Gap(end..extent.start));
            }
            end = end.max(extent.end);
        }
        if end < size {
            gaps.push(Gap(end..size));
        }
        gaps
    }
}

impl Gap {
    /// Whether the gap has bytes that belong to nothing: more than a data descriptor, and not only zeros. Bytes
    /// before the first entry can be a program that unpacks the archive.
    ///
    /// # Errors
    /// If the bytes cannot be read.
    pub(super) fn has_stray_bytes(&self, disk: &Arc<dyn Disk>) -> io::Result<bool> {
        let Self(Range { start, end }) = *self;
        if start == 0 || end.saturating_sub(start) <= DESCRIPTOR {
            return Ok(false);
        }
        let (mut at, mut buffer) = (start, vec![0; CHUNK]);
        while at < end {
            let rest = usize::try_from(end.saturating_sub(at)).unwrap_or(CHUNK);
            let chunk = buffer.get_mut(..rest.min(CHUNK)).unwrap_or_default();
            disk.read_at(at, chunk)?;
            if chunk.iter().any(|byte| *byte != 0) {
                return Ok(true);
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
        assert_eq!(extents.gaps(100), [0..10, 30..50, 70..100].map(Gap));
        assert_eq!(extents.gaps(70), [0..10, 30..50].map(Gap));
    }

    #[test]
    fn descriptors_and_padding_are_no_stray_bytes() {
        let stray = |bytes: &[u8]| {
            let disk: Arc<dyn Disk> = Arc::new([b"x", bytes].concat());
            Gap(1..disk.size()).has_stray_bytes(&disk).unwrap()
        };
        assert!(!stray(&[1; 24]));
        assert!(!stray(&[0; 5000]));
        assert!(stray(&[1; 25]));
        assert!(stray(b"12345678PK\x01\x02 and the names of all entries"));
    }
}
