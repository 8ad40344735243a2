// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every code has hives that raise the finding, and a near miss that does not.

use std::collections::BTreeSet;

use calhive::findings;
use calhive::report::Finding;
use hive_forge::finding;

use super::{codes, report};

/// Code that only a build with the second reader raises.
const NEEDS_SECOND_READER: &str = "second_reader.differs";

#[test]
fn finding_codes_have_a_scenario_and_a_near_miss() {
    let cases = finding::cases();
    let known: BTreeSet<&str> = findings::pages().map(|page| page.code).collect();
    let made: BTreeSet<&str> = cases.iter().map(|case| case.code).collect();
    assert!(known.len() > 30, "{}", known.len());
    assert_eq!(known, made, "a page without a case, or a case without a page");
    for case in &cases {
        assert!(!case.raises.is_empty() && !case.near_miss.is_empty(), "{}", case.code);
    }
}

#[test]
fn each_scenario_raises_its_finding_and_each_near_miss_does_not() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for case in finding::cases() {
        if case.code == NEEDS_SECOND_READER && !cfg!(feature = "nt-hive") {
            continue;
        }
        seen += 1;
        let raised = report(&case.raises);
        if !codes(&raised).contains(&case.code) {
            wrong.push(format!(
                "{}: not raised by: {}; {:?}",
                case.code,
                case.about,
                codes(&raised)
            ));
        }
        let missed = report(&case.near_miss);
        if codes(&missed).contains(&case.code) {
            wrong.push(format!("{}: raised by its near miss: {}", case.code, case.miss));
        }
        let of = |report: &calhive::Report| -> Vec<String> {
            codes(report)
                .iter()
                .filter(|code| **code != case.code)
                .map(|it| (*it).to_owned())
                .collect()
        };
        println!("{:45} beside it {:?}; near miss {:?}", case.code, of(&raised), of(&missed));
    }
    assert_eq!(wrong, [""; 0]);
    assert!(seen > 30, "{seen}");
}

#[test]
fn plain_machines_raise_no_findings() {
    assert!(finding::bases().len() > 2);
    for (name, files) in finding::bases() {
        assert_eq!(codes(&report(&files)), [""; 0], "{name}");
    }
}

#[test]
fn findings_have_statement_facts_and_hosts() {
    let mut findings = 0;
    for case in finding::cases() {
        let report = report(&case.raises);
        let ids: BTreeSet<&str> = report.facts.iter().map(|fact| fact.id.as_str()).collect();
        let tokens: BTreeSet<&str> = report.tokens.iter().map(|token| token.id.as_str()).collect();
        let hosts: BTreeSet<&str> = report.hosts.iter().map(|host| host.id.as_str()).collect();
        for finding in &report.findings {
            let Finding { code, statement, observed, facts, hosts: of, .. } = finding;
            assert!(statement.ends_with('.') && statement.len() > 20, "{code}: {statement}");
            let nothing_set = ["host.mode.not_configured", "host.servers.none", "hive.not_whole"];
            assert!(!observed.is_empty() || nothing_set.contains(code), "{code}");
            assert!(facts.iter().all(|id| ids.contains(id.as_str())), "{code}: {facts:?}");
            assert!(finding.tokens.iter().all(|id| tokens.contains(id.as_str())), "{code}");
            assert!(!of.is_empty() && of.iter().all(|id| hosts.contains(id.as_str())), "{code}");
            findings += 1;
        }
    }
    assert!(findings >= findings::pages().count(), "{findings}");
}
