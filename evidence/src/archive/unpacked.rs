// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Unpacked`]: compressed bytes as a disk, without a copy of all unpacked bytes.

use alloc::sync::Arc;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use super::content::Content;
use super::limits::Limits;
use crate::disk::{Disk, past_end};

/// Bytes unpacked at a time.
const CHUNK: u64 = 64 << 10;
/// Unpacked bytes that stay in memory before the position, so that a read can start a little earlier.
const RECENT: usize = 512 << 10;

/// Compressed bytes as a disk. A read before the position starts to unpack from the beginning again.
pub(crate) struct Unpacked {
    content: Content,
    limits: Limits,
    state: Mutex<State>,
}

/// State of unpacking.
#[derive(Default)]
struct State {
    pass: Option<Pass>,
    passes: u64,
    /// Where the data cannot be unpacked further, with the error.
    failed: Option<(u64, io::ErrorKind, Arc<str>)>,
}

/// A pass over the data.
struct Pass {
    reader: Box<dyn Read + Send>,
    /// Offset of the recent bytes.
    start: u64,
    recent: Vec<u8>,
}

impl Unpacked {
    /// Returns the unpacked bytes of a content.
    pub(crate) fn new(content: Content, limits: Limits) -> Self {
        Self { content, limits, state: Mutex::default() }
    }

    fn restart(&self, state: &mut State) -> io::Result<()> {
        state.passes = state.passes.saturating_add(1);
        if state.passes > self.limits.passes {
            let most = self.limits.passes;
            let message = format!("unpacking it took more than {most} passes; unpack it first");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        state.pass = Some(Pass { reader: self.content.reader()?, start: 0, recent: Vec::new() });
        Ok(())
    }

    /// Unpacks further bytes. Returns whether the end was reached. A failure is kept in the state: the bytes
    /// before it can be read.
    fn advance(&self, state: &mut State) -> bool {
        let Some(pass) = &mut state.pass else { return true };
        let result = pass.advance().and_then(|read| {
            match self.limits.refuses_all(pass.end(), self.content.packed.size()) {
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
                state.failed = Some((pass.end(), kind, error.to_string().into()));
                false
            }
        }
    }
}

impl Pass {
    fn end(&self) -> u64 {
        self.start.saturating_add(self.recent.len() as u64)
    }

    /// Returns the recent bytes from an offset on.
    fn from(&self, offset: u64) -> Option<&[u8]> {
        let at = offset.checked_sub(self.start)?;
        self.recent.get(usize::try_from(at).ok()?..).filter(|rest| !rest.is_empty())
    }

    fn advance(&mut self) -> io::Result<usize> {
        if self.recent.len() >= RECENT.saturating_mul(2) {
            self.recent.drain(..RECENT);
            self.start = self.start.saturating_add(RECENT as u64);
        }
        (&mut self.reader).take(CHUNK).read_to_end(&mut self.recent)
    }
}

impl Disk for Unpacked {
    /// Returns the size that the archive gives, or a bound above every offset.
    fn size(&self) -> u64 {
        self.content.size.unwrap_or(u64::MAX)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let length = buffer.len();
        let mut rest = buffer;
        let mut at = offset;
        while !rest.is_empty() {
            let is_behind = state.pass.as_ref().is_none_or(|pass| at < pass.start);
            let recent = state.pass.as_ref().and_then(|pass| pass.from(at));
            if let Some(recent) = recent {
                let take = recent.len().min(rest.len());
                let (part, after) = rest.split_at_mut(take);
                part.copy_from_slice(recent.get(..take).unwrap_or_default());
                (rest, at) = (after, at.saturating_add(take as u64));
                continue;
            }
            match &state.failed {
                Some((end, kind, why)) if at >= *end => {
                    return Err(io::Error::new(*kind, why.to_string()));
                }
                _ if is_behind => self.restart(&mut state)?,
                _ => {
                    if self.advance(&mut state) {
                        let end = state.pass.as_ref().map(Pass::end).unwrap_or_default();
                        return Err(past_end(offset, length, end));
                    }
                }
            }
        }
        Ok(())
    }
}
