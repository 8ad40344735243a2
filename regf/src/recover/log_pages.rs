// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recovery from logs: records in pages that the hive does not hold after the replay, and records that replay
//! overwrites.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use crate::bytes::Bytes;
use crate::error::{Error, Result};
use crate::hive::Hive;
use crate::hive::span::Span;
use crate::log::cover::{Stretch, cover};
use crate::log::history::{LeftOver, is_at_its_place};
use crate::log::{Page, Plan};
use crate::meter::count;
use crate::offset::{BASE_BLOCK_LENGTH, FileOffset};
use crate::recover::allowance::Allowance;
use crate::recover::live::Live;
use crate::recover::space::{Region, Space};
use crate::recover::{Recovered, Recovery, SpaceKind};

/// Log entry that a recovered record comes from, with the places of its pages in the hive.
#[derive(Clone, Copy, Debug)]
pub struct LogPlace<'a, 'd> {
    /// Entry of the log.
    pub entry: LeftOver<'d>,
    places: &'a Places,
}

impl LogPlace<'_, '_> {
    /// Converts an offset of a recovered record into an offset in the log, from the start of the log.
    /// Returns `None` if the byte is not from the log.
    pub fn log_offset(&self, of: FileOffset) -> Option<FileOffset> {
        let at = of.get().checked_sub(u64::from(BASE_BLOCK_LENGTH))?;
        count(1);
        let (_, placed) = self.places.stretches.range(..=at).next_back()?;
        (at < placed.end()).then(|| placed.cut(at..placed.end()).log_offset)
    }
}

/// Page of an entry at its place in the copy of the hive, or the part of it that later pages leave.
#[derive(Clone, Copy, Debug)]
struct Placed {
    start: u32,
    length: u32,
    log_offset: FileOffset,
    /// Whether the place of the page in the hive is unknown.
    is_foreign: bool,
}

impl Stretch for Placed {
    fn start(&self) -> u64 {
        self.start.into()
    }

    fn end(&self) -> u64 {
        self.start().saturating_add(self.length.into())
    }

    fn cut(&self, range: Range<u64>) -> Self {
        let start = self.start().max(range.start);
        let length = self.end().min(range.end).saturating_sub(start);
        let log_offset = self.log_offset.plus(start.saturating_sub(self.start()));
        // A part of the page is not larger than the page.
        let number = |of: u64| u32::try_from(of).unwrap_or(u32::MAX);
        Self { start: number(start), length: number(length), log_offset, ..*self }
    }
}

/// Places of the pages of an entry. Of pages that overlap, the later page counts.
#[derive(Debug, Default)]
struct Places {
    /// Parts of pages by their start. No two parts overlap.
    stretches: BTreeMap<u64, Placed>,
    /// End of the last page without a known place.
    end_of_foreign: usize,
}

impl Places {
    /// Returns the regions to search. Pages that follow each other are one region.
    fn regions(&self, space: SpaceKind) -> Vec<Region> {
        let mut regions: Vec<Region> = Vec::new();
        for part in self.stretches.values() {
            let end = part.start.saturating_add(part.length);
            let follows =
                |last: &&mut Region| last.end == part.start && !last.is_foreign && !part.is_foreign;
            match regions.last_mut().filter(follows) {
                Some(last) => last.end = end,
                None => regions.push(Region {
                    start: part.start,
                    end,
                    space,
                    is_foreign: part.is_foreign,
                }),
            }
        }
        regions
    }
}

impl<'d> Recovery<'d> {
    /// Recovers the records in the pages of an entry. `hive` already contains these pages. Records are
    /// compared with the `current` tree.
    fn of_pages(
        hive: Hive<'d>,
        regions: Vec<Region>,
        current: Arc<Live<'d>>,
        allowance: Allowance,
    ) -> Self {
        let live = Live::all(hive);
        let space = Space::over(regions, hive.after_base_block().len());
        let recovery = Self::search_within(hive, live, space, allowance);
        Self { current: Some(current), ..recovery }
    }
}

