// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`NewCrash`]: a machine with new-format logs that stopped.

use super::crash::{Crash, Step};
use super::dirty::{Base, Dirty, number_base, write_part};
use super::file::LogFile;
use super::history::History;
use super::hvle::Hvle;
use super::update::{PAGE, Update};
use crate::rng::Rng;

/// Builds a hive with new-format logs as Windows 8.1 and later leave them.
///
/// Each update of the history is an entry. Windows writes one log until the hive itself is written,
/// then the other log. The second number of the hive is that of the first entry that the hive
/// lacks.
///
/// ```
/// use hive_forge::Options;
/// use hive_forge::log::{History, NewCrash};
///
/// let history = History::random(1, 30, 3, &Options::default(), 0);
/// let dirty = NewCrash::new(&history)
///     .sequence(0xFFFF_FFFE)
///     .log("LOG2", 1)
///     .log("LOG1", 2)
///     .written(5)
///     .build("five pages written");
/// assert_eq!(dirty.expected_bins(), &history.hive(3)[4096..]);
/// assert_eq!(dirty.applied, [("LOG2", 0xFFFF_FFFE), ("LOG1", 0xFFFF_FFFF), ("LOG1", 0)]);
/// ```
pub type NewCrash<'h> = Crash<'h, NewLogs>;

/// Logs of the new format.
#[derive(Clone, Debug)]
pub struct NewLogs {
    /// Names of logs and their numbers of entries, in the order of writing.
    logs: Vec<(&'static str, usize)>,
    damaged: Option<(usize, String)>,
    flags: Option<u32>,
    alignment: usize,
    shuffled: Option<u64>,
    behind: Option<u32>,
}

impl<'h> Crash<'h, NewLogs> {
    /// A hive that was not written since the first state.
    pub const fn new(history: &'h History) -> Self {
        let format = NewLogs {
            logs: Vec::new(),
            damaged: None,
            flags: None,
            alignment: 4096,
            shuffled: None,
            behind: None,
        };
        Self::of(history, 2, format)
    }

    /// Adds the next log, with the next `updates` updates of the history. A log without updates is
    /// an empty file, as Windows leaves them, too.
    #[must_use]
    pub fn log(mut self, name: &'static str, updates: usize) -> Self {
        self.format.logs.push((name, updates));
        self
    }

    /// Damages the first byte of `field` (see [`LogFile`]) in the entry of update `update`, counted
    /// from 0. The entries before it are applied, and no entry after it.
    #[must_use]
    pub fn damaged(mut self, update: usize, field: &str) -> Self {
        self.format.damaged = Some((update, field.to_owned()));
        self
    }

    /// Sets the flags of all entries. By default, bit 0 of each is that of the base block of the
    /// hive.
    #[must_use]
    pub fn flags(mut self, flags: u32) -> Self {
        self.format.flags = Some(flags);
        self
    }

    /// Sets the alignment of entries, see [`Hvle::alignment`].
    #[must_use]
    pub fn alignment(mut self, alignment: usize) -> Self {
        self.format.alignment = alignment;
        self
    }

    /// Gives each page its own reference, in random order.
    #[must_use]
    pub fn shuffled(mut self, seed: u64) -> Self {
        self.format.shuffled = Some(seed);
        self
    }

    /// Adds an entry of an older generation to the end of each log. Its hashes are good, its number
    /// is `behind` less than the next one, and it would reset the hive to its first state.
    #[must_use]
    pub fn left_over(mut self, behind: u32) -> Self {
        assert_ne!(behind, 0, "an entry with the next number is not left over");
        self.format.behind = Some(behind);
        self
    }

    /// Builds the hive with its logs.
    ///
    /// # Panics
    ///
    /// If the logs do not hold all updates of the history, or if more than two logs have entries.
    pub fn build(self, name: &str) -> Dirty {
        let updates = self.history.updates();
        let counted: usize = self.format.logs.iter().map(|(_, count)| count).sum();
        assert_eq!(counted, updates, "each update of the history is in a log");
        let spans = self.spans();
        assert!(spans.len() <= 2, "Windows writes two logs");

        let mut primary = self.history.hive(self.flushed).to_vec();
        let open = self.history.pages(self.flushed, updates);
        write_part(&mut primary, open, self.written, PAGE);
        let secondary = self.number(self.flushed);
        let dirty = self.flushed < updates;
        number_base(&mut primary, secondary.wrapping_add(u32::from(dirty)), secondary);

        let mut logs: Vec<(&'static str, LogFile)> = Vec::new();
        let mut first = 0;
        for &(log, count) in &self.format.logs {
            logs.push((log, self.log_file(first, count, &primary)));
            first += count;
        }
        let step =
            |(log, update)| Step { log, number: self.number(update), update: self.update(update) };
        let steps: Vec<Step> = self.applied(&spans).into_iter().map(step).collect();
        self.finish(name, primary, logs, &steps)
    }

    fn update(&self, number: usize) -> Update {
        let mut update = self.history.pages(number, number + 1);
        update.flags = self.format.flags.unwrap_or(update.flags);
        if let Some(seed) = self.format.shuffled {
            update = update.split(PAGE);
            Rng::nth(seed, number as u64).shuffle(&mut update.runs);
        }
        update
    }

    /// Logs with entries: name, first update, and end of the updates.
    fn spans(&self) -> Vec<(&'static str, usize, usize)> {
        let mut first = 0;
        let mut spans = Vec::new();
        for &(log, count) in self.format.logs.iter().filter(|(_, count)| *count > 0) {
            spans.push((log, first, first + count));
            first += count;
        }
        spans
    }

    /// Updates that a reader applies, each with its log.
    fn applied(&self, spans: &[(&'static str, usize, usize)]) -> Vec<(&'static str, usize)> {
        let mut steps = Vec::new();
        if self.base == Base::Sound && self.flushed == self.history.updates() {
            return steps;
        }
        let damaged = self.format.damaged.as_ref().map(|(update, _)| *update);
        // Without a sound base block, only the latest log can be trusted.
        let spans = if self.base == Base::Sound { spans } else { &spans[spans.len().max(1) - 1..] };
        for &(log, first, end) in spans {
            if self.base == Base::Sound && first < self.flushed {
                continue;
            }
            for update in first..end {
                if damaged == Some(update) {
                    return steps;
                }
                steps.push((log, update));
            }
        }
        steps
    }

    fn log_file(&self, first: usize, count: usize, primary: &[u8]) -> LogFile {
        if count == 0 {
            return LogFile::default();
        }
        let end = first + count;
        let mut log = Hvle::new(primary, self.number(first)).alignment(self.format.alignment);
        for update in first..end {
            log = log.entry(&self.update(update));
        }
        if let Some(behind) = self.format.behind {
            let back = self.history.pages(end, 0);
            log = log.entry_numbered(self.number(end).wrapping_sub(behind), &back);
        }
        if let Some(seed) = self.garbage {
            log = log.garbage(seed ^ first as u64, 3000);
        }
        let mut log = log.finish();
        if let Some((update, field)) = &self.format.damaged
            && (first..end).contains(update)
        {
            log.flip(&format!("entry {}", update - first), field);
        }
        log
    }
}
