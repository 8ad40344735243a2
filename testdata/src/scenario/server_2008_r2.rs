// SPDX-License-Identifier: MIT OR Apache-2.0

//! A Windows Server 2008 R2 in its grace period.

use crate::scenario::machine::Machine;
use crate::scenario::release::SERVER_2008_R2;
use crate::scenario::{Scenario, grace_period, settings};
use crate::time::filetime;
use crate::tree::Tree;

const ROLE_INSTALLED: u64 = filetime(2018, 11, 20, 8, 15, 40) + 5_772_156;
const SERVERS_NAMED: u64 = filetime(2018, 11, 21, 10, 2, 9) + 6_649_015;

/// Returns a host set to per device by its own settings.
pub(super) fn session_host() -> Scenario {
    let machine = machine("RDSH02");
    let system = system(&machine);
    Scenario {
        name: "windows-server-2008-r2-session-host",
        recipe: "src/scenario/server_2008_r2.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.collected(system, machine.software()),
        about: "A session host set to per device with two license servers, its grace period begun \
                when the role was installed",
    }
}

/// Returns SYSTEM: per device, with two license servers.
pub(super) fn system(machine: &Machine) -> Tree {
    let mut system = machine.system();
    let manager = settings::terminal_server(&mut system).at("RCM");
    manager.at("Licensing Core").last_written = SERVERS_NAMED;
    grace_period::write(manager, grace_period::VALUE, "Remote Desktop", ROLE_INSTALLED);
    let servers = ["rdlic01.corp.example", "rdlic02.corp.example"];
    settings::specify(settings::parameters(&mut system), SERVERS_NAMED, &servers);
    system
}

pub(super) fn machine(computer_name: &'static str) -> Machine {
    Machine {
        installed: filetime(2018, 11, 19, 12, 40, 5),
        booted: filetime(2019, 1, 13, 3, 12, 50),
        shut_down: filetime(2019, 1, 13, 3, 9, 22),
        licensing_mode: Some(2),
        ..Machine::session_host(computer_name, SERVER_2008_R2)
    }
}
