// SPDX-License-Identifier: MIT OR Apache-2.0

//! A Windows Server 2012 R2 in a farm, and its backup copies of a month earlier.

use crate::scenario::machine::Machine;
use crate::scenario::release::SERVER_2012_R2;
use crate::scenario::roles::Roles;
use crate::scenario::{Scenario, certificate, hex, settings};
use crate::time::filetime;
use crate::tree::{Tree, Value};

const ROLE_INSTALLED: u64 = filetime(2016, 4, 5, 9, 50, 18) + 7_182_818;
/// Time of the first permanent license.
const GRACE_ENDED: u64 = filetime(2016, 4, 8, 11, 36, 0) + 2_845_904;
/// Time at which the host got its certificates from the license server.
const REGISTERED: u64 = filetime(2016, 4, 8, 11, 35, 58) + 5_235_360;
const MODE_UNSET: u64 = filetime(2019, 11, 26, 15, 5, 31) + 2_874_713;
const POLICY_APPLIED: u64 = filetime(2019, 12, 9, 4, 22, 6) + 5_266_249;

/// Returns a host licensed by policy. Its own mode was reset.
pub(super) fn session_host() -> Scenario {
    let machine = Machine {
        installed: filetime(2016, 4, 4, 14, 11, 57),
        booted: filetime(2019, 12, 8, 2, 31, 14),
        shut_down: filetime(2019, 12, 15, 2, 28, 49),
        licensing_mode: Some(5),
        ..Machine::session_host("RDSH04", SERVER_2012_R2)
    };
    // RegIdleBackup wrote the copies a month earlier.
    let earlier = Machine {
        booted: filetime(2019, 11, 10, 2, 30, 20),
        shut_down: filetime(2019, 11, 15, 1, 40, 12),
        licensing_mode: Some(2),
        ..machine.clone()
    };
    let mut system = system(&machine);
    settings::terminal_server(&mut system).made(r"RCM\Licensing Core", MODE_UNSET);
    let mut software = software(&machine);
    settings::policy(&mut software, POLICY_APPLIED)
        .push(Value::dword("LicensingMode", 2))
        .push(Value::sz("LicenseServers", "rdlic01.corp.example,rdlic02.corp.example"));

    let mut hives = machine.collected(system, software);
    hives.push((
        "Windows/System32/config/RegBack/SYSTEM",
        self::system(&earlier),
        earlier.options(r"RegBack\SYSTEM"),
    ));
    hives.push((
        "Windows/System32/config/RegBack/SOFTWARE",
        self::software(&earlier),
        earlier.options(r"RegBack\SOFTWARE"),
    ));
    Scenario {
        name: "windows-server-2012-r2-session-host",
        recipe: "src/scenario/server_2012_r2.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives,
        about: "A session host of a farm, licensed per device by policy, its own mode not \
                configured; the console's form of the server list, certificates, secrets, and the \
                mark of an ended grace period. RegBack holds it as it was a month earlier: per \
                device by its own setting, without policy",
    }
}

fn system(machine: &Machine) -> Tree {
    let mut system = machine.system();
    let server = settings::terminal_server(&mut system);
    server
        .made("ClusterSettings", ROLE_INSTALLED)
        .push(Value::dword("SessionDirectoryActive", 1))
        .push(Value::sz("SessionDirectoryClusterName", "FARM1"))
        .push(Value::sz("SessionDirectoryLocation", "rdcb01.corp.example"));
    let manager = server.at("RCM");
    manager.made("Licensing Core", ROLE_INSTALLED);
    certificate::write_secrets(manager, REGISTERED);
    manager.last_written = REGISTERED;
    manager
        .push(Value::binary("Certificate", &hex::proprietary_certificate()))
        .push(Value::binary("CertificateOld", &hex::old_proprietary_certificate()))
        .push(Value::binary("X509 Certificate", &certificate::versioned_chain()))
        .push(Value::binary("X509 Certificate ID", &certificate::id()))
        .push(Value::binary("X509 Certificate2", &certificate::chain()));
    let parameters = settings::parameters(&mut system);
    parameters
        .made(r"LicenseServers\SpecifiedLicenseServers", ROLE_INSTALLED)
        .push(Value::multi_sz("SpecifiedLicenseServers", &["rdlic01.corp.example"]));
    parameters.push(Value::dword("LicensingGracePeriodEnded", 1)).last_written = GRACE_ENDED;
    system
}

fn software(machine: &Machine) -> Tree {
    let mut software = machine.software();
    Roles { session_host: true, licensing: false }.write(&mut software.root, ROLE_INSTALLED);
    software
}
