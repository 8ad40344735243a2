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
//! Numbers are decimal. Text is UTF-8. A lone surrogate becomes three bytes, as in WTF-8. Names with a
//! line feed, `|` or 0x1F are ambiguous. Class names, security, flags and order are omitted. The
//! format `jsonl` has all of this information.

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
    for decoded in char::decode_utf16(name.units()) {
        match decoded {
            Ok(letter) => text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
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
