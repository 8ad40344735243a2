// SPDX-License-Identifier: MIT OR Apache-2.0

//! Windows Server 2019 session hosts: one in a domain, whose policy disagrees; one in a workgroup.

use crate::scenario::machine::{Machine, copy_control_set, select};
use crate::scenario::membership::Membership;
use crate::scenario::release::SERVER_2019;
use crate::scenario::roles::Roles;
use crate::scenario::time_zone::TimeZone;
use crate::scenario::{Scenario, settings};
use crate::time::filetime;
use crate::tree::Value;

/// Time at which the role was installed.
pub(super) const ROLE_INSTALLED: u64 = filetime(2022, 2, 15, 10, 4, 27) + 3_141_592;
/// Time at which the second license server was added on the machine itself.
const SERVER_ADDED: u64 = filetime(2023, 6, 28, 14, 50, 11) + 2_718_281;
/// Time at which group policy was last applied.
const POLICY_APPLIED: u64 = filetime(2023, 10, 2, 5, 30, 44) + 1_414_213;

pub(super) const ROLES: Roles = Roles { session_host: true, licensing: false };

/// Returns a session host whose own settings and group policy disagree.
pub(super) fn session_host() -> Scenario {
    let machine = Machine { licensing_mode: Some(2), ..machine("RDSH07") };
    let mut system = machine.system();
    settings::terminal_server(&mut system).made(r"RCM\Licensing Core", ROLE_INSTALLED);
    // The last known good set is the state before the second server was added.
    let first = "rdlic01.corp.example";
    settings::specify(settings::parameters(&mut system), ROLE_INSTALLED, &[first]);
    copy_control_set(&mut system, 2);
    let servers = [first, "rdlic02.corp.example"];
    settings::specify(settings::parameters(&mut system), SERVER_ADDED, &servers);
    select(&mut system, 1, 1, 2);

    let mut software = machine.software();
    settings::policy(&mut software, POLICY_APPLIED)
        .push(Value::dword("LicensingMode", 4))
        .push(Value::sz("LicenseServers", "rdlic01.corp.example, rdlic09.corp.example"));
    ROLES.write(&mut software.root, ROLE_INSTALLED);

    Scenario {
        name: "windows-server-2019-session-host",
        recipe: "src/scenario/server_2019.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.flat(system, software),
        about: "A session host set to per device with two license servers, which group policy \
                overrides: per user, another second server; the last known good control set \
                has one server",
    }
}

/// Per user in a workgroup, which has no directory that could count users.
pub(super) fn workgroup_host() -> Scenario {
    let machine = Machine {
        membership: Membership::Workgroup,
        time_zone: TimeZone::EASTERN,
        licensing_mode: Some(4),
        ..machine("STANDALONE1")
    };
    let mut system = machine.system();
    settings::terminal_server(&mut system).made(r"RCM\Licensing Core", ROLE_INSTALLED);
    let parameters = settings::parameters(&mut system);
    parameters.last_written = SERVER_ADDED;
    parameters.push(Value::multi_sz("SpecifiedLicenseServers", &["192.0.2.15"]));
    let mut software = machine.software();
    ROLES.write(&mut software.root, ROLE_INSTALLED);
    Scenario {
        name: "workgroup-host",
        recipe: "src/scenario/server_2019.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.flat(system, software),
        about: "A session host in a workgroup, set to per user; its license server stands beside \
                the service's parameters",
    }
}

pub(super) fn machine(computer_name: &'static str) -> Machine {
    Machine {
        installed: filetime(2022, 2, 14, 13, 2, 18),
        booted: filetime(2023, 11, 12, 2, 11, 37),
        shut_down: filetime(2023, 11, 12, 2, 8, 54),
        ..Machine::session_host(computer_name, SERVER_2019)
    }
}
