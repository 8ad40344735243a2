// SPDX-License-Identifier: MIT OR Apache-2.0

//! The machines of an office: clients, session hosts of one farm, and a license server.

use crate::scenario::license_server::{Service, contact};
use crate::scenario::machine::{Hive, Machine, guid};
use crate::scenario::membership::Membership;
use crate::scenario::release::{SERVER_2016, SERVER_2019, WINDOWS_10, WINDOWS_11};
use crate::scenario::roles::Roles;
use crate::scenario::{Scenario, grace_period, registration, settings, store};
use crate::time::filetime;
use crate::token::{Generation, TokenSpec};
use crate::tree::{Tree, Value};

const DAY: u64 = 24 * 60 * 60 * 10_000_000;

/// Time at which the image of the first two clients got a hardware ID, before it was generalized.
const IMAGE_CONNECTED: u64 = filetime(2022, 9, 1, 13, 25, 40) + 6_180_339;
const CLONE_TAG: &str = "Thu Sep 01 15:48:12 2022";

/// Time at which the servers got their roles and grace periods began.
const ROLES_INSTALLED: u64 = filetime(2023, 1, 17, 9, 10, 55) + 2_414_213;
/// Time at which the hosts joined the farm and their license servers were set.
const CONFIGURED: u64 = filetime(2023, 1, 17, 10, 2, 31) + 7_320_508;
/// Time at which the hosts registered with their license servers.
const REGISTERED: u64 = filetime(2023, 1, 17, 10, 20, 8) + 2_360_679;

/// ProductLicenseFlags of a temporary token that otherwise equals the permanent tokens.
const TEMPORARY: u32 = 0x8080_8000;

/// Name, and folder of the hives.
type Place = (&'static str, [&'static str; 2]);

macro_rules! place {
    ($name:literal) => {
        (
            $name,
            [
                concat!($name, "/Windows/System32/config/SYSTEM"),
                concat!($name, "/Windows/System32/config/SOFTWARE"),
            ],
        )
    };
}

/// Returns two clients of one image, one other client, two hosts with a license server each, and
/// the first of these license servers.
pub(super) fn network() -> Scenario {
    Scenario {
        name: "office-network",
        recipe: "src/scenario/office.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: [clients(), hosts(), license_server()].concat(),
        about: "An office with folders for six machines: CLIENT01 and CLIENT02, cloned with their \
                hardware ID, hold tokens of RDLIC01, that of CLIENT02 temporary and past its \
                validity; CLIENT03 holds one of RDLIC02; RDSH01 and RDSH02 are of one farm and \
                registered with a license server each; RDLIC01 is the first of these",
    }
}

fn clients() -> Vec<Hive> {
    let cloned = Machine {
        membership: Membership::Domain,
        installed: filetime(2022, 9, 12, 7, 30, 14),
        booted: filetime(2023, 11, 15, 6, 55, 37),
        shut_down: filetime(2023, 11, 16, 16, 12, 9),
        clone_tag: CLONE_TAG,
        ..Machine::client("CLIENT01", WINDOWS_10)
    };
    let other_clone = Machine {
        computer_name: "CLIENT02",
        installed: filetime(2022, 9, 12, 8, 41, 50),
        booted: filetime(2023, 11, 16, 7, 3, 18),
        shut_down: filetime(2023, 11, 16, 15, 47, 33),
        ..cloned.clone()
    };
    let own = Machine {
        release: WINDOWS_11,
        computer_name: "CLIENT03",
        installed: filetime(2023, 5, 22, 12, 4, 26),
        booted: filetime(2023, 11, 14, 7, 20, 51),
        shut_down: filetime(2023, 11, 16, 17, 30, 2),
        clone_tag: "",
        ..cloned.clone()
    };
    let first = TokenSpec {
        machine: "CLIENT01".to_owned(),
        user: "alice".to_owned(),
        hardware_id: store::hardware_id("IMAGE"),
        serial: 0x41,
        ..valid(first_server(), filetime(2023, 10, 9, 7, 12, 45), 71)
    };
    let second = TokenSpec {
        machine: "CLIENT02".to_owned(),
        user: "bob".to_owned(),
        hardware_id: store::hardware_id("IMAGE"),
        serial: 0x2C,
        flags: TEMPORARY,
        ..valid(first_server(), filetime(2023, 7, 3, 6, 48, 20), 90)
    };
    let third = TokenSpec {
        machine: "CLIENT03".to_owned(),
        user: "carol".to_owned(),
        hardware_id: store::hardware_id("CLIENT03"),
        serial: 0x17,
        ..valid(second_server(), filetime(2023, 9, 26, 11, 35, 2), 82)
    };
    [
        client(place!("CLIENT01"), &cloned, IMAGE_CONNECTED, &first),
        client(place!("CLIENT02"), &other_clone, IMAGE_CONNECTED, &second),
        client(place!("CLIENT03"), &own, own.installed + DAY, &third),
    ]
    .concat()
}

