// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive info --at`: the structure, key or value that a byte of the file belongs to.

use std::io::Write;

use anyhow::{Result, bail};
use calhive::report::FromLogReport;
use calhive::{Hive, Key, KeyPath, Structure, Value};
use calhive_regf::hive::cell::Cell;
use calhive_regf::hive::hbin::Bin;
use calhive_regf::hive::span::Span;
use calhive_regf::raw::{BaseBlock, BaseBlockHead, BinHeader, KeyNode, KeyValue};
use serde::Serialize;

use super::fields;
use crate::args::InfoFormat;
use crate::messages::Reasons;
use crate::open::Input;
use crate::origins::{self, Origins};
use crate::output::facts::Facts;
use crate::output::json;

/// Owners listed by name; further owners are only counted.
const OWNERS: usize = 10;
/// Bytes of data in each segment of a `db`, except the last segment.
const SEGMENT_LENGTH: u64 = 16_344;

/// The place of a byte, and its owners.
#[derive(Debug, Default, Serialize)]
struct Place {
    offset: u64,
    /// Log entry that wrote the byte.
    from_log: Option<FromLogReport>,
    region: &'static str,
    /// Field of the base block or of the bin header.
    field: Option<&'static str>,
    /// Range after the last bin, if the byte is in this range.
    remnant: Option<Stretch>,
    bin: Option<Stretch>,
    cell: Option<CellPlace>,
    /// First keys and values that the cell belongs to.
    owners: Vec<Owner>,
    owner_count: u64,
}

/// A range of the file, and the distance of the byte from the start of the range.
#[derive(Debug, Serialize)]
struct Stretch {
    offset: u64,
    size: u64,
    within: u64,
}

#[derive(Debug, Serialize)]
struct CellPlace {
    offset: u64,
    size: u64,
    within: u64,
    /// Bytes before the data of the cell: the size field and, in version 1.1, a link.
    header: u64,
    is_allocated: bool,
}

/// A key or value, with the part that the cell holds.
#[derive(Debug, Serialize)]
struct Owner {
    structure: String,
    field: Option<&'static str>,
    key: String,
    value: Option<String>,
    /// Whether the byte is after the part of the cell that the structure uses.
    is_slack: bool,
}

/// Shows the place of the byte at offset `at`.
///
/// # Errors
/// If the offset is beyond the end of the file, or if writing fails.
pub(super) fn run(
    out: &mut dyn Write,
    format: InfoFormat,
    input: &Input,
    at: u64,
    unread: &mut Reasons,
) -> Result<()> {
    let mut place = Place::find(input.hive()?, at, unread)?;
    place.from_log = Origins::new(input).at(at);
    match format {
        InfoFormat::Json => json::write(out, &place)?,
        InfoFormat::Table => place.table().write(out)?,
    }
    Ok(())
}

impl Place {
    fn find(hive: Hive<'_>, at: u64, unread: &mut Reasons) -> Result<Self> {
        let length = hive.file_length();
        if at >= length {
            bail!("offset {at:#x} is beyond the end of the file, which has {length:#x} bytes");
        }
        let mut place = Self { offset: at, ..Self::default() };
        let base_length = size_of::<BaseBlock>();
        let remnant = hive.remnant();
        if at < base_length as u64 {
            place.region = "base block";
            let head_length = size_of::<BaseBlockHead>();
            let (table, length) = if at < head_length as u64 {
                (fields::BASE_BLOCK_HEAD, head_length)
            } else {
                (fields::BASE_BLOCK, base_length)
            };
            place.field = Some(fields::name(table, at, length, ""));
        } else if at >= remnant.offset().get() {
            place.region = "after the last bin";
            place.remnant = Some(Stretch::new(remnant.offset().get(), remnant.len() as u64, at));
        } else {
            place.bin(hive, at, unread);
        }
        Ok(place)
    }

