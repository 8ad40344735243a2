// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`HardwareId`]: the number by which license servers identify a client ([MS-RDPELE] 2.2.2.3.1). See
//! [licensing.md](crate::licensing#hardware-ids).

use alloc::format;
use alloc::string::String;
use core::fmt;

use crate::meaning::{Certainty, Explanation, text};

/// A `CLIENT_HARDWARE_ID`: a platform ID and four numbers, 20 bytes.
///
/// ```
/// use calhive::meaning::HardwareId;
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
    /// Platform ID. In all samples, stored hardware IDs have the platform ID 2 or 0x00020001. The
    /// documented form never occurs.
    pub platform_id: u32,
    /// Data1 to Data4.
    pub data: [u32; 4],
}

impl HardwareId {
    /// Parses 20 bytes; `None` for any other length.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 20] = bytes.try_into().ok()?;
        let (words, _) = bytes.as_chunks::<4>();
        let mut numbers = words.iter().map(|word| u32::from_le_bytes(*word));
        let platform_id = numbers.next()?;
        let mut data = [0; 4];
        data.iter_mut().zip(numbers).for_each(|(to, number)| *to = number);
        Some(Self { platform_id, data })
    }

    /// Decodes a platform ID of the documented form into operating system and image vendor
    /// ([MS-RDPELE] 2.2.2.2). Returns `None` if the number has another form.
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

    /// Returns the 20 bytes in hex, as a client stores them.
    pub fn to_hex(self) -> String {
        let mut hex = text::hex(&self.platform_id.to_le_bytes());
        self.data.iter().for_each(|part| hex.push_str(&text::hex(&part.to_le_bytes())));
        hex
    }

    /// Returns the client software that writes IDs of this form, according to public code and
    /// samples; `None` for an unknown form.
    pub fn form(self) -> Option<HardwareIdForm> {
        let mut bytes = [0; 16];
        let (words, _) = bytes.as_chunks_mut::<4>();
        words.iter_mut().zip(self.data).for_each(|(to, number)| *to = number.to_le_bytes());
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        let (name, padding) = bytes.split_at(end);
        let is_host_name = !name.is_empty()
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
            && padding.iter().all(|byte| *byte == 0);
        match self.platform_id {
            2 if is_host_name => Some(HardwareIdForm::HostName),
            2 => Some(HardwareIdForm::Windows),
            0x0002_0001 => Some(HardwareIdForm::WindowsCe),
            0x0401_0000 => Some(HardwareIdForm::FreeRdp),
            0 if bytes == FREE_RDP_OLD => Some(HardwareIdForm::FreeRdp),
            _ => None,
        }
    }
}

/// MD5 of six zero bytes, which FreeRDP sends in its old mode.
const FREE_RDP_OLD: [u8; 16] = [
    0x73, 0x19, 0x46, 0x88, 0x47, 0xD7, 0xB1, 0xAE, 0xE4, 0x0D, 0xBF, 0x5D, 0xD9, 0x63, 0xC9, 0x99,
];

/// Form of a hardware ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum HardwareIdForm {
    /// Platform ID 2 and four numbers, as in the samples of Microsoft's Windows clients.
    Windows,
    /// Platform ID 0x00020001, as in a sample of Windows CE.
    WindowsCe,
    /// Platform ID 2 and a host name in ASCII, as in rdesktop and WALLIX.
    HostName,
    /// Platform ID 0x04010000 and a hash, or 0 and the MD5 of six zero bytes, as in FreeRDP.
    FreeRdp,
}

impl fmt::Display for HardwareIdForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Windows => "of the form seen from Microsoft's clients for Windows",
            Self::WindowsCe => "of the form seen from Windows CE",
            Self::HostName => "of the form that rdesktop and WALLIX write: a host name",
            Self::FreeRdp => "of the form that FreeRDP writes",
        })
    }
}

impl fmt::Display for HardwareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.platform_id)?;
        self.data.iter().try_for_each(|part| write!(f, "-{part:08x}"))
    }
}

json_text!(HardwareId);

/// Explains a stored hardware ID.
pub(crate) fn explain(data: &[u8]) -> Explanation {
    let Some(id) = HardwareId::parse(data) else {
        let label = format!("{} bytes; a CLIENT_HARDWARE_ID has 20", data.len());
        return Explanation { shown: None, label: Some(label), certainty: Certainty::Observed };
    };
    let platform: String = match id.documented_platform() {
        Some((system, vendor)) => {
            format!("platform ID {:#010x}, documented as {system}, {vendor}", id.platform_id)
        }
        None => format!("platform ID {:#010x}", id.platform_id),
    };
    let form = id
        .form()
        .map_or_else(|| String::from("of no known form"), |form| format!("{form} (inferred)"));
    let label = format!(
        "identifies this client to license servers; {platform}; {form}. By itself this is no evidence \
         that Remote Desktop was used"
    );
    Explanation {
        shown: Some(format!("{id}")),
        label: Some(label),
        certainty: Certainty::Documented,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(platform_id: u32, rest: &[u8; 16]) -> HardwareId {
        HardwareId::parse(&[&platform_id.to_le_bytes()[..], rest].concat()).unwrap()
    }

    #[test]
    fn forms_of_clients_are_distinguished() {
        assert_eq!(
            id(2, b"\xF1\x59\x87\x3E\xC9\xD8\x98\xAF\x24\x02\xF8\xF3\x29\x3A\xF0\x26").form(),
            Some(HardwareIdForm::Windows)
        );
        assert_eq!(id(2, b"CLT02\0\0\0\0\0\0\0\0\0\0\0").form(), Some(HardwareIdForm::HostName));
        assert_eq!(id(2, &[0; 16]).form(), Some(HardwareIdForm::Windows));
        assert_eq!(id(0x0401_0000, &[7; 16]).form(), Some(HardwareIdForm::FreeRdp));
        assert_eq!(id(0, &FREE_RDP_OLD).form(), Some(HardwareIdForm::FreeRdp));
        assert_eq!(id(0, &[7; 16]).form(), None);
        assert_eq!(id(0x0002_0001, &[7; 16]).form(), Some(HardwareIdForm::WindowsCe));
    }
}
