// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`ReplayReport`]: outcome of a replay in words and numbers, serializable with the feature `serde`.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

#[cfg(feature = "schema")]
use schemars::JsonSchema;
#[cfg(feature = "serde")]
use serde::{Serialize, Serializer};

use crate::error::{ErrorKind, Field};
use crate::log::Format;
use crate::log::outcome::{LogUse, Replay, Untouched};
use crate::log::patches::{Patches, Sums};

/// Path, hash and size of a log file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFile {
    /// Path of the file.
    pub path: String,
    /// SHA-256 of the file, in hex. `None` if no hash was computed.
    pub sha256: Option<String>,
    /// Size of the file in bytes.
    pub size: u64,
}

/// Outcome of the replay of a hive's transaction logs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct ReplayReport {
    /// Whether a log was applied.
    pub state: ReplayState,
    /// The outcome in words.
    #[cfg_attr(feature = "serde", serde(rename = "text"))]
    pub statement: String,
    /// Whether changes are known to be missing: no log applies to the dirty hive, the next entry is
    /// damaged, or newer entries were not applied.
    pub is_incomplete: bool,
    /// Whether the base block was rebuilt from a log because its checksum is wrong.
    pub base_block_rebuilt: bool,
    /// Size of all bins in the file, in bytes.
    pub bins_before: u32,
    /// Size of all bins after the replay, in bytes.
    pub bins_after: u32,
    /// Sequence number of the last update in the hive after the replay.
    pub sequence: u32,
    /// Number of pages of 4,096 bytes that hold bytes from a log.
    pub pages: u64,
    /// Number of bytes from a log.
    pub bytes: u64,
    /// Number of bytes that differ from the file: bytes from a log, zeros in new bins, and bytes of the
    /// base block.
    pub changed: u64,
    /// All logs, in the order given to replay.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub logs: Vec<LogReport>,
}

/// Whether a replay applied a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub enum ReplayState {
    /// At least one log was applied.
    Applied,
    /// The hive is clean and needs no log.
    Clean,
    /// The hive is dirty, but no log applies.
    NoLog,
}

/// Words for people, as an object with the field `text`.
#[cfg(feature = "serde")]
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[cfg_attr(feature = "schema", schemars(inline))]
struct Words<'r> {
    /// The words.
    text: &'r str,
}

#[cfg(feature = "serde")]
fn words<S: Serializer>(words: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    words.as_deref().map(|text| Words { text }).serialize(serializer)
}

/// Use that a replay made of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize))]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
pub struct LogReport {
    /// Path of the log file.
    pub path: String,
    /// SHA-256 of the file, in hex; absent if it was not computed.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub sha256: Option<String>,
    /// Size of the file in bytes.
    pub size: u64,
    /// Format; absent if the file is not a log.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub format: Option<Format>,
    /// Primary and secondary sequence number of the base block; absent if the file is not a log.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub sequence: Option<(u32, u32)>,
    /// Number of entries applied; 1 for a log of the old format.
    pub applied: u32,
    /// Sequence numbers of the first and the last entry applied; absent if none was applied.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub applied_sequence: Option<(u32, u32)>,
    /// Reason why the log was not applied; absent if it was applied.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "serde", serde(serialize_with = "words"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Words<'_>>"))]
    pub refused: Option<String>,
    /// Fault that ends the consecutive entries before the end of the log; absent if there is none. Usually
    /// remnants of older entries follow.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    #[cfg_attr(feature = "serde", serde(serialize_with = "words"))]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Words<'_>>"))]
    pub ended: Option<String>,
    /// Offset of that fault, from the start of the log.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub ended_at: Option<u64>,
    /// Sequence number of the entry at that place, if it is the expected number: the next update is
    /// damaged.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub damaged: Option<u32>,
    /// Number of intact entries that were not applied: older states of the hive, or newer ones after a
    /// gap.
    pub left_over: u32,
    /// Number of those entries that are newer than the last entry applied.
    pub newer: u32,
    /// Offset behind which calhive searched for no further entries, from the start of the log, because the log
    /// has too many damaged ones. Absent if the log was searched to its end.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub unsearched_from: Option<u64>,
}

