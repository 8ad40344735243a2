// SPDX-License-Identifier: MIT OR Apache-2.0
//! States of a hive from its logs. [`history()`] shows the hive after each update that replay
//! applies. [`left_over_entries`] shows the updates that replay does not apply. See
//! [regf.md](crate::format#logs-of-the-new-format).

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use crate::bytes::Bytes;
use crate::error::Error;
use crate::log::dirt::Dirt;
use crate::log::hvle::LogEntry;
use crate::log::outcome::{ByteSource, Refusal, Replay, Written};
use crate::log::plan::{Plan, join};
use crate::log::update::{Pages, Update, end_of_applied};
use crate::log::zeros::Zeros;
use crate::log::{Format, Log, Page};
use crate::meter::count;
use crate::offset::CellOffset;

/// Granularity of [`Applied::changed`] in bytes. Each block of this size has at most one stretch.
const GRAIN: usize = 64;

/// State of a hive at one point of its history.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// All bytes of the hive, base block included. All states have the same length, which is the
    /// length of the largest state.
    pub bytes: &'a [u8],
    /// Update that produced the state. `None` for the first state, which is the file on disk. If
    /// Windows stopped in the middle of a write, the file can already hold pages of later states.
    /// If the checksum of the base block in the file is wrong, the first state has the base block
    /// of the log instead.
    pub update: Option<Applied<'a>>,
}

/// An update that was applied to a hive.
#[derive(Clone, Copy, Debug)]
pub struct Applied<'a> {
    /// Index of the log in the list given by the caller.
    pub log: usize,
    /// Sequence number of the entry. For a log of the old format, sequence number of its base block.
    pub sequence: u32,
    /// Offset of the update, from the start of the log.
    pub log_offset: u64,
    /// Size of all bins before and after the update, in bytes.
    pub bins: (u32, u32),
    /// Stretches of the hive that the update changed, in the order of the writes. A stretch can
    /// contain single bytes that did not change. The list omits the base block and the zeros in new
    /// bins, because no log holds these bytes.
    pub changed: &'a [Written],
}

/// Passes the states of a hive to `see`: the file on disk, then the hive after each update that
/// [`replay`](crate::log::replay::replay) applies. `see` can stop early with [`ControlFlow::Break`].
///
/// The function copies the hive once, or not at all if no update applies.
///
/// ```
/// use calhive_regf::log::history::history;
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
    see: impl FnMut(Step<'_>) -> ControlFlow<()>,
) -> Replay {
    let plan = Plan::new(hive, logs);
    plan.history(see);
    plan.replay
}

impl<'d> Plan<'d> {
    /// Passes the states of the hive to `see`, like [`history()`].
    pub fn history(&self, mut see: impl FnMut(Step<'_>) -> ControlFlow<()>) {
        if self.updates.is_empty() {
            let _ = see(Step { bytes: self.hive, update: None });
            return;
        }
        // An earlier state can be larger than the last state.
        let length = self.hive.len().max(self.longest());
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(self.hive);
        bytes.resize(length, 0);
        self.prepare(&mut bytes);
        if see(Step { bytes: &bytes, update: None }).is_break() {
            return;
        }
        let (mut bins, mut changed) = (self.replay.bins_before, Vec::new());
        let mut zeros = Zeros::default();
        for update in &self.updates {
            changed.clear();
            apply(update, &mut bytes, &mut changed, &mut zeros);
            self.seal_after(update, &mut bytes);
            let applied = Applied {
                log: update.log,
                sequence: update.sequence,
                log_offset: update.pages.offset(),
                bins: (bins, update.bins),
                changed: &changed,
            };
            bins = update.bins;
            if see(Step { bytes: &bytes, update: Some(applied) }).is_break() {
                return;
            }
        }
    }

    /// Returns the limit of each log that was not searched to its end for updates. The offset is that in the log.
    pub(crate) fn unsearched(&self) -> impl Iterator<Item = Error> {
        self.logs.iter().enumerate().filter_map(|(index, bytes)| {
            let log = Log::parse(bytes).ok().filter(|log| log.format() == Format::New)?;
            let mut entries = log.entries_from(end_of_applied(&self.updates, index));
            entries.by_ref().for_each(drop);
            entries.limit()
        })
    }

    /// Iterates over the updates that the replay does not apply, like [`left_over_entries`].
    pub fn left_over_entries(&self) -> impl Iterator<Item = LeftOver<'d>> + use<'d> {
        let applied: BTreeSet<(usize, u64)> =
            self.updates.iter().map(|update| (update.log, update.pages.offset())).collect();
        let uses = self.replay.logs.iter().zip(&self.logs).enumerate();
        let own: Vec<(usize, Log<'d>, usize)> = uses
            .filter(|(_, (used, _))| used.refused != Some(Refusal::AnotherHive))
            .filter_map(|(index, (_, bytes))| {
                Some((index, Log::parse(bytes).ok()?, end_of_applied(&self.updates, index)))
            })
            .collect();
        let all = own.into_iter().flat_map(|(index, log, from)| of_log(index, log, from));
        all.filter(move |left| !applied.contains(&(left.log, left.log_offset)))
    }

    /// Iterates over the applied updates with bytes that later updates overwrite or cut off. `now` are the bytes
    /// after the base block of the hive after the replay.
    pub(crate) fn overwritten_updates(&self, now: &[u8]) -> impl Iterator<Item = LeftOver<'d>> {
        self.updates.iter().filter_map(|&Update { log, sequence, pages, .. }| {
            let mut is_overwritten = false;
            pages.each(|page| is_overwritten |= !is_at_its_place(page, now));
            let (sequence, log_offset) = (Some(sequence), pages.offset());
            let content = Content::Pages(pages);
            is_overwritten.then_some(LeftOver {
                log,
                sequence,
                log_offset,
                is_applied: true,
                content,
            })
        })
    }
}

/// Whether the bins hold the bytes of a page at its place.
pub(crate) fn is_at_its_place(page: Page<'_>, bins: &[u8]) -> bool {
    let start = page.target.get() as usize;
    count(page.data.len() / 16);
    bins.get(start..start.saturating_add(page.data.len())) == Some(page.data.as_slice())
}

/// Writes the pages of an update, and records the stretches that change.
fn apply(update: &Update<'_>, bytes: &mut [u8], changed: &mut Vec<Written>, zeros: &mut Zeros) {
    let (log, sequence) = (update.log, update.sequence);
    zeros.fill(bytes, update.growth());
    update.pages.each(|page| {
        let (offset, log_offset) = (page.target.file_offset().get(), page.data.offset().get());
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        zeros.forget(at..at.saturating_add(page.data.len()));
        let place = bytes.get_mut(at..).unwrap_or_default();
        let grains = place.chunks_mut(GRAIN).zip(page.data.as_slice().chunks(GRAIN));
        for (number, (old, new)) in (0_u64..).zip(grains) {
            count(GRAIN / 16);
            if old.get(..new.len()) == Some(new) {
                continue;
            }
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
                    source: ByteSource::Page,
                },
            );
            old.iter_mut().zip(new).for_each(|(old, new)| *old = *new);
        }
    });
}

