// SPDX-License-Identifier: MIT OR Apache-2.0

//! A Windows XP workstation with a hardware ID and no token.

use crate::scenario::machine::{CONTROL_SET, Machine, copy_control_set, select};
use crate::scenario::release::XP;
use crate::scenario::{Scenario, hex, security_hive, store};
use crate::time::filetime;
use crate::tree::{Tree, Value};

/// Time from setup to the beginning of the grace period: 49 seconds, as on a real machine.
const GRACE_SET: u64 = 49 * 10_000_000;
const FIRST_CONNECTION: u64 = filetime(2011, 5, 17, 12, 4, 49) + 1_718_750;

/// Returns a client with an empty license store.
pub(super) fn client() -> Scenario {
    let machine = workstation("PC-ACCOUNTS3");
    let mut software = machine.software();
    let id = hex::other_hardware_id();
    store::licensing(&mut software, r"Microsoft\MSLicensing", FIRST_CONNECTION, &id);

    let mut hives = machine.collected(system(&machine), software);
    let grace_set = machine.installed + GRACE_SET;
    hives.push(security_hive::collected(&machine, Some(grace_set)));
    Scenario {
        name: "windows-xp-client",
        recipe: "src/scenario/windows_xp.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives,
        about: "A workstation in a workgroup with a hardware ID and an empty license store; the \
                key for the mode of a server stands empty in both control sets; SECURITY has the \
                secret of the grace period",
    }
}

/// Returns SYSTEM with an empty key for the mode of a server in both control sets.
pub(super) fn system(machine: &Machine) -> Tree {
    let mut system = machine.system();
    let server = system.root.at(CONTROL_SET).at(r"Control\Terminal Server");
    server.at("Licensing Core");
    server.push(Value::dword("TSAppCompat", 0)).push(Value::dword("TSEnabled", 1));
    copy_control_set(&mut system, 3);
    select(&mut system, 1, 1, 3);
    system
}

pub(super) fn workstation(computer_name: &'static str) -> Machine {
    Machine {
        installed: filetime(2009, 10, 6, 8, 12, 30),
        booted: filetime(2013, 12, 9, 6, 57, 12),
        shut_down: filetime(2013, 12, 9, 16, 41, 3),
        ..Machine::client(computer_name, XP)
    }
}