/// Recovers records from pages of logs that the hive does not hold after the replay: pages of older entries, of
/// entries after a gap or a damaged entry, and pages of applied entries that later entries overwrite or cut off.
/// `current` is the hive after the replay of the plan.
///
/// The function writes the pages of each entry into a copy of the current state. References out of
/// the pages lead to current content. Records from these pages are therefore less certain than
/// records from one file. Records with the same bytes at the same place in the current state are
/// skipped. [Counterparts](Recovered::counterpart) are keys and values of the current tree. The order is
/// by log, then by offset in the log.
///
/// The entries share one limit of work, in proportion to the hive and its logs. Returns the limits that
/// were reached: the entries can then hold more records, and data, paths or counterparts can be missing.
pub fn recover_from_logs(
    plan: &Plan<'_>,
    current: Hive<'_>,
    mut see: impl FnMut(LogPlace<'_, '_>, Recovered<'_, '_>),
) -> Vec<Error> {
    let now = current.after_base_block().as_slice();
    let entries = plan.left_over_entries().chain(plan.overwritten_updates(now));
    let mut entries: Vec<LeftOver<'_>> = entries.collect();
    entries.sort_by_key(|entry| (entry.log, entry.log_offset));
    let unsearched = plan.unsearched();
    if entries.is_empty() {
        return unsearched.collect();
    }
    // Pages far beyond the hive can belong to another hive. The bound `most` keeps the size of the copy in
    // proportion to the sizes of the hive and its logs.
    let of_logs = plan.logs().iter().fold(0_usize, |sum, log| sum.saturating_add(log.len()));
    let most = now.len().saturating_add(of_logs);
    let mut tree = Live::of(current);
    Space::of(current, &mut tree);
    let tree = Arc::new(tree);
    let mut bytes = current.whole_file().to_vec();
    let mut allowance = Allowance::of(most);
    for entry in entries {
        let mut places = Places::default();
        // The pages that the hive holds are searched there.
        let is_missing = |page: &Page<'_>| !entry.is_applied || !is_at_its_place(*page, now);
        for page in entry.pages().filter(is_missing) {
            place(&mut bytes, now.len(), most, page.target.get(), page.data, &mut places);
        }
        let Ok(state) = Hive::parse_beside(&bytes, current) else { break };
        let space =
            if entry.is_applied { SpaceKind::OverwrittenLogPage } else { SpaceKind::LogPage };
        let regions = places.regions(space);
        let recovery = Recovery::of_pages(state, regions, Arc::clone(&tree), allowance);
        for found in recovery.iter() {
            if !is_as_now(found, now) {
                see(LogPlace { entry, places: &places }, found);
            }
        }
        allowance = recovery.allowance;
    }
    unsearched.chain(allowance.of_search()).chain(allowance.of_records()).collect()
}

/// Recovers records from the file on disk that replay overwrites in `current`. Returns the limits that
/// were reached: the file can then hold more records, and data, paths or counterparts can be missing.
///
/// # Errors
/// If `hive` is not a hive.
pub fn recover_overwritten(
    hive: &[u8],
    current: Hive<'_>,
    mut see: impl FnMut(Recovered<'_, '_>),
) -> Result<Vec<Error>> {
    let now = current.after_base_block().as_slice();
    let recovery = Hive::parse(hive)?.recover();
    recovery.iter().filter(|found| !is_as_now(*found, now)).for_each(&mut see);
    Ok(recovery.faults.iter().copied().chain(recovery.allowance.of_records()).collect())
}

/// Writes a page at its place. A page without a known place goes after all other pages.
fn place(
    bytes: &mut Vec<u8>,
    length: usize,
    most: usize,
    target: u32,
    data: Bytes<'_>,
    places: &mut Places,
) {
    let base = BASE_BLOCK_LENGTH as usize;
    let end = (target as usize).saturating_add(data.len());
    let is_foreign = target == u32::MAX || end > most;
    let behind = || places.end_of_foreign.max(most).next_multiple_of(8);
    let start = if is_foreign { behind() } else { target as usize };
    let end = start.saturating_add(data.len());
    let (Ok(start), Ok(size)) = (u32::try_from(start), u32::try_from(data.len())) else { return };
    if bytes.len() < base.saturating_add(end) {
        bytes.resize(base.saturating_add(end).max(base.saturating_add(length)), 0);
    }
    let at = base.saturating_add(start as usize);
    if let Some(to) = bytes.get_mut(at..).and_then(|rest| rest.get_mut(..data.len())) {
        count(data.len() / 16);
        to.copy_from_slice(data.as_slice());
        let placed = Placed { start, length: size, log_offset: data.offset(), is_foreign };
        cover(&mut places.stretches, placed);
        if is_foreign {
            places.end_of_foreign = end;
        }
    }
}

/// Returns whether the record and its data have the same bytes in the current state.
fn is_as_now(found: Recovered<'_, '_>, now: &[u8]) -> bool {
    let state = found.recovery.hive.after_base_block().as_slice();
    let is_same = |span: Span| {
        let at = |offset: u64| {
            let at = offset.saturating_sub(u64::from(BASE_BLOCK_LENGTH));
            usize::try_from(at).unwrap_or(usize::MAX)
        };
        let range = at(span.start)..at(span.end);
        count((range.len() / 16).saturating_add(1));
        state.get(range.clone()) == now.get(range)
    };
    is_same(found.record_span()) && found.spans().into_iter().all(is_same)
}
