// SPDX-License-Identifier: GPL-3.0-or-later
//! Digits of bytes in text: hex digits, decimal numbers, and dumps with offsets.

use anyhow::{Result, anyhow, bail};
use data_encoding::HEXLOWER_PERMISSIVE;

/// Byte offset of a character in a text, and the character.
pub(super) type Letter = (usize, char);

/// Returns the characters of `text` without separators. `text` begins at offset `at` of the file.
pub(super) fn letters(text: &str, mut at: usize) -> Vec<Letter> {
    let is_between = |letter: char| letter.is_whitespace() || matches!(letter, ',' | ':' | '\\');
    let mut letters = Vec::new();
    for piece in text.split_inclusive(is_between) {
        let digits = piece.trim_end_matches(is_between);
        let prefix = if digits.starts_with("0x") || digits.starts_with("0X") { 2 } else { 0 };
        let of_piece = digits.char_indices().skip(prefix);
        letters.extend(of_piece.map(|(index, letter)| (at.saturating_add(index), letter)));
        at = at.saturating_add(piece.len());
    }
    letters
}

/// Decodes hex digits.
///
/// # Errors
/// If a character is no hex digit, or if a digit is missing.
pub(super) fn hex(text: &str, digits: &[Letter]) -> Result<Vec<u8>> {
    if let Some((at, letter)) = digits.iter().find(|(_, letter)| !letter.is_ascii_hexdigit()) {
        bail!("not hex: unexpected {letter:?} {}", place(text, *at));
    }
    let digits: String = digits.iter().map(|(_, letter)| letter).collect();
    HEXLOWER_PERMISSIVE
        .decode(digits.as_bytes())
        .map_err(|_| anyhow!("odd number of hex digits ({}): a digit is missing", digits.len()))
}

/// Formats the line and column of an offset in a text.
pub(super) fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.chars().rev().take_while(|letter| *letter != '\n').count();
    format!("at line {line}, column {}", column.saturating_add(1))
}

/// Decodes lists of decimal bytes. A list is a whole text, or a JSON array. Returns `None` if the text has another
/// form, such as two hex digits for each byte.
pub(super) fn decimal_lists(text: &str) -> Option<Vec<Vec<u8>>> {
    let is_array = text.trim_start().starts_with('[');
    let lists: Vec<&str> = match is_array {
        true => text.split(['[', ']']).filter(|it| !is_between_arrays(it)).collect(),
        false => vec![text],
    };
    let lists: Vec<Vec<u8>> = lists.into_iter().map(decimal_list).collect::<Option<_>>()?;
    (!lists.is_empty()).then_some(lists)
}

fn is_between_arrays(text: &str) -> bool {
    text.chars().all(|letter| letter.is_whitespace() || letter == ',')
}

fn decimal_list(text: &str) -> Option<Vec<u8>> {
    let is_between = |letter: char| letter.is_whitespace() || matches!(letter, ',' | ';');
    let numbers: Vec<&str> = text.split(is_between).filter(|it| !it.is_empty()).collect();
    let is_decimal = |number: &&str| {
        number.bytes().all(|byte| byte.is_ascii_digit())
            && (number.len() == 1 || !number.starts_with('0'))
    };
    // Hex digits in pairs are no decimal numbers.
    let has_other_length = numbers.iter().any(|number| number.len() != 2);
    if !has_other_length || !numbers.iter().all(is_decimal) {
        return None;
    }
    numbers.into_iter().map(|number| number.parse().ok()).collect()
}

/// Decodes a dump: each line has an offset, bytes in hex, and often the bytes as text. A line `*` stands for
/// repetitions of the line before. Returns `None` if the text has another form.
pub(super) fn dump(text: &str) -> Option<Vec<u8>> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let rows: Vec<Option<Row<'_>>> = lines.iter().map(|line| Row::parse(line)).collect();
    let first = rows.first()?.as_ref()?.offset;
    let mut bytes: Vec<u8> = Vec::new();
    let mut previous: Vec<u8> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let Some(row) = row else {
            if lines.get(index).map(|line| line.trim()) != Some("*") {
                return None;
            }
            continue;
        };
        let at = row.offset.checked_sub(first).filter(|at| *at <= MOST)?;
        while bytes.len() < at
            && !previous.is_empty()
            && lines.get(index.checked_sub(1)?)?.trim() == "*"
        {
            bytes.extend_from_slice(&previous);
        }
        if bytes.len() != at {
            return None;
        }
        let mut after = rows.iter().skip(index.saturating_add(1));
        let next = after.find_map(|row| row.as_ref()).map(|row| row.offset);
        let is_squeezed = lines.get(index.saturating_add(1)).is_some_and(|line| line.trim() == "*");
        let length = next.and_then(|next| next.checked_sub(row.offset)).filter(|_| !is_squeezed);
        // The last line is no longer than the line before.
        let most = if previous.is_empty() { MOST_IN_ROW } else { previous.len() };
        let of_row = row.bytes(length, most)?;
        bytes.extend_from_slice(&of_row);
        if !of_row.is_empty() {
            previous = of_row;
        }
    }
    (rows.len() > 1 && !bytes.is_empty()).then_some(bytes)
}

