// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Encoding`]: detects and decodes the text form of a token.

use anyhow::{Result, bail};
use calhive::token::{CarvedToken, TokenSignatures};
use calhive_regf::ValueType;
use calhive_regf::recover::carve::{Kind, carve_bytes};
use serde::Serialize;

use super::registry_text::{self, RegistryValue};
use super::{base64, digits};

/// Encoding of bytes in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Encoding {
    /// Not encoded.
    Binary,
    /// Hex digits.
    Hex,
    /// Lines with an offset and hex digits.
    HexDump,
    /// Decimal numbers, or arrays of them.
    Decimal,
    /// Base64.
    Base64,
    /// Base64 between `-----BEGIN` and `-----END`.
    Pem,
    /// Values in a .reg file: `hex:30,82,\`.
    RegistryEditor,
    /// Output of `reg query`: `REG_BINARY 3082`.
    RegistryQuery,
}

/// Decoded content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// Encoding of the file.
    pub(super) encoding: Encoding,
    /// Licenses in the file, at least one.
    pub(super) licenses: Vec<License>,
    /// All values of an export, or of the output of `reg query`.
    pub(super) values: Vec<RegistryValue>,
}

/// Bytes of a license, or of the certificates of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct License {
    /// Place in the file: key and value, or an offset. `None` for the only license of a file without such
    /// places.
    pub(super) name: Option<String>,
    /// Decoded bytes.
    pub(super) bytes: Vec<u8>,
}

impl Encoding {
    /// Detects the encoding and decodes the bytes. Ignores white space.
    ///
    /// # Errors
    /// If the bytes are text in no known encoding. The message names the first wrong character.
    pub(super) fn decode(bytes: &[u8]) -> Result<Decoded> {
        let Some(text) = text(bytes) else {
            return Ok(Decoded::new(Self::Binary, binary(bytes)));
        };
        if text.contains(base64::BEGIN) {
            return Ok(Decoded::new(Self::Pem, numbered(base64::pem(&text)?)));
        }
        if let Some(values) = registry_text::export(&text)? {
            return Decoded::of_values(Self::RegistryEditor, values);
        }
        if let Some(values) = registry_text::query(&text)? {
            return Decoded::of_values(Self::RegistryQuery, values);
        }
        if let Some(bytes) = digits::dump(&text) {
            return Ok(Decoded::new(Self::HexDump, binary(&bytes)));
        }
        if let Some(lists) = digits::decimal_lists(&text) {
            return Ok(Decoded::new(Self::Decimal, numbered(lists)));
        }
        let digits = digits::letters(&text, 0);
        // Hex with a few typing errors has few characters that are not hex digits. In base64, many characters are not hex
        // digits.
        let wrong = digits.iter().filter(|(_, letter)| !letter.is_ascii_hexdigit()).count();
        if wrong.saturating_mul(10) <= digits.len() {
            return Ok(Decoded::new(Self::Hex, binary(&digits::hex(&text, &digits)?)));
        }
        Ok(Decoded::new(Self::Base64, binary(&base64::base64(&text, &text, 0)?)))
    }

    /// Returns the name for messages; `None` for binary.
    pub(super) const fn words(self) -> Option<&'static str> {
        match self {
            Self::Binary => None,
            Self::Hex => Some("hex text"),
            Self::HexDump => Some("a hex dump"),
            Self::Decimal => Some("decimal text"),
            Self::Base64 => Some("base64 text"),
            Self::Pem => Some("PEM text"),
            Self::RegistryEditor => Some(".reg text"),
            Self::RegistryQuery => Some("`reg query` output"),
        }
    }
}

impl Decoded {
    const fn new(encoding: Encoding, licenses: Vec<License>) -> Self {
        Self { encoding, licenses, values: Vec::new() }
    }

    /// Takes the values with the names of tokens and certificates. Without such names, takes all binary values.
    ///
    /// # Errors
    /// If there is no binary value.
    fn of_values(encoding: Encoding, values: Vec<RegistryValue>) -> Result<Self> {
        let is_binary = |value: &&RegistryValue| value.value_type == ValueType::BINARY;
        let has_names = values.iter().any(|it| is_binary(&it) && it.has_token_name());
        let licenses: Vec<License> = values
            .iter()
            .filter(is_binary)
            .filter(|value| !has_names || value.has_token_name())
            .map(|value| License { name: Some(value.path()), bytes: value.data.clone() })
            .collect();
        if licenses.is_empty() {
            bail!("the text has {} registry value(s), but no binary value", values.len());
        }
        Ok(Self { encoding, licenses, values })
    }
}

/// Names each list of bytes by its number, if there are several.
fn numbered(lists: Vec<Vec<u8>>) -> Vec<License> {
    let name = |number: usize| (lists.len() > 1).then(|| format!("list {number}"));
    let names: Vec<Option<String>> = (1..=lists.len()).map(name).collect();
    names.into_iter().zip(lists).map(|(name, bytes)| License { name, bytes }).collect()
}