/// Returns a client that created its hardware ID at `connected` and stored its token at the signing
/// time.
fn client(place: Place, machine: &Machine, connected: u64, token: &TokenSpec) -> Vec<Hive> {
    let mut software = machine.software();
    let name = format!("CN={},OU=Workstations,DC=corp,DC=example", machine.computer_name);
    software
        .root
        .at(r"Microsoft\Windows\CurrentVersion\Group Policy\State\Machine")
        .set(Value::sz("Distinguished-Name", &name));
    let id = &token.hardware_id;
    let key = store::licensing(&mut software, r"Microsoft\MSLicensing", connected, id);
    let stored = token.not_before + 4_567_890;
    store::forged(store::add(key, "LICENSE000", stored), token);
    hives(place, machine, machine.system(), software)
}

fn hosts() -> Vec<Hive> {
    let first = Machine {
        installed: filetime(2023, 1, 16, 14, 22, 47),
        booted: filetime(2023, 11, 12, 2, 12, 30),
        shut_down: filetime(2023, 11, 12, 2, 9, 4),
        licensing_mode: Some(2),
        ..Machine::session_host("RDSH01", SERVER_2019)
    };
    let second = Machine {
        release: SERVER_2016,
        computer_name: "RDSH02",
        installed: filetime(2023, 1, 16, 15, 31, 16),
        ..first.clone()
    };
    [
        host(place!("RDSH01"), &first, "rdlic01.corp.example", &first_server()),
        host(place!("RDSH02"), &second, "rdlic02.corp.example", &second_server()),
    ]
    .concat()
}

/// Returns a host of the farm with the license server that it uses and registered with.
fn host(place: Place, machine: &Machine, named: &str, issuer: &TokenSpec) -> Vec<Hive> {
    let mut system = machine.system();
    let server = settings::terminal_server(&mut system);
    server.made(r"RCM\Licensing Core", CONFIGURED);
    server
        .made("ClusterSettings", CONFIGURED)
        .push(Value::dword("SessionDirectoryActive", 1))
        .push(Value::sz("SessionDirectoryClusterName", "OFFICE"))
        .push(Value::sz("SessionDirectoryLocation", "rdcb01.corp.example"));
    let manager = server.at("RCM");
    grace_period::write(manager, grace_period::VALUE, "", ROLES_INSTALLED);
    registration::write(manager, machine.computer_name, issuer, REGISTERED);
    settings::specify(settings::parameters(&mut system), CONFIGURED, &[named]);
    let mut software = machine.software();
    let roles = Roles { session_host: true, licensing: false };
    roles.write(&mut software.root, ROLES_INSTALLED);
    hives(place, machine, system, software)
}

