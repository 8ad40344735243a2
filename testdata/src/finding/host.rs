// SPDX-License-Identifier: MIT OR Apache-2.0

//! Findings on a session host, and on clients that serve sessions.

use crate::finding::base::{self, CHANGED, CONFIGURED, LICENSE_SERVER, POLICY_APPLIED};
use crate::finding::{Case, Files, Hives};
use crate::scenario::machine::{CONTROL_SET, Machine};
use crate::scenario::membership::Membership;
use crate::scenario::release::WINDOWS_11_MULTI_SESSION;
use crate::scenario::{grace_period, permissions, settings};
use crate::security::{Ace, Descriptor, FULL_CONTROL, Security, Sid};
use crate::time::filetime;
use crate::tree::{Key, Value};

/// Returns a session host with a change in both of its control sets.
pub(super) fn files(change: fn(&mut Hives)) -> Files {
    let mut hives = base::session_host("RDSH01");
    change(&mut hives);
    hives.with_last_known_good().files()
}

pub(super) fn cases() -> Vec<Case> {
    [modes(), servers(), grace_periods(), others()].concat()
}

fn modes() -> Vec<Case> {
    vec![
        Case {
            code: "host.mode.not_configured",
            about: "the mode is 5, and no policy sets another",
            raises: files(|host| mode(host, 5)),
            miss: "the mode is 5, and a policy sets 2",
            near_miss: files(|host| {
                mode(host, 5);
                policy(host, Value::dword("LicensingMode", 2));
            }),
        },
        Case {
            code: "host.mode.invalid",
            about: "the mode is 3",
            raises: files(|host| mode(host, 3)),
            miss: "a policy sets the mode 6; the host itself has none",
            near_miss: files(|host| {
                let core = settings::terminal_server(&mut host.system).at(r"RCM\Licensing Core");
                core.values.clear();
                policy(host, Value::dword("LicensingMode", 6));
            }),
        },
        Case {
            code: "host.mode.policy_differs",
            about: "the mode is 2, and a policy sets 4",
            raises: files(|host| policy(host, Value::dword("LicensingMode", 4))),
            miss: "the mode is 4, and a policy sets 4",
            near_miss: files(|host| {
                mode(host, 4);
                policy(host, Value::dword("LicensingMode", 4));
            }),
        },
        Case {
            code: "host.mode.per_user_membership_unknown",
            about: "the mode is 4; the machine has a DNS suffix, and no sign of a directory",
            raises: files(|host| {
                mode(host, 4);
                let windows = host.software.root.at("Microsoft");
                windows.at(r"Windows\CurrentVersion\Group Policy\State").remove("Machine");
                let logon = windows.at(r"Windows NT\CurrentVersion\Winlogon");
                logon.values.retain(|value| value.name != "DefaultDomainName".into());
            }),
            miss: "the mode is 4, and group policy found the machine in a directory",
            near_miss: files(|host| mode(host, 4)),
        },
        Case {
            code: "host.mode.multi_session",
            about: "multi-session Windows with a policy that sets the mode 4",
            raises: multi_session(|host| policy(host, Value::dword("LicensingMode", 4))),
            miss: "multi-session Windows without a mode",
            near_miss: multi_session(|_| {}),
        },
    ]
}

fn servers() -> Vec<Case> {
    vec![
        Case {
            code: "host.servers.policy_differs",
            about: "a policy names another license server than the host itself",
            raises: files(|host| policy(host, Value::sz("LicenseServers", "rdlic02.corp.example"))),
            miss: "both name the same ones, the policy in other case and with blanks",
            near_miss: files(|host| {
                specify(host, &[LICENSE_SERVER, "rdlic02.corp.example"]);
                let names = " RDLIC01.corp.example , RdLic02.Corp.Example ";
                policy(host, Value::sz("LicenseServers", names));
            }),
        },
        Case {
            code: "host.servers.none",
            about: "no license server is named anywhere",
            raises: files(|host| {
                settings::parameters(&mut host.system).remove("LicenseServers");
            }),
            miss: "one is named at the console's subkey alone",
            near_miss: files(|host| {
                let list = settings::parameters(&mut host.system).at("LicenseServers");
                list.values.clear();
                list.made("SpecifiedLicenseServers", CONFIGURED)
                    .push(Value::multi_sz("SpecifiedLicenseServers", &[LICENSE_SERVER]));
            }),
        },
        Case {
            code: "host.servers.loopback_only",
            about: "the license servers are localhost and 127.0.0.1",
            raises: files(|host| specify(host, &["localhost", "127.0.0.1"])),
            miss: "the license servers are localhost and another",
            near_miss: files(|host| specify(host, &["localhost", LICENSE_SERVER])),
        },
    ]
}

