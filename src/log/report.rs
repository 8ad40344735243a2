// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ReplayReport`]: what a replay did, in words and numbers; serialisable with the feature `serde`.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::Serialize;

use crate::log::Format;
use crate::log::patches::{Patches, Sums};
use crate::log::replay::{LogUse, Replay, Untouched};

/// A log as its user knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// The path.
    pub path: String,
    /// The hash of the whole file, in hex; `None` where it was not taken.
    pub sha256: Option<String>,
    /// The number of bytes of the file.
    pub size: u64,
}

/// What was done with the transaction logs of a hive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ReplayReport {
    /// Whether logs were applied.
    pub state: ReplayState,
    /// The same in words.
    pub statement: String,
    /// Whether changes are known to be missing: no log could be applied, or an entry that should follow is
    /// damaged, or newer ones are left.
    pub is_incomplete: bool,
    /// Whether the base block was made anew from that of a log, since its checksum is wrong.
    pub base_block_rebuilt: bool,
    /// Bytes of all bins in the file.
    pub bins_before: u32,
    /// Bytes of all bins after the logs.
    pub bins_after: u32,
    /// The sequence number of the last update in the hive as it is shown.
    pub sequence: u32,
    /// Pages of 4,096 bytes of the hive that hold bytes from a log.
    pub pages: u64,
    /// Bytes of the hive that come from a log.
    pub bytes: u64,
    /// Those of them that differ from the file.
    pub changed: u64,
    /// The logs that were looked at.
    pub logs: Vec<LogReport>,
}

/// Whether logs were applied to a hive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum ReplayState {
    /// They were.
    Applied,
    /// The hive is clean: it needs none.
    Clean,
    /// The hive is dirty, and there is no log that could be applied.
    NoLog,
}

/// A log, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct LogReport {
    /// The path that it was read from.
    pub path: String,
    /// The SHA-256 of the whole file, in hex; null where it was not taken.
    pub sha256: Option<String>,
    /// The number of bytes of the file.
    pub size: u64,
    /// Its format; null where it is no log.
    pub format: Option<Format>,
    /// Primary and secondary sequence number of its base block; null where it is no log.
    pub sequence: Option<(u32, u32)>,
    /// Entries of it that were applied; 1 for a log of the old format.
    pub applied: u32,
    /// The sequence numbers of the first and the last of them; null where there are none.
    pub applied_sequence: Option<(u32, u32)>,
    /// Why it was not applied; null where it was.
    pub refused: Option<String>,
    /// Why its entries end before the log does; null where they do not. Mostly these are the remains of
    /// older entries.
    pub ended: Option<String>,
    /// Where they end, in bytes from the start of the log.
    pub ended_at: Option<u64>,
    /// The number of the entry that ends them, where that is the one that should follow: it is damaged.
    pub damaged: Option<u32>,
    /// Whole entries that were not applied: older states of the hive, or newer ones that do not follow.
    pub left_over: u32,
    /// Those of them that are newer than the last one that was applied.
    pub newer: u32,
}

impl ReplayReport {
    /// What `replay` did with `logs`, which were given in this order; `patches` where it applied any.
    pub fn new(replay: &Replay, logs: &[LogFile], patches: Option<&Patches<'_>>) -> Self {
        let state = match replay.untouched {
            None => ReplayState::Applied,
            Some(Untouched::Clean) => ReplayState::Clean,
            Some(Untouched::NoLog) => ReplayState::NoLog,
        };
        let uses = replay.logs.iter().zip(logs).enumerate();
        let logs = uses.map(|(index, (log, file))| LogReport::new(replay, index, log, file));
        let logs: Vec<LogReport> = logs.collect();
        let is_missing = |log: &LogReport| log.damaged.is_some() || log.newer > 0;
        let is_incomplete = match state {
            ReplayState::Applied => logs.iter().any(is_missing),
            ReplayState::Clean => false,
            ReplayState::NoLog => true,
        };
        let Sums { pages, bytes, changed } = patches.map(Patches::sums).unwrap_or_default();
        Self {
            state,
            statement: statement(replay, state, &logs),
            is_incomplete,
            base_block_rebuilt: replay.base_block_rebuilt,
            bins_before: replay.bins_before,
            bins_after: replay.bins_after,
            sequence: replay.sequence,
            pages,
            bytes,
            changed,
            logs,
        }
    }
}

