// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers to the fixed questions about a host, limited to what its hives show.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use calhive_regf::FileTime;
use calhive_regf::registry::HiveKind;

use crate::catalog::Code;
use crate::fact::Origin;
use crate::interpret::findings;
use crate::interpret::host_evidence::{HostEvidence, or_unknown, time_or_unknown};
use crate::interpret::view::Exhibit;
use crate::meaning::{Certainty, LicensingMode, ProtectedBlob, SignatureState};
use crate::report::{Answer, Finding, LicenseReport, RoleState, TokenReport};

/// Answers the questions about a host. `findings` contains the findings about all hosts.
pub(super) fn answers(examined: &HostEvidence<'_>, findings: &[Finding]) -> Vec<Answer> {
    let of_host = findings.iter().filter(|finding| finding.hosts.contains(&examined.host.id));
    let findings: Vec<&Finding> = of_host.collect();
    vec![
        session(examined, &findings),
        user(examined),
        grace_period(examined, &findings),
        moved(examined, &findings),
        enough_licenses(examined),
    ]
}

/// Answers: Did this device connect to a given host on a given date?
fn session(examined: &HostEvidence<'_>, findings: &[&Finding]) -> Answer {
    let mut answer = Answer {
        next_evidence: texts(&[
            "NTUSER.DAT of the users: Terminal Server Client\\Servers",
            "event log TerminalServices-RDPClient/Operational, events 1024 and 1102",
            "logs of the session hosts and of the license server",
        ]),
        ..Answer::of(
            "session",
            "Did this device connect to a given session host or farm on a given date?",
        )
    };
    let exchanges: Vec<String> =
        examined.decoded().map(|(token, license)| exchange(token, license)).collect();
    if exchanges.is_empty() {
        answer.answer = format!(
            "Not determinable. {} This is no evidence that there was no connection.",
            no_token(examined)
        );
        answer.alternatives = texts(&[
            "per-user licensing, administrative sessions, and hosts on client editions leave no token",
            "the client's copy was removed, by a repair, a policy script or a cleaner",
            "a 32-bit program's copy in UsrClass.dat, which was not examined",
        ]);
        return answer;
    }
    let elsewhere: String = findings
        .iter()
        .filter(|finding| finding.code == findings::MACHINE_DIFFERS)
        .map(|finding| {
            let tokens = finding.tokens.join(", ");
            format!(" {tokens} names a different machine than this host ({}).", finding.id)
        })
        .collect();
    answer.answer = format!(
        "Not determinable: a token is not a logon and names no session host or farm. The stored tokens \
         show (documented): {}. Microsoft documents that a session host relays such an exchange to a license \
         server. The time is that of the last issue or renewal, never of the first or last \
         connection.{elsewhere}",
        exchanges.join("; ")
    );
    answer.rest_on(examined);
    answer.alternatives = texts(&[
        "an image or a copied key that brought the token",
        "a temporary token is issued before sign-in",
        "client software from other makers reports names of its own",
    ]);
    answer
}

/// Describes what a token shows. If the signature is invalid, nothing in the token is reliable.
fn exchange(token: &TokenReport, license: &LicenseReport) -> String {
    let (issuer, scope) = (
        or_unknown(license.license_server_in_words().as_deref()),
        or_unknown(license.scope.as_deref()),
    );
    let time = time_or_unknown(license.valid_from);
    let machine = or_unknown(license.client_reported_machine.as_deref());
    let id = &token.id;
    let kind = match license.is_temporary {
        Some(true) => ", temporary",
        Some(false) => {
            ", permanent: documented as issued after an earlier connection with a completed sign-in; by whom \
             is unknown"
        }
        None => "",
    };
    let named = format!(
        "{id} names license server {issuer}, scope {scope}, time {time} and machine {machine}"
    );
    match license.signature {
        Some(SignatureState::Valid) => format!(
            "a license server naming itself {issuer}, scope {scope}, signed at {time} (its clock) a token \
             naming machine {machine} ({id}{kind})"
        ),
        Some(SignatureState::Invalid) => {
            format!("{named}, but its signature does not hold: none of this can be relied on")
        }
        _ => format!("{named}; its signature could not be checked"),
    }
}

