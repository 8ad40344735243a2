// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pages of findings about licence servers. They are raised where the role is present, or unknown.

use super::page::{FORGED, Page, pages};
use crate::licensing::report::{Certainty, Severity};

pages! {
    SERVICE_DISABLED "license_server.service.disabled" "Licensing service disabled" Notice Inferred FORGED
        when "TermServLicensing is disabled, and something other than the service shows the role: the state of the role, or the key TermServLicensing in SOFTWARE"
        shows "The service that issues licences is set not to start, on a machine with traces of that role."
        not "It does not show when it was last running, nor what it issued. The name of the role's key in ServerManager is not verified."
        innocent [
            "a licence server that was replaced and not removed",
            "hardening guides that list the service as one to disable",
        ]
        reproduce "read Start of Services\\TermServLicensing in any registry viewer"
        source "[BLOG] on the service; [INF] own inference"
    SERVICE_MISSING "license_server.service.missing" "Licensing service missing" Notice Inferred FORGED
        when "the state of the role Remote Desktop Licensing is installed, and no service TermServLicensing is registered in the control set in use"
        shows "The state of the role and the services of the control set in use do not agree."
        not "It does not show when or why the service went. The name of the role's key is not verified."
        innocent [
            "an installation or removal of the role that was not finished by a restart",
            "a version whose service has another name",
        ]
        reproduce "compare ServerComponentCache\\RDS-Licensing in SOFTWARE with Services in SYSTEM"
        source "[INF] name of the role's key"
    WORKGROUP "license_server.workgroup_unauthenticated" "Workgroup authentication turned off by a setting" Notice Documented FORGED
        when "DisableWorkgroupAuthEnforcement in the service's parameters is 1"
        shows "The licence server is set to issue licences to hosts of workgroups without authenticating them, which Microsoft describes as weaker."
        not "It does not show that a host used that."
        innocent ["Microsoft documents the value as a setting for hosts in workgroups"]
        reproduce "read the value in Services\\TermServLicensing\\Parameters"
        source "[MS] rds-license-session-hosts"
    UPGRADE_PREVENTED "license_server.upgrade_prevented" "Licence upgrade prevented by policy" Info Documented FORGED
        when "fPreventLicenseUpgrade at the policy path is 1 on a licence server"
        shows "The policy keeps the licence server from giving a licence of a newer version to a client of an older host."
        not "It does not show that a client asked for one."
        innocent ["the documented use: newer licences are kept for newer hosts"]
        reproduce "read fPreventLicenseUpgrade in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services in any registry viewer"
        source "[MS] TerminalServer.admx"
    SECURE_GROUP "license_server.secure_group" "Licences only for hosts of a group, by policy" Info Documented FORGED
        when "fSecureLicensing at the policy path is 1 on a licence server"
        shows "The policy limits the hosts that get licences to the group RDS Endpoint Servers."
        not "It does not show which hosts are in that group: the group is in the directory or in SAM."
        innocent ["the documented use: licences for known hosts alone"]
        reproduce "read fSecureLicensing in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services in any registry viewer"
        source "[MS] TerminalServer.admx"
}
