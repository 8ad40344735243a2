// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`FreeSpace`]: the unallocated clusters of a volume as one stream, and [`places`]: where its bytes are on the volume.

use core::ops::ControlFlow;
use std::io::{self, Read};

use crate::disk::Disk;
use crate::ntfs::Volume;

/// Number of zeros between clusters that are not adjacent on the volume, so that no item crosses from one to the other.
const GAP: u64 = 512;
/// Number of bytes read at a time after an error.
const SMALL_PIECE: u64 = 64 << 10;
/// Number of bytes read at a time.
const PIECE: u64 = 1 << 20;

/// Iterator over free clusters that follow one another, as offsets and lengths in bytes.
type Runs<'v> = Box<dyn Iterator<Item = io::Result<(u64, u64)>> + 'v>;

/// The unallocated clusters of a volume. Bytes that cannot be read are zeros.
pub(crate) struct FreeSpace<'v> {
    bytes: &'v dyn Disk,
    runs: Runs<'v>,
    /// Offset and length of the rest of the current run.
    run: (u64, u64),
    /// Number of zeros before the current run.
    gap: u64,
    /// Number of bytes to read at a time.
    piece: u64,
    is_first: bool,
    goes_on: &'v mut dyn FnMut() -> ControlFlow<()>,
    /// What could not be read.
    pub(crate) loss: Loss,
}

/// What could not be read of unallocated clusters.
#[derive(Debug, Default)]
pub(crate) struct Loss {
    /// Number of bytes.
    pub(crate) bytes: u64,
    /// First error.
    pub(crate) error: Option<io::Error>,
    /// Whether the caller ended the search.
    pub(crate) is_interrupted: bool,
}

impl<'v> FreeSpace<'v> {
    /// Returns the unallocated clusters. The stream ends with an error if `goes_on` breaks.
    pub(crate) fn new(
        ntfs: &'v Volume,
        bytes: &'v dyn Disk,
        goes_on: &'v mut dyn FnMut() -> ControlFlow<()>,
    ) -> Self {
        let runs = Box::new(ntfs.unallocated());
        let (run, gap, loss) = ((0, 0), 0, Loss::default());
        Self { bytes, runs, run, gap, piece: PIECE, is_first: true, goes_on, loss }
    }

    /// Moves to the next run. Returns whether there is one.
    fn next_run(&mut self) -> bool {
        match self.runs.next() {
            None => false,
            Some(Err(error)) => {
                self.loss.error.get_or_insert(error);
                false
            }
            Some(Ok(run)) => {
                self.gap = if self.is_first { 0 } else { GAP };
                self.is_first = false;
                self.run = run;
                true
            }
        }
    }

    /// Reads bytes of the current run.
    fn read_run(&mut self, room: &mut [u8]) -> usize {
        let (offset, left) = self.run;
        let most = usize::try_from(left.min(self.piece)).unwrap_or(0);
        let length = most.min(room.len());
        let part = room.get_mut(..length).unwrap_or_default();
        match self.bytes.read_at(offset, part) {
            Ok(()) => self.piece = PIECE,
            Err(error) => {
                self.loss.error.get_or_insert(error);
                if self.piece > SMALL_PIECE && length as u64 > SMALL_PIECE {
                    self.piece = SMALL_PIECE;
                    return self.read_run(room);
                }
                part.fill(0);
                self.loss.bytes = self.loss.bytes.saturating_add(length as u64);
            }
        }
        let length_read = length as u64;
        self.run = (offset.saturating_add(length_read), left.saturating_sub(length_read));
        length
    }
}

impl Read for FreeSpace<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if (self.goes_on)().is_break() {
            self.loss.is_interrupted = true;
            return Err(io::Error::other("the search was interrupted"));
        }
        while self.gap == 0 && self.run.1 == 0 {
            if !self.next_run() {
                return Ok(0);
            }
        }
        if self.gap > 0 {
            let length = usize::try_from(self.gap).unwrap_or(0).min(room.len());
            room.iter_mut().take(length).for_each(|byte| *byte = 0);
            self.gap = self.gap.saturating_sub(length as u64);
            return Ok(length);
        }
        Ok(self.read_run(room))
    }
}

/// Returns the place of each offset of the stream: its offset on the volume, and the number of bytes up to the end of
/// the free clusters there. `offsets` are sorted. An offset in a gap has no place.
pub(crate) fn places(ntfs: &Volume, offsets: impl Iterator<Item = u64>) -> Vec<Option<(u64, u64)>> {
    let mut runs = ntfs.unallocated().map_while(Result::ok);
    let (mut start, mut run) = (0_u64, runs.next());
    let mut place = |at: u64| {
        while let Some((offset, length)) = run {
            let below = at.checked_sub(start)?;
            if below < length {
                return Some((offset.saturating_add(below), length.saturating_sub(below)));
            }
            start = start.saturating_add(length).saturating_add(GAP);
            run = runs.next();
        }
        None
    };
    offsets.map(&mut place).collect()
}
