// SPDX-License-Identifier: MIT OR Apache-2.0
//! Characters that displayed names escape, from Unicode 16.0.0.

/// Ranges of characters that can deceive a terminal or a person, sorted. The ranges hold all characters of these
/// properties in Unicode 16.0.0:
///
/// - categories Cc, Cf, Zl and Zp, and Zs except the space
/// - `Default_Ignorable_Code_Point` and `Noncharacter_Code_Point`
///
/// They also hold U+2800, which has no dots and looks blank, and the backslash, which separates names.
const ESCAPED: [(u32, u32); 48] = [
    (0x0, 0x1F),
    (0x5C, 0x5C),
    (0x7F, 0xA0),
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x600, 0x605),
    (0x61C, 0x61C),
    (0x6DD, 0x6DD),
    (0x70F, 0x70F),
    (0x890, 0x891),
    (0x8E2, 0x8E2),
    (0x115F, 0x1160),
    (0x1680, 0x1680),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2000, 0x200F),
    (0x2028, 0x202F),
    (0x205F, 0x206F),
    (0x2800, 0x2800),
    (0x3000, 0x3000),
    (0x3164, 0x3164),
    (0xFDD0, 0xFDEF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0x1FFFE, 0x1FFFF),
    (0x2FFFE, 0x2FFFF),
    (0x3FFFE, 0x3FFFF),
    (0x4FFFE, 0x4FFFF),
    (0x5FFFE, 0x5FFFF),
    (0x6FFFE, 0x6FFFF),
    (0x7FFFE, 0x7FFFF),
    (0x8FFFE, 0x8FFFF),
    (0x9FFFE, 0x9FFFF),
    (0xAFFFE, 0xAFFFF),
    (0xBFFFE, 0xBFFFF),
    (0xCFFFE, 0xCFFFF),
    (0xDFFFE, 0xE0FFF),
    (0xEFFFE, 0xEFFFF),
    (0xFFFFE, 0xFFFFF),
    (0x10FFFE, 0x10FFFF),
];

/// Whether a character can deceive a terminal or a person, or separates the names of a path.
pub(super) fn is_escaped(shown: char) -> bool {
    let code = u32::from(shown);
    // Most names are ASCII.
    if matches!(shown, ' '..='~') {
        return shown == '\\';
    }
    let after = ESCAPED.partition_point(|(start, _)| *start <= code);
    let range = after.checked_sub(1).and_then(|index| ESCAPED.get(index));
    range.is_some_and(|(_, end)| code <= *end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_sorted_and_apart() {
        let is_apart = |pair: &[(u32, u32)]| pair[0].0 <= pair[0].1 && pair[0].1 + 1 < pair[1].0;
        assert!(ESCAPED.windows(2).all(is_apart));
    }

    #[test]
    fn invisible_and_blank_characters_are_escaped_and_letters_are_not() {
        for code in [
            0x1B, 0xD, 0x85, 0xA0, 0xAD, 0x34F, 0x8E2, 0x115F, 0x2003, 0x202E, 0x2066, 0x2800,
            0x3164, 0xFEFF, 0xFFA0, 0x13430, 0x1BCA0, 0x1D173, 0xE0001,
        ] {
            assert!(is_escaped(char::from_u32(code).unwrap()), "U+{code:X}");
        }
        for letter in [' ', '~', '|', 'ä', 'Ω', '語', '한', '😀', '\u{301}', '\u{E000}', '\u{FFFD}']
        {
            assert!(!is_escaped(letter), "{letter:?}");
        }
    }
}
