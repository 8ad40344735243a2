// SPDX-License-Identifier: MIT OR Apache-2.0

//! Machines in which nothing is remarkable.

use crate::finding::Hives;
use crate::scenario::license_server::{Service, contact};
use crate::scenario::machine::Machine;
use crate::scenario::release::{SERVER_2019, WINDOWS_10};
use crate::scenario::roles::Roles;
use crate::scenario::{certificate, grace_period, hex, settings};
use crate::time::filetime;
use crate::tree::Value;

/// When a role of a server was installed, and its grace period began.
pub(super) const ROLE_INSTALLED: u64 = filetime(2023, 3, 14, 9, 26, 53) + 5_897_932;
/// When mode and license servers were set.
pub(super) const CONFIGURED: u64 = filetime(2023, 3, 14, 10, 8, 20) + 3_846_264;
/// When the license server gave the host its certificates.
const REGISTERED: u64 = filetime(2023, 3, 14, 10, 31, 2) + 7_950_288;
/// When group policy was applied last.
pub(super) const POLICY_APPLIED: u64 = filetime(2023, 11, 13, 5, 12, 7) + 1_693_993;
/// When something was changed by hand.
pub(super) const CHANGED: u64 = filetime(2023, 9, 21, 14, 55, 40) + 7_510_582;

/// The name that the license server of all hosts goes by.
pub(super) const LICENSE_SERVER: &str = "rdlic01.corp.example";

/// A Windows 10 without any licensing key.
pub(super) fn workstation(computer_name: &'static str) -> Hives {
    Hives::new(Machine {
        installed: filetime(2022, 6, 8, 7, 18, 28),
        booted: filetime(2023, 11, 13, 6, 45, 17),
        shut_down: filetime(2023, 11, 14, 16, 20, 41),
        ..Machine::client(computer_name, WINDOWS_10)
    })
}

/// A member of a domain that serves sessions: per device, with a license server that it registered
/// with, and what is left of its grace period.
pub(super) fn session_host(computer_name: &'static str) -> Hives {
    let mut hives = Hives::new(Machine { licensing_mode: Some(2), ..server(computer_name) });
    let server = settings::terminal_server(&mut hives.system);
    server.made(r"RCM\Licensing Core", CONFIGURED);
    let manager = server.at("RCM");
    grace_period::write(manager, grace_period::VALUE, "", ROLE_INSTALLED);
    certificate::write_secrets(manager, REGISTERED);
    manager.last_written = REGISTERED;
    manager
        .push(Value::binary("Certificate", &hex::proprietary_certificate()))
        .push(Value::binary("X509 Certificate", &certificate::versioned_chain()))
        .push(Value::binary("X509 Certificate ID", &certificate::id()))
        .push(Value::binary("X509 Certificate2", &certificate::chain()));
    settings::specify(settings::parameters(&mut hives.system), CONFIGURED, &[LICENSE_SERVER]);
    let roles = Roles { session_host: true, licensing: false };
    roles.write(&mut hives.software.root, ROLE_INSTALLED);
    hives
}

/// A member of a domain that issues licenses and serves no sessions.
pub(super) fn license_server() -> Hives {
    let mut hives = server_with(Roles { session_host: false, licensing: true });
    Service::new(ROLE_INSTALLED).write(&mut hives.system);
    contact(&mut hives.software, ROLE_INSTALLED);
    hives
}

/// The same server with nothing of a role but its state.
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
