// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Runs`]: base blocks, and bins that follow each other.

use alloc::vec::Vec;
use core::ops::Range;

use crate::bytes::{BASE_BLOCK_LENGTH, Bytes, CellOffset, FileOffset};
use crate::error::Structure;
use crate::hive::base_block::BaseBlock;
use crate::raw;
use crate::recover::carve::{Carved, Kind, See, place};
use crate::time::FileTime;

/// Bins are of this alignment, in size and in the hive.
const BIN: u32 = 4096;
/// Runs that may be open at one time: one begins within the last bin of another only where that bin is
/// cut, or where a hive lies in a hive.
const MOST: usize = 16;

/// Bins that follow each other, from a base block on or without one.
#[derive(Debug)]
struct Run {
    start: u64,
    head: Option<raw::BaseBlockHead>,
    /// Where the first bin belongs in its hive.
    first: u32,
    time: u64,
    number: u32,
    /// Where the next bin has to begin, and to belong.
    next: u64,
    next_offset: u64,
    /// Where something else begins within the last bin.
    interrupted: Option<u64>,
}

/// The header of a bin that can be one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) offset: u32,
    pub(crate) size: u32,
    time: u64,
}

impl Header {
    /// Reads the header at the start of these bytes.
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

/// The runs whose end is not met yet.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    open: Vec<Run>,
    /// Where those lie whose end was met since it was last asked what lies outside of all.
    told: Vec<Range<u64>>,
}

impl Runs {
    /// A base block begins at `at`.
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

    /// A bin begins at `at`.
    pub(crate) fn bin(&mut self, at: u64, header: Header, see: See<'_>) {
        self.close(at, see);
        let offset = u64::from(header.offset);
        let size = u64::from(header.size);
        let goes_on = |run: &Run| run.next == at && run.next_offset == offset;
        // Where two runs go on here, the longer one has more in its favour.
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

    /// Tells the runs that have not gone on where they should have, before `at`.
    pub(crate) fn close(&mut self, at: u64, see: See<'_>) {
        let Self { open, told } = self;
        if open.iter().any(|run| run.next < at) {
            open.retain(|run| {
                let is_open = run.next >= at;
                if !is_open {
                    told.push(run.tell(run.next, see));
                }
                is_open
            });
        }
    }

    /// Tells all runs; the source ends at `end`.
    pub(crate) fn finish(&mut self, end: u64, see: See<'_>) {
        self.open.drain(..).for_each(|run| {
            run.tell(end, see);
        });
    }

    /// Hands out what of the bytes between two places no run covers, in order; all runs that begin there
    /// are known. To be asked once for each stretch, one after the other.
    ///
    /// Where something else begins within the last bin of a run, and the run is not complete, what
    /// follows counts as outside: the bin may be cut there.
    pub(crate) fn outside(&mut self, from: u64, to: u64, mut see: impl FnMut(u64, u64)) {
        self.told.extend(self.open.iter().map(|run| run.start..run.end()));
        self.told.sort_unstable_by_key(|stretch| stretch.start);
        let mut at = from;
        for covered in self.told.drain(..) {
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
            self.told.push(self.open.remove(0).tell(run.start, see));
        }
        self.open.push(run);
    }
}

impl Run {
    /// Whether nothing is missing after its last bin.
    fn is_all(&self) -> bool {
        let claimed = self.head.map(|head| u64::from(head.bins_size.get()));
        claimed.is_some_and(|claimed| self.number > 0 && self.next_offset >= claimed)
    }

    /// Where it ends, by what is known of it: what begins within the last bin cuts it, unless nothing
    /// is missing after it.
    fn end(&self) -> u64 {
        let cut = self.interrupted.filter(|_| !self.is_all()).unwrap_or(u64::MAX);
        self.next.min(cut)
    }

    /// Tells it, and where it lies; its bytes end at `end` at the latest.
    fn tell(&self, end: u64, see: See<'_>) -> Range<u64> {
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
