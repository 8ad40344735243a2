// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sentences of a report that deny what the same report shows. The fuzz target `answers` calls
//! [`violations`], too.
//!
//! [`DENIALS`] lists each phrase that denies something, with the places of the catalog that it denies.
//! [`violations`] searches every sentence for these phrases. A sentence with a denying word and without a
//! known phrase is a violation too, so a new sentence needs a row here.

use calhive::Report;
use calhive::fact::State;
use calhive::report::{FactReport, Host};

/// What a phrase denies.
enum Denies {
    /// Items at these places, in the control set in use, and in deleted data.
    Places(&'static [&'static str]),
    /// Items with data at these places. An empty text is no item.
    Filled(&'static [&'static str]),
    /// Recovered items at these places.
    Recovered(&'static [&'static str]),
    /// These findings.
    Findings(&'static [&'static str]),
    /// A hive of this kind.
    Hive(&'static str),
    /// A control set in the tree.
    ControlSet,
    /// Nothing that a hive can hold.
    Nothing,
}

const MODES: &[&str] =
    &["host.policy.licensing_mode", "host.rcm.licensing_mode", "host.policy_ac_on"];
const SERVERS: &[&str] = &[
    "host.policy.license_servers",
    "host.license_servers",
    "host.license_servers.console",
    "host.license_servers.parameters",
    "host.license_servers.subkey",
    "host.default_license_server",
];
const REGISTRATION: &[&str] =
    &["host.x509_certificate", "host.x509_certificate2", "host.x509_certificate.parameters"];
const CLIENT: &[&str] = &[
    "client.mslicensing",
    "client.hardware_id",
    "client.hardware_id.key",
    "client.store",
    "client.store.key",
    "client.store.license",
];
const REFUSALS: &[&str] = &[
    "host.mode.not_configured",
    "host.mode.invalid",
    "host.mode.per_user_workgroup",
    "host.servers.none",
    "host.servers.loopback_only",
    "host.registration.none",
    "host.drain",
    "host.service.disabled",
    "client.store.not_writable",
];

/// Phrases that deny something. The settings in effect have their own statements, which the answers repeat.
const DENIALS: &[(&str, Denies)] = &[
    ("Neither registry view holds a stored token", Denies::Places(&["client.store"])),
    ("found no removed local copy", Denies::Recovered(CLIENT)),
    ("No key GracePeriod exists", Denies::Places(&["host.grace_period.key", "host.grace_period"])),
    (
        "Nothing in these hives indicates a reset",
        Denies::Recovered(&["host.grace_period.key", "host.grace_period"]),
    ),
    (
        "Nothing in these hives indicates a reset",
        Denies::Findings(&[
            "host.grace.permissions",
            "host.grace.value_form",
            "host.grace.recovered",
            "host.grace.task",
        ]),
    ),
    ("Nothing in these hives indicates a reason", Denies::Findings(REFUSALS)),
    ("No key MSLicensing\\Store exists", Denies::Places(&["client.store.key"])),
    ("SECURITY holds no such secret", Denies::Places(&["host.grace_secret.key"])),
    ("No licensing mode is set", Denies::Places(MODES)),
    ("No license server is named", Denies::Filled(SERVERS)),
    ("SOFTWARE has no value at the policy path", Denies::Nothing),
    (
        "no service TermServLicensing is registered",
        Denies::Places(&["license_server.service", "license_server.start", "license_server.image"]),
    ),
    ("No X509 Certificate is stored below", Denies::Places(REGISTRATION)),
    ("No X509 Certificate below RCM", Denies::Places(REGISTRATION)),
    (
        "the control set in use has no service TermServLicensing",
        Denies::Places(&["license_server.service", "license_server.start", "license_server.image"]),
    ),
    ("no X509 Certificate2 below RCM", Denies::Places(REGISTRATION)),
    ("In effect: no mode", Denies::Nothing),
    ("no license server", Denies::Nothing),
    ("no token tied to it", Denies::Nothing),
    ("The store holds no token", Denies::Nothing),
    ("No token with a valid signature names a user", Denies::Nothing),
    ("show no registration with a license server", Denies::Places(REGISTRATION)),
    ("Their order means nothing", Denies::Nothing),
    (
        "neither the state of the role nor the application server flag",
        Denies::Places(&["system.role.session_host", "host.app_compat"]),
    ),
    (
        "neither the state of the role nor the service",
        Denies::Places(&["system.role.license_server", "license_server.service"]),
    ),
    ("no SOFTWARE hive", Denies::Hive("software")),
    ("No SOFTWARE hive", Denies::Hive("software")),
    ("no SYSTEM hive", Denies::Hive("system")),
    ("No SYSTEM hive", Denies::Hive("system")),
    ("the tree holds no control set", Denies::ControlSet),
    ("the key Select does not exist", Denies::Places(&["system.select.current"])),
    ("Select has no value Current", Denies::Places(&["system.select.current"])),
    ("The role of a session host is absent", Denies::Nothing),
    ("the policy value LicenseServers names no license server", Denies::Nothing),
    ("no stored token has these bytes", Denies::Nothing),
    ("The tokens name no user", Denies::Nothing),
    ("none of this is reliable", Denies::Nothing),
    ("in no order of preference", Denies::Nothing),
    ("needs no RDS CAL", Denies::Nothing),
    ("so no setting is expected", Denies::Nothing),
    ("they no longer do", Denies::Nothing),
    ("it no longer does", Denies::Nothing),
    ("no end is estimated", Denies::Nothing),
    ("requests no licenses for its sessions", Denies::Nothing),
    ("no other time", Denies::Nothing),
    ("no documented meaning", Denies::Nothing),
    ("without a readable time", Denies::Nothing),
];

