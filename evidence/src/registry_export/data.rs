// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Data`]: the data of a value in an export.

use calhive_regf::ValueType;

use super::encoding::windows_1252;
use super::lines::{Line, Lines, is_space};
use super::{ExportFaultKind, ExportVersion};

/// Maximum length of the name of a data type: `hex(ffffffff):`.
const LONGEST_TYPE: usize = 14;

/// Data of a value.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) value_type: ValueType,
    pub(super) bytes: Vec<u8>,
    pub(super) ansi: Option<Vec<u8>>,
    pub(super) fault: Option<Place>,
    /// Whether the bytes end before a fault.
    pub(super) is_incomplete: bool,
}

/// A fault with its place.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) kind: ExportFaultKind,
    pub(super) line: u64,
    /// Index of the character in the line.
    pub(super) index: Option<usize>,
}

/// A text between quotation marks.
#[derive(Debug, Default)]
pub(super) struct Quoted {
    pub(super) units: Vec<u16>,
    /// Bytes of the text, if the encoding is a code page.
    bytes: Vec<u8>,
}

impl Quoted {
    /// Takes a text whose opening quotation mark is before `index`. Moves `line` and `index` behind the closing
    /// quotation mark. Returns whether there is one. Lines are added until then.
    pub(super) fn take<'b>(
        &mut self,
        lines: &mut Lines<'b>,
        line: &mut Line<'b>,
        index: &mut usize,
    ) -> bool {
        let mut is_escaped = false;
        loop {
            let Some(unit) = line.units.get(*index).copied() else {
                let Some(next) = lines.next() else { return false };
                self.units.extend(line.ending.encode_utf16());
                self.bytes.extend(line.ending.bytes());
                (*line, *index, is_escaped) = (next, 0, false);
                continue;
            };
            let byte = line.bytes.get(*index).copied();
            *index = index.saturating_add(1);
            match unit {
                0x5C if !is_escaped => is_escaped = true,
                0x22 if !is_escaped => return true,
                _ => {
                    self.units.push(unit);
                    self.bytes.extend(byte);
                    is_escaped = false;
                }
            }
        }
    }

    /// Returns the text as the data of a value, with a terminator.
    pub(super) fn into_data(mut self, is_code_page: bool) -> Data {
        self.units.push(0);
        self.bytes.push(0);
        let is_converted = is_code_page && !self.bytes.is_ascii();
        Data {
            value_type: ValueType::SZ,
            bytes: self.units.into_iter().flat_map(u16::to_le_bytes).collect(),
            ansi: is_converted.then_some(self.bytes),
            fault: None,
            is_incomplete: false,
        }
    }
}

/// Returns the type of a list of bytes, and the index after its colon; `None` if no list begins here.
pub(super) fn list_type(line: &Line<'_>, index: usize) -> Option<(ValueType, usize)> {
    let word = line.word(index, LONGEST_TYPE);
    let rest = word.strip_prefix("hex")?;
    if rest.starts_with(':') {
        return Some((ValueType::BINARY, index.saturating_add(4)));
    }
    let (number, _) = rest.strip_prefix('(')?.split_once("):")?;
    let is_number = number.bytes().all(|digit| digit.is_ascii_hexdigit());
    let value_type = u32::from_str_radix(number, 16).ok().filter(|_| is_number)?;
    Some((ValueType(value_type), index.saturating_add(number.len()).saturating_add(6)))
}

/// Decodes a number after `dword:`.
pub(super) fn number(line: &Line<'_>, index: usize) -> Data {
    let start = line.skip_space(index);
    let word = line.word(start, 9);
    let digits: String = word.chars().take_while(char::is_ascii_hexdigit).collect();
    let end = start.saturating_add(digits.len());
    let number = u32::from_str_radix(&digits, 16).ok().filter(|_| line.is_over(end));
    let fault = |kind| Place { kind, line: line.number, index: Some(end) };
    let kind = line.at(end).map_or(ExportFaultKind::CutData, ExportFaultKind::NotHex);
    Data {
        value_type: ValueType::DWORD,
        bytes: number.map(|number| number.to_le_bytes().to_vec()).unwrap_or_default(),
        ansi: None,
        fault: number.is_none().then(|| fault(kind)),
        is_incomplete: number.is_none(),
    }
}

