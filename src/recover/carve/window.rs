// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Window`]: the part of a source that is in memory; [`Stream`]: windows over a source of any length.

use alloc::vec::Vec;

use crate::recover::carve::carver::Carver;
use crate::recover::carve::{SECTOR, See};

/// What stays in memory behind the place that is looked at: a certificate may have begun there.
pub(crate) const BEHIND: u64 = 64 << 10;
/// What is in memory ahead of it, unless the source ends: the longest token, a compression unit, or the
/// map of dirty sectors of a log.
pub(crate) const AHEAD: u64 = 256 << 10;
/// Bytes that are looked at in one go.
const STEP: u64 = 1 << 20;
/// The length of the buffer.
#[allow(clippy::cast_possible_truncation, reason = "the sum of three small constants")]
const ROOM: usize = (BEHIND + AHEAD + STEP) as usize;

/// Bytes of a source, and where they begin in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window<'w> {
    bytes: &'w [u8],
    start: u64,
}

impl<'w> Window<'w> {
    pub(crate) const fn new(bytes: &'w [u8], start: u64) -> Self {
        Self { bytes, start }
    }

    pub(crate) const fn start(self) -> u64 {
        self.start
    }

    /// Where it ends in the source.
    pub(crate) const fn end(self) -> u64 {
        self.start.saturating_add(self.bytes.len() as u64)
    }

    /// As many of the bytes between two places of the source as are here.
    pub(crate) fn slice(self, from: u64, to: u64) -> &'w [u8] {
        let at = |place: u64| {
            let at = usize::try_from(place.saturating_sub(self.start)).unwrap_or(usize::MAX);
            at.min(self.bytes.len())
        };
        self.bytes.get(at(from)..at(to)).unwrap_or_default()
    }

    /// As many bytes from a place of the source on as are here, and no more than are kept ahead.
    pub(crate) fn from(self, from: u64) -> &'w [u8] {
        self.slice(from, from.saturating_add(AHEAD))
    }
}

/// A carver, and the window that it looks through.
#[derive(Debug)]
pub(crate) struct Stream {
    carver: Carver,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are filled.
    filled: usize,
    /// Where the buffer begins in the source.
    start: u64,
    /// Up to where the source was looked at.
    done: u64,
}

impl Stream {
    pub(crate) const fn new(carver: Carver) -> Self {
        Self { carver, buffer: Vec::new(), filled: 0, start: 0, done: 0 }
    }

    /// Bytes of the source so far.
    pub(crate) const fn length(&self) -> u64 {
        self.start.saturating_add(self.filled as u64)
    }

    /// Where the next bytes of the source go; there is always room.
    pub(crate) fn room(&mut self, see: See<'_>) -> &mut [u8] {
        if self.buffer.is_empty() {
            self.buffer.resize(ROOM, 0);
        }
        if self.filled == self.buffer.len() {
            let end = self.length().saturating_sub(AHEAD) & !(SECTOR - 1);
            self.scan(end, see);
            let keep = self.done.saturating_sub(BEHIND).max(self.start);
            let from = usize::try_from(keep.saturating_sub(self.start)).unwrap_or(0);
            let from = from.min(self.filled);
            self.buffer.copy_within(from..self.filled, 0);
            self.filled = self.filled.saturating_sub(from);
            self.start = keep;
        }
        self.buffer.get_mut(self.filled..).unwrap_or_default()
    }

    /// So many bytes have gone there.
    pub(crate) fn filled(&mut self, count: usize) {
        self.filled = self.filled.saturating_add(count).min(self.buffer.len());
    }

    /// Takes up bytes of the source.
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

    /// The source has ended.
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
