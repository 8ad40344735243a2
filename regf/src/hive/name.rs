// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Name`]: the name of a key, a value or a class ([regf.md](crate::format#key-names)).

use alloc::string::String;
use core::fmt;
use core::iter::FusedIterator;

use crate::error::{Error, ErrorKind, Field, Structure};
use crate::hive::escape_table::is_escaped;
use crate::hive::upcase::upcase;
use crate::meter::count;
use crate::offset::FileOffset;

/// Name as stored: Latin-1 or UTF-16LE, with any unpaired surrogates, NULs and control characters.
///
/// Two names are equal if their UTF-16 units are equal. Displaying a name never fails and loses
/// nothing. Backslashes, unpaired surrogates, and characters that are invisible, blank or change the
/// direction of text (by Unicode 16.0) become escapes such as `\u{5C}`. An empty name becomes `\u{}`. A name from text understands the same escapes.
///
/// ```
/// use calhive_regf::Name;
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
    /// Wraps a name with one byte for each character, U+0000 to U+00FF.
    #[inline]
    pub const fn latin1(bytes: &'d [u8]) -> Self {
        Self(Form::Latin1(bytes))
    }

    /// Wraps a name of UTF-16LE units. An odd byte at the end is ignored.
    #[inline]
    pub const fn utf16(bytes: &'d [u8]) -> Self {
        Self(Form::Utf16(bytes))
    }

    /// Returns the UTF-16 units.
    #[inline]
    pub fn units(self) -> Units<'d> {
        Units(match self.0 {
            Form::Latin1(bytes) => Source::Latin1(bytes.iter()),
            Form::Utf16(bytes) => Source::Utf16(bytes.chunks_exact(2)),
            Form::Text(text) => Source::Text { rest: text, low: None },
        })
    }

    /// Returns the stored bytes, or `None` for a name from text.
    #[inline]
    pub const fn as_bytes(self) -> Option<&'d [u8]> {
        match self.0 {
            Form::Latin1(bytes) | Form::Utf16(bytes) => Some(bytes),
            Form::Text(_) => None,
        }
    }

    /// Returns whether the name is stored as Latin-1, one byte for each character. `false` for a
    /// name from text, which has no stored form.
    ///
    /// ```
    /// use calhive_regf::Name;
    /// assert!(Name::latin1(b"Store").is_latin1());
    /// assert!(!Name::utf16(b"S\0").is_latin1());
    /// ```
    #[inline]
    pub const fn is_latin1(self) -> bool {
        matches!(self.0, Form::Latin1(_))
    }

    /// Returns the characters without escapes. Unpaired surrogates become U+FFFD. The result is for
    /// comparison, not for display.
    pub fn to_string_lossy(self) -> String {
        let letters = char::decode_utf16(self.units());
        letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    }

    /// Displays the name with escapes but with plain backslashes, for text outside a path.
    ///
    /// ```
    /// let name = calhive_regf::Name::latin1(b"C:\\Windows\x07");
    /// assert_eq!(name.as_text().to_string(), r"C:\Windows\u{7}");
    /// ```
    pub fn as_text(self) -> impl fmt::Display + use<'d> {
        Shown { name: self, backslash: true, skip: 0 }
    }

    /// Returns whether the name has no characters, like the name of the default value of a key.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.units().next().is_none()
    }

    /// Returns the cost of a comparison with this name. A comparison of two long names takes longer.
    pub(crate) const fn comparison_cost(self) -> u64 {
        let (Form::Latin1(bytes) | Form::Utf16(bytes)) = self.0 else { return 1 };
        (bytes.len() / 64).saturating_add(1) as u64
    }

    /// Returns the hash of an `lh` list: 37 times the previous hash plus the upcased unit, for each
    /// unit ([regf.md](crate::format#name-hash)).
    ///
    /// ```
    /// assert_eq!(calhive_regf::Name::from("a").lh_hash(), u32::from(b'A'));
    /// ```
    #[inline]
    pub fn lh_hash(self) -> u32 {
        self.units()
            .fold(0_u32, |hash, unit| hash.wrapping_mul(37).wrapping_add(u32::from(upcase(unit))))
    }

    /// Returns whether Windows considers both names equal, which means equal after [`upcase`].
    #[inline]
    pub fn same(self, other: Name<'_>) -> bool {
        if let (Form::Latin1(a), Form::Text(b)) = (self.0, other.0)
            && b.is_ascii()
            && !b.contains('\\')
        {
            count(a.len().min(b.len()));
            // No character outside ASCII has an ASCII upper case.
            return a.eq_ignore_ascii_case(b.as_bytes());
        }
        self.units().map(upcase).eq(other.units().map(upcase))
    }

    /// Compares two names in the order of subkey lists, by upcased units.
    pub fn cmp_upcased(self, other: Name<'_>) -> core::cmp::Ordering {
        self.units().map(upcase).cmp(other.units().map(upcase))
    }
}

impl<'d> From<&'d str> for Name<'d> {
    /// Parses the displayed form of a name, with escapes.
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

/// Display of a name.
struct Shown<'d> {
    name: Name<'d>,
    /// Whether backslashes stay plain.
    backslash: bool,
    /// Number of units at the start that are not displayed.
    skip: usize,
}

