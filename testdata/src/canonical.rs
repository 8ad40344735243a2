// SPDX-License-Identifier: MIT OR Apache-2.0

//! Canonical form of a tree: text for comparisons of any two readers.
//!
//! Bytewise sorted lines, each ended by LF, in UTF-8 with three-byte encodings of lone surrogates:
//!
//! ```text
//! K|<path below the root, components joined by 0x1F>|<last-written FILETIME, decimal>
//! V|<path>|<value name>|<type, decimal>|<data length, decimal>|<sha256 of the data, hexadecimal>
//! ```
//!
//! In names, control characters, direction marks, and a backslash before `u{` become escapes such as `\u{A}`.

use sha2::{Digest, Sha256};

use crate::tree::{Key, Tree};

/// Returns the canonical form of `tree`.
pub fn canonical(tree: &Tree) -> Vec<u8> {
    let mut lines = Vec::new();
    let mut rest: Vec<(&Key, Vec<u8>)> = vec![(&tree.root, Vec::new())];
    while let Some((key, path)) = rest.pop() {
        let mut line = b"K|".to_vec();
        line.extend_from_slice(&path);
        line.extend_from_slice(format!("|{}\n", key.last_written).as_bytes());
        lines.push(line);
        for value in &key.values {
            let mut line = b"V|".to_vec();
            line.extend_from_slice(&path);
            line.push(b'|');
            line.extend(wtf8(&value.name.units()));
            let (kind, len, hash) = (value.value_type, value.data.len(), sha256(&value.data));
            line.extend_from_slice(format!("|{kind}|{len}|{hash}\n").as_bytes());
            lines.push(line);
        }
        for subkey in &key.subkeys {
            let mut below = path.clone();
            if !path.is_empty() {
                below.push(0x1F);
            }
            below.extend(wtf8(&subkey.name.units()));
            rest.push((subkey, below));
        }
    }
    lines.sort_unstable();
    lines.concat()
}

/// Returns the SHA-256 of `bytes` in hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Encodes UTF-16 as UTF-8, with lone surrogates encoded like characters. Characters that could forge a line or
/// change the direction of text become escapes.
pub fn wtf8(units: &[u16]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, unit) in positions(units) {
        match unit {
            Ok(c) => {
                let follows = units.get(at + 1..at + 3) == Some(&[0x75, 0x7B]);
                if (c == '\\' && follows) || is_escaped(u32::from(c)) {
                    out.extend_from_slice(format!("\\u{{{:X}}}", u32::from(c)).as_bytes());
                } else {
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            Err(unit) => {
                let tail = |bits: u16| 0x80 | (bits & 0x3F) as u8;
                out.extend_from_slice(&[0xE0 | (unit >> 12) as u8, tail(unit >> 6), tail(unit)]);
            }
        }
    }
    out
}

/// Decodes UTF-16. Returns the position of each character, and a lone surrogate as an error.
fn positions(units: &[u16]) -> Vec<(usize, Result<char, u16>)> {
    let (mut all, mut at) = (Vec::new(), 0);
    for unit in char::decode_utf16(units.iter().copied()) {
        let unit = unit.map_err(|lone| lone.unpaired_surrogate());
        all.push((at, unit));
        at += unit.map_or(1, char::len_utf16);
    }
    all
}

fn is_escaped(code: u32) -> bool {
    let ranges = [
        (0, 0x1F),
        (0x7F, 0x9F),
        (0x61C, 0x61C),
        (0x200E, 0x200F),
        (0x2028, 0x202E),
        (0x2066, 0x2069),
    ];
    ranges.iter().any(|(start, end)| (*start..=*end).contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Name, Value};

    #[test]
    fn canonical_form_has_sorted_lines() {
        let mut tree = Tree::new("ROOT");
        tree.root.last_written = 5;
        tree.root.at(r"A\B").push(Value::binary("", &[]));
        tree.root.at("A").subkeys[0].name = Name::Utf16(vec![0xD800]);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let wanted = [
            b"K|A\x1f\xed\xa0\x80|5\nK|A|5\nK||5\nV|A\x1f\xed\xa0\x80||3|0|".as_slice(),
            empty.as_bytes(),
            b"\n",
        ];
        assert_eq!(canonical(&tree), wanted.concat());
    }
}
