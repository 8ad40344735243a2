// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Chain`]: blocks of 16 KiB that refer to one another.

use std::collections::HashSet;
use std::io;

use crate::disk::Disk;
use crate::field::{bytes_at, in_place, invalid, u32_at, u64_at};

/// Size of a block in bytes.
pub(super) const BLOCK: u64 = 0x4000;
/// Length of the header of a block.
pub(super) const HEADER: usize = 128;
/// GUID at the start of each structure: 3808876b-c176-4e48-b7ae-04046e6cc752.
pub(super) const SIGNATURE: [u8; 16] =
    *b"\x6b\x87\x08\x38\x76\xc1\x48\x4e\xb7\xae\x04\x04\x6e\x6c\xc7\x52";

/// Kind of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockKind {
    /// Entries of the stores.
    Catalog,
    /// Descriptors of the blocks of a store.
    BlockList,
    /// Bits of blocks that were not in use.
    Bitmap,
}

impl BlockKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Catalog => "catalog block",
            Self::BlockList => "block list",
            Self::Bitmap => "bitmap",
        }
    }

    const fn code(self) -> u32 {
        match self {
            Self::Catalog => 2,
            Self::BlockList => 3,
            Self::Bitmap => 6,
        }
    }
}

/// Blocks of one kind, each with the offset of the next.
pub(super) struct Chain<'d> {
    disk: &'d dyn Disk,
    kind: BlockKind,
    next: u64,
    visited: HashSet<u64>,
    block: Vec<u8>,
}

impl<'d> Chain<'d> {
    /// Returns the blocks from this offset on.
    pub(super) fn new(disk: &'d dyn Disk, kind: BlockKind, first: u64) -> Self {
        Self { disk, kind, next: first, visited: HashSet::new(), block: Vec::new() }
    }

    /// Reads the next block, and returns the bytes after its header. After the last block, returns `None`.
    ///
    /// # Errors
    /// If the block cannot be read, is another one, or was read before.
    pub(super) fn read_next(&mut self) -> io::Result<Option<&[u8]>> {
        let offset = self.next;
        if offset == 0 {
            return Ok(None);
        }
        self.next = 0;
        let next = self.read(offset).map_err(|error| {
            let name = self.kind.name();
            in_place(format_args!("{name} of a shadow copy at volume offset {offset:#x}"), &error)
        });
        self.next = next?;
        Ok(self.block.get(HEADER..))
    }

    /// Reads the block at this offset, and returns the offset of the next one.
    fn read(&mut self, offset: u64) -> io::Result<u64> {
        if !self.visited.insert(offset) {
            return Err(invalid("the block was read before: the blocks form a circle"));
        }
        self.block.resize(usize::try_from(BLOCK).unwrap_or(0), 0);
        self.disk.read_at(offset, &mut self.block)?;
        if bytes_at(&self.block, 0) != Some(SIGNATURE) {
            return Err(invalid("the signature of shadow copies is missing"));
        }
        let (expected, found) = (self.kind.code(), u32_at(&self.block, 20).unwrap_or(0));
        if found != expected {
            return Err(invalid(format!("expected record type {expected}, found {found}")));
        }
        Ok(u64_at(&self.block, 40).unwrap_or(0))
    }
}
