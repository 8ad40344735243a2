// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about the license servers of a session host, and its registration with one.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::fact::State;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::findings::recovery::SERVERS;
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::settings::{CERTIFICATES, LOCAL_SERVERS, servers_of};
use crate::interpret::view::Exhibit;
use crate::meaning::license_servers::joined;
use crate::meaning::{Certainty, MachineName};
use crate::report::Severity;

pages! {
    SERVERS_DIFFER "host.servers.policy_differs" "Policy and local license servers differ" Info Documented FORGED
        when "the policy and the local settings name different license servers; order, case and domain suffix are ignored"
        shows "The policy and the local settings name different license servers. Microsoft documents that the policy takes precedence."
        not "It does not show which license server issued licenses, if any."
        innocent ["a policy is meant to override the setting made at installation"]
        reproduce "compare LicenseServers in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services with SpecifiedLicenseServers in any registry viewer"
        source "[MS] TerminalServer.admx"
    NO_SERVERS "host.servers.none" "No license server configured" Notice Documented FORGED
        when "both hives are at hand, every recognized place was read, and none names a license server"
        shows "Per the hives at hand, no license server is configured. This matters only if the machine is a session host; see its role."
        not "It does not show that the host used no license server. Older versions discover servers automatically, and Microsoft's texts on later versions conflict. These hives do not hold deployment-wide settings on a connection broker, or policy in a Registry.pol file."
        innocent [
            "automatic discovery, or a server set by the deployment's connection broker",
            "the host is within its grace period",
        ]
        reproduce "in any registry viewer, read LicenseServers in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services, and the keys below Services\\TermService\\Parameters in SYSTEM\\ControlSet00n (n: Select\\Current)"
        source "[MS] TerminalServer.admx; KB 2473823"
    LOOPBACK_ONLY "host.servers.loopback_only" "All license servers are loopback names" Info Inferred FORGED
        when "every license server in effect is localhost or a loopback address"
        shows "The host is configured to request licenses from itself. Every machine uses a loopback name for itself."
        not "It does not show whether a license server runs on the host."
        innocent ["the host is its own license server", "a template or script for single machines set the name"]
        reproduce "read the license-server value listed under Observed in any registry viewer"
        source "[INF] own inference from the names"
    WARNINGS_SUPPRESSED "host.warnings.suppressed" "Licensing warnings suppressed by policy" Info Documented FORGED
        when "fDisableTerminalServerTooltip at the policy path is 1"
        shows "A policy turns off notifications about licensing problems (TerminalServer.admx)."
        not "It does not show that there was a problem."
        innocent ["an administrator did not want to see the messages"]
        reproduce "read fDisableTerminalServerTooltip in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services in any registry viewer"
        source "[MS] TerminalServer.admx"
    NO_REGISTRATION "host.registration.none" "No certificate from a license server" Info Inferred FORGED
        when "SYSTEM with a key Control\\Terminal Server is at hand, and the value X509 Certificate is missing at every place where a host keeps certificates from a license server"
        shows "The hives at hand show no registration with a license server."
        not "It does not show that the host never contacted a license server: a published repair removes the certificates."
        innocent [
            "the host is in its grace period",
            "the published repair deleted the certificates, and the service has not created new ones yet",
        ]
        reproduce "in SYSTEM\\ControlSet00n (n: Select\\Current), look for X509 Certificate and X509 Certificate2 below Control\\Terminal Server\\RCM and Services\\TermService\\Parameters"
        source "[CODE], [INF] what the absence means; [MS] MS-RDPELE 3.2.1.3"
}

/// Key of every Windows that can serve sessions.
const TERMINAL_SERVER: &str = r"Control\Terminal Server";

/// Finds missing servers, loopback servers only, a policy that differs, and suppressed warnings.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    in_effect(examined, drafts);
    warnings(examined, drafts);
}

fn in_effect(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let (view, setting) = (&examined.view, &examined.host.license_servers);
    let role = &examined.host.session_host;
    let draft =
        |page, statement: &str| Draft::about(page, examined, String::from(statement)).by_role(role);
    let Some(servers) = &setting.value else {
        if examined.has_both() && examined.shows_absence(&SERVERS) {
            drafts.push(draft(&NO_SERVERS, &setting.in_words()));
        }
        return;
    };
    if servers.iter().all(MachineName::is_loopback) {
        let names = joined(servers);
        let statement =
            format!("The license servers in effect, per the hives at hand, are {names}.");
        drafts.push(draft(&LOOPBACK_ONLY, &statement).facts(&setting.facts));
    }
    let policy: Vec<&Exhibit<'_>> = view.all(Code::HostPolicyLicenseServers).collect();
    let local: Vec<&Exhibit<'_>> = LOCAL_SERVERS.iter().flat_map(|code| view.all(*code)).collect();
    let names = |exhibits: &[&Exhibit<'_>]| -> BTreeSet<String> {
        exhibits.iter().flat_map(|it| servers_of(it)).map(|name| name.comparable()).collect()
    };
    let (by_policy, set) = (names(&policy), names(&local));
    if !by_policy.is_empty() && !set.is_empty() && by_policy != set {
        let both = policy.iter().chain(&local);
        let draft = draft(&SERVERS_DIFFER, &setting.in_words());
        drafts.push(both.fold(draft, |draft, exhibit| draft.exhibit(exhibit)));
    }
}

/// Finds a policy that suppresses licensing warnings.
fn warnings(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    if let Some((1, id)) = examined.view.number(Code::HostPolicyTooltip) {
        let statement = String::from(
            "fDisableTerminalServerTooltip is 1: a policy suppresses licensing warnings.",
        );
        let draft = Draft::about(&WARNINGS_SUPPRESSED, examined, statement);
        drafts.push(draft.by_role(&examined.host.session_host).fact(&id));
    }
}

/// Whether the control set in use has a key `Terminal Server`. Without that key, the machine cannot be a session
/// host, and no value can be missing from the key.
fn has_terminal_server(examined: &HostEvidence<'_>) -> bool {
    let view = &examined.view;
    let of_key = view.facts.iter().filter(|it| it.fact.location.key == TERMINAL_SERVER);
    of_key.filter(|it| it.control_set() == view.current_set()).any(|it| {
        let state = it.fact.state;
        state.is_found() || state == State::NotInKey
    })
}

/// Finds a host without a certificate from a license server.
pub(super) fn registration(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let view = &examined.view;
    let is_there = CERTIFICATES.iter().any(|code| view.one(*code).is_some());
    if is_there
        || !examined.shows_absence(&CERTIFICATES)
        || view.current_set().is_none()
        || !has_terminal_server(examined)
    {
        return;
    }
    let searched = view
        .facts
        .iter()
        .filter(|it| CERTIFICATES.contains(&it.code()) && it.control_set() == view.current_set());
    let statement = format!(
        "No X509 Certificate below RCM or TermService\\Parameters, and no X509 Certificate2 below RCM; searched in {}{}. These \
         places show no registration with a license server.",
        view.searched(Some(HiveKind::System)),
        view.recovered_note(&CERTIFICATES)
    );
    let draft = Draft::about(&NO_REGISTRATION, examined, statement);
    let draft = draft.by_role(&examined.host.session_host);
    drafts.push(searched.fold(draft, |draft, exhibit| draft.exhibit(exhibit)));
}
