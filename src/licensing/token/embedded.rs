// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`EmbeddedHardwareId`]: the hardware id that a token carries under a mask.

use alloc::string::String;

use data_encoding::BASE64;

use crate::licensing::hardware_id::HardwareId;

/// The mask. It was found by comparing published tokens with the hardware ids that belong to them, on
/// licence servers of two generations; no text of Microsoft names it.
const MASK: [u8; 20] = [
    0xD6, 0x17, 0x0A, 0x79, 0x2D, 0xEF, 0x15, 0x8D, 0x71, 0x24, 0x58, 0x2C, 0x08, 0x8F, 0xB8, 0xEE,
    0xBE, 0x35, 0x79, 0x8D,
];

/// The hardware id in the subject of a token: 20 bytes in base64, under a constant mask (inferred).
///
/// ```
/// use calhive::licensing::EmbeddedHardwareId;
/// // The subject's serial number in the token of [MS-RDPELE] 4.6; 4.5 prints the hardware id.
/// let id = EmbeddedHardwareId::decode("1BcKedy2krO4/MCDLI1AHZcPias=\r\n").unwrap();
/// assert_eq!(id.id.to_string(), "00000002-3e8759f1-af98d8c9-f3f80224-26f03a29");
/// assert!(id.is_plausible);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedHardwareId {
    /// The bytes as they stand in the token, under the mask.
    pub masked: [u8; 20],
    /// Without the mask.
    pub id: HardwareId,
    /// Whether its platform id is one that hardware ids have: otherwise the mask is another one.
    pub is_plausible: bool,
}

impl EmbeddedHardwareId {
    /// Reads the serial number of a token's subject; `None` unless it is 20 bytes in base64.
    pub fn decode(serial_number: &str) -> Option<Self> {
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
