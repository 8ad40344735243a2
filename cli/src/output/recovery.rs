// SPDX-License-Identifier: GPL-3.0-or-later
//! Recovered keys and values, as text or as one JSON object a line (`recover`, `walk --recovered`).
//!
//! # Format
//!
//! Each JSON line has `record`: `recovered`, and
//!
//! - `item`: `key` or `value`.
//! - `path` and `path_hex`: the known part of the path of the key. For a value, the path of its key.
//!   Omitted if no part is known.
//! - `path_is_whole`: whether the path leads to a root; null for a value of an unknown key.
//! - `path_is_shortened`: true if names at the start are left out because of a limit; omitted otherwise.
//! - `name` and `name_hex` of the key or value.
//! - `last_written` and `last_written_filetime` of the key; null if unknown.
//! - `state`: `now` for items in the hive with its logs applied, `before_replay` for items in bytes of
//!   the file on disk that replay overwrites, `log` for items in a log page that was not applied.
//! - `offset` of the record in the hive.
//! - `from_log`, for items in a log page: `log`, `sequence`, `log_offset`. `sequence` is null for bytes
//!   after the last sector of an old-format log.
//! - `origin`: `free_cell`, `unreferenced`, `slack`, `broken_bin`, `remnant`, `log_page`.
//! - `confidence`: `high`, `medium` or `low`, and `why`.
//! - `lost`: lost or doubtful parts of the item, as text.
//! - `copy_of`: offset of the live key or value that equals the item, or null.
//! - `previous_version_of`: offset of the live key or value with the same path, and `changed`: the
//!   differences. Both are null if no such key or value exists.
//! - for a value, `type`, `type_name` and `size` as stored.
//! - `available`, for a value: number of bytes of the data that survive, from the start. `sha256`: hash
//!   of these bytes. `data_hex`: these bytes in hex, if there are at most 256.
//!
//! Lines with `record`: `older_data` are about live values whose data were overwritten in place by
//! shorter data, or that use a cell again. They have `path`, `path_hex`, `name` and `name_hex`,
//! `value_offset`, and the bytes after the data: `offset`, `size`, `sha256`, and `data_hex`, if there are at most 256.
//!
//! The data of all values together is limited to four times the size of the hive. A value that would
//! exceed this limit has no `available`, `sha256` or `data_hex`. All paths together are limited to four
//! UTF-16 units for each byte of the hive. A path beyond this limit has only its last name, and
//! `path_is_shortened`: true. Standard error then names the limit, and the exit code is 3.

use std::io::{self, Write};

use calhive::{Error, FileOffset, KeyPath, Limit, Name};
use calhive_regf::Budget;
use calhive_regf::recover::{
    Counterpart, Level, OverwrittenValue, Recovered, RecoveredPath, Recovery, SpaceKind,
};
use serde::Serialize;

use crate::digest;
use crate::output::data::{self, Decoded};
use crate::output::{json, jsonl};
use crate::text::hex;

/// Longest data written in hex, in bytes.
const SHORT: usize = 256;

/// Overhead of each piece of data, in bytes. The limit counts the overhead in addition to the data.
const PIECE: u64 = 16;

/// Limit of the paths of all items, in UTF-16 units for each byte of the hive.
const PATH_UNITS: u64 = 4;

/// Returns the length of a path in UTF-16 units, with its separators.
fn units(path: &KeyPath) -> u64 {
    path.names().map(|name| (name.units().count() as u64).saturating_add(1)).sum()
}

/// A place in a log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LogPlace {
    pub(crate) log: String,
    pub(crate) sequence: Option<u32>,
    pub(crate) log_offset: u64,
}

/// The state of the hive that an item was recovered from.
#[derive(Clone, Debug)]
pub(crate) enum State {
    /// The hive with its logs applied.
    Now,
    /// The file on disk, at bytes that its logs overwrite.
    BeforeReplay,
    /// A page of a log.
    Log(LogPlace),
}

impl State {
    const fn word(&self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::BeforeReplay => "before_replay",
            Self::Log(_) => "log",
        }
    }

    fn log(self) -> Option<LogPlace> {
        if let Self::Log(place) = self { Some(place) } else { None }
    }
}

/// Writes recovered items. Limits the output, because many items may claim the same bytes, or be below
/// the same long path.
pub(crate) struct Recoveries<'s> {
    start: &'s [Name<'s>],
    data: Budget,
    /// UTF-16 units of paths to write.
    paths: Budget,
    look_ups: Budget,
}

