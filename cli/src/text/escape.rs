// SPDX-License-Identifier: GPL-3.0-or-later
//! Makes text from the evidence safe to show. Control characters and other characters that could
//! deceive a terminal or a reader are escaped as in names, for example `\u{202E}`. Backslashes stay
//! unchanged.

use std::path::Path;

use calhive::Name;

/// Decodes and escapes UTF-16LE text.
pub(crate) fn utf16(bytes: &[u8]) -> String {
    Name::utf16(bytes).as_text().to_string()
}

/// Escapes a message. Names that are already escaped stay as they are.
pub(crate) fn message(text: &str) -> String {
    calhive_evidence::escape::text(text)
}

/// Escapes the path of a file, because file names can come from the evidence.
pub(crate) fn path(path: &Path) -> String {
    calhive_evidence::escape::path(path)
}

/// Describes the difference between offsets in a hive and in a file that holds a part of the hive.
pub(crate) fn shift(shift: i64) -> String {
    calhive_evidence::Shift(shift).to_string()
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
    fn exactly_the_deceptive_characters_of_unicode_are_escaped() {
        // The regex crate has tables of its own, of the same Unicode version.
        let deceptive = r"^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}\p{Bidi_Control}\p{Noncharacter_Code_Point}\
            \p{Default_Ignorable_Code_Point}\x{2800}]$";
        let deceptive = regex::Regex::new(&deceptive.replace("\\\n            ", "")).unwrap();
        let (mut escaped, mut shown) = (0, 0);
        for letter in '\0'..=char::MAX {
            let text = String::from(letter);
            let is_escaped = message(&text) != text;
            assert_eq!(
                is_escaped,
                letter != ' ' && deceptive.is_match(&text),
                "{:X}",
                letter as u32
            );
            if is_escaped {
                assert_eq!(message(&text), format!("\\u{{{:X}}}", letter as u32));
                escaped += 1;
            } else {
                shown += 1;
            }
        }
        assert!(escaped > 4300 && shown > 1_000_000, "{escaped} {shown}");
    }

    #[test]
    fn escaped_names_stay_unchanged() {
        assert_eq!(message(r"key A\u{5C}B\u{202E}"), r"key A\u{5C}B\u{202E}");
    }
}
