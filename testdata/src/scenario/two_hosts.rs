// SPDX-License-Identifier: MIT OR Apache-2.0

//! Two session hosts with their hives exported into one folder.

use crate::scenario::machine::{Hive, Machine};
use crate::scenario::release::{SERVER_2016, SERVER_2019};
use crate::scenario::roles::Roles;
use crate::scenario::{Scenario, settings};
use crate::time::filetime;
use crate::tree::{Tree, Value};

const ROLE_INSTALLED: u64 = filetime(2022, 5, 18, 9, 40, 12) + 2_449_489;
const SERVERS_NAMED: u64 = filetime(2022, 5, 18, 10, 1, 33) + 8_729_833;

/// Returns hosts of one farm that differ in release, mode and license server.
pub(super) fn flat_folder() -> Scenario {
    let [first, second] = hosts();
    let mut hives: Vec<Hive> =
        exported(&first, ["HOST-A_SYSTEM", "HOST-A_SOFTWARE"], "rdlic01.corp.example").into();
    hives.extend(exported(&second, ["HOST-B_SYSTEM", "HOST-B_SOFTWARE"], "rdlic02.corp.example"));
    Scenario {
        name: "flat-folder-of-two-hosts",
        recipe: "src/scenario/two_hosts.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives,
        about: "Two session hosts of one farm, exported into one folder: per device and per user, \
                each with a license server of its own",
    }
}

/// Returns the hosts: per device and per user.
pub(super) fn hosts() -> [Machine; 2] {
    [("HOST-A", SERVER_2019, 2), ("HOST-B", SERVER_2016, 4)].map(|(name, release, mode)| Machine {
        installed: filetime(2022, 5, 17, 13, 30, 2),
        booted: filetime(2024, 1, 14, 2, 5, 41),
        shut_down: filetime(2024, 1, 14, 2, 2, 16),
        licensing_mode: Some(mode),
        ..Machine::session_host(name, release)
    })
}

/// Returns the hives of a host under other names.
fn exported(machine: &Machine, [system, software]: [&'static str; 2], server: &str) -> [Hive; 2] {
    [
        (system, system_of(machine, server), machine.options("SYSTEM")),
        (software, software_of(machine), machine.options("SOFTWARE")),
    ]
}

pub(super) fn system_of(machine: &Machine, license_server: &str) -> Tree {
    let mut system = machine.system();
    let server = settings::terminal_server(&mut system);
    server.made(r"RCM\Licensing Core", SERVERS_NAMED);
    server
        .made("ClusterSettings", ROLE_INSTALLED)
        .push(Value::dword("SessionDirectoryActive", 1))
        .push(Value::sz("SessionDirectoryClusterName", "FARM3"))
        .push(Value::sz("SessionDirectoryLocation", "rdcb03.corp.example"));
    settings::specify(settings::parameters(&mut system), SERVERS_NAMED, &[license_server]);
    system
}

pub(super) fn software_of(machine: &Machine) -> Tree {
    let mut software = machine.software();
    Roles { session_host: true, licensing: false }.write(&mut software.root, ROLE_INSTALLED);
    software
}
