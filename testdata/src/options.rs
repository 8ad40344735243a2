// SPDX-License-Identifier: MIT OR Apache-2.0

//! How a tree is written.

use crate::time;

/// Everything about a hive that is not in its tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Minor version, 1 to 6.
    pub minor: u32,
    /// Kind of subkey list.
    pub list: ListKind,
    /// More subkeys than this make an ri over several leaves. The default, 507, is what fits one
    /// 4 KiB bin as lf or lh.
    pub leaf_elements: usize,
    /// Order of the cells in the file.
    pub locality: Locality,
    /// File name in the base block; its last 31 UTF-16 code units are kept.
    pub file_name: String,
    /// Primary sequence number.
    pub primary_sequence: u32,
    /// Secondary sequence number; equal to the primary one in a clean hive.
    pub secondary_sequence: u32,
    /// Last-written time of the base block and the first bin, FILETIME.
    pub last_written: u64,
    /// RmId of the base block, which is its LogId too; zeros where the hive has none.
    pub rm_id: [u8; 16],
    /// Flags of the base block.
    pub base_flags: u32,
    /// Whether subkeys are written in order; false writes them as the tree has them.
    pub sort: bool,
}

impl Default for Options {
    /// A clean hive of version 1.5 in depth-first order.
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

/// Kind of the lists that hold subkeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// What the version uses: li to 1.2, lf in 1.3 and 1.4, lh from 1.5.
    Auto,
    /// Index leaf: offsets alone.
    Li,
    /// Fast leaf: offsets and name hints.
    Lf,
    /// Hash leaf: offsets and name hashes.
    Lh,
}

impl ListKind {
    /// The kind that a hive of version 1.`minor` gets.
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
    /// Mixed up by a seed: each cell anywhere; in a [`stream`](crate::stream) as [`Aged`](Self::Aged).
    Shuffled(u64),
    /// Mixed up by a seed as in a hive that was in use for years: runs of keys anywhere, one key in
    /// five away from its run, the cells of a key side by side.
    Aged(u64),
}
