// SPDX-License-Identifier: MIT OR Apache-2.0

//! Machines without findings.

use crate::finding::Hives;
use crate::scenario::license_server::{Service, contact};
use crate::scenario::machine::Machine;
use crate::scenario::release::{SERVER_2019, WINDOWS_10};
use crate::scenario::roles::Roles;
use crate::scenario::{grace_period, registration, settings, store};
use crate::time::filetime;
use crate::token::{Generation, TokenSpec};

/// Time at which the role of a server was installed and its grace period began.
pub(super) const ROLE_INSTALLED: u64 = filetime(2023, 3, 14, 9, 26, 53) + 5_897_932;
/// Time at which mode and license servers were set.
pub(super) const CONFIGURED: u64 = filetime(2023, 3, 14, 10, 8, 20) + 3_846_264;
/// Time at which the host got its certificates from the license server.
const REGISTERED: u64 = filetime(2023, 3, 14, 10, 31, 2) + 7_950_288;
/// Time at which group policy was last applied.
pub(super) const POLICY_APPLIED: u64 = filetime(2023, 11, 13, 5, 12, 7) + 1_693_993;
/// Time of a manual change.
pub(super) const CHANGED: u64 = filetime(2023, 9, 21, 14, 55, 40) + 7_510_582;

/// Name of the license server of all hosts.
pub(super) const LICENSE_SERVER: &str = "rdlic01.corp.example";

/// Time at which a client created its hardware ID.
const HARDWARE_ID_MADE: u64 = filetime(2023, 2, 6, 9, 3, 27) + 5_772_156;
/// Time at which the license server signed the token of a client.
const TOKEN_SIGNED: u64 = filetime(2023, 9, 18, 8, 5, 12);
/// Time at which the client stored the token.
pub(super) const TOKEN_STORED: u64 = TOKEN_SIGNED + 6_626_070;
/// A day in FILETIME units.
pub(super) const DAY: u64 = 24 * 60 * 60 * 10_000_000;
/// Time of the shutdown of a client, the newest time of its keys.
pub(super) const CLIENT_SHUT_DOWN: u64 = filetime(2023, 11, 14, 16, 20, 41);

/// Path of a client's licensing key in the native view.
pub(super) const LICENSING: &str = r"Microsoft\MSLicensing";

/// Returns a Windows 10 client with a hardware ID and one permanent token.
pub(super) fn client(token: &TokenSpec, computer_name: &'static str) -> Hives {
    licensed(workstation(computer_name), token)
}

/// Returns a machine with the hardware ID of a token, and the token as LICENSE000.
pub(super) fn licensed(mut hives: Hives, token: &TokenSpec) -> Hives {
    let id = &token.hardware_id;
    let key = store::licensing(&mut hives.software, LICENSING, HARDWARE_ID_MADE, id);
    store::forged(store::add(key, "LICENSE000", TOKEN_STORED), token);
    hives
}

/// Returns the token of a client: permanent, from RDLIC01, with the longest validity seen in real
/// tokens.
pub(super) fn token(machine: &str) -> TokenSpec {
    TokenSpec {
        server: "RDLIC01".to_owned(),
        server_domain: "CORP".to_owned(),
        scope: "CORP".to_owned(),
        machine: machine.to_owned(),
        hardware_id: store::hardware_id(machine),
        serial: 0x2B0F,
        not_before: TOKEN_SIGNED,
        not_after: TOKEN_SIGNED + 208 * DAY,
        ..TokenSpec::generation(Generation::Server2012)
    }
}

/// Returns a Windows 10 client without licensing keys.
pub(super) fn workstation(computer_name: &'static str) -> Hives {
    Hives::new(windows_10(computer_name))
}

/// Returns the machine of the client.
pub(super) fn windows_10(computer_name: &'static str) -> Machine {
    Machine {
        installed: filetime(2022, 6, 8, 7, 18, 28),
        booted: filetime(2023, 11, 13, 6, 45, 17),
        shut_down: CLIENT_SHUT_DOWN,
        ..Machine::client(computer_name, WINDOWS_10)
    }
}

/// Returns a session host in a domain: per device, registered with its license server, with the
/// rest of its grace period.
pub(super) fn session_host(computer_name: &'static str) -> Hives {
    session_host_on(Machine { licensing_mode: Some(2), ..server(computer_name) })
}

/// Returns the same session host with the times of `machine`.
pub(super) fn session_host_on(machine: Machine) -> Hives {
    let computer_name = machine.computer_name;
    let mut hives = Hives::new(machine);
    let server = settings::terminal_server(&mut hives.system);
    server.made(r"RCM\Licensing Core", CONFIGURED);
    let manager = server.at("RCM");
    grace_period::write(manager, grace_period::VALUE, "", ROLE_INSTALLED);
    registration::write(manager, computer_name, &token("CLIENT01"), REGISTERED);
    settings::specify(settings::parameters(&mut hives.system), CONFIGURED, &[LICENSE_SERVER]);
    let roles = Roles { session_host: true, licensing: false };
    roles.write(&mut hives.software.root, ROLE_INSTALLED);
    hives
}

/// Returns a license server in a domain that serves no sessions.
pub(super) fn license_server() -> Hives {
    let mut hives = server_with(Roles { session_host: false, licensing: true });
    Service::new(ROLE_INSTALLED).write(&mut hives.system);
    contact(&mut hives.software, ROLE_INSTALLED);
    hives
}

/// Returns the same server with only the state of its role.
pub(super) fn server_with(roles: Roles) -> Hives {
    let mut hives = Hives::new(Machine { session_host: false, ..server("RDLIC01") });
    roles.write(&mut hives.software.root, ROLE_INSTALLED);
    hives
}

fn server(computer_name: &'static str) -> Machine {
    Machine {
        installed: filetime(2023, 3, 13, 13, 40, 9),
        booted: filetime(2023, 11, 12, 2, 20, 31),
        shut_down: filetime(2023, 11, 12, 2, 17, 5),
        ..Machine::session_host(computer_name, SERVER_2019)
    }
}

/// Returns the same token from another license server.
pub(super) fn of_other_server(token: TokenSpec) -> TokenSpec {
    TokenSpec {
        server: "RDLIC02".to_owned(),
        server_id: "55041-266-0274813-51204".to_owned(),
        server_created: token.server_created + 40 * DAY,
        key: token.key + 1,
        ..token
    }
}