/// Update in a log whose pages belong to an older or abandoned state of the hive: an update that replay does not
/// apply, or one whose pages later updates overwrite.
#[derive(Clone, Copy)]
pub struct LeftOver<'d> {
    /// Index of the log in the list given by the caller.
    pub log: usize,
    /// Sequence number of the entry. For a log of the old format, sequence number of its base
    /// block. `None` for the bytes after the last dirty sector of a log of the old format, because
    /// their age is unknown.
    pub sequence: Option<u32>,
    /// Offset of the update, from the start of the log.
    pub log_offset: u64,
    /// Whether the replay applies the update. The hive then holds its pages, except what later updates overwrite
    /// or cut off.
    pub is_applied: bool,
    content: Content<'d>,
}

#[derive(Clone, Copy)]
enum Content<'d> {
    Pages(Pages<'d>),
    Bytes(Bytes<'d>),
}

impl<'d> LeftOver<'d> {
    /// Iterates over the pages. In a log of the old format, the bytes after the last dirty sector
    /// have the target NIL, because their place in the hive is unknown.
    pub fn pages(&self) -> impl Iterator<Item = Page<'d>> + use<'d> {
        let (mut entry, mut dirt, mut bytes) = (None, None, None);
        match self.content {
            Content::Pages(Pages::Entry(of)) => entry = Some(of),
            Content::Pages(Pages::Dirt(of)) => dirt = Some(of),
            Content::Bytes(data) => bytes = Some(Page { target: CellOffset::NIL, data }),
        }
        let of_entry = entry.into_iter().flat_map(LogEntry::pages);
        of_entry.chain(dirt.into_iter().flat_map(Dirt::pages)).chain(bytes)
    }
}

impl core::fmt::Debug for LeftOver<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { log, sequence, log_offset, .. } = self;
        write!(f, "LeftOver {{ log: {log}, sequence: {sequence:?}, log_offset: {log_offset:#x} }}")
    }
}

/// Iterates over the updates that [`replay`](crate::log::replay::replay) does not apply, log by log:
///
/// - entries with valid hashes that are older than the hive, or that follow a gap or a damaged
///   entry,
/// - logs of the old format that are older than the hive, or that are not the newest log,
/// - bytes after the last sector of a log of the old format.
///
/// Logs of other hives are ignored.
///
/// ```
/// use calhive_regf::log::history::left_over_entries;
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
    Plan::new(hive, logs).left_over_entries()
}

/// Iterates over the updates in a log, from an offset in a log of the new format.
fn of_log<'d>(
    log: usize,
    of: Log<'d>,
    from: usize,
) -> impl Iterator<Item = LeftOver<'d>> + use<'d> {
    let entries = (of.format() == Format::New).then(|| of.entries_from(from));
    let entries = entries.into_iter().flatten().map(move |entry| {
        let pages = Pages::Entry(entry);
        let (sequence, log_offset) = (Some(entry.sequence()), pages.offset());
        LeftOver { log, sequence, log_offset, is_applied: false, content: Content::Pages(pages) }
    });
    let dirt = (of.format() == Format::Old).then(|| of.dirt().ok()).flatten();
    let sectors = dirt.into_iter().flat_map(move |dirt| {
        let (pages, rest) = (Pages::Dirt(dirt), dirt.rest());
        let sequence = Some(of.base_block().sequence().0);
        let content = Content::Pages(pages);
        let (log_offset, is_applied) = (pages.offset(), false);
        let whole = LeftOver { log, sequence, log_offset, is_applied, content };
        let content = Content::Bytes(rest);
        let log_offset = rest.offset().get();
        let behind = LeftOver { log, sequence: None, log_offset, is_applied, content };
        [Some(whole), (!rest.is_empty()).then_some(behind)].into_iter().flatten()
    });
    entries.chain(sectors)
}
