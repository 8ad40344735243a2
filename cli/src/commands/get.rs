// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive get`: one key, or one value with its data.

use std::collections::HashMap;
use std::io::Write;

use anyhow::Result;
use calhive::report::FromLogReport;
use calhive::{AccessPattern, CellOffset, Data, Error, Key, Name, Value, ValueType, Walk};
use calhive_regf::hive::hidden::{HiddenBy, Item};
use calhive_regf::raw::KeyFlags;
use clap::CommandFactory as _;
use clap::error::ErrorKind;
use serde::Serialize;

use crate::args::{Args, Get, GetFormat};
use crate::digest;
use crate::lookup::{self, Found};
use crate::messages::{Messages, Reasons};
use crate::open;
use crate::origins::{self, Origins};
use crate::output::data::Decoded;
use crate::output::facts::{self, Facts};
use crate::output::security::Descriptor;
use crate::output::{json, jsonl, table};
use crate::text::escape;
use crate::text::hex;

/// Runs the subcommand.
///
/// # Errors
/// If the hive, key or value does not exist, or if writing fails.
pub(crate) fn run(args: &Get, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    if args.format == GetFormat::Raw && args.value.is_none() {
        let message = "--format raw needs the name of a value; @ is the default value";
        Args::command().error(ErrorKind::MissingRequiredArgument, message).exit();
    }
    let input = open::hive(&args.hive, &args.reading, AccessPattern::Random, messages)?;
    let found = lookup::key(input.hive()?, &args.key, messages)?;
    let origins = Origins::new(&input);
    let mut unread = messages.reasons();
    match &args.value {
        Some(name) => {
            let value = lookup::value(&found, name)?;
            same_names(&found, |other| other.same(value.name()), &mut unread);
            show_value(out, args.format, &found, value, &origins, &mut unread)?;
        }
        None => {
            same_names(&found, |_| true, &mut unread);
            show_key(out, args.format, &found, &origins, &mut unread)?;
        }
    }
    hidden_by_flag(&found, &mut unread);
    messages.not_whole(escape::path(&args.hive), &unread);
    open::finish(input, messages);
    Ok(())
}

/// Reports values whose name an earlier value of the key has. A look-up by name never finds them.
fn same_names(found: &Found<'_>, is_wanted: impl Fn(Name<'_>) -> bool, unread: &mut Reasons) {
    let mut first: HashMap<Vec<u16>, Value<'_>> = HashMap::new();
    for value in found.key.values().filter_map(Result::ok).filter(|it| is_wanted(it.name())) {
        let name: Vec<u16> = value.name().units().map(calhive_regf::hive::upcase).collect();
        match first.get(&name) {
            Some(earlier) if earlier.offset() != value.offset() => unread.add(format_args!(
                "two values have the name {}: Windows finds the first, at {}; the second is at {}",
                shown_name(*earlier),
                earlier.offset(),
                value.offset()
            )),
            Some(_) => {}
            None => drop(first.insert(name, value)),
        }
    }
}

/// Reports values that the flag of a predefined key hides.
fn hidden_by_flag(found: &Found<'_>, unread: &mut Reasons) {
    if !found.key.flags().contains(KeyFlags::PREDEF_HANDLE) {
        return;
    }
    let own = Some(found.key.cell_offset());
    for item in found.key.hive().hidden().iter() {
        if let (Item::Value(value), HiddenBy::PredefinedHandle) = (&item.item, item.by)
            && item.key == own
        {
            unread.add(format_args!("value {}, at {}: {item}", shown_name(*value), value.offset()));
        }
    }
}

/// A value with all its data, for JSON.
#[derive(Serialize)]
struct ValueFacts {
    path: Vec<String>,
    key_last_written: String,
    key_last_written_filetime: String,
    name: String,
    name_hex: String,
    r#type: u32,
    type_name: Option<&'static str>,
    size: u32,
    flags: u16,
    offset: u64,
    /// Offsets of the pieces of data, from the start of the file.
    data_offsets: Vec<u64>,
    sha256: String,
    /// `text`, `texts` and `number` hold the data decoded by type. All three are null if the data do not fit
    /// the type. Text is escaped like names.
    text: Option<String>,
    texts: Option<Vec<String>>,
    number: Option<u64>,
    data_hex: String,
    /// Log entries that changed any part of the value.
    from_logs: Vec<FromLogReport>,
    error: Option<String>,
}

