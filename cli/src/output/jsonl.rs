// SPDX-License-Identifier: GPL-3.0-or-later
//! Keys and values of a hive, one JSON object a line (`walk --format jsonl`).
//!
//! # Format
//!
//! A key precedes its values, and its values precede its subkeys, in the order of the hive's lists.
//! Each line has a `record`:
//!
//! - `key`: `path` (names below the root, escaped as in every output), `path_hex` (the same names as
//!   UTF-16LE in hex), `last_written` and `last_written_filetime`, both strings, `offset`, `flags`, `access_bits`
//!   (null before version 1.2), `layer`, `class_hex`, `security_offset`, `security` with
//!   `descriptor_hex`, `owner`, `group`, `dacl`, `sacl`.
//! - `value`: `path` and `path_hex` of its key, `name`, `name_hex`, `type`, `type_name` (null for an
//!   unknown type), `size` as stored, `sha256` of the data, `flags`, `offset`, `data_hex` up to 256
//!   bytes. If data cannot be read completely, the line has `error` and `available`: the number
//!   of bytes that `sha256` and `data_hex` cover.
//! - `fault`: `offset`, `error`.
//!
//! Keys and values have `from_logs` if a transaction log changed any of their bytes. For each log
//! entry, `from_logs` has `log`, `format`, `sequence`, and the place of the first bytes from the
//! entry: `log_offset` in the log and `offset` in the hive.
//!
//! Offsets are in bytes from the start of the file.

use std::io::{self, Write};

use calhive::report::FromLogReport;
use calhive::{CellOffset, Data, Error, Key, Name, Value};
use calhive_regf::hive::key::LayerSemantics;
use serde::Serialize;

use crate::digest;
use crate::origins::Origins;
use crate::output::json;
use crate::output::security::Descriptor;
use crate::text::hex;

/// Longest data written in hex, in bytes.
const SHORT: usize = 256;

/// The path of a key: escaped names, and names in hex.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Path {
    path: Vec<String>,
    path_hex: Vec<String>,
}

impl Path {
    pub(crate) fn push(&mut self, name: Name<'_>) {
        self.path.push(name.to_string());
        self.path_hex.push(hex::name(name));
    }
}

impl<'d> FromIterator<Name<'d>> for Path {
    fn from_iter<I: IntoIterator<Item = Name<'d>>>(names: I) -> Self {
        let mut path = Self::default();
        names.into_iter().for_each(|name| path.push(name));
        path
    }
}

#[derive(Serialize)]
struct KeyRecord<'a> {
    record: &'static str,
    #[serde(flatten)]
    path: &'a Path,
    last_written: String,
    last_written_filetime: String,
    offset: u64,
    flags: u16,
    access_bits: Option<u8>,
    layer: &'static str,
    class_hex: Option<String>,
    security_offset: Option<u64>,
    security: Option<Descriptor>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    from_logs: Vec<FromLogReport>,
}

/// Writes a key. Passes faults of unreadable parts to `fault`.
pub(crate) fn key(
    out: &mut dyn Write,
    path: &Path,
    key: Key<'_>,
    origins: &Origins<'_>,
    mut fault: impl FnMut(Error),
) -> io::Result<()> {
    let security = CellOffset::new(key.raw().security.get());
    let class = key.class_name().unwrap_or_else(|error| {
        fault(error);
        None
    });
    let record = KeyRecord {
        record: "key",
        path,
        last_written: key.last_written().to_string(),
        last_written_filetime: key.last_written().raw().to_string(),
        offset: key.offset().get(),
        flags: key.flags().bits(),
        access_bits: key.access_bits().map(|bits| bits.bits()),
        layer: layer(key.layer()),
        class_hex: class.and_then(Name::as_bytes).map(hex::digits),
        security_offset: (!security.is_nil()).then(|| security.file_offset().get()),
        security: Descriptor::of(key, fault),
        from_logs: origins.of(|| vec![key.node_span()]),
    };
    json::write_line(out, &record)
}

/// Returns the name of layer semantics, as written to JSON.
pub(crate) const fn layer(layer: LayerSemantics) -> &'static str {
    match layer {
        LayerSemantics::Normal => "normal",
        LayerSemantics::Tombstone => "tombstone",
        LayerSemantics::SupersedeLocal => "supersede_local",
        LayerSemantics::SupersedeTree => "supersede_tree",
    }
}

#[derive(Serialize)]
struct ValueRecord<'a> {
    record: &'static str,
    #[serde(flatten)]
    path: &'a Path,
    name: String,
    name_hex: String,
    r#type: u32,
    type_name: Option<&'static str>,
    size: u32,
    sha256: Option<String>,
    flags: u16,
    offset: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_hex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    available: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    from_logs: Vec<FromLogReport>,
}

/// Writes a value with its readable data.
pub(crate) fn value(
    out: &mut dyn Write,
    path: &Path,
    value: Value<'_>,
    (data, error): (Option<Data<'_>>, Option<Error>),
    origins: &Origins<'_>,
) -> io::Result<()> {
    let length = |data: Data<'_>| {
        data.segments().fold(0_u64, |sum, segment| sum.saturating_add(segment.len() as u64))
    };
    let short = data.filter(|data| length(*data) <= SHORT as u64);
    let record = ValueRecord {
        record: "value",
        path,
        name: value.name().to_string(),
        name_hex: hex::name(value.name()),
        r#type: value.value_type().0,
        type_name: value.value_type().name(),
        size: value.data_size(),
        sha256: data.map(|data| digest::sha256(data.segments().map(|bytes| bytes.as_slice()))),
        flags: value.flags().bits(),
        offset: value.offset().get(),
        data_hex: short.map(|data| hex::digits(&data.to_bytes())),
        available: error.and(data.map(length)),
        error: error.map(|error| error.to_string()),
        from_logs: origins.of(|| value.spans()),
    };
    json::write_line(out, &record)
}

#[derive(Serialize)]
struct FaultRecord {
    record: &'static str,
    offset: u64,
    error: String,
}

/// Writes a fault.
pub(crate) fn fault(out: &mut dyn Write, error: Error) -> io::Result<()> {
    let record = FaultRecord {
        record: "fault",
        offset: error.offset().get(),
        error: error.kind().to_string(),
    };
    json::write_line(out, &record)
}
