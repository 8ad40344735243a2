// SPDX-License-Identifier: MIT OR Apache-2.0
//! The questions that a host is examined for, with the best answers that its hives give.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use crate::hive::value::ValueType;
use crate::licensing::examined::Examined;
use crate::licensing::fact::{Fact, Origin};
use crate::licensing::grace_period::ProtectedBlob;
use crate::licensing::report::{
    Answer, Certainty, Finding, LicenseReport, RoleState, SignatureState, TokenReport,
};
use crate::registry::HiveKind;
use crate::time::FileTime;

/// The answers for a host; findings are those of all hosts.
pub(crate) fn answers(examined: &Examined<'_>, findings: &[Finding]) -> Vec<Answer> {
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

/// Did this device connect to a given host on a given date?
fn session(examined: &Examined<'_>, findings: &[&Finding]) -> Answer {
    let mut answer = Answer {
        next_evidence: texts(&[
            "NTUSER.DAT of the users: Terminal Server Client\\Servers",
            "event log TerminalServices-RDPClient/Operational, events 1024 and 1102",
            "logs of the session hosts and of the licence server",
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
            "Not determinable. {} That is no evidence that there was no connection.",
            no_token(examined)
        );
        answer.alternatives = texts(&[
            "licensing per user, administrative sessions, and hosts on client editions leave no token",
            "the client's copy was removed, by a repair, a policy script or a cleaner",
            "a 32-bit program's copy in UsrClass.dat, which was not examined",
        ]);
        return answer;
    }
    let elsewhere: String = findings
        .iter()
        .filter(|finding| finding.code == "client.token.machine_differs")
        .map(|finding| {
            let tokens = finding.tokens.join(", ");
            format!(" {tokens} names another machine than this host ({}).", finding.id)
        })
        .collect();
    answer.answer = format!(
        "Not determinable: a token is not a logon and names no session host or farm. What the stored tokens \
         show (documented): {}. Microsoft documents that a session host relays such an exchange to a licence \
         server. The time is that of the last issue or renewal, never that of the first or last \
         connection.{elsewhere}",
        exchanges.join("; ")
    );
    answer.rest_on(examined);
    answer.alternatives = texts(&[
        "an image or a copied key that brought the token",
        "a temporary token is issued before sign-in, without any",
        "client software of other makers reports names of its own",
    ]);
    answer
}

/// What a token shows; nothing of one whose signature does not hold can be relied on.
fn exchange(token: &TokenReport, license: &LicenseReport) -> String {
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| String::from("unknown"));
    let (issuer, scope) = (said(&license.issuer), said(&license.scope));
    let (time, machine) = (said(&license.valid_from), said(&license.client_reported_machine));
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
        "{id} names licence server {issuer}, scope {scope}, time {time} and machine {machine}"
    );
    match license.signature {
        Some(SignatureState::Valid) => format!(
            "a licence server naming itself {issuer}, scope {scope}, signed at {time} (its clock) a token \
             naming machine {machine} ({id}{kind})"
        ),
        Some(SignatureState::Invalid) => {
            format!("{named}, but its signature does not hold: none of this can be relied on")
        }
        _ => format!("{named}; its signature could not be checked"),
    }
}

/// Why there is no token to speak of.
fn no_token(examined: &Examined<'_>) -> String {
    let view = &examined.view;
    if !view.has(HiveKind::Software) {
        return String::from("No SOFTWARE hive is at hand, which is where tokens stand.");
    }
    let searched = view.searched(Some(HiveKind::Software));
    let what = if examined.licenses().next().is_some() {
        "No stored token could be taken apart"
    } else if view.is_unread(&["client.store", "client.store.key", "client.mslicensing"]) {
        "Not all could be read where tokens stand"
    } else {
        "No stored token stands in either registry view"
    };
    format!("{what}; searched in {searched}.")
}

/// As whom?
fn user(examined: &Examined<'_>) -> Answer {
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
        "The client-reported name only: {}. It is text that the client supplies, no authenticated account; \
         renewals and upgrades carry no name ([MS-RDPELE] 2.2.2.3), so that it may be older than the start of \
         validity (inferred).",
        names.join("; ")
    );
    answer.certainty = Certainty::Documented;
    answer.rest_on(examined);
    answer.alternatives = texts(&[
        "a name that was set in the client software: FreeRDP sends its configured user name, or the literal \
         text username",
        "the name of a service account, or SYSTEM, where a program made the connection",
    ]);
    answer
}

