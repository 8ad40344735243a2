// SPDX-License-Identifier: MIT OR Apache-2.0

//! Many clients of two license servers, for reports about hundreds of machines.

use crate::log::{History, NewCrash};
use crate::scenario::machine::{Machine, guid};
use crate::scenario::release::{SERVER_2019, WINDOWS_10, WINDOWS_11};
use crate::scenario::{settings, store};
use crate::time::filetime;
use crate::token::{Generation, TokenSpec};
use crate::tree::{Tree, Value};
use crate::write;

const DAY: u64 = 24 * 60 * 60 * 10_000_000;

/// Name of the first machine. The name tries to end a script and to add an element to a page.
pub const HOSTILE_NAME: &str = "</script><img src=x onerror=alert(1)>";

/// Returns path and bytes of the hives of this many clients. Each client holds one token. The first client
/// is named [`HOSTILE_NAME`].
pub fn fleet(machines: usize) -> Vec<(String, Vec<u8>)> {
    (0..machines).flat_map(client).collect()
}

/// Returns path and bytes of the hives of this many machines in use, and of two logs of each hive. One machine in
/// five is a session host, whose logs change its licensing mode. The logs of a client contain its token.
pub fn fleet_in_use(machines: usize) -> Vec<(String, Vec<u8>)> {
    (0..machines).flat_map(in_use).collect()
}

fn in_use(number: usize) -> Vec<(String, Vec<u8>)> {
    let machine = machine(number);
    let (system, software) = if machine.session_host {
        session_host(number, &machine)
    } else {
        (shut_down_twice(&machine), client_software(number, &machine))
    };
    [("SYSTEM", system), ("SOFTWARE", software)]
        .into_iter()
        .flat_map(|(hive, trees)| {
            let history = History::in_place(trees.to_vec(), &machine.in_use(hive), 0);
            let crash = NewCrash::new(&history).sequence(413).log("LOG1", 1).log("LOG2", 1);
            let dirty = crash.build("in use");
            let path = format!("{}/{hive}", folder(number));
            let logs =
                dirty.logs.into_iter().map(|(name, log)| (format!("{path}.{name}"), log.bytes));
            std::iter::once((path.clone(), dirty.primary)).chain(logs).collect::<Vec<_>>()
        })
        .collect()
}

/// States of SYSTEM: the machine was shut down twice after the hive was written.
fn shut_down_twice(machine: &Machine) -> [Tree; 3] {
    [0, DAY, 2 * DAY]
        .map(|later| Machine { shut_down: machine.shut_down + later, ..machine.clone() }.system())
}

/// States of the two hives of a session host: the mode changes twice.
fn session_host(number: usize, machine: &Machine) -> ([Tree; 3], [Tree; 3]) {
    let mut system = machine.system();
    settings::terminal_server(&mut system).made(r"RCM\Licensing Core", machine.installed);
    let server = format!("rdlic{:02}.corp.example", number % 7);
    settings::specify(settings::parameters(&mut system), machine.installed, &[&server]);
    let system = [2, 4, 2].map(|mode| {
        settings::terminal_server(&mut system)
            .made(r"RCM\Licensing Core", machine.booted)
            .set(Value::dword("LicensingMode", mode));
        system.clone()
    });
    let mut software = machine.software();
    let software = [4, 2, 4].map(|mode| {
        settings::policy(&mut software, machine.booted).set(Value::dword("LicensingMode", mode));
        software.clone()
    });
    (system, software)
}

fn client(number: usize) -> Vec<(String, Vec<u8>)> {
    let machine = workstation(number);
    let [_, software, _] = client_software(number, &machine);
    let hives = [("SYSTEM", machine.system()), ("SOFTWARE", software)];
    let hives = hives.into_iter().map(|(hive, tree)| {
        let path = format!("{}/{hive}", folder(number));
        (path, write(&tree, &machine.options(hive)).bytes)
    });
    hives.collect()
}