    /// Describes a byte in the bins.
    fn bin(&mut self, hive: Hive<'_>, at: u64, unread: &mut Reasons) {
        let holds = |bin: &Bin<'_>| contains(bin.offset().get(), bin.bytes().len() as u64, at);
        let Some(bin) = hive.bins().filter_map(Result::ok).find(holds) else {
            self.region = "between the bins: no readable bin header before it";
            return;
        };
        let stretch = Stretch::new(bin.offset().get(), bin.bytes().len() as u64, at);
        let header = size_of::<BinHeader>();
        let within = stretch.within;
        self.bin = Some(stretch);
        if within < header as u64 {
            self.region = "header of a bin";
            self.field = Some(fields::name(fields::BIN_HEADER, within, header, ""));
            return;
        }
        let holds = |cell: &Cell<'_>| contains(cell.offset().get(), u64::from(cell.size()), at);
        let Some(cell) = hive.cells().filter_map(Result::ok).find(holds) else {
            self.region = "a bin, after a cell of impossible size";
            return;
        };
        let cell = CellPlace::new(cell, at);
        self.region = if cell.is_allocated { "allocated cell" } else { "free cell" };
        self.owners(hive, &cell, unread);
        self.cell = Some(cell);
    }

    /// Finds the keys and values that the cell belongs to.
    fn owners(&mut self, hive: Hive<'_>, cell: &CellPlace, unread: &mut Reasons) {
        let mut walk = hive.walk().with_values(true);
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    unread.add(error);
                    continue;
                }
            };
            let path = || walk.path().to_key_path();
            let key = entry.key;
            for span in key.spans().into_iter().filter(|span| span.start == cell.offset) {
                self.owner(cell, span, path(), None, used_by_key(key, span));
            }
            for value in entry.values {
                let value = match value {
                    Ok(value) => value,
                    Err(error) => {
                        unread.add(error);
                        continue;
                    }
                };
                let mut segments = 0;
                for span in value.spans() {
                    if span.start == cell.offset {
                        let used = used_by_value(value, span, segments);
                        let name = value.name();
                        let shown = if name.is_empty() { "@".into() } else { name.to_string() };
                        self.owner(cell, span, path(), Some(shown), used);
                    }
                    segments =
                        segments.saturating_add(u64::from(span.structure == Structure::Segment));
                }
            }
        }
    }

    fn owner(
        &mut self,
        cell: &CellPlace,
        span: Span,
        key: KeyPath,
        value: Option<String>,
        used: Option<u64>,
    ) {
        self.owner_count = self.owner_count.saturating_add(1);
        if self.owners.len() >= OWNERS {
            return;
        }
        let within = cell.within.checked_sub(cell.header);
        let is_slack = within.zip(used).is_some_and(|(within, used)| within >= used);
        let field = match within {
            None => Some("size of the cell"),
            Some(_) if is_slack => None,
            Some(within) => field(span.structure, within),
        };
        let key = if key.is_root() { "the root".into() } else { key.to_string() };
        self.owners.push(Owner {
            structure: span.structure.to_string(),
            field,
            key,
            value,
            is_slack,
        });
    }

    fn table(&self) -> Facts {
        let mut facts = Facts::default();
        facts.add("offset", format_args!("{:#x} ({})", self.offset, self.offset));
        facts.add_some("from a log", self.from_log.as_ref().map(origins::words));
        facts.add("region", self.region);
        facts.add_some("field", self.field);
        facts.add_some("remnant", self.remnant.as_ref().map(Stretch::shown));
        facts.add_some("bin", self.bin.as_ref().map(Stretch::shown));
        if let Some(cell) = &self.cell {
            let state = if cell.is_allocated { "allocated" } else { "free" };
            let (offset, size, within) = (cell.offset, cell.size, cell.within);
            let shown = format_args!("{offset:#x}, {size} bytes, {state}; this is byte {within}");
            facts.add("cell", shown);
            if self.owners.is_empty() {
                facts.add("belongs to", "no key or value in the tree");
            }
        }
        for owner in &self.owners {
            let value = owner.value.as_ref();
            facts.add(
                "belongs to",
                match value {
                    Some(value) => format!("value {value} of {}", owner.key),
                    None => owner.key.clone(),
                },
            );
            facts.add("structure", &owner.structure);
            facts.add_some("field", owner.field);
            if owner.is_slack {
                facts.add("slack", "after the part of the cell that the structure uses");
            }
        }
        let more = self.owner_count.saturating_sub(self.owners.len() as u64);
        if more > 0 {
            facts.add("more owners", more);
        }
        facts
    }
}

