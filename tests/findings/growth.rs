// SPDX-License-Identifier: MIT OR Apache-2.0
//! Reports grow in proportion to hosts, clones, tokens and pairs of hosts: bytes, findings and allocations.

use calhive::Report;
use calhive::comparison::compare;
use calhive::fact::{Facts, Source};
use calhive::regf::hive::look_up::LookUp;
use calhive::{Hive, interpret};
use hive_forge::scenario;

use super::{codes, report};
use crate::memory::measure;

fn collected(files: &[(String, Vec<u8>)]) -> Vec<Facts> {
    let collect = |(path, bytes): &(String, Vec<u8>)| {
        let hive = Hive::parse(bytes).unwrap();
        calhive::collect(&Source::new(hive, path.as_str()), LookUp::Thorough)
    };
    files.iter().map(collect).collect()
}

/// Bytes of a report with all its parts.
fn bytes(report: &Report) -> u64 {
    format!("{report:?}").len() as u64
}

/// Asserts that the step from 2n to 4n is twice the step from n to 2n, up to a twentieth.
fn assert_linear(what: &str, [one, two, four]: [u64; 3]) {
    let (first, second) = (two - one, four - two);
    assert!(
        second <= first * 2 + first / 10 && first > 0,
        "{what}: {one}, {two}, {four}: the steps are {first} and {second}"
    );
}

#[test]
fn report_of_clones_grows_with_their_number() {
    const ACROSS: [&str; 3] =
        ["across.same_hardware_id", "across.same_token", "across.farm_servers_differ"];
    let measured = [12, 24, 48].map(|machines| {
        let facts = collected(&scenario::clones(machines));
        let (report, used) = measure(|| interpret(&facts, None));
        let across: Vec<_> = report.findings.iter().filter(|it| it.hosts.len() > 1).collect();
        assert_eq!(across.iter().map(|it| it.code).collect::<Vec<_>>(), ACROSS);
        for finding in &across {
            assert_eq!(finding.hosts.len(), machines);
            assert!(finding.statement.len() < 400, "{}", finding.statement);
        }
        (report.findings.len() as u64, bytes(&report), used.allocations)
    });
    assert_linear("findings", measured.map(|(findings, ..)| findings));
    assert_linear("bytes", measured.map(|(_, bytes, _)| bytes));
    assert_linear("allocations", measured.map(|(.., allocations)| allocations));
}

#[test]
fn findings_about_large_groups_name_the_first_hosts_and_count_the_others() {
    let statement = |machines: usize, code: &str| {
        let report = report(&scenario::clones(machines));
        let finding = report.findings.iter().find(|it| it.code == code).unwrap();
        finding.statement.to_string()
    };
    let eight = statement(8, "across.same_token");
    assert!(
        eight.starts_with("host-1, host-2, host-3, host-4, host-5, host-6, host-7, host-8 hold ")
    );
    let ten = statement(10, "across.same_token");
    assert!(ten.starts_with(
        "10 hosts (host-1, host-2, host-3, host-4, host-5, host-6, host-7, host-8 and 2 more) hold the same token"
    ));
    assert_eq!(
        statement(10, "across.farm_servers_differ"),
        "Hosts of the farm FARM3 differ: host-2, host-3, host-5, host-6, host-8, host-9 are configured to ask \
         rdlic01.corp.example; host-1, host-4, host-7, host-10 are configured to ask rdlic02.corp.example."
    );
    let two = statement(2, "across.farm_servers_differ");
    assert!(two.contains("host-1 is configured to ask rdlic02.corp.example; host-2 is "), "{two}");
}

#[test]
fn report_of_a_fleet_grows_with_its_number_of_hosts() {
    let measured = [12, 24, 48].map(|machines| {
        let facts = collected(&scenario::fleet(machines));
        let (report, used) = measure(|| interpret(&facts, None));
        assert_eq!(report.hosts.len(), machines);
        (codes(&report).len() as u64, bytes(&report), used.allocations)
    });
    assert_linear("bytes", measured.map(|(_, bytes, _)| bytes));
    assert_linear("allocations", measured.map(|(.., allocations)| allocations));
}

#[test]
fn report_of_a_client_grows_with_its_number_of_tokens() {
    let measured = [32, 64, 128].map(|tokens| {
        let facts = collected(&scenario::client_with_tokens(tokens));
        let (report, used) = measure(|| interpret(&facts, None));
        assert_eq!(report.tokens.len(), tokens);
        (bytes(&report), used.allocations)
    });
    assert_linear("bytes", measured.map(|(bytes, _)| bytes));
    assert_linear("allocations", measured.map(|(_, allocations)| allocations));
}

#[test]
fn comparison_of_two_fleets_grows_with_their_number_of_hosts() {
    let measured = [12, 24, 48].map(|machines| {
        let before = report(&scenario::fleet(machines));
        let after = report(&scenario::clones(machines));
        let (same, used) = measure(|| compare(&before, &before));
        assert_eq!(same.hosts.len(), machines);
        let other = compare(&before, &after);
        assert_eq!(other.not_compared_a.len(), machines);
        (format!("{same:?}{other:?}").len() as u64, used.allocations)
    });
    assert_linear("bytes", measured.map(|(bytes, _)| bytes));
    assert_linear("allocations", measured.map(|(_, allocations)| allocations));
}
