// SPDX-License-Identifier: MIT OR Apache-2.0

//! A Windows XP workstation with an old-format log.

use super::Logged;
use crate::log::{History, OldCrash};
use crate::scenario::{Scenario, hex, permissions, windows_xp};
use crate::time::filetime;
use crate::tree::Value;

const FIRST_CONNECTION: u64 = filetime(2013, 12, 9, 16, 38, 17) + 4_898_979;
const STORE_MADE: u64 = filetime(2013, 12, 9, 16, 38, 19) + 5_099_019;

/// Returns a workstation with the hardware ID in the hive. The store was created after the hive was
/// written.
pub(super) fn store_in_log() -> Scenario {
    const HIVE: &str = "WINDOWS/system32/config/software";
    let machine = windows_xp::workstation("PC-ACCOUNTS4");
    let mut software = machine.software();
    let id = Value::binary("ClientHWID", &hex::other_hardware_id());
    let hardware_id = software.root.made(r"Microsoft\MSLicensing\HardwareID", FIRST_CONNECTION);
    hardware_id.security = permissions::users_may_write();
    hardware_id.push(id);
    let before = software.clone();
    let store = software.root.made(r"Microsoft\MSLicensing\Store", STORE_MADE);
    store.security = permissions::users_may_write();

    let options = machine.in_use("software");
    let history = History::in_place(vec![before, software.clone()], &options, 5);
    let crash = OldCrash::new(&history).sequence(412).log("LOG", 0, 1);
    let logs = ["WINDOWS/system32/config/software.LOG"];
    let logged = Logged::new(HIVE, &logs, &history, crash.build("store in the log"));
    Scenario {
        name: "windows-xp-client-store-in-log",
        recipe: "src/scenario/logged/windows_xp.rs",
        edited: Vec::new(),
        hives: vec![
            (
                "WINDOWS/system32/config/system",
                windows_xp::system(&machine),
                machine.options("SYSTEM"),
            ),
            (HIVE, software, options),
        ],
        logged: vec![logged.newer(&[(r"Microsoft\MSLicensing\Store", None)])],
        about: "A workstation that stopped while it wrote its SOFTWARE: the hive has a hardware ID, \
                and the log of the old format the empty license store",
    }
}
