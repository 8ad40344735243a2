// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`HardwareId`]: by which number a licence server knows a client ([MS-RDPELE] 2.2.2.3.1).

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::licensing::report::{Certainty, Explanation};

/// A `CLIENT_HARDWARE_ID`: a platform id and four numbers, 20 bytes.
///
/// ```
/// use calhive::licensing::HardwareId;
/// // The sample of [MS-RDPELE] 4.5.
/// let bytes = [
///     0x02, 0, 0, 0, 0xF1, 0x59, 0x87, 0x3E, 0xC9, 0xD8, 0x98, 0xAF, 0x24, 0x02, 0xF8, 0xF3, 0x29,
///     0x3A, 0xF0, 0x26,
/// ];
/// let id = HardwareId::parse(&bytes).unwrap();
/// assert_eq!(id.platform_id, 2);
/// assert_eq!(id.to_string(), "00000002-3e8759f1-af98d8c9-f3f80224-26f03a29");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HardwareId {
    /// Platform id. Stored ones hold 2 or 0x00020001 in the samples seen, not the documented form.
    pub platform_id: u32,
    /// The four numbers.
    pub data: [u32; 4],
}

impl HardwareId {
    /// Reads the 20 bytes; `None` for any other length.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 20] = bytes.try_into().ok()?;
        let (words, _) = bytes.as_chunks::<4>();
        let mut numbers = words.iter().map(|word| u32::from_le_bytes(*word));
        let platform_id = numbers.next()?;
        let mut data = [0; 4];
        data.iter_mut().zip(numbers).for_each(|(to, number)| *to = number);
        Some(Self { platform_id, data })
    }

    /// Operating system and image vendor by the documented form of a platform id ([MS-RDPELE]
    /// 2.2.2.2); `None` where the number is not of that form.
    pub fn documented_platform(self) -> Option<(&'static str, &'static str)> {
        let [_, _, vendor, system] = self.platform_id.to_le_bytes();
        let system = match system {
            1 => "Windows NT 3.51",
            2 => "Windows NT 4.0",
            3 => "Windows 2000 or XP (NT 5)",
            4 => "NT 5.2 to 6.3",
            8 => "Windows 10 or later",
            _ => return None,
        };
        let vendor = match vendor {
            1 => "Microsoft",
            2 => "Citrix",
            _ => "vendor not documented",
        };
        Some((system, vendor))
    }
}

impl fmt::Display for HardwareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.platform_id)?;
        self.data.iter().try_for_each(|part| write!(f, "-{part:08x}"))
    }
}

/// What a stored hardware id says.
pub(crate) fn explain(data: &[u8]) -> Explanation {
    let Some(id) = HardwareId::parse(data) else {
        let label = format!("{} bytes; a CLIENT_HARDWARE_ID has 20", data.len());
        return Explanation { shown: None, label, certainty: Certainty::Observed };
    };
    let platform: String = match id.documented_platform() {
        Some((system, vendor)) => format!("platform id documented as {system}, {vendor}"),
        None => format!("platform id {:#010x}, as stored", id.platform_id),
    };
    let label = format!(
        "identifies this client to licence servers; {platform}. By itself no evidence that Remote \
         Desktop was used"
    );
    Explanation { shown: Some(format!("{id}")), label, certainty: Certainty::Documented }
}
