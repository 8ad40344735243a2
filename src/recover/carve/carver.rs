// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Carver`]: looks at bytes once, in order, and remembers what has begun and not yet ended.

use zerocopy::FromBytes as _;

use crate::error::ErrorKind;
use crate::hive::base_block::BaseBlock;
use crate::raw;
use crate::recover::carve::bins::{Header, Runs};
use crate::recover::carve::cells::Cells;
use crate::recover::carve::entries::Logs;
use crate::recover::carve::token::Tokens;
use crate::recover::carve::units::Units;
use crate::recover::carve::window::Window;
use crate::recover::carve::{SECTOR, See, lznt1};

/// Bytes that are gone through for one thing after the other, while they are in the nearest memory.
const BLOCK: u64 = 64 << 10;

/// What looks for everything in bytes that come in order.
#[derive(Debug)]
pub(crate) struct Carver {
    runs: Runs,
    logs: Logs,
    tokens: Tokens,
    cells: Cells,
    /// `None` within what was unpacked.
    units: Option<Units>,
}

impl Carver {
    pub(crate) fn new() -> Self {
        Self { units: Some(Units::default()), ..Self::within() }
    }

    /// One for bytes that were unpacked.
    pub(crate) fn within() -> Self {
        Self {
            runs: Runs::default(),
            logs: Logs::default(),
            tokens: Tokens::new(),
            cells: Cells::default(),
            units: None,
        }
    }

    /// Looks at the bytes between two places of the source: what begins there is found. Each place is
    /// looked at once, in order.
    pub(crate) fn scan(&mut self, window: Window<'_>, from: u64, to: u64, see: See<'_>) {
        let mut from = from;
        while from < to {
            let end = (from | (BLOCK - 1)).saturating_add(1).min(to);
            self.sectors(window, from, end, see);
            self.tokens.scan(window, from, end, see);
            self.runs.close(end, see);
            self.logs.pass(window, end, see);
            let Self { runs, cells, .. } = self;
            runs.outside(from, end, |from, to| cells.scan(window, from, to, see));
            from = end;
        }
    }

    /// The source ends at `end`: tells what is left.
    pub(crate) fn finish(&mut self, end: u64, see: See<'_>) {
        if let Some(units) = &mut self.units {
            units.finish(see);
        }
        self.runs.finish(end, see);
        self.logs.finish(end, see);
    }

    /// What begins with a sector.
    fn sectors(&mut self, window: Window<'_>, from: u64, to: u64, see: See<'_>) {
        let first = from.next_multiple_of(SECTOR);
        // Of the last sector of a source there may be fewer bytes.
        let bytes = window.slice(first, to.next_multiple_of(SECTOR));
        for (sector, at) in bytes.chunks(512).zip((first..to).step_by(512)) {
            let Some(start) = sector.first_chunk::<8>() else { continue };
            let looks = Looks::of(*start);
            if let Some(units) =
                self.units.as_mut().filter(|it| looks == Looks::Packed || !it.is_empty())
            {
                units.sector(window, at, looks == Looks::Packed, see);
            }
            match looks {
                Looks::Nothing | Looks::Packed => {}
                Looks::BaseBlock => match found(window.from(at)) {
                    Some(Found::Hive(head)) => self.runs.base_block(at, &head, see),
                    Some(Found::Log(head)) => self.logs.log(at, &head, window),
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

/// How a sector begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    Nothing,
    BaseBlock,
    Bin,
    Entry,
    /// A chunk that stands for a base block or a bin.
    Packed,
}

impl Looks {
    #[inline]
    fn of(start: [u8; 8]) -> Self {
        match start {
            [b'r', b'e', b'g', b'f', ..] => Self::BaseBlock,
            [b'h', b'b', b'i', b'n', ..] => Self::Bin,
            [b'H', b'v', b'L', b'E', ..] => Self::Entry,
            // Four literal bytes after the flags; or all of them, without flags.
            [low, high, flags, b'r', b'e', b'g', b'f', _]
            | [low, high, flags, b'h', b'b', b'i', b'n', _]
                if high & 0xF0 == 0xB0
                    && flags & 0x0F == 0
                    && lznt1::is_header(u16::from_le_bytes([low, high])) =>
            {
                Self::Packed
            }
            [0xFF, 0x3F, b'r', b'e', b'g', b'f', ..] | [0xFF, 0x3F, b'h', b'b', b'i', b'n', ..] => {
                Self::Packed
            }
            _ => Self::Nothing,
        }
    }
}

/// What a base block is that of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    Hive(raw::BaseBlockHead),
    Log(raw::BaseBlockHead),
}

/// The base block at the start of these bytes, if its fields can be those of one.
pub(crate) fn found(bytes: &[u8]) -> Option<Found> {
    let (head, _) = raw::BaseBlockHead::read_from_prefix(bytes).ok()?;
    let block = BaseBlock::of(&head);
    let (major, minor) = block.version();
    let is_sane = block.checksum_is_valid()
        || head.file_format.get() == 1
            && block.root().get().is_multiple_of(8)
            && block.bins_size().is_multiple_of(4096)
            && block.bins_size() > 0;
    if head.signature != *b"regf" || major != 1 || !(1..=6).contains(&minor) || !is_sane {
        return None;
    }
    match BaseBlock::parse(bytes).map_err(|error| error.kind()) {
        Err(ErrorKind::TransactionLog { .. }) => Some(Found::Log(head)),
        _ => Some(Found::Hive(head)),
    }
}
