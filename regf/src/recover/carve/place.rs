// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Place`]: place of an item found by carving.

use crate::offset::FileOffset;

/// Place of an item in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Offset in the source: of the item, or of the first unit of a compressed hive.
    pub offset: FileOffset,
    /// Decompressed length in bytes.
    pub length: u64,
    /// Place in the decompressed bytes; `None` without compression.
    pub unpacked: Option<Unpacked>,
}

/// Place in decompressed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// Offset, from the start of the decompressed bytes.
    pub at: u64,
}
