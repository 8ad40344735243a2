// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Runs`]: runs of adjacent bins, with or without a base block.

use alloc::vec::Vec;
use core::ops::Range;

use crate::bytes::Bytes;
use crate::error::Structure;
use crate::hive::base_block::BaseBlock;
use crate::meter::count;
use crate::offset::{BASE_BLOCK_LENGTH, CellOffset, FileOffset};
use crate::raw;
use crate::recover::carve::{Carved, Kind, See, place};
use crate::time::FileTime;

/// Offset and size of a bin are multiples of this number.
const BIN: u32 = 4096;
/// Limit of open runs. Runs overlap only if the last bin of a run is truncated, or if a hive
/// contains another hive.
const MOST: usize = 16;

/// Run of adjacent bins, with or without a base block.
#[derive(Debug)]
struct Run {
    start: u64,
    head: Option<raw::BaseBlockHead>,
    /// Place of the first bin in its hive.
    first: u32,
    time: u64,
    number: u32,
    /// Required offset of the next bin, in the source and in the hive.
    next: u64,
    next_offset: u64,
    /// Offset of another item within the last bin.
    interrupted: Option<u64>,
}

/// Plausible header of a bin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) offset: u32,
    pub(crate) size: u32,
    time: u64,
}

impl Header {
    /// Parses the header at the start of these bytes.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let header: &raw::BinHeader =
            Bytes::new(bytes, FileOffset::default()).record(Structure::Bin).ok()?;
        let (offset, size) = (header.offset.get(), header.size.get());
        let is_one = header.signature == *b"hbin"
            && offset.is_multiple_of(BIN)
            && size.is_multiple_of(BIN)
            && size > 0
            && offset.checked_add(size).is_some();
        is_one.then_some(Self { offset, size, time: header.timestamp.get() })
    }
}

/// Runs whose end is not yet known.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    open: Vec<Run>,
    /// Ranges of the runs reported since the last call of `outside`.
    reported: Vec<Range<u64>>,
}

impl Runs {
    /// Starts a run with the base block at `at`.
    pub(crate) fn base_block(&mut self, at: u64, head: &raw::BaseBlockHead, see: See<'_>) {
        self.close(at, see);
        let next = at.saturating_add(u64::from(BASE_BLOCK_LENGTH));
        self.open(
            Run {
                start: at,
                head: Some(*head),
                first: 0,
                time: 0,
                number: 0,
                next,
                next_offset: 0,
                interrupted: None,
            },
            see,
        );
    }

    /// Adds the bin at `at` to the run that the bin continues, or starts a new run.
    pub(crate) fn bin(&mut self, at: u64, header: Header, see: See<'_>) {
        self.close(at, see);
        let offset = u64::from(header.offset);
        let size = u64::from(header.size);
        let goes_on = |run: &Run| run.next == at && run.next_offset == offset;
        // If the bin can continue several runs, the longest run is the most likely.
        let longest = self.open.iter().filter(|run| goes_on(run)).map(|run| run.start).min();
        if let Some(run) =
            self.open.iter_mut().find(|run| goes_on(run) && Some(run.start) == longest)
        {
            run.number = run.number.saturating_add(1);
            run.next = at.saturating_add(size);
            run.next_offset = offset.saturating_add(size);
            run.interrupted = None;
            return;
        }
        self.open(
            Run {
                start: at,
                head: None,
                first: header.offset,
                time: header.time,
                number: 1,
                next: at.saturating_add(size),
                next_offset: offset.saturating_add(size),
                interrupted: None,
            },
            see,
        );
    }

    /// Reports the runs that should have continued before `at` but did not.
    pub(crate) fn close(&mut self, at: u64, see: See<'_>) {
        count(self.open.len());
        let Self { open, reported } = self;
        if open.iter().any(|run| run.next < at) {
            open.retain(|run| {
                let is_open = run.next >= at;
                if !is_open {
                    reported.push(run.report(run.next, see));
                }
                is_open
            });
        }
    }

    /// Reports all runs at the end of the source.
    pub(crate) fn finish(&mut self, end: u64, see: See<'_>) {
        self.open.drain(..).for_each(|run| {
            run.report(end, see);
        });
    }

    /// Passes the ranges in `from..to` that no run covers to `see`, in order. Before the call, the
    /// caller must have passed all base blocks and bins in the range to this type. Callers pass
    /// consecutive ranges, each range once.
    ///
    /// If another item starts within the last bin of an incomplete run, the bin can be truncated
    /// there. The bytes from that offset on therefore count as outside.
    pub(crate) fn outside(&mut self, from: u64, to: u64, mut see: impl FnMut(u64, u64)) {
        self.reported.extend(self.open.iter().map(|run| run.start..run.end()));
        self.reported.sort_unstable_by_key(|stretch| stretch.start);
        let mut at = from;
        for covered in self.reported.drain(..) {
            count(1);
            if covered.start.min(to) > at {
                see(at, covered.start.min(to));
            }
            at = at.max(covered.end);
        }
        if at < to {
            see(at, to);
        }
    }

    fn open(&mut self, run: Run, see: See<'_>) {
        for other in self.open.iter_mut().filter(|other| other.next > run.start) {
            other.interrupted.get_or_insert(run.start);
        }
        if self.open.len() >= MOST {
            self.reported.push(self.open.remove(0).report(run.start, see));
        }
        self.open.push(run);
    }
}

impl Run {
    /// Returns whether the run has all bins that the base block counts.
    fn is_all(&self) -> bool {
        let claimed = self.head.map(|head| u64::from(head.bins_size.get()));
        claimed.is_some_and(|claimed| self.number > 0 && self.next_offset >= claimed)
    }

    /// Returns the end of the run. An item within the last bin ends an incomplete run.
    fn end(&self) -> u64 {
        let cut = self.interrupted.filter(|_| !self.is_all()).unwrap_or(u64::MAX);
        self.next.min(cut)
    }

    /// Reports the run and returns its range. The range ends at `end` at the latest.
    fn report(&self, end: u64, see: See<'_>) -> Range<u64> {
        let is_all = self.is_all();
        let end = self.end().min(end);
        let length = end.saturating_sub(self.start);
        let is_there = end == self.next;
        let (is_whole, kind) = match &self.head {
            Some(head) => {
                let bins = length.saturating_sub(u64::from(BASE_BLOCK_LENGTH));
                let base_block = BaseBlock::of(head);
                (is_there && is_all, Kind::Hive { base_block, bins, number: self.number })
            }
            None => {
                let (number, time) = (self.number, FileTime::from_raw(self.time));
                let first = CellOffset::new(self.first);
                (is_there, Kind::Bins { first, number, time })
            }
        };
        see(Carved { place: place(self.start, length), is_whole, kind });
        self.start..end
    }
}
