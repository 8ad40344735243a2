// SPDX-License-Identifier: MIT OR Apache-2.0
//! The questions that a host is examined for, with the best answers that its hives give (LICENSING 5.4).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use crate::licensing::examined::Examined;
use crate::licensing::fact::Fact;
use crate::licensing::report::{Answer, Certainty, Finding, LicenseReport, RoleState, TokenReport};
use crate::registry::HiveKind;
use crate::time::FileTime;

/// The answers for a host; findings are those of all hosts.
pub(crate) fn answers(examined: &Examined<'_>, findings: &[Finding]) -> Vec<Answer> {
    vec![
        session(examined),
        user(examined),
        grace_period(examined),
        moved(examined, findings),
        enough_licenses(examined),
    ]
}

/// Did this device connect to a given host on a given date?
fn session(examined: &Examined<'_>) -> Answer {
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
        ]);
        return answer;
    }
    answer.answer = format!(
        "Session host, farm and date: not determinable. Documented is a licensing exchange through a licence \
         server: {}. The time is that of the last issue or renewal alone.",
        exchanges.join("; ")
    );
    answer.certainty = Certainty::Documented;
    answer.rest_on(examined);
    answer.alternatives = texts(&[
        "an image or a copied key that brought the token",
        "a temporary token is issued before sign-in, without any",
        "client software of other makers reports names of its own",
    ]);
    answer
}

fn exchange(token: &TokenReport, license: &LicenseReport) -> String {
    let said = |text: &Option<String>| text.clone().unwrap_or_else(|| String::from("unknown"));
    format!(
        "a licence server naming itself {}, scope {}, signed at {} (its clock) a token naming machine {} \
         ({}{})",
        said(&license.issuer),
        said(&license.scope),
        said(&license.valid_from),
        said(&license.client_reported_machine),
        token.id,
        match license.is_temporary {
            Some(true) => ", temporary",
            Some(false) =>
                ", permanent: documented as issued after an earlier connection with a completed sign-in; \
                 by whom is unknown",
            None => "",
        }
    )
}

/// Why there is no token to speak of.
fn no_token(examined: &Examined<'_>) -> &'static str {
    if !examined.view.has(HiveKind::Software) {
        "No SOFTWARE hive is at hand, which is where tokens stand."
    } else if examined.licenses().next().is_some() {
        "No stored token could be taken apart."
    } else if examined.view.is_unread(&["client.store", "client.store.key", "client.mslicensing"]) {
        "Not all could be read where tokens stand."
    } else {
        "No stored token stands in the hives at hand, in either registry view."
    }
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
            Some(format!("{user} ({})", token.id))
        })
        .collect();
    if names.is_empty() {
        answer.answer = format!("Not determinable. {}", no_token(examined));
        return answer;
    }
    answer.answer = format!(
        "The client-reported name only: {}. It is text that the client supplies, no authenticated account, \
         and may be older than the token, since renewals bring no new one.",
        names.join("; ")
    );
    answer.certainty = Certainty::Documented;
    answer.rest_on(examined);
    answer.alternatives = texts(&[
        "a name that was set in the client software",
        "the name of a service account, or SYSTEM, where a program made the connection",
    ]);
    answer
}

/// Was the grace period reset?
fn grace_period(examined: &Examined<'_>) -> Answer {
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
    let facts: Vec<_> = CODES.iter().flat_map(|code| view.all(code)).collect();
    answer.facts = facts.iter().map(|(id, _)| id.clone()).collect();
    let key = view.one("host.grace_period.key");
    let ended = view.one("host.grace_period_ended").is_some();
    let seen = match key {
        _ if !view.has(HiveKind::System) => {
            String::from("No SYSTEM hive is at hand, which is where the grace period stands.")
        }
        _ if view.is_unread(&CODES) => {
            String::from("Not all could be read where the grace period stands.")
        }
        None => String::from("No key of a grace period stands in the control set in use."),
        Some((_, fact)) => observed(fact, facts.len()),
    };
    let marker = if ended {
        " LicensingGracePeriodEnded is there: documented to be made once a permanent licence was received, \
         so that no end is estimated."
    } else {
        ""
    };
    let estimate = key.filter(|_| !ended).and_then(|(_, fact)| estimate(examined, fact));
    answer.answer = format!("Not determinable. {seen}{marker}{}", estimate.unwrap_or_default());
    if key.is_some() {
        answer.alternatives = texts(&[
            "installation of the role, an upgrade or a restore writes the key anew",
            "a change of permissions gives the key a new time",
            "deleting the value is a long-published fix on licensed hosts of 2012",
        ]);
    }
    answer
}