/// Explains why no decoded token exists.
fn no_token(examined: &HostEvidence<'_>) -> String {
    let view = &examined.view;
    if !view.has(HiveKind::Software) {
        return String::from("No SOFTWARE hive is at hand, which would hold the tokens.");
    }
    let searched = view.searched(Some(HiveKind::Software));
    let what = if examined.licenses().next().is_some() {
        "No stored token could be decoded"
    } else if view.is_unread(&[Code::ClientStore, Code::ClientStoreKey, Code::ClientMslicensing]) {
        "The license store could not be read completely"
    } else {
        "Neither registry view holds a stored token"
    };
    format!("{what}; searched in {searched}.")
}

/// Answers: As whom?
fn user(examined: &HostEvidence<'_>) -> Answer {
    let mut answer = Answer {
        next_evidence: texts(&[
            "event log Security of the session host, event 4624",
            "TerminalServices logs of the session host",
        ]),
        ..Answer::of("user", "As whom?")
    };
    let names: Vec<String> = examined
        .decoded()
        .filter_map(|(token, license)| {
            let user = license.client_reported_user.as_ref()?;
            let doubt = match license.signature {
                Some(SignatureState::Valid) => "",
                Some(SignatureState::Invalid) => ", whose signature does not hold",
                _ => ", whose signature could not be checked",
            };
            Some(format!("{user} ({}{doubt})", token.id))
        })
        .collect();
    if names.is_empty() {
        let why = match examined.decoded().next() {
            Some(_) => String::from("The stored tokens name no user."),
            None => no_token(examined),
        };
        answer.answer = format!("Not determinable. {why}");
        return answer;
    }
    answer.answer = format!(
        "The client-reported name only: {}. The name is text that the client supplies, no authenticated account. \
         Renewals and upgrades carry no name ([MS-RDPELE] 2.2.2.3), so the name may be older than the start of \
         validity (inferred).",
        names.join("; ")
    );
    answer.certainty = Certainty::Documented;
    answer.rest_on(examined);
    answer.alternatives = texts(&[
        "a name set in the client software: FreeRDP sends its configured user name, or the literal text \
         username",
        "the name of a service account, or SYSTEM, if a program made the connection",
    ]);
    answer
}

/// Answers: Was the grace period reset?
fn grace_period(examined: &HostEvidence<'_>, findings: &[&Finding]) -> Answer {
    const CODES: [Code; 3] =
        [Code::HostGracePeriodKey, Code::HostGracePeriod, Code::HostGracePeriodEnded];
    let mut answer = Answer {
        next_evidence: texts(&[
            "event log Security, events 4657 and 4660, if registry access was audited",
            "DPAPI master keys in System32\\Microsoft\\Protect\\S-1-5-18 and the SECURITY hive, which decrypt the blob",
            "earlier states: RegBack, shadow copies, Windows.old",
        ]),
        ..Answer::of("grace_period", "Was the grace period reset?")
    };
    let view = &examined.view;
    answer.facts = CODES.iter().flat_map(|code| view.all(*code)).map(|it| it.id.clone()).collect();
    let key = view.one(Code::HostGracePeriodKey);
    let searched = view.searched(Some(HiveKind::System));
    let seen = match key {
        _ if !view.has(HiveKind::System) => {
            String::from("No SYSTEM hive is at hand, which would hold the grace period.")
        }
        _ if view.current_set().is_none() => format!(
            "The grace period was not judged, because the control set in use is unknown; searched in {searched}."
        ),
        _ if view.is_unread(&CODES) => {
            format!("The grace-period keys could not be read completely; searched in {searched}.")
        }
        None => {
            let cited = cited(findings);
            format!("No key GracePeriod exists; searched in {searched}{cited}.")
        }
        Some(key) => observed(examined, key, findings),
    };
    answer.answer = format!(
        "Not determinable. {seen}{}",
        key.map(|key| end(examined, key)).unwrap_or_default()
    );
    if key.is_some() {
        answer.alternatives = texts(&[
            "installation of the role, an upgrade or a restore may rewrite the key",
            "a change of permissions may update the timestamp of the key",
            "deleting the value is a long-published fix on licensed Windows Server 2012 hosts",
        ]);
    }
    answer
}

