// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Stream`]: windows over a source of any length.

use alloc::vec::Vec;

use crate::recover::carve::carver::Carver;
use crate::recover::carve::window::Window;
use crate::recover::carve::{SECTOR, See};

/// Bytes searched at once.
const STEP: u64 = 1 << 20;
/// Length of the buffer for the first bytes.
const FIRST: usize = 4096;
/// Length of the whole buffer.
#[allow(clippy::cast_possible_truncation, reason = "the sum of three small constants")]
const ROOM: usize = (Window::BEHIND + Window::AHEAD + STEP) as usize;

/// Carver with the buffer that its windows show.
#[derive(Debug)]
pub(crate) struct Stream {
    carver: Carver,
    buffer: Vec<u8>,
    /// Number of bytes in the buffer.
    filled: usize,
    /// Offset of the buffer in the source.
    start: u64,
    /// End of the bytes already searched.
    done: u64,
}

impl Stream {
    pub(crate) const fn new(carver: Carver) -> Self {
        Self { carver, buffer: Vec::new(), filled: 0, start: 0, done: 0 }
    }

    /// Returns the number of bytes received from the source.
    pub(crate) const fn length(&self) -> u64 {
        self.start.saturating_add(self.filled as u64)
    }

    /// Returns the space for the next bytes of the source, which is never empty.
    pub(crate) fn room(&mut self, see: See<'_>) -> &mut [u8] {
        if self.filled == self.buffer.len() && self.buffer.len() < ROOM {
            // Noise can look like many small compressed hives, so the buffer grows with its content.
            self.buffer.resize(self.buffer.len().saturating_mul(4).clamp(FIRST, ROOM), 0);
        } else if self.filled == self.buffer.len() {
            let end = self.length().saturating_sub(Window::AHEAD) & !(SECTOR - 1);
            self.scan(end, see);
            let keep = self.done.saturating_sub(Window::BEHIND).max(self.start);
            let from = usize::try_from(keep.saturating_sub(self.start)).unwrap_or(0);
            let from = from.min(self.filled);
            self.buffer.copy_within(from..self.filled, 0);
            self.filled = self.filled.saturating_sub(from);
            self.start = keep;
        }
        self.buffer.get_mut(self.filled..).unwrap_or_default()
    }

    /// Adds `count` bytes that the caller wrote into the space from [`room`](Self::room).
    pub(crate) fn filled(&mut self, count: usize) {
        self.filled = self.filled.saturating_add(count).min(self.buffer.len());
    }

    /// Appends bytes of the source.
    pub(crate) fn push(&mut self, mut bytes: &[u8], see: See<'_>) {
        while !bytes.is_empty() {
            let room = self.room(see);
            let (now, later) = bytes.split_at(bytes.len().min(room.len()));
            if let Some(room) = room.get_mut(..now.len()) {
                room.copy_from_slice(now);
            }
            self.filled(now.len());
            bytes = later;
        }
    }

    /// Searches the remaining bytes at the end of the source.
    pub(crate) fn finish(mut self, see: See<'_>) {
        let end = self.length();
        self.scan(end, see);
        self.carver.finish(end, see);
    }

    fn scan(&mut self, to: u64, see: See<'_>) {
        let bytes = self.buffer.get(..self.filled).unwrap_or_default();
        self.carver.scan(Window::new(bytes, self.start), self.done, to, see);
        self.done = to.max(self.done);
    }
}
