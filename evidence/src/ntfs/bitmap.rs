// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Bitmap`]: the clusters in use (`$Bitmap`).

use std::io;

use crate::disk::Disk as _;
use crate::field::invalid;
use crate::ntfs::attribute::kind;
use crate::ntfs::mft::Mft;
use crate::ntfs::stream::Stream;

/// Number of the file record of `$Bitmap`.
const RECORD: u64 = 6;
/// Number of bytes read at a time.
const PIECE: u64 = 64 << 10;

/// The clusters in use. Each has a bit.
#[derive(Debug)]
pub(super) struct Bitmap {
    stream: Stream,
    clusters: u64,
}

impl Bitmap {
    /// Opens the bitmap of a volume with so many clusters.
    ///
    /// # Errors
    /// If the file record is damaged.
    pub(super) fn open(mft: &Mft, clusters: u64) -> io::Result<Self> {
        let mut buffer = Vec::new();
        let record = mft.read(RECORD, &mut buffer)?;
        let content = mft.content(&record, kind::DATA, &[])?;
        let content = content.ok_or_else(|| invalid("$Bitmap has no data"))?;
        let stream = mft.stream(RECORD, content)?;
        let clusters = clusters.min(stream.size().saturating_mul(8));
        Ok(Self { stream, clusters })
    }

    /// Returns how many of these clusters are in use.
    ///
    /// # Errors
    /// If a part of the bitmap cannot be read. Clusters after the end of the volume are an error too.
    pub(super) fn in_use(&self, first: u64, clusters: u64) -> io::Result<u64> {
        let end = first.checked_add(clusters).filter(|end| *end <= self.clusters);
        let end = end.ok_or_else(|| invalid("a data run goes past the end of the volume"))?;
        let mut in_use = 0_u64;
        let mut at = first;
        let mut piece = Vec::new();
        while at < end {
            let start = (at >> 3).saturating_sub((at >> 3) % PIECE);
            self.read_piece(start, &mut piece)?;
            let piece_end = start.saturating_add(PIECE).saturating_mul(8).min(end);
            in_use = in_use.saturating_add(ones(&piece, start, at, piece_end));
            at = piece_end;
        }
        Ok(in_use)
    }

    /// Returns the free clusters as first cluster and number. After an error, the iterator ends.
    pub(super) fn free(&self) -> impl Iterator<Item = io::Result<(u64, u64)>> + '_ {
        let mut scan = FreeScan { bitmap: self, at: 0, piece: Vec::new(), start: None };
        core::iter::from_fn(move || scan.next_run().transpose())
    }

    fn read_piece(&self, start: u64, piece: &mut Vec<u8>) -> io::Result<()> {
        let length = self.stream.size().saturating_sub(start).min(PIECE);
        piece.resize(usize::try_from(length).unwrap_or(0), 0);
        self.stream.read_at(start, piece)
    }
}

/// Counts the set bits from `at` to `end`. The piece starts at the byte `start` of the bitmap.
fn ones(piece: &[u8], start: u64, at: u64, end: u64) -> u64 {
    let first_byte = at >> 3;
    let last_byte = end.saturating_sub(1) >> 3;
    let index = |byte: u64| usize::try_from(byte.saturating_sub(start)).unwrap_or(usize::MAX);
    let bytes = piece.get(index(first_byte)..=index(last_byte)).unwrap_or_default();
    let mut ones = 0_u64;
    for (byte, number) in bytes.iter().zip(first_byte..) {
        let mut bits = *byte;
        if number == first_byte {
            bits &= 0xFF_u8.checked_shl(bit(at)).unwrap_or(0);
        }
        if number == last_byte {
            bits &=
                0xFF_u8.checked_shr(7_u32.saturating_sub(bit(end.saturating_sub(1)))).unwrap_or(0);
        }
        ones = ones.saturating_add(u64::from(bits.count_ones()));
    }
    ones
}

/// Returns the number of the bit of a cluster in its byte.
fn bit(cluster: u64) -> u32 {
    u32::try_from(cluster & 7).unwrap_or(0)
}

/// The search for free clusters.
struct FreeScan<'b> {
    bitmap: &'b Bitmap,
    at: u64,
    piece: Vec<u8>,
    start: Option<u64>,
}

impl FreeScan<'_> {
    /// Returns the next free clusters that follow one another.
    fn next_run(&mut self) -> io::Result<Option<(u64, u64)>> {
        let mut first = None;
        while self.at < self.bitmap.clusters {
            let byte = match self.byte(self.at >> 3) {
                Ok(byte) => byte,
                Err(error) => {
                    self.at = self.bitmap.clusters;
                    return Err(error);
                }
            };
            let rest = self.bitmap.clusters.saturating_sub(self.at);
            match (byte, first) {
                (0xFF, None) | (0, Some(_)) if self.at & 7 == 0 && rest >= 8 => {
                    self.at = self.at.saturating_add(8);
                    continue;
                }
                _ => {}
            }
            let is_used = byte.checked_shr(bit(self.at)).unwrap_or(0) & 1 != 0;
            match first {
                None if !is_used => first = Some(self.at),
                Some(start) if is_used => return Ok(Some((start, self.at.saturating_sub(start)))),
                _ => {}
            }
            self.at = self.at.saturating_add(1);
        }
        Ok(first.map(|start| (start, self.bitmap.clusters.saturating_sub(start))))
    }

    fn byte(&mut self, number: u64) -> io::Result<u8> {
        let start = number.saturating_sub(number % PIECE);
        if self.start != Some(start) {
            self.bitmap.read_piece(start, &mut self.piece)?;
            self.start = Some(start);
        }
        let index = usize::try_from(number % PIECE).unwrap_or(usize::MAX);
        Ok(self.piece.get(index).copied().unwrap_or(0xFF))
    }
}
