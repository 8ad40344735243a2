// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Space`]: the unused space of a hive, and [`SpaceKind`]: its kinds.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use crate::hive::Hive;
use crate::hive::cell::{Cell, Layout};
use crate::hive::hbin::cell_offset;
use crate::meter::count;
use crate::offset::CellOffset;
use crate::recover::live::Live;

/// Kind of space that a record was recovered from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum SpaceKind {
    /// A free cell: deleted content that was not overwritten.
    FreeCell,
    /// An allocated cell that nothing refers to.
    Unreferenced,
    /// Bytes of a live cell after its content.
    Slack,
    /// Bytes of a bin whose header or cell chain is broken.
    BrokenBin,
    /// Bytes after the last bin.
    Remnant,
    /// A page of a log entry that replay does not apply.
    LogPage,
    /// A page of an applied log entry that later entries overwrite.
    OverwrittenLogPage,
    /// Unallocated clusters of a volume, outside every hive. Recovery from a hive never returns this kind.
    UnallocatedClusters,
}

impl SpaceKind {
    /// Whether the record is in a page of a log.
    pub(crate) const fn is_of_log(self) -> bool {
        matches!(self, Self::LogPage | Self::OverwrittenLogPage)
    }
}

impl fmt::Display for SpaceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FreeCell => "free cell",
            Self::Unreferenced => "unreferenced cell",
            Self::Slack => "slack of a live cell",
            Self::BrokenBin => "broken bin",
            Self::Remnant => "bytes after the last bin",
            Self::LogPage => "unapplied log page",
            Self::OverwrittenLogPage => "overwritten log page",
            Self::UnallocatedClusters => "unallocated clusters of the volume",
        })
    }
}

/// A region of unused space. Places count from the first bin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) space: SpaceKind,
    /// Whether bins in the region store offsets other than their own. The content of the region is
    /// then from another hive, or from another state of this hive.
    pub(crate) is_foreign: bool,
}

/// All unused space of a hive except slack, in order.
#[derive(Debug, Default)]
pub(crate) struct Space {
    pub(crate) regions: Vec<Region>,
    /// The same space, with adjacent regions joined.
    spans: Vec<Range<u32>>,
}

