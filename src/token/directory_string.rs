// SPDX-License-Identifier: MIT OR Apache-2.0
//! Values of the attributes of a name: text in any string type of ASN.1.

use alloc::string::String;
use alloc::vec::Vec;

use crate::token::ber::Element;
use crate::token::structure::TokenStructure;

const UTF8_STRING: u8 = 0x0C;
const PRINTABLE_STRING: u8 = 0x13;
const UNIVERSAL_STRING: u8 = 0x1C;
const BMP_STRING: u8 = 0x1E;

/// Returns a string of any ASN.1 string type as UTF-16LE. Bytes of an unknown type are decoded as
/// Latin-1.
pub(crate) fn to_utf16(tag: u8, content: &[u8]) -> Vec<u8> {
    let encode = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    match (tag, core::str::from_utf8(content)) {
        (BMP_STRING, _) => {
            let (pairs, _) = content.as_chunks::<2>();
            pairs.iter().flat_map(|[high, low]| [*low, *high]).collect()
        }
        (UNIVERSAL_STRING, _) => {
            let (words, _) = content.as_chunks::<4>();
            let char = |word: &[u8; 4]| {
                char::from_u32(u32::from_be_bytes(*word)).unwrap_or(char::REPLACEMENT_CHARACTER)
            };
            encode(&words.iter().map(char).collect::<String>())
        }
        (UTF8_STRING, Ok(text)) => encode(text),
        // One byte per character, also for T61String.
        _ => content.iter().flat_map(|byte| [*byte, 0]).collect(),
    }
}

/// Returns the string type if the string contains characters that the type does not allow.
pub(crate) fn type_with_invalid_characters(string: &Element<'_>) -> Option<TokenStructure> {
    let is_printable = |byte: &u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(byte);
    let is_surrogate = |high: &[u8; 2]| matches!(high, [0xD8..=0xDF, _]);
    let (structure, is_invalid) = match string.tag {
        PRINTABLE_STRING => {
            (TokenStructure::PrintableString, !string.content.iter().all(is_printable))
        }
        BMP_STRING => {
            let (pairs, rest) = string.content.as_chunks::<2>();
            (TokenStructure::BmpString, !rest.is_empty() || pairs.iter().any(is_surrogate))
        }
        UTF8_STRING => (TokenStructure::Utf8String, core::str::from_utf8(string.content).is_err()),
        _ => return None,
    };
    is_invalid.then_some(structure)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use calhive_regf::hive::name::Name;

    use super::*;

    fn text(tag: u8, content: &[u8]) -> String {
        Name::utf16(&to_utf16(tag, content)).as_text().to_string()
    }

    #[test]
    fn string_of_every_type_is_text() {
        assert_eq!(text(0x1E, &[0, b'A', 0x20, 0xAC]), "A\u{20AC}");
        assert_eq!(text(0x1C, &[0, 1, 0xF6, 0, 0, 0, 0, b'b']), "\u{1F600}b");
        assert_eq!(text(0x0C, "\u{e4}".as_bytes()), "\u{e4}");
        assert_eq!(text(0x0C, &[0xFF]), "\u{ff}");
        assert_eq!(text(0x14, &[0xE4]), "\u{e4}");
        assert_eq!(text(0x13, b"a_b\r"), r"a_b\u{D}");
    }
}
