// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`LicensingMode`]: the kind of license that a session host requests. See
//! [licensing.md](crate::licensing#licensing-mode).

use alloc::format;
use alloc::string::{String, ToString as _};
use core::fmt;

use calhive_regf::ValueType;

use crate::meaning::{Certainty, Explanation, text};

/// Kind of license that a session host requests. Every number is a value of this type.
///
/// ```
/// use calhive::meaning::LicensingMode;
/// assert_eq!(LicensingMode::PER_USER.meaning(), Some("Per User"));
/// assert_eq!(LicensingMode(3).meaning(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LicensingMode(pub u32);

impl LicensingMode {
    /// "Personal" in WMI.
    pub const PERSONAL: Self = Self(0);
    /// Remote Desktop for Administration.
    pub const ADMINISTRATION: Self = Self(1);
    /// Per Device.
    pub const PER_DEVICE: Self = Self(2);
    /// Per User.
    pub const PER_USER: Self = Self(4);
    /// Not configured.
    pub const NOT_CONFIGURED: Self = Self(5);
    /// Per User by Microsoft Entra ID.
    pub const AAD_PER_USER: Self = Self(6);

    /// Decodes the data of a value; `None` for text, and for data that are not four bytes long.
    pub fn decode(data: &[u8], value_type: ValueType) -> Option<Self> {
        let number = data.try_into().ok().map(u32::from_le_bytes);
        number.filter(|_| !text::is_text(value_type)).map(Self)
    }

    /// Returns the name in Microsoft's texts; `None` for a number that Microsoft does not document for the
    /// registry.
    pub const fn meaning(self) -> Option<&'static str> {
        Some(match self {
            Self::PERSONAL => "\"Personal\" in WMI; not documented as a value of this place",
            Self::ADMINISTRATION => {
                "Remote Desktop for Administration (also the value on Windows 7 to 10 clients)"
            }
            Self::PER_DEVICE => "Per Device",
            Self::PER_USER => "Per User",
            Self::NOT_CONFIGURED => "Not configured",
            Self::AAD_PER_USER => "Per User by Microsoft Entra ID (AAD Per User)",
            _ => return None,
        })
    }

    /// Whether Microsoft documents the number as a mode in which a session host requests licenses.
    pub const fn is_of_session_host(self) -> bool {
        matches!(self, Self::PER_DEVICE | Self::PER_USER | Self::AAD_PER_USER)
    }
}

impl fmt::Display for LicensingMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Explains a value that holds a licensing mode.
pub(crate) fn explain(data: &[u8], value_type: ValueType) -> Explanation {
    let Some(mode) = LicensingMode::decode(data, value_type) else {
        let label = if text::is_text(value_type) {
            let label = format!("of type {value_type}; a licensing mode is a number");
            match text::single(data, value_type) {
                Some(shown) => format!("{label}, but the value is the text {shown}"),
                None => label,
            }
        } else {
            format!("{} bytes; a licensing mode is a number of four bytes", data.len())
        };
        return Explanation { shown: None, label: Some(label), certainty: Certainty::Observed };
    };
    let (label, certainty) = match mode.meaning() {
        Some(meaning) => (meaning, Certainty::Documented),
        None => ("no documented meaning", Certainty::Observed),
    };
    Explanation { shown: Some(mode.to_string()), label: Some(String::from(label)), certainty }
}

/// Explains the value of Windows Server 2003. Microsoft documents 0 as invalid in this value.
pub(crate) fn explain_policy_ac_on(data: &[u8], value_type: ValueType) -> Explanation {
    let explanation = explain(data, value_type);
    if data == [0; 4] {
        let label = Some(String::from("invalid (KB 834651)"));
        return Explanation { label, ..explanation };
    }
    explanation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undocumented_mode_is_explained_as_such() {
        let label = |data: &[u8]| explain(data, ValueType::DWORD).label.unwrap();
        assert_eq!(label(&[3, 0, 0, 0]), "no documented meaning");
        assert!(label(&[1, 0, 0, 0]).contains("clients"));
    }

    #[test]
    fn mode_of_wrong_type_or_size_is_not_decoded() {
        assert_eq!(explain(&[4], ValueType::DWORD).shown, None);
        let text = explain(b"2\0\0\0", ValueType::SZ);
        assert_eq!(text.shown, None);
        assert!(text.label.unwrap().contains("of type REG_SZ"));
    }
}
