// SPDX-License-Identifier: MIT OR Apache-2.0
//! How much work a hive may cause.

/// Bounds for a [`Walk`](crate::Walk). The defaults let every hive pass that Windows can write, and
/// keep the work on any other linear in its size.
///
/// ```
/// use calhive::Limits;
/// let limits = Limits { depth: 16, ..Limits::default() };
/// assert_eq!(limits.depth, 16);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Levels of keys below the root. Windows allows 512 (MSDN, "Registry Element Size Limits").
    pub depth: usize,
    /// Bytes of all names on the path to a key. 512 names of 255 UTF-16 units by default.
    pub path_bytes: usize,
    /// Keys; `None`: one per 80 bytes of bins, the size of the smallest key node's cell.
    pub keys: Option<u64>,
    /// Values; `None`: one per 24 bytes of bins, the size of the smallest value's cell.
    pub values: Option<u64>,
    /// Bytes of value data; `None`: as many as the bins have.
    pub data: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 512, path_bytes: 512 * 510, keys: None, values: None, data: None }
    }
}
