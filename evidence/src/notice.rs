// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Notice`]: a warning or remark about an opened hive.

use core::fmt;
use std::path::{Path, PathBuf};

use crate::escape;
use calhive_regf::log::report::{LogReport, ReplayReport};
use calhive_regf::{FileError, FileOffset, LostBytes};

/// A warning or remark about an opened hive, or about its logs.
///
/// The message names the file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// A dirty hive, with the result for its logs.
    Replay {
        /// The hive.
        path: PathBuf,
        /// Result of the replay as a sentence: [`ReplayReport::statement`].
        statement: String,
    },
    /// A dirty hive with logs that were not applied, or only in part.
    LogsNotApplied {
        /// The hive.
        path: PathBuf,
        /// One text for each log: the escaped path of the log, then the reason.
        logs: Vec<String>,
    },
    /// Part of a hive whose logs were not applied, because the bins are not at their original
    /// offsets.
    LogsNotInPlace(PathBuf),
    /// A log that calhive found beside a hive and could not open.
    LogUnreadable(FileError),
    /// A dirty hive with only one log of the pair that Windows keeps. The other log is not in the folder.
    OneLogOfPair {
        /// The hive.
        path: PathBuf,
        /// The log that exists.
        found: PathBuf,
        /// Name of the log that does not exist.
        missing: String,
    },
    /// A folder that contains a hive and that calhive could not search for logs.
    LogsNotSearched(FileError),
    /// A hive without a base block.
    NoBaseBlock {
        /// The file.
        path: PathBuf,
        /// Offset of the first bin, from the start of the file.
        start: FileOffset,
        /// Offset in the hive minus offset in the file, in bytes.
        shift: i64,
    },
    /// A log that was read without its hive.
    LogsAlone(PathBuf),
    /// A file that changed while it was read.
    Changed(PathBuf),
    /// A file with parts that could not be read.
    LostPages {
        /// The file.
        path: PathBuf,
        /// The bytes that zeros replace.
        lost: LostBytes,
    },
}

impl Notice {
    /// Whether evidence is missing, or can be mixed from two states. True for every notice except
    /// [`Replay`](Self::Replay) and [`OneLogOfPair`](Self::OneLogOfPair).
    pub const fn is_incomplete(&self) -> bool {
        !matches!(self, Self::Replay { .. } | Self::OneLogOfPair { .. })
    }

    /// Returns the path of the file or folder.
    pub fn path(&self) -> &Path {
        match self {
            Self::LogUnreadable(error) | Self::LogsNotSearched(error) => error.path(),
            Self::Replay { path, .. }
            | Self::OneLogOfPair { path, .. }
            | Self::LogsNotApplied { path, .. }
            | Self::LogsNotInPlace(path)
            | Self::NoBaseBlock { path, .. }
            | Self::LogsAlone(path)
            | Self::Changed(path)
            | Self::LostPages { path, .. } => path,
        }
    }

    /// Returns the reasons of [`LogsNotApplied`](Self::LogsNotApplied).
    pub(crate) fn reasons(report: &ReplayReport) -> Vec<String> {
        let logs = report.logs.iter().filter(|log| report.is_incomplete && log.size > 0);
        let missing =
            logs.filter(|log| log.refused.is_some() || log.damaged.is_some() || log.newer > 0);
        let reason = |log: &_| {
            let LogReport { path, refused, ended, .. } = log;
            let why = refused.as_deref().or(ended.as_deref());
            let why = why.unwrap_or("newer entries were not applied");
            format!("{path}: {why}")
        };
        missing.map(reason).collect()
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = escape::path(self.path());
        match self {
            Self::Replay { statement, .. } => write!(f, "{path}: {statement}"),
            Self::LogsNotApplied { logs, .. } => {
                let ending = if logs.len() == 1 { "" } else { "s" };
                let (number, logs) = (logs.len(), logs.join("; "));
                write!(f, "{path}: {number} log{ending} not applied, or not to the end ({logs})")
            }
            Self::OneLogOfPair { missing, .. } => write!(
                f,
                "{path}: only one log of the pair was found; {missing} is not in the folder, and it can hold newer \
                 changes"
            ),
            Self::LogsNotInPlace(_) => {
                write!(
                    f,
                    "{path}: logs were not applied, because the bins are not at their original \
                     offsets in the hive"
                )
            }
            Self::LogUnreadable(error) => write!(f, "{error}"),
            Self::LogsNotSearched(error) => {
                write!(f, "{error}; calhive did not search for transaction logs")
            }
            Self::NoBaseBlock { start, shift, .. } => {
                write!(
                    f,
                    "{path}: it has no base block; calhive read it from the bin at file offset {start}"
                )?;
                match shift {
                    0 => Ok(()),
                    shift => {
                        let shift = Shift(*shift);
                        write!(f, "; offsets refer to the whole hive and are {shift}")
                    }
                }
            }
            Self::LogsAlone(_) => write!(
                f,
                "{path}: a transaction log without its hive. calhive assembled the logged pages \
                 (newer pages win) and filled the rest with zeros; offsets refer to the \
                 assembled hive"
            ),
            Self::Changed(_) => {
                write!(f, "{path}: changed while it was read; the output can mix two states")
            }
            Self::LostPages { lost, .. } => write!(
                f,
                "{path}: {lost} could not be read, and calhive used zeros instead (possible \
                 causes: a faulty disk, or a file that was temporarily shorter during the read)"
            ),
        }
    }
}

/// Offset in a hive minus offset in the file, in bytes; displayed in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift(pub i64);

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let distance = self.0.unsigned_abs();
        let word = if self.0 < 0 { "lower" } else { "higher" };
        write!(f, "{distance:#x} {word} than in the file")
    }
}