fn observed(fact: &Fact, facts: usize) -> String {
    let written = fact.provenance.key_place.map(|(_, written)| written.to_string());
    let owner = fact.permissions.as_ref().and_then(|it| it.owner.clone());
    format!(
        "Observed: the key GracePeriod, last written at {}, owned by {}, with {} value(s); its time or its \
         permissions may at best be consistent with a reset.",
        written.unwrap_or_else(|| String::from("an unknown time")),
        owner.unwrap_or_else(|| String::from("nobody that could be read")),
        facts.saturating_sub(1)
    )
}

/// Between which times the grace period ends, if it began between installation and the last write of its
/// key, and lasts 120 days; none where the value is no blob, or the times are not in that order.
fn estimate(examined: &Examined<'_>, key: &Fact) -> Option<String> {
    const LENGTH: Duration = Duration::from_secs(120 * 86_400);
    let view = &examined.view;
    let has_blob = view
        .all("host.grace_period")
        .any(|(_, fact)| crate::licensing::ProtectedBlob::parse(&fact.data).is_some());
    let (_, written) = key.provenance.key_place?;
    let (seconds, _) = view.number("system.installed")?;
    let installed = FileTime::from_unix_seconds(i64::from(seconds))?;
    let is_present = examined.host.session_host.state == RoleState::Present;
    if !has_blob || !is_present || installed > written || !written.is_plausible() {
        return None;
    }
    let end = |from: FileTime| from.saturating_add(LENGTH);
    Some(format!(
        " Estimate (inferred): an end between {} and {}, if the period lasts 120 days (KB 813052) and began \
         between the installation of Windows and the last write of the key.",
        end(installed),
        end(written)
    ))
}

/// Was a licence moved?
fn moved(examined: &Examined<'_>, findings: &[Finding]) -> Answer {
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
        .filter(|finding| finding.hosts.contains(&examined.host.id))
        .filter(|finding| {
            ["across.same_token", "across.same_hardware_id"].contains(&&*finding.code)
        })
        .map(|finding| format!(" Observed ({}): {}", finding.id, finding.statement))
        .collect();
    answer.answer = format!(
        "Not determinable: a licence is reissued by the Clearinghouse and the licence server, and their records \
         are not in these hives. Deleted data, where a removed local copy may lie, were not searched.{copies}"
    );
    answer.rest_on(examined);
    answer
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
        RoleState::Present => "The role of a session host is present.",
        RoleState::Absent => "The role of a session host is absent.",
        RoleState::NotApplicable => "Multi-session Windows needs no Remote Desktop licence.",
        RoleState::Unknown => "Whether the role of a session host is present is unknown.",
    };
    let gap = |value: &Option<String>, what: &str| match value {
        Some(_) => String::new(),
        None => format!(" Per the hives at hand no {what} is known."),
    };
    let gaps = match host.session_host.state {
        RoleState::Present | RoleState::Unknown => format!(
            "{}{}",
            gap(&mode.value, "licensing mode"),
            gap(&servers.value, "licence server")
        ),
        _ => String::new(),
    };
    answer.answer = format!(
        "Not determinable from SYSTEM and SOFTWARE: counts stand in the licence server's database, use per \
         user in the directory. {role}{gaps}"
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
