// SPDX-License-Identifier: GPL-3.0-or-later
//! [`LoneRecord`]: a key or value outside all hives and bins.

use calhive_regf::recover::carve::Kind;
use serde::Serialize;

use crate::messages::count;
use crate::output::data::{Decoded, quoted};
use crate::text::hex;

/// The fields of the record. Offsets count from the first bin of an unknown hive.
#[derive(Serialize)]
pub(super) struct LoneRecord {
    name: String,
    name_hex: String,
    /// Size of the cell: negative if allocated, positive if free; null without a matching cell.
    cell_size: Option<i32>,
    #[serde(flatten)]
    own: Own,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Own {
    Key {
        last_written: String,
        last_written_filetime: String,
        flags: u16,
        /// Offset of the parent's cell.
        parent: u32,
        subkeys: u32,
        values: u32,
    },
    Value {
        r#type: u32,
        type_name: Option<&'static str>,
        size: u32,
        /// Data stored in the value itself; null for other data.
        data_hex: Option<String>,
        /// Offset of the cell with the data; null for data in the value itself.
        data_cell: Option<u32>,
        #[serde(skip)]
        shown: String,
    },
}

impl LoneRecord {
    pub(super) fn of(kind: &Kind<'_>) -> Option<Self> {
        let (name, cell_size, own) = match *kind {
            Kind::Key { record, cell_size } => {
                let own = Own::Key {
                    last_written: record.last_written().to_string(),
                    last_written_filetime: record.last_written().raw().to_string(),
                    flags: record.flags().bits(),
                    parent: record.parent().get(),
                    subkeys: record.raw().subkey_count.get(),
                    values: record.value_count(),
                };
                (record.name(), cell_size, own)
            }
            Kind::Value { record, cell_size } => {
                let bytes = record.inline_data();
                let bytes = bytes.as_slice();
                let cell = record.data_cell();
                let (kind, size) = (record.value_type(), record.data_size());
                let shown = if cell.is_nil() {
                    format!("{kind} {}", Decoded::of(kind, bytes).short(bytes))
                } else {
                    format!("{kind}, {} at {:#x}", count(u64::from(size), "byte"), cell.get())
                };
                let own = Own::Value {
                    r#type: kind.0,
                    type_name: kind.name(),
                    size,
                    data_hex: cell.is_nil().then(|| hex::digits(bytes)),
                    data_cell: (!cell.is_nil()).then_some(cell.get()),
                    shown,
                };
                (record.name(), Some(cell_size), own)
            }
            _ => return None,
        };
        Some(Self { name: name.to_string(), name_hex: hex::name(name), cell_size, own })
    }

    /// Returns the estimated size of the record in memory, in bytes.
    pub(super) fn weight(&self) -> u64 {
        let names = self.name.len().saturating_add(self.name_hex.len());
        (size_of::<Self>() as u64).saturating_add(names as u64).saturating_add(64)
    }

    pub(super) fn statement(&self) -> String {
        let name = if self.name.is_empty() { String::from("@") } else { quoted(&self.name) };
        let cell = match self.cell_size {
            Some(size) if size < 0 => "in an allocated cell",
            Some(_) => "in a free cell",
            None => "without a matching cell",
        };
        match &self.own {
            Own::Key { last_written, flags, parent, subkeys, values, .. } => format!(
                "{name}, last written {last_written}, flags {flags:#x}, parent at {parent:#x} of an unknown hive, \
                 {}, {}; {cell}",
                count(u64::from(*subkeys), "subkey"),
                count(u64::from(*values), "value")
            ),
            Own::Value { shown, data_cell: None, .. } => format!("{name} {shown}; {cell}"),
            Own::Value { shown, .. } => {
                format!("{name} {shown} of an unknown hive (data not readable); {cell}")
            }
        }
    }
}
