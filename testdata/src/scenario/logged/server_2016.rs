// SPDX-License-Identifier: MIT OR Apache-2.0

//! Windows Server 2016 session hosts with missing or damaged logs.

use super::Logged;
use crate::log::{History, NewCrash};
use crate::scenario::machine::Machine;
use crate::scenario::server_2016::{ROLE_INSTALLED, ROLES, machine};
use crate::scenario::{Scenario, settings};
use crate::time::filetime;
use crate::tree::{Tree, Value};

const HIVE: &str = "Windows/System32/config/SYSTEM";
const CORE: &str = r"RCM\Licensing Core";

const MODE_SET: u64 = filetime(2023, 12, 19, 15, 2, 33) + 8_366_600;
const SERVERS_NAMED: u64 = filetime(2023, 12, 19, 15, 4, 10) + 8_426_149;
const MODE_CHANGED: u64 = filetime(2023, 12, 19, 16, 31, 46) + 8_485_281;

/// Returns a host whose hive was copied without its logs.
pub(super) fn logs_missing() -> Scenario {
    let machine = machine("RDSH15", 5);
    let trees = configured(&machine);
    let history = History::in_place(trees.into(), &machine.in_use("SYSTEM"), 0);
    let crash = NewCrash::new(&history).sequence(413).log("LOG1", 3);
    let dirty = crash.build("logs missing").without_logs();
    Scenario {
        name: "windows-server-2016-logs-missing",
        recipe: "src/scenario/logged/server_2016.rs",
        edited: Vec::new(),
        hives: machine.collected(history.tree(0).clone(), software(&machine)),
        logged: vec![Logged::new(HIVE, &[], &history, dirty)],
        about: "A session host without mode and license servers, as its dirty SYSTEM has it; both \
                were configured in logs that were not collected",
    }
}

/// The second of three updates in the log is damaged: neither it nor the third may be applied.
pub(super) fn damaged_log() -> Scenario {
    let machine = machine("RDSH16", 5);
    let trees = configured(&machine);
    let history = History::in_place(trees.into(), &machine.in_use("SYSTEM"), 0);
    let crash = NewCrash::new(&history).sequence(413).log("LOG1", 3).log("LOG2", 0);
    let dirty = crash.damaged(1, "page 0").build("entry damaged in the middle");
    let logs = ["Windows/System32/config/SYSTEM.LOG1", "Windows/System32/config/SYSTEM.LOG2"];
    let mode = (r"ControlSet001\Control\Terminal Server\RCM\Licensing Core", Some("LicensingMode"));
    Scenario {
        name: "windows-server-2016-damaged-log",
        recipe: "src/scenario/logged/server_2016.rs",
        edited: Vec::new(),
        hives: machine.collected(history.tree(1).clone(), software(&machine)),
        logged: vec![Logged::new(HIVE, &logs, &history, dirty).newer(&[mode])],
        about: "A session host without mode in its SYSTEM; LOG1 sets it to per device, names a \
                license server and sets it to per user, but the entry with the server is damaged: \
                per device is the last recoverable state",
    }
}

/// Returns the states of SYSTEM: without mode, per device, with a license server, per user.
fn configured(machine: &Machine) -> [Tree; 4] {
    let mut system = machine.system();
    let first = system.clone();
    let mode = |system: &mut Tree, written: u64, mode: u32| {
        let core = settings::terminal_server(system).made(CORE, written);
        core.set(Value::dword("LicensingMode", mode));
        system.clone()
    };
    let second = mode(&mut system, MODE_SET, 2);
    settings::specify(settings::parameters(&mut system), SERVERS_NAMED, &["rdlic-a.corp.example"]);
    let third = system.clone();
    let fourth = mode(&mut system, MODE_CHANGED, 4);
    [first, second, third, fourth]
}

fn software(machine: &Machine) -> Tree {
    let mut software = machine.software();
    ROLES.write(&mut software.root, ROLE_INSTALLED);
    software
}
