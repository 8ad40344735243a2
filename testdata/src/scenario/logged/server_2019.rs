// SPDX-License-Identifier: MIT OR Apache-2.0

//! A Windows Server 2019 with new-format logs. A tool wrote their names in lower case.

use super::Logged;
use crate::log::{History, NewCrash};
use crate::scenario::machine::Machine;
use crate::scenario::server_2019::{ROLE_INSTALLED, ROLES, machine};
use crate::scenario::{Scenario, settings};
use crate::time::filetime;
use crate::tree::Value;

const MODE_CHANGED: u64 = filetime(2023, 11, 12, 9, 17, 51) + 6_557_438;
const SERVERS_CHANGED: u64 = filetime(2023, 11, 12, 9, 18, 22) + 6_633_249;
const POLICY_APPLIED: u64 = filetime(2023, 11, 12, 9, 30, 14) + 6_708_203;

/// Returns a host with another mode, another license server and the policy in the logs only.
pub(super) fn settings_in_logs() -> Scenario {
    let machine = Machine { licensing_mode: Some(2), ..machine("RDSH17") };
    let system = logged_system(&machine);
    let software = logged_software(&machine);
    Scenario {
        name: "windows-server-2019-settings-in-logs",
        recipe: "src/scenario/logged/server_2019.rs",
        edited: Vec::new(),
        hives: machine.collected(system.tree().clone(), software.tree().clone()),
        logged: vec![system, software],
        about: "A session host in use: its hives say per device, one license server and no policy; \
                the logs of SYSTEM per user and another server, that of SOFTWARE a policy with the \
                same mode and both servers",
    }
}

fn logged_system(machine: &Machine) -> Logged {
    let mut system = machine.system();
    settings::terminal_server(&mut system).made(r"RCM\Licensing Core", ROLE_INSTALLED);
    let servers = ["rdlic01.corp.example"];
    settings::specify(settings::parameters(&mut system), ROLE_INSTALLED, &servers);
    let before = system.clone();
    settings::terminal_server(&mut system)
        .made(r"RCM\Licensing Core", MODE_CHANGED)
        .set(Value::dword("LicensingMode", 4));
    let per_user = system.clone();
    let servers = ["rdlic03.corp.example"];
    settings::specify(settings::parameters(&mut system), SERVERS_CHANGED, &servers);

    let trees = vec![before, per_user, system];
    let history = History::in_place(trees, &machine.in_use("SYSTEM"), 0);
    let crash = NewCrash::new(&history).sequence(413).log("LOG1", 1).log("LOG2", 1);
    let logs = ["Windows/System32/config/system.log1", "Windows/System32/config/system.log2"];
    let file = "Windows/System32/config/SYSTEM";
    Logged::new(file, &logs, &history, crash.build("settings in the logs")).newer(&[
        (r"ControlSet001\Control\Terminal Server\RCM\Licensing Core", Some("LicensingMode")),
        (
            r"ControlSet001\Services\TermService\Parameters\LicenseServers",
            Some("SpecifiedLicenseServers"),
        ),
    ])
}

fn logged_software(machine: &Machine) -> Logged {
    const POLICY: &str = r"Policies\Microsoft\Windows NT\Terminal Services";
    let mut software = machine.software();
    ROLES.write(&mut software.root, ROLE_INSTALLED);
    let before = software.clone();
    settings::policy(&mut software, POLICY_APPLIED)
        .push(Value::dword("LicensingMode", 4))
        .push(Value::sz("LicenseServers", "rdlic01.corp.example, rdlic03.corp.example"));

    let history = History::in_place(vec![before, software], &machine.in_use("SOFTWARE"), 0);
    let crash = NewCrash::new(&history).sequence(413).log("LOG1", 1).log("LOG2", 0);
    let logs = ["Windows/System32/config/software.log1", "Windows/System32/config/software.log2"];
    let file = "Windows/System32/config/SOFTWARE";
    Logged::new(file, &logs, &history, crash.build("policy in the log"))
        .newer(&[(POLICY, Some("LicensingMode")), (POLICY, Some("LicenseServers"))])
}
