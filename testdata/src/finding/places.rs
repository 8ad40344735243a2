// SPDX-License-Identifier: MIT OR Apache-2.0

//! Findings on the listener, the service and the role of a host, on its names, and on its hives.

use crate::finding::base::{self, CHANGED, CONFIGURED};
use crate::finding::host::{files, last_known_good};
use crate::finding::{Case, Files, Hives};
use crate::scenario::machine::{CONTROL_SET, Machine};
use crate::scenario::membership::Membership;
use crate::scenario::release::WINDOWS_11_MULTI_SESSION;
use crate::scenario::{security_hive, settings, tasks};
use crate::tree::{Key, Value};

pub(super) fn cases() -> Vec<Case> {
    [modes(), services(), deployments(), names(), hives()].concat()
}

fn modes() -> Vec<Case> {
    vec![Case {
        code: "host.mode.per_user_workgroup",
        about: "the mode is 4, and SECURITY names a workgroup",
        raises: per_user(Membership::Workgroup),
        miss: "the mode is 4, and SECURITY names a domain",
        near_miss: per_user(Membership::Domain),
    }]
}

/// Returns a session host per user whose membership stands in SECURITY alone.
fn per_user(membership: Membership) -> Files {
    let mut hives = base::session_host("RDSH01");
    let core = settings::terminal_server(&mut hives.system).at(r"RCM\Licensing Core");
    core.set(Value::dword("LicensingMode", 4));
    let windows = hives.software.root.at("Microsoft");
    windows.at(r"Windows\CurrentVersion\Group Policy\State").remove("Machine");
    let machine = Machine { membership, ..hives.machine.clone() };
    let mut files = hives.files();
    let tree = security_hive::tree(&machine, None);
    let bytes = crate::write(&tree, &machine.options("SECURITY")).bytes;
    files.push((security_hive::FILE.to_owned(), bytes));
    files
}

fn services() -> Vec<Case> {
    vec![
        Case {
            code: "host.drain",
            about: "TSServerDrainMode is 1",
            raises: files(|host| drain(host, 1)),
            miss: "TSServerDrainMode is 0",
            near_miss: files(|host| drain(host, 0)),
        },
        Case {
            code: "host.listener",
            about: "the listener's security layer is RDP",
            raises: files(|host| listener(host, 0)),
            miss: "the listener negotiates its security layer",
            near_miss: files(|host| listener(host, 1)),
        },
        Case {
            code: "host.service.disabled",
            about: "the service of a session host does not start",
            raises: files(disabled),
            miss: "the service of a workstation does not start",
            near_miss: {
                let mut client = base::workstation("WS-0042");
                disabled(&mut client);
                client.files()
            },
        },
        Case {
            code: "host.role.contradicted",
            about: "the role is not installed, and TSAppCompat is 1",
            raises: files(|host| role(host, 0)),
            miss: "the role is not installed, and there is no TSAppCompat",
            near_miss: files(|host| {
                role(host, 0);
                let server = settings::terminal_server(&mut host.system);
                server.values.retain(|value| value.name != "TSAppCompat".into());
            }),
        },
        Case {
            code: "host.grace.task",
            about: "a scheduled task deletes the key of the grace period",
            raises: files(|host| task(host, r"delete HKLM\SYSTEM\...\RCM\graceperiod /f")),
            miss: "a scheduled task deletes a key whose name is like it",
            near_miss: files(|host| task(host, r"delete HKLM\SYSTEM\...\RCM\GracePerio /f")),
        },
    ]
}

fn drain(host: &mut Hives, mode: u32) {
    let server = settings::terminal_server(&mut host.system);
    server.push(Value::dword("TSServerDrainMode", mode)).last_written = CHANGED;
}

fn listener(host: &mut Hives, layer: u32) {
    let listener = settings::terminal_server(&mut host.system).at(r"WinStations\RDP-Tcp");
    listener.set(Value::dword("SecurityLayer", layer)).last_written = CHANGED;
}

fn disabled(host: &mut Hives) {
    let service = host.system.root.at(CONTROL_SET).at(r"Services\TermService");
    service.set(Value::dword("Start", 4)).last_written = CHANGED;
}

fn role(host: &mut Hives, state: u32) {
    let cache = r"Microsoft\ServerManager\ServicingStorage\ServerComponentCache\RDS-RD-Server";
    host.software.root.at(cache).set(Value::dword("InstallState", state));
}

