// SPDX-License-Identifier: MIT OR Apache-2.0

//! How a machine with new-format logs stopped.

use super::dirty::{Base, Dirty, finish_base, number_base, write_part};
use super::file::LogFile;
use super::history::History;
use super::hvle::Hvle;
use super::update::{PAGE, Update};
use crate::rng::Rng;

/// Builds a hive with new-format logs as Windows 8.1 and later leave them.
///
/// Each update of the history is an entry. Windows writes one log until the hive itself is
/// written, then the other; the hive's second number is that of the first entry it does not have.
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
#[derive(Clone, Debug)]
pub struct NewCrash<'h> {
    history: &'h History,
    sequence: u32,
    /// Names and numbers of entries, in the order in which they were written.
    logs: Vec<(&'static str, usize)>,
    flushed: usize,
    written: usize,
    base: Base,
    damaged: Option<(usize, String)>,
    flags: Option<u32>,
    alignment: usize,
    shuffled: Option<u64>,
    behind: Option<u32>,
    garbage: Option<u64>,
}

impl<'h> NewCrash<'h> {
    /// A hive of which nothing is written since the first state.
    pub fn new(history: &'h History) -> Self {
        Self {
            history,
            sequence: 2,
            logs: Vec::new(),
            flushed: 0,
            written: 0,
            base: Base::Sound,
            damaged: None,
            flags: None,
            alignment: 4096,
            shuffled: None,
            behind: None,
            garbage: None,
        }
    }

    /// Number of the first entry of all.
    #[must_use]
    pub fn sequence(mut self, sequence: u32) -> Self {
        self.sequence = sequence;
        self
    }

    /// The next log, with the next so many updates of the history. One without any is a file of
    /// no bytes, as Windows leaves them too.
    #[must_use]
    pub fn log(mut self, name: &'static str, updates: usize) -> Self {
        self.logs.push((name, updates));
        self
    }

    /// So many updates are in the hive, which was clean then; their entries are stale. All of
    /// them: the hive is clean.
    #[must_use]
    pub fn flushed(mut self, updates: usize) -> Self {
        self.flushed = updates;
        self
    }

    /// So many of the other dirty pages were written to the hive before the machine stopped, as
    /// they are after the last update.
    #[must_use]
    pub fn written(mut self, pages: usize) -> Self {
        self.written = pages;
        self
    }

    /// How the base block of the hive is.
    #[must_use]
    pub fn base(mut self, base: Base) -> Self {
        self.base = base;
        self
    }

    /// One byte of the entry with update `update`, counted from 0, is wrong: the first of `field`,
    /// as [`LogFile`] names it. What is read before it is applied, and nothing after it.
    #[must_use]
    pub fn damaged(mut self, update: usize, field: &str) -> Self {
        self.damaged = Some((update, field.to_owned()));
        self
    }

    /// Flags of all entries; without them bit 0 of each is that of the hive's base block.
    #[must_use]
    pub fn flags(mut self, flags: u32) -> Self {
        self.flags = Some(flags);
        self
    }

    /// Where entries end, see [`Hvle::alignment`].
    #[must_use]
    pub fn alignment(mut self, alignment: usize) -> Self {
        self.alignment = alignment;
        self
    }

    /// Each page has a reference of its own, in a random order.
    #[must_use]
    pub fn shuffled(mut self, seed: u64) -> Self {
        self.shuffled = Some(seed);
        self
    }

    /// Behind the last entry of each log stands one of an older generation: its hashes are good,
    /// its number is so many behind the next one, and it would take the hive back to its first
    /// state.
    #[must_use]
    pub fn left_over(mut self, behind: u32) -> Self {
        assert_ne!(behind, 0, "an entry with the next number is none that was left over");
        self.behind = Some(behind);
        self
    }

    /// Each log ends with random bytes.
    #[must_use]
    pub fn garbage(mut self, seed: u64) -> Self {
        self.garbage = Some(seed);
        self
    }

    /// The hive with its logs.
    ///
    /// # Panics
    ///
    /// If the logs do not hold all updates of the history, or are more than two with entries.
    pub fn build(self, name: &str) -> Dirty {
        let updates = self.history.updates();
        let counted: usize = self.logs.iter().map(|(_, count)| count).sum();
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
        for &(log, count) in &self.logs {
            logs.push((log, self.log_file(first, count, &primary)));
            first += count;
        }
        let steps = self.applied(&spans);
        let applied = steps.iter().map(|&(log, update)| (log, self.number(update))).collect();
        let mut expected = primary.clone();
        for &(_, update) in &steps {
            self.update(update).apply(&mut expected);
        }
        if let Some(&(log, last)) = steps.last() {
            let base = if self.base == Base::Sound {
                primary.clone()
            } else {
                let used = logs.iter().find(|(name, _)| *name == log);
                used.expect("a log that was applied").1.bytes.clone()
            };
            let number = self.number(last).wrapping_add(1);
            finish_base(&mut expected, &base, &self.update(last), number);
        }
        let tree = self.history.find(&expected).cloned();
        self.base.strike(&mut primary);
        if steps.is_empty() {
            expected.clone_from(&primary);
        }
        Dirty { name: name.to_owned(), primary, logs, expected, tree, applied }
    }

    fn number(&self, update: usize) -> u32 {
        self.sequence.wrapping_add(update as u32)
    }

    fn update(&self, number: usize) -> Update {
        let mut update = self.history.pages(number, number + 1);
        update.flags = self.flags.unwrap_or(update.flags);
        if let Some(seed) = self.shuffled {
            update = update.split(PAGE);
            Rng::nth(seed, number as u64).shuffle(&mut update.runs);
        }
        update
    }

    /// Names of the logs with entries, their first updates and those after their last.
    fn spans(&self) -> Vec<(&'static str, usize, usize)> {
        let mut first = 0;
        let mut spans = Vec::new();
        for &(log, count) in self.logs.iter().filter(|(_, count)| *count > 0) {
            spans.push((log, first, first + count));
            first += count;
        }
        spans
    }

    /// The updates that a reader applies, each with its log.
    fn applied(&self, spans: &[(&'static str, usize, usize)]) -> Vec<(&'static str, usize)> {
        let mut steps = Vec::new();
        if self.base == Base::Sound && self.flushed == self.history.updates() {
            return steps;
        }
        let damaged = self.damaged.as_ref().map(|(update, _)| *update);
        // With nothing to compare a log with, only the latest one can be trusted.
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
        let mut log = Hvle::new(primary, self.number(first)).alignment(self.alignment);
        for update in first..end {
            log = log.entry(&self.update(update));
        }
        if let Some(behind) = self.behind {
            let back = self.history.pages(end, 0);
            log = log.entry_numbered(self.number(end).wrapping_sub(behind), &back);
        }
        if let Some(seed) = self.garbage {
            log = log.garbage(seed ^ first as u64, 3000);
        }
        let mut log = log.finish();
        if let Some((update, field)) = &self.damaged
            && (first..end).contains(update)
        {
            log.flip(&format!("entry {}", update - first), field);
        }
        log
    }
}
