// SPDX-License-Identifier: MIT OR Apache-2.0
//! Registry data as text. calhive decodes text of any type, since the types of licensing values are
//! undocumented.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_regf::ValueType;
use calhive_regf::hive::name::Name;
use data_encoding::HEXLOWER;

/// Returns the strings in data; a NUL ends a string. calhive decodes UTF-16LE if the type is a
/// string type, or if every second byte is zero. Otherwise each byte is one character.
pub(crate) fn strings(data: &[u8], value_type: ValueType) -> Vec<Name<'_>> {
    // Trailing zeros do not count as empty strings.
    let end =
        data.iter().rposition(|byte| *byte != 0).map_or(0, |last| (last / 2).saturating_add(1));
    let data = data.get(..end.saturating_mul(2)).unwrap_or(data);
    let mut strings = if is_text(value_type) || looks_like_utf16(data) {
        let (pairs, _) = data.as_chunks::<2>();
        let parts = pairs.split(|pair| *pair == [0, 0]);
        parts.map(|part| Name::utf16(part.as_flattened())).collect::<Vec<_>>()
    } else {
        data.split(|byte| *byte == 0).map(Name::latin1).collect()
    };
    while strings.last().is_some_and(|last| last.is_empty()) {
        strings.pop();
    }
    strings
}

/// Whether the type is a string type.
pub(crate) const fn is_text(value_type: ValueType) -> bool {
    matches!(value_type, ValueType::SZ | ValueType::EXPAND_SZ | ValueType::MULTI_SZ)
}

/// Returns the only string in a value of a stored license. The types of these values are
/// undocumented, so calhive also accepts one byte per character under a string type.
pub(crate) fn single_lenient(data: &[u8], value_type: ValueType) -> Option<String> {
    let end = data.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    let text = data.get(..end).unwrap_or(data);
    let is_narrow = text.len() > 1 && text.iter().all(|byte| matches!(byte, b' '..=b'~'));
    single(data, if is_narrow { ValueType::BINARY } else { value_type })
}

/// Returns the only string in data, for people; `None` if there is no string or more than one.
pub(crate) fn single(data: &[u8], value_type: ValueType) -> Option<String> {
    match strings(data, value_type).as_slice() {
        [only] => Some(only.as_text().to_string()),
        _ => None,
    }
}

/// Returns a text up to its first NUL.
#[cfg(feature = "token")]
pub(crate) fn up_to_nul(text: Name<'_>) -> String {
    let units: Vec<u8> =
        text.units().take_while(|unit| *unit != 0).flat_map(u16::to_le_bytes).collect();
    Name::utf16(&units).as_text().to_string()
}

/// Whether every second byte is zero, as in UTF-16LE text of a Western language.
fn looks_like_utf16(data: &[u8]) -> bool {
    let (pairs, rest) = data.as_chunks::<2>();
    rest.is_empty() && !pairs.is_empty() && pairs.iter().all(|[_, high]| *high == 0)
}

/// Returns bytes in hex, without separators.
pub(crate) fn hex(data: &[u8]) -> String {
    HEXLOWER.encode(data)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Returns the bytes of a vector in hex.
    pub(crate) fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |two: &[u8]| u8::from_str_radix(core::str::from_utf8(two).unwrap(), 16).unwrap();
        digits.chunks_exact(2).map(byte).collect()
    }

    fn shown(data: &[u8], value_type: ValueType) -> Vec<String> {
        strings(data, value_type).iter().map(|name| name.as_text().to_string()).collect()
    }

    #[test]
    fn both_encodings_are_understood_with_and_without_nul() {
        assert_eq!(shown(b"A\x000\x002\0\0\0", ValueType::BINARY), ["A02"]);
        assert_eq!(shown(b"A\x000\x002\0", ValueType::BINARY), ["A02"]);
        assert_eq!(shown(b"microsoft.com\0", ValueType::BINARY), ["microsoft.com"]);
        assert_eq!(shown(b"A\0\0\0B\0\0\0\0\0", ValueType::MULTI_SZ), ["A", "B"]);
        assert_eq!(shown(b"", ValueType::SZ), Vec::<String>::new());
        assert_eq!(single(b"A\0\0\0B\0\0\0", ValueType::MULTI_SZ), None);
        for data in [&b"A02\0"[..], b"A02", b"A\x000\x002\0\0\0"] {
            assert_eq!(single_lenient(data, ValueType::SZ).as_deref(), Some("A02"), "{data:?}");
        }
    }
}
