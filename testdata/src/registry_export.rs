// SPDX-License-Identifier: MIT OR Apache-2.0

//! Text exports of the registry editor (`.reg`).

use crate::tree::{Key, Tree, Value, value_type};

/// Version of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `REGEDIT4`: one byte for each character.
    Four,
    /// `Windows Registry Editor Version 5.00`: UTF-16LE with a mark.
    Five,
}

/// Number of characters in a line of bytes, after which the line is continued.
const WIDTH: usize = 77;

/// Returns the export of hives that Windows mounts at these keys, such as `HKEY_LOCAL_MACHINE\SOFTWARE`.
///
/// Version 4 has one byte for each character. A character above U+00FF becomes a question mark.
pub fn export(mounted: &[(&str, &Tree)], version: Version) -> Vec<u8> {
    let mut text = units(match version {
        Version::Four => "REGEDIT4\r\n\r\n",
        Version::Five => "Windows Registry Editor Version 5.00\r\n\r\n",
    });
    for (path, tree) in mounted {
        key(&mut text, &units(path), &tree.root, version);
    }
    match version {
        Version::Four => ansi(&text),
        Version::Five => {
            let text = text.into_iter().flat_map(u16::to_le_bytes);
            [0xFF, 0xFE].into_iter().chain(text).collect()
        }
    }
}

/// Whether version 4 can carry these UTF-16 units.
pub fn is_carried(units: &[u16]) -> bool {
    // Windows-1252 has other characters from 0x80 to 0x9F.
    units.iter().all(|unit| matches!(unit, 0..=0x7F | 0xA0..=0xFF))
}

fn key(text: &mut Vec<u16>, path: &[u16], of: &Key, version: Version) {
    text.extend(units("["));
    text.extend(path);
    text.extend(units("]\r\n"));
    for value in &of.values {
        let name = value.name.units();
        if name.is_empty() {
            text.extend(units("@"));
        } else {
            quoted(text, &name);
        }
        text.extend(units("="));
        data(text, value, version);
        text.extend(units("\r\n"));
    }
    text.extend(units("\r\n"));
    for subkey in &of.subkeys {
        let path = [path, &units("\\"), &subkey.name.units()].concat();
        key(text, &path, subkey, version);
    }
}

fn data(text: &mut Vec<u16>, value: &Value, version: Version) {
    let data = &value.data;
    if let (value_type::SZ, Some(content)) = (value.value_type, terminated(data)) {
        return quoted(text, &content);
    }
    if let (value_type::DWORD, Ok(number)) = (value.value_type, data.as_slice().try_into()) {
        return text.extend(units(&format!("dword:{:08x}", u32::from_le_bytes(number))));
    }
    let is_text =
        matches!(value.value_type, value_type::SZ | value_type::EXPAND_SZ | value_type::MULTI_SZ);
    let bytes = match version {
        Version::Four if is_text => ansi(&pairs(data)),
        _ => data.clone(),
    };
    let mut line = match value.value_type {
        value_type::BINARY => "hex:".to_owned(),
        other => format!("hex({other:x}):"),
    };
    for (number, byte) in bytes.iter().enumerate() {
        line += &format!("{byte:02x}");
        if number + 1 < bytes.len() {
            line += ",";
            if line.len() >= WIDTH {
                text.extend(units(&(line + "\\\r\n")));
                line = "  ".to_owned();
            }
        }
    }
    text.extend(units(&line));
}

/// Returns a text without its terminator, if the terminator is the only one and the last unit.
fn terminated(data: &[u8]) -> Option<Vec<u16>> {
    let mut content = pairs(data);
    let is_whole = content.pop() == Some(0) && data.len().is_multiple_of(2);
    (is_whole && !content.contains(&0)).then_some(content)
}

fn quoted(text: &mut Vec<u16>, content: &[u16]) {
    text.push(u16::from(b'"'));
    for unit in content {
        if [u16::from(b'"'), u16::from(b'\\')].contains(unit) {
            text.push(u16::from(b'\\'));
        }
        text.push(*unit);
    }
    text.push(u16::from(b'"'));
}

fn pairs(data: &[u8]) -> Vec<u16> {
    data.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect()
}

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn ansi(units: &[u16]) -> Vec<u8> {
    units.iter().map(|unit| u8::try_from(*unit).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn export_has_the_form_of_the_registry_editor() {
        let mut tree = Tree::new("ROOT");
        *tree.root.at("A") = Key::new("A")
            .sz("", "a\\\"b")
            .dword("n", 10)
            .expand_sz("e", "x")
            .binary("b", &[0xAB; 26]);
        let text = String::from_utf8(export(&[("HKEY_USERS\\T", &tree)], Version::Four)).unwrap();
        let bytes = "ab,".repeat(25) + "\\\r\n  ab";
        assert_eq!(
            text,
            format!(
                "REGEDIT4\r\n\r\n[HKEY_USERS\\T]\r\n\r\n[HKEY_USERS\\T\\A]\r\n@=\"a\\\\\\\"b\"\r\n\
                 \"n\"=dword:0000000a\r\n\"e\"=hex(2):78,00\r\n\"b\"=hex:{bytes}\r\n\r\n"
            )
        );
        let five = export(&[("HKEY_USERS\\T", &tree)], Version::Five);
        assert!(five.starts_with(&[0xFF, 0xFE, b'W', 0]));
    }
}