/// Was the grace period reset?
fn grace_period(examined: &Examined<'_>, findings: &[&Finding]) -> Answer {
    const CODES: [&str; 3] =
        ["host.grace_period.key", "host.grace_period", "host.grace_period_ended"];
    let mut answer = Answer {
        next_evidence: texts(&[
            "event log Security, events 4657 and 4660, where registry access was audited",
            "DPAPI master keys in System32\\Microsoft\\Protect\\S-1-5-18 and the SECURITY hive: they open the blob",
            "earlier states: RegBack, shadow copies, Windows.old",
        ]),
        ..Answer::of("grace_period", "Was the grace period reset?")
    };
    let view = &examined.view;
    answer.facts = CODES.iter().flat_map(|code| view.all(code)).map(|(id, _)| id.clone()).collect();
    let key = view.one("host.grace_period.key");
    let searched = view.searched(Some(HiveKind::System));
    let seen = match key {
        _ if !view.has(HiveKind::System) => {
            String::from("No SYSTEM hive is at hand, which is where the grace period stands.")
        }
        _ if view.current_set().is_none() => format!(
            "The grace period was not judged, since the control set in use is not known; searched in {searched}."
        ),
        _ if view.is_unread(&CODES) => {
            format!("Not all could be read where the grace period stands; searched in {searched}.")
        }
        None => {
            let cited = cited(findings);
            format!("No key GracePeriod stands there; searched in {searched}{cited}.")
        }
        Some((_, fact)) => observed(examined, fact, findings),
    };
    answer.answer = format!(
        "Not determinable. {seen}{}",
        key.map(|(_, fact)| end(examined, fact)).unwrap_or_default()
    );
    if key.is_some() {
        answer.alternatives = texts(&[
            "installation of the role, an upgrade or a restore may write the key anew",
            "a change of permissions may give the key a new time",
            "deleting the value is a long-published fix on licensed Windows Server 2012 hosts",
        ]);
    }
    answer
}

/// The facts beside each other, none of which shows a reset.
fn observed(examined: &Examined<'_>, key: &Fact, findings: &[&Finding]) -> String {
    let view = &examined.view;
    let time = |fact: &Fact| fact.provenance.key_place.map(|(_, written)| written.to_string());
    let unknown = || String::from("an unknown time");
    let owner = key.permissions.as_ref().and_then(|it| it.owner.as_ref());
    let owner =
        owner.map_or_else(|| String::from("owner not readable"), |owner| format!("owner {owner}"));
    let values: Vec<String> = view
        .all("host.grace_period")
        .filter(|(_, fact)| fact.state.is_value())
        .map(|(_, fact)| {
            let kind = fact.provenance.value_place.map_or(ValueType::SZ, |(_, kind)| kind);
            format!("a value of type {kind}")
        })
        .collect();
    let values = if values.is_empty() { String::from("no value") } else { values.join(" and ") };
    let manager = view.one("host.rcm").and_then(|(_, fact)| time(fact));
    let manager = manager.map(|it| format!("; the RCM key last written {it}")).unwrap_or_default();
    let installed = examined.host.system.installed.as_ref();
    let installed =
        installed.map(|it| format!("; Windows last installed {}", it.text)).unwrap_or_default();
    let is_replayed = key.provenance.origin == Origin::Replayed;
    let log = if is_replayed { "; the key is from a transaction log" } else { "" };
    let cited = cited(findings);
    format!(
        "Observed: the key GracePeriod (last written {}, {owner}) with {values}{manager}{installed}{log}{cited}. \
         At best consistent with a reset; none of it shows one.",
        time(key).unwrap_or_else(unknown)
    )
}

/// Where findings about the grace period are to be read.
fn cited(findings: &[&Finding]) -> String {
    let of_grace = findings.iter().filter(|finding| finding.code.starts_with("host.grace."));
    let ids: Vec<&str> = of_grace.map(|finding| finding.id.as_str()).collect();
    if ids.is_empty() { String::new() } else { format!("; see {}", ids.join(", ")) }
}

