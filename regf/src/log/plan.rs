// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Plan`]: the logs that apply to a hive, their order, and their writes. See
//! [regf.md](crate::format#replay-order).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use zerocopy::{FromBytes as _, IntoBytes};

use crate::error::{Error, ErrorKind, Field, Limit, Structure};
use crate::hive::base_block::BaseBlock;
use crate::hive::upcase;
use crate::log::cover::cover;
use crate::log::hvle::LogEntry;
use crate::log::outcome::{ByteSource, LogUse, Refusal, Replay, Untouched, Written};
use crate::log::update::{Pages, Update, end_of_applied};
use crate::log::zeros::Zeros;
use crate::log::{Format, Log, Sequence};
use crate::meter::count;
use crate::offset::{BASE_BLOCK_LENGTH, FileOffset};
use crate::raw;

/// All writes of a replay. To make a plan, calhive checks the hashes of all entries. One plan therefore
/// serves the [replay](crate::Image::replay_by), the [history](Self::history) and the entries that are
/// [left over](Self::left_over_entries).
///
/// ```
/// use calhive_regf::log::Plan;
/// use hive_forge::log::{History, NewCrash};
///
/// let forged = History::random(1, 30, 3, &Default::default(), 0);
/// let dirty = NewCrash::new(&forged).sequence(7).log("LOG1", 3).build("nothing written");
/// let plan = Plan::new(&dirty.primary, &[&dirty.logs[0].1.bytes]);
/// assert!(plan.outcome().is_applied());
/// assert_eq!(plan.left_over_entries().count(), 0);
/// ```
pub struct Plan<'d> {
    /// The bytes of the hive.
    pub(super) hive: &'d [u8],
    pub(super) replay: Replay,
    pub(super) updates: Vec<Update<'d>>,
    /// Base block before the first update. If the checksum in the file is wrong, the base block
    /// comes from a log. `None` if no update applies.
    base: Option<raw::BaseBlockHead>,
    pub(super) logs: Vec<&'d [u8]>,
    /// Largest possible size of all bins: the bytes of hive and logs together. If a hive grows, its
    /// logs hold the new bytes.
    room: u64,
}