fn grace_periods() -> Vec<Case> {
    vec![
        Case {
            code: "host.grace.value_form",
            about: "the value of the grace period is the number 0",
            raises: files(|host| {
                grace_period(host).set(Value::dword(grace_period::VALUE, 0)).last_written = CHANGED;
            }),
            miss: "the value of the grace period has the name of a beta, and RunAsRTM is 4",
            near_miss: files(|host| {
                grace_period(host).values[0].name = grace_period::BETA_VALUE.into();
                host.software
                    .root
                    .made(r"Microsoft\TermServLicensing", base::ROLE_INSTALLED)
                    .push(Value::dword("RunAsRTM", 4));
            }),
        },
        Case {
            code: "host.grace.permissions",
            about: "the key of the grace period belongs to the administrators, who may do all with it",
            raises: files(|host| grace_period(host).security = taken_over()),
            miss: "it belongs to the system, and administrators may read it",
            near_miss: files(|host| grace_period(host).security = permissions::network_service()),
        },
        Case {
            code: "host.grace.ended",
            about: "LicensingGracePeriodEnded stands in the parameters of TermService",
            raises: files(|host| ended(settings::parameters(&mut host.system))),
            miss: "a value of that name stands in the key RCM",
            near_miss: files(|host| ended(manager(host))),
        },
    ]
}

fn others() -> Vec<Case> {
    vec![
        Case {
            code: "host.setting.unusual_place",
            about: "a mode also stands in Control\\Terminal Server\\Licensing Core",
            raises: files(|host| {
                let server = settings::terminal_server(&mut host.system);
                server.made("Licensing Core", CHANGED).push(Value::dword("LicensingMode", 2));
            }),
            miss: "that key is there and holds no mode",
            near_miss: files(|host| {
                settings::terminal_server(&mut host.system).made("Licensing Core", CHANGED);
            }),
        },
        Case {
            code: "host.warnings.suppressed",
            about: "the policy fDisableTerminalServerTooltip is 1",
            raises: files(|host| policy(host, Value::dword("fDisableTerminalServerTooltip", 1))),
            miss: "the policy fDisableTerminalServerTooltip is 0",
            near_miss: files(|host| policy(host, Value::dword("fDisableTerminalServerTooltip", 0))),
        },
        Case {
            code: "host.registration.none",
            about: "the host has no certificate but its proprietary one",
            raises: files(|host| {
                manager(host).values.retain(|value| !is_of_registration(value));
            }),
            miss: "the host has an X509 Certificate2 beside its proprietary one",
            near_miss: files(|host| {
                let second = |value: &Value| value.name == "X509 Certificate2".into();
                let values = &mut manager(host).values;
                values.retain(|value| second(value) || !is_of_registration(value));
            }),
        },
        Case {
            code: "host.sessions.concurrent",
            about: "a Windows 10 that loads rdpwrap.dll in place of termsrv.dll",
            raises: workstation(|client| {
                let library = r"%ProgramFiles%\RDP Wrapper\rdpwrap.dll";
                let parameters = settings::parameters(&mut client.system);
                parameters.set(Value::expand_sz("ServiceDll", library)).last_written = CHANGED;
            }),
            miss: "a Windows 10 with termsrv.dll, fSingleSessionPerUser 0 and \
                   AllowMultipleTSSessions 1",
            near_miss: workstation(|client| {
                let server = settings::terminal_server(&mut client.system);
                server.set(Value::dword("fSingleSessionPerUser", 0)).last_written = CHANGED;
                client
                    .software
                    .root
                    .at(r"Microsoft\Windows NT\CurrentVersion\Winlogon")
                    .push(Value::dword("AllowMultipleTSSessions", 1));
            }),
        },
        Case {
            code: "host.control_sets.differ",
            about: "the mode is 2, and 4 in the last known good control set",
            raises: last_known_good(|set| {
                let core = set.at(r"Control\Terminal Server\RCM\Licensing Core");
                core.set(Value::dword("LicensingMode", 4));
            }),
            miss: "the last known good control set has another computer name and time of shutdown",
            near_miss: last_known_good(|set| {
                let control = set.at("Control");
                for name in ["ComputerName", "ActiveComputerName"] {
                    let key = control.at("ComputerName").at(name);
                    key.set(Value::sz("ComputerName", "RDSH01-OLD"));
                }
                let earlier = filetime(2023, 10, 15, 2, 14, 51);
                let windows = control.made("Windows", earlier);
                windows.set(Value::binary("ShutdownTime", &earlier.to_le_bytes()));
            }),
        },
    ]
}

