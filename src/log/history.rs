// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`history`]: the states that a hive went through from one update of its logs to the next; and
//! [`left_over_entries`]: what its logs hold of other states (REGF 6, 8).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use crate::bytes::{Bytes, CellOffset};
use crate::log::dirt::Dirt;
use crate::log::hvle::Entry;
use crate::log::plan::{Pages, Plan, Update, join};
use crate::log::replay::{Refusal, Replay, Written};
use crate::log::{Format, Log, Page};

/// How finely bytes that change are told from those that stay: of each so many, no more than one stretch.
const GRAIN: usize = 64;

/// A hive in one of its states.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// All its bytes, base block included; as many in each state as the largest has.
    pub bytes: &'a [u8],
    /// The update that led to it; `None` for the state before any: the file as it lies. A machine that
    /// stopped while it wrote the file may have left pages of later states there. Where the checksum of
    /// its base block is wrong, that is the log's already.
    pub update: Option<Applied<'a>>,
}

/// An update of a hive.
#[derive(Clone, Copy, Debug)]
pub struct Applied<'a> {
    /// Which of the logs, by its place among those that were given.
    pub log: usize,
    /// The sequence number of the entry; of the base block for a log of the old format.
    pub sequence: u32,
    /// Where it begins in the log, in bytes from its start.
    pub log_offset: u64,
    /// Bytes of all bins before and after it.
    pub bins: (u32, u32),
    /// Which bytes of the hive it changed, in the order in which it wrote them: the others it wrote were
    /// there already. Between two bytes that differ may be some that do not. The base block, and zeros that
    /// the hive grew by, are not among them: they are in no log.
    pub changed: &'a [Written],
}

/// Steps through the states of a hive: as it lies, then after each update of its logs that
/// [`replay`](crate::log::replay::replay) applies, in that order. One copy of the hive is made, and only
/// if there is an update; `see` may end it.
///
/// ```
/// use calhive::log::history::history;
/// use core::ops::ControlFlow;
/// use hive_forge::log::{History, NewCrash};
///
/// let forged = History::random(1, 30, 3, &Default::default(), 0);
/// let dirty = NewCrash::new(&forged).sequence(7).log("LOG1", 3).build("nothing written");
/// let mut entries = Vec::new();
/// history(&dirty.primary, &[&dirty.logs[0].1.bytes], |step| {
///     entries.extend(step.update.map(|update| update.sequence));
///     ControlFlow::Continue(())
/// });
/// assert_eq!(entries, [7, 8, 9]);
/// ```
pub fn history(
    hive: &[u8],
    logs: &[&[u8]],
    mut see: impl FnMut(Step<'_>) -> ControlFlow<()>,
) -> Replay {
    let plan = Plan::new(hive, logs);
    if plan.updates.is_empty() {
        let _ = see(Step { bytes: hive, update: None });
        return plan.replay;
    }
    // A state in between may be larger than the last.
    let length = hive.len().max(plan.longest());
    let mut bytes = Vec::with_capacity(length);
    bytes.extend_from_slice(hive);
    bytes.resize(length, 0);
    plan.prepare(&mut bytes);
    if see(Step { bytes: &bytes, update: None }).is_break() {
        return plan.replay;
    }
    let (mut bins, mut changed) = (plan.replay.bins_before, Vec::new());
    for update in &plan.updates {
        changed.clear();
        apply(update, &mut bytes, &mut changed);
        plan.seal_after(update, &mut bytes);
        let applied = Applied {
            log: update.log,
            sequence: update.sequence,
            log_offset: update.pages.offset(),
            bins: (bins, update.bins),
            changed: &changed,
        };
        bins = update.bins;
        if see(Step { bytes: &bytes, update: Some(applied) }).is_break() {
            break;
        }
    }
    plan.replay
}

/// Writes the pages of an update in their places, and notes what they change.
fn apply(update: &Update<'_>, bytes: &mut [u8], changed: &mut Vec<Written>) {
    let (log, sequence) = (update.log, update.sequence);
    update.grow(bytes);
    update.pages.each(|page| {
        let (offset, log_offset) = (page.target.file_offset().get(), page.data.offset().get());
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        let place = bytes.get_mut(at..).unwrap_or_default();
        let grains = place.chunks_mut(GRAIN).zip(page.data.as_slice().chunks(GRAIN));
        for (number, (old, new)) in (0_u64..).zip(grains) {
            let differs = |(old, new): (&u8, &u8)| old != new;
            let Some(first) = old.iter().zip(new).position(differs) else { continue };
            let last = old.iter().zip(new).rposition(differs).unwrap_or(first);
            let start = number.saturating_mul(GRAIN as u64).saturating_add(first as u64);
            join(
                changed,
                Written {
                    offset: offset.saturating_add(start),
                    length: (last.saturating_sub(first) as u64).saturating_add(1),
                    log,
                    sequence,
                    log_offset: log_offset.saturating_add(start),
                },
            );
            old.iter_mut().zip(new).for_each(|(old, new)| *old = *new);
        }
    });
}

/// What a log holds of a hive and is not applied to it: an older state, or one that was given up.
#[derive(Clone, Copy)]
pub struct LeftOver<'d> {
    /// Which of the logs, by its place among those that were given.
    pub log: usize,
    /// The sequence number: of the entry, or of the base block for a log of the old format as a whole;
    /// `None` for bytes behind the last sector of one, of which nothing tells when they were written.
    pub sequence: Option<u32>,
    /// Where it begins in the log, in bytes from its start.
    pub log_offset: u64,
    content: Content<'d>,
}

