// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`UnusedBlocks`]: the blocks that had no content when a shadow copy was made.

use std::io;

use crate::disk::Disk;
use crate::shadow_copy::block_header::{BLOCK, BlockKind, Chain};
use crate::shadow_copy::block_list::Number;
use crate::shadow_copy::catalog::Store;

/// The blocks that had no content when a shadow copy was made. Each has a bit.
#[derive(Debug, Default)]
pub(super) struct UnusedBlocks {
    bits: Vec<u8>,
}

impl UnusedBlocks {
    /// Reads the bitmaps of the newest store. A block is unused if both bitmaps have its bit, or the only one.
    ///
    /// # Errors
    /// If a bitmap is damaged.
    pub(super) fn read(disk: &dyn Disk, store: &Store) -> io::Result<Self> {
        let mut bits = read_bits(disk, store.bitmap)?;
        if store.previous_bitmap != 0 {
            let previous = read_bits(disk, store.previous_bitmap)?;
            bits.truncate(previous.len());
            bits.iter_mut().zip(previous).for_each(|(bits, previous)| *bits &= previous);
        }
        Ok(Self { bits })
    }

    /// Returns whether a block was unused.
    pub(super) fn contains(&self, block: Number) -> bool {
        let byte = usize::try_from(block >> 3).ok().and_then(|at| self.bits.get(at));
        byte.is_some_and(|byte| byte.checked_shr(block & 7).unwrap_or(0) & 1 != 0)
    }
}

fn read_bits(disk: &dyn Disk, first: u64) -> io::Result<Vec<u8>> {
    let most = usize::try_from(disk.size().div_ceil(BLOCK).div_ceil(8)).unwrap_or(usize::MAX);
    let mut chain = Chain::new(disk, BlockKind::Bitmap, first);
    let mut bits = Vec::new();
    while bits.len() < most {
        let Some(block) = chain.read_next()? else { break };
        bits.extend_from_slice(block);
    }
    bits.truncate(most);
    Ok(bits)
}
