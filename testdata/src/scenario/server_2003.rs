// SPDX-License-Identifier: MIT OR Apache-2.0

//! A Windows Server 2003 R2 that was a terminal server under Windows 2000.

use crate::scenario::machine::{Machine, copy_control_set, select};
use crate::scenario::release::SERVER_2003_R2;
use crate::scenario::{Scenario, certificate, hex, settings};
use crate::time::filetime;
use crate::tree::Value;

const MODE_SET: u64 = filetime(2010, 6, 11, 14, 20, 37) + 4_687_500;
const SERVERS_NAMED: u64 = filetime(2010, 6, 11, 14, 26, 2) + 2_031_250;
/// Time at which the host got its certificate from the license server.
const REGISTERED: u64 = filetime(2010, 6, 11, 14, 31, 55) + 156_250;

/// Per user. The mode is invalid in the control set that is used if the start fails.
pub(super) fn terminal_server() -> Scenario {
    let machine = Machine {
        installed: filetime(2010, 6, 10, 9, 2, 14),
        booted: filetime(2014, 1, 12, 3, 1, 26),
        shut_down: filetime(2014, 1, 12, 2, 58, 40),
        ..Machine::session_host("TS01", SERVER_2003_R2)
    };
    let mut system = machine.system();
    let core = settings::terminal_server(&mut system).made("Licensing Core", MODE_SET);
    core.push(Value::dword("PolicyAcOn", 4));
    let parameters = settings::parameters(&mut system);
    parameters.made(r"LicenseServers\RDLIC01", SERVERS_NAMED);
    parameters.made(r"LicenseServers\10.20.0.5", SERVERS_NAMED);
    parameters.last_written = REGISTERED;
    parameters
        .push(Value::sz("DefaultLicenseServer", "OLDTSLIC"))
        .push(Value::binary("Certificate", &hex::proprietary_certificate()))
        .push(Value::binary("X509 Certificate", &certificate::chain()))
        .push(Value::binary("X509 Certificate ID", &certificate::id()));
    copy_control_set(&mut system, 2)
        .at(r"Control\Terminal Server\Licensing Core")
        .set(Value::dword("PolicyAcOn", 0));
    select(&mut system, 1, 1, 2);

    // Traces of the license server that ran here under NT 4.0 (KB 187629).
    let mut software = machine.software();
    software
        .root
        .made(r"ODBC\ODBC.ini\Hydra License", machine.installed)
        .push(Value::sz("DBQ", r"C:\WINDOWS\System32\lserver\hydra.mdb"))
        .push(Value::sz("Driver", r"C:\WINDOWS\System32\odbcjt32.dll"));

    Scenario {
        name: "windows-server-2003-terminal-server",
        recipe: "src/scenario/server_2003.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.collected(system, software),
        about: "A terminal server set to per user, in the other control set to the invalid 0; \
                license servers as subkeys, the one of Windows 2000 days as a value; certificates \
                beside the service's parameters; the data source of an NT 4.0 license server",
    }
}