#[derive(Clone, Copy)]
enum Content<'d> {
    Pages(Pages<'d>),
    Bytes(Bytes<'d>),
}

impl<'d> LeftOver<'d> {
    /// Its pages. The target of bytes behind the last sector of a log of the old format is NIL: where in
    /// the hive they stood is not known.
    pub fn pages(&self) -> impl Iterator<Item = Page<'d>> + use<'d> {
        let (mut entry, mut dirt, mut bytes) = (None, None, None);
        match self.content {
            Content::Pages(Pages::Entry(of)) => entry = Some(of),
            Content::Pages(Pages::Dirt(of)) => dirt = Some(of),
            Content::Bytes(data) => bytes = Some(Page { target: CellOffset::NIL, data }),
        }
        let of_entry = entry.into_iter().flat_map(Entry::pages);
        of_entry.chain(dirt.into_iter().flat_map(Dirt::pages)).chain(bytes)
    }
}

impl core::fmt::Debug for LeftOver<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { log, sequence, log_offset, .. } = self;
        write!(f, "LeftOver {{ log: {log}, sequence: {sequence:?}, log_offset: {log_offset:#x} }}")
    }
}

/// What the logs of a hive hold and [`replay`](crate::log::replay::replay) does not apply, log by log:
/// entries with right hashes that are older than the hive, stand behind the last that follows, or come
/// after a gap; logs of the old format that are older, or not the newest; and what stands behind the
/// last sector of one. Logs of other hives are left out.
///
/// ```
/// use calhive::log::history::left_over_entries;
/// use hive_forge::log::{History, NewCrash};
///
/// let forged = History::random(1, 30, 2, &Default::default(), 0);
/// let dirty = NewCrash::new(&forged).log("LOG1", 2).left_over(2).build("one left over");
/// let logs = [&dirty.logs[0].1.bytes[..]];
/// let left: Vec<_> = left_over_entries(&dirty.primary, &logs).collect();
/// assert_eq!(left.len(), 1);
/// assert!(left[0].pages().count() > 0);
/// ```
pub fn left_over_entries<'d>(
    hive: &'d [u8],
    logs: &[&'d [u8]],
) -> impl Iterator<Item = LeftOver<'d>> + use<'d> {
    let plan = Plan::new(hive, logs);
    let applied: BTreeSet<(usize, u64)> =
        plan.updates.iter().map(|update| (update.log, update.pages.offset())).collect();
    let uses = plan.replay.logs.iter().zip(logs).enumerate();
    let own: Vec<(usize, Log<'d>)> = uses
        .filter(|(_, (used, _))| used.refused != Some(Refusal::AnotherHive))
        .filter_map(|(index, (_, bytes))| Some((index, Log::parse(bytes).ok()?)))
        .collect();
    let all = own.into_iter().flat_map(|(index, log)| of_log(index, log));
    all.filter(move |left| !applied.contains(&(left.log, left.log_offset)))
}

/// All that a log holds.
fn of_log<'d>(log: usize, of: Log<'d>) -> impl Iterator<Item = LeftOver<'d>> + use<'d> {
    let entries = (of.format() == Format::New).then(|| of.entries());
    let entries = entries.into_iter().flatten().map(move |entry| {
        let pages = Pages::Entry(entry);
        let (sequence, log_offset) = (Some(entry.sequence()), pages.offset());
        LeftOver { log, sequence, log_offset, content: Content::Pages(pages) }
    });
    let dirt = (of.format() == Format::Old).then(|| of.dirt().ok()).flatten();
    let sectors = dirt.into_iter().flat_map(move |dirt| {
        let (pages, rest) = (Pages::Dirt(dirt), dirt.rest());
        let sequence = Some(of.base_block().sequence().0);
        let content = Content::Pages(pages);
        let whole = LeftOver { log, sequence, log_offset: pages.offset(), content };
        let content = Content::Bytes(rest);
        let log_offset = rest.offset().get();
        let behind = LeftOver { log, sequence: None, log_offset, content };
        [Some(whole), (!rest.is_empty()).then_some(behind)].into_iter().flatten()
    });
    entries.chain(sectors)
}
