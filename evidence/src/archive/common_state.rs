// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Shared`]: limits and memory that all entries of an archive share.

use alloc::sync::Arc;

use super::limits::Limits;
use super::pass::Pass;
use super::pool::Pool;

/// Weight of the passes over compressed streams that can continue: two threads, each in an archive inside an
/// archive.
const PASSES: u64 = 4;
/// Number of zip archives inside an archive that stay in memory.
const ARCHIVES: u64 = 2;

/// Limits and memory that all entries of an archive share.
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    /// Passes over compressed streams.
    pub(crate) passes: Pool<Pass>,
    /// Unpacked zip archives inside the archive.
    pub(crate) archives: Pool<Arc<Vec<u8>>>,
}

impl Shared {
    /// Starts with no bytes in memory.
    pub(crate) const fn new(limits: Limits) -> Self {
        Self { limits, passes: Pool::new(PASSES), archives: Pool::new(ARCHIVES) }
    }
}