fn task(host: &mut Hives, arguments: &str) {
    let id = "{6F1D0C93-58A2-4B7E-8C36-E07B94D2A518}";
    tasks::add(&mut host.software, id, r"\Task", ["reg.exe", arguments], CHANGED);
}

fn deployments() -> Vec<Case> {
    vec![
        Case {
            code: "host.broker",
            about: "the settings of the farm name a connection broker",
            raises: files(|host| broker(host, "rdcb01.corp.example")),
            miss: "the settings of the farm name no connection broker",
            near_miss: files(|host| broker(host, "")),
        },
        Case {
            code: "host.avd.server",
            about: "the agent of Azure Virtual Desktop is registered on Windows Server 2019",
            raises: files(|host| agent(&mut host.software.root)),
            miss: "the agent is registered on multi-session Windows",
            near_miss: {
                let mut hives = Hives::new(Machine {
                    membership: Membership::Entra,
                    licensing_mode: None,
                    ..Machine { release: WINDOWS_11_MULTI_SESSION, ..base::windows_10("AVD-0-1") }
                });
                agent(&mut hives.software.root);
                hives.files()
            },
        },
    ]
}

fn broker(host: &mut Hives, name: &str) {
    let server = settings::terminal_server(&mut host.system);
    server.made("ClusterSettings", CONFIGURED).push(Value::sz("SessionDirectoryLocation", name));
}

fn agent(software: &mut Key) {
    software.made(r"Microsoft\RDInfraAgent", CHANGED).push(Value::dword("IsRegistered", 1));
}

fn names() -> Vec<Case> {
    vec![Case {
        code: "system.renamed",
        about: "the last known good control set has another computer name",
        raises: last_known_good(|set| named(set, "RDSH01-OLD")),
        miss: "it has the same computer name in other case",
        near_miss: last_known_good(|set| named(set, "rdsh01")),
    }]
}

fn named(set: &mut Key, name: &str) {
    let key = set.at(r"Control\ComputerName\ComputerName");
    key.set(Value::sz("ComputerName", name));
}

fn hives() -> Vec<Case> {
    vec![
        Case {
            code: "hive.not_whole",
            about: "the last bytes of SYSTEM are missing",
            raises: changed("SYSTEM", |bytes| bytes.truncate(bytes.len() - 8192)),
            miss: "there are zeros behind the last bin of SYSTEM",
            near_miss: changed("SYSTEM", |bytes| bytes.resize(bytes.len() + 8192, 0)),
        },
        Case {
            code: "hive.outside_tree",
            about: "the key of the licensing mode counts no value, and its list names one",
            raises: changed("SYSTEM", |bytes| set_value_count(bytes, 0)),
            miss: "the key of the licensing mode counts its value",
            near_miss: files(|host| {
                let server = settings::terminal_server(&mut host.system);
                server.at(r"RCM\Licensing Core").last_written = CHANGED;
            }),
        },
        Case {
            code: "second_reader.differs",
            about: "a flag of the key of the licensing mode makes it a predefined handle",
            raises: flagged(0x40),
            miss: "a flag without meaning for values",
            near_miss: flagged(0x80),
        },
    ]
}

/// Returns a session host with a change in the bytes of one hive.
fn changed(name: &str, change: fn(&mut Vec<u8>)) -> Files {
    let mut files = base::session_host("RDSH01").files();
    let is_it = |(path, _): &&mut (String, Vec<u8>)| path.ends_with(name);
    change(&mut files.iter_mut().find(is_it).expect("one of the two").1);
    files
}

/// Sets the number of values in the key of the licensing mode.
fn set_value_count(bytes: &mut [u8], count: u32) {
    /// Bytes from the start of a key to its name, and to the number of its values.
    const NAME: usize = 0x4C;
    const COUNT: usize = 0x24;
    const KEY: &[u8] = b"Licensing Core";
    let name = bytes.windows(KEY.len()).position(|window| window == KEY).expect("the key");
    let at = name - NAME + COUNT;
    bytes[at..at + 4].copy_from_slice(&count.to_le_bytes());
}

fn flagged(flag: u16) -> Files {
    let mut hives = base::session_host("RDSH01");
    settings::terminal_server(&mut hives.system).at(r"RCM\Licensing Core").flags |= flag;
    hives.files()
}
