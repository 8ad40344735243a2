// SPDX-License-Identifier: GPL-3.0-or-later
//! Hidden items of a hive, as text or as one JSON object a line (`walk --hidden`).
//!
//! # Format
//!
//! Each JSON line has `record`: `hidden`, and
//!
//! - `item`: `key`, `value`, `key_name` (a key shown under another name), `value_name`, or `data` (a
//!   value shown with other data).
//! - `path` and `path_hex`: the path of the key, with the names that the bytes suggest. For a value, the
//!   path of its key. Omitted if the path is unknown.
//! - `name` and `name_hex` of the key or value, as the bytes suggest them.
//! - `offset` of the record.
//! - for a key, `last_written` and `last_written_filetime`.
//! - for a value, `type`, `type_name`, `size` and `sha256` of the data, and `data_hex` up to 256 bytes.
//!   The data of all items together is limited to four times the size of the hive. An item that would
//!   exceed this limit has no data.
//! - `field` that hides the item, its `field_offset`, its stored number (`found`) and the number that
//!   the bytes suggest (`suggested`, null if unknown).
//! - `weight`: `contradiction`, or `left_over` if Windows itself leaves the same traces.
//! - `below`: offset of the hidden key above this item; null if no such key exists.

use std::io::{self, Write};

use calhive::{Key, KeyPath, Name, Value, ValueType};
use calhive_regf::hive::hidden::{Hidden, HiddenItems, Item, Weight};
use serde::Serialize;

use crate::digest;
use crate::output::data::{self, Decoded};
use crate::output::{json, jsonl};
use crate::text::hex;

/// Longest data written in hex, in bytes.
const SHORT: usize = 256;

/// A hidden item with its path, name and data.
struct Shown<'h, 'd> {
    item: &'h Hidden<'d>,
    path: Option<KeyPath>,
    word: &'static str,
    name: Name<'d>,
    key: Option<Key<'d>>,
    value: Option<(Value<'d>, ValueType, Vec<u8>)>,
}

impl<'h, 'd> Shown<'h, 'd> {
    /// Prepares an item. `left` is the number of bytes of data that may still be shown. The limit matters
    /// because many values can share the same data.
    fn new(items: &HiddenItems<'d>, item: &'h Hidden<'d>, left: &mut usize) -> Self {
        // Takes all data or none, because the hash of a part would look like the hash of other data.
        let mut take = |value_type, value, pieces: &mut dyn Iterator<Item = &'d [u8]>| {
            let mut bytes = Vec::new();
            for piece in pieces {
                *left = left.checked_sub(piece.len())?;
                bytes.extend_from_slice(piece);
            }
            Some((value, value_type, bytes))
        };
        let mut of = |value: Value<'d>| {
            let (data, _) = value.available();
            let mut pieces = data.segments().map(|piece| piece.as_slice());
            take(value.value_type(), value, &mut pieces)
        };
        let (word, name, key, value) = match &item.item {
            Item::Key(key) => ("key", key.name(), Some(*key), None),
            Item::KeyName { key, name } => ("key_name", *name, Some(*key), None),
            Item::Value(value) => ("value", value.name(), None, of(*value)),
            Item::ValueName { value, name } => ("value_name", *name, None, of(*value)),
            Item::Data { value, data } => {
                let value_type = item.suggested_type().unwrap_or(value.value_type());
                let mut pieces = data.iter().map(|piece| piece.as_slice());
                ("data", value.name(), None, take(value_type, *value, &mut pieces))
            }
        };
        Self { item, path: items.path(item), word, name, key, value }
    }

    fn offset(&self) -> u64 {
        let value = self.value.as_ref().map(|(value, ..)| value.offset());
        value.or(self.key.map(Key::offset)).unwrap_or_default().get()
    }
}

