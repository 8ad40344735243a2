// SPDX-License-Identifier: MIT OR Apache-2.0

//! Options of writing a tree.

use crate::time;

/// Properties of a hive that are not in its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Minor version, 1 to 6.
    pub minor: u32,
    /// Kind of subkey list.
    pub list: ListKind,
    /// Maximum number of subkeys in one leaf. More subkeys get an ri over several leaves. The
    /// default, 507, is the maximum that fits into a bin of 4 KiB as lf or lh.
    pub leaf_elements: usize,
    /// Order of the cells in the file.
    pub locality: Locality,
    /// File name in the base block, cut to its last 31 UTF-16 code units.
    pub file_name: String,
    /// Primary sequence number.
    pub primary_sequence: u32,
    /// Secondary sequence number; equal to the primary one in a clean hive.
    pub secondary_sequence: u32,
    /// Last-written time of the base block and the first bin, FILETIME.
    pub last_written: u64,
    /// RmId of the base block, which is also its LogId. Zeros mean none.
    pub rm_id: [u8; 16],
    /// Flags of the base block.
    pub base_flags: u32,
    /// Whether subkeys are sorted; if false, they keep the order of the tree.
    pub sort: bool,
}

impl Default for Options {
    /// Returns the options of a clean hive of version 1.5 in depth-first order.
    fn default() -> Self {
        Self {
            minor: 5,
            list: ListKind::Auto,
            leaf_elements: 507,
            locality: Locality::InOrder,
            file_name: r"emRoot\System32\Config\FORGED".to_owned(),
            primary_sequence: 1,
            secondary_sequence: 1,
            last_written: time::DEFAULT,
            rm_id: [0; 16],
            base_flags: 0,
            sort: true,
        }
    }
}

/// Kind of subkey list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// The kind of the version: li up to 1.2, lf in 1.3 and 1.4, lh from 1.5.
    Auto,
    /// Index leaf: offsets only.
    Li,
    /// Fast leaf: offsets and name hints.
    Lf,
    /// Hash leaf: offsets and name hashes.
    Lh,
}

impl ListKind {
    /// Returns the kind for a hive of version 1.`minor`.
    pub(crate) fn resolve(self, minor: u32) -> Self {
        match (self, minor) {
            (Self::Auto, 0..=2) => Self::Li,
            (Self::Auto, 3..=4) => Self::Lf,
            (Self::Auto, _) => Self::Lh,
            (kind, _) => kind,
        }
    }
}

/// Order of the cells in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locality {
    /// Depth first, each key with its values before its subkeys, as in a freshly saved hive.
    InOrder,
    /// Shuffled by a seed: each cell anywhere. In a [`stream`](crate::stream), each key anywhere, with the cells of
    /// a key side by side.
    Shuffled(u64),
    /// Shuffled by a seed, like a hive after years of use: runs of keys anywhere, one key in five
    /// away from its run, the cells of a key side by side.
    Aged(u64),
}
