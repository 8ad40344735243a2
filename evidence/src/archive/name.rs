// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Name`]: name of an entry, as stored and as a safe path.

use std::path::PathBuf;

use crate::escape;

/// Name of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// Name as stored, with special characters escaped.
    pub(crate) stored: String,
    /// Relative path without `..`, control characters and bytes that are not UTF-8.
    pub(crate) path: PathBuf,
}

impl Name {
    /// Returns the name of text.
    pub(crate) fn of_text(name: &str) -> Self {
        Self { stored: escape::text(name), path: safe(name).into() }
    }

    /// Returns the name of bytes in UTF-8. Other bytes become `%FE` in the path, and `\xFE` in the stored name.
    pub(crate) fn of_bytes(name: &[u8]) -> Self {
        let (mut stored, mut text) = (String::new(), String::new());
        for part in name.utf8_chunks() {
            stored.push_str(&escape::text(part.valid()));
            text.push_str(part.valid());
            for byte in part.invalid() {
                stored.push_str(&format!("\\x{byte:02X}"));
                text.push_str(&format!("%{byte:02X}"));
            }
        }
        Self { stored, path: safe(&text).into() }
    }
}

/// Makes a relative path with `/` between its parts. `..` becomes `(..)`, a drive loses its colon at the start,
/// and control characters become `%0A`.
fn safe(name: &str) -> String {
    let mut path = String::new();
    for part in name.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".") {
        if !path.is_empty() {
            path.push('/');
        }
        let is_drive = path.is_empty() && is_drive(part);
        match part {
            ".." => path.push_str("(..)"),
            drive if is_drive => path.push_str(drive.trim_end_matches(':')),
            part => part.chars().for_each(|letter| match letter {
                '\0'..='\x1F' | '\x7F' => path.push_str(&format!("%{:02X}", u32::from(letter))),
                letter => path.push(letter),
            }),
        }
    }
    if path.is_empty() { "(no name)".into() } else { path }
}

/// Whether a folder is a drive, such as `C:`.
pub(crate) fn is_drive(part: &str) -> bool {
    matches!(part.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn path_of_a_name_is_relative_and_without_parent_folders() {
        for (name, expected) in [
            ("C/Windows/SYSTEM", "C/Windows/SYSTEM"),
            ("/etc/SYSTEM", "etc/SYSTEM"),
            ("../../a/../SYSTEM", "(..)/(..)/a/(..)/SYSTEM"),
            (r"C:\Windows\SYSTEM", "C/Windows/SYSTEM"),
            (r"\\server\share\SYSTEM", "server/share/SYSTEM"),
            ("./a//b/./c", "a/b/c"),
            ("a\0b\n", "a%00b%0A"),
            ("", "(no name)"),
            ("/", "(no name)"),
        ] {
            let path = Name::of_text(name).path;
            assert_eq!(path, Path::new(expected), "{name}");
            assert!(path.is_relative());
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_stay_distinct() {
        let name = Name::of_bytes(b"a\xFE/\xC3\xA4");
        assert_eq!(name.path, Path::new("a%FE/\u{E4}"));
        assert_eq!(name.stored, "a\\xFE/\u{E4}");
        assert_ne!(name.path, Name::of_bytes(b"a\xFF/\xC3\xA4").path);
    }
}
