// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Space`]: the stretches of a hive that nothing live stands in, and [`Origin`], what they are.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use crate::bytes::CellOffset;
use crate::hive::Hive;
use crate::hive::cell::Cell;
use crate::hive::hbin::cell_offset;
use crate::recover::live::Live;

/// What kind of place something was recovered from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Origin {
    /// A free cell: what was deleted, and not written over since.
    FreeCell,
    /// An allocated cell that no list and no key leads to.
    Unreferenced,
    /// Bytes behind the last one that a cell's content needs.
    Slack,
    /// Bytes that belong to no cell: a bin whose header or whose chain of cells is broken.
    BrokenBin,
    /// Bytes after the last bin.
    Remnant,
    /// A page of a log that is not part of any state that replay leads to.
    LogPage,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FreeCell => "free cell",
            Self::Unreferenced => "unreferenced cell",
            Self::Slack => "slack of a live cell",
            Self::BrokenBin => "broken bin",
            Self::Remnant => "bytes after the last bin",
            Self::LogPage => "page of a log that was not applied",
        })
    }
}

/// A stretch that nothing live stands in. Places are relative to the first bin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) origin: Origin,
    /// Whether bins there say that they belong elsewhere: what they hold is of another hive, or another
    /// state of this one.
    pub(crate) is_foreign: bool,
}

/// All stretches of a hive that nothing live stands in, in order, slack left out.
#[derive(Debug, Default)]
pub(crate) struct Space {
    pub(crate) regions: Vec<Region>,
    /// The same, those that meet made one.
    spans: Vec<Range<u32>>,
}