#[derive(Serialize)]
pub(crate) struct RecoveredRecord {
    record: &'static str,
    item: &'static str,
    #[serde(flatten)]
    path: Option<jsonl::Path>,
    path_is_whole: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_is_shortened: Option<bool>,
    name: String,
    name_hex: String,
    last_written: Option<String>,
    last_written_filetime: Option<String>,
    state: &'static str,
    offset: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_log: Option<LogPlace>,
    origin: SpaceKind,
    confidence: Level,
    why: String,
    lost: String,
    copy_of: Option<u64>,
    previous_version_of: Option<u64>,
    changed: Option<String>,
    #[serde(flatten)]
    data: Option<DataRecord>,
}

#[derive(Serialize)]
struct DataRecord {
    r#type: u32,
    type_name: Option<&'static str>,
    size: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_hex: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct OlderData {
    record: &'static str,
    #[serde(flatten)]
    path: Option<jsonl::Path>,
    name: String,
    name_hex: String,
    value_offset: u64,
    offset: u64,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_hex: Option<String>,
}

impl OlderData {
    /// Returns the record of older data. If the data of overlapping cells exceed the limit of
    /// `recoveries`, the record has no hash.
    pub(crate) fn new(of: &OverwrittenValue<'_>, recoveries: &mut Recoveries<'_>) -> Self {
        let rest = of.rest.as_slice();
        let is_shown = recoveries.data.take(rest.len() as u64, of.rest.offset());
        Self {
            record: "older_data",
            path: recoveries.path_by_parents(of).map(|path| path.names().collect()),
            name: of.value.name().to_string(),
            name_hex: hex::name(of.value.name()),
            value_offset: of.value.offset().get(),
            offset: of.rest.offset().get(),
            size: rest.len() as u64,
            sha256: is_shown.then(|| digest::sha256([rest])),
            data_hex: (is_shown && rest.len() <= SHORT).then(|| hex::digits(rest)),
        }
    }

