// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers to the fixed questions about a host. Each answer states what the hives show, then what they do not
//! show.

mod client;
mod grace_period;
mod licensing;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::catalog::Code;
use crate::interpret::host_evidence::HostEvidence;
use crate::interpret::roles;
use crate::meaning::Certainty;
use crate::report::{Answer, Finding, RoleState, Text};

/// Returns the findings about each host, by the ID of the host.
pub(super) fn by_host(findings: &[Finding]) -> BTreeMap<&str, Vec<&Finding>> {
    let mut by_host: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        for host in &finding.hosts {
            by_host.entry(host).or_default().push(finding);
        }
    }
    by_host
}

/// Answers the questions about a host. `findings` contains the findings about this host.
pub(super) fn answers(examined: &HostEvidence<'_>, findings: &[&Finding]) -> Vec<Answer> {
    let mut answers = vec![
        licensing::in_effect(examined),
        licensing::refused(examined, findings),
        grace_period::reset(examined, findings),
        licensing::enough(examined),
    ];
    if let Some(id) = client_edition(examined) {
        answers.retain(|answer| answer.code != "refused");
        answers = answers.into_iter().map(|answer| does_not_apply(answer, &id)).collect();
        if let (Some(secret), Some(grace)) = (
            examined.view.one(Code::HostGraceSecretKey),
            answers.iter_mut().find(|it| it.code == "grace_period"),
        ) {
            let sentence = format!(
                " A secret of the grace period exists ({}); its meaning on a client edition is not established.",
                secret.id
            );
            grace.shown.push_str(&sentence);
            // A blob has an authentication code. The sentence is about the secret.
            let of_secret =
                examined.host.grace_end.as_ref().filter(|it| it.is_authenticated == Some(false));
            if let Some(end) = of_secret.and_then(|it| it.end) {
                grace.shown.push_str(&format!(" Its decrypted value is {end}."));
            }
            grace.facts.push(secret.id.clone());
        }
        // The questions about a client come first.
        let of_client = client::all(examined, findings).into_iter();
        let refused = client::refused(examined, findings);
        answers.splice(0..0, of_client.chain([refused]));
    } else {
        answers.extend(client::all(examined, findings));
    }
    answers
}

/// Returns the ID of the fact that shows a client edition of Windows.
fn client_edition(examined: &HostEvidence<'_>) -> Option<String> {
    let is_multi_session = examined.host.session_host.state == RoleState::NotApplicable;
    roles::client_edition(&examined.view).filter(|_| !is_multi_session).map(|(_, id)| id)
}

/// Returns the answer to a question about a session host for a client edition.
fn does_not_apply(answer: Answer, id: &str) -> Answer {
    Answer {
        shown: Text::from("Does not apply: client edition of Windows."),
        not_shown: String::new().into(),
        certainty: Certainty::Inferred,
        facts: vec![String::from(id)],
        tokens: Vec::new(),
        alternatives: Vec::new(),
        next_evidence: Vec::new(),
        ..answer
    }
}

fn texts(texts: &[&str]) -> Vec<Text> {
    texts.iter().map(|text| Text::from(*text)).collect()
}

impl Answer {
    fn of(code: &str, question: &str) -> Self {
        Self {
            code: String::from(code),
            question: Text::from(question),
            shown: String::new().into(),
            not_shown: String::new().into(),
            certainty: Certainty::NotDeterminable,
            facts: Vec::new(),
            tokens: Vec::new(),
            alternatives: Vec::new(),
            next_evidence: Vec::new(),
        }
    }
}
