// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Runs`]: the clusters of a content, out of the mapping pairs of its extents.

use std::io;

use crate::field::invalid;
use crate::ntfs::attribute::Extent;

/// Largest number of runs. A hive of 4 GiB with clusters of 4 KiB has no more.
const MOST_RUNS: usize = 1 << 20;

/// Clusters of a content that follow one another on the volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// First cluster, counted from the start of the content.
    pub(super) first: u64,
    /// Number of clusters.
    pub(super) clusters: u64,
    /// First cluster on the volume. `None` for a hole, which reads as zeros.
    pub(super) place: Option<u64>,
}

/// The clusters of a content.
#[derive(Clone, Debug, Default)]
pub(super) struct Runs {
    runs: Vec<Run>,
    end: u64,
}

impl Runs {
    /// Adds the clusters of the next extent.
    ///
    /// # Errors
    /// If the extent does not follow the last one, or a mapping pair is invalid.
    pub(super) fn append(&mut self, extent: &Extent<'_>) -> io::Result<()> {
        if extent.first != self.end {
            let (expected, found) = (self.end, extent.first);
            return Err(invalid(format!(
                "expected the data runs from cluster {expected} on, found them from cluster {found} on"
            )));
        }
        let mut rest = extent.runs;
        let mut place = 0_i64;
        while let Some((&sizes, after)) = rest.split_first().filter(|(sizes, _)| **sizes != 0) {
            let (length_size, delta_size) = (usize::from(sizes & 0xF), usize::from(sizes >> 4));
            let (length, after) = signed(after, length_size)?;
            let (delta, after) = signed(after, delta_size)?;
            rest = after;
            place = place.checked_add(delta).ok_or_else(|| invalid("a data run overflows"))?;
            let place = (delta_size != 0).then_some(place);
            self.push(length, place)?;
        }
        if self.end != extent.end {
            let (expected, found) = (extent.end, self.end);
            return Err(invalid(format!(
                "expected the data runs to end at cluster {expected}, found their end at cluster {found}"
            )));
        }
        Ok(())
    }

    /// Returns the run with this cluster of the content.
    pub(super) fn find(&self, cluster: u64) -> Option<Run> {
        let after = self.runs.partition_point(|run| run.first <= cluster);
        let run = *self.runs.get(after.checked_sub(1)?)?;
        (cluster < run.first.saturating_add(run.clusters)).then_some(run)
    }

    /// Returns the runs, in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Run> + '_ {
        self.runs.iter().copied()
    }

    /// Returns the number of the cluster after the last one.
    pub(super) const fn end(&self) -> u64 {
        self.end
    }

    fn push(&mut self, length: i64, place: Option<i64>) -> io::Result<()> {
        let clusters = u64::try_from(length).ok().filter(|clusters| *clusters != 0);
        let clusters =
            clusters.ok_or_else(|| invalid(format!("a data run of {length} clusters")))?;
        let place = place.map(u64::try_from).transpose();
        let place = place.map_err(|_| invalid("a data run starts before the volume"))?;
        let end = self.end.checked_add(clusters).ok_or_else(|| invalid("a data run overflows"))?;
        if self.runs.len() >= MOST_RUNS {
            return Err(invalid(format!("more than {MOST_RUNS} data runs")));
        }
        self.runs.push(Run { first: self.end, clusters, place });
        self.end = end;
        Ok(())
    }
}

/// Returns the signed number in the first `size` bytes, and the bytes after it.
fn signed(bytes: &[u8], size: usize) -> io::Result<(i64, &[u8])> {
    let (number, rest) = bytes
        .split_at_checked(size)
        .filter(|_| size <= 8)
        .ok_or_else(|| invalid("a data run goes past the end of its attribute"))?;
    let is_negative = number.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut wide = if is_negative { [0xFF; 8] } else { [0; 8] };
    for (to, from) in wide.iter_mut().zip(number) {
        *to = *from;
    }
    Ok((i64::from_le_bytes(wide), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(bytes: &[u8], first: u64, end: u64) -> io::Result<Runs> {
        let mut runs = Runs { end: first, ..Runs::default() };
        let extent = Extent { first, end, unit: 0, size: 0, initialized: 0, runs: bytes };
        runs.append(&extent).map(|()| runs)
    }

    #[test]
    fn mapping_pairs_give_runs_with_holes_and_backward_steps() {
        let pairs = [0x21, 3, 0x00, 0x10, 0x01, 5, 0x11, 2, 0xF0, 0x31, 1, 0, 0, 1, 0, 99];
        let runs = runs(&pairs, 0, 11).unwrap();
        let expected =
            [(0, 3, Some(0x1000)), (3, 5, None), (8, 2, Some(0xFF0)), (10, 1, Some(0x10FF0))];
        let found: Vec<_> = runs.iter().map(|run| (run.first, run.clusters, run.place)).collect();
        assert_eq!(found, expected);
        assert_eq!(runs.find(9).unwrap().place, Some(0xFF0));
        assert_eq!(runs.find(7).unwrap().place, None);
        assert_eq!(runs.find(11), None);
    }

    #[test]
    fn invalid_mapping_pairs_are_reported() {
        let longest =
            [0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1, 0, 0, 0, 0, 0, 0, 0];
        let twice = [&longest[..], &longest, &longest].concat();
        for (pairs, message) in [
            (&[0x11, 1][..], "goes past the end"),
            (&[0x19, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1], "goes past the end"),
            (&[0x11, 0, 5, 0], "a data run of 0 clusters"),
            (&[0x11, 0xFF, 5, 0], "a data run of -1 clusters"),
            (&[0x11, 1, 0xFF, 0], "starts before the volume"),
            (&[0x11, 1, 5, 0], "expected the data runs to end at cluster 11"),
            (&twice, "overflows"),
        ] {
            let error = runs(pairs, 0, 11).unwrap_err().to_string();
            assert!(error.contains(message), "{pairs:x?}: {error}");
        }
    }

    #[test]
    fn extent_must_follow_the_last_one() {
        let mut runs = runs(&[0x11, 4, 9, 0], 0, 4).unwrap();
        let mut extent =
            Extent { first: 4, end: 6, unit: 0, size: 0, initialized: 0, runs: &[0x11, 2, 70, 0] };
        runs.append(&extent).unwrap();
        assert_eq!((runs.end(), runs.find(5).unwrap().place), (6, Some(70)));
        extent.first = 5;
        let error = runs.append(&extent).unwrap_err().to_string();
        assert_eq!(error, "expected the data runs from cluster 6 on, found them from cluster 5 on");
    }
}