/// What is known of the end of the grace period: that something ended it, or an estimate; nothing where the
/// value is no blob, the role is not known, or times are not in order.
fn end(examined: &Examined<'_>, key: &Fact) -> String {
    const LENGTH: Duration = Duration::from_secs(120 * 86_400);
    let view = &examined.view;
    if view.one("host.grace_period_ended").is_some() {
        return String::from(
            " LicensingGracePeriodEnded is there, which is documented to be made once a permanent licence was \
             received; no end is estimated.",
        );
    }
    if examined.registrations().next().is_some() {
        return String::from(
            " A certificate of a licence server is there, and KB 813052 says that the discovery of a licence \
             server ends the grace period; no end is estimated.",
        );
    }
    let mut blobs = view.all("host.grace_period").map(|(_, fact)| ProtectedBlob::parse(&fact.data));
    let has_blob = blobs.any(|blob| blob.is_some());
    let is_present = examined.host.session_host.state == RoleState::Present;
    let installed = view.number("system.installed");
    let installed = installed.and_then(|(it, _)| FileTime::from_unix_seconds(i64::from(it)));
    let written = key.provenance.key_place.map(|(_, written)| written);
    match (installed, written) {
        (Some(installed), Some(written))
            if has_blob && is_present && installed <= written && written.is_plausible() =>
        {
            format!(
                " Estimate (inferred): an end between {} and {}, if the period lasts 120 days (KB 813052) and \
                 began between the installation of Windows and the last write of the key. Microsoft's texts \
                 differ on its start (KB 813052: when the service is enabled; hh553157: at the first client \
                 connection), and it ends earlier where a licence server is found or a permanent licence is \
                 received.",
                installed.saturating_add(LENGTH),
                written.saturating_add(LENGTH)
            )
        }
        _ => String::new(),
    }
}

/// Was a licence moved?
fn moved(examined: &Examined<'_>, findings: &[&Finding]) -> Answer {
    let mut answer = Answer {
        next_evidence: texts(&[
            "TLSLic.edb of the licence server: what was issued and reissued",
            "reissue records of the Clearinghouse",
            "hives of other devices: the same hardware id or token",
        ]),
        ..Answer::of("moved", "Was a licence moved from or to this device?")
    };
    // A copy is seen where two hosts hold the same.
    let copies: String = findings
        .iter()
        .filter(|finding| {
            ["across.same_token", "across.same_hardware_id"].contains(&&*finding.code)
        })
        .map(|finding| format!(" Observed: {} ({}).", finding.title, finding.id))
        .collect();
    answer.answer = format!(
        "Not determinable: a licence is reissued by the Clearinghouse and the licence server, and their records \
         are not in these hives. {}{copies}",
        removed_copies(findings, examined)
    );
    answer.rest_on(examined);
    answer
}

/// Whether a local copy was removed, as far as that can be told.
fn removed_copies(findings: &[&Finding], examined: &Examined<'_>) -> String {
    let removed = findings.iter().filter(|finding| finding.code == "client.token.removed");
    let ids: Vec<&str> = removed.map(|finding| finding.id.as_str()).collect();
    let view = &examined.view;
    if !ids.is_empty() {
        let ids = ids.join(", ");
        format!(
            "Inferred from what was recovered: the client's copy was removed ({ids}); that is no move."
        )
    } else if view.sources.iter().any(|(_, source)| source.recovered.is_none()) {
        String::from("Deleted data, where a removed local copy may lie, were not searched.")
    } else {
        String::from(
            "No removed local copy was recovered; that is no evidence that none was removed.",
        )
    }
}

/// Is this host under-licensed?
fn enough_licenses(examined: &Examined<'_>) -> Answer {
    let host = &examined.host;
    let mut answer = Answer {
        next_evidence: texts(&[
            "TLSLic.edb of the licence server: counts of licences bought and issued",
            "the directory, for licences per user",
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
            String::from("Whether the role of a session host is present is unknown.")
        }
    };
    let is_of_interest = matches!(host.session_host.state, RoleState::Present | RoleState::Unknown);
    let of_mode = match mode.value.as_deref() {
        _ if !is_of_interest => "",
        Some("5") => " The licensing mode is 5 (Not configured).",
        Some("2" | "4" | "6") => "",
        Some(_) => " The licensing mode has no value that fits a session host.",
        None if mode.facts.is_empty() => " Per the hives at hand no licensing mode is known.",
        None => " The licensing mode has no valid value.",
    };
    let of_servers = match servers.value {
        None if is_of_interest => " Per the hives at hand no licence server is known.",
        _ => "",
    };
    answer.answer = format!(
        "Not determinable from SYSTEM and SOFTWARE: counts stand in the licence server's database, use per \
         user in the directory. {role}{of_mode}{of_servers}"
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

    /// Names the tokens, and the facts that hold them.
    fn rest_on(&mut self, examined: &Examined<'_>) {
        for token in examined.licenses() {
            self.tokens.push(token.id.clone());
            self.facts.extend(token.facts.first().cloned());
        }
    }
}
