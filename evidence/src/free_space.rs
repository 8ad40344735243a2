// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`FreeSpace`]: the unallocated clusters of a volume as one stream, and [`places`]: where its bytes are on the volume.

use core::ops::ControlFlow;
use std::io::{self, Read};

use crate::disk::Disk;

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
    /// Returns these unallocated clusters. The stream ends with an error if `goes_on` breaks.
    pub(crate) fn new(
        runs: impl Iterator<Item = io::Result<(u64, u64)>> + 'v,
        bytes: &'v dyn Disk,
        goes_on: &'v mut dyn FnMut() -> ControlFlow<()>,
    ) -> Self {
        let runs = Box::new(runs);
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
pub(crate) fn places(
    runs: impl Iterator<Item = io::Result<(u64, u64)>>,
    offsets: impl Iterator<Item = u64>,
) -> Vec<Option<(u64, u64)>> {
    let mut runs = runs.map_while(Result::ok);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::past_end;

    const RUNS: [(u64, u64); 3] = [(4096, 4096), (16384, 2 << 20), (4 << 20, 8192)];

    fn runs() -> impl Iterator<Item = io::Result<(u64, u64)>> {
        RUNS.into_iter().map(Ok)
    }

    /// Returns the number of the cluster at an offset, without its upper bytes.
    fn number(offset: u64) -> u8 {
        (offset / 4096).to_le_bytes()[0]
    }

    /// A disk whose byte at each offset is the number of its cluster, and whose bytes from `bad` on cannot be read.
    struct Numbered {
        bad: u64,
    }

    impl Disk for Numbered {
        fn size(&self) -> u64 {
            8 << 20
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
            if offset + buffer.len() as u64 > self.bad {
                return Err(past_end(offset, buffer.len(), self.bad));
            }
            for (byte, at) in buffer.iter_mut().zip(offset..) {
                *byte = number(at);
            }
            Ok(())
        }
    }

    fn read(disk: &Numbered) -> (Vec<u8>, Loss) {
        let mut goes_on = || ControlFlow::Continue(());
        let mut space = FreeSpace::new(runs(), disk, &mut goes_on);
        let mut bytes = Vec::new();
        space.read_to_end(&mut bytes).unwrap();
        (bytes, space.loss)
    }

    #[test]
    fn bytes_of_the_stream_are_those_at_their_places() {
        let disk = Numbered { bad: u64::MAX };
        let (bytes, loss) = read(&disk);
        let length: u64 = RUNS.iter().map(|(_, length)| length).sum();
        assert_eq!((bytes.len() as u64, loss.bytes), (length + 2 * GAP, 0));
        let places = places(runs(), 0..bytes.len() as u64);
        for (byte, place) in bytes.iter().zip(&places) {
            assert_eq!(*byte, place.map_or(0, |(offset, _)| number(offset)));
        }
        assert_eq!(places.iter().filter(|place| place.is_none()).count() as u64, 2 * GAP);
        assert_eq!(places[100], Some((4196, 3996)));
        assert_eq!(places[4096 + 512], Some((16384, 2 << 20)));
    }

    #[test]
    fn unreadable_bytes_are_zeros_and_counted() {
        let bad = (1 << 20) + 4096;
        let (bytes, loss) = read(&Numbered { bad });
        let places = places(runs(), 0..bytes.len() as u64);
        let read = |(offset, _): (u64, u64)| offset < bad && offset / 4096 % 256 != 0;
        let zeros = bytes
            .iter()
            .zip(&places)
            .filter(|(byte, place)| **byte == 0 && place.is_some_and(read));
        // At most one small piece before the first bad byte.
        assert!((zeros.count() as u64) < SMALL_PIECE);
        let after = RUNS[1].0 + RUNS[1].1 - bad + RUNS[2].1;
        assert!(loss.bytes >= after && loss.bytes < after + SMALL_PIECE, "{}", loss.bytes);
        assert!(loss.error.is_some() && !loss.is_interrupted);
    }

    #[test]
    fn search_ends_if_the_caller_ends_it() {
        let disk = Numbered { bad: u64::MAX };
        let mut steps = 0;
        let mut goes_on = || {
            steps += 1;
            if steps > 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut space = FreeSpace::new(runs(), &disk, &mut goes_on);
        assert!(space.read_to_end(&mut Vec::new()).is_err());
        assert!(space.loss.is_interrupted);
        drop(space);
        assert_eq!(steps, 3);
    }
}
