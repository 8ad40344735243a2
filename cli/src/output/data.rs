// SPDX-License-Identifier: GPL-3.0-or-later
//! The data of values, decoded by type.

use calhive::ValueType;

use crate::text::{escape, hex};

/// Maximum number of bytes shown in the short form of binary data.
const SHORT_BYTES: usize = 32;
/// Maximum number of characters shown in the short form of text.
const SHORT_TEXT: usize = 80;

/// Decoded data; [`Binary`](Self::Binary) if the data do not fit the type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// An escaped string without the final NUL.
    Text(String),
    /// Escaped strings.
    Texts(Vec<String>),
    /// A number.
    Number(u64),
    /// Bytes.
    Binary,
}

impl Decoded {
    /// Decodes data of this type. Keeps text after the first NUL, escaped.
    pub(crate) fn of(value_type: ValueType, bytes: &[u8]) -> Self {
        match value_type {
            ValueType::SZ | ValueType::EXPAND_SZ | ValueType::LINK => text(bytes),
            ValueType::MULTI_SZ => texts(bytes),
            ValueType::DWORD => number(bytes.try_into().ok().map(u32::from_le_bytes)),
            ValueType::DWORD_BIG_ENDIAN => number(bytes.try_into().ok().map(u32::from_be_bytes)),
            ValueType::QWORD => match bytes.try_into() {
                Ok(bytes) => Self::Number(u64::from_le_bytes(bytes)),
                Err(_) => Self::Binary,
            },
            _ => Self::Binary,
        }
    }

    /// Formats the data in one line, shortened if long.
    pub(crate) fn short(&self, bytes: &[u8]) -> String {
        match self {
            Self::Text(text) => quoted(&cut(text)),
            Self::Texts(texts) => {
                let all = texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
                cut(&all)
            }
            Self::Number(number) => format!("{number} ({number:#x})"),
            Self::Binary => match bytes.get(..SHORT_BYTES) {
                Some(first) if bytes.len() > SHORT_BYTES => {
                    format!("{}… ({} bytes)", hex::digits(first), bytes.len())
                }
                _ => hex::digits(bytes),
            },
        }
    }
}

fn text(bytes: &[u8]) -> Decoded {
    if !bytes.len().is_multiple_of(2) {
        return Decoded::Binary;
    }
    Decoded::Text(escape::utf16(bytes.strip_suffix(&[0, 0]).unwrap_or(bytes)))
}

/// Decodes a list of strings. Each string ends with a NUL, and one more NUL ends the list. The final NULs
/// can be missing.
fn texts(bytes: &[u8]) -> Decoded {
    if !bytes.len().is_multiple_of(2) {
        return Decoded::Binary;
    }
    let bytes = bytes.strip_suffix(&[0, 0]).unwrap_or(bytes);
    let bytes = bytes.strip_suffix(&[0, 0]).unwrap_or(bytes);
    if bytes.is_empty() {
        return Decoded::Texts(Vec::new());
    }
    let (units, _) = bytes.as_chunks::<2>();
    let parts = units.split(|unit| *unit == [0, 0]);
    Decoded::Texts(parts.map(|part| escape::utf16(part.as_flattened())).collect())
}

fn number(number: Option<u32>) -> Decoded {
    number.map_or(Decoded::Binary, |number| Decoded::Number(number.into()))
}

/// Quotes a text, and escapes the quotation marks in it.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', r"\u{22}"))
}

/// Shortens a text to its first characters, and adds the number of omitted characters.
fn cut(text: &str) -> String {
    match text.char_indices().nth(SHORT_TEXT) {
        Some((end, _)) => {
            let (first, rest) = text.split_at_checked(end).unwrap_or((text, ""));
            format!("{first}… ({} more characters)", rest.chars().count())
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn data_that_do_not_fit_their_type_are_binary() {
        let of = |value_type, bytes: &[u8]| Decoded::of(value_type, bytes);
        assert_eq!(of(ValueType::SZ, &encoded("a\0")), Decoded::Text("a".into()));
        assert_eq!(of(ValueType::SZ, &encoded("a\0b\0")), Decoded::Text(r"a\u{0}b".into()));
        assert_eq!(of(ValueType::SZ, b"odd"), Decoded::Binary);
        let texts = Decoded::Texts(vec!["a".into(), "b".into()]);
        assert_eq!(of(ValueType::MULTI_SZ, &encoded("a\0b\0\0")), texts);
        assert_eq!(of(ValueType::MULTI_SZ, &encoded("a\0b")), texts);
        assert_eq!(of(ValueType::MULTI_SZ, &encoded("\0\0")), Decoded::Texts(vec![]));
        assert_eq!(of(ValueType::DWORD, &[4, 0, 0, 0]), Decoded::Number(4));
        assert_eq!(of(ValueType::DWORD, &[4, 0, 0]), Decoded::Binary);
        assert_eq!(of(ValueType::DWORD_BIG_ENDIAN, &[0, 0, 0, 4]), Decoded::Number(4));
        assert_eq!(of(ValueType::QWORD, &[1, 0, 0, 0, 0, 0, 0, 1]), Decoded::Number((1 << 56) + 1));
    }

    #[test]
    fn short_form_names_the_omitted_length() {
        let bytes = [7; 40];
        let short = Decoded::of(ValueType::BINARY, &bytes).short(&bytes);
        assert!(short.ends_with("… (40 bytes)"), "{short}");
        let long = "x".repeat(100);
        assert!(Decoded::Text(long).short(b"").ends_with("… (20 more characters)\""));
        assert_eq!(Decoded::Number(16).short(b""), "16 (0x10)");
        assert_eq!(Decoded::Text("a\" b".into()).short(b""), r#""a\u{22} b""#);
    }
}
