// SPDX-License-Identifier: MIT OR Apache-2.0

//! Windows Server 2016: a session host without configuration, and one whose control sets differ.

use crate::scenario::machine::{Machine, copy_control_set, select};
use crate::scenario::release::SERVER_2016;
use crate::scenario::roles::Roles;
use crate::scenario::{Scenario, grace_period, settings};
use crate::time::filetime;
use crate::tree::{Tree, Value};

pub(super) const ROLE_INSTALLED: u64 = filetime(2023, 10, 31, 16, 28, 3) + 1_618_033;
const POLICY_APPLIED: u64 = filetime(2023, 12, 18, 6, 14, 50) + 9_887_498;
const SERVERS_NAMED: u64 = filetime(2023, 11, 3, 9, 12, 25) + 4_669_201;
const MODE_CHANGED: u64 = filetime(2023, 12, 1, 13, 44, 52) + 6_090_671;

pub(super) const ROLES: Roles = Roles { session_host: true, licensing: false };

/// Returns a host with only the role: no mode, no servers, and a grace period in progress.
pub(super) fn session_host() -> Scenario {
    let machine = machine("RDSH05", 5);
    let mut system = machine.system();
    let manager = settings::terminal_server(&mut system).at("RCM");
    grace_period::write(manager, grace_period::BETA_VALUE, "", ROLE_INSTALLED);
    let mut software = machine.software();
    ROLES.write(&mut software.root, ROLE_INSTALLED);
    software
        .root
        .made(r"Microsoft\TermServLicensing", ROLE_INSTALLED)
        .push(Value::dword("RunAsRTM", 4));
    deployment(&mut software, POLICY_APPLIED);
    // Group policy sets the farm.
    settings::policy(&mut software, POLICY_APPLIED)
        .push(Value::dword("SessionDirectoryActive", 1))
        .push(Value::sz("SessionDirectoryClusterName", "FARM2"))
        .push(Value::sz("SessionDirectoryLocation", "rdcb02.corp.example"));
    Scenario {
        name: "windows-server-2016-session-host",
        recipe: "src/scenario/server_2016.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.collected(system, software),
        about: "A session host of a farm without mode and license servers, by policy or its own; \
                its grace period has the name of a beta",
    }
}

/// Returns a host with per user in the current set, per device in the last known good set, and no
/// role in the third set.
pub(super) fn control_sets_differ() -> Scenario {
    const SERVER_A: &str = "rdlic-a.corp.example";
    const SERVER_B: &str = "rdlic-b.corp.example";
    let machine = machine("RDSH06", 4);
    let mut system = machine.system();
    let before_role = copy_control_set(&mut system, 3).at(r"Control\Terminal Server");
    before_role.at("RCM").remove("Licensing Core");
    before_role.values.retain(|value| value.name != "TSAppCompat".into());
    settings::specify(settings::parameters(&mut system), SERVERS_NAMED, &[SERVER_A]);

    let good = copy_control_set(&mut system, 2);
    let parameters = good.at(r"Services\TermService\Parameters");
    settings::specify(parameters, SERVERS_NAMED, &[SERVER_A, SERVER_B]);
    let core = r"Control\Terminal Server\RCM\Licensing Core";
    good.made(core, ROLE_INSTALLED).set(Value::dword("LicensingMode", 2));
    good.made(r"Control\TerminalServer\Licensing Core", ROLE_INSTALLED)
        .push(Value::dword("PolicyAcOn", 2));
    settings::terminal_server(&mut system).made(r"RCM\Licensing Core", MODE_CHANGED);
    settings::parameters(&mut system).made("LicenseServers", MODE_CHANGED);
    select(&mut system, 1, 1, 2);
    // A stored key of the name that is normally a link.
    system
        .root
        .made(r"CurrentControlSet\Control\Terminal Server\RCM\Licensing Core", MODE_CHANGED)
        .set(Value::dword("LicensingMode", 2));

    let mut software = machine.software();
    ROLES.write(&mut software.root, ROLE_INSTALLED);
    Scenario {
        name: "control-sets-differ",
        recipe: "src/scenario/server_2016.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.collected(system, software),
        about: "A session host with three control sets: per user with one license server; per \
                device with two and PolicyAcOn at the path that KB 834651 prints, last known good; \
                before the role was there; a stored key CurrentControlSet",
    }
}

pub(super) fn machine(computer_name: &'static str, licensing_mode: u32) -> Machine {
    Machine {
        installed: filetime(2023, 10, 30, 11, 6, 44),
        booted: filetime(2023, 12, 17, 3, 10, 5),
        shut_down: filetime(2023, 12, 19, 22, 4, 57),
        licensing_mode: Some(licensing_mode),
        ..Machine::session_host(computer_name, SERVER_2016)
    }
}

/// Adds the licensing of a deployment, as the console keeps it with RemoteApp.
fn deployment(software: &mut Tree, written: u64) {
    software
        .root
        .made(r"Microsoft\Windows NT\CurrentVersion\Terminal Server\TSAppAllowList", written)
        .push(Value::multi_sz("LicenseServers", &["rdlic02.corp.example"]))
        .push(Value::dword("LicensingType", 4))
        .push(Value::dword("CentralLicensing", 1));
}
