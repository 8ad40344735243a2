// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about a session host that may accept no sessions, or accept them in another way than usual: drain,
//! listener, disabled service, Azure Virtual Desktop, connection broker, contradictory role.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::host_evidence::HostEvidence;
use crate::meaning::Certainty;
use crate::meaning::system::{MULTI_SESSION_EDITION, ProductType};
use crate::report::Severity;

pages! {
    DRAIN "host.drain" "Session host is draining" Info Inferred FORGED
        when "TSServerDrainMode below Control\\Terminal Server is 1 in the control set in use"
        shows "The host is set to drain: Microsoft documents that a draining host accepts no new sessions."
        not "It does not show that a user met this, or when draining began. The meaning of the number rests on public code."
        innocent ["an administrator takes the host out of service for maintenance"]
        reproduce "read TSServerDrainMode in SYSTEM\\ControlSet00n\\Control\\Terminal Server (n: Select\\Current), in any registry viewer"
        source "[CODE] the value; [MS] draining"
    LISTENER "host.listener" "Listener off, or with a weak security layer" Info Inferred FORGED
        when "on a machine that may serve sessions, fEnableWinStation of the listener RDP-Tcp is 0, fLogonDisabled is 1, or SecurityLayer is 0 (RDP)"
        shows "The listener accepts no sessions, or protects sessions with the older RDP security layer."
        not "It does not show that the setting was ever used. A policy can override the security layer."
        innocent [
            "an administrator closed the listener for maintenance",
            "older clients need the RDP security layer",
        ]
        reproduce "read the values named in the finding in SYSTEM\\ControlSet00n\\Control\\Terminal Server\\WinStations\\RDP-Tcp (n: Select\\Current), in any registry viewer"
        source "[REAL] the values; [MS] SecurityLayer"
    SERVICE_OFF "host.service.disabled" "Remote Desktop service disabled" Info Documented FORGED
        when "on a machine that may serve sessions, Start of Services\\TermService is 4"
        shows "The Remote Desktop service is disabled: Windows does not start it while the setting lasts."
        not "It does not show when the service last ran, or whether the machine served sessions before."
        innocent [
            "a hardening guide recommends disabling the service",
            "the host was taken out of service",
        ]
        reproduce "read Start of Services\\TermService in any registry viewer"
        source "[MS] start types of services; [REAL] the place"
    AVD_SERVER "host.avd.server" "Host of Azure Virtual Desktop on Windows Server" Info Inferred FORGED
        when "IsRegistered of RDInfraAgent is 1 on an edition of Windows Server"
        shows "The agent of Azure Virtual Desktop is registered on Windows Server. Microsoft documents that Windows Server in Azure Virtual Desktop needs RDS CALs, and multi-session Windows does not."
        not "It does not show that sessions took place, or which licenses were bought."
        innocent ["this is an ordinary deployment of Windows Server in Azure Virtual Desktop"]
        reproduce "read IsRegistered in SOFTWARE\\Microsoft\\RDInfraAgent and ProductType in SYSTEM\\ControlSet00n\\Control\\ProductOptions (n: Select\\Current), in any registry viewer"
        source "[CODE] the value; [MS] rds-client-access-license"
    BROKER "host.broker" "Connection broker or deployment settings" Info Inferred FORGED
        when "a policy or local setting names a connection broker, or the key TSAppAllowList holds licensing values"
        shows "Settings name a connection broker, or the licensing of a deployment. Settings of the deployment may decide mode and license servers."
        not "It does not show the settings of the deployment: the broker holds them. Whether values in TSAppAllowList are in effect is not documented."
        innocent ["this is ordinary on a host of a deployment"]
        reproduce "read SessionDirectoryLocation below Control\\Terminal Server\\ClusterSettings and in the policy key, and the values of SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Terminal Server\\TSAppAllowList, in any registry viewer"
        source "[MS] TerminalServer.admx; [CODE] ClusterSettings and TSAppAllowList"
    ROLE_CONTRADICTED "host.role.contradicted" "Signs of the session-host role contradict each other" Info Observed FORGED
        when "InstallState of RDS-RD-Server is 0 and TSAppCompat is 1, or InstallState is 1 and TSAppCompat is 0"
        shows "One sign says that the machine has the role of a session host, and the other says that it does not."
        not "It does not show which sign is right, or whether the machine served sessions."
        innocent [
            "an installation or removal of the role was not complete, or still needed a restart",
            "SYSTEM and SOFTWARE are of different times",
            "a script or an application compatibility setting wrote TSAppCompat",
        ]
        reproduce "compare ServerComponentCache\\RDS-RD-Server in SOFTWARE with TSAppCompat in SYSTEM\\ControlSet00n\\Control\\Terminal Server (n: Select\\Current), in any registry viewer"
        source "[MS] InstallState 0; [INF] the meaning of 1 and of TSAppCompat"
}

