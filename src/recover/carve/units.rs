// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Units`]: hives that NTFS has compressed, unit by unit.
//!
//! NTFS compresses a file in units of 16 clusters. A unit that got shorter begins with a chunk and takes
//! fewer clusters; one that did not lies as it is. The next unit follows at the next cluster, or where it
//! would stand were this one not compressed; that it belongs to the same hive is told by its bins alone.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::bytes::FileOffset;
use crate::recover::carve::bins::Header;
use crate::recover::carve::carver::{Carver, Found, found};
use crate::recover::carve::extract::{Place, Unpacked};
use crate::recover::carve::window::{Stream, Window};
use crate::recover::carve::{Carved, SECTOR, See, lznt1};

/// The longest unit.
const UNIT: u64 = 64 << 10;
/// A hive is at most as long.
const MOST: u64 = (u32::MAX as u64).saturating_add(4096);
/// Hives that may be open at one time: the units of one may lie in the gaps of another.
const MOST_OPEN: usize = 4;

/// The chain of the bins in what was unpacked so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    /// Bytes so far.
    length: u64,
    /// Where the next bin begins in them, and belongs in the hive.
    next: u64,
    offset: u64,
    /// Where all of it ends.
    end: u64,
}

/// A unit: what it stands for, and the bytes that it takes.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) bytes: Vec<u8>,
    taken: u64,
}

/// A compressed hive, or bins of one, that is gone through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    /// Where its first unit begins.
    start: u64,
    chain: Chain,
    /// Where the next unit may begin.
    from: u64,
    to: u64,
}

impl Walk {
    /// The compressed hive or bin that begins at `at`, with its first unit.
    pub(crate) fn begin(window: Window<'_>, at: u64) -> Option<(Self, Unit)> {
        let unit = Unit::packed(window, at)?;
        let bytes = &unit.bytes;
        let mut chain = match found(bytes) {
            Some(Found::Hive(head)) => {
                let bins = u64::from(head.bins_size.get());
                let end = if bins == 0 { MOST } else { bins.saturating_add(4096) };
                Chain { length: 0, next: 4096, offset: 0, end }
            }
            None => {
                let header = Header::read(bytes)?;
                Chain { length: 0, next: 0, offset: u64::from(header.offset), end: MOST }
            }
            Some(Found::Log(_)) => return None,
        };
        chain = chain.with(bytes)?;
        let mut walk = Self { start: at, chain, from: 0, to: 0 };
        walk.after(at, &unit);
        Some((walk, unit))
    }

    /// The next unit, if it begins at `at`.
    pub(crate) fn go_on(&mut self, window: Window<'_>, at: u64) -> Option<Unit> {
        if at < self.from || at > self.to {
            return None;
        }
        let unit = self.packed(window, at).or_else(|| self.plain(window, at))?;
        self.chain = self.chain.with(&unit.bytes)?;
        self.after(at, &unit);
        Some(unit)
    }

    /// Whether nothing more can belong to it at `at` or later.
    pub(crate) const fn is_over(&self, at: u64) -> bool {
        at > self.to || self.chain.length >= self.chain.end
    }

    fn after(&mut self, at: u64, unit: &Unit) {
        self.from = at.saturating_add(unit.taken).next_multiple_of(SECTOR);
        self.to = at.saturating_add(UNIT);
    }

    fn packed(&self, window: Window<'_>, at: u64) -> Option<Unit> {
        let header = window.from(at).first_chunk::<2>()?;
        if !lznt1::is_header(u16::from_le_bytes(*header)) {
            return None;
        }
        let unit = Unit::packed(window, at)?;
        // Within a long bin nothing but its length speaks for a unit, so it has to be a full one.
        let is_told = self.chain.tells(unit.bytes.len());
        let is_full = unit.bytes.len() as u64 == UNIT;
        (self.chain.with(&unit.bytes).is_some() && (is_told || is_full)).then_some(unit)
    }

