// SPDX-License-Identifier: MIT OR Apache-2.0
//! Escapes text from the evidence for safe output: paths of files, and messages with such paths.

use std::path::Path;

use calhive_regf::{Name, PathText};

/// Escapes each character that could deceive a terminal or a reader. [`Name`] uses the same form, such as
/// `\u{202E}`. Backslashes stay unchanged, so a second call changes nothing.
///
/// ```
/// let path = "C:\\cases\\a\u{1B}[31m";
/// assert_eq!(calhive_evidence::escape::text(path), r"C:\cases\a\u{1B}[31m");
/// ```
pub fn text(text: &str) -> String {
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

/// Escapes the path of a file. Two paths stay different: see [`PathText`].
pub fn path(path: &Path) -> String {
    text(&PathText(path).to_string())
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    use super::*;

    #[test]
    fn bytes_of_a_path_that_are_not_utf_8_stay_distinct() {
        let of = |bytes: &[u8]| path(Path::new(OsStr::from_bytes(bytes)));
        assert_eq!(of(b"a\xFE/SYSTEM"), r"a\xFE/SYSTEM");
        assert_eq!(of(b"a\xFF/\xC3\xA4"), "a\\xFF/\u{E4}");
        assert_eq!(of("\u{202E}b".as_bytes()), r"\u{202E}b");
        assert_eq!(of(br"\u{202E}b"), r"\u{5C}u{202E}b");
    }
}