/// Words that deny something, in lower case.
const WORDS: [&str; 6] = ["no", "none", "neither", "nothing", "absent", "not set"];

/// Sentences of a host, each with the name of its part.
fn sentences<'r>(report: &'r Report, host: &'r Host) -> Vec<(&'r str, &'r str)> {
    let mut all: Vec<(&str, &str)> =
        host.answers.iter().map(|answer| (answer.code.as_str(), answer.shown.as_str())).collect();
    all.push(("session host", &host.session_host.statement));
    all.push(("license server", &host.license_server.statement));
    all.push(("mode", &host.licensing_mode.statement));
    all.push(("servers", &host.license_servers.statement));
    // The answer names findings by their titles.
    all.retain(|(part, _)| *part != "refused" || !host_refuses(host));
    let findings = report.findings.iter().filter(|it| it.hosts.contains(&host.id));
    let absent = ["host.registration.none", "license_server.service.missing", "host.servers.none"];
    let findings = findings.filter(|it| absent.contains(&it.code));
    all.extend(findings.map(|it| (it.code, it.statement.as_str())));
    all
}

/// Whether the answer about refused users names findings.
fn host_refuses(host: &Host) -> bool {
    let mut answers = host.answers.iter().filter(|it| it.code == "refused");
    answers.any(|it| it.shown.starts_with("Possible reasons: "))
}

/// Whether a fact shows, or may hide, an item in the control set in use.
fn shows(fact: &FactReport) -> bool {
    let place = &fact.provenance;
    let is_rest = place.hidden.as_ref().is_some_and(|it| it.field == "terminator of the text");
    let is_current = place
        .control_set
        .as_ref()
        .is_none_or(|set| set.roles.iter().any(|role| role.to_string() == "Current"));
    // Windows since Vista does not read these places, so only a found item counts.
    let earlier =
        ["host.policy_ac_on", "host.license_servers.subkey", "host.default_license_server"];
    let is_unread = fact.state == State::NotReadable && !earlier.contains(&fact.code.as_str());
    let is_there = fact.state.is_found() || is_unread;
    is_there && !is_rest && (is_current || place.recovered.is_some())
}

/// Facts that a phrase denies and the sentence does not name.
fn denied<'r>(denies: &Denies, facts: &[&'r FactReport], sentence: &str) -> Vec<&'r FactReport> {
    let of = |codes: &[&str], is_wanted: &dyn Fn(&FactReport) -> bool| {
        let names = |fact: &FactReport| {
            sentence.split(|c: char| !c.is_alphanumeric() && c != '-').any(|word| word == fact.id)
        };
        let facts = facts.iter().copied().filter(|it| codes.contains(&it.code.as_str()));
        facts.filter(|it| shows(it) && is_wanted(it) && !names(it)).collect()
    };
    match denies {
        Denies::Places(codes) => of(codes, &|_| true),
        Denies::Filled(codes) => of(codes, &|it| it.shown.as_deref() != Some("")),
        Denies::Recovered(codes) => of(codes, &|it| it.provenance.recovered.is_some()),
        _ => Vec::new(),
    }
}

/// Sentences that deny what the same report shows.
pub(crate) fn violations(report: &Report) -> Vec<String> {
    let mut found = Vec::new();
    for host in &report.hosts {
        let facts: Vec<&FactReport> =
            report.facts.iter().filter(|fact| host.sources.contains(&fact.source)).collect();
        let kinds: Vec<String> = report
            .sources
            .iter()
            .filter(|source| host.sources.contains(&source.id))
            .map(|source| source.kind.to_string().to_lowercase())
            .collect();
        let findings: Vec<&str> = report
            .findings
            .iter()
            .filter(|it| it.hosts.contains(&host.id))
            .map(|it| it.code)
            .collect();
        for (part, sentence) in sentences(report, host) {
            let mut rest = sentence.to_owned();
            for (phrase, denies) in DENIALS.iter().filter(|(phrase, _)| sentence.contains(phrase)) {
                rest = rest.replace(phrase, "");
                let facts = denied(denies, &facts, sentence);
                found.extend(facts.iter().map(|it| {
                    format!("{part}: {phrase:?}, but {} ({}, {:?})", it.id, it.code, it.state)
                }));
                match denies {
                    Denies::Findings(codes) => found.extend(
                        findings
                            .iter()
                            .filter(|it| codes.contains(it))
                            .map(|it| format!("{part}: {phrase:?}, but {it}")),
                    ),
                    Denies::Hive(kind) if kinds.iter().any(|it| it == kind) => {
                        found.push(format!("{part}: {phrase:?}, but the host has one"));
                    }
                    Denies::ControlSet if !host.control_sets.is_empty() => {
                        found.push(format!("{part}: {phrase:?}, but there is one"));
                    }
                    _ => {}
                }
            }
            let rest = rest.to_lowercase();
            let mut words = rest.split(|c: char| !c.is_alphanumeric());
            if words.any(|word| WORDS.contains(&word)) || rest.contains("not set") {
                found.push(format!("{part}: a denial that this test does not know: {sentence}"));
            }
        }
    }
    found
}
