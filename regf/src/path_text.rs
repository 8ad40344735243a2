// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`PathText`]: the path of a file as text that no other path has.

use core::fmt::{self, Write as _};
use std::path::Path;

/// Path of a file as text. Two different paths have different texts.
///
/// Bytes that are not UTF-8 become escapes such as `\xFE`. A backslash that would begin such an escape, or one like
/// `\u{202E}`, becomes `\u{5C}`. All other characters stay as they are, control characters included.
///
/// ```
/// use calhive_regf::PathText;
/// assert_eq!(PathText("C:\\cases\\SYSTEM".as_ref()).to_string(), r"C:\cases\SYSTEM");
/// assert_eq!(PathText(r"a\xFE".as_ref()).to_string(), r"a\u{5C}xFE");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PathText<'p>(pub &'p Path);

impl fmt::Display for PathText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0.as_os_str().as_encoded_bytes().utf8_chunks() {
            let mut rest = part.valid();
            while let Some((before, after)) = rest.split_once('\\') {
                f.write_str(before)?;
                if begins_escape(after) {
                    f.write_str(r"\u{5C}")?
                } else {
                    f.write_char('\\')?
                }
                rest = after;
            }
            f.write_str(rest)?;
            part.invalid().iter().try_for_each(|byte| write!(f, "\\x{byte:02X}"))?;
        }
        Ok(())
    }
}

/// Whether this text and a backslash before it look like an escape.
fn begins_escape(text: &str) -> bool {
    match text.as_bytes() {
        [b'u', b'{', ..] => true,
        [b'x', high, low, ..] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::string::{String, ToString as _};
    use std::vec::Vec;

    fn of(bytes: &[u8]) -> String {
        PathText(Path::new(OsStr::from_bytes(bytes))).to_string()
    }

    #[test]
    fn bytes_that_are_not_utf_8_and_backslashes_stay_apart() {
        assert_eq!(of(b"a\xFE/SYSTEM"), r"a\xFE/SYSTEM");
        assert_eq!(of(br"a\xFE/SYSTEM"), r"a\u{5C}xFE/SYSTEM");
        assert_eq!(of(br"a\u{202E}\b\"), r"a\u{5C}u{202E}\b\");
        assert_eq!(of(b"\\\xFE\\xfe\\x"), r"\\xFE\u{5C}xfe\x");
        assert_eq!(of("\u{E4}\n".as_bytes()), "\u{E4}\n");
    }

    /// All names of up to six of these letters.
    #[test]
    fn different_names_have_different_texts() {
        let mut texts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut names: Vec<Vec<u8>> = [Vec::new()].into();
        for _ in 0..6 {
            let longer = |name: &Vec<u8>| {
                let letters = br"\xFE5u{".iter().chain(b"\xFE}");
                letters.map(|letter| [&name[..], &[*letter]].concat()).collect::<Vec<_>>()
            };
            names = names.iter().flat_map(longer).collect();
            if names.len() > 60_000 {
                break;
            }
            for name in &names {
                assert_eq!(texts.insert(of(name), name.clone()), None, "{name:?}");
            }
        }
        assert!(texts.len() > 6000, "{}", texts.len());
    }
}
