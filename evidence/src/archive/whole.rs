// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Whole`]: a small archive inside a compressed one, unpacked into memory while it is used.

use alloc::sync::Arc;
use std::io;

use super::common_state::Shared;
use super::content::Content;
use crate::disk::Disk;

/// The unpacked bytes of an entry. They are in memory while the pool has room, and are unpacked again if
/// necessary.
pub(crate) struct Whole {
    content: Content,
    size: u64,
    shared: Arc<Shared>,
    owner: u64,
}

impl Whole {
    /// Returns the unpacked bytes of an entry of this size.
    pub(crate) fn new(content: Content, size: u64, shared: Arc<Shared>) -> Self {
        let owner = shared.archives.owner();
        Self { content, size, shared, owner }
    }
}

impl Disk for Whole {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let archives = &self.shared.archives;
        let bytes = match archives.take(self.owner, |_| true) {
            Some(bytes) => bytes,
            None => Arc::new(self.content.whole(&self.shared.limits)?),
        };
        archives.put(self.owner, 1, Arc::clone(&bytes));
        bytes.read_at(offset, buffer)
    }
}
