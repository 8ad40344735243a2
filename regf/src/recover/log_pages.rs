// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recovery from logs: records in pages of entries that replay does not apply, and records that replay
//! overwrites.

use alloc::vec::Vec;

use crate::bytes::Bytes;
use crate::error::Result;
use crate::hive::Hive;
use crate::log::Plan;
use crate::log::history::LeftOver;
use crate::offset::{BASE_BLOCK_LENGTH, FileOffset};
use crate::recover::live::Live;
use crate::recover::space::{Region, Space};
use crate::recover::{Recovered, Recovery, SpaceKind};

/// Log entry that a recovered record comes from, with the places of its pages in the hive.
#[derive(Clone, Copy, Debug)]
pub struct LogPlace<'a, 'd> {
    /// Entry of the log.
    pub entry: LeftOver<'d>,
    places: &'a [Placed],
}

impl LogPlace<'_, '_> {
    /// Converts an offset of a recovered record into an offset in the log, from the start of the log.
    /// Returns `None` if the byte is not from the log.
    pub fn log_offset(&self, of: FileOffset) -> Option<FileOffset> {
        let at = of.get().checked_sub(u64::from(BASE_BLOCK_LENGTH))?;
        let placed = self.places.iter().rev().find(|it| {
            let start = u64::from(it.start);
            (start..start.saturating_add(u64::from(it.length))).contains(&at)
        })?;
        Some(placed.log_offset.plus(at.saturating_sub(u64::from(placed.start))))
    }
}

/// Page of an entry at its place in the copy of the hive.
#[derive(Clone, Copy, Debug)]
struct Placed {
    start: u32,
    length: u32,
    log_offset: FileOffset,
    /// Whether the place of the page in the hive is unknown.
    is_foreign: bool,
}

impl<'d> Recovery<'d> {
    /// Recovers the records in the pages of an entry. `hive` already contains these pages.
    fn of_pages(hive: Hive<'d>, placed: &[Placed]) -> Self {
        let region = |it: &Placed| Region {
            start: it.start,
            end: it.start.saturating_add(it.length),
            space: SpaceKind::LogPage,
            is_foreign: it.is_foreign,
        };
        let mut regions: Vec<Region> = placed.iter().map(region).collect();
        regions.sort_unstable_by_key(|region| region.start);
        let live = Live::all(hive);
        let space = Space::over(regions, hive.after_base_block().len());
        Self::search_in(hive, live, space)
    }
}

/// Recovers records from log entries that replay does not apply: older entries, entries after a gap, and
/// entries after a damaged entry. `current` is the hive after the replay of the plan.
///
/// The function writes the pages of each entry into a copy of the current state. References out of
/// the pages lead to current content. Records from these pages are therefore less certain than
/// records from one file. Records with the same bytes at the same place in the current state are
/// skipped. The order is by log, then by offset in the log.
pub fn recover_left_over(
    plan: &Plan<'_>,
    current: Hive<'_>,
    mut see: impl FnMut(LogPlace<'_, '_>, Recovered<'_, '_>),
) {
    let entries: Vec<LeftOver<'_>> = plan.left_over_entries().collect();
    if entries.is_empty() {
        return;
    }
    let now = current.after_base_block().as_slice();
    // Pages far beyond the hive can belong to another hive. The bound `most` keeps the size of the copy in
    // proportion to the sizes of the hive and its logs.
    let of_logs = plan.logs().iter().fold(0_usize, |sum, log| sum.saturating_add(log.len()));
    let most = now.len().saturating_add(of_logs);
    let mut bytes = current.whole_file().to_vec();
    for entry in entries {
        let mut placed = Vec::new();
        for page in entry.pages() {
            place(&mut bytes, now.len(), most, page.target.get(), page.data, &mut placed);
        }
        let Ok(state) = Hive::parse(&bytes) else { return };
        let recovery = Recovery::of_pages(state, &placed);
        for found in recovery.iter() {
            if !is_as_now(found, now) {
                see(LogPlace { entry, places: &placed }, found);
            }
        }
    }
}

/// Recovers records from the file on disk that replay overwrites in `current`.
///
/// # Errors
/// If `hive` is not a hive.
pub fn recover_overwritten(
    hive: &[u8],
    current: Hive<'_>,
    mut see: impl FnMut(Recovered<'_, '_>),
) -> Result<()> {
    let now = current.after_base_block().as_slice();
    let recovery = Hive::parse(hive)?.recover();
    recovery.iter().filter(|found| !is_as_now(*found, now)).for_each(&mut see);
    Ok(())
}

/// Writes a page at its place. A page without a known place goes after all other pages.
fn place(
    bytes: &mut Vec<u8>,
    length: usize,
    most: usize,
    target: u32,
    data: Bytes<'_>,
    placed: &mut Vec<Placed>,
) {
    let base = BASE_BLOCK_LENGTH as usize;
    let end = (target as usize).saturating_add(data.len());
    let is_foreign = target == u32::MAX || end > most;
    let behind = || {
        let last =
            placed.iter().filter(|it| it.is_foreign).map(|it| it.start.saturating_add(it.length));
        last.max().map_or(most.next_multiple_of(8), |end| (end as usize).next_multiple_of(8))
    };
    let start = if is_foreign { behind() } else { target as usize };
    let end = start.saturating_add(data.len());
    let (Ok(start), Ok(size)) = (u32::try_from(start), u32::try_from(data.len())) else { return };
    if bytes.len() < base.saturating_add(end) {
        bytes.resize(base.saturating_add(end).max(base.saturating_add(length)), 0);
    }
    let at = base.saturating_add(start as usize);
    if let Some(to) = bytes.get_mut(at..).and_then(|rest| rest.get_mut(..data.len())) {
        to.copy_from_slice(data.as_slice());
        placed.push(Placed { start, length: size, log_offset: data.offset(), is_foreign });
    }
}

/// Returns whether the current state has the same bytes in all spans of a record.
fn is_as_now(found: Recovered<'_, '_>, now: &[u8]) -> bool {
    let state = found.recovery.hive.after_base_block().as_slice();
    found.spans().iter().all(|span| {
        let at = |offset: u64| {
            let at = offset.saturating_sub(u64::from(BASE_BLOCK_LENGTH));
            usize::try_from(at).unwrap_or(usize::MAX)
        };
        let range = at(span.start)..at(span.end);
        state.get(range.clone()) == now.get(range)
    })
}
