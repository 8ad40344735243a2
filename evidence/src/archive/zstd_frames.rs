// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`other_frame`]: finds the frames of a zstd file that hold other data, without unpacking the file (RFC 8878, 3.1).

use alloc::sync::Arc;
use std::io::{self, BufRead as _, BufReader, Read as _};

use crate::disk::{Cursor, Disk};

/// Longest frame for other data that is not reported, in bytes. `pzstd` writes frames of 4 bytes.
const LONGEST_MARK: u64 = 8;
/// Bytes read at a time: the walk reads the headers of frames and blocks only.
const BUFFER: usize = 4 << 10;
/// Signature at the end of the table of a seekable file.
const TABLE_END: [u8; 4] = 0x8F92_EAB1_u32.to_le_bytes();
/// Longest entry of this table, and the length of its end, in bytes.
const TABLE: [u64; 2] = [12, 9];

/// Returns the offset and length of the first frame for other data: an unpacking program skips it. Marks of `pzstd` do
/// not count, nor does the table of a seekable file that is no longer than its frames need.
///
/// # Errors
/// If the file cannot be read, or the header of a frame or block is not whole.
pub(super) fn other_frame(disk: Arc<dyn Disk>) -> io::Result<Option<(u64, u64)>> {
    let source = BufReader::with_capacity(BUFFER, Cursor::new(disk));
    let mut walk = Walk { source, offset: 0 };
    let mut frames = 0_u64;
    while !walk.source.fill_buf()?.is_empty() {
        let start = walk.offset;
        let [kind, rest @ ..] = walk.array::<4>()?;
        if kind & 0xF0 == 0x50 && rest == [0x2A, 0x4D, 0x18] {
            let length = u64::from(u32::from_le_bytes(walk.array()?));
            if length > LONGEST_MARK && !walk.is_table(length, frames)? {
                return Ok(Some((start, length)));
            }
            let end = start.saturating_add(8).saturating_add(length);
            walk.skip(end.saturating_sub(walk.offset))?;
        } else {
            walk.frame()?;
            frames = frames.saturating_add(1);
        }
    }
    Ok(None)
}

/// A walk over the frames of a file.
struct Walk {
    source: BufReader<Cursor<Arc<dyn Disk>>>,
    offset: u64,
}

impl Walk {
    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut array = [0; N];
        self.source.read_exact(&mut array)?;
        self.offset = self.offset.saturating_add(N as u64);
        Ok(array)
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        self.source.seek_relative(i64::try_from(length).unwrap_or(i64::MAX))?;
        self.offset = self.offset.saturating_add(length);
        Ok(())
    }

    /// Passes a frame with its blocks, after its signature.
    fn frame(&mut self) -> io::Result<()> {
        let [descriptor] = self.array()?;
        let is_single = descriptor & 0x20 != 0;
        let dictionary = [0, 1, 2, 4].get(usize::from(descriptor & 3)).copied().unwrap_or(0);
        let size = match descriptor >> 6 {
            0 => u64::from(is_single),
            1 => 2,
            2 => 4,
            _ => 8,
        };
        self.skip(u64::from(!is_single).saturating_add(dictionary).saturating_add(size))?;
        loop {
            let [low, middle, high] = self.array()?;
            let header = u32::from_le_bytes([low, middle, high, 0]);
            // A block of one repeated byte stores this byte only.
            self.skip(if header >> 1 & 3 == 1 { 1 } else { u64::from(header >> 3) })?;
            if header & 1 != 0 {
                break;
            }
        }
        let has_checksum = descriptor & 4 != 0;
        self.skip(if has_checksum { 4 } else { 0 })
    }

    /// Whether a frame of this length is the table of a seekable file with this number of frames, and nothing more.
    fn is_table(&mut self, length: u64, frames: u64) -> io::Result<bool> {
        let [entry, end] = TABLE;
        if length > frames.saturating_mul(entry).saturating_add(end) {
            return Ok(false);
        }
        self.skip(length.saturating_sub(4))?;
        Ok(self.array()? == TABLE_END)
    }
}