/// Whether an item is at or below the key `start`.
fn is_within(path: Option<&KeyPath>, start: &[Name<'_>]) -> bool {
    let Some(path) = path else { return start.is_empty() };
    let mut names = path.names();
    start.iter().all(|name| names.next().is_some_and(|own| own.same(*name)))
}

/// Writes the hidden items at and below `start` as text.
pub(crate) fn text(
    out: &mut dyn Write,
    items: &HiddenItems<'_>,
    start: &[Name<'_>],
) -> io::Result<()> {
    let (mut is_first, mut left) = (true, items.data_limit());
    for item in items.iter() {
        let shown = Shown::new(items, item, &mut left);
        if !is_within(shown.path.as_ref(), start) {
            continue;
        }
        if is_first {
            writeln!(out, "\nOutside the tree, or shown differently in the tree")?;
            is_first = false;
        }
        text_line(out, &shown)?;
    }
    Ok(())
}

fn text_line(out: &mut dyn Write, shown: &Shown<'_, '_>) -> io::Result<()> {
    let path = match &shown.path {
        Some(path) if path.is_root() => String::from("the root"),
        Some(path) => path.to_string(),
        None if shown.key.is_some() => format!("unknown parent\\{}", shown.name),
        None => String::from("unknown key"),
    };
    write!(out, "[{}]", path.replace(']', r"\u{5D}"))?;
    match (&shown.value, shown.key) {
        (Some((_, value_type, bytes)), _) => {
            let name = match shown.name.is_empty() {
                true => String::from("@"),
                false => data::quoted(&shown.name.to_string()),
            };
            write!(out, " {name} {value_type} {}", Decoded::of(*value_type, bytes).short(bytes))?;
        }
        (None, Some(key)) => write!(out, "  {}", key.last_written())?,
        (None, None) => {}
    }
    let below = if shown.item.below.is_some() { ", below a key that is" } else { "" };
    let caveat = shown.item.weight.caveat();
    writeln!(out, "\n  at {:#x}{below} {}{caveat}", shown.offset(), shown.item)
}

#[derive(Serialize)]
struct HiddenRecord<'a> {
    record: &'static str,
    item: &'static str,
    #[serde(flatten)]
    path: Option<jsonl::Path>,
    name: String,
    name_hex: String,
    offset: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_written: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_written_filetime: Option<String>,
    #[serde(flatten)]
    data: Option<DataRecord>,
    field: String,
    field_offset: u64,
    found: u64,
    suggested: Option<u64>,
    weight: &'a Weight,
    below: Option<u64>,
}

#[derive(Serialize)]
struct DataRecord {
    r#type: u32,
    type_name: Option<&'static str>,
    size: u64,
    sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_hex: Option<String>,
}

/// Writes the hidden items at and below `start`, one JSON object a line.
pub(crate) fn lines(
    out: &mut dyn Write,
    items: &HiddenItems<'_>,
    start: &[Name<'_>],
) -> io::Result<()> {
    let mut left = items.data_limit();
    for item in items.iter() {
        let shown = Shown::new(items, item, &mut left);
        if !is_within(shown.path.as_ref(), start) {
            continue;
        }
        let data = shown.value.as_ref().map(|(_, value_type, bytes)| DataRecord {
            r#type: value_type.0,
            type_name: value_type.name(),
            size: bytes.len() as u64,
            sha256: digest::sha256([bytes.as_slice()]),
            data_hex: (bytes.len() <= SHORT).then(|| hex::digits(bytes)),
        });
        let written = shown.key.map(Key::last_written);
        let record = HiddenRecord {
            record: "hidden",
            item: shown.word,
            path: shown.path.as_ref().map(|path| path.names().collect()),
            name: shown.name.to_string(),
            name_hex: hex::name(shown.name),
            offset: shown.offset(),
            last_written: written.map(|time| time.to_string()),
            last_written_filetime: written.map(|time| time.raw().to_string()),
            data,
            field: item.by.to_string(),
            field_offset: item.place.get(),
            found: item.found,
            suggested: item.suggested,
            weight: &item.weight,
            below: item.below.map(|cell| cell.file_offset().get()),
        };
        json::write_line(out, &record)?;
    }
    Ok(())
}
