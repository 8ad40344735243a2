// SPDX-License-Identifier: GPL-3.0-or-later
//! The canonical form of a hive. If two tools read the same keys, timestamps and values from a hive, the
//! two canonical forms are equal.
//!
//! # Format
//!
//! Lines sorted by their bytes, each with a final line feed:
//!
//! ```text
//! K|<path below the root, names joined by 0x1F, empty for the root>|<last written, FILETIME>
//! V|<path>|<name, empty for the default value>|<type>|<length of the data>|<SHA-256 of the data>
//! ```
//!
//! Numbers are decimal. Text is UTF-8. A lone surrogate becomes three bytes, as in WTF-8. Class names, security,
//! flags and order are left out; the format `jsonl` has all of them.
//!
//! In a name, each of these characters becomes `\u{X}` with its code in upper-case hex, so that no name forges a
//! line, a separator or the direction of text:
//!
//! - U+0000 to U+001F and U+007F to U+009F
//! - U+061C, U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069
//! - a backslash that the text `u{` follows in the same name
//!
//! The list is fixed and does not depend on a version of Unicode. All other characters are written as they are,
//! so the names of two readers compare without escapes. A name can hold `|`: the path of a `V` line is one of
//! the paths in the `K` lines.

use std::io::{self, Write};

use calhive::{Data, FileTime, Name, Value};

use crate::digest;

/// Separator between the names of a path.
const SEPARATOR: u8 = 0x1F;

/// Lines collected for sorting.
#[derive(Debug, Default)]
pub(crate) struct Canonical(Vec<Vec<u8>>);

impl Canonical {
    pub(crate) fn key(&mut self, path: &[u8], last_written: FileTime) {
        let rest = format!("|{}", last_written.raw());
        self.0.push([b"K|", path, rest.as_bytes()].concat());
    }

    pub(crate) fn value(&mut self, path: &[u8], value: Value<'_>, data: Data<'_>) {
        let mut name = Vec::new();
        wtf8(&mut name, value.name());
        let pieces = || data.segments().map(|bytes| bytes.as_slice());
        let length = pieces().fold(0_usize, |sum, piece| sum.saturating_add(piece.len()));
        let rest = format!("|{}|{length}|{}", value.value_type().0, digest::sha256(pieces()));
        self.0.push([b"V|", path, b"|", &name, rest.as_bytes()].concat());
    }

    pub(crate) fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.0.sort_unstable();
        for line in &self.0 {
            out.write_all(line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// Returns the path of a key.
pub(crate) fn path<'d>(names: impl IntoIterator<Item = Name<'d>>) -> Vec<u8> {
    let mut path = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        if index > 0 {
            path.push(SEPARATOR);
        }
        wtf8(&mut path, name);
    }
    path
}

fn wtf8(text: &mut Vec<u8>, name: Name<'_>) {
    let decoded: Vec<_> = char::decode_utf16(name.units()).collect();
    for (index, one) in decoded.iter().enumerate() {
        match one {
            Ok(letter) => {
                let rest = decoded.get(index.saturating_add(1)..).unwrap_or_default();
                let begins_escape = *letter == '\\' && matches!(rest, [Ok('u'), Ok('{'), ..]);
                if begins_escape || is_escaped(*letter) {
                    text.extend_from_slice(format!("\\u{{{:X}}}", u32::from(*letter)).as_bytes());
                } else {
                    text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            Err(lone) => {
                // The first byte holds the high four bits of the surrogate, the other two hold six bits each.
                let [high, low] = lone.unpaired_surrogate().to_be_bytes();
                text.push(0xE0 | (high >> 4));
                text.push(0x80 | ((high & 0x0F) << 2) | (low >> 6));
                text.push(0x80 | (low & 0x3F));
            }
        }
    }
}

/// Whether the canonical form escapes a character wherever it is. The list never changes.
const fn is_escaped(letter: char) -> bool {
    matches!(letter,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{61C}' | '\u{200E}' | '\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogate_takes_three_bytes_and_pair_four() {
        let pair = Name::utf16(&[0x3D, 0xD8, 0x00, 0xDE]);
        let lone = Name::utf16(&[0x3D, 0xD8]);
        assert_eq!(path([lone, Name::latin1(b"\xE4")]), b"\xED\xA0\xBD\x1F\xC3\xA4");
        assert_eq!(path([pair]), "😀".as_bytes());
        // Two halves of a surrogate pair in two different names do not form a pair.
        assert_eq!(path([lone, Name::utf16(&[0, 0xDE])]), b"\xED\xA0\xBD\x1F\xED\xB8\x80");
    }

    #[test]
    fn control_character_in_a_name_is_escaped_unambiguously() {
        let of = |text: &str| {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            String::from_utf8(path([Name::utf16(&units)])).unwrap()
        };
        assert_eq!(of("a\nK||1"), r"a\u{A}K||1");
        assert_eq!(of("\u{1B}[31m\r\u{1F}\u{202E}"), r"\u{1B}[31m\u{D}\u{1F}\u{202E}");
        // A name with the text of an escape differs from a name with the character.
        assert_eq!(of(r"a\u{A}"), r"a\u{5C}u{A}");
        for plain in [r"C:\dir\u", "a|b", "ä語😀", "\u{3164}"] {
            assert_eq!(of(plain), plain);
        }
    }

    #[test]
    fn lines_are_sorted_by_bytes() {
        let mut lines = Canonical::default();
        lines.key(b"b", FileTime::from_raw(2));
        lines.key(b"", FileTime::from_raw(1));
        lines.key(b"\xC3\xA4", FileTime::from_raw(3));
        let mut out = Vec::new();
        lines.write(&mut out).unwrap();
        assert_eq!(out, b"K|b|2\nK||1\nK|\xC3\xA4|3\n");
    }
}
