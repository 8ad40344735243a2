// SPDX-License-Identifier: MIT OR Apache-2.0

//! Names of keys and values.

use std::fmt;

/// A name as stored in the hive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// One byte a character, U+0000 to U+00FF: stored with the flag COMP_NAME.
    Latin1(Vec<u8>),
    /// UTF-16 code units, possibly with lone surrogates.
    Utf16(Vec<u16>),
}

impl Name {
    /// Returns the name as UTF-16 code units.
    pub fn units(&self) -> Vec<u16> {
        match self {
            Self::Latin1(bytes) => bytes.iter().map(|&byte| u16::from(byte)).collect(),
            Self::Utf16(units) => units.clone(),
        }
    }

    /// Returns the number of UTF-16 code units in the name.
    pub fn len(&self) -> usize {
        match self {
            Self::Latin1(bytes) => bytes.len(),
            Self::Utf16(units) => units.len(),
        }
    }

    /// Returns whether the name is empty, like the name of a default value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes of the name in a hive of version 1.`minor`, and whether they need
    /// COMP_NAME. Version 1.1 knows only UTF-16.
    pub fn encode(&self, minor: u32) -> (Vec<u8>, bool) {
        match self {
            Self::Latin1(bytes) if minor >= 2 => (bytes.clone(), true),
            _ => (self.units().iter().flat_map(|unit| unit.to_le_bytes()).collect(), false),
        }
    }

    /// Returns the hint of an lf element: the first four characters, padded with NUL. If one of
    /// them is above U+00FF, the first byte is 0.
    pub fn hint(&self) -> [u8; 4] {
        let mut hint = [0; 4];
        for (place, unit) in hint.iter_mut().zip(self.units()) {
            match u8::try_from(unit) {
                Ok(byte) => *place = byte,
                Err(_) => return [0; 4],
            }
        }
        hint
    }

    /// Returns the name for display, with lone surrogates replaced by U+FFFD.
    pub(crate) fn chars(&self) -> impl Iterator<Item = char> {
        char::decode_utf16(self.units()).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

impl Default for Name {
    fn default() -> Self {
        Self::Latin1(Vec::new())
    }
}

impl From<&str> for Name {
    /// Returns Latin-1 if every character is below U+0100, otherwise UTF-16.
    fn from(text: &str) -> Self {
        let latin1: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
        latin1.map_or_else(|_| Self::Utf16(text.encode_utf16().collect()), Self::Latin1)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|c| fmt::Write::write_char(f, c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_below_u_0100_is_latin_1() {
        assert_eq!(Name::from("\u{e9}"), Name::Latin1(vec![0xE9]));
        assert_eq!(Name::from("\u{20ac}"), Name::Utf16(vec![0x20AC]));
        assert_eq!(Name::from("ab").encode(1), (vec![b'a', 0, b'b', 0], false));
        assert_eq!(Name::from("ab").encode(2), (b"ab".to_vec(), true));
    }

    #[test]
    fn lf_hint_is_the_first_four_characters() {
        assert_eq!(Name::from("abcdef").hint(), *b"abcd");
        assert_eq!(Name::from("ab").hint(), *b"ab\0\0");
        assert_eq!(Name::from("ab\u{20ac}").hint(), [0; 4]);
    }
}
