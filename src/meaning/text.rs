// SPDX-License-Identifier: MIT OR Apache-2.0
//! Registry data as text. Text ends where Windows ends it: `REG_SZ` and `REG_EXPAND_SZ` at the first
//! NUL, `REG_MULTI_SZ` at the first empty string. calhive decodes text of any type, since the types of
//! licensing values are undocumented.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use calhive_regf::ValueType;
use calhive_regf::hive::name::Name;
use data_encoding::HEXLOWER;

/// The strings in data, and the bytes that follow their terminator.
pub(crate) struct Decoded<'d> {
    /// The strings, without empty ones.
    pub(crate) strings: Vec<Name<'d>>,
    /// Length of the text with its terminator, in bytes.
    pub(crate) length: usize,
}

/// Decodes text. calhive decodes UTF-16LE if the type is a string type, or if every second byte is
/// zero. Otherwise each byte is one character. Any other type than `REG_SZ` and `REG_EXPAND_SZ` can
/// hold several strings.
pub(crate) fn decode(data: &[u8], value_type: ValueType) -> Decoded<'_> {
    let is_single = matches!(value_type, ValueType::SZ | ValueType::EXPAND_SZ);
    let is_wide = is_text(value_type) || looks_like_utf16(data);
    let width = if is_wide { 2 } else { 1 };
    let (mut strings, mut length) = (Vec::new(), 0_usize);
    while let Some(rest) = data.get(length..).filter(|rest| rest.len() >= width) {
        let is_nul = |unit: &[u8]| unit.iter().all(|byte| *byte == 0);
        let end = rest.chunks_exact(width).position(is_nul);
        let units = end.unwrap_or_else(|| rest.chunks_exact(width).len());
        let size = units.saturating_mul(width);
        length = length.saturating_add(size.saturating_add(end.map_or(0, |_| width)));
        let string = rest.get(..size).unwrap_or_default();
        if string.is_empty() {
            break;
        }
        strings.push(if is_wide { Name::utf16(string) } else { Name::latin1(string) });
        if is_single {
            break;
        }
    }
    Decoded { strings, length }
}

/// Returns the strings in data.
pub(crate) fn strings(data: &[u8], value_type: ValueType) -> Vec<Name<'_>> {
    decode(data, value_type).strings
}

/// Returns the length of the text in a value of a string type, with its terminator, if bytes other
/// than zero follow.
pub(crate) fn terminated(data: &[u8], value_type: ValueType) -> Option<usize> {
    let length = is_text(value_type).then(|| decode(data, value_type).length)?;
    data.get(length..)?.iter().any(|byte| *byte != 0).then_some(length)
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
    // One zero byte may follow, as in a cell of odd size.
    let (pairs, rest) = data.as_chunks::<2>();
    let is_wide = !pairs.is_empty() && pairs.iter().all(|[_, high]| *high == 0);
    is_wide && rest.iter().all(|byte| *byte == 0)
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
        assert_eq!(shown(b"A02", ValueType::BINARY), ["A02"]);
        assert_eq!(single(b"A\0\0\0B\0\0\0", ValueType::MULTI_SZ), None);
        for data in [&b"A02\0"[..], b"A02", b"A\x000\x002\0\0\0"] {
            assert_eq!(single_lenient(data, ValueType::SZ).as_deref(), Some("A02"), "{data:?}");
        }
    }

    #[test]
    fn text_ends_where_windows_ends_it() {
        for value_type in [ValueType::SZ, ValueType::EXPAND_SZ] {
            let data = b"A\0\0\0B\0\0\0";
            assert_eq!(shown(data, value_type), ["A"]);
            assert_eq!(terminated(data, value_type), Some(4));
        }
        let data = b"A\0\0\0B\0\0\0\0\0C\0\0\0";
        assert_eq!(shown(data, ValueType::MULTI_SZ), ["A", "B"]);
        assert_eq!(terminated(data, ValueType::MULTI_SZ), Some(10));
        // An empty first string ends the list.
        assert_eq!(shown(b"\0\0C\0\0\0", ValueType::MULTI_SZ), Vec::<String>::new());
        assert_eq!(terminated(b"\0\0C\0\0\0", ValueType::SZ), Some(2));
    }

    #[test]
    fn zeros_after_the_terminator_are_no_hidden_text() {
        assert_eq!(terminated(b"A\0\0\0\0\0\0\0", ValueType::SZ), None);
        assert_eq!(terminated(b"A\0", ValueType::SZ), None);
        assert_eq!(terminated(b"A\0\0\0B", ValueType::SZ), Some(4));
        assert_eq!(terminated(b"A\0\0\0B\0", ValueType::BINARY), None);
    }
}
