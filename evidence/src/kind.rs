// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Kind`]: kinds of files that can corroborate hives, with their places in Windows.

use crate::place::{ANY, BELOW, GUID, Place, WINDOWS};

/// Name of the SECURITY hive as corroborating evidence.
pub const SECURITY: &str = "SECURITY hive";

/// Kind of evidence, with its places in Windows.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) what: &'static str,
    pub(crate) about: &'static str,
    pub(crate) places: &'static [Place],
}

const EVENT_LOGS: &[&str] = &[WINDOWS, "system32", "winevt", "logs"];

const CONFIG: &[&str] = &[WINDOWS, "system32", "config"];

/// Name of the master keys of the system as corroborating evidence.
pub const MASTER_KEYS: &str = "DPAPI master keys of the system";

/// Index of the databases of license servers among the kinds.
pub(crate) const LICENSE_DATABASE: usize = 0;
/// Index of the master keys of the system among the kinds.
pub(crate) const MASTER_KEY: usize = 4;

pub(crate) static KINDS: [Kind; 9] = [
    Kind {
        what: "license server database (TLSLic.edb, hydra.mdb)",
        about: "numbers of licenses issued and reissued",
        places: &[
            Place::new(&[WINDOWS, "system32", "lserver", BELOW], "tlslic.edb"),
            Place::new(&[WINDOWS, "system32", "lserver", BELOW], "hydra.mdb"),
        ],
    },
    Kind {
        what: "NTUSER.DAT of the users",
        about: "hosts in the Remote Desktop client settings of a user",
        places: &[
            Place::new(&["users", ANY], "ntuser.dat"),
            Place::new(&["documents and settings", ANY], "ntuser.dat"),
            // Windows NT 4.0.
            Place::new(&[WINDOWS, "profiles", ANY], "ntuser.dat"),
        ],
    },
    Kind {
        what: "UsrClass.dat of the users",
        about: "copies of licensing keys in VirtualStore",
        places: &[
            Place::new(&["users", ANY, "appdata", "local", "microsoft", "windows"], "usrclass.dat"),
            Place::new(
                &[
                    "documents and settings",
                    ANY,
                    "local settings",
                    "application data",
                    "microsoft",
                    "windows",
                ],
                "usrclass.dat",
            ),
        ],
    },
    Kind {
        what: SECURITY,
        about: "LSA secrets, DPAPI keys, and the grace period before Server 2008",
        places: &[Place::new(CONFIG, "security")],
    },
    Kind {
        what: MASTER_KEYS,
        about: "decryption of the grace period data",
        places: &[
            Place::new(&[WINDOWS, "system32", "microsoft", "protect", "s-1-5-18", BELOW], GUID),
            // Known from public code only.
            Place::new(
                &[
                    WINDOWS,
                    "serviceprofiles",
                    "networkservice",
                    "appdata",
                    "roaming",
                    "microsoft",
                    "protect",
                    "s-1-5-20",
                ],
                GUID,
            ),
        ],
    },
    Kind {
        what: "Registry.pol",
        about: "policies outside the hives",
        places: &[
            Place::new(&[WINDOWS, "system32", "grouppolicy", "machine"], "registry.pol"),
            Place::new(&[WINDOWS, "system32", "grouppolicy", "datastore", BELOW], "registry.pol"),
        ],
    },
    Kind {
        what: "event log TerminalServices-RDPClient/Operational",
        about: "hosts that the Remote Desktop client of this machine connected to (events 1024, 1102)",
        places: &[Place::new(
            EVENT_LOGS,
            "microsoft-windows-terminalservices-rdpclient%4operational.evtx",
        )],
    },
    Kind {
        what: "event logs TerminalServices-RemoteConnectionManager/Operational and \
               TerminalServices-LocalSessionManager/Operational",
        about: "connections to this machine and sessions on it",
        places: &[
            Place::new(
                EVENT_LOGS,
                "microsoft-windows-terminalservices-remoteconnectionmanager%4operational.evtx",
            ),
            Place::new(
                EVENT_LOGS,
                "microsoft-windows-terminalservices-localsessionmanager%4operational.evtx",
            ),
        ],
    },
    Kind {
        what: "event log Security (Security.evtx, SecEvent.Evt)",
        about: "sign-ins to this machine (event 4624), and changes of audited keys (events 4657, 4660)",
        places: &[
            Place::new(EVENT_LOGS, "security.evtx"),
            // Before Windows Vista.
            Place::new(CONFIG, "secevent.evt"),
        ],
    },
];
