// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Unpacked`]: compressed bytes as a disk, without a copy of all unpacked bytes.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};
use std::io;
use std::sync::{Mutex, PoisonError};

use super::common_state::Shared;
use super::content::{Content, Packing};
use super::pass::Pass;
use crate::disk::{Disk, past_end};

/// Compressed bytes as a disk. A read before the position of every pass in memory starts a new pass.
pub(crate) struct Unpacked {
    content: Content,
    shared: Arc<Shared>,
    owner: u64,
    passes: AtomicU64,
    failed: Mutex<Option<Failed>>,
}

/// Where the data cannot be unpacked further, with the error.
#[derive(Clone)]
struct Failed {
    offset: u64,
    kind: io::ErrorKind,
    why: Arc<str>,
}

/// Returns the unpacked bytes of a content as a disk.
pub(crate) fn disk_of(content: &Content, shared: &Arc<Shared>) -> Arc<dyn Disk> {
    if content.packing == Packing::Stored {
        return Arc::clone(&content.packed);
    }
    Arc::new(Unpacked::new(content.clone(), Arc::clone(shared)))
}

impl Unpacked {
    /// Returns the unpacked bytes of a content.
    fn new(content: Content, shared: Arc<Shared>) -> Self {
        let owner = shared.passes.owner();
        Self { content, shared, owner, passes: AtomicU64::new(0), failed: Mutex::new(None) }
    }

    fn start(&self) -> io::Result<Pass> {
        let passes = self.passes.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let most = self.shared.limits.passes;
        if passes > most {
            let message = format!("unpacking it took more than {most} passes; unpack it first");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(Pass::new(self.content.reader()?))
    }

    /// Unpacks further bytes. Returns whether the end was reached. A failure is remembered: the bytes before
    /// it can be read.
    fn advance(&self, pass: &mut Pass) -> bool {
        let limits = &self.shared.limits;
        let result = pass.advance().and_then(|read| {
            match limits.refuses_all(pass.end(), self.content.packed.size()) {
                Some(why) => Err(io::Error::new(io::ErrorKind::InvalidData, why)),
                None => Ok(read),
            }
        });
        match result {
            Ok(read) => read == 0,
            Err(error) => {
                // Only the end of the unpacked bytes is an end of file.
                let kind = match error.kind() {
                    io::ErrorKind::UnexpectedEof => io::ErrorKind::InvalidData,
                    kind => kind,
                };
                let failed = Failed { offset: pass.end(), kind, why: error.to_string().into() };
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(failed);
                false
            }
        }
    }

    /// Returns the failure at or before an offset.
    fn failure(&self, offset: u64) -> Option<io::Error> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = failed.as_ref().filter(|failed| offset >= failed.offset)?;
        Some(io::Error::new(failed.kind, failed.why.to_string()))
    }

    fn fill(&self, pass: &mut Pass, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let length = buffer.len();
        let (mut at, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            if let Some(recent) = pass.from(at) {
                let take = recent.len().min(rest.len());
                let (part, after) = rest.split_at_mut(take);
                part.copy_from_slice(recent.get(..take).unwrap_or_default());
                (rest, at) = (after, at.saturating_add(take as u64));
            } else if let Some(error) = self.failure(at) {
                return Err(error);
            } else if self.advance(pass) {
                return Err(past_end(offset, length, pass.end()));
            }
        }
        Ok(())
    }
}

impl Disk for Unpacked {
    /// Returns the size that the archive gives, or a bound above every offset.
    fn size(&self) -> u64 {
        self.content.size.unwrap_or(u64::MAX)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if let Some(error) = self.failure(offset) {
            return Err(error);
        }
        let passes = &self.shared.passes;
        let mut pass = match passes.take(self.owner, |pass| pass.start() <= offset) {
            Some(pass) => pass,
            None => self.start()?,
        };
        let result = self.fill(&mut pass, offset, buffer);
        passes.put(self.owner, self.content.packing.weight(), pass);
        result
    }
}