impl Space {
    /// Finds the unused space. The function visits each cell once.
    pub(crate) fn of<'d>(hive: Hive<'d>, live: &mut Live<'d>) -> Self {
        let mut space = Self::default();
        let bins = hive.bin_bytes().len();
        let mut end = 0;
        for bin in hive.bins().filter_map(Result::ok) {
            let start = cell_offset(bin.offset()).get() as usize;
            space.add(end, start, SpaceKind::BrokenBin);
            end = start.saturating_add(bin.bytes().len());
            let body = bin.body();
            let at = cell_offset(body.offset()).get() as usize;
            space.cells(hive.layout(), live, at, body.as_slice());
        }
        space.add(end, bins, SpaceKind::BrokenBin);
        live.finish();
        space.unreferenced(hive, live);
        space.leave_out_live(hive, live);
        space.remnant(hive, bins);
        space.join();
        space
    }

    /// Returns a space of these regions in a hive of `length` bytes, where every byte of the hive
    /// counts as unused.
    pub(crate) fn over(regions: Vec<Region>, length: usize) -> Self {
        let end = u32::try_from(length).unwrap_or(u32::MAX);
        Self { regions, spans: core::iter::once(0..end).collect() }
    }

    /// Visits the cells of a bin: `rest` are its bytes from the first cell on, at `at`.
    fn cells<'d>(
        &mut self,
        layout: Layout,
        live: &mut Live<'d>,
        mut at: usize,
        mut rest: &'d [u8],
    ) {
        let end = at.saturating_add(rest.len());
        while let Some((size, behind)) = rest.split_first_chunk::<4>() {
            count(1);
            let size = i32::from_le_bytes(*size);
            let length = size.unsigned_abs();
            if length < 8 || !layout.is_multiple(length) {
                break;
            }
            let content = length.wrapping_sub(4) as usize;
            let Some((content, next)) = behind.split_at_checked(content) else { break };
            let next_at = at.saturating_add(length as usize);
            if size > 0 {
                self.add(at, next_at, SpaceKind::FreeCell);
            } else {
                live.pass(at, content);
            }
            (at, rest) = (next_at, next);
        }
        self.add(at, end, SpaceKind::BrokenBin);
    }

    /// Adds the allocated cells that nothing refers to.
    fn unreferenced(&mut self, hive: Hive<'_>, live: &Live<'_>) {
        let before = self.regions.len();
        for at in live.unreferenced() {
            let cell = u32::try_from(at).ok().and_then(|at| hive.cell(CellOffset::new(at)).ok());
            let size = cell.map_or(0, Cell::size) as usize;
            self.add(at, at.saturating_add(size), SpaceKind::Unreferenced);
        }
        if self.regions.len() > before {
            self.regions.sort_unstable_by_key(|region| region.start);
        }
    }

    /// Removes live cells from broken bins.
    fn leave_out_live(&mut self, hive: Hive<'_>, live: &Live<'_>) {
        if self.regions.iter().all(|region| region.space != SpaceKind::BrokenBin) {
            return;
        }
        for region in core::mem::take(&mut self.regions) {
            let (mut from, mut at, end) =
                (region.start as usize, region.start as usize, region.end as usize);
            while region.space == SpaceKind::BrokenBin
                && let Some(marked) = live.next_marked(at, end)
            {
                let cell = u32::try_from(marked).ok().map(CellOffset::new);
                let cell = cell.and_then(|cell| hive.cell(cell).ok());
                let size = cell.filter(|cell| cell.is_allocated()).map_or(0, Cell::size);
                at = marked.saturating_add(size.max(8) as usize);
                if size > 0 {
                    self.add(from, marked, SpaceKind::BrokenBin);
                    from = at;
                }
            }
            self.add(from, end, region.space);
        }
    }

    /// Adds the bytes after the last bin: remnants of a larger hive, or older content of the disk.
    fn remnant(&mut self, hive: Hive<'_>, start: usize) {
        let bytes = hive.after_base_block().as_slice();
        let (mut from, mut is_foreign) = (start, false);
        for page in (start.next_multiple_of(4096)..bytes.len()).step_by(4096) {
            let header = bytes.get(page..).and_then(|rest| rest.first_chunk::<8>());
            let Some([b'h', b'b', b'i', b'n', offset @ ..]) = header else { continue };
            let belongs = u32::from_le_bytes(*offset) as usize == page;
            if belongs == is_foreign {
                self.add_as(from, page, SpaceKind::Remnant, is_foreign);
                (from, is_foreign) = (page, !belongs);
            }
        }
        self.add_as(from, bytes.len(), SpaceKind::Remnant, is_foreign);
    }

    fn add(&mut self, start: usize, end: usize, space: SpaceKind) {
        self.add_as(start, end, space, false);
    }

    fn add_as(&mut self, start: usize, end: usize, space: SpaceKind, is_foreign: bool) {
        count(1);
        if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end))
            && start < end
        {
            self.regions.push(Region { start, end, space, is_foreign });
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

    /// Returns the end of the unused space around this place. `None` if the place is in use.
    pub(crate) fn end_at(&self, at: u32) -> Option<u32> {
        count(1);
        let index = self.spans.partition_point(|span| span.end <= at);
        let span = self.spans.get(index)?;
        span.contains(&at).then_some(span.end)
    }

    fn region(&self, at: u32) -> Option<&Region> {
        count(1);
        let index = self.regions.partition_point(|region| region.end <= at);
        self.regions.get(index).filter(|region| region.start <= at)
    }

    /// Returns the end of the region around this place. In a free cell, this is the end of the cell.
    pub(crate) fn cell_end(&self, at: u32) -> Option<u32> {
        self.region(at).map(|region| region.end)
    }

    /// Returns the kind of space at this place.
    pub(crate) fn kind_at(&self, at: u32) -> Option<SpaceKind> {
        self.region(at).map(|region| region.space)
    }

    /// Returns whether all of these bytes are unused.
    pub(crate) fn is_clear(&self, start: u32, length: usize) -> bool {
        let needed = u64::from(start).saturating_add(length as u64);
        self.end_at(start).is_some_and(|end| u64::from(end) >= needed)
    }

    /// Iterates over the unused parts of a range.
    pub(crate) fn clear_parts(&self, start: u32, end: u32) -> impl Iterator<Item = Range<u32>> {
        let first = self.spans.partition_point(|span| span.end <= start);
        let spans = self.spans.get(first..).unwrap_or_default().iter();
        spans
            .take_while(move |span| span.start < end)
            .inspect(|_| count(1))
            .map(move |span| span.start.max(start)..span.end.min(end))
    }
}
