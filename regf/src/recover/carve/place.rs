// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Place`]: place of an item found by carving.

use crate::offset::FileOffset;

/// Place of an item in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Offset in the source. For an item in a compressed hive, the offset of the first compressed
    /// unit.
    pub offset: FileOffset,
    /// Decompressed length in bytes.
    pub length: u64,
    /// Place in the decompressed bytes. `None` for an uncompressed item.
    pub unpacked: Option<Unpacked>,
}

/// Place in decompressed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// Offset, from the start of the decompressed bytes.
    pub at: u64,
}
