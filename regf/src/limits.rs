// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Limits`]: the work that a hive may cause.

/// Limits of a [`Walk`](crate::Walk). The defaults allow every hive that Windows can write. For any
/// other hive, the defaults keep the work linear in the size of the hive.
///
/// ```
/// use calhive_regf::Limits;
/// let limits = Limits { depth: 16, ..Limits::default() };
/// assert_eq!(limits.depth, 16);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Levels of keys below the root. Windows allows 512
    /// ([regf.md](crate::format#sizes-and-limits)).
    pub depth: usize,
    /// Bytes of all names on the path to a key. The default allows 512 names of 255 UTF-16 units.
    pub path_bytes: usize,
    /// Number of keys. `None` allows one key for each 80 bytes of bins, the size of the smallest
    /// key.
    pub keys: Option<u64>,
    /// Number of values. `None` allows one value for each 24 bytes of bins, the size of the
    /// smallest value.
    pub values: Option<u64>,
    /// Bytes of value data. `None` allows the number of bytes in the bins.
    pub data: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 512, path_bytes: 512 * 510, keys: None, values: None, data: None }
    }
}