    /// A unit that is not compressed: a bin of it has to stand where the chain asks for one.
    fn plain(&self, window: Window<'_>, at: u64) -> Option<Unit> {
        let place = at.saturating_add(self.chain.next.saturating_sub(self.chain.length));
        if !window.slice(place, place.saturating_add(4)).starts_with(b"hbin") {
            return None;
        }
        let bytes = window.slice(at, at.saturating_add(UNIT));
        if !self.chain.tells(bytes.len()) {
            return None;
        }
        self.chain.with(bytes)?;
        Some(Unit { bytes: bytes.to_vec(), taken: bytes.len() as u64 })
    }
}

impl Unit {
    fn packed(window: Window<'_>, at: u64) -> Option<Self> {
        let mut bytes = Vec::new();
        let taken = lznt1::unpack(window.slice(at, at.saturating_add(2 * UNIT)), &mut bytes);
        (!bytes.is_empty()).then_some(Self { bytes, taken: taken as u64 })
    }
}

impl Chain {
    /// Whether the next bin begins within the next `length` bytes.
    const fn tells(&self, length: usize) -> bool {
        self.next.saturating_sub(self.length).saturating_add(32) <= length as u64
    }

    /// The chain after these bytes; `None` where they break it before their first bin. What follows
    /// the last bin may be anything.
    fn with(mut self, bytes: &[u8]) -> Option<Self> {
        let (start, mut is_first) = (self.length, true);
        self.length = start.saturating_add(bytes.len() as u64);
        while self.next.saturating_add(32) <= self.length && self.next < self.end {
            let at = usize::try_from(self.next.saturating_sub(start)).unwrap_or(usize::MAX);
            let header = bytes.get(at..).and_then(Header::read);
            match header.filter(|header| u64::from(header.offset) == self.offset) {
                Some(header) => {
                    let size = u64::from(header.size);
                    self.next = self.next.saturating_add(size);
                    self.offset = self.offset.saturating_add(size);
                    is_first = false;
                }
                // A base block without bins is a hive's nevertheless.
                None if is_first && start > 0 => return None,
                None => {
                    self.end = self.length;
                    break;
                }
            }
        }
        Some(self)
    }
}

/// A compressed hive, and what is carved out of it.
#[derive(Debug)]
struct Open {
    walk: Walk,
    stream: Box<Stream>,
}

/// The compressed hives whose end is not met yet.
#[derive(Debug, Default)]
pub(crate) struct Units(Vec<Open>);

impl Units {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A sector begins at `at`; `looks` tells whether it looks as a compressed hive or bin begins.
    pub(crate) fn sector(&mut self, window: Window<'_>, at: u64, looks: bool, see: See<'_>) {
        for open in &mut self.0 {
            if let Some(unit) = open.walk.go_on(window, at) {
                open.stream.push(&unit.bytes, &mut telling(open.walk.start, see));
                return;
            }
        }
        self.close(at, see);
        if looks && let Some((walk, unit)) = Walk::begin(window, at) {
            if self.0.len() >= MOST_OPEN {
                self.0.remove(0).finish(see);
            }
            let mut stream = Box::new(Stream::new(Carver::within()));
            stream.push(&unit.bytes, &mut telling(at, see));
            self.0.push(Open { walk, stream });
        }
    }

    fn close(&mut self, at: u64, see: See<'_>) {
        while let Some(index) = self.0.iter().position(|open| open.walk.is_over(at)) {
            self.0.remove(index).finish(see);
        }
    }

    pub(crate) fn finish(&mut self, see: See<'_>) {
        self.0.drain(..).for_each(|open| open.finish(see));
    }
}

impl Open {
    fn finish(self, see: See<'_>) {
        self.stream.finish(&mut telling(self.walk.start, see));
    }
}

/// Tells what is found in unpacked bytes, with the place where the first unit begins.
fn telling(start: u64, see: See<'_>) -> impl FnMut(Carved<'_>) {
    move |carved| {
        let Place { offset, length, .. } = carved.place;
        let place = Place {
            offset: FileOffset::new(start),
            length,
            unpacked: Some(Unpacked { at: offset.get() }),
        };
        see(Carved { place, ..carved });
    }
}
