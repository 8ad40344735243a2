// SPDX-License-Identifier: MIT OR Apache-2.0

//! Findings about several states of one installation: hives in use, shadow copies, a backup and the previous Windows.

use crate::finding::base::{self, CHANGED, DAY, LICENSING};
use crate::finding::host::policy;
use crate::finding::{Case, Files, Hives};
use crate::scenario::machine::Machine;
use crate::scenario::{settings, store};
use crate::time::filetime;
use crate::token::TokenSpec;
use crate::tree::Value;

const NAME: &str = "WS-0042";
/// Folders of collectors for two shadow copies.
const SHADOW_COPIES: [&str; 2] = ["HarddiskVolumeShadowCopy4", "HarddiskVolumeShadowCopy5"];
/// Time of the first start of a client, and of its earlier states.
const STARTED: [u64; 3] = [
    filetime(2023, 9, 19, 6, 40, 12),
    filetime(2023, 10, 16, 6, 51, 33),
    filetime(2022, 6, 7, 7, 2, 51),
];
/// Duration between the start and the end of a working day.
const WORKING_DAY: u64 = 9 * 60 * 60 * 10_000_000;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            code: "copies.token_removed",
            about: "one shadow copy has a token, a later one and the backup have it renewed, and the hives in use have \
                    none",
            raises: client(|hives| {
                hives.software.root.at(LICENSING).made("Store", CHANGED + 30 * DAY);
                hives.software.root.at(LICENSING).at("Store").remove("LICENSE000");
            }),
            miss: "the hives in use have the renewed token",
            near_miss: client(|_| {}),
        },
        Case {
            code: "copies.hardware_id_removed",
            about: "a shadow copy has a hardware ID, and the hives in use have none",
            raises: client(|hives| {
                hives.software.root.at(LICENSING).remove("HardwareID");
            }),
            miss: "the hives in use have another hardware ID",
            near_miss: client(|hives| {
                let id = store::hardware_id("made anew");
                store::licensing(&mut hives.software, LICENSING, CHANGED, &id);
                hives.software.root.at(LICENSING).at("HardwareID").values.remove(0);
            }),
        },
        Case {
            code: "copies.mode_removed",
            about: "a shadow copy of a session host has a licensing mode, and the hives in use have none",
            raises: session_host(|hives| {
                let server = settings::terminal_server(&mut hives.system);
                server.at(r"RCM\Licensing Core").values.clear();
            }),
            miss: "a policy sets another mode in the hives in use",
            near_miss: session_host(|hives| {
                let server = settings::terminal_server(&mut hives.system);
                server.at(r"RCM\Licensing Core").values.clear();
                policy(hives, Value::dword("LicensingMode", 4));
            }),
        },
        Case {
            code: "copies.servers_removed",
            about: "a shadow copy of a session host has a license server, and the hives in use have none",
            raises: session_host(|hives| {
                settings::parameters(&mut hives.system).remove("LicenseServers");
            }),
            miss: "the hives in use have another license server",
            near_miss: session_host(|hives| {
                let list = settings::parameters(&mut hives.system).at("LicenseServers");
                list.values.clear();
                let other = ["rdlic02.corp.example"];
                list.push(Value::multi_sz("SpecifiedLicenseServers", &other));
            }),
        },
    ]
}

/// Returns a client with two shadow copies, a backup and the previous Windows. Each later state has the token
/// renewed. `change` is made to the hives in use.
fn client(change: fn(&mut Hives)) -> Files {
    let token = base::token(NAME);
    let renewed = TokenSpec {
        serial: token.serial + 13,
        not_before: token.not_before + 27 * DAY,
        not_after: token.not_after + 27 * DAY,
        ..token.clone()
    };
    let [first, second, before] = STARTED;
    let earlier = state(started(base::windows_10(NAME), first), &token);
    let later = state(started(base::windows_10(NAME), second), &renewed);
    let previous = Hives::new(Machine {
        installed: filetime(2021, 3, 2, 11, 30, 5),
        ..started(base::windows_10(NAME), before)
    });
    let mut in_use = state(base::windows_10(NAME), &renewed);
    change(&mut in_use);
    let config = "Windows/System32/config";
    let [first, second] = SHADOW_COPIES;
    [
        in_use.at(config),
        later.at(&format!("{config}/RegBack")),
        earlier.at(&format!("{first}/{config}")),
        later.at(&format!("{second}/{config}")),
        previous.at(&format!("Windows.old/{config}")),
    ]
    .concat()
}

/// Returns the client of a machine with a token, stored soon after the start of its validity.
fn state(machine: Machine, token: &TokenSpec) -> Hives {
    let mut hives = base::licensed(Hives::new(machine), token);
    let key = hives.software.root.at(LICENSING).at("Store").at("LICENSE000");
    key.last_written = token.not_before + 6_626_070;
    hives
}

fn started(machine: Machine, booted: u64) -> Machine {
    Machine { booted, shut_down: booted + WORKING_DAY, ..machine }
}

/// Returns a session host with a shadow copy. `change` is made to the hives in use.
fn session_host(change: fn(&mut Hives)) -> Files {
    let mut in_use = base::session_host("RDSH01");
    let machine = started(in_use.machine.clone(), filetime(2023, 6, 11, 2, 31, 15));
    let earlier = base::session_host_on(machine);
    change(&mut in_use);
    let config = "Windows/System32/config";
    let shadow_copy = format!("{}/{config}", SHADOW_COPIES[0]);
    [in_use.with_last_known_good().at(config), earlier.with_last_known_good().at(&shadow_copy)]
        .concat()
}
