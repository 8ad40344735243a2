// SPDX-License-Identifier: MIT OR Apache-2.0

//! Roles of a server, with their state in Server 2012 and later.

use crate::tree::{Key, Value};

const CACHE: &str = r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache";

/// Roles and features that no machine here has, and some that all machines have.
const OTHERS: [(&str, u32); 22] = [
    ("AD-Domain-Services", 0),
    ("ADCS-Cert-Authority", 0),
    ("BitLocker", 0),
    ("DHCP", 0),
    ("DNS", 0),
    ("Failover-Clustering", 0),
    ("FileAndStorage-Services", 1),
    ("FS-FileServer", 0),
    ("GPMC", 0),
    ("Hyper-V", 0),
    ("NET-Framework-45-Features", 1),
    ("NPAS", 0),
    ("PowerShell", 1),
    ("Print-Services", 0),
    ("RDS-Connection-Broker", 0),
    ("RDS-Gateway", 0),
    ("RDS-Web-Access", 0),
    ("RSAT", 0),
    ("Server-Media-Foundation", 0),
    ("Storage-Services", 1),
    ("Telnet-Client", 0),
    ("Web-Server", 0),
];

/// Installed Remote Desktop roles.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Roles {
    pub(crate) session_host: bool,
    pub(crate) licensing: bool,
}

impl Roles {
    /// Writes the state of all roles. Those of Remote Desktop were last changed at `written`.
    pub(crate) fn write(self, software: &mut Key, written: u64) {
        let cache = software.made(CACHE, written);
        for (role, state) in OTHERS {
            cache.at(role).push(Value::dword("InstallState", state));
        }
        for (role, installed) in [
            ("Remote-Desktop-Services", self.session_host || self.licensing),
            ("RDS-RD-Server", self.session_host),
            ("RDS-Licensing", self.licensing),
        ] {
            cache.at(role).push(Value::dword("InstallState", u32::from(installed)));
        }
    }
}