impl Stretch {
    const fn new(offset: u64, size: u64, at: u64) -> Self {
        Self { offset, size, within: at.saturating_sub(offset) }
    }

    fn shown(&self) -> String {
        format!("{:#x}, {} bytes; this is byte {}", self.offset, self.size, self.within)
    }
}

impl CellPlace {
    fn new(cell: Cell<'_>, at: u64) -> Self {
        let offset = cell.offset().get();
        Self {
            offset,
            size: u64::from(cell.size()),
            within: at.saturating_sub(offset),
            header: cell.data().offset().get().saturating_sub(offset),
            is_allocated: cell.is_allocated(),
        }
    }
}

const fn contains(start: u64, length: u64, at: u64) -> bool {
    start <= at && at < start.saturating_add(length)
}

/// Returns the field at byte `at` of a structure.
fn field(structure: Structure, at: u64) -> Option<&'static str> {
    Some(match structure {
        Structure::KeyNode => fields::name(fields::KEY_NODE, at, size_of::<KeyNode>(), "name"),
        Structure::KeyValue => fields::name(fields::KEY_VALUE, at, size_of::<KeyValue>(), "name"),
        Structure::Security => {
            let end = size_of::<calhive_regf::raw::Security>();
            fields::name(fields::SECURITY, at, end, "security descriptor")
        }
        _ => return None,
    })
}

/// Returns the number of bytes that a key uses in a cell, without the cell header.
fn used_by_key(key: Key<'_>, span: Span) -> Option<u64> {
    let raw = key.raw();
    match span.structure {
        Structure::KeyNode => {
            Some((size_of::<KeyNode>() as u64).saturating_add(raw.name_length.get().into()))
        }
        Structure::ClassName => Some(raw.class_length.get().into()),
        Structure::ValueList => Some(u64::from(key.value_count()).saturating_mul(4)),
        Structure::SubkeyList | Structure::SubkeyLeaf => used_by_list(key.hive(), span),
        Structure::Security => {
            let descriptor = key.security().ok()??.raw().descriptor_size.get();
            let header = size_of::<calhive_regf::raw::Security>() as u64;
            Some(header.saturating_add(descriptor.into()))
        }
        _ => None,
    }
}

/// Returns the number of bytes that a list of subkeys uses in a cell, without the cell header.
fn used_by_list(hive: Hive<'_>, span: Span) -> Option<u64> {
    let at = u32::try_from(span.start.checked_sub(size_of::<BaseBlock>() as u64)?).ok()?;
    let cell = hive.cell(calhive::CellOffset::new(at)).ok()?;
    let header: &calhive_regf::raw::ListHeader = cell.data().record(span.structure).ok()?;
    let element = if matches!(&header.signature, b"lf" | b"lh") { 8 } else { 4 };
    let header_length = size_of::<calhive_regf::raw::ListHeader>() as u64;
    Some(header_length.saturating_add(u64::from(header.count.get()).saturating_mul(element)))
}

/// Returns the number of bytes that a value uses in a cell, without the cell header. If the cell
/// holds a segment, `segment` is the index of the segment.
fn used_by_value(value: Value<'_>, span: Span, segment: u64) -> Option<u64> {
    let size = u64::from(value.data_size());
    match span.structure {
        Structure::KeyValue => {
            let name = u64::from(value.raw().name_length.get());
            Some((size_of::<KeyValue>() as u64).saturating_add(name))
        }
        Structure::ValueData => Some(size),
        Structure::BigData => Some(size_of::<calhive_regf::raw::BigData>() as u64),
        Structure::SegmentList => Some(size.div_ceil(SEGMENT_LENGTH).saturating_mul(4)),
        Structure::Segment => {
            let before = segment.saturating_mul(SEGMENT_LENGTH);
            Some(size.saturating_sub(before).min(SEGMENT_LENGTH))
        }
        _ => None,
    }
}
