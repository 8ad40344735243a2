// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about a licence server: its service and its settings.

use alloc::format;
use alloc::string::String;

use super::Raising;
use super::license_server_pages as pages;
use crate::hive::name::Name;
use crate::licensing::examined::Examined;
use crate::licensing::host::Numbered;
use crate::licensing::report::RoleState;

const DISABLED: u32 = 4;

pub(super) fn find(examined: &Examined<'_>, raising: &mut Raising) {
    let (view, role) = (&examined.view, &examined.host.license_server);
    let installed = view.number("system.role.license_server").filter(|(state, _)| *state == 1);
    let start = view.number("license_server.start");
    // RunAsRTM stands on session hosts too.
    let is_of_role = |(_, fact): &&Numbered<'_>| {
        let name = fact.provenance.value.as_deref().unwrap_or_default();
        fact.state.is_value() && !Name::from(name).same("RunAsRTM".into())
    };
    let settings = view.all("license_server.software").find(is_of_role).map(|(id, _)| id.clone());
    // The service itself says nothing of the role: guides recommend to disable it everywhere.
    let evidence = installed.as_ref().map(|(_, id)| id.clone()).or(settings);
    if let (Some((DISABLED, id)), Some(evidence)) = (&start, evidence) {
        let statement = String::from(
            "Start of the service TermServLicensing is 4 (disabled), on a machine with traces of the role.",
        );
        let raised = raising.raise(&pages::SERVICE_DISABLED, examined, statement);
        raised.fact(id).fact(evidence).by_role(role);
    }
    let is_registered = view.one("license_server.image").is_some() || start.is_some();
    let is_known = view.current_set().is_some()
        && !view.is_unread(&["license_server.start", "license_server.image"]);
    if let (Some((_, id)), false, true) = (&installed, is_registered, is_known) {
        let statement = String::from(
            "InstallState of the role is 1, and no service TermServLicensing is registered in the control \
             set in use.",
        );
        raising.raise(&pages::SERVICE_MISSING, examined, statement).fact(id).by_role(role);
    }
    if role.state == RoleState::Absent {
        return;
    }
    let unauthenticated = view.all("license_server.parameters").find(|(_, fact)| {
        let name = fact.provenance.value.as_deref().unwrap_or_default();
        Name::from(name).same("DisableWorkgroupAuthEnforcement".into()) && fact.data == [1, 0, 0, 0]
    });
    if let Some((id, _)) = unauthenticated {
        let statement = String::from("DisableWorkgroupAuthEnforcement is 1.");
        raising.raise(&pages::WORKGROUP, examined, statement).fact(id).by_role(role);
    }
    for (code, name, page) in [
        ("license_server.policy.no_upgrade", "fPreventLicenseUpgrade", &pages::UPGRADE_PREVENTED),
        ("license_server.policy.secure", "fSecureLicensing", &pages::SECURE_GROUP),
    ] {
        if let Some((1, id)) = view.number(code) {
            let statement = format!("{name} at the policy path is 1.");
            raising.raise(page, examined, statement).fact(id).by_role(role);
        }
    }
}
