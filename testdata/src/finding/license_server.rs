// SPDX-License-Identifier: MIT OR Apache-2.0

//! Findings on a license server.

use crate::finding::base::{self, CHANGED, POLICY_APPLIED, ROLE_INSTALLED};
use crate::finding::{Case, Files, Hives, host};
use crate::scenario::license_server::Service;
use crate::scenario::machine::CONTROL_SET;
use crate::scenario::roles::Roles;
use crate::scenario::settings;
use crate::tree::{Key, Value};

const ROLE: Roles = Roles { session_host: false, licensing: true };
const NO_ROLE: Roles = Roles { session_host: false, licensing: false };

/// Returns a license server with a change in both of its control sets.
pub(super) fn files(change: fn(&mut Hives)) -> Files {
    let mut hives = base::license_server();
    change(&mut hives);
    hives.with_last_known_good().files()
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            code: "license_server.service.disabled",
            about: "the role is installed, and its service does not start",
            raises: files(|hives| {
                service(hives).set(Value::dword("Start", 4));
            }),
            miss: "a service that does not start, and nothing else of the role",
            near_miss: {
                let mut hives = base::server_with(NO_ROLE);
                let service = Service { start: 4, ..Service::new(ROLE_INSTALLED) };
                service.write(&mut hives.system);
                hives.with_last_known_good().files()
            },
        },
        Case {
            code: "license_server.service.missing",
            about: "the role is installed, and has no service",
            raises: base::server_with(ROLE).with_last_known_good().files(),
            miss: "neither role nor service",
            near_miss: base::server_with(NO_ROLE).with_last_known_good().files(),
        },
        Case {
            code: "license_server.workgroup_unauthenticated",
            about: "DisableWorkgroupAuthEnforcement is 1",
            raises: files(|hives| workgroup_unauthenticated(hives, 1)),
            miss: "DisableWorkgroupAuthEnforcement is 0",
            near_miss: files(|hives| workgroup_unauthenticated(hives, 0)),
        },
        Case {
            code: "license_server.upgrade_prevented",
            about: "a license server with the policy fPreventLicenseUpgrade",
            raises: files(|hives| policy(hives, "fPreventLicenseUpgrade", 1)),
            miss: "the same policy on a session host that issues no licenses",
            near_miss: host::files(|hives| policy(hives, "fPreventLicenseUpgrade", 1)),
        },
        Case {
            code: "license_server.secure_group",
            about: "the policy fSecureLicensing is 1",
            raises: files(|hives| policy(hives, "fSecureLicensing", 1)),
            miss: "the policy fSecureLicensing is 0",
            near_miss: files(|hives| policy(hives, "fSecureLicensing", 0)),
        },
    ]
}

fn service(hives: &mut Hives) -> &mut Key {
    hives.system.root.at(CONTROL_SET).made(r"Services\TermServLicensing", CHANGED)
}

fn workgroup_unauthenticated(hives: &mut Hives, number: u32) {
    let parameters = service(hives).made("Parameters", CHANGED);
    parameters.push(Value::dword("DisableWorkgroupAuthEnforcement", number));
}

fn policy(hives: &mut Hives, name: &str, number: u32) {
    settings::policy(&mut hives.software, POLICY_APPLIED).push(Value::dword(name, number));
}