/// A line of a dump.
struct Row<'t> {
    offset: usize,
    rest: &'t str,
}

/// Number of bytes in the longest dump. Repeated lines could stand for more.
const MOST: usize = 4 << 20;

/// Number of bytes in the longest line of a dump.
const MOST_IN_ROW: usize = 64;

impl<'t> Row<'t> {
    /// Parses the offset at the start of a line.
    fn parse(line: &'t str) -> Option<Self> {
        let line = line.trim_start();
        let end = line.find(|letter: char| !letter.is_ascii_hexdigit()).unwrap_or(line.len());
        let (offset, rest) = line.split_at_checked(end)?;
        let is_offset =
            offset.len() >= 4 && (rest.is_empty() || rest.starts_with([':', ' ', '\t', '-']));
        let offset = usize::from_str_radix(offset, 16).ok().filter(|_| is_offset)?;
        Some(Self { offset, rest: rest.trim_start_matches(':') })
    }

    /// Returns the bytes of the line: this number, or up to `most`, as many as the line has before its text.
    fn bytes(&self, length: Option<usize>, most: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = length.unwrap_or(most);
        let mut rest = self.rest;
        while bytes.len() < most {
            let gap = rest.len().saturating_sub(rest.trim_start().len());
            rest = rest.trim_start_matches([' ', '\t', '-']);
            // The text after the bytes follows a wider gap. A gap also separates halves of a line.
            let is_half = bytes.len().is_multiple_of(8);
            let is_text = length.is_none() && !bytes.is_empty() && (gap > 2 || gap > 1 && !is_half);
            let group = rest.split([' ', '\t', '-']).next().unwrap_or_default();
            let is_bytes = !group.is_empty()
                && group.len().is_multiple_of(2)
                && group.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_text || !is_bytes {
                break;
            }
            bytes.extend(HEXLOWER_PERMISSIVE.decode(group.as_bytes()).ok()?);
            rest = rest.get(group.len()..)?;
        }
        match length {
            Some(length) if bytes.len() != length => None,
            _ => Some(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_decimal_bytes_are_distinguished_from_hex() {
        for text in
            ["48 130 7 182", "48,130,7,182", "48\r\n130\r\n7\r\n182\r\n", "[48, 130, 7, 182]"]
        {
            assert_eq!(decimal_lists(text), Some(vec![vec![48, 130, 7, 182]]), "{text}");
        }
        assert_eq!(decimal_lists("[[1,2],\n[255]]"), Some(vec![vec![1, 2], vec![255]]));
        for text in ["30 82 07 10", "30820710", "48 130 7 1b2", "48 256 7", "[1, \"a\"]", "", "[]"]
        {
            assert_eq!(decimal_lists(text), None, "{text}");
        }
    }

    #[test]
    fn dumps_of_every_tool_are_decoded() {
        let bytes: Vec<u8> = (0x30..0x50).chain([0x41, 0x42, 0x43]).collect();
        for text in [
            "00000000  30 31 32 33 34 35 36 37  38 39 3a 3b 3c 3d 3e 3f  |0123456789:;<=>?|\n\
             00000010  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  |@ABCDEFGHIJKLMNO|\n\
             00000020  41 42 43                                          |ABC|\n00000023\n",
            "00000000: 3031 3233 3435 3637 3839 3a3b 3c3d 3e3f  0123456789:;<=>?\n\
             00000010: 4041 4243 4445 4647 4849 4a4b 4c4d 4e4f  @ABCDEFGHIJKLMNO\n\
             00000020: 4142 43                                  ABC\n",
            "0000   30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f\r\n\
             0010   40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f\r\n0020   41 42 43",
            "00000000  30 31 32 33 34 35 36 37-38 39 3a 3b 3c 3d 3e 3f\n\
             00000010  40 41 42 43 44 45 46 47-48 49 4a 4b 4c 4d 4e 4f\n00000020  41 42 43\n",
        ] {
            assert_eq!(dump(text).as_ref(), Some(&bytes), "{text}");
        }
        let zeros = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n\
                     00000040  01 02\n";
        assert_eq!(dump(zeros), Some([vec![0; 64], vec![1, 2]].concat()));
        let bomb = "00000000  00 00\n*\nfffffff0  01 02\n";
        for other in
            [bomb, "30820010\n30820010\n", "3082 0010", "00000000  30 31\n00000010  32\n", ""]
        {
            assert_eq!(dump(other), None, "{other}");
        }
    }
}
