// SPDX-License-Identifier: GPL-3.0-or-later
//! `calhive info`: describes a hive. With `--check`, lists the faults of the hive. With `--at`, finds the
//! owner of a byte.

mod at;
mod check;
mod fields;

use std::io::Write;

use anyhow::Result;
use calhive::{AccessPattern, Hive};
use calhive_evidence::Hash;
use calhive_regf::hive::base_block::BaseBlock;
use calhive_regf::log::report::{ReplayReport, ReplayState};
use serde::Serialize;

use crate::args::{Info, InfoFormat};
use crate::digest;
use crate::messages::{Messages, Reasons};
use crate::open::{self, Input};
use crate::output::facts::{self, Facts};
use crate::output::json;
use crate::text::escape;
use crate::text::hex;

/// Runs the subcommand.
///
/// # Errors
/// If the file is not a hive, or if writing fails.
pub(crate) fn run(args: &Info, messages: &Messages, out: &mut dyn Write) -> Result<()> {
    let input = open::hive(&args.hive, &args.reading, AccessPattern::Sequential, messages)?;
    let hive = input.hive()?;
    let mut unread = messages.reasons();
    match (args.at, args.check) {
        (Some(at), _) => at::run(out, args.format, &input, at, &mut unread)?,
        (None, true) => check::run(out, args.format, hive, messages, &mut unread)?,
        (None, false) => show(out, args.format, &input, &mut unread)?,
    }
    messages.not_whole(escape::path(&args.hive), &unread);
    open::finish(input, messages);
    Ok(())
}

/// Facts about the file as stored on disk, and counts of the hive with its logs applied.
#[derive(Serialize)]
struct HiveFacts {
    size: u64,
    sha256: String,
    /// Whether the file has no base block. If so, calhive made up `base_block`.
    is_fragment: bool,
    base_block: BaseFacts,
    /// Result of the replay; null with --no-replay.
    replay: Option<ReplayReport>,
    bins: u64,
    cells: Cells,
    keys: u64,
    values: u64,
    /// Bytes after the last bin.
    remnant: u64,
    /// Missing end of the file; null if the file is whole.
    missing: Option<Missing>,
}

/// End of the file that is missing.
#[derive(Serialize)]
struct Missing {
    offset: u64,
    bytes: u64,
}

#[derive(Default, Serialize)]
struct Cells {
    allocated: u64,
    allocated_bytes: u64,
    free: u64,
    free_bytes: u64,
}

/// The base block.
#[derive(Serialize)]
struct BaseFacts {
    version: String,
    primary_sequence: u32,
    secondary_sequence: u32,
    is_dirty: bool,
    state: String,
    last_written: String,
    last_written_filetime: String,
    last_reorganized: Option<String>,
    file_name: String,
    rm_id: Option<String>,
    log_id: Option<String>,
    tm_id: Option<String>,
    flags: u32,
    flag_names: Vec<&'static str>,
    is_offline_registry: bool,
    root_offset: Option<u64>,
    bins_size: u32,
    checksum_stored: u32,
    checksum_computed: u32,
}

fn show(
    out: &mut dyn Write,
    format: InfoFormat,
    input: &Input,
    unread: &mut Reasons,
) -> Result<()> {
    let facts = HiveFacts::new(input, unread)?;
    match format {
        InfoFormat::Json => json::write(out, &facts)?,
        InfoFormat::Table => facts.table().write(out)?,
    }
    Ok(())
}

impl HiveFacts {
    fn new(input: &Input, unread: &mut Reasons) -> Result<Self> {
        let (hive, bytes) = (input.hive()?, input.base_bytes());
        let mut facts = Self {
            size: bytes.len() as u64,
            sha256: digest::sha256([bytes]),
            is_fragment: input.shift().is_some(),
            base_block: BaseFacts::new(BaseBlock::first_sector(bytes).unwrap_or(hive.base_block())),
            replay: input.report(Hash::Taken),
            bins: 0,
            cells: Cells::new(hive),
            keys: 0,
            values: 0,
            remnant: hive.remnant().len() as u64,
            missing: open::missing(input).map(|missing| Missing {
                offset: missing.start,
                bytes: missing.end.saturating_sub(missing.start),
            }),
        };
        if facts.missing.is_some() {
            facts.base_block.state.push_str("; the file is truncated");
        }
        for bin in hive.bins() {
            match bin {
                Ok(_) => facts.bins = facts.bins.saturating_add(1),
                Err(error) => unread.add(error),
            }
        }
        for entry in hive.walk().with_values(true) {
            match entry {
                Ok(entry) => {
                    facts.keys = facts.keys.saturating_add(1);
                    for value in entry.values {
                        match value {
                            Ok(_) => facts.values = facts.values.saturating_add(1),
                            Err(error) => unread.add(error),
                        }
                    }
                }
                Err(error) => unread.add(error),
            }
        }
        Ok(facts)
    }

