// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about a license server: its service and its settings.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::hive::name::Name;

use crate::catalog::Code;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::Certainty;
use crate::report::{RoleState, Severity};

pages! {
    SERVICE_DISABLED "license_server.service.disabled" "Licensing service disabled" Notice Inferred FORGED
        when "TermServLicensing is disabled, and the state of the role or the key TermServLicensing in SOFTWARE shows traces of the role"
        shows "The service that issues licenses is disabled on a machine with traces of that role."
        not "It does not show when the service last ran, or what it issued. The name of the role's key in ServerManager is not verified."
        innocent [
            "the license server was replaced but not removed",
            "a hardening guide recommends disabling the service",
        ]
        reproduce "read Start of Services\\TermServLicensing in any registry viewer"
        source "[BLOG] on the service; [INF] own inference"
    SERVICE_MISSING "license_server.service.missing" "Licensing service missing" Notice Inferred FORGED
        when "the role Remote Desktop Licensing is marked as installed, and the control set in use has no service TermServLicensing"
        shows "The state of the role does not match the services in the control set in use."
        not "It does not show when or why the service disappeared. The name of the role's key is not verified."
        innocent [
            "an installation or removal of the role still needed a restart",
            "a version of Windows whose service has another name",
        ]
        reproduce "compare ServerComponentCache\\RDS-Licensing in SOFTWARE with Services in SYSTEM"
        source "[INF] name of the role's key"
    WORKGROUP "license_server.workgroup_unauthenticated" "Workgroup authentication turned off" Notice Documented FORGED
        when "the value DisableWorkgroupAuthEnforcement in the service's parameters is 1"
        shows "The license server is configured to issue licenses to workgroup hosts without authentication. Microsoft describes this as weaker."
        not "It does not show that a host used this setting."
        innocent ["Microsoft documents the value as a setting for workgroup hosts"]
        reproduce "read the value in Services\\TermServLicensing\\Parameters"
        source "[MS] rds-license-session-hosts"
    UPGRADE_PREVENTED "license_server.upgrade_prevented" "License upgrade prevented by policy" Info Documented FORGED
        when "fPreventLicenseUpgrade at the policy path is 1 on a license server"
        shows "The policy prevents the license server from issuing a license of a newer version to a client of an older host."
        not "It does not show that a client requested such a license."
        innocent ["the documented use: the policy reserves newer licenses for newer hosts"]
        reproduce "read fPreventLicenseUpgrade in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services in any registry viewer"
        source "[MS] TerminalServer.admx"
    SECURE_GROUP "license_server.secure_group" "Licenses limited to a group of hosts by policy" Info Documented FORGED
        when "fSecureLicensing at the policy path is 1 on a license server"
        shows "The policy limits licenses to hosts in the group RDS Endpoint Servers."
        not "It does not show which hosts are in the group. The group is stored in the directory or in SAM."
        innocent ["the documented use: only known hosts receive licenses"]
        reproduce "read fSecureLicensing in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services in any registry viewer"
        source "[MS] TerminalServer.admx"
}

/// Start type of a disabled service.
const DISABLED: u32 = 4;

/// Finds a disabled or missing service, and settings of a license server.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    service(examined, drafts);
    if examined.host.license_server.state != RoleState::Absent {
        settings(examined, drafts);
    }
}

fn is_named(exhibit: &Exhibit<'_>, name: &str) -> bool {
    Name::from(exhibit.value_name()).same(name.into())
}

/// Finds a disabled or missing service on a machine that has traces of the role.
fn service(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let (view, role) = (&examined.view, &examined.host.license_server);
    let installed = view.number(Code::SystemRoleLicenseServer).filter(|(state, _)| *state == 1);
    let start = view.number(Code::LicenseServerStart);
    // RunAsRTM also exists on session hosts, so RunAsRTM is no trace of this role.
    let mut settings = view
        .all(Code::LicenseServerSoftware)
        .filter(|it| it.fact.state.is_value() && !is_named(it, "RunAsRTM"));
    // A disabled service alone is no evidence of the role: guides recommend disabling the service
    // on every machine.
    let evidence = installed.as_ref().map(|(_, id)| id.clone());
    let evidence = evidence.or_else(|| settings.next().map(|it| it.id.clone()));
    if let (Some((DISABLED, id)), Some(evidence)) = (&start, evidence) {
        let statement = String::from(
            "Start of the service TermServLicensing is 4 (disabled) on a machine with traces of the role.",
        );
        let draft = Draft::about(&SERVICE_DISABLED, examined, statement);
        drafts.push(draft.fact(id).fact(&evidence).by_role(role));
    }
    let is_registered = view.one(Code::LicenseServerImage).is_some() || start.is_some();
    let is_known = view.current_set().is_some()
        && examined.shows_absence(&[Code::LicenseServerStart, Code::LicenseServerImage]);
    if let (Some((_, id)), false, true) = (&installed, is_registered, is_known) {
        let service =
            [Code::LicenseServerService, Code::LicenseServerStart, Code::LicenseServerImage];
        let statement = format!(
            "InstallState of the role is 1, and the control set in use has no service TermServLicensing{}.",
            view.recovered_note(&service)
        );
        let draft = Draft::about(&SERVICE_MISSING, examined, statement);
        drafts.push(draft.fact(id).by_role(role));
    }
}

/// Finds settings that weaken or restrict licensing.
fn settings(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let (view, role) = (&examined.view, &examined.host.license_server);
    let mut parameters = view.all(Code::LicenseServerParameters);
    let unauthenticated = parameters
        .find(|it| is_named(it, "DisableWorkgroupAuthEnforcement") && it.fact.data == [1, 0, 0, 0]);
    if let Some(exhibit) = unauthenticated {
        let statement = String::from("DisableWorkgroupAuthEnforcement is 1.");
        let draft = Draft::about(&WORKGROUP, examined, statement);
        drafts.push(draft.exhibit(exhibit).by_role(role));
    }
    for (code, name, page) in [
        (Code::LicenseServerPolicyNoUpgrade, "fPreventLicenseUpgrade", &UPGRADE_PREVENTED),
        (Code::LicenseServerPolicySecure, "fSecureLicensing", &SECURE_GROUP),
    ] {
        if let Some((1, id)) = view.number(code) {
            let statement = format!("{name} at the policy path is 1.");
            drafts.push(Draft::about(page, examined, statement).fact(&id).by_role(role));
        }
    }
}
