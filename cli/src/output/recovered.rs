// SPDX-License-Identifier: GPL-3.0-or-later
//! What was deleted and recovered: as text, or one JSON object a line.
//!
//! # Format
//!
//! Each JSON line has `record`: `recovered`, and
//!
//! - `item`: `key` or `value`.
//! - `path` and `path_hex` of the key that it is or belongs to, as far as it is known, and `path_is_whole`:
//!   whether it leads to a root; null for a value whose key is not known.
//! - `name` and `name_hex` of the key or value; `last_written` and `last_written_filetime` of the key, null where
//!   it is not known.
//! - `state`: `now` for what is in the hive with its logs applied, `before_replay` for what is in the file as it
//!   lies and has been written over by its logs, `log` for what stands in a page of a log that was not applied.
//! - `offset` of the record in the hive, and `from_log` where it stands in a page of a log that was not
//!   applied: `log`, `sequence` (null behind the last sector of a log of the old format), `log_offset`.
//! - `origin`: `free_cell`, `unreferenced`, `slack`, `broken_bin`, `remnant`, `log_page`.
//! - `confidence`: `high`, `medium`, `low`, and `why`; `lost`: what of it is lost or in doubt, in words.
//! - `copy_of`: the offset of the live key or value that it is a copy of; `previous_version_of` and `changed`: of
//!   the one that has its path now; null where there is none.
//! - of a value `type`, `type_name`, `size` as stored, `available`: the number of bytes that survive from
//!   the first on, `sha256` of those, and `data_hex` up to 256 bytes. Of all values together no more data are
//!   shown than four times the bytes of the hive; the rest come without.

use std::io::{self, Write};

use calhive::recover::{Counterpart, Level, Origin, Recovered, RecoveredPath};
use calhive::{FileTime, Name};
use serde::Serialize;

use crate::digest;
use crate::output::data::{self, Decoded};
use crate::output::{hex, json, jsonl};

/// Data up to this long are written out.
const SHORT: usize = 256;

/// What a piece of data counts for beside its bytes.
const PIECE: u64 = 16;

/// Where in a log something stands.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LogPlace {
    pub(crate) log: String,
    pub(crate) sequence: Option<u32>,
    pub(crate) log_offset: u64,
}

/// In which state of the hive something was recovered.
#[derive(Clone, Debug)]
pub(crate) enum State {
    /// With its logs applied.
    Now,
    /// In the file as it lies, where its logs write over it.
    BeforeReplay,
    /// In a page of a log.
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

/// Writes recovered things; many may claim the same bytes, so it keeps count of the data that it shows.
pub(crate) struct Recoveries<'s> {
    start: &'s [Name<'s>],
    left: u64,
}

#[derive(Serialize)]
pub(crate) struct RecoveredRecord {
    record: &'static str,
    item: &'static str,
    #[serde(flatten)]
    path: Option<jsonl::Path>,
    path_is_whole: Option<bool>,
    name: String,
    name_hex: String,
    last_written: Option<String>,
    last_written_filetime: Option<u64>,
    state: &'static str,
    offset: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_log: Option<LogPlace>,
    origin: Origin,
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

impl<'s> Recoveries<'s> {
    /// Of a file of so many bytes; of what is at and below `start` alone.
    pub(crate) const fn new(length: u64, start: &'s [Name<'s>]) -> Self {
        Self { start, left: length.saturating_mul(4) }
    }

    fn is_wanted(&self, path: Option<&RecoveredPath>) -> bool {
        if self.start.is_empty() {
            return true;
        }
        let Some(path) = path.filter(|path| path.is_whole) else { return false };
        let mut names = path.names.names();
        self.start.iter().all(|name| names.next().is_some_and(|own| own.same(*name)))
    }

    /// The data of a value, unless too much was shown.
    fn bytes(&mut self, found: Recovered<'_, '_>) -> Option<Vec<u8>> {
        let data = found.data();
        // Data may be in as many pieces as there are gaps between what is live.
        let piece = |length: usize| (length as u64).saturating_add(PIECE);
        let length = data.pieces().iter().map(|it| piece(it.bytes.len())).sum();
        self.left = self.left.checked_sub(length)?;
        Some(data.to_bytes())
    }

    /// What is told of it in JSON; nothing of what is elsewhere than below the start.
    pub(crate) fn record(
        &mut self,
        found: Recovered<'_, '_>,
        state: State,
    ) -> Option<RecoveredRecord> {
        let path = found.key_path();
        if !self.is_wanted(path.as_ref()) {
            return None;
        }
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
        let (copy_of, previous, changed) = match found.counterpart() {
            Some(Counterpart::Duplicate { of }) => (Some(of.get()), None, None),
            Some(Counterpart::PreviousVersion { of, changed }) => {
                (None, Some(of.get()), Some(changed.to_string()))
            }
            None => (None, None, None),
        };
        let confidence = found.confidence_along(path.as_ref());
        Some(RecoveredRecord {
            record: "recovered",
            item: if found.key().is_some() { "key" } else { "value" },
            path_is_whole: path.as_ref().map(|path| path.is_whole),
            path: path.map(|path| path.names.names().collect()),
            name: found.name().to_string(),
            name_hex: hex::name(found.name()),
            last_written: found.last_written().map(|time| time.to_string()),
            last_written_filetime: found.last_written().map(FileTime::raw),
            offset: found.offset().get(),
            state: state.word(),
            from_log: state.log(),
            origin: found.origin(),
            confidence: confidence.level,
            why: confidence.to_string(),
            lost: found.loss().to_string(),
            copy_of,
            previous_version_of: previous,
            changed,
            data,
        })
    }

    /// Writes it as a line of JSON; whether it is at or below the start.
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

    /// Writes it as text; whether it is at or below the start.
    pub(crate) fn text(
        &mut self,
        out: &mut dyn Write,
        found: Recovered<'_, '_>,
        state: State,
    ) -> io::Result<bool> {
        let path = found.key_path();
        if !self.is_wanted(path.as_ref()) {
            return Ok(false);
        }
        let shown = match &path {
            Some(path) if path.names.is_root() => String::from("the root"),
            Some(path) => path.to_string(),
            None => String::from("key not known"),
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
        write!(out, "\n  {} at {}", found.origin(), found.offset())?;
        match state {
            State::Now => {}
            State::BeforeReplay => {
                write!(out, " of the file as it lies, where its logs write over it")?;
            }
            State::Log(LogPlace { log, sequence, log_offset }) => {
                let entry = sequence.map(|number| format!(", entry {number}")).unwrap_or_default();
                write!(out, " (of {log}{entry}, log offset {log_offset:#x})")?;
            }
        }
        match found.counterpart() {
            Some(Counterpart::Duplicate { of }) => write!(out, "; copy of the live one at {of}")?,
            Some(Counterpart::PreviousVersion { of, changed }) => {
                write!(out, "; previous version of the live one at {of} ({changed})")?;
            }
            None => {}
        }
        writeln!(out, "; confidence {}", found.confidence_along(path.as_ref()))?;
        Ok(true)
    }
}