fn show_value(
    out: &mut dyn Write,
    format: GetFormat,
    found: &Found<'_>,
    value: Value<'_>,
    origins: &Origins<'_>,
    unread: &mut Reasons,
) -> Result<()> {
    let from_logs = origins.of(|| value.spans());
    let (data, error) = value.available();
    error.iter().chain(&value.name_fault()).for_each(|error| unread.add(error));
    match format {
        GetFormat::Raw => {
            for segment in data.segments() {
                out.write_all(segment.as_slice())?;
            }
        }
        GetFormat::Table => value_table(out, found, value, (data, error), &from_logs)?,
        GetFormat::Json => {
            let bytes = data.to_bytes();
            let (mut text, mut texts, mut number) = (None, None, None);
            match Decoded::of(value.value_type(), &bytes) {
                Decoded::Text(decoded) => text = Some(decoded),
                Decoded::Texts(decoded) => texts = Some(decoded),
                Decoded::Number(decoded) => number = Some(decoded),
                Decoded::Binary => {}
            }
            let facts = ValueFacts {
                path: found.names.iter().map(ToString::to_string).collect(),
                key_last_written: found.key.last_written().to_string(),
                key_last_written_filetime: found.key.last_written().raw().to_string(),
                name: value.name().to_string(),
                name_hex: hex::name(value.name()),
                r#type: value.value_type().0,
                type_name: value.value_type().name(),
                size: value.data_size(),
                flags: value.flags().bits(),
                offset: value.offset().get(),
                data_offsets: data.segments().map(|piece| piece.offset().get()).collect(),
                sha256: digest::sha256([&*bytes]),
                text,
                texts,
                number,
                data_hex: hex::digits(&bytes),
                from_logs,
                error: error.map(|error| error.to_string()),
            };
            json::write(out, &facts)?;
        }
    }
    Ok(())
}