impl ReplayReport {
    /// Describes the outcome of a replay. `logs` has the order given to replay. If a log was
    /// applied, `patches` is required.
    pub fn new(replay: &Replay, logs: &[LogFile], patches: Option<&Patches<'_>>) -> Self {
        let state = match replay.untouched {
            None => ReplayState::Applied,
            Some(Untouched::Clean) => ReplayState::Clean,
            Some(Untouched::NoLog) => ReplayState::NoLog,
        };
        let uses = replay.logs.iter().zip(logs);
        let logs = uses.map(|(log, file)| LogReport::new(log, file));
        let logs: Vec<LogReport> = logs.collect();
        let is_missing = |log: &LogReport| {
            log.damaged.is_some() || log.newer > 0 || log.unsearched_from.is_some()
        };
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
    fn new(log: &LogUse, file: &LogFile) -> Self {
        Self {
            path: file.path.clone(),
            sha256: file.sha256.clone(),
            size: file.size,
            format: log.format,
            sequence: log.sequence,
            applied: log.applied,
            applied_sequence: log.applied_sequence,
            refused: log.refused.map(|why| {
                if file.size == 0 { String::from("empty file") } else { why.to_string() }
            }),
            ended: log.ended.map(|error| fault(error.kind())),
            ended_at: log.ended.map(|error| error.offset().get()),
            damaged: log.damaged,
            left_over: log.left_over,
            newer: log.newer,
            unsearched_from: log.unsearched.map(|limit| limit.offset().get()),
        }
    }

    /// Returns the name of the log file.
    pub fn name(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or(&self.path)
    }

    /// Describes the part of the log that was applied: "entry 7 of X", "entries 2 to 4 of X". A log of
    /// the old format has no entries.
    fn applied(&self) -> Option<String> {
        let (first, last) = self.applied_sequence?;
        Some(match self.format {
            Some(Format::Old) => format!("{} (sequence number {first})", self.name()),
            _ if first == last => format!("entry {first} of {}", self.name()),
            _ => format!("entries {first} to {last} of {}", self.name()),
        })
    }

    /// Describes the updates that should have been applied but were not.
    fn missing(&self) -> Option<String> {
        let name = self.name();
        let newer = |newer, of: &str| match newer {
            1 => format!("1 newer entry{of} was not applied"),
            newer => format!("{newer} newer entries{of} were not applied"),
        };
        let missing = match (self.damaged, self.newer) {
            (None, 0) => None,
            (Some(number), 0) => Some(format!("entry {number} of {name} is damaged")),
            (Some(number), more) => {
                Some(format!("entry {number} of {name} is damaged, and {}", newer(more, "")))
            }
            (None, more) => Some(newer(more, &format!(" of {name}"))),
        };
        let unsearched = self.unsearched_from.map(|from| {
            format!("{name} was not searched from offset {from:#x} on, because of too many damaged entries")
        });
        let all: Vec<String> = missing.into_iter().chain(unsearched).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// Describes the fault that ends the entries of a log. The text shows hashes in hex, which is
/// easier to compare.
fn fault(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::Mismatch { structure, field: Field::Hash, expected, found } => {
            format!("{structure}: hash mismatch (stored {found:#018x}, computed {expected:#018x})")
        }
        kind => kind.to_string(),
    }
}

fn statement(replay: &Replay, state: ReplayState, logs: &[LogReport]) -> String {
    let with_content = logs.iter().filter(|log| log.size > 0).count();
    match state {
        ReplayState::Clean => match with_content {
            0 => String::from("the base block marks the file as clean"),
            1 => String::from("the base block marks the file as clean, so 1 log was not applied"),
            many => {
                format!("the base block marks the file as clean, so {many} logs were not applied")
            }
        },
        ReplayState::NoLog => {
            let why = match with_content {
                0 => "no log was found",
                _ => "no log could be applied",
            };
            format!(
                "the base block marks the file as dirty, but {why}; changes that are in logs only, if any, \
                 are not shown"
            )
        }
        ReplayState::Applied => {
            // The text lists logs in the order of application, because LOG2 can hold the earlier
            // entries.
            let applied = replay.order.iter().filter_map(|index| logs.get(*index)?.applied());
            let applied: Vec<String> = applied.collect();
            let applied = applied.join(" and ");
            let mut text = format!("the base block marks the file as dirty; applied {applied}");
            if replay.base_block_rebuilt {
                text.push_str(
                    ", and rebuilt the base block from the log because its checksum is wrong",
                );
            }
            let missing: Vec<String> = logs.iter().filter_map(LogReport::missing).collect();
            if !missing.is_empty() {
                text = format!("{text}; newer changes may be missing: {}", missing.join("; "));
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Structure;

    #[test]
    fn wrong_hash_is_reported_in_hex() {
        let (structure, expected, found) = (Structure::LogEntry, 0xE0CE_4E86_0000_0001, 0x2A);
        let hash = ErrorKind::Mismatch { structure, field: Field::Hash, expected, found };
        assert_eq!(
            fault(hash),
            "log entry (HvLE): hash mismatch (stored 0x000000000000002a, computed 0xe0ce4e8600000001)"
        );
        let count = ErrorKind::Mismatch { structure, field: Field::Count, expected: 2, found: 3 };
        assert_eq!(fault(count), count.to_string());
    }
}
