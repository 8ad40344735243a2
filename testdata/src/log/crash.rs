// SPDX-License-Identifier: MIT OR Apache-2.0

//! How a machine stopped, for both formats of logs.

use super::dirty::{Base, Dirty, finish_base};
use super::file::LogFile;
use super::history::History;
use super::update::Update;

/// Builds a hive with its logs as a machine leaves them when it stops. `F` is the format of the logs:
/// see [`NewCrash`](super::NewCrash) and [`OldCrash`](super::OldCrash).
#[derive(Clone, Debug)]
pub struct Crash<'h, F> {
    pub(super) history: &'h History,
    pub(super) sequence: u32,
    pub(super) flushed: usize,
    pub(super) written: usize,
    pub(super) base: Base,
    pub(super) garbage: Option<u64>,
    pub(super) format: F,
}

/// An update that a reader applies.
pub(super) struct Step {
    /// Name of the log that holds the update.
    pub(super) log: &'static str,
    /// Sequence number of the entry; for an old-format log, the number of the log.
    pub(super) number: u32,
    pub(super) update: Update,
}

impl<'h, F> Crash<'h, F> {
    pub(super) const fn of(history: &'h History, sequence: u32, format: F) -> Self {
        let (flushed, written, base, garbage) = (0, 0, Base::Sound, None);
        Self { history, sequence, flushed, written, base, garbage, format }
    }

    /// Sets the number of the first entry (new format) or of the first state (old format). Each
    /// update adds one.
    #[must_use]
    pub fn sequence(mut self, sequence: u32) -> Self {
        self.sequence = sequence;
        self
    }

    /// Flushes the first `updates` updates: the hive holds them and was clean at that time. If the
    /// hive holds all updates, it is clean.
    #[must_use]
    pub fn flushed(mut self, updates: usize) -> Self {
        self.flushed = updates;
        self
    }

    /// Writes the first `pages` of the other dirty pages to the hive, in their last state. Old-format
    /// logs by sectors count sectors.
    #[must_use]
    pub fn written(mut self, pages: usize) -> Self {
        self.written = pages;
        self
    }

    /// Sets the state of the base block of the hive.
    #[must_use]
    pub fn base(mut self, base: Base) -> Self {
        self.base = base;
        self
    }

    /// Adds random bytes to the end of each log.
    #[must_use]
    pub fn garbage(mut self, seed: u64) -> Self {
        self.garbage = Some(seed);
        self
    }

    pub(super) const fn number(&self, update: usize) -> u32 {
        self.sequence.wrapping_add(update as u32)
    }

    /// Puts the hive and its logs together with the result of a replay that applies `steps`.
    pub(super) fn finish(
        &self,
        name: &str,
        mut primary: Vec<u8>,
        logs: Vec<(&'static str, LogFile)>,
        steps: &[Step],
    ) -> Dirty {
        let mut expected = primary.clone();
        steps.iter().for_each(|step| step.update.apply(&mut expected));
        if let Some(Step { log, number, update }) = steps.last() {
            let used = logs.iter().find(|(name, _)| name == log).expect("a log that was applied");
            let base = if self.base == Base::Sound { &primary } else { &used.1.bytes };
            finish_base(&mut expected, base, update, number.wrapping_add(1));
        }
        let tree = self.history.find(&expected).cloned();
        self.base.strike(&mut primary);
        if steps.is_empty() {
            expected.clone_from(&primary);
        }
        let applied = steps.iter().map(|step| (step.log, step.number)).collect();
        Dirty { name: name.to_owned(), primary, logs, expected, tree, applied }
    }
}
