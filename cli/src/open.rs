// SPDX-License-Identifier: GPL-3.0-or-later
//! Opening what the user named: the one way from a path to a hive, with its logs applied.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use calhive::log::pages_as_hive;
use calhive::log::patches::Patches;
use calhive::log::replay::{self, Replay};
use calhive::log::report::{LogFile, ReplayReport, ReplayState};
use calhive::{Access, FileError, Hive};
use calhive_evidence::{Neighbors, Recognized};

use crate::args::Reading;
use crate::digest;
use crate::messages::Messages;
use crate::output::escape;
use crate::sigbus::Guarded;

/// A hive that is being read, and its logs.
#[derive(Debug)]
pub(crate) struct Input {
    base: Guarded,
    logs: Vec<Guarded>,
    /// What a replay did; `None` where none was asked for.
    replay: Option<Replay>,
    /// The hive, where it is not the file as it lies: with its logs applied, or with a base block made
    /// for its bins.
    made: Option<Guarded>,
    /// How much further on bytes stand in the hive than in the file; `None` but for a fragment.
    shift: Option<i64>,
    /// The pages of logs in their places, where the file is a log and no hive.
    pages: Option<Vec<u8>>,
}

impl Input {
    /// The same as [`open`](Self::open), for one hive alone.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn open_one(
        path: &Path,
        reading: &Reading,
        access: Access,
        messages: &Messages,
    ) -> Result<Self> {
        Self::open(path, reading, access, &mut Neighbors::default(), messages)
    }

    /// The same; of a transaction log, the pages that it and the logs that were named have of their hive.
    ///
    /// # Errors
    /// As there, and where a log has no page.
    pub(crate) fn open_hive_or_log(
        path: &Path,
        reading: &Reading,
        access: Access,
        messages: &Messages,
    ) -> Result<Self> {
        if !path.is_dir() {
            let base = open(path, reading, access)?;
            if Recognized::of(base.image().bytes()) == Recognized::TransactionLog {
                return Self::of_logs(base, reading, messages);
            }
        }
        Self::open_one(path, reading, access, messages)
    }

    fn of_logs(base: Guarded, reading: &Reading, messages: &Messages) -> Result<Self> {
        let named = reading.log.iter().map(|path| open(path, reading, Access::Sequential));
        let logs = named.collect::<Result<Vec<_>, _>>()?;
        let all = core::iter::once(&base).chain(&logs);
        let all: Vec<&[u8]> = all.map(|log| log.image().bytes()).collect();
        let path = base.image().path().display();
        let Some(pages) = pages_as_hive(&all) else {
            bail!("{path} is a transaction log of a hive, and no page of the hive is in it");
        };
        messages.incomplete(format_args!(
            "{path}: a transaction log without its hive; read were the pages of all entries, in the order of \
             their sequence numbers, and all else of the hive is zeros; offsets are those in the hive"
        ));
        let input = Self { base, logs, replay: None, made: None, shift: None, pages: Some(pages) };
        input.hive()?;
        Ok(input)
    }

    /// Maps or reads a hive, and applies the logs that were named or lie beside it.
    ///
    /// # Errors
    /// Where it or a log that was named cannot be opened, or it is no hive.
    pub(crate) fn open(
        path: &Path,
        reading: &Reading,
        access: Access,
        neighbors: &mut Neighbors,
        messages: &Messages,
    ) -> Result<Self> {
        if path.is_dir() {
            bail!("{} is a folder; give one hive", path.display());
        }
        let base = open(path, reading, access)?;
        let recognized = Recognized::of(base.image().bytes());
        let not_a_hive = recognized
            .what_to_do()
            .map(|advice| anyhow!("{} is {recognized}; {advice}", path.display()));
        // Of a hive whose beginning is lost nothing tells what it is; its logs or its bins may.
        if let (Some(error), true) = (&not_a_hive, recognized != Recognized::Other) {
            bail!("{error}");
        }
        let mut input =
            Self { base, logs: Vec::new(), replay: None, made: None, shift: None, pages: None };
        let fragment = if recognized == Recognized::Hive {
            None
        } else {
            let fragment = Guarded::read(path)?.image().fragment()?;
            let none = || anyhow!("{}: no whole bin", path.display());
            Some(fragment.ok_or_else(|| not_a_hive.unwrap_or_else(none))?)
        };
        // Logs say where bytes belong in the whole hive.
        let is_in_place = fragment.as_ref().is_none_or(|fragment| fragment.shift == 0);
        if !reading.no_replay {
            input.find_logs(reading, neighbors, messages)?;
            if is_in_place {
                input.apply_logs(recognized, messages)?;
            } else if input.logs.iter().any(|log| !log.image().bytes().is_empty()) {
                messages.incomplete(format_args!(
                    "{}: its logs were not applied, as its bins are not in their places",
                    path.display()
                ));
                input.logs.clear();
            }
        }
        if let Some(fragment) = fragment.filter(|_| input.made.is_none()) {
            input.shift = Some(fragment.shift);
            input.made = Some(Guarded::of(fragment.image));
            messages.incomplete(format_args!(
                "{}: it has no base block, and was read from the bin at file offset {} on{}",
                path.display(),
                fragment.start,
                match fragment.shift {
                    0 => String::new(),
                    shift =>
                        format!("; offsets are those in the whole hive, {}", escape::shift(shift)),
                }
            ));
        }
        input.hive()?;
        Ok(input)
    }

    /// Opens the logs that were named, else those beside the hive.
    fn find_logs(
        &mut self,
        reading: &Reading,
        neighbors: &mut Neighbors,
        messages: &Messages,
    ) -> Result<()> {
        for path in &reading.log {
            self.logs.push(open(path, reading, Access::Sequential)?);
        }
        if !reading.log.is_empty() {
            return Ok(());
        }
        let path = self.path().to_path_buf();
        let open_all = |paths: Vec<PathBuf>, logs: &mut Vec<Guarded>| {
            for path in paths {
                match open(&path, reading, Access::Sequential) {
                    Ok(log) => logs.push(log),
                    Err(error) => messages.incomplete(error),
                }
            }
        };
        let is_dirty = Hive::parse(self.base_bytes()).is_ok_and(Hive::is_dirty);
        let found = neighbors.named_after(&path).and_then(|named| {
            open_all(named, &mut self.logs);
            let is_empty = self.logs.iter().all(|log| log.image().bytes().is_empty());
            // Every file of the folder is looked into for it.
            if is_dirty && is_empty {
                open_all(neighbors.marked_as(&path)?, &mut self.logs);
            }
            Ok(())
        });
        if let Err(error) = found {
            messages.incomplete(format_args!("{error}; transaction logs were not looked for"));
        }
        Ok(())
    }

    fn apply_logs(&mut self, recognized: Recognized, messages: &Messages) -> Result<()> {
        let logs: Vec<&[u8]> = self.logs.iter().map(|log| log.image().bytes()).collect();
        let replay = replay::plan(self.base_bytes(), &logs);
        if replay.is_applied() {
            self.made = Some(self.base.replay(&self.logs)?.0);
        } else if recognized != Recognized::Hive && self.logs.is_empty() {
            return Ok(());
        }
        self.replay = Some(replay);
        let Some(report) = self.report(Hash::NotTaken) else { return Ok(()) };
        let path = self.path().display();
        if report.state != ReplayState::Clean {
            messages.note(format_args!("{path}: {}", report.statement));
        }
        let mut reasons = messages.reasons();
        // Windows keeps empty logs.
        for log in report.logs.iter().filter(|log| report.is_incomplete && log.size > 0) {
            let why = log.refused.as_deref().or(log.ended.as_deref());
            if log.refused.is_some() || log.damaged.is_some() || log.newer > 0 {
                reasons.add(format_args!(
                    "{}: {}",
                    log.path,
                    why.unwrap_or("newer entries are left")
                ));
            }
        }
        messages.not_applied(path, &reasons);
        Ok(())
    }

    /// What was done with the logs; `None` where nothing was to be done.
    pub(crate) fn report(&self, hash: Hash) -> Option<ReplayReport> {
        let logs: Vec<LogFile> = self.logs.iter().map(|log| log_file(log, hash)).collect();
        Some(ReplayReport::new(self.replay.as_ref()?, &logs, self.patches().as_ref()))
    }

    /// The hive's file.
    pub(crate) fn path(&self) -> &Path {
        self.base.image().path()
    }

    /// All bytes of the hive, with its logs applied.
    pub(crate) fn bytes(&self) -> &[u8] {
        if let Some(pages) = &self.pages {
            return pages;
        }
        self.made.as_ref().unwrap_or(&self.base).image().bytes()
    }

    /// All bytes of the file, as it lies.
    pub(crate) fn base_bytes(&self) -> &[u8] {
        self.base.image().bytes()
    }

    /// The files of the logs that were considered.
    pub(crate) fn logs(&self) -> impl Iterator<Item = &Path> {
        self.logs.iter().map(|log| log.image().path())
    }

    /// All bytes of them.
    pub(crate) fn log_bytes(&self) -> impl Iterator<Item = &[u8]> {
        self.logs.iter().map(|log| log.image().bytes())
    }

    /// How much further on bytes stand in the hive than in the file; `None` but for a file without a base
    /// block.
    pub(crate) const fn shift(&self) -> Option<i64> {
        self.shift
    }

    /// Whether the hive is lost, and what is read comes from its logs alone.
    pub(crate) const fn is_logs_alone(&self) -> bool {
        self.pages.is_some()
    }

    /// What a replay did; `None` where none was asked for.
    pub(crate) const fn replay(&self) -> Option<&Replay> {
        self.replay.as_ref()
    }

    /// Where the bytes of the hive come from; `None` where no log was applied.
    pub(crate) fn patches(&self) -> Option<Patches<'_>> {
        let replay = self.replay.as_ref().filter(|replay| replay.is_applied())?;
        Some(Patches::new(self.base_bytes(), self.bytes(), replay))
    }

    /// The hive.
    ///
    /// # Errors
    /// Where it is none: what it is, and what to do.
    pub(crate) fn hive(&self) -> Result<Hive<'_>> {
        Hive::parse(self.bytes()).with_context(|| self.path().display().to_string())
    }

    /// Names each file of which parts may be of two states, or were lost. To be called when all is
    /// read.
    pub(crate) fn finish(self, messages: &Messages) {
        for file in self.logs.iter().chain([&self.base]) {
            let path = file.image().path().display();
            let copy = self.made.as_ref().filter(|_| file.image().path() == self.path());
            if file.image().has_changed() {
                messages.incomplete(format_args!(
                    "{path}: changed while it was read; what is shown may be of two states"
                ));
            } else if file.has_lost_pages() || copy.is_some_and(Guarded::has_lost_pages) {
                messages.incomplete(format_args!(
                    "{path}: parts could not be read and were taken for zeros (a faulty disk, or cut \
                     short for a time)"
                ));
            }
        }
    }
}

/// Whether logs are hashed for a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    /// They are.
    Taken,
    /// They are not.
    NotTaken,
}

fn log_file(log: &Guarded, hash: Hash) -> LogFile {
    let (path, bytes) = (log.image().path(), log.image().bytes());
    let sha256 = (hash == Hash::Taken).then(|| digest::sha256([bytes]));
    LogFile { path: escape::path(path), sha256, size: bytes.len() as u64 }
}

/// Maps or reads a file.
fn open(path: &Path, reading: &Reading, access: Access) -> Result<Guarded, FileError> {
    if reading.no_mmap { Guarded::read(path) } else { Guarded::map(path, access) }
}
