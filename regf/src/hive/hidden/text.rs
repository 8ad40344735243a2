// SPDX-License-Identifier: MIT OR Apache-2.0
//! Tests for text in bytes.

/// Whether the UTF-16 unit can occur in text. The only control characters in text are tabs and line
/// breaks.
const fn is_letter(unit: u16) -> bool {
    matches!(unit, 0x09 | 0x0A | 0x0D) || unit >= 0x20 && !matches!(unit, 0x7F | 0xFFFE | 0xFFFF)
}

fn units(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair))
}

/// Returns the length in bytes of the text at the start, NUL included. `None` for empty or
/// unterminated text.
pub(super) fn terminated(bytes: &[u8]) -> Option<usize> {
    let length = units(bytes).take_while(|unit| is_letter(*unit)).count();
    (length > 0 && units(bytes).nth(length) == Some(0))
        .then(|| length.saturating_add(1).saturating_mul(2))
}

/// Returns the length in bytes of the strings at the start, including their NULs and the final NUL.
pub(super) fn doubly_terminated(bytes: &[u8]) -> Option<usize> {
    let (mut last, mut length) = (0, 0_usize);
    for unit in units(bytes) {
        length = length.saturating_add(1);
        match unit {
            0 if last == 0 => return (length > 1).then(|| length.saturating_mul(2)),
            unit if unit == 0 || is_letter(unit) => last = unit,
            _ => return None,
        }
    }
    None
}

/// Whether the bytes are text in UTF-16LE that ends with its terminator, or with two for a list of
/// texts.
pub(super) fn is_terminated_text(bytes: &[u8], is_list: bool) -> bool {
    let ends = match bytes {
        [.., 0, 0, 0, 0] | [0, 0] if is_list => true,
        [.., 0, 0] => !is_list,
        _ => false,
    };
    // Without a branch for each unit, the compiler compares many units at once.
    let is_odd = |unit: u16| {
        let is_control = unit < 0x20 && unit != 0 && unit != 0x09 && unit != 0x0A && unit != 0x0D;
        is_control | (unit == 0x7F) | (unit >= 0xFFFE)
    };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let any = pairs.iter().fold(false, |any, pair| any | is_odd(u16::from_le_bytes(*pair)));
    ends && rest.is_empty() && !any
}

/// Whether the bytes can be text, in UTF-16LE or with one byte for each character.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let is_wide = bytes.len() & 1 == 0 && units(bytes).all(|unit| unit == 0 || is_letter(unit));
    let is_narrow = || {
        bytes.iter().all(|byte| *byte == 0 || *byte >= 0x20 || matches!(*byte, 0x09 | 0x0A | 0x0D))
    };
    is_wide || is_narrow()
}

/// Whether four bytes are a number rather than text: two units outside Latin script, without a NUL.
pub(super) fn is_number(bytes: &[u8]) -> bool {
    bytes.len() == 4 && units(bytes).all(|unit| unit >= 0x250)
}
