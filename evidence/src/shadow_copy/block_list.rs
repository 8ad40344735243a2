// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`BlockList`]: the blocks that a store holds.

use std::collections::HashMap;
use std::io;

use crate::disk::Disk;
use crate::field::{invalid, u32_at, u64_at};
use crate::shadow_copy::block_header::{BLOCK, BlockKind, Chain};

/// Length of a descriptor.
const DESCRIPTOR: usize = 32;
/// Flag: the block is another block of the next store or of the volume.
const FORWARDER: u32 = 1;
/// Flag: some sectors of the block have another content.
const OVERLAY: u32 = 2;
/// Flag: the descriptor is not in use.
const NOT_USED: u32 = 4;

/// Number of a block: its offset divided by 16 KiB.
pub(super) type Number = u32;

/// The blocks that a store holds. Each list is sorted by the number of the block.
#[derive(Debug, Default)]
pub(super) struct BlockList {
    plain: Vec<(Number, Number)>,
    forwarders: Vec<(Number, Number)>,
    overlays: Vec<(Number, Overlay)>,
    /// Blocks that forwarders named, even if a later descriptor replaced the forwarder.
    targets: Vec<Number>,
}

/// Sectors of a block with another content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overlay {
    /// Block with the content.
    pub(super) place: Number,
    /// Bit for each of the 32 sectors of 512 bytes, lowest first.
    pub(super) sectors: u32,
}

/// Place of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// This block of the volume holds the content.
    Stored(Number),
    /// The next store has the content under this number. Without a next store, the volume has it.
    Forwarded(Number),
}

impl BlockList {
    /// Reads the list that starts at this offset.
    ///
    /// # Errors
    /// If a part of the list is damaged.
    pub(super) fn read(disk: &dyn Disk, first: u64) -> io::Result<Self> {
        let mut chain = Chain::new(disk, BlockKind::BlockList, first);
        let mut draft = Draft { blocks: disk.size().div_ceil(BLOCK), ..Draft::default() };
        while let Some(block) = chain.read_next()? {
            for descriptor in block.chunks_exact(DESCRIPTOR) {
                draft.add(descriptor)?;
            }
        }
        Ok(draft.finish())
    }

    /// Returns the place of a block, if the store has the block.
    pub(super) fn find(&self, block: Number) -> Option<Place> {
        if let Some(place) = look_up(&self.plain, block) {
            return Some(Place::Stored(place));
        }
        look_up(&self.forwarders, block).map(Place::Forwarded)
    }

    /// Returns whether a forwarder named this block.
    pub(super) fn is_target(&self, block: Number) -> bool {
        self.targets.binary_search(&block).is_ok()
    }

    /// Returns the overlay of a block.
    pub(super) fn overlay(&self, block: Number) -> Option<Overlay> {
        look_up(&self.overlays, block)
    }
}

fn look_up<T: Copy>(list: &[(Number, T)], block: Number) -> Option<T> {
    let at = list.binary_search_by_key(&block, |(number, _)| *number).ok()?;
    list.get(at).map(|(_, value)| *value)
}

/// A list while it is read. Later descriptors change what earlier ones say.
#[derive(Default)]
struct Draft {
    /// Number of blocks of the volume. It limits the number of descriptors kept.
    blocks: u64,
    places: HashMap<Number, Place>,
    overlays: HashMap<Number, Overlay>,
    /// Source of the forwarder to a block.
    forwarded_from: HashMap<Number, Number>,
}

impl Draft {
    fn add(&mut self, descriptor: &[u8]) -> io::Result<()> {
        let field = |at| u64_at(descriptor, at).unwrap_or(0);
        let (original, relative, stored) = (field(0), field(8), field(16));
        let flags = u32_at(descriptor, 24).unwrap_or(0);
        let is_forwarder = flags & FORWARDER != 0;
        let is_free = stored == 0 && !is_forwarder;
        if flags & NOT_USED != 0 || is_free {
            return Ok(());
        }
        // Blocks after the end of the volume are never read.
        let Some(block) = self.number(original)? else { return Ok(()) };
        if flags & OVERLAY != 0 {
            let sectors = u32_at(descriptor, 28).unwrap_or(0);
            let Some(place) = self.number(stored)? else { return Err(after_volume(stored)) };
            let overlay = self.overlays.entry(block).or_insert(Overlay { place, sectors });
            overlay.sectors |= sectors;
            return Ok(());
        }
        // If an earlier forwarder names the block, the descriptor is about the source of the forwarder.
        let block = self.forwarded_from.remove(&block).unwrap_or(block);
        if !is_forwarder {
            let Some(place) = self.number(stored)? else { return Err(after_volume(stored)) };
            self.places.insert(block, Place::Stored(place));
            return Ok(());
        }
        let Some(to) = self.number(relative)? else { return Err(after_volume(relative)) };
        if to != block {
            self.places.insert(block, Place::Forwarded(to));
            self.forwarded_from.insert(to, block);
        }
        Ok(())
    }

    /// Returns the number of the block at this offset, or `None` after the end of the volume.
    fn number(&self, offset: u64) -> io::Result<Option<Number>> {
        if !offset.is_multiple_of(BLOCK) {
            return Err(invalid(format!(
                "a descriptor in a block list of a shadow copy has the offset {offset:#x}, which is not a multiple \
                 of 0x4000"
            )));
        }
        let number = offset / BLOCK;
        Ok(Number::try_from(number).ok().filter(|_| number < self.blocks))
    }

    fn finish(self) -> BlockList {
        let mut list = BlockList::default();
        for (block, place) in self.places {
            match place {
                Place::Stored(place) => list.plain.push((block, place)),
                Place::Forwarded(to) => list.forwarders.push((block, to)),
            }
        }
        list.plain.sort_unstable();
        list.forwarders.sort_unstable();
        list.targets = self.forwarded_from.into_keys().collect();
        list.targets.sort_unstable();
        list.overlays.extend(self.overlays);
        list.overlays.sort_unstable_by_key(|(block, _)| *block);
        list
    }
}

fn after_volume(offset: u64) -> io::Error {
    invalid(format!(
        "a descriptor in a block list of a shadow copy names the offset {offset:#x}, after the end of the volume"
    ))
}
