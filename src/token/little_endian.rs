// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers and text of Windows structures: little-endian, UTF-16LE.

use alloc::string::{String, ToString};

use calhive_regf::hive::name::Name;

/// Returns the 16-bit number at `offset`.
pub(crate) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
}

/// Returns the 32-bit number at `offset`.
pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
}

/// Removes the 32-bit number at the start of `rest` and returns the number.
pub(crate) fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_le_bytes(*bytes))
}

/// Returns UTF-16LE text up to its NUL or the end of the bytes.
pub(crate) fn utf16_text(bytes: &[u8]) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let text = pairs.split(|pair| *pair == [0, 0]).next().unwrap_or_default();
    Name::utf16(text.as_flattened()).as_text().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_past_the_end_are_none() {
        assert_eq!((u16_at(&[1, 2, 3], 1), u16_at(&[1, 2, 3], 2)), (Some(0x0302), None));
        assert_eq!((u32_at(&[1, 2, 3, 4], 0), u32_at(&[1, 2, 3, 4], 5)), (Some(0x0403_0201), None));
        let mut rest = &[1, 0, 0, 0, 9][..];
        assert_eq!((take_u32(&mut rest), rest), (Some(1), &[9][..]));
        assert_eq!((take_u32(&mut rest), rest), (None, &[9][..]));
    }

    #[test]
    fn text_ends_at_its_nul_or_with_the_bytes() {
        assert_eq!(utf16_text(b"A\0\0\0B\0"), "A");
        assert_eq!(utf16_text(b"A\0B\0C"), "AB");
        assert_eq!(utf16_text(b""), "");
    }
}
