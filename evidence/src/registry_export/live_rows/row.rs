// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Row`]: a row of a live registry.

use calhive_regf::ValueType;

use super::super::{
    ExportFault, ExportFaultKind, ExportedKey, ExportedValue, RegistryExport, reader,
};
use super::fields::Fields;
use super::value::{Stored, value_type};

/// Version of the rows that this code reads.
const VERSION: u64 = 1;
/// Name that the accessors of Velociraptor give to the default value of a key.
const DEFAULT_VALUE: &str = "@";

/// A row of a live registry.
pub(super) struct Row {
    pub(super) fields: Fields,
}

impl Row {
    /// Parses a line. Returns the fault and its column if the line is no row.
    pub(super) fn parse(json: &[u8]) -> Result<Self, (ExportFaultKind, Option<u64>)> {
        let fields: Fields = serde_json::from_slice(json).map_err(|error| {
            let column = u64::try_from(error.column()).ok().filter(|column| *column > 0);
            (ExportFaultKind::NotJson, column)
        })?;
        match fields.version {
            Some(VERSION) => Ok(Self { fields }),
            _ => Err((ExportFaultKind::OtherRow, None)),
        }
    }

    /// Adds the key of the row, with its value, to the keys of its system.
    pub(super) fn add(
        self,
        export: &mut RegistryExport,
        line: u64,
        is_kept: &mut impl FnMut(&ExportedKey) -> bool,
    ) {
        let fields = self.fields;
        let mut fault = |kind: ExportFaultKind| {
            let is_remark = kind.is_remark();
            export.fault_count = export.fault_count.saturating_add(u64::from(!is_remark));
            if export.faults.len() < RegistryExport::KEPT_FAULTS {
                export.faults.push(ExportFault { line, column: None, kind });
            }
        };
        let Some(path) = &fields.key else { return fault(ExportFaultKind::NoField("Key")) };
        let mut key = ExportedKey::new(utf16(path), line, false);
        key.last_written = fields.last_written;
        if !reader::has_root(&key) {
            fault(ExportFaultKind::UnknownRoot);
        }
        let mut value = None;
        if let Some(name) = &fields.value_name {
            let value_type = match &fields.value_type {
                Some(word) => value_type(word),
                None => None,
            };
            let Some(value_type) = value_type else {
                return fault(ExportFaultKind::NoField("Type"));
            };
            let stored = Stored::of(&fields, value_type);
            stored.fault.into_iter().for_each(&mut fault);
            value = Some(exported(name, value_type, stored, line));
        }
        match &value {
            Some(_) => export.value_count = export.value_count.saturating_add(1),
            None => export.key_count = export.key_count.saturating_add(1),
        }
        if is_kept(&key) {
            key.values.extend(value);
            export.keys.push(key);
        }
    }
}

fn exported(name: &str, value_type: ValueType, stored: Stored, line: u64) -> ExportedValue {
    ExportedValue {
        name: if name == DEFAULT_VALUE { Vec::new() } else { utf16(name) },
        value_type,
        data: stored.bytes,
        ansi: None,
        line,
        is_removal: false,
        is_incomplete: stored.fault.is_some(),
        is_nameless: false,
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
