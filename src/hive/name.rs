// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Name`]: what keys, values and classes are called.

use alloc::string::String;
use core::fmt;
use core::iter::FusedIterator;

use crate::hive::upcase::upcase;

/// A name, as raw as it lies on disk: Latin-1 or UTF-16LE. Lone surrogates, NULs and control
/// characters are part of it.
///
/// Two names are equal when their UTF-16 units are. Showing a name never fails and loses nothing: a
/// backslash, a control or formatting character and a lone surrogate are written `\u{5C}`, an empty
/// name `\u{}`. The same escapes are understood where a name is given as text.
///
/// ```
/// use calhive::Name;
/// assert_eq!(Name::latin1(b"Store"), Name::from("Store"));
/// let odd = Name::utf16(&[0x41, 0, 0x00, 0xD8, 0x5C, 0]);
/// assert_eq!(odd.to_string(), r"A\u{D800}\u{5C}");
/// assert_eq!(Name::from(r"A\u{D800}\u{5C}"), odd);
/// ```
#[derive(Clone, Copy)]
pub struct Name<'d>(Form<'d>);

#[derive(Clone, Copy)]
enum Form<'d> {
    Latin1(&'d [u8]),
    Utf16(&'d [u8]),
    Text(&'d str),
}

impl<'d> Name<'d> {
    /// A name of one byte a character: U+0000 to U+00FF.
    pub const fn latin1(bytes: &'d [u8]) -> Self {
        Self(Form::Latin1(bytes))
    }

    /// A name of UTF-16LE units. A last odd byte takes no part.
    pub const fn utf16(bytes: &'d [u8]) -> Self {
        Self(Form::Utf16(bytes))
    }

    /// Its UTF-16 units.
    #[inline]
    pub fn units(self) -> Units<'d> {
        Units(match self.0 {
            Form::Latin1(bytes) => Source::Latin1(bytes.iter()),
            Form::Utf16(bytes) => Source::Utf16(bytes.chunks_exact(2)),
            Form::Text(text) => Source::Text { rest: text, low: None },
        })
    }

    /// The bytes on disk; `None` for a name that was given as text.
    pub const fn as_bytes(self) -> Option<&'d [u8]> {
        match self.0 {
            Form::Latin1(bytes) | Form::Utf16(bytes) => Some(bytes),
            Form::Text(_) => None,
        }
    }

    /// Its characters as text, backslashes as they are. What has no character (a lone surrogate) is
    /// replaced by U+FFFD: for comparing and for meaning, not for showing.
    pub fn to_string_lossy(self) -> String {
        let letters = char::decode_utf16(self.units());
        letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }

    /// Shows it with the escapes of a name, but backslashes as they are: for text that is no part of
    /// a path.
    ///
    /// ```
    /// let name = calhive::Name::latin1(b"C:\\Windows\x07");
    /// assert_eq!(name.as_text().to_string(), r"C:\Windows\u{7}");
    /// ```
    pub fn as_text(self) -> impl fmt::Display + use<'d> {
        Shown { name: self, backslash: true, skip: 0 }
    }

    /// Whether it has no characters: the default value of a key has such a name.
    pub fn is_empty(self) -> bool {
        self.units().next().is_none()
    }

    /// The hash that an `lh` list keeps: over the upcased units, each added to 37 times the hash so
    /// far (REGF 4).
    ///
    /// ```
    /// assert_eq!(calhive::Name::from("a").lh_hash(), u32::from(b'A'));
    /// ```
    pub fn lh_hash(self) -> u32 {
        self.units()
            .fold(0_u32, |hash, unit| hash.wrapping_mul(37).wrapping_add(u32::from(upcase(unit))))
    }

    /// Whether Windows takes both for the same name: equal after [`upcase`].
    pub fn same(self, other: Name<'_>) -> bool {
        if let (Form::Latin1(a), Form::Text(b)) = (self.0, other.0)
            && b.is_ascii()
            && !b.contains('\\')
        {
            // Nothing beyond ASCII becomes ASCII in capitals.
            return a.eq_ignore_ascii_case(b.as_bytes());
        }
        self.units().map(upcase).eq(other.units().map(upcase))
    }

    /// The order of subkey lists: by upcased units.
    pub fn cmp_upcased(self, other: Name<'_>) -> core::cmp::Ordering {
        self.units().map(upcase).cmp(other.units().map(upcase))
    }
}

impl<'d> From<&'d str> for Name<'d> {
    /// The name that is shown as this text, escapes understood.
    fn from(text: &'d str) -> Self {
        Self(Form::Text(text))
    }
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.units().eq(other.units())
    }
}

impl Eq for Name<'_> {}

