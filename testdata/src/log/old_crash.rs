// SPDX-License-Identifier: MIT OR Apache-2.0

//! [`OldCrash`]: a machine with old-format logs that stopped.

use super::crash::{Crash, Step};
use super::dirt::dirt;
use super::dirty::{Base, Dirty, number_base, write_part};
use super::file::LogFile;
use super::history::History;
use super::update::{PAGE, SECTOR, Update};
use crate::rng::Rng;

/// Builds a hive with old-format logs as Windows up to 8 leaves them.
///
/// Windows writes the log, then the base block of the hive with the new timestamp, then the dirty
/// sectors, then the base block again. The log with the timestamp of the hive applies, so that the
/// history needs some seconds between its states.
///
/// ```
/// use hive_forge::Options;
/// use hive_forge::log::{History, OldCrash};
///
/// let history = History::random(1, 30, 1, &Options::default(), 5);
/// let dirty = OldCrash::new(&history).log("LOG1", 0, 1).written(3).build("three pages written");
/// assert_eq!(dirty.expected_bins(), &history.hive(1)[4096..]);
/// ```
pub type OldCrash<'h> = Crash<'h, OldLogs>;

/// Logs of the old format.
#[derive(Clone, Debug)]
pub struct OldLogs {
    file_type: u32,
    granularity: usize,
    /// Names, and the states before and after each log.
    logs: Vec<(&'static str, usize, usize)>,
    begun: bool,
    damaged: Option<(&'static str, &'static str, &'static str)>,
}

impl<'h> Crash<'h, OldLogs> {
    /// A hive in its first state, with the base block of the last state.
    pub const fn new(history: &'h History) -> Self {
        let format = OldLogs {
            file_type: 1,
            granularity: PAGE,
            logs: Vec::new(),
            begun: true,
            damaged: None,
        };
        Self::of(history, 4, format)
    }

    /// Sets the file type of the logs: 2 up to Windows 2000, later 1.
    #[must_use]
    pub fn file_type(mut self, file_type: u32) -> Self {
        self.format.file_type = file_type;
        self
    }

    /// Counts dirty sectors of 512 bytes, as up to Windows 2000, instead of pages, which set whole
    /// bytes of the bitmap.
    #[must_use]
    pub fn by_sectors(mut self) -> Self {
        self.format.granularity = SECTOR;
        self
    }

    /// Adds a log that leads from the state after `from` updates to the state after `to` updates.
    #[must_use]
    pub fn log(mut self, name: &'static str, from: usize, to: usize) -> Self {
        self.format.logs.push((name, from, to));
        self
    }

    /// Stops the machine after the log was written: the hive is clean.
    #[must_use]
    pub fn not_begun(mut self) -> Self {
        self.format.begun = false;
        self
    }

    /// Damages the first byte of `field` of `record` (see [`LogFile`]) in one log: a field of the
    /// base block, or the signature `DIRT`. The log is then not applied.
    #[must_use]
    pub fn damaged(mut self, log: &'static str, record: &'static str, field: &'static str) -> Self {
        self.format.damaged = Some((log, record, field));
        self
    }

    /// Builds the hive with its logs.
    ///
    /// # Panics
    ///
    /// If the base block is not sound and nothing was written: no reader could know which log
    /// applies.
    pub fn build(self, name: &str) -> Dirty {
        let updates = self.history.updates();
        let dirty = self.format.begun && self.flushed < updates;
        assert!(self.base == Base::Sound || self.written > 0, "no timestamp to recognize a log by");
        let mut primary = self.history.hive(self.flushed).to_vec();
        let (mut first, second) = (self.number(self.flushed), self.number(self.flushed));
        if dirty {
            let last = self.history.hive(updates);
            primary[..4096].copy_from_slice(&last[..4096]);
            // The file is extended before anything is written to it.
            primary.resize(primary.len().max(last.len()), 0);
            let open = self.update(self.flushed, updates);
            write_part(&mut primary, open, self.written, self.format.granularity);
            first = self.number(updates);
        }
        number_base(&mut primary, first, second);

        let logs: Vec<(&'static str, LogFile)> = self
            .format
            .logs
            .iter()
            .map(|&(log, from, to)| (log, self.log_file(log, from, to)))
            .collect();
        let sound = |log| self.format.damaged.is_none_or(|(damaged, ..)| damaged != log);
        let fits = |&&(log, _, to): &&(&'static str, usize, usize)| to == updates && sound(log);
        let used = self.format.logs.iter().find(fits).filter(|_| dirty || self.base != Base::Sound);

        let step = |&(log, from, to): &(&'static str, usize, usize)| Step {
            log,
            number: self.number(to),
            update: self.update(from, to),
        };
        let steps: Vec<Step> = used.map(step).into_iter().collect();
        self.finish(name, primary, logs, &steps)
    }

    fn update(&self, from: usize, to: usize) -> Update {
        if self.format.granularity == SECTOR {
            self.history.sectors(from, to)
        } else {
            self.history.pages(from, to)
        }
    }

    fn log_file(&self, name: &str, from: usize, to: usize) -> LogFile {
        let (hive, number) = (self.history.hive(to), self.number(to));
        let mut log = dirt(hive, self.format.file_type, number, &self.update(from, to));
        if let Some(seed) = self.garbage {
            log.bytes.extend(Rng::nth(seed, to as u64).bytes(3000));
        }
        if let Some((_, record, field)) =
            self.format.damaged.filter(|(damaged, ..)| *damaged == name)
        {
            log.flip(record, field);
        }
        log
    }
}