/// Lists the facts that are relevant to a reset. None of these facts shows a reset.
fn observed(examined: &HostEvidence<'_>, key: &Exhibit<'_>, findings: &[&Finding]) -> String {
    let view = &examined.view;
    let time = |it: &Exhibit<'_>| it.written().map(|written| written.to_string());
    let owner = key.fact.permissions.as_ref().and_then(|it| it.owner.as_ref());
    let owner =
        owner.map_or_else(|| String::from("owner not readable"), |owner| format!("owner {owner}"));
    let values: Vec<String> = view
        .all(Code::HostGracePeriod)
        .filter(|it| it.fact.state.is_value())
        .map(|it| format!("a value of type {}", it.value_type()))
        .collect();
    let values = if values.is_empty() { String::from("no value") } else { values.join(" and ") };
    let manager = view.one(Code::HostRcm).and_then(time);
    let manager = manager.map(|it| format!("; the RCM key last written {it}")).unwrap_or_default();
    let installed = examined.host.system.installed.as_ref();
    let installed =
        installed.map(|it| format!("; Windows last installed {}", it.text)).unwrap_or_default();
    let is_replayed = key.fact.provenance.origin == Origin::Replayed;
    let log = if is_replayed { "; the key is from a transaction log" } else { "" };
    let cited = cited(findings);
    format!(
        "Observed: the key GracePeriod (last written {}, {owner}) with {values}{manager}{installed}{log}{cited}. \
         These facts are at best consistent with a reset; none of them shows a reset.",
        time(key).unwrap_or_else(|| String::from("an unknown time"))
    )
}

/// Refers to the findings about the grace period.
fn cited(findings: &[&Finding]) -> String {
    let of_grace = findings.iter().filter(|finding| findings::is_about_grace_period(finding.code));
    let ids: Vec<&str> = of_grace.map(|finding| finding.id.as_str()).collect();
    if ids.is_empty() { String::new() } else { format!("; see {}", ids.join(", ")) }
}

/// Describes what ended the grace period, or estimates its end. Returns an empty text if the value
/// is not a blob, the role is not known to be present, or the times are out of order.
fn end(examined: &HostEvidence<'_>, key: &Exhibit<'_>) -> String {
    const LENGTH: Duration = Duration::from_secs(120 * 86_400);
    let view = &examined.view;
    if view.one(Code::HostGracePeriodEnded).is_some() {
        return String::from(
            " The value LicensingGracePeriodEnded exists. Microsoft documents that Windows creates this value once a \
             permanent license was received; no end is estimated.",
        );
    }
    if examined.registrations().next().is_some() {
        return String::from(
            " A certificate from a license server exists. KB 813052 says that the discovery of a license server ends \
             the grace period; no end is estimated.",
        );
    }
    let mut blobs = view.all(Code::HostGracePeriod).map(|it| ProtectedBlob::parse(&it.fact.data));
    let has_blob = blobs.any(|blob| blob.is_some());
    let is_present = examined.host.session_host.state == RoleState::Present;
    let installed = view.number(Code::SystemInstalled);
    let installed = installed.and_then(|(it, _)| FileTime::from_unix_seconds(i64::from(it)));
    match (installed, key.written()) {
        (Some(installed), Some(written))
            if has_blob && is_present && installed <= written && written.is_plausible() =>
        {
            format!(
                " Estimate (inferred): an end between {} and {}, if the period lasts 120 days (KB 813052) and \
                 began between the installation of Windows and the last write of the key. Microsoft's texts \
                 differ on its start (KB 813052: when the service is enabled; hh553157: at the first client \
                 connection). The period ends earlier if a license server is found or a permanent license is \
                 received.",
                installed.saturating_add(LENGTH),
                written.saturating_add(LENGTH)
            )
        }
        _ => String::new(),
    }
}

