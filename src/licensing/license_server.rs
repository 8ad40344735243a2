// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a licence server keeps in the registry: its service, and parameters of it.
//!
//! Issued licences are not there. They stand in the server's own database (`System32\LServer`; in
//! NT 4.0 Terminal Server Edition `hydra.mdb`), and use per user in the directory. The name
//! `IssuedLicenses` that web pages give for a key is that of a WMI property; no key of that name has
//! been seen.

use alloc::format;
use alloc::string::String;

use crate::hive::name::Name;
use crate::hive::value::ValueType;
use crate::licensing::report::{Certainty, Explanation};
use crate::licensing::text;

/// A page of the Windows 2000 era on the service, quoted as background and not judged.
pub(crate) const BACKGROUND: &str = "Background, not a judgement: a third-party page on the services \
    of Windows 2000 gives Automatic as the default of this service on servers, says that Professional \
    does not have it, and recommends Disabled. It is on Windows 2000 alone.";

/// Parameters whose meaning is known: name, meaning, certainty.
const KNOWN: [(&str, &str, Certainty); 4] = [
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
        "RunAsRTM",
        "if 4, a session host uses the grace period's name of beta versions, by public code",
        Certainty::Inferred,
    ),
    ("ServiceDll", "library of the service", Certainty::Observed),
];

/// What a parameter says.
pub(crate) fn explain(name: &str, data: &[u8], value_type: ValueType) -> Explanation {
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