/// How a name is shown.
struct Shown<'d> {
    name: Name<'d>,
    /// Whether backslashes stay as they are.
    backslash: bool,
    /// Units that are not shown.
    skip: usize,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        for decoded in char::decode_utf16(self.name.units().skip(self.skip)) {
            match decoded {
                Ok(shown) if !is_escaped(shown) || (shown == '\\' && self.backslash) => {
                    f.write_char(shown)?;
                }
                Ok(hidden) => write!(f, r"\u{{{:X}}}", u32::from(hidden))?,
                Err(lone) => write!(f, r"\u{{{:X}}}", lone.unpaired_surrogate())?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A name that begins like an escape would be read as one after a separator.
        let mut units = self.units();
        let skip = match (units.next(), units.next()) {
            (None, _) => return f.write_str(r"\u{}"),
            (Some(0x75), Some(0x7B)) => {
                f.write_str(r"\u{75}")?;
                1
            }
            _ => 0,
        };
        fmt::Display::fmt(&Shown { name: *self, backslash: false, skip }, f)
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Characters that a terminal or a reader could be deceived by, and the separator of paths.
fn is_escaped(shown: char) -> bool {
    shown.is_control()
        || matches!(u32::from(shown),
            0x5C | 0xAD | 0x0600..=0x0605 | 0x061C | 0x06DD | 0x070F | 0x180E
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F
            | 0xFEFF | 0xFFF0..=0xFFFB | 0xFFFE | 0xFFFF | 0xE0000..=0xE0FFF)
}

/// Iterator of [`Name::units`].
#[derive(Clone, Debug)]
pub struct Units<'d>(Source<'d>);

#[derive(Clone, Debug)]
enum Source<'d> {
    Latin1(core::slice::Iter<'d, u8>),
    Utf16(core::slice::ChunksExact<'d, u8>),
    Text { rest: &'d str, low: Option<u16> },
}

fn utf16_unit(pair: &[u8]) -> u16 {
    match pair {
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => 0,
    }
}

impl Iterator for Units<'_> {
    type Item = u16;

    #[inline]
    fn next(&mut self) -> Option<u16> {
        match &mut self.0 {
            Source::Latin1(bytes) => bytes.next().map(|byte| u16::from(*byte)),
            Source::Utf16(pairs) => pairs.next().map(utf16_unit),
            Source::Text { rest, low } => low.take().or_else(|| text_unit(rest, low)),
        }
    }

    #[inline]
    fn fold<B, F: FnMut(B, u16) -> B>(self, init: B, mut f: F) -> B {
        match self.0 {
            // Most names are too short for a loop over vectors: a few at a time is what pays.
            Source::Latin1(bytes) => {
                let mut unit = |sum, byte: &u8| f(sum, u16::from(*byte));
                let (eights, rest) = bytes.as_slice().as_chunks::<8>();
                let sum = eights.iter().fold(init, |sum, eight| eight.iter().fold(sum, &mut unit));
                rest.iter().fold(sum, unit)
            }
            Source::Utf16(pairs) => pairs.fold(init, |sum, pair| f(sum, utf16_unit(pair))),
            Source::Text { mut rest, mut low } => {
                let mut sum = init;
                while let Some(unit) = low.take().or_else(|| text_unit(&mut rest, &mut low)) {
                    sum = f(sum, unit);
                }
                sum
            }
        }
    }
}

impl FusedIterator for Units<'_> {}

/// Takes the next unit of escaped text; the second half of a pair goes into `low`.
fn text_unit(rest: &mut &str, low: &mut Option<u16>) -> Option<u16> {
    loop {
        let (code, after) = match escape(rest) {
            Some((None, after)) => {
                *rest = after;
                continue;
            }
            Some((Some(code), after)) => (code, after),
            None => {
                let mut letters = rest.chars();
                (u32::from(letters.next()?), letters.as_str())
            }
        };
        *rest = after;
        let Ok(unit) = u16::try_from(code) else {
            let mut pair = [0; 2];
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf16(&mut pair);
            let [high, second] = pair;
            *low = Some(second);
            return Some(high);
        };
        return Some(unit);
    }
}

/// The escape that `text` begins with, `\u{…}`, and what follows it; `None` inside for `\u{}`.
pub(crate) fn escape(text: &str) -> Option<(Option<u32>, &str)> {
    let (digits, after) = text.strip_prefix(r"\u{")?.split_once('}')?;
    if digits.is_empty() {
        return Some((None, after));
    }
    if digits.len() > 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let code = u32::from_str_radix(digits, 16).ok().filter(|code| *code <= 0x10_FFFF)?;
    Some((Some(code), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_characters_are_escaped() {
        let bytes: Vec<u8> = "a\u{202E}b\n\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Name::utf16(&bytes).to_string(), r"a\u{202E}b\u{A}\u{0}");
        assert_eq!(Name::latin1(&[0xE4, 0x85]).to_string(), "ä\\u{85}");
        assert_eq!(Name::latin1(b"").to_string(), r"\u{}");
        assert_eq!(Name::latin1(b"u{41}").to_string(), r"\u{75}{41}");
    }

    #[test]
    fn latin1_is_not_code_page_1252() {
        assert!(Name::latin1(&[0x80]).units().eq([0x80]));
    }

    #[test]
    fn case_is_windows_own() {
        assert!(Name::from("sTORE").same(Name::latin1(b"Store")));
        assert!(Name::from("ÿ").same(Name::from("Ÿ")));
        assert!(!Name::from("ß").same(Name::from("SS")));
        assert!(!Name::from("ı").same(Name::from("I")));
    }

    proptest! {
        #[test]
        fn showing_loses_nothing(units in prop::collection::vec(
            prop_oneof![any::<u16>(), 0x20_u16..0x7F, Just(0x5C), Just(0x75), Just(0x7B)], 0..12)) {
            let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let name = Name::utf16(&bytes);
            let shown = name.to_string();
            prop_assert!(Name::from(shown.as_str()).units().eq(units.iter().copied()), "{}", shown);
            prop_assert!(shown.chars().all(|c| !c.is_control()));
        }
    }
}