/// Answers: Was a license moved?
fn moved(examined: &HostEvidence<'_>, findings: &[&Finding]) -> Answer {
    let mut answer = Answer {
        next_evidence: texts(&[
            "TLSLic.edb of the license server: issued and reissued licenses",
            "reissue records of the Clearinghouse",
            "hives of other devices: the same hardware ID or token",
        ]),
        ..Answer::of("moved", "Was a license moved from or to this device?")
    };
    // The same item on two hosts is evidence of a copy.
    let copies: String = findings
        .iter()
        .filter(|finding| {
            [findings::SAME_TOKEN, findings::SAME_HARDWARE_ID].contains(&finding.code)
        })
        .map(|finding| format!(" Observed: {} ({}).", finding.title, finding.id))
        .collect();
    answer.answer = format!(
        "Not determinable: the Clearinghouse and the license server reissue licenses, and their records are not \
         in these hives. {}{copies}",
        removed_copies(findings, examined)
    );
    answer.rest_on(examined);
    answer
}

/// Describes whether the evidence shows the removal of a local copy.
fn removed_copies(findings: &[&Finding], examined: &HostEvidence<'_>) -> String {
    let removed = findings.iter().filter(|finding| finding.code == findings::TOKEN_REMOVED);
    let ids: Vec<&str> = removed.map(|finding| finding.id.as_str()).collect();
    let view = &examined.view;
    if !ids.is_empty() {
        let ids = ids.join(", ");
        format!(
            "Inferred from recovered data: the client's copy was removed ({ids}). This is not a move."
        )
    } else if view.sources.iter().any(|(_, source)| source.recovered.is_none()) {
        String::from("Deleted data, which may hold a removed local copy, were not searched.")
    } else {
        String::from(
            "No removed local copy was recovered. This is no evidence that no copy was removed.",
        )
    }
}

/// Answers: Is this host under-licensed?
fn enough_licenses(examined: &HostEvidence<'_>) -> Answer {
    let host = &examined.host;
    let mut answer = Answer {
        next_evidence: texts(&[
            "TLSLic.edb of the license server: numbers of licenses bought and issued",
            "the directory, for per-user licenses",
        ]),
        ..Answer::of("enough_licenses", "Is this host under-licensed?")
    };
    let (mode, servers) = (&host.licensing_mode, &host.license_servers);
    let role = match host.session_host.state {
        RoleState::Present => {
            format!("The role of a session host is present ({}).", host.session_host.certainty)
        }
        RoleState::Absent => {
            format!("The role of a session host is absent ({}).", host.session_host.certainty)
        }
        RoleState::NotApplicable => String::from("Multi-session Windows needs no RDS CAL."),
        RoleState::Unknown => {
            String::from("It is unknown whether the role of a session host is present.")
        }
    };
    let is_of_interest = matches!(host.session_host.state, RoleState::Present | RoleState::Unknown);
    let of_mode = match mode.value {
        _ if !is_of_interest => "",
        Some(LicensingMode::NOT_CONFIGURED) => " The licensing mode is 5 (Not configured).",
        Some(mode) if mode.is_of_session_host() => "",
        Some(_) => " The licensing mode has no valid value for a session host.",
        None if mode.facts.is_empty() => " Per the hives at hand, no licensing mode is known.",
        None => " The licensing mode has no valid value.",
    };
    let of_servers = match &servers.value {
        None if is_of_interest => " Per the hives at hand, no license server is known.",
        _ => "",
    };
    answer.answer = format!(
        "Not determinable from SYSTEM and SOFTWARE: the license server's database holds the counts, and the \
         directory holds per-user use. {role}{of_mode}{of_servers}"
    );
    answer.facts = [&mode.facts[..], &servers.facts, &host.session_host.facts].concat();
    answer
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

impl Answer {
    fn of(code: &str, question: &str) -> Self {
        Self {
            code: String::from(code),
            question: String::from(question),
            answer: String::new(),
            certainty: Certainty::NotDeterminable,
            facts: Vec::new(),
            tokens: Vec::new(),
            alternatives: Vec::new(),
            next_evidence: Vec::new(),
        }
    }

    /// Adds the tokens, and the facts that hold them, as evidence.
    fn rest_on(&mut self, examined: &HostEvidence<'_>) {
        for token in examined.licenses() {
            self.tokens.push(token.id.clone());
            self.facts.extend(token.facts.first().cloned());
        }
    }
}
