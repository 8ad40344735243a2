// SPDX-License-Identifier: MIT OR Apache-2.0
//! Findings about a session host: the rules for its role, settings at unusual places, and control sets
//! that differ.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use crate::catalog::{Code, LOCATIONS, Meaning, Subject};
use crate::interpret::findings::draft::Draft;
use crate::interpret::findings::page::{FORGED, FindingPage, pages};
use crate::interpret::findings::{grace_period, grace_task, mode, servers, service, service_state};
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::view::Exhibit;
use crate::meaning::Certainty;
use crate::report::{RoleState, Severity};

pages! {
    UNUSUAL_PLACE "host.setting.unusual_place" "Setting at an unusual place" Info Inferred FORGED
        when "a licensing setting or its key exists below Control\\Terminal Server\\Licensing Core, where only third-party scripts are known to write it; below Control\\TerminalServer, a path in KB 834651 that is considered a misprint; or in a Wow6432Node copy of a key that both views share"
        shows "A setting or its key exists at a place where Windows is not known to look for it."
        not "It does not show what wrote the setting, or whether the setting has an effect."
        innocent [
            "a script or guide gave a wrong path; KB 834651 itself prints one",
            "a program writes policies to both views",
        ]
        reproduce "read the value named in the finding in any registry viewer"
        source "[CODE] third-party scripts; [MS] KB 834651 for the path printed there; [INF] which keys are shared"
    CONTROL_SETS_DIFFER "host.control_sets.differ" "Licensing settings differ between control sets" Info Observed FORGED
        when "a setting of a session host or license server has different data in different control sets"
        shows "The control sets hold different data."
        not "It does not show who changed the setting. Only key timestamps limit the time of the change."
        innocent ["any change of a setting between two starts leaves this difference until Windows rewrites the older set"]
        reproduce "compare the control sets that Select names in any registry viewer"
        source "[REAL] several control sets on real hives"
}

/// Applies the rules about session hosts that fit the role of the host.
pub(super) fn find(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    service::concurrent_sessions(examined, drafts);
    unusual_places(examined, drafts);
    match examined.host.session_host.state {
        RoleState::NotApplicable => {
            mode::multi_session(examined, drafts);
            service_state::find(examined, drafts);
        }
        RoleState::Absent => {}
        RoleState::Present | RoleState::Unknown => {
            mode::find(examined, drafts);
            servers::find(examined, drafts);
            grace_period::find(examined, drafts);
            grace_task::find(examined, drafts);
            service_state::find(examined, drafts);
            servers::registration(examined, drafts);
        }
    }
    service_state::azure_virtual_desktop(examined, drafts);
    service_state::contradicted_role(examined, drafts);
    control_sets(examined, drafts);
}

/// Finds settings in the current control set at places where Windows is not known to look.
fn unusual_places(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    const CODES: [Code; 2] = [Code::HostLicensingCoreLicensingMode, Code::HostPolicyAcOnAsPrinted];
    let places = LOCATIONS.iter().filter(|place| {
        let is_odd = place.meaning == Meaning::Anomaly || CODES.contains(&place.code);
        is_odd && may_have_role(examined, place.code)
    });
    let odd: Vec<&Exhibit<'_>> = places.flat_map(|place| examined.view.all(place.code)).collect();
    let keys: BTreeSet<&str> = odd.iter().map(|it| it.fact.provenance.key.as_str()).collect();
    if keys.is_empty() {
        return;
    }
    let keys: Vec<&str> = keys.into_iter().collect();
    let statement = format!("A licensing setting or its key exists at {}.", keys.join(" and at "));
    let draft = Draft::about(&UNUSUAL_PLACE, examined, statement);
    drafts.push(odd.iter().fold(draft, |draft, exhibit| draft.exhibit(exhibit)));
}

/// Whether the host may have the role that a place belongs to.
fn may_have_role(examined: &HostEvidence<'_>, code: Code) -> bool {
    let role = match code.subject() {
        Subject::SessionHost => &examined.host.session_host,
        Subject::LicenseServer => &examined.host.license_server,
        Subject::Client | Subject::System => return false,
    };
    role.state != RoleState::Absent
}

/// Finds licensing settings that differ between control sets.
fn control_sets(examined: &HostEvidence<'_>, drafts: &mut Vec<Draft>) {
    let differences = examined.host.differences.iter();
    let all: Vec<_> = differences.filter(|it| may_have_role(examined, it.code)).collect();
    if all.is_empty() {
        return;
    }
    let titles: Vec<&str> = all.iter().map(|difference| difference.title.as_str()).collect();
    let statement = format!("The control sets differ in: {}.", titles.join("; "));
    let draft = Draft::about(&CONTROL_SETS_DIFFER, examined, statement);
    drafts.push(all.iter().fold(draft, |draft, difference| draft.facts(&difference.facts)));
}
