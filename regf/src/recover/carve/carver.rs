// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Carver`]: searches bytes once, in order, and keeps items whose end is not yet known.

use alloc::boxed::Box;

use crate::meter::count;
use crate::recover::carve::bins::{Header, Runs};
use crate::recover::carve::cells::Cells;
use crate::recover::carve::entries::Logs;
use crate::recover::carve::head::{Head, read_head};
use crate::recover::carve::signatures::{Match, Signatures};
use crate::recover::carve::units::Units;
use crate::recover::carve::window::Window;
use crate::recover::carve::{Carved, Kind, SECTOR, See, lznt1, place};

/// Block size, chosen to stay in the cache while every scanner runs.
const BLOCK: u64 = 64 << 10;

/// Runs every scanner over bytes that arrive in order.
#[derive(Debug)]
pub(crate) struct Carver {
    runs: Runs,
    logs: Logs,
    /// Scanner of the caller.
    signatures: Option<Box<dyn Signatures>>,
    cells: Cells,
    /// `None` within decompressed bytes.
    units: Option<Units>,
}

impl Carver {
    pub(crate) fn new(signatures: Option<&dyn Signatures>) -> Self {
        Self { units: Some(Units::default()), ..Self::within(signatures) }
    }

    /// Returns a carver for decompressed bytes.
    pub(crate) fn within(signatures: Option<&dyn Signatures>) -> Self {
        Self {
            runs: Runs::default(),
            logs: Logs::default(),
            signatures: signatures.map(Signatures::fresh),
            cells: Cells::default(),
            units: None,
        }
    }

    /// Finds the items that start in `from..to` of the source. Callers pass consecutive ranges, each
    /// once.
    pub(crate) fn scan(&mut self, window: Window<'_>, from: u64, to: u64, see: See<'_>) {
        let mut from = from;
        while from < to {
            let end = (from | (BLOCK - 1)).saturating_add(1).min(to);
            self.sectors(window, from, end, see);
            if let Some(signatures) = &mut self.signatures {
                signatures.scan(window, from, end, &mut |found| see(carved(window, found)));
            }
            self.runs.close(end, see);
            self.logs.pass(window, end, see);
            let Self { runs, cells, .. } = self;
            runs.outside(from, end, |from, to| cells.scan(window, from, to, see));
            from = end;
        }
    }

    /// Reports the remaining items at the end of the source.
    pub(crate) fn finish(&mut self, end: u64, see: See<'_>) {
        if let Some(units) = &mut self.units {
            units.finish(see);
        }
        self.runs.finish(end, see);
        self.logs.finish(end, see);
    }

    /// Finds items that start at a sector.
    fn sectors(&mut self, window: Window<'_>, from: u64, to: u64, see: See<'_>) {
        let first = from.next_multiple_of(SECTOR);
        // The last sector of a source can be shorter.
        let bytes = window.slice(first, to.next_multiple_of(SECTOR));
        for (sector, at) in bytes.chunks(512).zip((first..to).step_by(512)) {
            count(1);
            let Some(start) = sector.first_chunk::<8>() else { continue };
            let looks = Looks::of(*start);
            if let Some(units) =
                self.units.as_mut().filter(|it| looks == Looks::Packed || !it.is_empty())
            {
                let signatures = self.signatures.as_deref();
                units.sector(window, at, looks == Looks::Packed, signatures, see);
            }
            match looks {
                Looks::Nothing | Looks::Packed => {}
                Looks::BaseBlock => match read_head(window.from(at)) {
                    Some(Head::Hive(head)) => self.runs.base_block(at, &head, see),
                    Some(Head::Log(head)) => self.logs.log(at, &head, window),
                    None => {}
                },
                Looks::Bin => {
                    if let Some(header) = Header::read(window.from(at)) {
                        self.runs.bin(at, header, see);
                    }
                }
                Looks::Entry => self.logs.entry(at, window, see),
            }
        }
    }
}

/// Converts a match of the caller's scanner into an item.
fn carved(window: Window<'_>, found: Match) -> Carved<'_> {
    let Match { offset, length, is_whole, tag } = found;
    let bytes = window.slice(offset, offset.saturating_add(length));
    let place = place(offset, bytes.len() as u64);
    Carved { place, is_whole, kind: Kind::Signature { bytes, tag } }
}

/// Signature at the start of a sector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    Nothing,
    BaseBlock,
    Bin,
    Entry,
    /// A compressed chunk that starts with a base block or a bin.
    Packed,
}

impl Looks {
    #[inline]
    fn of(start: [u8; 8]) -> Self {
        match start {
            [b'r', b'e', b'g', b'f', ..] => Self::BaseBlock,
            [b'h', b'b', b'i', b'n', ..] => Self::Bin,
            [b'H', b'v', b'L', b'E', ..] => Self::Entry,
            // A compressed chunk: four literal bytes follow the flags.
            [low, high, flags, b'r', b'e', b'g', b'f', _]
            | [low, high, flags, b'h', b'b', b'i', b'n', _]
                if high & 0xF0 == 0xB0
                    && flags & 0x0F == 0
                    && lznt1::is_header(u16::from_le_bytes([low, high])) =>
            {
                Self::Packed
            }
            // An uncompressed chunk, which has no flags.
            [0xFF, 0x3F, b'r', b'e', b'g', b'f', ..] | [0xFF, 0x3F, b'h', b'b', b'i', b'n', ..] => {
                Self::Packed
            }
            _ => Self::Nothing,
        }
    }
}
