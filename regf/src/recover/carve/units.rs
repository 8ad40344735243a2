// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Units`]: hives that NTFS compressed, unit by unit.
//!
//! NTFS compresses a file in units of 16 clusters. A compressed unit starts with a chunk and takes
//! fewer than 16 clusters. If compression does not shorten a unit, NTFS stores the unit
//! uncompressed. The next unit starts at the next cluster, or 16 clusters after the start of this
//! unit. Only the bins show that the next unit belongs to the same hive.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::offset::FileOffset;
use crate::recover::carve::bins::Header;
use crate::recover::carve::carver::Carver;
use crate::recover::carve::head::{Head, read_head};
use crate::recover::carve::place::{Place, Unpacked};
use crate::recover::carve::signatures::Signatures;
use crate::recover::carve::stream::Stream;
use crate::recover::carve::window::Window;
use crate::recover::carve::{Carved, SECTOR, See, lznt1};

/// Size of the largest unit in bytes.
const UNIT: u64 = 64 << 10;
/// Largest possible hive in bytes.
const MOST: u64 = (u32::MAX as u64).saturating_add(4096);
/// Limit of open hives. Several hives can be open, because units of one hive can be in the gaps of
/// another hive.
const MOST_OPEN: usize = 4;

/// State of the chain of bins in the bytes decompressed so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    /// Number of decompressed bytes.
    length: u64,
    /// Offset of the next bin in the decompressed bytes. `offset` is the offset of the same bin in
    /// the hive, from the first bin.
    next: u64,
    offset: u64,
    /// End of the hive.
    end: u64,
}

/// Decompressed bytes of a unit, and its length in the source.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) bytes: Vec<u8>,
    taken: u64,
}

/// Traversal of a compressed hive, or of a run of compressed bins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    /// Offset of the first unit.
    start: u64,
    chain: Chain,
    /// Range of possible offsets of the next unit.
    from: u64,
    to: u64,
}

impl Walk {
    /// Starts at the compressed hive or bin at `at`, and returns its first unit.
    pub(crate) fn begin(window: Window<'_>, at: u64) -> Option<(Self, Unit)> {
        let unit = Unit::packed(window, at)?;
        let bytes = &unit.bytes;
        let mut chain = match read_head(bytes) {
            Some(Head::Hive(head)) => {
                let bins = u64::from(head.bins_size.get());
                let end = if bins == 0 { MOST } else { bins.saturating_add(4096) };
                Chain { length: 0, next: 4096, offset: 0, end }
            }
            None => {
                let header = Header::read(bytes)?;
                Chain { length: 0, next: 0, offset: u64::from(header.offset), end: MOST }
            }
            Some(Head::Log(_)) => return None,
        };
        chain = chain.with(bytes)?;
        let mut walk = Self { start: at, chain, from: 0, to: 0 };
        walk.after(at, &unit);
        Some((walk, unit))
    }

    /// Returns the next unit, if the unit starts at `at`.
    pub(crate) fn go_on(&mut self, window: Window<'_>, at: u64) -> Option<Unit> {
        if at < self.from || at > self.to {
            return None;
        }
        let unit = self.packed(window, at).or_else(|| self.plain(window, at))?;
        self.chain = self.chain.with(&unit.bytes)?;
        self.after(at, &unit);
        Some(unit)
    }

    /// Returns whether no further unit can start at `at` or later.
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
        // Inside a long bin, no header confirms the unit. In this case only a unit of full length
        // counts.
        let has_bin = self.chain.has_bin_within(unit.bytes.len());
        let is_full = unit.bytes.len() as u64 == UNIT;
        (self.chain.with(&unit.bytes).is_some() && (has_bin || is_full)).then_some(unit)
    }

    /// Returns the uncompressed unit at `at`, if the unit has a bin at the offset that the chain
    /// requires.
    fn plain(&self, window: Window<'_>, at: u64) -> Option<Unit> {
        let place = at.saturating_add(self.chain.next.saturating_sub(self.chain.length));
        if !window.slice(place, place.saturating_add(4)).starts_with(b"hbin") {
            return None;
        }
        let bytes = window.slice(at, at.saturating_add(UNIT));
        if !self.chain.has_bin_within(bytes.len()) {
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
    /// Returns whether the next bin starts within the next `length` bytes.
    const fn has_bin_within(&self, length: usize) -> bool {
        self.next.saturating_sub(self.length).saturating_add(32) <= length as u64
    }

    /// Returns the chain after these bytes. `None` if the first expected bin is missing, so that
    /// the bytes break the chain. The bytes after the last bin are arbitrary.
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
                // In the first unit, a base block without bins is still accepted as a hive.
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

/// Compressed hive, with the carver for its content.
#[derive(Debug)]
struct Open {
    walk: Walk,
    stream: Box<Stream>,
}

/// Compressed hives whose end is not yet known.
#[derive(Debug, Default)]
pub(crate) struct Units(Vec<Open>);

impl Units {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Processes the sector at `at`. `looks` states whether the sector can start a compressed hive
    /// or bin.
    pub(crate) fn sector(
        &mut self,
        window: Window<'_>,
        at: u64,
        looks: bool,
        signatures: Option<&dyn Signatures>,
        see: See<'_>,
    ) {
        for open in &mut self.0 {
            if let Some(unit) = open.walk.go_on(window, at) {
                open.stream.push(&unit.bytes, &mut located(open.walk.start, see));
                return;
            }
        }
        self.close(at, see);
        if looks && let Some((walk, unit)) = Walk::begin(window, at) {
            if self.0.len() >= MOST_OPEN {
                self.0.remove(0).finish(see);
            }
            let mut stream = Box::new(Stream::new(Carver::within(signatures)));
            stream.push(&unit.bytes, &mut located(at, see));
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
        self.stream.finish(&mut located(self.walk.start, see));
    }
}

/// Adapts `see` for items in decompressed bytes. The adapted function adds the offset of the first
/// unit to the place of each item.
fn located(start: u64, see: See<'_>) -> impl FnMut(Carved<'_>) {
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