fn mode(host: &mut Hives, mode: u32) {
    let core = settings::terminal_server(&mut host.system).at(r"RCM\Licensing Core");
    core.set(Value::dword("LicensingMode", mode));
}

fn specify(host: &mut Hives, servers: &[&str]) {
    let list = settings::parameters(&mut host.system).at("LicenseServers");
    list.set(Value::multi_sz("SpecifiedLicenseServers", servers));
}

pub(super) fn policy(host: &mut Hives, value: Value) {
    settings::policy(&mut host.software, POLICY_APPLIED).push(value);
}

fn manager(host: &mut Hives) -> &mut Key {
    settings::terminal_server(&mut host.system).at("RCM")
}

fn grace_period(host: &mut Hives) -> &mut Key {
    manager(host).at("GracePeriod")
}

/// Writes the mark of an ended grace period into `key`.
fn ended(key: &mut Key) {
    key.push(Value::dword("LicensingGracePeriodEnded", 1)).last_written = CHANGED;
}

/// Certificates and keys that a host gets from a license server.
fn is_of_registration(value: &Value) -> bool {
    ["X509 Certificate", "X509 Certificate ID", "X509 Certificate2"]
        .iter()
        .any(|name| value.name == (*name).into())
}

/// The normal permissions, without those of administrators.
fn taken_over() -> Security {
    let full = [Sid::system(), Sid::network_service(), Sid::administrators()];
    Descriptor {
        owner: Some(Sid::administrators()),
        group: Some(Sid::system()),
        dacl: Some(full.map(|sid| Ace::allow(FULL_CONTROL, sid)).into()),
        sacl: None,
    }
    .build()
}

/// Returns a session host whose key RCM and grace-period key both give administrators full control.
pub(super) fn grace_period_like_rcm() -> Files {
    files(|host| {
        manager(host).security = taken_over();
        grace_period(host).security = taken_over();
    })
}

/// Returns a session host with a change in its last known good control set.
pub(super) fn last_known_good(change: fn(&mut Key)) -> Files {
    let mut hives = base::session_host("RDSH01").with_last_known_good();
    let name = CONTROL_SET.replace("001", "002");
    change(hives.system.root.at(&name));
    hives.files()
}

/// Returns a Windows 10 client that accepts connections.
fn workstation(change: fn(&mut Hives)) -> Files {
    let mut hives = base::workstation("WS-0042");
    settings::terminal_server(&mut hives.system).set(Value::dword("fDenyTSConnections", 0));
    change(&mut hives);
    hives.files()
}

/// Returns a multi-session client, which needs no licenses for its sessions.
fn multi_session(change: fn(&mut Hives)) -> Files {
    let mut hives = Hives::new(Machine {
        membership: Membership::Entra,
        installed: filetime(2023, 5, 2, 8, 30, 19),
        booted: filetime(2023, 11, 13, 5, 10, 44),
        shut_down: filetime(2023, 11, 13, 19, 2, 26),
        deny_connections: 0,
        licensing_mode: None,
        ..Machine::client("AVD-0-1", WINDOWS_11_MULTI_SESSION)
    });
    change(&mut hives);
    hives.files()
}