impl<'d> Shown<'d> {
    /// Returns the displayed text, if no character needs an escape and all of them are ASCII.
    fn plain(&self) -> Option<&'d str> {
        let bytes = match self.name.0 {
            Form::Latin1(bytes) => bytes,
            Form::Text(text) => text.as_bytes(),
            Form::Utf16(_) => return None,
        };
        count(bytes.len());
        let is_plain = |byte: &u8| matches!(byte, 0x20..=0x7E) && *byte != b'\\';
        if self.skip == 0 && bytes.iter().all(is_plain) {
            core::str::from_utf8(bytes).ok()
        } else {
            None
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        if let Some(plain) = self.plain() {
            return f.write_str(plain);
        }
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
        // After a path separator, a name that begins with `u{` would look like an escape.
        let mut units = self.units();
        let skip = match (units.next(), units.next()) {
            (None, _) => return f.write_str(r"\u{}"),
            // Commands show and understand `@` as the default value.
            (Some(0x40), None) => return f.write_str(r"\u{40}"),
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
        count(1);
        match &mut self.0 {
            Source::Latin1(bytes) => bytes.next().map(|byte| u16::from(*byte)),
            Source::Utf16(pairs) => pairs.next().map(utf16_unit),
            Source::Text { rest, low } => low.take().or_else(|| text_unit(rest, low)),
        }
    }

    #[inline]
    fn fold<B, F: FnMut(B, u16) -> B>(self, init: B, mut f: F) -> B {
        match self.0 {
            // Most names are too short for vectorized loops, so the loop takes eight units at a
            // time.
            Source::Latin1(bytes) => {
                count(bytes.len());
                let mut unit = |sum, byte: &u8| f(sum, u16::from(*byte));
                let (eights, rest) = bytes.as_slice().as_chunks::<8>();
                let sum = eights.iter().fold(init, |sum, eight| eight.iter().fold(sum, &mut unit));
                rest.iter().fold(sum, unit)
            }
            Source::Utf16(pairs) => {
                count(pairs.len());
                pairs.fold(init, |sum, pair| f(sum, utf16_unit(pair)))
            }
            Source::Text { mut rest, mut low } => {
                let mut sum = init;
                count(rest.len());
                while let Some(unit) = low.take().or_else(|| text_unit(&mut rest, &mut low)) {
                    sum = f(sum, unit);
                }
                sum
            }
        }
    }
}

impl FusedIterator for Units<'_> {}

/// Takes the next unit of escaped text. `low` receives the second unit of a surrogate pair.
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

/// Splits the escape `\u{…}` from the start of `text`. The code is `None` for `\u{}`.
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

/// Returns the fault of the name of a key or a value.
#[inline]
pub(crate) fn name_fault(
    structure: Structure,
    needed: u64,
    available: u64,
    latin1: bool,
    place: impl Fn() -> FileOffset,
) -> Option<Error> {
    if needed <= available && (latin1 || needed & 1 == 0) {
        return None;
    }
    let kind = if needed > available {
        ErrorKind::Truncated { structure, needed, available }
    } else {
        let expected = needed & !1;
        ErrorKind::Mismatch { structure, field: Field::Size, expected, found: needed }
    };
    Some(Error::new(kind, place()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_character_displays_as_escape() {
        let bytes: Vec<u8> = "a\u{202E}b\n\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Name::utf16(&bytes).to_string(), r"a\u{202E}b\u{A}\u{0}");
        assert_eq!(Name::latin1(&[0xE4, 0x85]).to_string(), "ä\\u{85}");
        assert_eq!(Name::latin1(b"").to_string(), r"\u{}");
        assert_eq!(Name::latin1(b"u{41}").to_string(), r"\u{75}{41}");
    }

    #[test]
    fn plain_ascii_needs_no_escape() {
        let plain = (0x20..=0x7E_u8).filter(|byte| *byte != b'\\');
        assert!(plain.clone().all(|byte| !is_escaped(char::from(byte))));
        let plain: Vec<u8> = plain.collect();
        let text = core::str::from_utf8(&plain).unwrap();
        assert_eq!(Name::latin1(&plain).to_string(), text);
        assert_eq!(Name::from(text).to_string(), text);
    }

    #[test]
    fn latin1_byte_0x80_is_not_code_page_1252() {
        assert!(Name::latin1(&[0x80]).units().eq([0x80]));
    }

    #[test]
    fn same_name_follows_the_windows_upcase_table() {
        assert!(Name::from("sTORE").same(Name::latin1(b"Store")));
        assert!(Name::from("ÿ").same(Name::from("Ÿ")));
        assert!(!Name::from("ß").same(Name::from("SS")));
        assert!(!Name::from("ı").same(Name::from("I")));
    }

    proptest! {
        #[test]
        fn displayed_name_parses_into_the_same_units(units in prop::collection::vec(
            prop_oneof![any::<u16>(), 0x20_u16..0x7F, Just(0x5C), Just(0x75), Just(0x7B)], 0..12)) {
            let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let name = Name::utf16(&bytes);
            let shown = name.to_string();
            prop_assert!(Name::from(shown.as_str()).units().eq(units.iter().copied()), "{}", shown);
            prop_assert!(shown.chars().all(|c| !c.is_control()));
        }
    }
}