/// Finds what may keep a machine that can serve sessions from doing so as usual.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let view = &examined.view;
    if let Some((1, id)) = view.number(Code::HostDrainMode) {
        let statement = String::from("TSServerDrainMode is 1: the host is set to drain.");
        drafts.push(Draft::about(&DRAIN, examined, statement).fact(&id));
    }
    let (mut parts, mut facts) = (Vec::new(), Vec::new());
    for (code, number, words) in [
        (Code::HostListenerEnabled, 0, "fEnableWinStation is 0 (listener off)"),
        (Code::HostListenerLogonDisabled, 1, "fLogonDisabled is 1 (no sign-in)"),
        (Code::HostListenerSecurityLayer, 0, "SecurityLayer is 0 (RDP)"),
    ] {
        if let Some((_, id)) = view.number(code).filter(|(found, _)| *found == number) {
            parts.push(words);
            facts.push(id);
        }
    }
    if !parts.is_empty() {
        let statement = format!("Listener RDP-Tcp: {}.", parts.join(", "));
        drafts.push(Draft::about(&LISTENER, examined, statement).facts(&facts));
    }
    if let Some((4, id)) = view.number(Code::HostServiceStart) {
        let statement = String::from("Start of the service TermService is 4 (disabled).");
        drafts.push(Draft::about(&SERVICE_OFF, examined, statement).fact(&id));
    }
    broker(examined, drafts);
}

/// Finds an agent of Azure Virtual Desktop on Windows Server.
pub(super) fn azure_virtual_desktop(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let view = &examined.view;
    let Some((1, id)) = view.number(Code::HostAvdRegistered) else { return };
    let Some((product, of_product)) = view.text(Code::SystemProductType) else { return };
    let is_multi_session = view
        .text(Code::SystemEdition)
        .is_none_or(|(edition, _)| edition.eq_ignore_ascii_case(MULTI_SESSION_EDITION));
    let is_server = ProductType::parse(&product).is_some_and(|it| it != ProductType::Client);
    if is_server && !is_multi_session {
        let statement = format!(
            "IsRegistered of RDInfraAgent is 1 on Windows Server (ProductType {product}). Microsoft documents that \
             Windows Server in Azure Virtual Desktop needs RDS CALs, and that Per User CALs are not enforced."
        );
        let draft = Draft::about(&AVD_SERVER, examined, statement);
        drafts.push(draft.fact(&id).fact(&of_product));
    }
}

/// Finds a connection broker, or licensing settings of a deployment.
fn broker(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let view = &examined.view;
    let (mut parts, mut facts) = (Vec::new(), Vec::new());
    for (code, words) in [
        (Code::SystemPolicyBroker, "connection broker by policy"),
        (Code::SystemBroker, "connection broker"),
        (Code::HostDeploymentLicenseServers, "license servers in TSAppAllowList"),
        (Code::HostDeploymentLicensingType, "LicensingType in TSAppAllowList"),
        (Code::HostDeploymentCentralLicensing, "CentralLicensing in TSAppAllowList"),
    ] {
        if let Some((text, id)) = view.filled(code) {
            parts.push(format!("{words}: {text}"));
            facts.push(id);
        }
    }
    if !parts.is_empty() {
        let parts = parts.join("; ");
        let statement =
            format!("Traces of a deployment: {parts}. Settings of the deployment may decide.");
        drafts.push(Draft::about(&BROKER, examined, statement).facts(&facts));
    }
}

/// Finds an installed role without the application server flag, or the reverse.
pub(super) fn contradicted_role(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let view = &examined.view;
    let signs = (view.number(Code::SystemRoleSessionHost), view.number(Code::HostAppCompat));
    let (Some((installed, of_role)), Some((flag, of_flag))) = signs else { return };
    if matches!((installed, flag), (0, 1) | (1, 0)) {
        let statement = format!(
            "InstallState of RDS-RD-Server is {installed}, and TSAppCompat is {flag}: the signs of the role contradict \
             each other."
        );
        let draft = Draft::about(&ROLE_CONTRADICTED, examined, statement);
        drafts.push(draft.fact(&of_role).fact(&of_flag));
    }
}
