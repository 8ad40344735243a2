// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a session host is set to: [`LicensingMode`] and licence servers.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::hive::name::Name;
use crate::hive::value::ValueType;
use crate::licensing::report::{Certainty, Explanation};
use crate::licensing::text;

/// How a session host asks for licences. Any number is one.
///
/// ```
/// use calhive::licensing::LicensingMode;
/// assert_eq!(LicensingMode(4).meaning(), Some("Per User"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LicensingMode(pub u32);

impl LicensingMode {
    /// What Microsoft's texts call it; `None` for a number that they do not give for the registry.
    pub const fn meaning(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "Personal; in Windows Server 2003 an invalid setting",
            1 => {
                "Remote Desktop for Administration; client editions of Windows carry this value by \
                 default"
            }
            2 => "Per Device",
            4 => "Per User",
            5 => "Not configured",
            6 => "Per User by Microsoft Entra ID (AAD Per User)",
            _ => return None,
        })
    }
}

/// What a value that holds a licensing mode says.
pub(crate) fn explain_mode(data: &[u8]) -> Explanation {
    let Ok(number) = data.try_into().map(u32::from_le_bytes) else {
        let label = format!("{} bytes; a licensing mode is a number of four bytes", data.len());
        return Explanation { shown: None, label, certainty: Certainty::Observed };
    };
    let (label, certainty) = match LicensingMode(number).meaning() {
        Some(meaning) => (meaning, Certainty::Documented),
        None => ("no documented meaning", Certainty::Observed),
    };
    Explanation { shown: Some(number.to_string()), label: String::from(label), certainty }
}

/// The servers in a list: the strings of `REG_MULTI_SZ`, or names separated by commas. Blanks around
/// names and empty names are left out, and so are repetitions in another case; the first is the
/// preferred one.
///
/// ```
/// use calhive::{ValueType, licensing::license_servers};
/// let data: Vec<u8> = "b.example, A.example,B.example\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
/// assert_eq!(license_servers(&data, ValueType::SZ), ["b.example", "A.example"]);
/// ```
pub fn license_servers(data: &[u8], value_type: ValueType) -> Vec<String> {
    let mut servers: Vec<String> = Vec::new();
    for string in text::strings(data, value_type) {
        for server in string.as_text().to_string().split(',').map(str::trim) {
            let known = |other: &String| Name::from(other.as_str()).same(server.into());
            if !server.is_empty() && !servers.iter().any(known) {
                servers.push(String::from(server));
            }
        }
    }
    servers
}

/// What a value with names of licence servers says.
pub(crate) fn explain_servers(data: &[u8], value_type: ValueType) -> Explanation {
    let servers = license_servers(data, value_type);
    let label = match servers.len() {
        0 => String::from("names no licence server"),
        1 => String::from("names one licence server"),
        n => format!("names {n} licence servers, the preferred one first"),
    };
    Explanation { shown: Some(servers.join(", ")), label, certainty: Certainty::Documented }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_without_a_meaning_say_so() {
        assert_eq!(explain_mode(&[3, 0, 0, 0]).label, "no documented meaning");
        assert!(explain_mode(&[1, 0, 0, 0]).label.contains("client editions"));
        assert_eq!(explain_mode(&[4]).shown, None);
    }

    #[test]
    fn a_list_of_no_servers_is_told() {
        assert_eq!(explain_servers(b"\0\0", ValueType::MULTI_SZ).label, "names no licence server");
    }
}