/// Splits bytes that consist of several whole containers, one after the other.
fn binary(bytes: &[u8]) -> Vec<License> {
    let mut containers: Vec<(usize, usize)> = Vec::new();
    carve_bytes(bytes, Some(&TokenSignatures::new()), |carved| {
        let Kind::Signature { tag, .. } = carved.kind else { return };
        let is_container =
            matches!(CarvedToken::from_tag(tag), Some(CarvedToken::Token | CarvedToken::Chain));
        let place = usize::try_from(carved.place.offset.get()).ok();
        let length = usize::try_from(carved.place.length).ok();
        if let (Some(place), Some(length), true) = (place, length, is_container && carved.is_whole)
        {
            containers.push((place, length));
        }
    });
    let ends = containers.iter().scan(0_usize, |end, (place, length)| {
        let is_next = *place == *end;
        *end = place.saturating_add(*length);
        Some(if is_next { *end } else { usize::MAX })
    });
    let is_all = ends.last() == Some(bytes.len());
    if containers.len() < 2 || !is_all {
        return vec![License { name: None, bytes: bytes.to_vec() }];
    }
    let part = |(place, length): (usize, usize)| License {
        name: Some(format!("at byte {place:#x}")),
        bytes: bytes.get(place..).and_then(|it| it.get(..length)).unwrap_or_default().to_vec(),
    };
    containers.into_iter().map(part).collect()
}

/// Whether bytes begin like an export of the old version, or like the output of `reg query`.
fn is_of_registry_tool(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    start.starts_with(b"REGEDIT4") || start.starts_with(b"HKEY_")
}