/// Decodes a list of bytes that begins at `index`, with the lines that continue it.
pub(super) fn list<'b>(
    lines: &mut Lines<'b>,
    mut line: Line<'b>,
    mut index: usize,
    value_type: ValueType,
    version: Option<ExportVersion>,
) -> Data {
    let (mut bytes, mut fault, mut ends_with_comma) = (Vec::new(), None, false);
    let at = |kind, line: &Line<'_>, index| Some(Place { kind, line: line.number, index });
    loop {
        index = line.skip_space(index);
        match line.at(index) {
            Some(',' | ':') => {
                ends_with_comma = true;
                index = index.saturating_add(1);
            }
            Some('\\') if line.is_over(index.saturating_add(1)) => match continued(lines) {
                Some(next) => (line, index) = (next, 0),
                None => {
                    fault = at(ExportFaultKind::CutData, &line, None);
                    break;
                }
            },
            Some('\\') => index = index.saturating_add(1),
            None | Some(';') => {
                if ends_with_comma && !bytes.is_empty() {
                    fault = at(ExportFaultKind::CutData, &line, None);
                }
                break;
            }
            Some(_) => {
                ends_with_comma = false;
                match digits(&line, &mut index, &mut bytes) {
                    Ok(()) => {}
                    Err((kind, index)) => {
                        fault = at(kind, &line, Some(index));
                        skip_list(lines, line);
                        break;
                    }
                }
            }
        }
    }
    let is_text = matches!(value_type, ValueType::SZ | ValueType::EXPAND_SZ | ValueType::MULTI_SZ);
    let (bytes, ansi) = if version == Some(ExportVersion::Four) && is_text {
        let units = bytes.iter().copied().map(windows_1252);
        (units.flat_map(u16::to_le_bytes).collect(), Some(bytes))
    } else {
        (bytes, None)
    };
    let is_incomplete = fault.is_some();
    Data { value_type, bytes, ansi, fault, is_incomplete }
}

/// Returns the line that continues a list; `None` if the next line begins something else.
fn continued<'b>(lines: &mut Lines<'b>) -> Option<Line<'b>> {
    loop {
        let mut ahead = *lines;
        let next = ahead.next()?;
        match next.at(next.skip_space(0)) {
            None | Some('[' | '"' | '@') => return None,
            Some(';') => *lines = ahead,
            Some(_) => {
                *lines = ahead;
                return Some(next);
            }
        }
    }
}

/// Skips the rest of a list after a fault.
fn skip_list<'b>(lines: &mut Lines<'b>, mut line: Line<'b>) {
    while line.end().checked_sub(1).and_then(|last| line.at(last)) == Some('\\') {
        match continued(lines) {
            Some(next) => line = next,
            None => return,
        }
    }
}

/// Decodes digits up to the next separator. Returns the fault with its index.
fn digits(
    line: &Line<'_>,
    index: &mut usize,
    bytes: &mut Vec<u8>,
) -> Result<(), (ExportFaultKind, usize)> {
    if line.word(*index, 2) == "0x" {
        *index = index.saturating_add(2);
    }
    let is_end = |it: char| is_space(it) || matches!(it, ',' | ':' | '\\' | ';');
    let (start, mut values) = (*index, Vec::new());
    while let Some(letter) = line.at(*index).filter(|it| !is_end(*it)) {
        let digit = letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        values.push(digit.ok_or((ExportFaultKind::NotHex(letter), *index))?);
        *index = index.saturating_add(1);
    }
    match values.as_slice() {
        [one] => bytes.push(*one),
        several => {
            let (pairs, rest) = several.as_chunks::<2>();
            if !rest.is_empty() {
                return Err((ExportFaultKind::OddDigits, start));
            }
            bytes.extend(pairs.iter().map(|[high, low]| high << 4 | low));
        }
    }
    Ok(())
}
