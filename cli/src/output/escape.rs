// SPDX-License-Identifier: GPL-3.0-or-later
//! Text from the evidence, made safe to show: what a terminal or a reader could be deceived by is
//! written as names write it, `\u{202E}`. Backslashes stay.

use std::path::Path;

use calhive::Name;

/// UTF-16LE text.
pub(crate) fn utf16(bytes: &[u8]) -> String {
    Name::utf16(bytes).as_text().to_string()
}

/// A message. It may hold escaped names: those stay as they are.
pub(crate) fn message(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, ' '..='~') {
            shown.push(letter);
        } else {
            shown.push_str(&Name::from(letter.encode_utf8(&mut [0; 4]) as &str).to_string());
        }
    }
    shown
}

/// The path of a file. Names of files are a part of the evidence, too.
pub(crate) fn path(path: &Path) -> String {
    message(&path.display().to_string())
}

/// How offsets in a hive lie to those in a file that is a part of it.
pub(crate) fn shift(shift: i64) -> String {
    let distance = shift.unsigned_abs();
    if shift < 0 {
        format!("{distance:#x} less than in the file")
    } else {
        format!("{distance:#x} more than in the file")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn controls_are_escaped_and_paths_stay_readable() {
        assert_eq!(message("C:\\a\x1b[31m\u{202e}ä\n"), "C:\\a\\u{1B}[31m\\u{202E}ä\\u{A}");
        assert_eq!(utf16(&encoded("C:\\a\x1b[31m\0b")), r"C:\a\u{1B}[31m\u{0}b");
        assert_eq!(utf16(&encoded("")), "");
        assert_eq!(utf16(&[0x00, 0xD8]), r"\u{D800}");
    }

    #[test]
    fn what_is_escaped_stays_as_it_is() {
        assert_eq!(message(r"key A\u{5C}B\u{202E}"), r"key A\u{5C}B\u{202E}");
    }
}
