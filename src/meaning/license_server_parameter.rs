// SPDX-License-Identifier: MIT OR Apache-2.0
//! Registry values of a license server: its service and the parameters of the service. See
//! [licensing.md](crate::licensing#the-license-servers-own-keys).
//!
//! The registry does not contain issued licenses. The server's own database holds issued licenses
//! (`System32\LServer`, or `hydra.mdb` in NT 4.0 Terminal Server Edition). The directory holds the
//! use of Per User licenses. Some web pages describe `IssuedLicenses` as a registry key, but
//! `IssuedLicenses` is a WMI property. No key of that name is known.

use alloc::format;
use alloc::string::String;

use calhive_regf::ValueType;
use calhive_regf::hive::name::Name;

use crate::meaning::text;
use crate::meaning::{Certainty, Explanation};

/// Background only: statements about the service on a web page from the Windows 2000 era.
pub(crate) const BACKGROUND: &str = "Background, not a judgment: a third-party page on the services \
    of Windows 2000 gives Automatic as the default of this service on servers, says that Professional \
    does not have it, and recommends Disabled. The page covers Windows 2000 alone.";

/// Known parameters: name, meaning, certainty.
const KNOWN: [(&str, &str, Certainty); 5] = [
    (
        "MaxVerPages",
        "version pages that the database engine may use, 256 to 2048 (KB 3167312)",
        Certainty::Documented,
    ),
    (
        "DisableWorkgroupAuthEnforcement",
        "1 turns off the authentication of hosts in workgroups, which weakens security",
        Certainty::Documented,
    ),
    (
        "WorkgroupLicenseServerAccountsGroup",
        "local group of the accounts that other license servers of a workgroup use, by Microsoft's text on the \
         communication of license servers",
        Certainty::Documented,
    ),
    (
        "RunAsRTM",
        "if 4, a session host uses the grace period's name of beta versions, by public code",
        Certainty::Inferred,
    ),
    ("ServiceDll", "library of the service", Certainty::Observed),
];

/// Explains a parameter.
pub(crate) fn explain(name: &str, data: &[u8], value_type: ValueType) -> Explanation {
    // Microsoft's text prints one name with a space before it.
    let name = name.trim_start();
    let known = KNOWN.iter().find(|(known, ..)| Name::from(name).same((*known).into()));
    let (label, certainty) = known
        .map_or(("no documented meaning", Certainty::Observed), |(_, meaning, certainty)| {
            (*meaning, *certainty)
        });
    let shown = match (value_type, <[u8; 4]>::try_from(data)) {
        (ValueType::DWORD, Ok(number)) => Some(format!("{}", u32::from_le_bytes(number))),
        _ => text::single(data, value_type),
    };
    Explanation { shown, label: Some(String::from(label)), certainty }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_parameters_are_explained_and_others_shown() {
        let pages = explain("maxverpages", &1024_u32.to_le_bytes(), ValueType::DWORD);
        assert_eq!(pages.shown.as_deref(), Some("1024"));
        assert!(pages.label.unwrap().contains("KB 3167312"));
        let other = explain("Scope", b"a\0b\0\0\0", ValueType::SZ);
        assert_eq!(
            (other.shown.as_deref(), other.label.as_deref()),
            (Some("ab"), Some("no documented meaning"))
        );
    }
}
