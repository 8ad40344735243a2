// SPDX-License-Identifier: MIT OR Apache-2.0

//! A Windows Server 2008 R2 with logs of the old format.

use super::Logged;
use crate::log::{History, LogFile, OldCrash};
use crate::scenario::{Scenario, server_2008_r2, settings};
use crate::time::filetime;
use crate::tree::Value;

const MODE_CHANGED: u64 = filetime(2019, 1, 13, 3, 12, 48) + 7_071_067;

/// Returns a host with per device in the hive and per user in its log.
pub(super) fn mode_in_log() -> Scenario {
    const HIVE: &str = "Windows/System32/config/SYSTEM";
    let machine = server_2008_r2::machine("RDSH12");
    let before = server_2008_r2::system(&machine);
    let mut system = before.clone();
    settings::terminal_server(&mut system)
        .made(r"RCM\Licensing Core", MODE_CHANGED)
        .set(Value::dword("LicensingMode", 4));

    let options = machine.in_use("SYSTEM");
    let history = History::in_place(vec![before, system.clone()], &options, 5);
    let crash = OldCrash::new(&history).sequence(412).log("LOG1", 0, 1);
    let mut dirty = crash.build("mode in the log");
    dirty.logs.push(("LOG2", LogFile::default()));
    let logs = ["Windows/System32/config/SYSTEM.LOG1", "Windows/System32/config/SYSTEM.LOG2"];
    let mode = (r"ControlSet001\Control\Terminal Server\RCM\Licensing Core", Some("LicensingMode"));
    Scenario {
        name: "windows-server-2008-r2-mode-in-log",
        recipe: "src/scenario/logged/server_2008_r2.rs",
        edited: Vec::new(),
        hives: machine.collected(system, machine.software()),
        logged: vec![Logged::new(HIVE, &logs, &history, dirty).newer(&[mode])],
        about: "A session host that stopped while it wrote its SYSTEM: the hive says per device, \
                LOG1, of the old format, per user; LOG2 has no bytes",
    }
}
