// SPDX-License-Identifier: MIT OR Apache-2.0

//! A session host with a changed mode and changed license servers.

use super::Disk;
use crate::scenario::machine::{CONTROL_SET, Machine};
use crate::scenario::{Scenario, server_2019, settings};
use crate::time::filetime;
use crate::tree::Value;

/// Time at which the mode was set to per user.
const MODE_CHANGED: u64 = filetime(2023, 9, 5, 13, 12, 44) + 1_618_033;
/// Time at which other license servers were set.
const SERVERS_CHANGED: u64 = filetime(2023, 9, 5, 13, 15, 20) + 8_541_019;

/// Per device with one server. Then the value of the mode was deleted and created again, and the
/// list of servers grew.
pub(super) fn changed() -> Scenario {
    let machine = Machine { licensing_mode: Some(2), ..server_2019::machine("RDSH11") };
    let mut system = machine.system();
    settings::terminal_server(&mut system).made(r"RCM\Licensing Core", server_2019::ROLE_INSTALLED);
    let parameters = settings::parameters(&mut system);
    settings::specify(parameters, server_2019::ROLE_INSTALLED, &["rdlic-old.corp.example"]);
    let mut software = machine.software();
    server_2019::ROLES.write(&mut software.root, server_2019::ROLE_INSTALLED);
    let disk = Disk::new(&machine, (system, software), "SYSTEM", |edits| {
        let servers = format!(r"{CONTROL_SET}\Services\TermService\Parameters\LicenseServers");
        let named = ["rdlic01.corp.example", "rdlic02.corp.example"];
        let named = Value::multi_sz("SpecifiedLicenseServers", &named);
        let core = format!(r"{CONTROL_SET}\Control\Terminal Server\RCM\Licensing Core");
        let core = edits.key(&core);
        edits.delete_value(core, "LicensingMode", MODE_CHANGED);
        edits.set_value(core, Value::dword("LicensingMode", 4), MODE_CHANGED + 10_000_000);
        edits.set_value(edits.key(&servers), named, SERVERS_CHANGED);
    });
    Scenario {
        name: "session-host-servers-changed",
        recipe: "src/scenario/deleted/servers.rs",
        hives: disk.hives,
        logged: Vec::new(),
        edited: disk.edited,
        about: "A session host set to per user with two license servers; that it was per device, in \
                a value that was deleted, and the server it had before lie in free cells",
    }
}
