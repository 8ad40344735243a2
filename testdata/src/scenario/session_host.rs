// SPDX-License-Identifier: MIT OR Apache-2.0

//! A Windows Server 2019 that serves remote sessions.

use crate::scenario::Scenario;
use crate::scenario::machine::{CONTROL_SET, Machine};
use crate::time::filetime;
use crate::tree::{Key, Value};

/// When the role was installed.
const ROLE_INSTALLED: u64 = filetime(2022, 2, 15, 10, 4, 27) + 3_141_592;
/// When the second license server was added on the machine itself.
const SERVER_ADDED: u64 = filetime(2023, 6, 28, 14, 50, 11) + 2_718_281;
/// When the group policy was applied last.
const POLICY_APPLIED: u64 = filetime(2023, 10, 2, 5, 30, 44) + 1_414_213;

/// A session host whose own settings and group policy disagree.
pub(super) fn server_2019() -> Scenario {
    let machine = Machine {
        computer_name: "RDSH07",
        product_name: "Windows Server 2019 Standard",
        edition: "ServerStandard",
        installation_type: "Server",
        build: "17763",
        revision: 5122,
        release: &[("BuildBranch", "rs5_release"), ("ReleaseId", "1809")],
        product_type: "ServerNT",
        product_suite: &["Terminal Server"],
        domain: "corp.example",
        time_zone: "W. Europe Standard Time",
        bias: -60,
        installed: filetime(2022, 2, 14, 13, 2, 18),
        booted: filetime(2023, 11, 12, 2, 11, 37),
        shut_down: filetime(2023, 11, 12, 2, 8, 54),
        deny_connections: 0,
        licensing_mode: 2,
    };

    let mut system = machine.system();
    let servers = r"Services\TermService\Parameters\LicenseServers";
    let server_key = |written, servers: &[&str]| {
        Key::new("LicenseServers").written(written).multi_sz("SpecifiedLicenseServers", servers)
    };
    // The last known good set is the state before the second server was added.
    let mut before = system.root.at(CONTROL_SET).clone();
    before.name = "ControlSet002".into();
    *before.at(servers) = server_key(ROLE_INSTALLED, &["rdlic01.corp.example"]);
    *system.root.at(CONTROL_SET).at(servers) =
        server_key(SERVER_ADDED, &["rdlic01.corp.example", "rdlic02.corp.example"]);
    system.root.subkeys.push(before);
    for value in &mut system.root.at("Select").values {
        if value.name == "LastKnownGood".into() {
            *value = Value::dword("LastKnownGood", 2);
        }
    }

    let mut software = machine.software();
    let policy = software.root.at(r"Policies\Microsoft\Windows NT\Terminal Services");
    policy.last_written = POLICY_APPLIED;
    policy
        .push(Value::dword("LicensingMode", 4))
        .push(Value::sz("LicenseServers", "rdlic01.corp.example, rdlic09.corp.example"));
    let roles = software.root.at(r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache");
    roles.last_written = ROLE_INSTALLED;
    for (role, state) in
        [("RDS-RD-Server", 1), ("RDS-Licensing", 0), ("FileAndStorage-Services", 1)]
    {
        roles.at(role).push(Value::dword("InstallState", state));
    }

    Scenario {
        name: "windows-server-2019-session-host",
        hives: vec![
            ("SYSTEM", system, machine.options("SYSTEM")),
            ("SOFTWARE", software, machine.options("SOFTWARE")),
        ],
        about: "A session host set to per device with two license servers, which group policy \
                overrides: per user, another second server; the last known good control set \
                has one server",
    }
}
