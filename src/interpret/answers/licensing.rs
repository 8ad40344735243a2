// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers about the machine as a session host: the licensing in effect, reasons to refuse users, and whether
//! licenses suffice.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::interpret::answers::texts;
use crate::interpret::findings;
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::settings::{self, CERTIFICATES};
use crate::meaning::{Certainty, LicensingMode};
use crate::report::{Answer, Finding, RoleState, Text};

/// Answers: What licensing is in effect?
pub(super) fn in_effect(examined: &HostEvidence<'_>) -> Answer {
    Answer {
        shown: shown(examined).into(),
        not_shown: Text::from("Settings of the deployment on a connection broker."),
        certainty: Certainty::Inferred,
        facts: facts(examined),
        next_evidence: texts(&[
            "RD Licensing Diagnoser on a running host",
            "the connection broker's database, for settings of the deployment",
        ]),
        ..Answer::of("licensing", "What licensing is in effect?")
    }
}

/// Describes role, mode, servers and registration.
fn shown(examined: &HostEvidence<'_>) -> String {
    let host = &examined.host;
    let role = match host.session_host.state {
        RoleState::Present => "The role of a session host is present.",
        RoleState::Absent => "The role of a session host is absent.",
        RoleState::NotApplicable => "Multi-session Windows needs no RDS CAL.",
        RoleState::Unknown => "It is unknown whether the role of a session host is present.",
    };
    let (mode, servers) = (&host.licensing_mode.statement, &host.license_servers.statement);
    format!("{role} {mode} {servers} {}", registration(examined))
}

/// Describes the registration with license servers.
fn registration(examined: &HostEvidence<'_>) -> String {
    let registered: Vec<String> =
        examined.registered_with().into_iter().map(|it| it.text).collect();
    if !registered.is_empty() {
        return format!("Registration: {}.", registered.join("; "));
    }
    let view = &examined.view;
    let doubts = view.doubts(&CERTIFICATES);
    let stored: Vec<&str> = CERTIFICATES
        .iter()
        .flat_map(|code| view.all(*code))
        .filter(|it| it.fact.state.is_value())
        .map(|it| it.id.as_str())
        .collect();
    if !stored.is_empty() {
        format!(
            "Registration: a certificate is stored and was not decoded ({}).",
            stored.join(", ")
        )
    } else if !view.has(HiveKind::System) {
        String::from("Registration unknown: no SYSTEM hive of this host was read.")
    } else if !doubts.is_empty() {
        format!("Registration not determinable: {}.", doubts.join("; "))
    } else {
        format!(
            "No X509 Certificate is stored below RCM or TermService\\Parameters; searched in {}{}.",
            view.searched(Some(HiveKind::System)),
            view.recovered_note(&CERTIFICATES)
        )
    }
}

fn facts(examined: &HostEvidence<'_>) -> Vec<String> {
    let host = &examined.host;
    let registered = examined.registered_with().into_iter().flat_map(|it| it.facts);
    let settings = [&host.licensing_mode.facts[..], &host.license_servers.facts].concat();
    settings.into_iter().chain(host.session_host.facts.clone()).chain(registered).collect()
}

/// Answers: Why might users be refused?
pub(super) fn refused(examined: &HostEvidence<'_>, findings: &[&Finding]) -> Answer {
    let view = &examined.view;
    let is_number = |code, wanted| view.number(code).is_some_and(|(number, _)| number == wanted);
    let is_listener_off =
        is_number(Code::HostListenerEnabled, 0) || is_number(Code::HostListenerLogonDisabled, 1);
    // Public code reports this mode as harmless on multi-session Windows.
    let is_harmless = examined.host.licensing_mode.value == Some(LicensingMode::AAD_PER_USER);
    let reasons: Vec<&&Finding> = findings
        .iter()
        .filter(|it| findings::can_refuse_users(it.code))
        .filter(|it| is_listener_off || it.code != findings::LISTENER)
        .filter(|it| !is_harmless || it.code != findings::MULTI_SESSION)
        .collect();
    let state = examined.host.session_host.state;
    let shown = if state == RoleState::Absent {
        String::from(
            "The role of a session host is absent: without it, the machine requests no licenses for its sessions.",
        )
    } else if !reasons.is_empty() {
        let reasons: Vec<String> =
            reasons.iter().map(|it| format!("{} ({})", it.title, it.id)).collect();
        format!("Possible reasons: {}.", reasons.join("; "))
    } else {
        let doubts = examined.view.doubts(&settings::all_places());
        match doubts.as_slice() {
            _ if !examined.has_both() => String::from(
                "Not determinable without both SYSTEM and SOFTWARE, and a control set in use.",
            ),
            [] => String::from("Nothing in these hives indicates a reason."),
            doubts => format!("Not determinable: {}.", doubts.join("; ")),
        }
    };
    Answer {
        shown: shown.into(),
        not_shown: Text::from(
            "Whether anybody was refused; the network, accounts, and the state of the license server.",
        ),
        certainty: Certainty::Inferred,
        facts: reasons.iter().flat_map(|it| it.facts.clone()).collect(),
        next_evidence: texts(&[
            "event log TerminalServices-RemoteConnectionManager/Admin, events 1128 to 1131",
            "RD Licensing Diagnoser on a running host",
        ]),
        ..Answer::of("refused", "Why might users be refused?")
    }
}

/// Answers: Is this host under-licensed?
pub(super) fn enough(examined: &HostEvidence<'_>) -> Answer {
    let host = &examined.host;
    let is_read = examined.has_both() && examined.view.doubts(&settings::all_places()).is_empty();
    let mode = match (host.licensing_mode.value, &host.licensing_mode.label) {
        (Some(mode), Some(label)) => format!("mode {mode} ({label})"),
        (Some(mode), None) => format!("mode {mode}"),
        (None, Some(label)) if !label.is_empty() => format!("an invalid mode ({label})"),
        (None, _) if is_read => String::from("no mode"),
        (None, _) => String::from("mode not determinable"),
    };
    let servers = match &host.license_servers.value {
        Some(servers) => {
            let names: Vec<String> = servers.iter().map(|it| it.as_str().to_string()).collect();
            format!("license servers {}", names.join(", "))
        }
        None if is_read => String::from("no license server"),
        None => String::from("license servers not determinable"),
    };
    Answer {
        shown: format!("Not determinable from SYSTEM and SOFTWARE. In effect: {mode}, {servers}.")
            .into(),
        not_shown: Text::from(
            "Numbers of licenses bought and issued: the license server's database holds the counts, and the \
             directory holds per-user use.",
        ),
        facts: facts(examined),
        next_evidence: texts(&[
            "TLSLic.edb of the license server: numbers of licenses bought and issued",
            "the directory, for per-user licenses",
        ]),
        ..Answer::of("enough_licenses", "Is this host under-licensed?")
    }
}
