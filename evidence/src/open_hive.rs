// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`OpenHive`]: an open hive with its transaction logs.

use std::path::Path;

use calhive_regf::log::Plan;
use calhive_regf::log::outcome::Replay;
use calhive_regf::log::patches::Patches;
use calhive_regf::log::report::{LogFile, ReplayReport, ReplayState};
use calhive_regf::{FileError, Hive};

use crate::escape;
use crate::file::Recognized;
use crate::hash::Hash;
use crate::held::Held;
use crate::notice::Notice;
use crate::open_error::OpenError;

/// An open hive with its transaction logs, opened by an [`Opener`](crate::Opener).
#[derive(Debug)]
pub struct OpenHive<H> {
    pub(crate) base: H,
    pub(crate) logs: Vec<H>,
    pub(crate) state: State<H>,
}

/// Origin of the bytes of a hive.
#[derive(Debug)]
pub(crate) enum State<H> {
    /// The file as stored. Holds the result of a replay that applied no log; `None` without a replay.
    AsStored(Option<Replay>),
    /// A copy with logs applied.
    Replayed(H, Replay),
    /// The bins of a file without a base block, behind a base block that calhive made up.
    Fragment {
        image: H,
        /// Offset in the hive minus offset in the file, in bytes.
        shift: i64,
        replay: Option<Replay>,
    },
    /// The pages of logs, at their offsets in the hive. The file is a log, and its hive is lost.
    LogPages(Vec<u8>),
}

impl<H: Held> OpenHive<H> {
    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        self.base.image().path()
    }

    /// Parses the hive, with its logs applied.
    ///
    /// # Errors
    /// If the base block cannot be read.
    pub fn hive(&self) -> Result<Hive<'_>, OpenError> {
        let hive = match &self.state {
            State::Fragment { .. } | State::LogPages(_) => Hive::parse_assembled(self.bytes()),
            _ => Hive::parse(self.bytes()),
        };
        hive.map_err(|error| OpenError::Hive { path: self.path().into(), error })
    }

    /// Returns all bytes of the hive, with its logs applied.
    pub fn bytes(&self) -> &[u8] {
        match &self.state {
            State::AsStored(_) => self.base_bytes(),
            State::Replayed(image, _) | State::Fragment { image, .. } => image.image().bytes(),
            State::LogPages(bytes) => bytes,
        }
    }

    /// Returns all bytes of the file as stored.
    pub fn base_bytes(&self) -> &[u8] {
        self.base.image().bytes()
    }

    /// Returns the SHA-256 of the file as stored, in hex; `None` if hashes are not taken.
    pub fn sha256(&self, hash: Hash) -> Option<String> {
        hash.of(self.base_bytes())
    }

    /// Returns the paths of the logs that calhive considered, applied or not.
    pub fn logs(&self) -> impl Iterator<Item = &Path> {
        self.logs.iter().map(|log| log.image().path())
    }

    /// Returns all bytes of each log, in the order of [`logs`](Self::logs).
    pub fn log_bytes(&self) -> impl Iterator<Item = &[u8]> {
        self.logs.iter().map(|log| log.image().bytes())
    }

    /// Returns the offset in the hive minus the offset in the file, in bytes, for a file without a base
    /// block; `None` for any other file.
    pub const fn shift(&self) -> Option<i64> {
        match &self.state {
            State::Fragment { shift, .. } => Some(*shift),
            _ => None,
        }
    }

    /// Whether the hive is lost, and only its logs were read.
    pub const fn is_logs_alone(&self) -> bool {
        matches!(self.state, State::LogPages(_))
    }

    /// Returns the result of a replay; `None` without a replay.
    pub const fn replay(&self) -> Option<&Replay> {
        match &self.state {
            State::Replayed(_, replay) => Some(replay),
            State::AsStored(replay) | State::Fragment { replay, .. } => replay.as_ref(),
            State::LogPages(_) => None,
        }
    }

    /// Returns the bytes that log entries wrote, with the entries; `None` if no log was applied.
    pub fn patches(&self) -> Option<Patches<'_>> {
        match &self.state {
            State::Replayed(image, replay) => {
                Some(Patches::new(self.base_bytes(), image.image().bytes(), replay))
            }
            _ => None,
        }
    }

    /// Returns the report of the replay, with the escaped paths of the logs; `None` without a replay.
    pub fn report(&self, hash: Hash) -> Option<ReplayReport> {
        let replay = self.replay()?;
        Some(ReplayReport::new(replay, &self.log_files(hash), self.patches().as_ref()))
    }

    /// Ends reading. Returns a notice for each file that changed during reading, or that has unreadable
    /// parts. Call this function after the last access.
    #[must_use]
    pub fn finish(self) -> Vec<Notice> {
        let made = match &self.state {
            State::Replayed(image, _) | State::Fragment { image, .. } => Some(image),
            State::AsStored(_) | State::LogPages(_) => None,
        };
        let notices = |file: &H| {
            let path = file.image().path();
            let copy = made.filter(|_| path == self.path());
            let both = [file.lost(), copy.and_then(H::lost)].into_iter().flatten();
            // The copy shares its unmodified pages with the file: each page is lost once or twice.
            let lost = both.max_by_key(|lost| lost.count);
            let lost = lost.map(|lost| Notice::LostPages { path: path.into(), lost });
            let changed = file.image().has_changed().then(|| Notice::Changed(path.into()));
            changed.into_iter().chain(lost)
        };
        self.logs.iter().chain([&self.base]).flat_map(notices).collect()
    }

    /// Applies the logs.
    pub(crate) fn apply_logs(
        &mut self,
        recognized: Recognized,
        notify: &mut dyn FnMut(Notice),
    ) -> Result<(), FileError> {
        let logs: Vec<&[u8]> = self.log_bytes().collect();
        let plan = Plan::new(self.base_bytes(), &logs);
        let replay = plan.outcome().clone();
        if !replay.is_applied() && recognized != Recognized::Hive && self.logs.is_empty() {
            return Ok(());
        }
        let report = ReplayReport::new(&replay, &self.log_files(Hash::NotTaken), None);
        self.state = if replay.is_applied() {
            State::Replayed(self.base.replay(&plan)?, replay)
        } else {
            State::AsStored(Some(replay))
        };
        let reasons = Notice::reasons(&report);
        if report.state != ReplayState::Clean {
            notify(Notice::Replay { path: self.path().into(), statement: report.statement });
        }
        if !reasons.is_empty() {
            notify(Notice::LogsNotApplied { path: self.path().into(), logs: reasons });
        }
        Ok(())
    }

    fn log_files(&self, hash: Hash) -> Vec<LogFile> {
        let file = |log: &H| {
            let (path, bytes) = (log.image().path(), log.image().bytes());
            let size = bytes.len() as u64;
            LogFile { path: escape::path(path), sha256: hash.of(bytes), size }
        };
        self.logs.iter().map(file).collect()
    }
}