fn folder(number: usize) -> String {
    format!("PC-{number:04}/Windows/System32/config")
}

fn name(number: usize) -> String {
    match number {
        0 => HOSTILE_NAME.to_owned(),
        number => format!("PC-{number:04}"),
    }
}

/// Returns a workstation, or a session host for one number in five.
fn machine(number: usize) -> Machine {
    let client = workstation(number);
    if number % 5 != 4 {
        return client;
    }
    let Machine { computer_name, installed, booted, shut_down, .. } = client;
    let host = Machine::session_host(computer_name, SERVER_2019);
    Machine { installed, booted, shut_down, ..host }
}

fn workstation(number: usize) -> Machine {
    let days = days(number);
    // A program that writes test data ends soon after.
    let computer_name: &'static str = Box::leak(name(number).into_boxed_str());
    Machine {
        installed: filetime(2022, 6, 13, 8, 30, 5) + days,
        booted: filetime(2023, 11, 15, 6, 55, 37) + days / 300,
        shut_down: filetime(2023, 11, 15, 16, 12, 9) + days / 300,
        ..Machine::client(
            computer_name,
            if number.is_multiple_of(3) { WINDOWS_11 } else { WINDOWS_10 },
        )
    }
}

fn days(number: usize) -> u64 {
    u64::try_from(number % 300).expect("a small number") * DAY
}

/// States of SOFTWARE: an empty store, a store with a token, and a later time of installation.
fn client_software(number: usize, machine: &Machine) -> [Tree; 3] {
    let name = name(number);
    let (server, server_id, signer) = match number % 4 {
        0 => ("RDLIC02", "55041-266-0927735-61840", 1),
        _ => ("RDLIC01", "55041-266-0381264-43127", 0),
    };
    let issued = machine.installed + 30 * DAY;
    let token = TokenSpec {
        server: server.to_owned(),
        server_id: server_id.to_owned(),
        key: signer,
        server_domain: "CORP".to_owned(),
        scope: "CORP".to_owned(),
        machine: name.clone(),
        user: format!("user{number}"),
        hardware_id: store::hardware_id(&name),
        not_before: issued,
        not_after: issued + 80 * DAY,
        ..TokenSpec::generation(Generation::Server2019)
    };
    let mut software = machine.software();
    software.root.at(r"Microsoft\Cryptography").set(Value::sz("MachineGuid", &guid(&name)));
    let id = &token.hardware_id;
    store::licensing(&mut software, r"Microsoft\MSLicensing", issued, id);
    let empty = software.clone();
    let key = software.root.at(r"Microsoft\MSLicensing");
    store::forged(store::add(key, "LICENSE000", issued + 4_567_890), &token);
    let stored = software.clone();
    store::licensing(&mut software, r"Wow6432Node\Microsoft\MSLicensing", issued + DAY, id);
    [empty, stored, software]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_have_paths_and_tokens_of_their_own() {
        let files = fleet(3);
        assert_eq!(files.len(), 6);
        let paths: std::collections::BTreeSet<_> = files.iter().map(|(path, _)| path).collect();
        let contents: std::collections::BTreeSet<_> =
            files.iter().map(|(_, bytes)| bytes).collect();
        assert_eq!((paths.len(), contents.len()), (6, 6));
    }

    #[test]
    fn machines_in_use_have_two_logs_of_each_hive() {
        let files = fleet_in_use(5);
        assert_eq!(files.len(), 5 * 6);
        let logs =
            files.iter().filter(|(path, _)| path.ends_with(".LOG1") || path.ends_with(".LOG2"));
        assert!(logs.clone().all(|(_, bytes)| bytes.len() > 512));
        assert_eq!(logs.count(), 5 * 4);
        let contents: std::collections::BTreeSet<_> =
            files.iter().map(|(_, bytes)| bytes).collect();
        assert_eq!(contents.len(), files.len());
    }
}