    /// Writes the older data of a value as text.
    pub(crate) fn text(
        out: &mut dyn Write,
        of: &OverwrittenValue<'_>,
        recoveries: &mut Recoveries<'_>,
    ) -> io::Result<()> {
        let path = recoveries.path_by_parents(of).map_or_else(
            || String::from("unknown parent"),
            |path| if path.is_root() { String::from("the root") } else { path.to_string() },
        );
        let name = match of.value.name().is_empty() {
            true => String::from("@"),
            false => data::quoted(&of.value.name().to_string()),
        };
        writeln!(
            out,
            "[{}] {name}, a live value\n  {} older bytes at {}, after the data in the same cell",
            path.replace(']', r"\u{5D}"),
            of.rest.len(),
            of.rest.offset()
        )
    }
}

impl<'s> Recoveries<'s> {
    /// Returns a writer for items at and below `start`, in the hive of `recovery`.
    pub(crate) fn new(recovery: &Recovery<'_>, start: &'s [Name<'s>]) -> Self {
        let length = recovery.hive().file_length();
        Self {
            start,
            data: Budget::new(Limit::Data, length.saturating_mul(4)),
            paths: Budget::new(Limit::Paths, length.saturating_mul(PATH_UNITS)),
            look_ups: recovery.look_ups(),
        }
    }

    /// Returns the limits that were reached. Data, paths or counterparts are then missing.
    pub(crate) fn faults(&self) -> impl Iterator<Item = Error> {
        [self.data, self.paths, self.look_ups].into_iter().filter_map(|budget| budget.fault())
    }

    fn is_wanted(&self, path: Option<&RecoveredPath>) -> bool {
        if self.start.is_empty() {
            return true;
        }
        let Some(path) = path.filter(|path| path.is_whole) else { return false };
        let mut names = path.names.names();
        self.start.iter().all(|name| names.next().is_some_and(|own| own.same(*name)))
    }

    /// Returns the path to write: the end of `path` if the whole path would exceed the limit.
    fn shown(&mut self, path: RecoveredPath, at: FileOffset) -> RecoveredPath {
        if self.paths.take(units(&path.names), at) { path } else { path.shortened() }
    }

    /// Returns the path of a live value with older data; `None` if the path is unknown or would exceed
    /// the limit.
    fn path_by_parents(&mut self, of: &OverwrittenValue<'_>) -> Option<KeyPath> {
        let path = of.key.path_by_parents().ok()?;
        self.paths.take(units(&path), of.rest.offset()).then_some(path)
    }

    /// Returns the data of a value; `None` if the data would exceed the limit.
    fn bytes(&mut self, found: Recovered<'_, '_>) -> Option<Vec<u8>> {
        let data = found.data();
        // Live cells may split the data into many pieces.
        let piece = |length: usize| (length as u64).saturating_add(PIECE);
        let length = data.pieces().iter().map(|it| piece(it.bytes.len())).sum();
        self.data.take(length, found.offset()).then(|| data.to_bytes())
    }

    /// Returns the JSON record of an item; `None` if the item is not at or below the start.
    pub(crate) fn record(
        &mut self,
        found: Recovered<'_, '_>,
        state: State,
    ) -> Option<RecoveredRecord> {
        let path = found.key_path_within(&mut self.look_ups);
        if !self.is_wanted(path.as_ref()) {
            return None;
        }
        let confidence = found.confidence_along(path.as_ref());
        let path_is_whole = path.as_ref().map(|path| path.is_whole);
        let path = path.map(|path| self.shown(path, found.offset()));
        let data = found.value().map(|value| {
            let bytes = self.bytes(found);
            let short = bytes.as_ref().filter(|bytes| bytes.len() <= SHORT);
            DataRecord {
                r#type: value.value_type().0,
                type_name: value.value_type().name(),
                size: value.data_size(),
                available: bytes.as_ref().map(|bytes| bytes.len() as u64),
                sha256: bytes.as_ref().map(|bytes| digest::sha256([bytes.as_slice()])),
                data_hex: short.map(|bytes| hex::digits(bytes)),
            }
        });
        let (copy_of, previous, changed) = match found.counterpart_within(&mut self.look_ups) {
            Some(Counterpart::Duplicate { of }) => (Some(of.get()), None, None),
            Some(Counterpart::PreviousVersion { of, differences: changed }) => {
                (None, Some(of.get()), Some(changed.to_string()))
            }
            None => (None, None, None),
        };
        Some(RecoveredRecord {
            record: "recovered",
            item: if found.key().is_some() { "key" } else { "value" },
            path_is_whole,
            path_is_shortened: path.as_ref().and_then(|path| path.is_shortened.then_some(true)),
            path: path.map(|path| path.names.names().collect()),
            name: found.name().to_string(),
            name_hex: hex::name(found.name()),
            last_written: found.last_written().map(|time| time.to_string()),
            last_written_filetime: found.last_written().map(|time| time.raw().to_string()),
            offset: found.offset().get(),
            state: state.word(),
            from_log: state.log(),
            origin: found.space(),
            confidence: confidence.level,
            why: confidence.to_string(),
            lost: found.loss().to_string(),
            copy_of,
            previous_version_of: previous,
            changed,
            data,
        })
    }

    /// Writes an item as a line of JSON. Returns whether the item is at or below the start.
    pub(crate) fn line(
        &mut self,
        out: &mut dyn Write,
        found: Recovered<'_, '_>,
        state: State,
    ) -> io::Result<bool> {
        match self.record(found, state) {
            Some(record) => json::write_line(out, &record).map(|()| true),
            None => Ok(false),
        }
    }

    /// Writes an item as text. Returns whether the item is at or below the start.
    pub(crate) fn text(
        &mut self,
        out: &mut dyn Write,
        found: Recovered<'_, '_>,
        state: State,
    ) -> io::Result<bool> {
        let path = found.key_path_within(&mut self.look_ups);
        if !self.is_wanted(path.as_ref()) {
            return Ok(false);
        }
        let confidence = found.confidence_along(path.as_ref());
        let path = path.map(|path| self.shown(path, found.offset()));
        let shown = match &path {
            Some(path) if path.names.is_root() => String::from("the root"),
            Some(path) => path.to_string(),
            None => String::from("unknown key"),
        };
        write!(out, "[{}]", shown.replace(']', r"\u{5D}"))?;
        if let Some(value) = found.value() {
            let name = match found.name().is_empty() {
                true => String::from("@"),
                false => data::quoted(&found.name().to_string()),
            };
            write!(out, " {name} {}", value.value_type())?;
            match self.bytes(found) {
                Some(bytes) => {
                    write!(out, " {}", Decoded::of(value.value_type(), &bytes).short(&bytes))?;
                    if bytes.len() as u64 != u64::from(value.data_size()) {
                        write!(out, " ({} of {} bytes)", bytes.len(), value.data_size())?;
                    }
                }
                None => write!(out, " ({} bytes, not shown)", value.data_size())?,
            }
        }
        if let Some(time) = found.last_written() {
            write!(out, "  {time}")?;
        }
        write!(out, "\n  {} at {}", found.space(), found.offset())?;
        match state {
            State::Now => {}
            State::BeforeReplay => {
                write!(out, " in the file on disk, overwritten by its logs")?;
            }
            State::Log(LogPlace { log, sequence, log_offset }) => {
                let entry = sequence.map(|number| format!(", entry {number}")).unwrap_or_default();
                write!(out, " (from {log}{entry}, log offset {log_offset:#x})")?;
            }
        }
        match found.counterpart_within(&mut self.look_ups) {
            Some(Counterpart::Duplicate { of }) => write!(out, "; copy of the live item at {of}")?,
            Some(Counterpart::PreviousVersion { of, differences: changed }) => {
                write!(out, "; previous version of the live item at {of} ({changed})")?;
            }
            None => {}
        }
        writeln!(out, "; confidence {confidence}")?;
        Ok(true)
    }
}