    fn table(&self) -> Facts {
        let (mut table, base) = (Facts::default(), &self.base_block);
        table.add("size", format_args!("{} bytes", self.size));
        table.add("SHA-256", &self.sha256);
        if self.is_fragment {
            table.add(
                "base block",
                "missing; apart from the version, its fields below are placeholders",
            );
        }
        table.add("version", &base.version);
        let sequence = (base.primary_sequence, base.secondary_sequence);
        table.add("sequence numbers", format_args!("{} and {}", sequence.0, sequence.1));
        table.add("state", &base.state);
        if let Some(Missing { offset, bytes }) = self.missing {
            table.add("missing", format_args!("{bytes} bytes from offset {offset:#x} on"));
        }
        table.add("last written", &base.last_written);
        table.add_some("last reorganized", base.last_reorganized.as_ref());
        table.add("file name", &base.file_name);
        table.add_some("resource manager", base.rm_id.as_ref());
        table.add_some("log", base.log_id.as_ref());
        table.add_some("transaction manager", base.tm_id.as_ref());
        table.add("flags", facts::flags(base.flags, &base.flag_names));
        if base.is_offline_registry {
            table.add("written by", "offreg.dll (the offline registry library)");
        }
        let root = base.root_offset.map_or_else(|| "none".into(), |root| format!("{root:#x}"));
        table.add("root key at", root);
        let checksum = (base.checksum_stored, base.checksum_computed);
        let verdict = if checksum.0 == checksum.1 { "valid" } else { "invalid" };
        table.add(
            "checksum",
            format_args!("{verdict}: stored {:#010x}, computed {:#010x}", checksum.0, checksum.1),
        );
        let mut bins = base.bins_size;
        match &self.replay {
            Some(replay) => {
                table.add("transaction logs", &replay.statement);
                if replay.state == ReplayState::Applied {
                    bins = replay.bins_after;
                    table.add("counts below", "of the hive with its logs applied");
                }
            }
            None if base.is_dirty => table.add(
                "transaction logs",
                "not searched; changes that exist only in logs are not shown",
            ),
            None => {}
        }
        table.add("bins", format_args!("{}, {bins} bytes claimed", self.bins));
        let cells = &self.cells;
        let allocated = (cells.allocated, cells.allocated_bytes);
        table.add("cells allocated", format_args!("{}, {} bytes", allocated.0, allocated.1));
        table.add("cells free", format_args!("{}, {} bytes", cells.free, cells.free_bytes));
        table.add("keys", self.keys);
        table.add("values", self.values);
        table.add("after the last bin", format_args!("{} bytes", self.remnant));
        table
    }
}

impl Cells {
    fn new(hive: Hive<'_>) -> Self {
        let mut cells = Self::default();
        for cell in hive.cells().filter_map(Result::ok) {
            let (number, bytes) = if cell.is_allocated() {
                (&mut cells.allocated, &mut cells.allocated_bytes)
            } else {
                (&mut cells.free, &mut cells.free_bytes)
            };
            *number = number.saturating_add(1);
            *bytes = bytes.saturating_add(u64::from(cell.size()));
        }
        cells
    }
}

impl BaseFacts {
    fn new(block: BaseBlock<'_>) -> Self {
        let ((major, minor), sequence) = (block.version(), block.sequence());
        let raw = block.raw();
        Self {
            version: format!("{major}.{minor}"),
            primary_sequence: sequence.0,
            secondary_sequence: sequence.1,
            is_dirty: block.is_dirty(),
            state: state(block),
            last_written: block.last_written().to_string(),
            last_written_filetime: block.last_written().raw().to_string(),
            last_reorganized: block.last_reorganized().map(|time| time.to_string()),
            file_name: block.file_name().as_text().to_string(),
            rm_id: guid(raw.rm_id),
            log_id: guid(raw.log_id),
            tm_id: guid(raw.tm_id),
            flags: block.flags().bits(),
            flag_names: block.flags().iter_names().map(|(name, _)| name).collect(),
            is_offline_registry: block.is_offline_registry(),
            root_offset: (!block.root().is_nil()).then(|| block.root().file_offset().get()),
            bins_size: block.bins_size(),
            checksum_stored: raw.checksum.get(),
            checksum_computed: block.computed_checksum(),
        }
    }
}

/// Describes whether the base block is clean or dirty, and why.
fn state(block: BaseBlock<'_>) -> String {
    let (primary, secondary) = block.sequence();
    let why = match (primary == secondary, block.checksum_is_valid()) {
        (true, true) => return "clean".into(),
        (false, true) => "the sequence numbers differ",
        (true, false) => "the checksum is wrong",
        (false, false) => "the sequence numbers differ and the checksum is wrong",
    };
    format!("dirty: {why}")
}

/// Formats a GUID; returns `None` for all zeros.
fn guid(bytes: [u8; 16]) -> Option<String> {
    if bytes == [0; 16] {
        return None;
    }
    let [a, b, c, d, e, f, g, h, i, j, node @ ..] = bytes;
    let first = u32::from_le_bytes([a, b, c, d]);
    let (second, third) = (u16::from_le_bytes([e, f]), u16::from_le_bytes([g, h]));
    let (fourth, node) = (hex::digits(&[i, j]), hex::digits(&node));
    Some(format!("{first:08x}-{second:04x}-{third:04x}-{fourth}-{node}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guid_reads_its_first_three_numbers_as_little_endian() {
        let bytes = [
            0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD,
            0xEE, 0xFF,
        ];
        let text = "00112233-4455-6677-8899-aabbccddeeff";
        assert_eq!(guid(bytes).as_deref(), Some(text));
        assert_eq!(guid([0; 16]), None);
    }
}
