// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whether bytes are text, and where it ends.

/// Whether a unit of UTF-16 stands in text: no control character but those of layout.
const fn is_letter(unit: u16) -> bool {
    matches!(unit, 0x09 | 0x0A | 0x0D) || unit >= 0x20 && !matches!(unit, 0x7F | 0xFFFE | 0xFFFF)
}

fn units(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair))
}

/// The length of the text that the bytes begin with, its NUL included; `None` where it has none or is
/// empty.
pub(super) fn terminated(bytes: &[u8]) -> Option<usize> {
    let length = units(bytes).take_while(|unit| is_letter(*unit)).count();
    (length > 0 && units(bytes).nth(length) == Some(0))
        .then(|| length.saturating_add(1).saturating_mul(2))
}

/// The length of the strings that the bytes begin with, each with its NUL, and of the NUL after the
/// last one.
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

/// Whether bytes may be text: of UTF-16, or one byte a character.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    let is_wide = bytes.len() & 1 == 0 && units(bytes).all(|unit| unit == 0 || is_letter(unit));
    let is_narrow = || {
        bytes.iter().all(|byte| *byte == 0 || *byte >= 0x20 || matches!(*byte, 0x09 | 0x0A | 0x0D))
    };
    is_wide || is_narrow()
}

/// Whether four bytes are a number rather than text: two letters without an end, neither of them Latin.
pub(super) fn is_number(bytes: &[u8]) -> bool {
    bytes.len() == 4 && units(bytes).all(|unit| unit >= 0x250)
}
