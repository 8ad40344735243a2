// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about the licensing mode of a session host.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::findings::recovery::MODES;
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::membership::Membership;
use crate::interpret::settings::is_before_server_2003;
use crate::interpret::system::workgroup;
use crate::meaning::{Certainty, LicensingMode};
use crate::report::Severity;

pages! {
    MODE_NOT_CONFIGURED "host.mode.not_configured" "Licensing mode not configured" Notice Documented FORGED
        when "per the hives at hand, the licensing mode in effect is 5 (Not configured); or both hives are at hand, every recognized place was read, and none sets a mode"
        shows "Per the hives at hand, no licensing mode is set. This matters only if the machine is a session host; see its role."
        not "It does not show that sessions took place without a license. These hives do not hold deployment-wide settings on a connection broker, or policy in a Registry.pol file."
        innocent [
            "the host is within its grace period, or its setup is not complete",
            "the deployment's connection broker sets the mode",
        ]
        reproduce "read LicensingMode in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services and in SYSTEM\\ControlSet00n\\Control\\Terminal Server\\RCM\\Licensing Core (n: Select\\Current), in any registry viewer"
        source "[MS] remote-desktop-licensing-mode-not-configured-warning"
    MODE_INVALID "host.mode.invalid" "Invalid licensing mode" Notice Documented FORGED
        when "the value that sets the licensing mode is not a number, or is not the number of a session-host mode"
        shows "The value in effect is not one of the values that Microsoft documents for the licensing mode of a session host in the registry."
        not "It does not show how Windows handles the value."
        innocent [
            "KB 834651 describes a fault of Server 2003 that writes 0",
            "a script wrote a mode number from WMI to the registry",
        ]
        reproduce "read the value named in the finding in any registry viewer"
        source "[MS] TerminalServer.admx; KB 834651"
    MODE_DIFFERS "host.mode.policy_differs" "Policy and local licensing mode differ" Info Documented FORGED
        when "LicensingMode at the policy path and the local setting are different numbers, and the local setting is not 5 (Not configured)"
        shows "The value at the policy path differs from the local value. Microsoft documents that the policy takes precedence."
        not "It does not show who set either value, or when each took effect."
        innocent ["a policy is meant to override the setting made at installation"]
        reproduce "compare both values in any registry viewer"
        source "[MS] remote-desktop-licensing-mode-not-configured-warning"
    MEMBERSHIP_UNKNOWN "host.mode.per_user_membership_unknown" "Per User mode, but domain membership unknown" Info Inferred FORGED
        when "the licensing mode in effect is 4 (Per User), and the hives hold no evidence of a domain, a workgroup or a Microsoft Entra join"
        shows "Per-user licenses are recorded in a directory. These hives do not show that the host belonged to one."
        not "It does not show that the host was in a workgroup. A DNS suffix is no evidence either way."
        innocent [
            "a domain member whose policy state is not in these hives",
            "a workgroup host on which the mode has no effect or was set for a test",
        ]
        reproduce "look for the value Distinguished-Name below Group Policy\\State\\Machine, for the key CloudDomainJoin\\JoinInfo, and for the default value of SECURITY\\Policy\\PolPrDmS"
        source "[MS] cannot-connect-rds-no-license-server: not permitted for workgroup servers; [INF] what shows membership"
    PER_USER_WORKGROUP "host.mode.per_user_workgroup" "Per User mode in a workgroup" Notice Inferred FORGED
        when "the licensing mode in effect is 4 (Per User), the security identifier of the primary domain in SECURITY is empty, and no other evidence shows a domain or a Microsoft Entra join"
        shows "The host is set to Per User and is in a workgroup. Microsoft documents that Per User CALs are not permitted on workgroup servers (KB 2833839)."
        not "It does not show that a user used a session, or that licenses were missing."
        innocent [
            "the mode was set before the machine left a domain, or for a test",
            "the machine was to join a domain",
        ]
        reproduce "read the default value of SECURITY\\Policy\\PolPrDmS: it is empty in a workgroup; read LicensingMode as the finding names it"
        source "[MS] KB 2833839, rds-license-session-hosts; [REAL] the empty value in 2 of 2 hives of workgroup machines"
    MULTI_SESSION "host.mode.multi_session" "Licensing mode set on multi-session Windows" Info Inferred FORGED
        when "the edition is multi-session Windows, and LicensingMode is set at the policy path"
        shows "The policy sets a licensing mode on an edition that needs no RDS CAL. Modes other than 6 are reported to cause licensing faults on that edition; mode 6 is reported as harmless."
        not "It does not show that licenses were used, or that they were missing."
        innocent [
            "a policy for servers applied to all machines",
            "value 6 (AAD Per User), which public code reports as harmless on multi-session Windows",
        ]
        reproduce "read EditionID, and LicensingMode in SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services, in any registry viewer"
        source "[CODE], [INF] own inference"
}

