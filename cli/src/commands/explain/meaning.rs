// SPDX-License-Identifier: GPL-3.0-or-later
//! Words for the meaning of the data at a place.

use calhive::catalog::Meaning;

/// Returns what calhive reads from the data.
pub(super) fn text(meaning: Meaning) -> String {
    String::from(match meaning {
        Meaning::Number(meanings) => return number(meanings),
        Meaning::Marker(says) => return format!("The presence of the value: {says}."),
        Meaning::Labeled(says) => return format!("A number or text: {says}."),
        Meaning::HardwareId => {
            "A CLIENT_HARDWARE_ID: a platform ID and four numbers, together 20 bytes."
        }
        Meaning::StoredLicense => {
            "ClientLicense is a token. ProductVersion, LicenseScope, CompanyName and ProductID are its index."
        }
        Meaning::LicensingMode => "The number of a licensing mode.",
        Meaning::PolicyAcOn => "The number of a licensing mode. The documentation calls 0 invalid.",
        Meaning::LicenseServers => "Names of license servers.",
        Meaning::GracePeriod => {
            "A blob of the Data Protection API, with the end of the grace period inside. calhive reads its plain \
             header. Only calhive-grace decrypts the blob, with scan --grace-end."
        }
        Meaning::Certificate => "A certificate or public key. Reports show its size and hash.",
        Meaning::HostCertificate => {
            "A certificate chain that only a license server issues. Reports show its decoded certificates, size \
             and hash."
        }
        Meaning::Secret => "A secret. Reports show its size and hash, never its bytes.",
        Meaning::LicenseServerParameter => "A setting of the license server, by its name.",
        Meaning::Text => "Text.",
        Meaning::Texts => "Several texts.",
        Meaning::FileTime => "A FILETIME: eight bytes, in units of 100 ns since 1601 UTC.",
        Meaning::UnixTime => "Seconds since 1970 UTC.",
        Meaning::Bias => "Minutes: UTC is local time plus this number.",
        Meaning::Presence => "Only the presence has a meaning.",
        Meaning::TaskActions => "The actions of a scheduled task.",
        Meaning::PrimaryDomainName => "Name of the primary domain or workgroup.",
        Meaning::PrimaryDomainSid => {
            "Security identifier of the primary domain. Empty on a machine without a domain."
        }
        Meaning::ServiceLibrary => "Path of the library that the service loads.",
        Meaning::InstallState => "Whether the role is installed: 0 means no.",
        Meaning::Anomaly => {
            "Windows does not use this place. Another writer created the key or value."
        }
    })
}

fn number(meanings: &[(u32, &str)]) -> String {
    let parts: Vec<String> =
        meanings.iter().map(|(number, meaning)| format!("{number}: {meaning}")).collect();
    if parts.is_empty() {
        return String::from("A number.");
    }
    format!("A number. {}.", parts.join("; "))
}
