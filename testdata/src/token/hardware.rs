// SPDX-License-Identifier: MIT OR Apache-2.0

//! The hardware ID in a token.

/// Mask of CLIENT_HARDWARE_ID. Derived from two license servers: Microsoft has not published it.
const MASK: [u8; 20] = [
    0xD6, 0x17, 0x0A, 0x79, 0x2D, 0xEF, 0x15, 0x8D, 0x71, 0x24, 0x58, 0x2C, 0x08, 0x8F, 0xB8, 0xEE,
    0xBE, 0x35, 0x79, 0x8D,
];

/// Returns the serial number in the subject of a token: the masked ID in base64, and an unexpected
/// line feed.
pub(crate) fn subject_serial(hardware_id: &[u8; 20]) -> String {
    format!("{}\r\n", base64(&masked(hardware_id)))
}

/// Applies the mask to an ID, or removes it.
pub(crate) fn masked(hardware_id: &[u8; 20]) -> [u8; 20] {
    std::array::from_fn(|index| hardware_id[index] ^ MASK[index])
}

/// Encodes bytes in base64, with padding and without line breaks.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
            << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            if digit <= chunk.len() {
                text.push(char::from(DIGITS[(number >> (18 - 6 * digit) & 0x3F) as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::hex::{decode, hardware_id};

    fn vector(text: &str) -> [u8; 20] {
        decode(text).try_into().expect("20 bytes")
    }

    #[test]
    fn hardware_mask_equals_that_of_the_sample() {
        let id = hardware_id().try_into().expect("20 bytes");
        let sample = vector(include_str!("../../vectors/cal_subject_serial_rdpele.hex"));
        assert_eq!(masked(&id), sample);
        assert_eq!(masked(&sample), id);
        assert_eq!(MASK, vector(include_str!("../../vectors/hwid_xor_mask_derived.hex")));
    }

    #[test]
    fn base64_of_odd_length_is_padded() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        let windows_ce = vector(include_str!("../../vectors/hwid_wince_comment.hex"));
        assert_eq!(subject_serial(&windows_ce).len(), 30);
    }
}
