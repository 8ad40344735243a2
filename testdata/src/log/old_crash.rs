// SPDX-License-Identifier: MIT OR Apache-2.0

//! How a machine with old-format logs stopped.

use super::dirt::dirt;
use super::dirty::{Base, Dirty, finish_base, number_base, write_part};
use super::file::LogFile;
use super::history::History;
use super::update::{PAGE, SECTOR, Update};
use crate::rng::Rng;

/// Builds a hive with old-format logs as Windows to 8 leaves them.
///
/// Windows writes the log, then the base block of the hive with the new time, then the dirty
/// sectors, then the base block again. The log whose time is the hive's is the one that applies,
/// so the history needs some seconds between its states.
///
/// ```
/// use hive_forge::Options;
/// use hive_forge::log::{History, OldCrash};
///
/// let history = History::random(1, 30, 1, &Options::default(), 5);
/// let dirty = OldCrash::new(&history).log("LOG1", 0, 1).written(3).build("three pages written");
/// assert_eq!(dirty.expected_bins(), &history.hive(1)[4096..]);
/// ```
#[derive(Clone, Debug)]
pub struct OldCrash<'h> {
    history: &'h History,
    sequence: u32,
    file_type: u32,
    granularity: usize,
    /// Names, and the states that they lead from and to.
    logs: Vec<(&'static str, usize, usize)>,
    flushed: usize,
    begun: bool,
    written: usize,
    base: Base,
    damaged: Option<(&'static str, &'static str, &'static str)>,
    garbage: Option<u64>,
}

impl<'h> OldCrash<'h> {
    /// A hive in its first state, but for the base block, which was written for the last one.
    pub fn new(history: &'h History) -> Self {
        Self {
            history,
            sequence: 4,
            file_type: 1,
            granularity: PAGE,
            logs: Vec::new(),
            flushed: 0,
            begun: true,
            written: 0,
            base: Base::Sound,
            damaged: None,
            garbage: None,
        }
    }

    /// Number of the first state; that of a later one is higher by the updates before it.
    #[must_use]
    pub fn sequence(mut self, sequence: u32) -> Self {
        self.sequence = sequence;
        self
    }

    /// The file type of the logs: 2 to Windows 2000, 1 later.
    #[must_use]
    pub fn file_type(mut self, file_type: u32) -> Self {
        self.file_type = file_type;
        self
    }

    /// What is dirty is counted in sectors of 512 bytes, as to Windows 2000; not in pages, which
    /// set whole bytes of the bitmap.
    #[must_use]
    pub fn by_sectors(mut self) -> Self {
        self.granularity = SECTOR;
        self
    }

    /// A log that leads from the state after `from` updates to the one after `to`.
    #[must_use]
    pub fn log(mut self, name: &'static str, from: usize, to: usize) -> Self {
        self.logs.push((name, from, to));
        self
    }

    /// So many updates are in the hive, which was clean then. All of them: it is clean.
    #[must_use]
    pub fn flushed(mut self, updates: usize) -> Self {
        self.flushed = updates;
        self
    }

    /// The machine stopped when the log was written and nothing else: the hive is clean.
    #[must_use]
    pub fn not_begun(mut self) -> Self {
        self.begun = false;
        self
    }

    /// So many of the dirty pages, or sectors, were written to the hive.
    #[must_use]
    pub fn written(mut self, pages: usize) -> Self {
        self.written = pages;
        self
    }

    /// How the base block of the hive is. One that is not sound needs a page written: the time
    /// that tells which log applies is then that of the first bin.
    #[must_use]
    pub fn base(mut self, base: Base) -> Self {
        self.base = base;
        self
    }

    /// The first byte of `field` of `record` in one log is wrong, as [`LogFile`] names them; one
    /// of the base block, or the signature `DIRT`. The log does not count.
    #[must_use]
    pub fn damaged(mut self, log: &'static str, record: &'static str, field: &'static str) -> Self {
        self.damaged = Some((log, record, field));
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
    /// If the base block is not sound and nothing was written: no reader could tell which log
    /// applies.
    pub fn build(self, name: &str) -> Dirty {
        let updates = self.history.updates();
        let dirty = self.begun && self.flushed < updates;
        assert!(self.base == Base::Sound || self.written > 0, "no time to tell a log by");
        let mut primary = self.history.hive(self.flushed).to_vec();
        let (mut first, second) = (self.number(self.flushed), self.number(self.flushed));
        if dirty {
            let last = self.history.hive(updates);
            primary[..4096].copy_from_slice(&last[..4096]);
            // The file is made as long as it will be before anything is written to it.
            primary.resize(primary.len().max(last.len()), 0);
            let open = self.update(self.flushed, updates);
            write_part(&mut primary, open, self.written, self.granularity);
            first = self.number(updates);
        }
        number_base(&mut primary, first, second);

        let logs: Vec<(&'static str, LogFile)> =
            self.logs.iter().map(|&(log, from, to)| (log, self.log_file(log, from, to))).collect();
        let sound = |log| self.damaged.is_none_or(|(damaged, ..)| damaged != log);
        let fits = |&&(log, _, to): &&(&'static str, usize, usize)| to == updates && sound(log);
        let used = self.logs.iter().find(fits).filter(|_| dirty || self.base != Base::Sound);

        let mut expected = primary.clone();
        let mut applied = Vec::new();
        if let Some(&(log, from, to)) = used {
            let update = self.update(from, to);
            update.apply(&mut expected);
            let number = self.number(to);
            let copy = logs.iter().find(|(name, _)| *name == log).expect("a log that was written");
            let base = if self.base == Base::Sound { &primary } else { &copy.1.bytes };
            finish_base(&mut expected, base, &update, number.wrapping_add(1));
            applied.push((log, number));
        }
        let tree = self.history.find(&expected).cloned();
        self.base.strike(&mut primary);
        if applied.is_empty() {
            expected.clone_from(&primary);
        }
        Dirty { name: name.to_owned(), primary, logs, expected, tree, applied }
    }

    fn number(&self, state: usize) -> u32 {
        self.sequence.wrapping_add(state as u32)
    }

    fn update(&self, from: usize, to: usize) -> Update {
        if self.granularity == SECTOR {
            self.history.sectors(from, to)
        } else {
            self.history.pages(from, to)
        }
    }

    fn log_file(&self, name: &str, from: usize, to: usize) -> LogFile {
        let (hive, number) = (self.history.hive(to), self.number(to));
        let mut log = dirt(hive, self.file_type, number, &self.update(from, to));
        if let Some(seed) = self.garbage {
            log.bytes.extend(Rng::nth(seed, to as u64).bytes(3000));
        }
        if let Some((_, record, field)) = self.damaged.filter(|(damaged, ..)| *damaged == name) {
            log.flip(record, field);
        }
        log
    }
}
