// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`EmbeddedHardwareId`]: the masked hardware ID in a token.

use alloc::string::String;

use data_encoding::BASE64;

use crate::meaning::HardwareId;

/// The mask. Published tokens and their hardware IDs yield the same mask on license servers of two
/// generations. No Microsoft text names the mask.
const MASK: [u8; 20] = [
    0xD6, 0x17, 0x0A, 0x79, 0x2D, 0xEF, 0x15, 0x8D, 0x71, 0x24, 0x58, 0x2C, 0x08, 0x8F, 0xB8, 0xEE,
    0xBE, 0x35, 0x79, 0x8D,
];

/// The hardware ID in the subject of a token: 20 bytes in base64, XORed with a constant mask (inferred).
/// See [licensing.md](crate::licensing#embedded-hardware-id).
///
/// ```
/// use calhive::token::EmbeddedHardwareId;
/// // Serial number of the subject in the token of [MS-RDPELE] 4.6; section 4.5 prints the hardware ID.
/// let id = EmbeddedHardwareId::parse("1BcKedy2krO4/MCDLI1AHZcPias=\r\n").unwrap();
/// assert_eq!(id.id.to_string(), "00000002-3e8759f1-af98d8c9-f3f80224-26f03a29");
/// assert!(id.is_plausible);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedHardwareId {
    /// The masked bytes, as stored in the token.
    pub masked: [u8; 20],
    /// The hardware ID without the mask.
    pub id: HardwareId,
    /// Whether the platform ID is one that hardware IDs have. If not, the token uses an unknown
    /// mask.
    pub is_plausible: bool,
}
impl EmbeddedHardwareId {
    /// Parses the serial number of a token's subject. Returns `None` unless the number is the
    /// base64 form of 20 bytes.
    pub fn parse(serial_number: &str) -> Option<Self> {
        let text: String = serial_number.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let masked: [u8; 20] = BASE64.decode(text.as_bytes()).ok()?.try_into().ok()?;
        let mut bytes = masked;
        bytes.iter_mut().zip(MASK).for_each(|(byte, mask)| *byte ^= mask);
        let id = HardwareId::parse(&bytes)?;
        let is_plausible =
            matches!(id.platform_id, 2 | 0x0002_0001) || id.documented_platform().is_some();
        Some(Self { masked, id, is_plausible })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_other_than_20_bytes_in_base64_is_refused() {
        let id = EmbeddedHardwareId::parse(&BASE64.encode(&[0; 20])).unwrap();
        assert!(!id.is_plausible, "{id:?}");
        for text in ["", "no base64", &BASE64.encode(&[0; 19]), &BASE64.encode(&[0; 21])] {
            assert_eq!(EmbeddedHardwareId::parse(text), None, "{text}");
        }
    }
}
