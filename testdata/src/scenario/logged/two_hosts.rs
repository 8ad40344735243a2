// SPDX-License-Identifier: MIT OR Apache-2.0

//! Two session hosts in use. A tool exported their hives and logs into one folder under other
//! names.

use super::{Logged, Newer};
use crate::log::{History, NewCrash};
use crate::scenario::machine::Machine;
use crate::scenario::{Scenario, settings, two_hosts};
use crate::time::filetime;
use crate::tree::Value;

const SERVERS_CHANGED: u64 = filetime(2024, 1, 14, 8, 40, 19) + 7_745_966;
const MODE_CHANGED: u64 = filetime(2024, 1, 14, 8, 41, 2) + 7_810_249;

/// Sequence numbers and sizes of both hosts are equal. Only the resource manager and the file names
/// show which log belongs to which host.
pub(super) fn renamed_logs() -> Scenario {
    let [first, second] = two_hosts::hosts();
    let logged = vec![
        changed(
            &first,
            ["HOST-A_SYSTEM", "HOST-A_SYSTEM_LOG1", "HOST-A_SYSTEM_LOG2"],
            ["rdlic01.corp.example", "rdlic03.corp.example"],
            4,
        ),
        changed(
            &second,
            ["HOST-B_SYSTEM", "HOST-B_SYSTEM_LOG1", "HOST-B_SYSTEM_LOG2"],
            ["rdlic02.corp.example", "rdlic04.corp.example"],
            2,
        ),
    ];
    let mut hives = Vec::new();
    for (machine, logged, software) in
        [(&first, &logged[0], "HOST-A_SOFTWARE"), (&second, &logged[1], "HOST-B_SOFTWARE")]
    {
        hives.push((logged.file, logged.tree().clone(), machine.in_use("SYSTEM")));
        hives.push((software, two_hosts::software_of(machine), machine.options("SOFTWARE")));
    }
    Scenario {
        name: "flat-folder-of-two-hosts-with-logs",
        recipe: "src/scenario/logged/two_hosts.rs",
        edited: Vec::new(),
        hives,
        logged,
        about: "Two session hosts of one farm in use, exported into one folder under names of the \
                tool's own: each has changed its mode and license server in its logs, whose numbers \
                fit the hive of the other as well",
    }
}

/// Returns the states of SYSTEM: the license server changes, then the mode.
fn changed(
    machine: &Machine,
    [hive, log1, log2]: [&'static str; 3],
    [before, after]: [&str; 2],
    mode: u32,
) -> Logged {
    const NEWER: [Newer; 2] = [
        (r"ControlSet001\Control\Terminal Server\RCM\Licensing Core", Some("LicensingMode")),
        (
            r"ControlSet001\Services\TermService\Parameters\LicenseServers",
            Some("SpecifiedLicenseServers"),
        ),
    ];
    let mut system = two_hosts::system_of(machine, before);
    let mut trees = vec![system.clone()];
    settings::specify(settings::parameters(&mut system), SERVERS_CHANGED, &[after]);
    trees.push(system.clone());
    settings::terminal_server(&mut system)
        .made(r"RCM\Licensing Core", MODE_CHANGED)
        .set(Value::dword("LicensingMode", mode));
    trees.push(system);

    let history = History::in_place(trees, &machine.in_use("SYSTEM"), 0);
    let crash = NewCrash::new(&history).sequence(413).log("LOG1", 1).log("LOG2", 1);
    let dirty = crash.build(&format!("{}, in one folder with another", machine.computer_name));
    Logged::new(hive, &[log1, log2], &history, dirty).newer(&NEWER)
}
