// SPDX-License-Identifier: MIT OR Apache-2.0
//! What stands in logs and is in no state that replay leads to: records in pages of entries that are
//! older than the hive, or were left over.

use alloc::vec::Vec;

use crate::bytes::{BASE_BLOCK_LENGTH, Bytes, FileOffset};
use crate::error::Result;
use crate::hive::Hive;
use crate::log::history::{LeftOver, left_over_entries};
use crate::recover::live::Live;
use crate::recover::space::{Region, Space};
use crate::recover::{Origin, Recovered, Recovery};

/// The bytes of an entry, laid over the hive where they belong.
#[derive(Clone, Copy, Debug)]
pub struct FromLog<'a, 'd> {
    /// The entry.
    pub entry: LeftOver<'d>,
    places: &'a [Placed],
}

impl FromLog<'_, '_> {
    /// Where a byte of something that was recovered stands in the log, in bytes from its start.
    pub fn log_offset(&self, of: FileOffset) -> Option<FileOffset> {
        let at = of.get().checked_sub(u64::from(BASE_BLOCK_LENGTH))?;
        let placed = self.places.iter().rev().find(|it| {
            let start = u64::from(it.start);
            (start..start.saturating_add(u64::from(it.length))).contains(&at)
        })?;
        Some(placed.log_offset.plus(at.saturating_sub(u64::from(placed.start))))
    }
}

/// Bytes of an entry in the hive that they were laid over.
#[derive(Clone, Copy, Debug)]
struct Placed {
    start: u32,
    length: u32,
    log_offset: FileOffset,
    /// Whether nothing says where in the hive they belong.
    is_foreign: bool,
}

impl<'d> Recovery<'d> {
    /// What was recovered from the pages of an entry that are laid over this hive.
    fn of_pages(hive: Hive<'d>, placed: &[Placed]) -> Self {
        let region = |it: &Placed| Region {
            start: it.start,
            end: it.start.saturating_add(it.length),
            origin: Origin::LogPage,
            is_foreign: it.is_foreign,
        };
        let mut regions: Vec<Region> = placed.iter().map(region).collect();
        regions.sort_unstable_by_key(|region| region.start);
        let live = Live::all(hive);
        let space = Space::over(regions, hive.after_base_block().len());
        Self::search_in(hive, live, space)
    }
}

/// Hands out what stands in the logs of a hive and in no state of it that replay leads to: records in
/// entries that are older, stand behind the last that follows, or come after a gap, oldest entry first
/// in each log. `hive` is the one as it lies, `current` the same with its logs applied.
///
/// The pages of each entry are laid over a copy of the current state; what they refer to and do not hold
/// is taken from there, so all of it is less certain than what lies in one piece. Records that the current
/// state has at the same place with the same bytes are left out.
pub fn recover_left_over(
    hive: &[u8],
    current: Hive<'_>,
    logs: &[&[u8]],
    mut see: impl FnMut(FromLog<'_, '_>, Recovered<'_, '_>),
) {
    let entries: Vec<LeftOver<'_>> = left_over_entries(hive, logs).collect();
    if entries.is_empty() {
        return;
    }
    let now = current.after_base_block().as_slice();
    // Where pages lie far beyond the hive, another one may be meant: memory stays bounded by what there is.
    let of_logs = logs.iter().fold(0_usize, |sum, log| sum.saturating_add(log.len()));
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
                see(FromLog { entry, places: &placed }, found);
            }
        }
    }
}

/// Hands out what was recovered from the file as it lies and has gone from the state that its logs lead to:
/// replay writes over it.
///
/// # Errors
/// Where the file as it lies is no hive.
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

/// Writes a page in its place; one that has none goes behind all others.
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

/// Whether the current state has the same bytes in all places that a thing is made of.
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
