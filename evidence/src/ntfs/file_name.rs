// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`FileName`]: a name of a file and the folder with this name.

use core::fmt::Write as _;

use crate::field::{u16_at, u64_at};
use crate::ntfs::record::Reference;

/// Namespace of short names of files that have a long name too.
const DOS: u8 = 2;

/// A name of a file and the folder with this name.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileName<'r> {
    /// Folder that lists the file under this name.
    pub(super) parent: Reference,
    /// Whether the name is the short form (8.3) of another name.
    pub(super) is_short: bool,
    name: &'r [u8],
}

impl<'r> FileName<'r> {
    /// Returns the name in the content of an attribute.
    pub(super) fn parse(content: &'r [u8]) -> Option<Self> {
        let length = usize::from(*content.get(64)?).saturating_mul(2);
        let name = content.get(66..)?.get(..length)?;
        let parent = Reference::new(u64_at(content, 0)?);
        Some(Self { parent, is_short: *content.get(65)? == DOS, name })
    }

    /// Appends the name to `text`. The result is one part of a path: `<U+002F>` replaces a slash. The same form
    /// replaces other separators, and halves of surrogate pairs.
    pub(super) fn append_to(&self, text: &mut String) {
        let units = self.name.chunks_exact(2).filter_map(|pair| u16_at(pair, 0));
        let is_dots = matches!(self.name, [] | [b'.', 0] | [b'.', 0, b'.', 0]);
        for letter in char::decode_utf16(units) {
            match letter {
                Ok('.') if is_dots => text.push_str("<U+002E>"),
                Ok(letter @ ('/' | '\\' | ':' | '\0')) => append_escaped(u32::from(letter), text),
                Ok(letter) => text.push(letter),
                Err(half) => append_escaped(u32::from(half.unpaired_surrogate()), text),
            }
        }
        if self.name.is_empty() {
            text.push_str("<no name>");
        }
    }
}

fn append_escaped(code: u32, text: &mut String) {
    // Writing to a string never fails.
    let _ = write!(text, "<U+{code:04X}>");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(units: &[u16]) -> String {
        let mut content = vec![0; 66];
        content[64] = u8::try_from(units.len()).unwrap();
        content.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        let mut text = String::new();
        FileName::parse(&content).unwrap().append_to(&mut text);
        text
    }

    #[test]
    fn name_becomes_one_part_of_a_path() {
        let plain = |text: &str| shown(&text.encode_utf16().collect::<Vec<_>>());
        assert_eq!(plain("Müller \u{1F600}.DAT"), "Müller \u{1F600}.DAT");
        assert_eq!(plain("a/b\\c:d\0e"), "a<U+002F>b<U+005C>c<U+003A>d<U+0000>e");
        assert_eq!(plain("."), "<U+002E>");
        assert_eq!(plain(".."), "<U+002E><U+002E>");
        assert_eq!(plain("..."), "...");
        assert_eq!(plain(""), "<no name>");
        assert_eq!(shown(&[0xD800, 0x41, 0xDC00]), "<U+D800>A<U+DC00>");
    }

    #[test]
    fn name_past_the_end_is_no_name() {
        let mut content = [0; 70];
        content[64] = 3;
        assert!(FileName::parse(&content).is_none());
        assert!(FileName::parse(&content[..64]).is_none());
    }
}
