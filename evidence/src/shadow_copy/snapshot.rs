// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`SnapshotDisk`]: a volume as it was when a shadow copy was made.

use alloc::sync::Arc;
use core::fmt;
use std::io;

use crate::disk::{Disk, past_end};
use crate::field::invalid;
use crate::shadow_copy::block_header::BLOCK;
use crate::shadow_copy::block_list::{BlockList, Number, Overlay, Place};
use crate::shadow_copy::unused_blocks::UnusedBlocks;

/// Size of a sector in an overlay.
const SECTOR: u64 = 512;

/// A volume as it was when a shadow copy was made.
pub(super) struct SnapshotDisk {
    /// The volume now.
    pub(super) volume: Arc<dyn Disk>,
    /// Stores of this shadow copy and of all later ones, in the order of creation.
    pub(super) stores: Vec<Arc<BlockList>>,
    /// Blocks without content.
    pub(super) unused: UnusedBlocks,
    /// Size of the volume then.
    pub(super) size: u64,
}

/// Where the bytes of a part are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// On the volume from this offset on.
    Volume(u64),
    /// The bytes are zeros.
    Zeros,
}

impl SnapshotDisk {
    /// Returns where a part starts and how long it is. The part is in one block and has one source.
    fn part(&self, offset: u64) -> io::Result<(Source, u64)> {
        let number = Number::try_from(offset / BLOCK);
        let block = number.map_err(|_| invalid("volumes over 64 TiB are not supported"))?;
        let within = offset % BLOCK;
        let overlay = self.stores.first().and_then(|store| store.overlay(block));
        let Some(overlay) = overlay else {
            return Ok((self.block(block).skip(within), BLOCK.saturating_sub(within)));
        };
        let left = SECTOR.saturating_sub(within % SECTOR);
        let source = match overlay.covers(within / SECTOR) {
            true => Source::Volume(offset_of(overlay.place)),
            false => self.block(block),
        };
        Ok((source.skip(within), left))
    }

    /// Returns the source of a block without its overlay.
    fn block(&self, block: Number) -> Source {
        let mut number = block;
        for store in &self.stores {
            match store.find(number) {
                Some(Place::Stored(place)) => return Source::Volume(offset_of(place)),
                Some(Place::Forwarded(to)) => number = to,
                None => {}
            }
        }
        let is_target = || self.stores.iter().any(|store| store.is_target(block));
        match number == block && self.unused.contains(block) && !is_target() {
            true => Source::Zeros,
            false => Source::Volume(offset_of(number)),
        }
    }
}

impl Overlay {
    fn covers(self, sector: u64) -> bool {
        let sector = u32::try_from(sector).unwrap_or(u32::MAX);
        self.sectors.checked_shr(sector).unwrap_or(0) & 1 != 0
    }
}

impl Source {
    fn skip(self, bytes: u64) -> Self {
        match self {
            Self::Volume(offset) => Self::Volume(offset.saturating_add(bytes)),
            Self::Zeros => Self::Zeros,
        }
    }
}

fn offset_of(block: Number) -> u64 {
    u64::from(block).saturating_mul(BLOCK)
}

impl Disk for SnapshotDisk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= self.size);
        let end = end.ok_or_else(|| past_end(offset, buffer.len(), self.size))?;
        let mut rest = buffer;
        let mut at = offset;
        while at < end {
            let (source, mut length) = self.part(at)?;
            // Parts that follow one another on the volume are read together.
            while at.saturating_add(length) < end {
                let (next, next_length) = self.part(at.saturating_add(length))?;
                if next != source.skip(length) {
                    break;
                }
                length = length.saturating_add(next_length);
            }
            length = length.min(end.saturating_sub(at));
            let taken = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
            let (part, after) = rest.split_at_mut(taken);
            match source {
                Source::Zeros => part.fill(0),
                Source::Volume(from) => self.volume.read_at(from, part)?,
            }
            rest = after;
            at = at.saturating_add(length);
        }
        Ok(())
    }
}

impl fmt::Debug for SnapshotDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotDisk").field("size", &self.size).finish_non_exhaustive()
    }
}
