// SPDX-License-Identifier: GPL-3.0-or-later
//! [`Encoding`]: detects and decodes the text form of a token.

use anyhow::{Result, anyhow, bail};
use data_encoding::{BASE64_NOPAD, HEXLOWER_PERMISSIVE};
use serde::Serialize;

/// Encoding of bytes in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Encoding {
    /// Not encoded.
    Binary,
    /// Hex digits.
    Hex,
    /// Base64.
    Base64,
    /// Base64 between `-----BEGIN` and `-----END`.
    Pem,
    /// A value in a .reg file: `hex:30,82,\`.
    RegistryEditor,
}

/// Byte offset of a character in a text, and the character.
type Letter = (usize, char);

impl Encoding {
    /// Detects the encoding and decodes the bytes. Ignores white space.
    ///
    /// # Errors
    /// If the bytes are text in no known encoding. The message names the first wrong character.
    pub(super) fn decode(bytes: &[u8]) -> Result<(Self, Vec<u8>)> {
        let Some(text) = text(bytes) else { return Ok((Self::Binary, bytes.to_vec())) };
        if text.contains(BEGIN) {
            return Ok((Self::Pem, pem(&text)?));
        }
        if let Some((at, list)) = registry_list(&text)? {
            return Ok((Self::RegistryEditor, hex(&text, &digits(list, at))?));
        }
        let digits = digits(&text, 0);
        // Hex with a few typing errors has few characters that are not hex digits. In base64, many
        // characters are not hex digits.
        let wrong = digits.iter().filter(|(_, letter)| !letter.is_ascii_hexdigit()).count();
        if wrong.saturating_mul(10) <= digits.len() {
            return Ok((Self::Hex, hex(&text, &digits)?));
        }
        Ok((Self::Base64, base64(&text, &text, 0)?))
    }

    /// Returns the name for messages; `None` for binary.
    pub(super) const fn words(self) -> Option<&'static str> {
        match self {
            Self::Binary => None,
            Self::Hex => Some("hex text"),
            Self::Base64 => Some("base64 text"),
            Self::Pem => Some("PEM text"),
            Self::RegistryEditor => Some(".reg text"),
        }
    }
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
            String::from(core::str::from_utf8(utf8).ok()?)
        }
    };
    let is_text = text.chars().all(|letter| !letter.is_control() || letter.is_ascii_whitespace());
    is_text.then_some(text)
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// Decodes all PEM blocks and concatenates the bytes. The certificates in a token are also concatenated.
fn pem(text: &str) -> Result<Vec<u8>> {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some((_, block)) = rest.split_once(BEGIN) {
        let begin = place(text, text.len().saturating_sub(block.len()));
        let (_, body) = block
            .split_once("-----")
            .ok_or_else(|| anyhow!("the PEM line -----BEGIN is truncated {begin}"))?;
        let at = text.len().saturating_sub(body.len());
        let (body, after) = body
            .split_once(END)
            .ok_or_else(|| anyhow!("the PEM block that begins {begin} has no line -----END"))?;
        bytes.extend(base64(text, body, at)?);
        rest = after;
    }
    Ok(bytes)
}

/// Finds the hex list of the value `ClientLicense` in a .reg file. If no value has this name, finds the
/// only hex list. Returns the list with its offset.
fn registry_list(text: &str) -> Result<Option<(usize, &str)>> {
    let lower = text.to_ascii_lowercase();
    let behind = |what: &str| -> Vec<usize> {
        lower.match_indices(what).map(|(at, it)| at.saturating_add(it.len())).collect()
    };
    let named = behind("\"clientlicense\"=hex:");
    let (what, all) = if named.is_empty() {
        ("hex lists, but no value ClientLicense", behind("hex:"))
    } else {
        ("values ClientLicense", named)
    };
    let at = match *all {
        [] => return Ok(None),
        [at] => at,
        _ => bail!("the .reg text has {} {what}; keep one of them", all.len()),
    };
    let list = text.get(at..).unwrap_or_default();
    // A backslash at the end of a line continues the list.
    let mut lines = list.split_inclusive('\n');
    let is_last = |line: &str| !line.trim_end().ends_with('\\');
    let size = lines.try_fold(0_usize, |size, line| {
        let size = size.saturating_add(line.len());
        if is_last(line) { Err(size) } else { Ok(size) }
    });
    let (Ok(size) | Err(size)) = size;
    Ok(Some((at, list.get(..size).unwrap_or(list))))
}

/// Returns the characters of `text` without separators. `text` begins at offset `at` of the file.
fn digits(text: &str, mut at: usize) -> Vec<Letter> {
    let is_between = |letter: char| letter.is_whitespace() || matches!(letter, ',' | ':' | '\\');
    let mut letters = Vec::new();
    for piece in text.split_inclusive(is_between) {
        let digits = piece.trim_end_matches(is_between);
        let prefix = if digits.starts_with("0x") || digits.starts_with("0X") { 2 } else { 0 };
        let of_piece = digits.char_indices().skip(prefix);
        letters.extend(of_piece.map(|(index, letter)| (at.saturating_add(index), letter)));
        at = at.saturating_add(piece.len());
    }
    letters
}

fn hex(text: &str, digits: &[Letter]) -> Result<Vec<u8>> {
    if let Some((at, letter)) = digits.iter().find(|(_, letter)| !letter.is_ascii_hexdigit()) {
        bail!("not hex: unexpected {letter:?} {}", place(text, *at));
    }
    let digits: String = digits.iter().map(|(_, letter)| letter).collect();
    HEXLOWER_PERMISSIVE
        .decode(digits.as_bytes())
        .map_err(|_| anyhow!("odd number of hex digits ({}): a digit is missing", digits.len()))
}

/// Decodes a part of a text; the part begins at offset `from`.
fn base64(text: &str, part: &str, from: usize) -> Result<Vec<u8>> {
    let padding = |letter: char| letter == '=' || letter.is_whitespace();
    let letters = part.trim_end_matches(padding).char_indices();
    let letters: Vec<Letter> = letters.filter(|(_, letter)| !letter.is_whitespace()).collect();
    let is_one = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/');
    if let Some((at, letter)) = letters.iter().find(|(_, letter)| !is_one(*letter)) {
        bail!(
            "neither hex nor base64: unexpected {letter:?} {}",
            place(text, from.saturating_add(*at))
        );
    }
    let letters: String = letters.iter().map(|(_, letter)| letter).collect();
    BASE64_NOPAD.decode(letters.as_bytes()).map_err(|_| {
        anyhow!(
            "base64 text of {} characters ends within a byte: characters are missing",
            letters.len()
        )
    })
}

/// Formats the line and column of an offset in a text.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.chars().rev().take_while(|letter| *letter != '\n').count();
    format!("at line {line}, column {}", column.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> (Encoding, Vec<u8>) {
        Encoding::decode(text.as_bytes()).unwrap()
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
        assert_eq!(Encoding::decode(&utf16).unwrap(), (Encoding::RegistryEditor, BYTES.to_vec()));
    }

    #[test]
    fn bytes_other_than_text_are_binary() {
        for bytes in [&BYTES[..], b"abcd\0", b"\xFF\xFEa", b"\x1b[31m"] {
            assert_eq!(Encoding::decode(bytes).unwrap(), (Encoding::Binary, bytes.to_vec()));
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
        assert_refused(
            "\"a\"=hex:01\n\"b\"=hex:02",
            "the .reg text has 2 hex lists, but no value ClientLicense; keep one of them",
        );
        assert_refused("hex:01,\\\n g2", "not hex: unexpected 'g' at line 2, column 2");
    }
}
