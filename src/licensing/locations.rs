// SPDX-License-Identifier: MIT OR Apache-2.0
//! The catalogue: every key and value of Remote Desktop licensing that is looked for, in one table.

use crate::registry::HiveKind;

/// A place in the registry that licensing facts are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// Stable name of the facts from here.
    pub code: &'static str,
    /// What stands here.
    pub title: &'static str,
    /// The hive.
    pub hive: HiveKind,
    /// The key: in SYSTEM below each control set, in SOFTWARE below the root.
    pub key: &'static str,
    /// What of the key is read.
    pub read: Read,
    /// How its data are understood.
    pub meaning: Meaning,
    /// Whether 32-bit programs on 64-bit Windows have a copy of the key, below `Wow6432Node`.
    pub redirected: bool,
    /// Who says that it is here: `[MS]` Microsoft's text, `[REAL]` measured in real data, `[CODE]`
    /// public third-party code, `[INF]` inferred.
    pub source: &'static str,
}

/// What of a key is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// The value of this name.
    Value(&'static str),
    /// Every value of every subkey.
    SubkeyValues,
    /// The names of the subkeys, but for this one.
    SubkeyNames {
        /// A subkey that is a location of its own.
        except: &'static str,
    },
}

/// How data are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A `CLIENT_HARDWARE_ID` ([MS-RDPELE] 2.2.2.3.1).
    HardwareId,
    /// A value of a licence in the store, told by its own name ([MS-RDPELE] 2.2.2.6.1).
    StoredLicense,
    /// A licensing mode.
    LicensingMode,
    /// Names of licence servers.
    LicenseServers,
    /// A number without a documented meaning.
    Number,
}

const SYSTEM: HiveKind = HiveKind::System;
const SOFTWARE: HiveKind = HiveKind::Software;
const RCM: &str = r"Control\Terminal Server\RCM\Licensing Core";
const LICENSING_CORE: &str = r"Control\Terminal Server\Licensing Core";
const POLICY: &str = r"Policies\Microsoft\Windows NT\Terminal Services";
const PARAMETERS: &str = r"Services\TermService\Parameters";
const LICENSE_SERVERS: &str = r"Services\TermService\Parameters\LicenseServers";

/// The catalogue, in the order in which facts are reported: the client, then modes, then servers.
///
/// ```
/// use calhive::licensing::LOCATIONS;
/// assert!(LOCATIONS.iter().any(|location| location.key.ends_with("HardwareID")));
/// ```
pub const LOCATIONS: &[Location] = &[
    Location {
        code: "client.hardware_id",
        title: "Client hardware id",
        hive: SOFTWARE,
        key: r"Microsoft\MSLicensing\HardwareID",
        read: Read::Value("ClientHWID"),
        meaning: Meaning::HardwareId,
        redirected: true,
        source: "[MS] MS-RDPELE 2.2.2.3.1, 3.3.1.9",
    },
    Location {
        code: "client.store",
        title: "Stored licence",
        hive: SOFTWARE,
        key: r"Microsoft\MSLicensing\Store",
        read: Read::SubkeyValues,
        meaning: Meaning::StoredLicense,
        redirected: true,
        source: "[MS] MS-RDPELE 2.2.2.6.1, 3.3.1.8; [REAL]",
    },
    Location {
        code: "host.policy.licensing_mode",
        title: "Licensing mode, by policy",
        hive: SOFTWARE,
        key: POLICY,
        read: Read::Value("LicensingMode"),
        meaning: Meaning::LicensingMode,
        redirected: false,
        source: "[MS] TerminalServer.admx",
    },
    Location {
        code: "host.rcm.licensing_mode",
        title: "Licensing mode, local setting",
        hive: SYSTEM,
        key: RCM,
        read: Read::Value("LicensingMode"),
        meaning: Meaning::LicensingMode,
        redirected: false,
        source: "[MS] remote-desktop-licensing-mode-not-configured-warning; [REAL]",
    },
    Location {
        code: "host.policy_ac_on",
        title: "Licensing mode, Windows Server 2003",
        hive: SYSTEM,
        key: LICENSING_CORE,
        read: Read::Value("PolicyAcOn"),
        meaning: Meaning::LicensingMode,
        redirected: false,
        source: "[MS] KB 834651",
    },
    Location {
        code: "host.policy_ac_on.as_printed",
        title: "Licensing mode, Windows Server 2003, path as KB 834651 prints it",
        hive: SYSTEM,
        key: r"Control\TerminalServer\Licensing Core",
        read: Read::Value("PolicyAcOn"),
        meaning: Meaning::LicensingMode,
        redirected: false,
        source: "[MS] KB 834651",
    },
    Location {
        code: "host.licensing_core.licensing_mode",
        title: "Licensing mode at a place that Microsoft does not document",
        hive: SYSTEM,
        key: LICENSING_CORE,
        read: Read::Value("LicensingMode"),
        meaning: Meaning::LicensingMode,
        redirected: false,
        source: "[CODE] written by third-party scripts",
    },
    Location {
        code: "host.licensing_core.concurrent_sessions",
        title: "Concurrent sessions at a place that Microsoft does not document",
        hive: SYSTEM,
        key: LICENSING_CORE,
        read: Read::Value("EnableConcurrentSessions"),
        meaning: Meaning::Number,
        redirected: false,
        source: "[CODE] written by third-party scripts",
    },
    Location {
        code: "host.policy.license_servers",
        title: "Licence servers, by policy",
        hive: SOFTWARE,
        key: POLICY,
        read: Read::Value("LicenseServers"),
        meaning: Meaning::LicenseServers,
        redirected: false,
        source: "[MS] TerminalServer.admx",
    },
    Location {
        code: "host.license_servers",
        title: "Licence servers, local setting",
        hive: SYSTEM,
        key: LICENSE_SERVERS,
        read: Read::Value("SpecifiedLicenseServers"),
        meaning: Meaning::LicenseServers,
        redirected: false,
        source: "[CODE] public scripts",
    },
    Location {
        code: "host.license_servers.console",
        title: "Licence servers, local setting made in the console",
        hive: SYSTEM,
        key: r"Services\TermService\Parameters\LicenseServers\SpecifiedLicenseServers",
        read: Read::Value("SpecifiedLicenseServers"),
        meaning: Meaning::LicenseServers,
        redirected: false,
        source: "[MS] remote-desktop-licensing-mode-not-configured-warning",
    },
    Location {
        code: "host.license_servers.parameters",
        title: "Licence servers, beside the service's parameters",
        hive: SYSTEM,
        key: PARAMETERS,
        read: Read::Value("SpecifiedLicenseServers"),
        meaning: Meaning::LicenseServers,
        redirected: false,
        source: "[MS] Azure Virtual Desktop troubleshooting",
    },
    Location {
        code: "host.license_servers.subkey",
        title: "Licence server, Windows Server 2003",
        hive: SYSTEM,
        key: LICENSE_SERVERS,
        read: Read::SubkeyNames { except: "SpecifiedLicenseServers" },
        meaning: Meaning::LicenseServers,
        redirected: false,
        source: "[MS] KB 301932 for the key; [INF] for its subkeys",
    },
    Location {
        code: "host.default_license_server",
        title: "Licence server, Windows 2000",
        hive: SYSTEM,
        key: PARAMETERS,
        read: Read::Value("DefaultLicenseServer"),
        meaning: Meaning::LicenseServers,
        redirected: false,
        source: "[MS] KB 239107 for the value; [INF] for its key",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        for (index, location) in LOCATIONS.iter().enumerate() {
            assert!(LOCATIONS[..index].iter().all(|other| other.code != location.code));
        }
    }
}
