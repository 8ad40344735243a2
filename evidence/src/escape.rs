// SPDX-License-Identifier: MIT OR Apache-2.0
//! Escapes text from the evidence for safe output: paths of files, and messages with such paths.

use std::path::Path;

use calhive_regf::Name;

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

/// Escapes the path of a file.
pub fn path(path: &Path) -> String {
    text(&path.display().to_string())
}
