// SPDX-License-Identifier: MIT OR Apache-2.0

//! A Windows Server 2019 license server that serves no sessions.

use crate::scenario::machine::{CONTROL_SET, Machine};
use crate::scenario::release::SERVER_2019;
use crate::scenario::roles::Roles;
use crate::scenario::{Scenario, permissions, settings};
use crate::time::filetime;
use crate::tree::{Tree, Value};

const ROLE_INSTALLED: u64 = filetime(2021, 9, 7, 10, 22, 51) + 8_284_271;
const WORKGROUP_ALLOWED: u64 = filetime(2022, 3, 30, 15, 48, 16) + 3_166_247;
const POLICY_APPLIED: u64 = filetime(2023, 10, 2, 5, 31, 2) + 6_055_512;

/// Returns the license server. It accepts more hosts than by default, and its rule for issuing
/// licenses is stricter.
pub(super) fn server_2019() -> Scenario {
    let machine = Machine {
        installed: filetime(2021, 9, 6, 14, 2, 5),
        booted: filetime(2023, 11, 12, 1, 31, 9),
        shut_down: filetime(2023, 12, 10, 1, 28, 33),
        session_host: false,
        ..Machine::session_host("RDLIC01", SERVER_2019)
    };
    let mut system = machine.system();
    Service {
        workgroup_unauthenticated: Some(1),
        configured: WORKGROUP_ALLOWED,
        ..Service::new(ROLE_INSTALLED)
    }
    .write(&mut system);

    let mut software = machine.software();
    Roles { session_host: false, licensing: true }.write(&mut software.root, ROLE_INSTALLED);
    contact(&mut software, ROLE_INSTALLED);
    // A copy that no Windows program creates: both views share the key.
    software.root.made(r"Wow6432Node\Microsoft\TermServLicensing", ROLE_INSTALLED);
    settings::policy(&mut software, POLICY_APPLIED)
        .push(Value::dword("fSecureLicensing", 1))
        .push(Value::dword("fPreventLicenseUpgrade", 1));

    Scenario {
        name: "license-server",
        recipe: "src/scenario/license_server.rs",
        edited: Vec::new(),
        logged: Vec::new(),
        hives: machine.collected(system, software),
        about: "A license server that serves no sessions: its service and parameters, workgroup \
                hosts admitted without authentication, the policies of license servers, and a key in \
                the view of 32-bit programs that does not belong there",
    }
}

/// The service of a license server.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    /// Start type: 2 is automatic, 4 is disabled.
    pub(crate) start: u32,
    /// DisableWorkgroupAuthEnforcement, if set.
    pub(crate) workgroup_unauthenticated: Option<u32>,
    pub(crate) installed: u64,
    /// Time at which the parameters were written.
    pub(crate) configured: u64,
}

impl Service {
    /// The service as the role installs it.
    pub(crate) fn new(installed: u64) -> Self {
        Self { start: 2, workgroup_unauthenticated: None, installed, configured: installed }
    }

    /// Writes the service with its parameters. Parameters other than MaxVerPages and
    /// DisableWorkgroupAuthEnforcement are undocumented, and their values are guesses.
    pub(crate) fn write(self, system: &mut Tree) {
        let services = system.root.at(CONTROL_SET).at("Services");
        let service = services.made("TermServLicensing", self.installed);
        service
            .push(Value::dword("Type", 0x20))
            .push(Value::dword("Start", self.start))
            .push(Value::dword("ErrorControl", 1))
            .push(Value::expand_sz(
                "ImagePath",
                r"%SystemRoot%\System32\svchost.exe -k TSLicensing",
            ))
            .push(Value::sz("DisplayName", "Remote Desktop Licensing"))
            .push(Value::sz("ObjectName", r"NT AUTHORITY\NetworkService"))
            .push(Value::multi_sz("DependOnService", &["RPCSS", "EventLog"]));
        let parameters = service.made("Parameters", self.configured);
        parameters.security = permissions::network_service();
        parameters
            .push(Value::expand_sz("ServiceDll", r"%SystemRoot%\System32\lserver.dll"))
            .push(Value::expand_sz("DBPath", r"%SystemRoot%\System32\LServer\"))
            .push(Value::sz("DBFile", "TLSLic.edb"))
            .push(Value::dword("MaxVerPages", 1024));
        if let Some(number) = self.workgroup_unauthenticated {
            parameters
                .push(Value::dword("DisableWorkgroupAuthEnforcement", number))
                .push(Value::sz("WorkgroupLicenseServerAccountsGroup", r"RDLIC01\Servers"));
        }
        parameters.push(Value::dword("Role", 1)).push(Value::sz("Scope", "corp.example"));
    }
}

/// Writes the SOFTWARE key of the role: the contact data for Microsoft.
pub(crate) fn contact(software: &mut Tree, written: u64) {
    let key = software.root.made(r"Microsoft\TermServLicensing", written);
    key.security = permissions::network_service();
    key.push(Value::dword("RunAsRTM", 1))
        .push(Value::sz("CompanyName", "Example Corporation"))
        .push(Value::sz("ContactName", "Example Administrator"))
        .push(Value::sz("CountryRegion", "Example"));
}