impl<'d> Plan<'d> {
    /// Finds the logs that apply to a hive. The order of the logs does not matter.
    pub fn new(hive: &'d [u8], logs: &[&'d [u8]]) -> Self {
        let head = raw::BaseBlockHead::ref_from_prefix(hive).ok().map(|(head, _)| head);
        let block = head.map(BaseBlock::of);
        let bins = block.map_or(0, BaseBlock::bins_size);
        let in_logs = logs.iter().fold(0, |sum: u64, log| sum.saturating_add(log.len() as u64));
        let in_hive = (hive.len() as u64).saturating_sub(u64::from(BASE_BLOCK_LENGTH));
        let mut plan = Self {
            hive,
            room: in_hive.saturating_add(in_logs),
            replay: Replay {
                logs: Vec::new(),
                untouched: None,
                base_block_rebuilt: false,
                bins_before: bins,
                bins_after: bins,
                sequence: block.map_or(0, |block| block.sequence().0),
                order: Vec::new(),
                written: Vec::new(),
            },
            updates: Vec::new(),
            base: None,
            logs: logs.to_vec(),
        };
        let mut logs: Vec<Option<Log<'d>>> = logs.iter().map(|log| plan.consider(log)).collect();
        if let Some(block) = block {
            plan.refuse_logs_of_other_hives(block, &mut logs);
        }
        match block {
            Some(block) if !block.is_dirty() => plan.refuse_all(&logs, Refusal::HiveIsClean),
            Some(block) => plan.recover(block, hive, &logs),
            None => {}
        }
        if plan.base.is_none() {
            let clean = block.is_some_and(|block| !block.is_dirty());
            plan.replay.untouched = Some(if clean { Untouched::Clean } else { Untouched::NoLog });
        }
        plan.settle(hive.len());
        plan
    }

    /// Returns the outcome of the replay.
    pub const fn outcome(&self) -> &Replay {
        &self.replay
    }

    /// Returns the bytes of the hive, without the writes of the plan.
    pub const fn hive(&self) -> &'d [u8] {
        self.hive
    }

    /// Returns the bytes of each log, in the order of the caller.
    pub fn logs(&self) -> &[&'d [u8]] {
        &self.logs
    }

    /// Completes the list of writes: zeros after the end of the file, and the last base block. Cuts
    /// writes beyond the end of the replayed file.
    fn settle(&mut self, length: usize) {
        let (Some(first), Some(last)) = (self.updates.first(), self.updates.last()) else { return };
        let made = |update: &Update<'_>, source, place: Range<usize>| Written {
            offset: place.start as u64,
            length: place.len() as u64,
            log: update.log,
            sequence: update.sequence,
            log_offset: update.pages.offset(),
            source,
        };
        let end = length.max(self.length());
        let new = made(first, ByteSource::Zeros, length..end);
        let head = made(last, ByteSource::BaseBlock, 0..size_of::<raw::BaseBlockHead>());
        let written = core::mem::take(&mut self.replay.written);
        let all = core::iter::once(new).chain(written).chain([head]);
        let within = |mut it: Written| {
            it.length = it.length.min((end as u64).saturating_sub(it.offset));
            it
        };
        self.replay.written = all.map(within).filter(|it| it.length > 0).collect();
    }

    /// Returns the minimum length of the file after the replay; 0 if no update applies.
    pub(super) fn length(&self) -> usize {
        if self.base.is_some() { self.length_with(self.replay.bins_after) } else { 0 }
    }

    /// Returns the length that is enough for the file after each update.
    pub(super) fn longest(&self) -> usize {
        let bins = self.updates.iter().map(|update| update.bins).max();
        bins.map_or(0, |bins| self.length_with(bins))
    }

    fn length_with(&self, bins: u32) -> usize {
        let bins = u64::from(bins).min(self.room);
        let length = u64::from(BASE_BLOCK_LENGTH).saturating_add(bins);
        usize::try_from(length).unwrap_or(usize::MAX)
    }

    /// Returns an error if `bins` exceeds the bytes of hive and logs together.
    fn too_large(&self, bins: u32, place: FileOffset) -> Option<Error> {
        let kind = ErrorKind::LimitReached { limit: Limit::Data, most: self.room };
        (u64::from(bins) > self.room).then(|| Error::new(kind, place))
    }

    /// Parses the base block of a log. Returns `None` if no hive can use the log.
    fn consider(&mut self, bytes: &'d [u8]) -> Option<Log<'d>> {
        let (format, sequence, refused, log) = match Log::parse(bytes) {
            Ok(log) => {
                let torn = (!log.is_whole()).then(|| Refusal::Torn(torn(log.base_block())));
                let sequence = log.base_block().sequence();
                (Some(log.format()), Some(sequence), torn, torn.is_none().then_some(log))
            }
            Err(error) => (None, None, Some(Refusal::NotALog(error)), None),
        };
        let (applied, ended, damaged, left_over, newer) = (0, None, None, 0, 0);
        let used = LogUse {
            format,
            sequence,
            refused,
            applied,
            applied_sequence: None,
            ended,
            damaged,
            left_over,
            newer,
            unsearched: None,
        };
        self.replay.logs.push(used);
        log
    }

    /// Refuses logs of other hives. The base block of a log is a copy from its hive. Resource
    /// manager and file name in the copy identify that hive.
    fn refuse_logs_of_other_hives(&mut self, block: BaseBlock<'d>, logs: &mut [Option<Log<'d>>]) {
        let (manager, name) = (block.raw().rm_id, last_name(block));
        for (index, slot) in logs.iter_mut().enumerate() {
            let Some(log) = slot.map(Log::base_block) else { continue };
            let (named, other) = (log.raw().rm_id, last_name(log));
            let is_other_manager = block.checksum_is_valid()
                && manager != [0; 16]
                && named != [0; 16]
                && named != manager;
            let is_other_name = !name.is_empty() && !other.is_empty() && name != other;
            if is_other_manager || is_other_name {
                self.refuse(index, Refusal::AnotherHive);
                *slot = None;
            }
        }
    }

    /// Carries out the listed writes. Where writes overlap, only the last one is carried out, so the
    /// work is linear in the length of the hive and its logs.
    pub(super) fn carry_out(&self, bytes: &mut [u8]) {
        let mut stretches = BTreeMap::new();
        self.replay.written.iter().for_each(|written| cover(&mut stretches, *written));
        let head = self.updates.iter().fold(self.base, |head, update| Some(update.head(head?)));
        for Written { offset, length, log, log_offset, source, .. } in stretches.into_values() {
            let at = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
            let (start, from, length) = (at(offset), at(log_offset), at(length));
            match source {
                ByteSource::Page => {
                    let log = self.logs.get(log).copied().unwrap_or_default();
                    let data = log.get(from..from.saturating_add(length)).unwrap_or_default();
                    write(bytes, offset, data);
                }
                ByteSource::Zeros => {
                    Zeros::default().fill(bytes, start..start.saturating_add(length));
                }
                ByteSource::BaseBlock => {
                    let head = head.as_ref().map(IntoBytes::as_bytes).unwrap_or_default();
                    write(bytes, offset, head.get(start..).unwrap_or_default());
                }
            }
        }
    }

    /// Writes the base block before the first update, if the file has no intact base block.
    pub(super) fn prepare(&self, bytes: &mut [u8]) {
        if let Some(head) = self.base.filter(|_| self.replay.base_block_rebuilt) {
            write(bytes, 0, head.as_bytes());
        }
    }

    /// Writes the base block after one update.
    pub(super) fn seal_after(&self, update: &Update<'_>, bytes: &mut [u8]) {
        let head = raw::BaseBlockHead::ref_from_prefix(bytes).map(|(head, _)| update.head(*head));
        if let Ok(head) = head {
            write(bytes, 0, head.as_bytes());
        }
    }

    fn refuse_all(&mut self, logs: &[Option<Log<'d>>], why: Refusal) {
        for index in (0..logs.len()).filter(|index| logs.get(*index).is_some_and(Option::is_some)) {
            self.refuse(index, why);
        }
    }

    fn refuse(&mut self, index: usize, why: Refusal) {
        if let Some(log) = self.replay.logs.get_mut(index) {
            log.refused = log.refused.or(Some(why));
        }
    }

    fn recover(&mut self, block: BaseBlock<'d>, hive: &'d [u8], logs: &[Option<Log<'d>>]) {
        let of = |format| -> Vec<(usize, Log<'d>)> {
            let logs = logs.iter().enumerate().filter_map(|(index, log)| Some((index, (*log)?)));
            logs.filter(|(_, log)| log.format() == format).collect()
        };
        let (new, old) = (of(Format::New), of(Format::Old));
        if new.is_empty() {
            self.recover_old(block, hive, &old);
        } else {
            old.iter().for_each(|(index, _)| self.refuse(*index, Refusal::OldFormat));
            self.recover_new(block, new);
        }
        for (index, log) in logs.iter().enumerate() {
            if let (Some(log), Some(used)) = (log, self.replay.logs.get_mut(index))
                && log.format() == Format::New
            {
                let (last, mut left_over) = (self.replay.sequence, 0_u32);
                let is_newer = |sequence| u32::from(is_before(last, sequence));
                let applied = self.updates.iter().filter(|update| update.log == index);
                let newer = applied.map(|update| is_newer(update.sequence));
                let mut newer = newer.fold(0, u32::saturating_add);
                // The entries before this offset are all applied.
                let mut entries = log.entries_from(end_of_applied(&self.updates, index));
                for entry in &mut entries {
                    left_over = left_over.saturating_add(1);
                    newer = newer.saturating_add(is_newer(entry.sequence()));
                }
                used.left_over = left_over;
                used.newer = newer;
                used.unsearched = entries.limit();
            }
        }
    }

    fn recover_new(&mut self, block: BaseBlock<'d>, mut logs: Vec<(usize, Log<'d>)>) {
        let primary = |log: &Log<'_>| log.base_block().sequence().0;
        if block.checksum_is_valid() {
            let own = block.sequence().1;
            let is_older = |(_, log): &(usize, Log<'_>)| is_before(primary(log), own);
            logs.iter().filter(|log| is_older(log)).for_each(|(index, _)| {
                self.refuse(*index, Refusal::Older);
            });
            logs.retain(|log| !is_older(log));
            // Sequence numbers wrap around, so the sort key is the distance from the number of the
            // hive.
            logs.sort_by_key(|(_, log)| primary(log).wrapping_sub(own));
        } else {
            // The base block of the hive is unreliable, so its sequence number is unknown. Only the
            // latest log is certain to be newer than the hive.
            logs.sort_by_key(|(_, log)| primary(log));
            let later = |a: (usize, Log<'d>), b: (usize, Log<'d>)| {
                if is_before(primary(&a.1), primary(&b.1)) { b } else { a }
            };
            let latest = logs.iter().copied().reduce(later);
            for (index, _) in
                logs.iter().filter(|(index, _)| latest.is_none_or(|it| it.0 != *index))
            {
                self.refuse(*index, Refusal::Superseded);
            }
            logs = latest.into_iter().collect();
        }
        let mut last: Option<u32> = None;
        for (index, log) in logs {
            if last.is_some_and(|last| primary(&log) != last.wrapping_add(1)) {
                self.refuse(index, Refusal::Gap);
                continue;
            }
            let before = last;
            let mut entries = log.sequence();
            while let Some(entry) = entries.next() {
                match entry {
                    Ok(entry) => {
                        if let Some(error) = self.too_large(entry.bins_size(), entry.offset()) {
                            self.end(index, error);
                            break;
                        }
                        self.apply(index, entry, block, log);
                        last = Some(entry.sequence());
                    }
                    Err(error) => {
                        self.end(index, error);
                        self.damaged(index, &entries);
                    }
                }
            }
            if last == before {
                let error = self.replay.logs.get(index).and_then(|used| used.ended);
                self.refuse(index, Refusal::NothingToApply(error.unwrap_or(nothing())));
                // Later updates would apply to a hive that lacks this update, so the plan treats
                // the logs with later updates as following a gap.
                last = last.or(Some(primary(&log).wrapping_sub(1)));
            }
        }
    }

    /// Records a damaged entry: an invalid entry that ends the sequence and has the expected
    /// sequence number.
    fn damaged(&mut self, index: usize, entries: &Sequence<'d>) {
        let claimed: Option<&raw::LogEntry> = entries.log.array(entries.at, 1).first();
        let number = claimed.filter(|entry| entry.signature == *b"HvLE");
        let number = number.map(|entry| entry.sequence.get()).filter(|it| *it == entries.next);
        if let Some(log) = self.replay.logs.get_mut(index) {
            log.damaged = number;
        }
    }

    fn end(&mut self, index: usize, error: Error) {
        if let Some(log) = self.replay.logs.get_mut(index) {
            log.ended = Some(error);
        }
    }

    fn apply(&mut self, index: usize, entry: LogEntry<'d>, block: BaseBlock<'d>, log: Log<'d>) {
        let (before, bins) = (self.updates.last().map(|update| update.bins), entry.bins_size());
        self.add(
            block,
            log,
            Update {
                log: index,
                sequence: entry.sequence(),
                pages: Pages::Entry(entry),
                grown: before.map(|before| (before, bins)),
                flag: Some(entry.raw().flags.get() & 1),
                bins,
            },
        );
    }

    /// Adds an update to the plan, and records the source of its bytes in the outcome.
    fn add(&mut self, block: BaseBlock<'d>, of: Log<'d>, update: Update<'d>) {
        let (log, sequence) = (update.log, update.sequence);
        let written = &mut self.replay.written;
        let (growth, log_offset) = (update.growth(), update.pages.offset());
        if !growth.is_empty() {
            let (offset, length) = (growth.start as u64, growth.len() as u64);
            let source = ByteSource::Zeros;
            written.push(Written { offset, length, log, sequence, log_offset, source });
        }
        update.pages.each(|page| {
            let offset = page.target.file_offset().get();
            let (length, log_offset) = (page.data.len() as u64, page.data.offset().get());
            let source = ByteSource::Page;
            join(written, Written { offset, length, log, sequence, log_offset, source });
        });
        if let Some(used) = self.replay.logs.get_mut(log) {
            used.applied = used.applied.saturating_add(1);
            let first = used.applied_sequence.map_or(sequence, |(first, _)| first);
            used.applied_sequence = Some((first, sequence));
        }
        if self.replay.order.last() != Some(&log) {
            self.replay.order.push(log);
        }
        let is_valid = block.checksum_is_valid();
        let from = if is_valid { block } else { of.base_block() };
        self.base.get_or_insert(*from.raw());
        self.replay.base_block_rebuilt = !is_valid;
        self.replay.bins_after = update.bins;
        self.replay.sequence = sequence;
        self.updates.push(update);
    }

    fn recover_old(&mut self, block: BaseBlock<'d>, hive: &'d [u8], logs: &[(usize, Log<'d>)]) {
        // The last-written time is in the base block, and the first bin holds a copy of it.
        let own = if block.checksum_is_valid() {
            block.last_written().raw()
        } else {
            let at = BASE_BLOCK_LENGTH as usize;
            let time = hive.get(at.saturating_add(20)..).and_then(<[u8]>::first_chunk::<8>);
            time.map_or(0, |time| u64::from_le_bytes(*time))
        };
        let time = |log: &Log<'_>| log.base_block().last_written().raw();
        let mut newest: Option<(usize, Log<'d>)> = None;
        for (index, log) in logs {
            if time(log) < own {
                self.refuse(*index, Refusal::Older);
            } else if newest.is_none_or(|(_, other)| time(log) > time(&other)) {
                newest = Some((*index, *log));
            }
        }
        for (index, _) in logs.iter().filter(|(index, _)| newest.is_none_or(|(it, _)| it != *index))
        {
            self.refuse(*index, Refusal::Superseded);
        }
        let Some((index, log)) = newest else { return };
        let bins = log.base_block().bins_size();
        let place = FileOffset::new(40);
        let dirt = match self.too_large(bins, place) {
            Some(error) => Err(error),
            None if bins == 0 => Err(nothing_in_the_hive(place)),
            None => log.dirt(),
        };
        match dirt {
            Ok(dirt) => {
                let sequence = log.base_block().sequence().0;
                let (pages, grown, flag) = (Pages::Dirt(dirt), None, None);
                self.add(block, log, Update { log: index, sequence, pages, grown, flag, bins });
            }
            Err(error) => self.refuse(index, Refusal::NothingToApply(error)),
        }
    }
}

impl core::fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Plan").field("outcome", &self.replay).finish_non_exhaustive()
    }
}

/// Appends a stretch. If the new stretch directly follows the last stretch in both hive and log,
/// the function joins both.
pub(super) fn join(stretches: &mut Vec<Written>, new: Written) {
    count(1);
    let follows = |last: &&mut Written| {
        (last.log, last.sequence, last.source) == (new.log, new.sequence, new.source)
            && last.offset.saturating_add(last.length) == new.offset
            && last.log_offset.saturating_add(last.length) == new.log_offset
    };
    match stretches.last_mut().filter(follows) {
        Some(last) => last.length = last.length.saturating_add(new.length),
        None => stretches.push(new),
    }
}

/// Returns the file name of the hive in upper case: the last part of the path in the base block.
fn last_name(block: BaseBlock<'_>) -> Vec<u16> {
    let units: Vec<u16> = block.file_name().units().map(upcase).collect();
    let last = units.rsplit(|unit| *unit == u16::from(b'\\')).next();
    last.map(<[u16]>::to_vec).unwrap_or_default()
}

/// Writes the part of `data` that is within the file. If a later update shrinks the hive, the rest
/// is not needed.
pub(super) fn write(bytes: &mut [u8], at: u64, data: &[u8]) {
    let Ok(at) = usize::try_from(at) else { return };
    let place = bytes.get_mut(at..).unwrap_or_default();
    count(data.len() / 16);
    place.iter_mut().zip(data).for_each(|(place, byte)| *place = *byte);
}

/// Returns whether sequence number `a` precedes `b`. Sequence numbers wrap around.
const fn is_before(a: u32, b: u32) -> bool {
    a != b && b.wrapping_sub(a) <= 0x7FFF_FFFF
}

/// Returns the fault of a dirty base block.
fn torn(block: BaseBlock<'_>) -> Error {
    let (primary, secondary) = block.sequence();
    let (expected, found) = (block.computed_checksum(), block.raw().checksum.get());
    if expected == found {
        let (structure, field) = (Structure::BaseBlock, Field::Sequence);
        let (expected, found) = (u64::from(primary), u64::from(secondary));
        let kind = ErrorKind::Mismatch { structure, field, expected, found };
        Error::new(kind, FileOffset::new(8))
    } else {
        Error::new(ErrorKind::Checksum { expected, found }, FileOffset::new(508))
    }
}

/// Returns the error for a log that holds only a base block.
fn nothing() -> Error {
    let (needed, available) = (size_of::<raw::LogEntry>() as u64, 0);
    let kind = ErrorKind::Truncated { structure: Structure::LogEntry, needed, available };
    Error::new(kind, FileOffset::new(512))
}

/// Returns the error for a log that leaves the hive without bins.
fn nothing_in_the_hive(place: FileOffset) -> Error {
    let (structure, field) = (Structure::BaseBlock, Field::Size);
    let (expected, found) = (u64::from(BASE_BLOCK_LENGTH), 0);
    Error::new(ErrorKind::Mismatch { structure, field, expected, found }, place)
}