impl Space {
    /// Goes through all cells once.
    pub(crate) fn of<'d>(hive: Hive<'d>, live: &mut Live<'d>) -> Self {
        let mut space = Self::default();
        let bins = hive.bin_bytes().len();
        let mut end = 0;
        for bin in hive.bins().filter_map(Result::ok) {
            let start = cell_offset(bin.offset()).get() as usize;
            space.add(end, start, Origin::BrokenBin);
            end = start.saturating_add(bin.bytes().len());
            space.cells(hive, live, cell_offset(bin.body().offset()).get() as usize, end);
        }
        space.add(end, bins, Origin::BrokenBin);
        live.waiting_values();
        space.unreferenced(hive, live);
        space.leave_out_live(hive, live);
        space.remnant(hive, bins);
        space.join();
        space
    }

    /// These stretches of a hive of so many bytes; whatever stands there may be referred to.
    pub(crate) fn over(regions: Vec<Region>, length: usize) -> Self {
        let end = u32::try_from(length).unwrap_or(u32::MAX);
        Self { regions, spans: core::iter::once(0..end).collect() }
    }

    /// The cells of a bin.
    fn cells<'d>(&mut self, hive: Hive<'d>, live: &mut Live<'d>, mut at: usize, end: usize) {
        let bytes = hive.bin_bytes().as_slice();
        let layout = hive.layout();
        while at < end {
            let size = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
            let Some(size) = size.map(|size| i32::from_le_bytes(*size)) else { break };
            let length = size.unsigned_abs() as usize;
            let next = at.saturating_add(length);
            if length < 8 || !layout.is_multiple(size.unsigned_abs()) || next > end {
                break;
            }
            if size > 0 {
                self.add(at, next, Origin::FreeCell);
            } else if live.is_waiting(at) {
                live.value(at);
            } else if !live.is_marked(at) {
                // It may still be the data of a value further on.
                live.unclaimed(at);
            }
            at = next;
        }
        self.add(at, end, Origin::BrokenBin);
    }

    /// Adds the allocated cells that nothing leads to.
    fn unreferenced(&mut self, hive: Hive<'_>, live: &Live<'_>) {
        let before = self.regions.len();
        for at in live.unreferenced() {
            let cell = u32::try_from(at).ok().and_then(|at| hive.cell(CellOffset::new(at)).ok());
            let size = cell.map_or(0, Cell::size) as usize;
            self.add(at, at.saturating_add(size), Origin::Unreferenced);
        }
        if self.regions.len() > before {
            self.regions.sort_unstable_by_key(|region| region.start);
        }
    }

    /// Takes out of broken bins the cells that the tree leads to all the same.
    fn leave_out_live(&mut self, hive: Hive<'_>, live: &Live<'_>) {
        if self.regions.iter().all(|region| region.origin != Origin::BrokenBin) {
            return;
        }
        for region in core::mem::take(&mut self.regions) {
            let (mut from, mut at, end) =
                (region.start as usize, region.start as usize, region.end as usize);
            while region.origin == Origin::BrokenBin
                && let Some(marked) = live.next_marked(at, end)
            {
                let cell = u32::try_from(marked).ok().map(CellOffset::new);
                let cell = cell.and_then(|cell| hive.cell(cell).ok());
                let size = cell.filter(|cell| cell.is_allocated()).map_or(0, Cell::size);
                at = marked.saturating_add(size.max(8) as usize);
                if size > 0 {
                    self.add(from, marked, Origin::BrokenBin);
                    from = at;
                }
            }
            self.add(from, end, region.origin);
        }
    }

    /// What follows the last bin: what was left behind when the hive became smaller, or what the disk
    /// held before.
    fn remnant(&mut self, hive: Hive<'_>, start: usize) {
        let bytes = hive.after_base_block().as_slice();
        let (mut from, mut is_foreign) = (start, false);
        for page in (start.next_multiple_of(4096)..bytes.len()).step_by(4096) {
            let header = bytes.get(page..).and_then(|rest| rest.first_chunk::<8>());
            let Some([b'h', b'b', b'i', b'n', offset @ ..]) = header else { continue };
            let belongs = u32::from_le_bytes(*offset) as usize == page;
            if belongs == is_foreign {
                self.add_as(from, page, Origin::Remnant, is_foreign);
                (from, is_foreign) = (page, !belongs);
            }
        }
        self.add_as(from, bytes.len(), Origin::Remnant, is_foreign);
    }

    fn add(&mut self, start: usize, end: usize, origin: Origin) {
        self.add_as(start, end, origin, false);
    }

    fn add_as(&mut self, start: usize, end: usize, origin: Origin, is_foreign: bool) {
        if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end))
            && start < end
        {
            self.regions.push(Region { start, end, origin, is_foreign });
        }
    }

    fn join(&mut self) {
        for Region { start, end, .. } in &self.regions {
            match self.spans.last_mut() {
                Some(last) if last.end == *start => last.end = *end,
                _ => self.spans.push(*start..*end),
            }
        }
    }

    /// Where the stretch that holds this place ends; `None` where something live stands there.
    pub(crate) fn end_at(&self, at: u32) -> Option<u32> {
        let index = self.spans.partition_point(|span| span.end <= at);
        let span = self.spans.get(index)?;
        span.contains(&at).then_some(span.end)
    }

    fn region(&self, at: u32) -> Option<&Region> {
        let index = self.regions.partition_point(|region| region.end <= at);
        self.regions.get(index).filter(|region| region.start <= at)
    }

    /// Where the region that holds this place ends: of a free cell, its end.
    pub(crate) fn cell_end(&self, at: u32) -> Option<u32> {
        self.region(at).map(|region| region.end)
    }

    /// What kind of place it is.
    pub(crate) fn origin_at(&self, at: u32) -> Option<Origin> {
        self.region(at).map(|region| region.origin)
    }

    /// Whether nothing live stands in all of these bytes.
    pub(crate) fn is_clear(&self, start: u32, length: usize) -> bool {
        let needed = u64::from(start).saturating_add(length as u64);
        self.end_at(start).is_some_and(|end| u64::from(end) >= needed)
    }

    /// The parts of a stretch that nothing live stands in.
    pub(crate) fn clear_parts(&self, start: u32, end: u32) -> impl Iterator<Item = Range<u32>> {
        let first = self.spans.partition_point(|span| span.end <= start);
        let spans = self.spans.get(first..).unwrap_or_default().iter();
        spans
            .take_while(move |span| span.start < end)
            .map(move |span| span.start.max(start)..span.end.min(end))
    }
}