/// Finds a missing or invalid mode, Per User mode without known membership, and a policy that differs from
/// the local setting.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let (setting, role) = (&examined.host.licensing_mode, &examined.host.session_host);
    let draft = |page| Draft::about(page, examined, setting.in_words()).by_role(role);
    match setting.value {
        None if !setting.facts.is_empty() => {
            drafts.push(draft(&MODE_INVALID).facts(&setting.facts));
        }
        None => {
            // Windows 2000 has no setting of the mode.
            let is_shown = examined.has_both() && examined.shows_absence(&MODES);
            if is_shown && !is_before_server_2003(&examined.view) {
                drafts.push(draft(&MODE_NOT_CONFIGURED));
            }
        }
        Some(LicensingMode::NOT_CONFIGURED) => {
            drafts.push(draft(&MODE_NOT_CONFIGURED).facts(&setting.facts));
        }
        Some(LicensingMode::PER_USER) => membership(examined, drafts),
        Some(LicensingMode::ADMINISTRATION) => {}
        Some(mode) if mode.is_of_session_host() => {}
        Some(_) => drafts.push(draft(&MODE_INVALID).facts(&setting.facts)),
    }
    let mode = |code| {
        let (number, id) = examined.view.number(code)?;
        Some((LicensingMode(number), id))
    };
    // A local setting of "Not configured" sets no mode, so a policy does not differ from it.
    if let (Some((by_policy, policy)), Some((set, local))) =
        (mode(Code::HostPolicyLicensingMode), mode(Code::HostRcmLicensingMode))
        && by_policy != set
        && set != LicensingMode::NOT_CONFIGURED
    {
        drafts.push(draft(&MODE_DIFFERS).fact(&policy).fact(&local));
    }
}

/// Finds Per User without evidence of domain membership or a Microsoft Entra join.
fn membership(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let (membership, facts) = Membership::of(&examined.view);
    match membership {
        Membership::Named(_) | Membership::Controller | Membership::Domain(_) => return,
        _ if examined.view.one(Code::SystemEntraTenant).is_some() => return,
        Membership::Workgroup(name) => {
            let workgroup = workgroup(name.as_deref());
            let statement = format!(
                "The licensing mode in effect, per the hives at hand, is 4 (Per User); the machine is in the \
                 {workgroup}, per SECURITY. Microsoft documents that Per User CALs are not permitted on workgroup \
                 servers (KB 2833839)."
            );
            let draft = Draft::about(&PER_USER_WORKGROUP, examined, statement)
                .by_role(&examined.host.session_host)
                .facts(&examined.host.licensing_mode.facts)
                .facts(&facts);
            drafts.push(draft);
            return;
        }
        Membership::Unknown => {}
    }
    if !examined.has_both() {
        return;
    }
    let domain = examined.host.system.domain.as_ref();
    let known = domain.map_or("membership unknown", |domain| domain.text.as_str());
    let statement =
        format!("The licensing mode in effect, per the hives at hand, is 4 (Per User); {known}.");
    let draft = Draft::about(&MEMBERSHIP_UNKNOWN, examined, statement)
        .by_role(&examined.host.session_host)
        .facts(&examined.host.licensing_mode.facts)
        .facts(domain.map_or(&[], |domain| &domain.facts));
    drafts.push(draft);
}

/// Finds a policy that sets the mode on multi-session Windows.
pub(super) fn multi_session(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    if let Some(exhibit) = examined.view.one(Code::HostPolicyLicensingMode) {
        let data = exhibit.fact.data.as_slice();
        let number = <[u8; 4]>::try_from(data).map(u32::from_le_bytes);
        let number = number.map_or_else(|_| String::from("no number"), |it| it.to_string());
        let statement = format!(
            "LicensingMode at the policy path is {number} on an edition of multi-session Windows."
        );
        let draft = Draft::about(&MULTI_SESSION, examined, statement);
        drafts.push(draft.exhibit(exhibit).facts(&examined.host.session_host.facts));
    }
}
