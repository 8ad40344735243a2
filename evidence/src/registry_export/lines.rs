// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Lines`]: the lines of an export, decoded one at a time.

use super::encoding::ExportEncoding;

/// Position in the lines of an export. A copy remembers a position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines<'b> {
    rest: &'b [u8],
    pub(super) encoding: ExportEncoding,
    /// Number of lines before the rest.
    pub(super) number: u64,
}

/// A line, with the units of its ending.
#[derive(Clone, Debug)]
pub(super) struct Line<'b> {
    /// Number of the line, from 1.
    pub(super) number: u64,
    pub(super) units: Vec<u16>,
    /// Bytes of the line. In a code page, each byte is one unit.
    pub(super) bytes: &'b [u8],
    pub(super) ending: &'static str,
    /// Whether all bytes belong to the encoding.
    pub(super) is_whole: bool,
}

impl<'b> Lines<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        let (encoding, mark) = ExportEncoding::of(bytes);
        Self { rest: bytes.get(mark..).unwrap_or_default(), encoding, number: 0 }
    }

    /// Returns a position after all lines.
    pub(super) const fn of_no_text(encoding: ExportEncoding) -> Self {
        Self { rest: &[], encoding, number: 0 }
    }

    /// Returns the next line, and moves behind the line.
    pub(super) fn next(&mut self) -> Option<Line<'b>> {
        if self.rest.is_empty() {
            return None;
        }
        let width = self.encoding.width();
        let is_ending = |unit: &[u8]| matches!(self.ascii(unit), Some(b'\n' | b'\r'));
        let length = self.rest.chunks(width).position(is_ending).map(|at| at.saturating_mul(width));
        let (bytes, rest) = self.rest.split_at_checked(length.unwrap_or(self.rest.len()))?;
        let unit = |at: usize| {
            let start = at.saturating_mul(width);
            rest.get(start..start.saturating_add(width)).and_then(|unit| self.ascii(unit))
        };
        let ending = match (unit(0), unit(1)) {
            (Some(b'\r'), Some(b'\n')) => "\r\n",
            (Some(b'\r'), _) => "\r",
            (Some(_), _) => "\n",
            (None, _) => "",
        };
        let (units, is_whole) = self.encoding.decode(bytes);
        self.rest = rest.get(ending.len().saturating_mul(width)..).unwrap_or_default();
        self.number = self.number.saturating_add(1);
        Some(Line { number: self.number, units, bytes, ending, is_whole })
    }

    /// Returns the ASCII character of a unit.
    fn ascii(&self, unit: &[u8]) -> Option<u8> {
        match (self.encoding, unit) {
            (ExportEncoding::Utf16Le, [byte, 0]) | (ExportEncoding::Utf16Be, [0, byte]) => {
                Some(*byte)
            }
            (ExportEncoding::Utf8 | ExportEncoding::CodePage, [byte]) => Some(*byte),
            _ => None,
        }
        .filter(u8::is_ascii)
    }
}

impl Line<'_> {
    /// Returns the character at this index; `None` at the end. Only ASCII has a meaning in an export.
    pub(super) fn at(&self, index: usize) -> Option<char> {
        self.units.get(index).map(|unit| character(*unit))
    }

    /// Returns the first index from `index` on that is no white space.
    pub(super) fn skip_space(&self, mut index: usize) -> usize {
        while self.at(index).is_some_and(is_space) {
            index = index.saturating_add(1);
        }
        index
    }

    /// Returns the index after the last character that is no white space.
    pub(super) fn end(&self) -> usize {
        let last = self.units.iter().rposition(|unit| !is_space(character(*unit)));
        last.map_or(0, |last| last.saturating_add(1))
    }

    /// Whether nothing but white space or a comment follows.
    pub(super) fn is_over(&self, index: usize) -> bool {
        matches!(self.at(self.skip_space(index)), None | Some(';'))
    }

    /// Returns the ASCII text from `index` on, up to this number of characters, in lower case.
    pub(super) fn word(&self, index: usize, most: usize) -> String {
        let units = self.units.get(index..).unwrap_or_default();
        units.iter().take(most).map(|unit| character(*unit).to_ascii_lowercase()).collect()
    }
}

/// Returns the character of a unit. A surrogate becomes U+FFFD.
pub(super) fn character(unit: u16) -> char {
    char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Whether a character separates parts of a line. Joined files have a mark inside.
pub(super) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\u{B}' | '\u{C}' | '\0' | '\u{FEFF}')
}