fn value_table(
    out: &mut dyn Write,
    found: &Found<'_>,
    value: Value<'_>,
    (data, error): (Data<'_>, Option<Error>),
    from_logs: &[FromLogReport],
) -> Result<()> {
    let mut facts = Facts::default();
    facts.add("key", lookup::shown(&found.names));
    facts.add("key last written", found.key.last_written());
    facts.add("value", shown_name(value));
    facts.add("type", value.value_type());
    facts.add("size", format_args!("{} bytes", value.data_size()));
    facts.add("offset", value.offset());
    let pieces: Vec<String> = data.segments().map(|piece| piece.offset().to_string()).collect();
    facts.add("data at", pieces.join(", "));
    from_logs.iter().for_each(|entry| facts.add("from a log", origins::words(entry)));
    facts.add_some("incomplete", error);
    facts.write(out)?;
    writeln!(out)?;
    let bytes = data.to_bytes();
    match Decoded::of(value.value_type(), &bytes) {
        Decoded::Text(text) => writeln!(out, "{text}")?,
        Decoded::Texts(texts) => texts.iter().try_for_each(|text| writeln!(out, "{text}"))?,
        Decoded::Number(number) => writeln!(out, "{number} ({number:#x})")?,
        Decoded::Binary => hex::dump(out, &bytes)?,
    }
    Ok(())
}

fn shown_name(value: Value<'_>) -> String {
    if value.name().is_empty() { "@".into() } else { value.name().to_string() }
}

/// A key, for JSON.
#[derive(Serialize)]
struct KeyFacts {
    path: Vec<String>,
    name: String,
    last_written: String,
    last_written_filetime: String,
    offset: u64,
    flags: u16,
    flag_names: Vec<&'static str>,
    access_bits: Option<u8>,
    layer: &'static str,
    class: Option<String>,
    security_offset: Option<u64>,
    security: Option<Descriptor>,
    /// Log entries that changed any part of the key node.
    from_logs: Vec<FromLogReport>,
    subkeys: Vec<Subkey>,
    values: Vec<ValueSummary>,
}

#[derive(Serialize)]
struct Subkey {
    name: String,
    last_written: String,
    last_written_filetime: String,
    offset: u64,
}

#[derive(Serialize)]
struct ValueSummary {
    name: String,
    r#type: u32,
    type_name: Option<&'static str>,
    size: u32,
    offset: u64,
    /// Data in one line, shortened if long.
    short: String,
}

fn show_key(
    out: &mut dyn Write,
    format: GetFormat,
    found: &Found<'_>,
    origins: &Origins<'_>,
    unread: &mut Reasons,
) -> Result<()> {
    let key = key_facts(found, origins, unread);
    if format == GetFormat::Json {
        return Ok(json::write(out, &key)?);
    }
    let mut shown = Facts::default();
    shown.add("key", lookup::shown(&found.names));
    shown.add("name", &key.name);
    shown.add("last written", &key.last_written);
    shown.add("offset", found.key.offset());
    shown.add("flags", facts::flags(key.flags.into(), &key.flag_names));
    shown.add_some("access bits", key.access_bits);
    shown.add("layer", key.layer);
    shown.add_some("class", key.class.as_ref());
    let owner = key.security.as_ref();
    shown.add_some("owner", owner.and_then(|security| security.owner.as_ref()));
    shown.add_some("group", owner.and_then(|security| security.group.as_ref()));
    shown.add_some("security at", key.security_offset.map(|at| format!("{at:#x}")));
    key.from_logs.iter().for_each(|entry| shown.add("from a log", origins::words(entry)));
    shown.write(out)?;
    if !key.values.is_empty() {
        writeln!(out)?;
        let rows = key.values.into_iter().map(|value| {
            let type_name = ValueType(value.r#type).to_string();
            let name = if value.name == r"\u{}" { "@".into() } else { value.name };
            [name, type_name, value.size.to_string(), format!("{:#x}", value.offset), value.short]
        });
        table::write(out, ["Value", "Type", "Size", "Offset", "Data"], rows)?;
    }
    if !key.subkeys.is_empty() {
        writeln!(out)?;
        let rows = key
            .subkeys
            .into_iter()
            .map(|subkey| [subkey.name, subkey.last_written, format!("{:#x}", subkey.offset)]);
        table::write(out, ["Subkey", "Last written", "Offset"], rows)?;
    }
    Ok(())
}

fn key_facts(found: &Found<'_>, origins: &Origins<'_>, unread: &mut Reasons) -> KeyFacts {
    let key = found.key;
    let class = key.class_name().unwrap_or_else(|error| {
        unread.add(error);
        None
    });
    let security = CellOffset::new(key.raw().security.get());
    key.name_fault().iter().for_each(|error| unread.add(error));
    KeyFacts {
        path: found.names.iter().map(ToString::to_string).collect(),
        name: key.name().to_string(),
        last_written: key.last_written().to_string(),
        last_written_filetime: key.last_written().raw().to_string(),
        offset: key.offset().get(),
        flags: key.flags().bits(),
        flag_names: key.flags().iter_names().map(|(name, _)| name).collect(),
        access_bits: key.access_bits().map(|bits| bits.bits()),
        layer: jsonl::layer(key.layer()),
        class: class.map(|name| name.to_string()),
        security_offset: (!security.is_nil()).then(|| security.file_offset().get()),
        security: Descriptor::of(key, |error| unread.add(error)),
        from_logs: origins.of(|| vec![key.node_span()]),
        subkeys: readable(key.subkeys(), unread).map(subkey).collect(),
        values: summaries(key, unread),
    }
}

/// Yields the readable items, and adds the errors to `unread`.
fn readable<T>(
    items: impl Iterator<Item = calhive::Result<T>>,
    unread: &mut Reasons,
) -> impl Iterator<Item = T> {
    items.filter_map(|item| item.map_err(|error| unread.add(error)).ok())
}

fn subkey(key: Key<'_>) -> Subkey {
    Subkey {
        name: key.name().to_string(),
        last_written: key.last_written().to_string(),
        last_written_filetime: key.last_written().raw().to_string(),
        offset: key.offset().get(),
    }
}

fn summaries(key: Key<'_>, unread: &mut Reasons) -> Vec<ValueSummary> {
    // With a walk, the work stays linear even if many values refer to the same data.
    let mut walk = key.walk().with_values(true);
    let Some(Ok(entry)) = walk.next() else { return Vec::new() };
    let values: Vec<Value<'_>> = readable(entry.values, unread).collect();
    values.into_iter().map(|value| summary(&mut walk, value, unread)).collect()
}

fn summary<'d>(walk: &mut Walk<'d>, value: Value<'d>, unread: &mut Reasons) -> ValueSummary {
    let (data, error) = walk.available(value);
    let bytes = data.map(Data::to_bytes).unwrap_or_default();
    let mut short = Decoded::of(value.value_type(), &bytes).short(&bytes);
    if let Some(error) = error {
        unread.add(format_args!("value {}: {error}", value.name()));
        short = format!("{short} (incomplete: {error})");
    }
    ValueSummary {
        name: value.name().to_string(),
        r#type: value.value_type().0,
        type_name: value.value_type().name(),
        size: value.data_size(),
        offset: value.offset().get(),
        short,
    }
}