fn license_server() -> Vec<Hive> {
    let machine = Machine {
        installed: filetime(2023, 1, 16, 13, 8, 3),
        booted: filetime(2023, 11, 12, 1, 40, 22),
        shut_down: filetime(2023, 11, 12, 1, 37, 51),
        session_host: false,
        ..Machine::session_host("RDLIC01", SERVER_2019)
    };
    let mut system = machine.system();
    Service::new(ROLES_INSTALLED).write(&mut system);
    let mut software = machine.software();
    let roles = Roles { session_host: false, licensing: true };
    roles.write(&mut software.root, ROLES_INSTALLED);
    contact(&mut software, ROLES_INSTALLED);
    hives(place!("RDLIC01"), &machine, system, software)
}

fn hives(place: Place, machine: &Machine, system: Tree, mut software: Tree) -> Vec<Hive> {
    let (name, [system_file, software_file]) = place;
    assert_eq!(name, machine.computer_name);
    software.root.at(r"Microsoft\Cryptography").set(Value::sz("MachineGuid", &guid(name)));
    vec![
        (system_file, system, machine.options("SYSTEM")),
        (software_file, software, machine.options("SOFTWARE")),
    ]
}

/// Returns the data of RDLIC01, with licenses for Server 2019.
fn first_server() -> TokenSpec {
    TokenSpec {
        server: "RDLIC01".to_owned(),
        server_domain: "CORP".to_owned(),
        scope: "CORP".to_owned(),
        server_id: "55041-266-0381264-43127".to_owned(),
        server_created: filetime(1970, 1, 17, 9, 14, 38) + 4_770_000,
        key: 0,
        ..TokenSpec::generation(Generation::Server2019)
    }
}

/// Returns the data of RDLIC02, with licenses for Server 2016. The scenario lacks the hives of
/// RDLIC02.
fn second_server() -> TokenSpec {
    TokenSpec {
        server: "RDLIC02".to_owned(),
        server_id: "55041-266-0927735-61840".to_owned(),
        server_created: filetime(1970, 1, 17, 9, 41, 6) + 8_310_000,
        server_domain: "CORP".to_owned(),
        scope: "CORP".to_owned(),
        key: 1,
        ..TokenSpec::generation(Generation::Server2016)
    }
}

/// Returns a token that was signed at `from`.
fn valid(token: TokenSpec, from: u64, days: u64) -> TokenSpec {
    TokenSpec { not_before: from, not_after: from + days * DAY, ..token }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Key;

    /// Returns a key of the hive of this name, such as `CLIENT01/…/SOFTWARE`.
    fn key(scenario: &mut Scenario, machine: &str, hive: &str, path: &str) -> Key {
        let of_machine = |name: &str| name.starts_with(machine) && name.ends_with(hive);
        let found = scenario.hives.iter_mut().find(|(file, ..)| of_machine(file));
        found.expect("a hive").1.root.at(path).clone()
    }

    #[test]
    fn cloned_machines_share_hardware_id_but_no_token() {
        let mut office = network();
        let mut values = |path: &str| {
            let path = format!(r"Microsoft\MSLicensing\{path}");
            ["CLIENT01", "CLIENT02", "CLIENT03"]
                .map(|name| key(&mut office, name, "SOFTWARE", &path).values)
        };
        let [first, second, third] = values("HardwareID");
        assert_eq!(first, second);
        assert_ne!(first, third);
        let [first, second, third] = values(r"Store\LICENSE000");
        assert!(first != second && second != third && third != first);
    }

    #[test]
    fn hosts_are_registered_with_the_servers_they_name() {
        let mut office = network();
        let big_endian =
            |name: &str| -> Vec<u8> { name.encode_utf16().flat_map(u16::to_be_bytes).collect() };
        for (host, server) in [("RDSH01", "RDLIC01"), ("RDSH02", "RDLIC02")] {
            let path = r"ControlSet001\Control\Terminal Server\RCM";
            let manager = key(&mut office, host, "SYSTEM", path);
            let is_chain = |value: &&Value| value.name == "X509 Certificate".into();
            let chain = &manager.values.iter().find(is_chain).unwrap().data;
            for name in [host, server] {
                let name = big_endian(name);
                assert!(chain.windows(name.len()).any(|window| window == name), "{host}");
            }
        }
    }
}
