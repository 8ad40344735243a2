// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Logs`]: transaction logs, and log entries with valid hashes inside or outside a log.

use alloc::vec::Vec;

use zerocopy::IntoBytes as _;

use crate::bytes::Bytes;
use crate::error::Structure;
use crate::hive::base_block::BaseBlock;
use crate::log::{Format, Marvin32, marvin32};
use crate::meter::count;
use crate::offset::FileOffset;
use crate::raw;
use crate::recover::carve::window::Window;
use crate::recover::carve::{Carved, Kind, SECTOR, See, place};

const HEADER: u64 = size_of::<raw::LogEntry>() as u64;
/// Bytes of the header that the header hash covers.
const HASHED: usize = 32;
/// Alignment of bins, in bytes.
const BIN: u32 = 4096;
/// Limit of entries whose body hash is incomplete. Only overlapping entries can exceed the limit.
const MOST_ENTRIES: usize = 8;
/// Limit of open logs. Only overlapping logs can exceed the limit.
const MOST_LOGS: usize = 8;
/// Limit of bytes hashed for invalid entries: this number plus four times the bytes searched.
const MOST_WASTED: u64 = 64 << 20;

/// Log whose end is not yet known.
#[derive(Debug)]
struct OpenLog {
    start: u64,
    head: raw::BaseBlockHead,
    format: Format,
    number: u64,
    /// End of the log, or required offset of the next entry.
    next: u64,
    is_whole: bool,
}

/// Entry with a valid header hash and an incomplete body hash.
#[derive(Debug)]
struct OpenEntry {
    start: u64,
    header: raw::LogEntry,
    end: u64,
    hashed: u64,
    state: Marvin32,
}

/// Logs and entries whose end is not yet known.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    logs: Vec<OpenLog>,
    entries: Vec<OpenEntry>,
    wasted: u64,
}

impl Logs {
    /// Opens a log whose base block starts at `at`.
    pub(crate) fn log(&mut self, at: u64, head: &raw::BaseBlockHead, window: Window<'_>) {
        let body = at.saturating_add(SECTOR);
        let is_new = head.file_type.get() == 6 || window.from(body).starts_with(b"HvLE");
        let mut log = OpenLog {
            start: at,
            head: *head,
            format: if is_new { Format::New } else { Format::Old },
            number: 0,
            next: body,
            is_whole: false,
        };
        if !is_new && window.from(body).starts_with(b"DIRT") {
            let map = body.saturating_add(4);
            let length = u64::from(head.bins_size.get() / BIN);
            let end = map.saturating_add(length);
            let bytes = window.slice(map, end);
            count(bytes.len());
            log.number = bytes.iter().map(|byte| u64::from(byte.count_ones())).sum();
            log.is_whole = bytes.len() as u64 == length;
            let pages = at.saturating_add(end.saturating_sub(at).next_multiple_of(SECTOR));
            log.next = pages.saturating_add(log.number.saturating_mul(SECTOR));
        }
        if self.logs.len() < MOST_LOGS {
            self.logs.push(log);
        }
    }

    /// Checks for an entry at `at`. If all bytes of the entry are in the window, the function
    /// checks the body hash and reports the entry. If not, the entry stays open.
    pub(crate) fn entry(&mut self, at: u64, window: Window<'_>, see: See<'_>) {
        let bytes = Bytes::new(window.from(at), FileOffset::new(at));
        let Ok(header) = bytes.record::<raw::LogEntry>(Structure::LogEntry) else { return };
        let size = u64::from(header.size.get());
        let (bins, pages) = (header.bins_size.get(), u64::from(header.pages.get()));
        let is_one = header.signature == *b"HvLE"
            && size.is_multiple_of(SECTOR)
            && bins >= BIN
            && bins.is_multiple_of(BIN)
            && pages > 0
            && HEADER.saturating_add(pages.saturating_mul(8)) <= size
            && self.wasted <= at.saturating_mul(4).saturating_add(MOST_WASTED)
            && marvin32(header.as_bytes().get(..HASHED).unwrap_or_default())
                == header.header_hash.get();
        if !is_one {
            return;
        }
        let mut entry = OpenEntry {
            start: at,
            header: *header,
            end: at.saturating_add(size),
            hashed: at.saturating_add(HEADER),
            state: Marvin32::new(),
        };
        entry.hash(window, at.saturating_add(bytes.len() as u64));
        if entry.hashed >= entry.end {
            self.done(&entry, see);
        } else {
            if self.entries.len() >= MOST_ENTRIES {
                let oldest = self.entries.remove(0);
                self.wasted =
                    self.wasted.saturating_add(oldest.hashed.saturating_sub(oldest.start));
            }
            self.entries.push(entry);
        }
    }

    /// Reports the entries and logs that end before `to`.
    pub(crate) fn pass(&mut self, window: Window<'_>, to: u64, see: See<'_>) {
        if self.entries.is_empty() && self.logs.is_empty() {
            return;
        }
        self.entries.iter_mut().for_each(|entry| entry.hash(window, to));
        while let Some(index) = self.entries.iter().position(|entry| entry.hashed >= entry.end) {
            let entry = self.entries.remove(index);
            self.done(&entry, see);
        }
        let entries = &self.entries;
        self.logs.retain(|log| {
            let is_open = log.next >= to || entries.iter().any(|entry| entry.start == log.next);
            if !is_open {
                log.report(log.next, see);
            }
            is_open
        });
    }

    /// Reports open logs at the end of the source.
    pub(crate) fn finish(&mut self, end: u64, see: See<'_>) {
        self.entries.clear();
        self.logs.drain(..).for_each(|log| log.report(end, see));
    }

    /// Reports an entry if its body hash is valid.
    fn done(&mut self, entry: &OpenEntry, see: See<'_>) {
        let length = entry.end.saturating_sub(entry.start);
        if entry.state.finish(&[]) != entry.header.body_hash.get() {
            self.wasted = self.wasted.saturating_add(length);
            return;
        }
        if let Some(log) =
            self.logs.iter_mut().find(|log| log.format == Format::New && log.next == entry.start)
        {
            log.next = entry.end;
            log.number = log.number.saturating_add(1);
            log.is_whole = true;
        }
        see(Carved {
            place: place(entry.start, length),
            is_whole: true,
            kind: Kind::LogEntry {
                sequence: entry.header.sequence.get(),
                pages: entry.header.pages.get(),
                bins_size: entry.header.bins_size.get(),
            },
        });
    }
}

impl OpenEntry {
    /// Hashes the bytes before `to`.
    fn hash(&mut self, window: Window<'_>, to: u64) {
        let bytes = window.slice(self.hashed, to.min(self.end));
        let (words, _) = bytes.as_chunks::<4>();
        self.state.feed(words);
        self.hashed = self.hashed.saturating_add(words.as_bytes().len() as u64);
    }
}

impl OpenLog {
    fn report(&self, end: u64, see: See<'_>) {
        let there = self.next.min(end);
        let base_block = BaseBlock::of(&self.head);
        see(Carved {
            place: place(self.start, there.saturating_sub(self.start)),
            is_whole: self.is_whole && there == self.next,
            kind: Kind::Log { base_block, format: self.format, number: self.number },
        });
    }
}