/// Returns the text if all bytes are text: UTF-8, or UTF-16LE with a byte order mark. The length
/// bytes of a binary token are never valid text.
fn text(bytes: &[u8]) -> Option<String> {
    let text = match bytes.strip_prefix(b"\xFF\xFE") {
        Some(utf16) => {
            let (pairs, rest) = utf16.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
            String::from_utf16(&units).ok().filter(|_| rest.is_empty())?
        }
        None => {
            let utf8 = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
            match core::str::from_utf8(utf8) {
                Ok(text) => String::from(text),
                // Registry tools write names in the character set of their system, which the text does not name.
                Err(_) if is_of_registry_tool(utf8) => {
                    let letter = |byte: &u8| match byte {
                        0..=0x7F => char::from(*byte),
                        _ => char::REPLACEMENT_CHARACTER,
                    };
                    utf8.iter().map(letter).collect()
                }
                Err(_) => return None,
            }
        }
    };
    let is_text = text.chars().all(|letter| !letter.is_control() || letter.is_ascii_whitespace());
    is_text.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> (Encoding, Vec<u8>) {
        only(text.as_bytes())
    }

    fn only(bytes: &[u8]) -> (Encoding, Vec<u8>) {
        let decoded = Encoding::decode(bytes).unwrap();
        let [License { bytes, .. }] = &decoded.licenses[..] else { panic!("{decoded:?}") };
        (decoded.encoding, bytes.clone())
    }

    #[track_caller]
    fn assert_refused(text: &str, why: &str) {
        assert_eq!(Encoding::decode(text.as_bytes()).unwrap_err().to_string(), why);
    }

    const BYTES: [u8; 5] = [0x30, 0x82, 0x00, 0xAB, 0xCD];

    #[test]
    fn every_encoding_decodes_to_the_same_bytes() {
        for (text, encoding) in [
            ("308200abcd", Encoding::Hex),
            ("30 82 00\r\n AB CD\n", Encoding::Hex),
            ("0x308200ABCD", Encoding::Hex),
            ("0x30, 0x82, 0x00, 0xAB, 0xCD", Encoding::Hex),
            ("30:82:00:ab:cd", Encoding::Hex),
            ("\u{feff}308200abcd", Encoding::Hex),
            ("48 130 0 171 205", Encoding::Decimal),
            ("[48, 130, 0, 171, 205]", Encoding::Decimal),
            ("00000000  30 82 00  |0..|\n00000003  ab cd  |..|\n", Encoding::HexDump),
            (
                "\r\nHKEY_USERS\\S\r\n    ClientLicense    REG_BINARY    308200ABCD\r\n",
                Encoding::RegistryQuery,
            ),
            ("MIIAq80=", Encoding::Base64),
            ("MIIA\n q80", Encoding::Base64),
            ("hex:30,82,00,\\\r\n  ab,cd\r\n", Encoding::RegistryEditor),
            (
                "REGEDIT4\n[K]\n\"A\"=hex:01\n\"ClientLicense\"=hex:30,82,\\\n  00,ab,cd\n\"Z\"=hex:02",
                Encoding::RegistryEditor,
            ),
            ("a b\n-----BEGIN PKCS7-----\nMIIA\nq80=\n-----END PKCS7-----\n", Encoding::Pem),
            (
                "-----BEGIN A-----\nMII=\n-----END A-----\n-----BEGIN B-----AKvN-----END B-----",
                Encoding::Pem,
            ),
        ] {
            assert_eq!(decoded(text), (encoding, BYTES.to_vec()), "{text}");
        }
        let utf16 = "\u{feff}hex:30,82,00,ab,cd".encode_utf16().flat_map(u16::to_le_bytes);
        let utf16: Vec<u8> = utf16.collect();
        assert_eq!(only(&utf16), (Encoding::RegistryEditor, BYTES.to_vec()));
    }

    /// Places and bytes of the licenses in a text.
    fn licenses(text: &str) -> Vec<(String, Vec<u8>)> {
        let decoded = Encoding::decode(text.as_bytes()).unwrap();
        let license = |it: License| (it.name.unwrap_or_default(), it.bytes);
        decoded.licenses.into_iter().map(license).collect()
    }

    #[test]
    fn several_licenses_of_one_text_are_all_decoded() {
        let both = |one: &str, other: &str| {
            vec![(one.to_owned(), BYTES.to_vec()), (other.to_owned(), vec![0x30, 0])]
        };
        let export = "REGEDIT4\n[K\\LICENSE000]\n\"ClientLicense\"=hex:30,82,00,ab,cd\n\
            [K\\LICENSE001]\n\"ClientLicense\"=hex:30,00\n\"ProductID\"=hex:41,00\n";
        let paths = [r"K\LICENSE000\ClientLicense", r"K\LICENSE001\ClientLicense"];
        assert_eq!(licenses(export), both(paths[0], paths[1]));
        assert_eq!(Encoding::decode(export.as_bytes()).unwrap().values.len(), 3);
        let unnamed = "\"a\"=hex:30,82,00,ab,cd\n\"b\"=hex:30,00";
        assert_eq!(licenses(unnamed), both("a", "b"));
        let query = "HKEY_USERS\\A\n    ClientLicense    REG_BINARY    308200ABCD\n\
            HKEY_USERS\\B\n    ClientLicense    REG_BINARY    3000\n    N    REG_DWORD    0x1\n";
        assert_eq!(
            licenses(query),
            both(r"HKEY_USERS\A\ClientLicense", r"HKEY_USERS\B\ClientLicense")
        );
        assert_eq!(licenses("[[48,130,0,171,205],[48,0]]"), both("list 1", "list 2"));
        let pem = "-----BEGIN PKCS7-----\nMIIAq80=\n-----END PKCS7-----\n\
            -----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n";
        assert_eq!(licenses(pem), both("list 1", "list 2"));
    }

    #[test]
    fn names_in_another_character_set_do_not_hide_an_export() {
        let export = b"REGEDIT4\n[HKEY_LOCAL_MACHINE\\M\xFCller]\n\"ClientLicense\"=hex:30,00\n";
        assert_eq!(only(export), (Encoding::RegistryEditor, vec![0x30, 0]));
        let query = b"\r\nHKEY_USERS\\M\x81ller\r\n    ClientLicense    REG_BINARY    3000\r\n";
        assert_eq!(only(query), (Encoding::RegistryQuery, vec![0x30, 0]));
    }

    #[test]
    fn export_without_binary_value_is_refused() {
        assert_refused(
            "REGEDIT4\n[K]\n\"N\"=dword:00000001\n",
            "the text has 1 registry value(s), but no binary value",
        );
    }

    #[test]
    fn bytes_other_than_text_are_binary() {
        for bytes in [&BYTES[..], b"abcd\0", b"\xFF\xFEa", b"\x1b[31m"] {
            assert_eq!(only(bytes), (Encoding::Binary, bytes.to_vec()));
        }
    }

    #[test]
    fn errors_name_line_and_column() {
        assert_refused("30820795\n0609z864", "not hex: unexpected 'z' at line 2, column 5");
        assert_refused("30820", "odd number of hex digits (5): a digit is missing");
        assert_refused(
            "This, is no\ntoken",
            "neither hex nor base64: unexpected ',' at line 1, column 5",
        );
        assert_refused(
            "MIIAq",
            "base64 text of 5 characters ends within a byte: characters are missing",
        );
        assert_refused(
            "\n-----BEGIN A-----\nMIIA",
            "the PEM block that begins at line 2, column 12 has no line -----END",
        );
        assert_refused(
            "\n-----BEGIN A-----\nMI*A\n-----END A-----",
            "neither hex nor base64: unexpected '*' at line 3, column 3",
        );
        assert_refused("hex:01,\\\n g2", "not hex: unexpected 'g' at line 2, column 2");
    }
}