impl LogReport {
    fn new(replay: &Replay, index: usize, log: &LogUse, file: &LogFile) -> Self {
        let mut applied = replay.written.iter().filter(|written| written.log == index);
        let first = applied.next().map(|written| written.sequence);
        let last = applied.next_back().map(|written| written.sequence).or(first);
        Self {
            path: file.path.clone(),
            sha256: file.sha256.clone(),
            size: file.size,
            format: log.format,
            sequence: log.sequence,
            applied: log.applied,
            applied_sequence: first.zip(last),
            refused: log.refused.map(|why| {
                if file.size == 0 { String::from("it is empty") } else { why.to_string() }
            }),
            ended: log.ended.map(|error| error.kind().to_string()),
            ended_at: log.ended.map(|error| error.offset().get()),
            damaged: log.damaged,
            left_over: log.left_over,
            newer: log.newer,
        }
    }

    /// The name of its file.
    pub fn name(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or(&self.path)
    }

    /// What of it was applied, in words: "entry 7 of X", "entries 2 to 4 of X"; a log of the old format
    /// has no entries.
    fn applied(&self) -> Option<String> {
        let (first, last) = self.applied_sequence?;
        Some(match self.format {
            Some(Format::Old) => format!("{} (sequence number {first})", self.name()),
            _ if first == last => format!("entry {first} of {}", self.name()),
            _ => format!("entries {first} to {last} of {}", self.name()),
        })
    }

    /// What of it should have been applied and could not be, in words.
    fn missing(&self) -> Option<String> {
        let name = self.name();
        let newer = |newer| match newer {
            1 => String::from("1 newer entry"),
            newer => format!("{newer} newer entries"),
        };
        Some(match (self.damaged, self.newer) {
            (None, 0) => return None,
            (Some(number), 0) => format!("entry {number} of {name} is damaged"),
            (Some(number), more) => {
                format!(
                    "entry {number} of {name} is damaged, and {} of it not applied",
                    newer(more)
                )
            }
            (None, more) => format!("{} of {name} not applied", newer(more)),
        })
    }
}

fn statement(replay: &Replay, state: ReplayState, logs: &[LogReport]) -> String {
    let with_content = logs.iter().filter(|log| log.size > 0).count();
    match state {
        ReplayState::Clean => match with_content {
            0 => String::from("by its base block the file is clean"),
            1 => String::from("by its base block the file is clean, so 1 log was not applied"),
            many => format!("by its base block the file is clean, so {many} logs were not applied"),
        },
        ReplayState::NoLog => {
            let why = match with_content {
                0 => "no log of it was found",
                _ => "no log could be applied",
            };
            format!(
                "by its base block the file is dirty, and {why}: changes that stood in logs only, if there \
                 were any, are not shown"
            )
        }
        ReplayState::Applied => {
            // In the order in which they were applied: a second log by name may hold the earlier ones.
            let mut order: Vec<usize> = replay.written.iter().map(|written| written.log).collect();
            order.dedup();
            let applied = order.iter().filter_map(|index| logs.get(*index)?.applied());
            let applied: Vec<String> = applied.collect();
            let were = match applied.as_slice() {
                [one] if !one.starts_with("entries") => "was",
                _ => "were",
            };
            let mut text = format!(
                "by its base block the file is dirty; {} {were} applied",
                applied.join(" and ")
            );
            if replay.base_block_rebuilt {
                text.push_str(
                    ", and the base block, whose checksum is wrong, was taken from there",
                );
            }
            for missing in logs.iter().filter_map(LogReport::missing) {
                text = format!("{text}; {missing}: newer changes may be missing");
            }
            text
        }
    }
}
