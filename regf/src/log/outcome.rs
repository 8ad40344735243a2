// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Replay`]: outcome of a replay, with the use of each log and the source of each byte written.

use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;
use crate::log::Format;

/// Outcome of a replay.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Every log, in the order given by the caller.
    pub logs: Vec<LogUse>,
    /// Reason why no log was applied; `None` if a log was applied.
    pub untouched: Option<Untouched>,
    /// Whether the base block was rebuilt from a log because its checksum was wrong.
    pub base_block_rebuilt: bool,
    /// Size of all bins before the replay, in bytes.
    pub bins_before: u32,
    /// Size of all bins after the replay, in bytes.
    pub bins_after: u32,
    /// Sequence number of the last update applied. If no update was applied, the primary sequence
    /// number of the hive.
    pub sequence: u32,
    /// Indexes of the logs in the order of their updates, without repeats in a row.
    pub order: Vec<usize>,
    /// All writes of the replay, in order: pages of logs, zeros in new bins, and the base block.
    /// Replay itself writes the bytes of this list, so every byte that differs from the file is in
    /// the list.
    pub written: Vec<Written>,
}

/// Reason why a replay applied no log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Untouched {
    /// The hive is clean. Its logs hold older updates only.
    Clean,
    /// The hive is dirty, but no log applies.
    NoLog,
}

/// What a replay did with one log.
#[derive(Clone, Debug)]
pub struct LogUse {
    /// Format; `None` if the file is not a log.
    pub format: Option<Format>,
    /// Primary and secondary sequence number of the base block; `None` if the file is not a log.
    pub sequence: Option<(u32, u32)>,
    /// Reason why the log was not applied. `None` if the log was applied.
    pub refused: Option<Refusal>,
    /// Number of updates applied: entries, or 1 for a log of the old format.
    pub applied: u32,
    /// Sequence numbers of the first and the last update applied; `None` if none was applied.
    pub applied_sequence: Option<(u32, u32)>,
    /// Error that ended the consecutive entries before the end of the log. Usually remnants of older
    /// entries follow.
    pub ended: Option<Error>,
    /// Sequence number of the damaged next update. `Some` only if an entry header with the expected
    /// number is where the consecutive entries end.
    pub damaged: Option<u32>,
    /// Number of entries with valid hashes that were not applied: older entries, or newer entries
    /// after a gap.
    pub left_over: u32,
    /// Number of left-over entries that are newer than the last update applied.
    pub newer: u32,
    /// The limit of damaged entries, with the place behind which no entry was searched for. `None` if the log
    /// was searched to its end.
    pub unsearched: Option<Error>,
}

/// Reason why a log was not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The file is empty, a stub, or not a log.
    NotALog(Error),
    /// The base block is damaged: wrong checksum, or unequal sequence numbers after an unfinished write.
    Torn(Error),
    /// The base blocks of log and hive name different resource managers or files.
    AnotherHive,
    /// The hive is clean.
    HiveIsClean,
    /// The log is older than the hive.
    Older,
    /// The log has the old format, and logs of the new format exist.
    OldFormat,
    /// Another log of the same format is newer.
    Superseded,
    /// The log does not continue the last update applied.
    Gap,
    /// The first entry, or the bitmap of dirty sectors, is invalid.
    NothingToApply(Error),
}

impl fmt::Display for Refusal {
    /// Writes the reason. The text fits after "not applied:".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotALog(error) => return write!(f, "not a transaction log: {error}"),
            Self::Torn(error) => return write!(f, "damaged base block: {error}"),
            Self::NothingToApply(error) => {
                return write!(f, "no usable update: {error}");
            }
            Self::AnotherHive => {
                "the base block names another resource manager or file, so the log probably belongs to \
                 another hive (inferred)"
            }
            Self::HiveIsClean => "the hive is clean according to its base block",
            Self::Older => "older than the hive",
            Self::OldFormat => "old format, and logs of the new format exist",
            Self::Superseded => "another log is newer",
            Self::Gap => "gap: the log does not continue the last update applied",
        })
    }
}

/// Stretch of bytes that a replay wrote into a hive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Offset in the hive, from the start of the file.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
    /// Index of the log in the list given by the caller.
    pub log: usize,
    /// Sequence number of the entry. For a log of the old format, sequence number of its base block.
    pub sequence: u32,
    /// Offset in the log, from the start of the log. For zeros and the base block, which no log holds
    /// in this form, the offset of the update.
    pub log_offset: u64,
    /// Source of the bytes.
    pub source: ByteSource,
}

/// Source of bytes that a replay wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ByteSource {
    /// A page of a log.
    #[default]
    Page,
    /// Zeros, because the update enlarges the hive.
    Zeros,
    /// The base block, with the numbers of the update.
    BaseBlock,
}

impl Replay {
    /// Returns whether a log was applied.
    pub const fn is_applied(&self) -> bool {
        self.untouched.is_none()
    }
}
