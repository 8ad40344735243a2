// SPDX-License-Identifier: MIT OR Apache-2.0
//! No claim uses a word that claims about licensing must not use. Statements about what is not shown may use the
//! words.

use std::path::Path;

use calhive::Report;
use calhive::catalog::terms;
use calhive::findings;
use hive_forge::{finding, scenario};

use super::report;
use crate::house::sources;

/// Words of claims that hives cannot support, searched in any case and within other words.
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

/// Forbidden words in a claim.
fn forbidden(claim: &str) -> Vec<&'static str> {
    let claim = claim.to_lowercase();
    FORBIDDEN.into_iter().filter(|word| claim.contains(word)).collect()
}

/// Claims of a report: the answers, and the findings without the part about what is not shown.
fn claims(report: &Report) -> Vec<String> {
    let mut claims = Vec::new();
    for finding in &report.findings {
        claims.push(format!("{}: {} {}", finding.code, finding.statement, finding.shows));
        claims.extend(finding.innocent_explanations.iter().map(ToString::to_string));
        claims.push(format!("{} {} {}", finding.title, finding.validated_on, finding.reproduce));
    }
    for answer in report.hosts.iter().flat_map(|host| &host.answers) {
        claims.push(format!("{}: {}", answer.code, answer.shown));
        claims.extend(answer.alternatives.iter().map(ToString::to_string));
        claims.extend(answer.next_evidence.iter().map(ToString::to_string));
    }
    claims.extend(report.events.iter().map(|event| event.meaning.to_string()));
    claims
}

#[test]
fn claims_of_reports_use_no_forbidden_word() {
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
fn finding_pages_use_no_forbidden_word() {
    for page in findings::pages() {
        let texts = [page.title, page.rule, page.shows, page.validated_on, page.reproduce];
        for text in texts.into_iter().chain(page.innocent.iter().copied()) {
            assert_eq!(forbidden(text), [""; 0], "{}: {text}", page.code);
        }
    }
}

#[test]
fn meaning_of_a_term_uses_no_forbidden_word() {
    for term in terms() {
        assert_eq!(forbidden(term.meaning), [""; 0], "{}: {}", term.name, term.meaning);
    }
}

/// The literals of the code that makes claims, also of claims that no scenario leads to. Lines that
/// say what a finding does not show may use the words.
#[test]
fn literal_of_interpreting_code_uses_no_forbidden_word() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/interpret");
    let mut number = 0;
    for file in sources::files(&src) {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines = sources::code(&text).filter(|line| !line.trim_start().starts_with("not \""));
        for line in lines {
            assert_eq!(forbidden(line), [""; 0], "{}: {line}", file.display());
            number += usize::from(line.contains('"'));
        }
    }
    assert!(number > 200, "{number} lines with literals");
}

#[test]
fn forbidden_word_is_detected() {
    assert_eq!(forbidden("The user was Logged On to the host."), ["logged on"]);
    assert_eq!(forbidden("it was disconnected"), ["connected"]);
    assert_eq!(forbidden("no claim at all"), [""; 0]);
}
