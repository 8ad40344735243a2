// SPDX-License-Identifier: MIT OR Apache-2.0
//! No claim uses a word that LICENSING 5.1 forbids. What says that something is not shown may.

use std::path::Path;

use calhive::licensing::findings;
use calhive::licensing::report::Report;
use hive_forge::{finding, scenario};

use super::report;

/// Words of claims that hives cannot carry. Each is looked for in any case, as a part of a word too.
const FORBIDDEN: [&str; 12] = [
    "connected",
    "logged on",
    "logged in",
    "log on",
    "signed in",
    "transferred",
    "would be refused",
    "tampered",
    "tampering",
    "unlicensed",
    "pirat",
    "illegal",
];

/// The forbidden words in a claim.
fn forbidden(claim: &str) -> Vec<&'static str> {
    let claim = claim.to_lowercase();
    FORBIDDEN.into_iter().filter(|word| claim.contains(word)).collect()
}

/// What a report claims: in findings all but the part that says what is not shown, and the answers.
fn claims(report: &Report) -> Vec<String> {
    let mut claims = Vec::new();
    for finding in &report.findings {
        claims.push(format!("{}: {} {}", finding.code, finding.statement, finding.shows));
        claims.extend(finding.innocent_explanations.iter().cloned());
        claims.push(format!("{} {} {}", finding.title, finding.validated_on, finding.reproduce));
    }
    for answer in report.hosts.iter().flat_map(|host| &host.answers) {
        claims.push(format!("{}: {}", answer.code, answer.answer));
        claims.extend(answer.alternatives.iter().cloned());
        claims.extend(answer.next_evidence.iter().cloned());
    }
    claims.extend(report.events.iter().map(|event| event.meaning.clone()));
    claims
}

#[test]
fn no_claim_of_a_report_uses_a_forbidden_word() {
    let mut number = 0;
    let cases = finding::cases().into_iter().flat_map(|case| [case.raises, case.near_miss]);
    let scenarios = scenario::all().into_iter().map(|scenario| {
        let files = scenario.files().into_iter();
        files.map(|(name, bytes)| (name.to_owned(), bytes)).collect::<Vec<_>>()
    });
    for files in cases.chain(scenarios) {
        for claim in claims(&report(&files)) {
            assert_eq!(forbidden(&claim), [""; 0], "{claim}");
            number += 1;
        }
    }
    assert!(number > 2_000, "{number} claims");
}

#[test]
fn no_page_uses_a_forbidden_word_but_where_it_says_what_is_not_shown() {
    for page in findings::pages() {
        let texts = [page.title, page.rule, page.shows, page.validated_on, page.reproduce];
        for text in texts.into_iter().chain(page.innocent.iter().copied()) {
            assert_eq!(forbidden(text), [""; 0], "{}: {text}", page.code);
        }
    }
}

/// The literals of the code that makes claims, so that none is missed that no scenario brings about.
#[test]
fn no_literal_of_the_code_that_makes_claims_uses_a_forbidden_word() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/licensing");
    let files = ["answers.rs", "timeline.rs", "reference_time.rs", "findings/client.rs"];
    let more = ["findings/host.rs", "findings/license_server.rs", "findings/across.rs"];
    let mut number = 0;
    for file in files.into_iter().chain(more) {
        let text = std::fs::read_to_string(src.join(file)).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            assert_eq!(forbidden(line), [""; 0], "{file}: {line}");
            number += usize::from(line.contains('"'));
        }
    }
    assert!(number > 200, "{number} lines with literals");
}

#[test]
fn a_forbidden_word_is_seen() {
    assert_eq!(forbidden("The user was Logged On to the host."), ["logged on"]);
    assert_eq!(forbidden("it was disconnected"), ["connected"]);
    assert_eq!(forbidden("no claim at all"), [""; 0]);
}
