// SPDX-License-Identifier: MIT OR Apache-2.0

//! Fields of each record by name: offset and length in the record.

use crate::group::{Part, Shape};
use crate::record;
use crate::space::cell_header;

/// A field of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Offset from the first byte of the record, including the cell header.
    pub(crate) offset: usize,
    pub(crate) len: usize,
}

impl Field {
    pub(crate) fn new(name: &str, offset: usize, len: usize) -> Self {
        Self { name: name.to_owned(), offset, len }
    }
}

/// Returns the little-endian number in a field of at most eight bytes.
pub(crate) fn number(field: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    bytes[..field.len()].copy_from_slice(field);
    u64::from_le_bytes(bytes)
}

/// Writes a number to the start of a field, in the width of the field up to eight bytes. If the
/// number does not fit, writes nothing and returns false.
pub(crate) fn put_number(field: &mut [u8], value: u64) -> bool {
    let width = field.len().min(8);
    let fits = width == 8 || value >> (8 * width) == 0;
    if fits {
        field[..width].copy_from_slice(&value.to_le_bytes()[..width]);
    }
    fits
}

/// Name, offset, length. Offsets in cells count from the end of the cell header.
type Fields = &'static [(&'static str, usize, usize)];

const BASE: Fields = &[
    ("signature", 0, 4),
    ("primary_sequence", 4, 4),
    ("secondary_sequence", 8, 4),
    ("last_written", 12, 8),
    ("major", 20, 4),
    ("minor", 24, 4),
    ("file_type", 28, 4),
    ("file_format", 32, 4),
    ("root", 36, 4),
    ("bins_size", 40, 4),
    ("clustering", 44, 4),
    ("file_name", 48, 64),
    ("rm_id", 112, 16),
    ("log_id", 128, 16),
    ("flags", 144, 4),
    ("tm_id", 148, 16),
    ("guid_signature", 164, 4),
    ("last_reorganized", 168, 8),
    ("offreg_signature", 176, 4),
    ("offreg_flags", 180, 4),
    ("checksum", 508, 4),
    ("serialization", 512, 8),
    ("thaw_tm_id", 4040, 16),
    ("thaw_rm_id", 4056, 16),
    ("thaw_log_id", 4072, 16),
    ("boot_type", 4088, 4),
    ("boot_recover", 4092, 4),
];

const BIN: Fields = &[
    ("signature", 0, 4),
    ("offset", 4, 4),
    ("size", 8, 4),
    ("reserved", 12, 8),
    ("timestamp", 20, 8),
    ("spare", 28, 4),
];

const KEY: Fields = &[
    ("signature", 0, 2),
    ("flags", 2, 2),
    ("last_written", 4, 8),
    ("access_bits", 12, 1),
    ("layered", 13, 1),
    ("spare", 14, 2),
    ("parent", 16, 4),
    ("subkey_count", 20, 4),
    ("volatile_subkey_count", 24, 4),
    ("subkeys", 28, 4),
    ("volatile_subkeys", 32, 4),
    ("value_count", 36, 4),
    ("values", 40, 4),
    ("security", 44, 4),
    ("class", 48, 4),
    ("largest_subkey_name", 52, 2),
    ("user_flags", 54, 1),
    ("debug", 55, 1),
    ("largest_subkey_class", 56, 4),
    ("largest_value_name", 60, 4),
    ("largest_value_data", 64, 4),
    ("work_var", 68, 4),
    ("name_length", 72, 2),
    ("class_length", 74, 2),
];

const VALUE: Fields = &[
    ("signature", 0, 2),
    ("name_length", 2, 2),
    ("data_size", 4, 4),
    ("data", 8, 4),
    ("value_type", 12, 4),
    ("flags", 16, 2),
    ("spare", 18, 2),
];

const SECURITY: Fields = &[
    ("signature", 0, 2),
    ("reserved", 2, 2),
    ("flink", 4, 4),
    ("blink", 8, 4),
    ("reference_count", 12, 4),
    ("descriptor_size", 16, 4),
];

const BIG_DATA: Fields = &[("signature", 0, 2), ("segments", 2, 2), ("list", 4, 4)];

const LIST: Fields = &[("signature", 0, 2), ("count", 2, 2)];

/// Returns the fields of a base block with `len` stored bytes.
pub(crate) fn base(len: usize) -> Vec<Field> {
    let fields = BASE.iter().filter(|&&(_, offset, width)| offset + width <= len);
    fields.map(|&(name, offset, width)| Field::new(name, offset, width)).collect()
}

/// Returns the field `name` of `part`.
pub(crate) fn find(part: Part, minor: u32, name: &str) -> Option<Field> {
    of(part, minor).into_iter().find(|field| field.name == name)
}

/// Returns all fields of `part` in a hive of version 1.`minor`.
pub(crate) fn of(part: Part, minor: u32) -> Vec<Field> {
    let len = part.len as usize;
    let mut fields = Vec::new();
    let mut add = |name: &str, offset: usize, len: usize| {
        fields.push(Field::new(name, offset, len));
    };
    if matches!(part.shape, Shape::Base | Shape::Bin) {
        let table = if part.shape == Shape::Base { BASE } else { BIN };
        table.iter().for_each(|&(name, offset, len)| add(name, offset, len));
        return fields;
    }
    let header = cell_header(minor) as usize;
    add("cell_size", 0, 4);
    if minor == 1 {
        add("cell_last", 4, 4);
    }
    let table = match part.shape {
        Shape::Key => KEY,
        Shape::Value => VALUE,
        Shape::Security => SECURITY,
        Shape::BigData => BIG_DATA,
        Shape::NarrowList | Shape::WideList => LIST,
        _ => &[],
    };
    for &(name, offset, len) in table {
        match (minor, part.shape, name) {
            // Version 1.1 has a title index in the place of these fields.
            (1, Shape::Key, "access_bits") | (1, Shape::Value, "flags") => {
                add("title_index", header + offset, 4);
            }
            (1, Shape::Key, "layered" | "spare") | (1, Shape::Value, "spare") => {}
            _ => add(name, header + offset, len),
        }
    }
    let mut tail = |name: &str, fixed: u32| {
        let fixed = fixed as usize;
        add(name, header + fixed, len - fixed);
    };
    match part.shape {
        Shape::Key => tail("name", record::KEY),
        Shape::Value => tail("name", record::VALUE),
        Shape::Security => tail("descriptor", record::SECURITY),
        Shape::Class => tail("name", 0),
        Shape::Data => tail("data", 0),
        Shape::Free => tail("content", 0),
        Shape::Offsets => {
            for number in 0..len / 4 {
                add(&format!("element {number}"), header + 4 * number, 4);
            }
        }
        Shape::NarrowList => {
            for number in 0..(len - 4) / 4 {
                add(&format!("element {number}"), header + 4 + 4 * number, 4);
            }
        }
        Shape::WideList => {
            for number in 0..(len - 4) / 8 {
                add(&format!("element {number}"), header + 4 + 8 * number, 4);
                add(&format!("hash {number}"), header + 8 + 8 * number, 4);
            }
        }
        Shape::BigData | Shape::Base | Shape::Bin => {}
    }
    fields
}
