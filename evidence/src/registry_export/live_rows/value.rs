// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Stored`]: the data of a value as the registry holds them, from the form in a row.
//!
//! The accessors of Velociraptor return numbers and texts, not their bytes. Texts are UTF-8 and end before their first
//! NUL. The size in the row shows whether the text is the whole value.

use calhive_regf::ValueType;
use data_encoding::BASE64;

use super::super::ExportFaultKind;
use super::fields::Fields;

/// Names of the types in rows. The accessor `raw_reg` writes `REG_` before each.
const TYPES: [(&str, ValueType); 8] = [
    ("NONE", ValueType::NONE),
    ("SZ", ValueType::SZ),
    ("EXPAND_SZ", ValueType::EXPAND_SZ),
    ("BINARY", ValueType::BINARY),
    ("DWORD", ValueType::DWORD),
    ("DWORD_BIG_ENDIAN", ValueType(5)),
    ("MULTI_SZ", ValueType::MULTI_SZ),
    ("QWORD", ValueType::QWORD),
];

/// Data of a value.
pub(super) struct Stored {
    pub(super) bytes: Vec<u8>,
    /// Why the data are incomplete; `None` if they are complete.
    pub(super) fault: Option<ExportFaultKind>,
}

/// Returns the type that a row names, by its word or its number.
pub(super) fn value_type(word: &str) -> Option<ValueType> {
    let name = word.strip_prefix("REG_").unwrap_or(word);
    let known = TYPES.iter().find(|(known, _)| *known == name).map(|(_, value_type)| *value_type);
    known.or_else(|| word.parse().ok().map(ValueType))
}

impl Stored {
    /// Returns the data of a row.
    pub(super) fn of(fields: &Fields, value_type: ValueType) -> Self {
        let missing = |kind| Self { bytes: Vec::new(), fault: Some(kind) };
        let Some(data) = &fields.data else { return missing(ExportFaultKind::NoField("Data")) };
        let Some(size) = fields.size.and_then(|size| usize::try_from(size).ok()) else {
            return missing(ExportFaultKind::NoField("Size"));
        };
        let Ok(data) = BASE64.decode(data.as_bytes()) else {
            return missing(ExportFaultKind::NotBase64);
        };
        match value_type {
            ValueType::SZ | ValueType::EXPAND_SZ => Self::text(&data, size),
            ValueType::MULTI_SZ => Self::texts(&data, size),
            ValueType::DWORD | ValueType::QWORD => Self::number(&data, size),
            _ => Self::bytes(data, size),
        }
    }

    /// Returns the bytes of a value. Velociraptor pads short values: the size counts.
    fn bytes(mut bytes: Vec<u8>, size: usize) -> Self {
        let is_short = bytes.len() < size;
        bytes.truncate(size);
        Self { bytes, fault: is_short.then_some(ExportFaultKind::CutValue) }
    }

    /// Returns the bytes of a number in decimal. Only a number of the size of its type is written as one.
    fn number(data: &[u8], size: usize) -> Self {
        let number = core::str::from_utf8(data).ok().and_then(|text| text.parse::<u64>().ok());
        let bytes = number.map(u64::to_le_bytes);
        let bytes = bytes.as_ref().and_then(|bytes| bytes.split_at_checked(size));
        match bytes {
            Some((bytes, rest)) if matches!(size, 4 | 8) && rest.iter().all(|it| *it == 0) => {
                Self { bytes: bytes.to_vec(), fault: None }
            }
            _ => Self { bytes: Vec::new(), fault: Some(ExportFaultKind::CutValue) },
        }
    }

    /// Returns the UTF-16LE bytes of a text, with a terminator if the size has room for one.
    fn text(data: &[u8], size: usize) -> Self {
        let (mut bytes, is_known) = utf16(data);
        if bytes.len() < size {
            bytes.extend([0, 0]);
        }
        Self::of_size(bytes, size, is_known)
    }

    /// Returns the UTF-16LE bytes of texts in lines, each with a terminator.
    fn texts(data: &[u8], size: usize) -> Self {
        let (mut bytes, is_known) = utf16(data);
        let (units, _) = bytes.as_chunks_mut::<2>();
        units.iter_mut().filter(|unit| **unit == *b"\n\0").for_each(|unit| *unit = [0, 0]);
        // The list has a terminator of its own. An empty list has no other.
        let terminators = if data.is_empty() { 1 } else { 2 };
        let text = bytes.len();
        for _ in 0..terminators {
            if bytes.len() < size {
                bytes.extend([0, 0]);
            }
        }
        if bytes.len() < size {
            // More texts follow the first one.
            bytes.truncate(text.saturating_add(2));
        }
        Self::of_size(bytes, size, is_known)
    }

    fn of_size(mut bytes: Vec<u8>, size: usize, is_known: bool) -> Self {
        let is_whole = bytes.len() == size && is_known;
        bytes.truncate(size);
        Self { bytes, fault: (!is_whole).then_some(ExportFaultKind::CutValue) }
    }
}

/// Returns a text in UTF-16LE, and whether each of its characters is known.
fn utf16(data: &[u8]) -> (Vec<u8>, bool) {
    let text = String::from_utf8_lossy(data);
    let is_known = !text.contains(char::REPLACEMENT_CHARACTER);
    (text.encode_utf16().flat_map(u16::to_le_bytes).collect(), is_known)
}
