// SPDX-License-Identifier: MIT OR Apache-2.0
//! The answers of a host, its reference time, its events, and the graph of several.

use calhive::FileTime;
use calhive::licensing::report::{
    Answer, Certainty, Clock, EdgeKind, Event, NodeKind, Report, RoleState, Severity,
};
use calhive::licensing::{self, Options, Source};
use hive_forge::{finding, scenario};

use super::{codes, report};

fn of_scenario(name: &str) -> Report {
    let scenario = scenario::all().into_iter().find(|scenario| scenario.name == name).unwrap();
    let files: Vec<(String, Vec<u8>)> =
        scenario.files().into_iter().map(|(path, bytes)| (path.to_owned(), bytes)).collect();
    report(&files)
}

fn answer<'r>(report: &'r Report, code: &str) -> &'r Answer {
    report.hosts[0].answers.iter().find(|answer| answer.code == code).unwrap()
}

#[test]
fn every_host_has_the_five_answers() {
    for scenario in scenario::all() {
        let report = of_scenario(scenario.name);
        for host in &report.hosts {
            let codes: Vec<&str> = host.answers.iter().map(|it| it.code.as_str()).collect();
            let expected = ["session", "user", "grace_period", "moved", "enough_licenses"];
            assert_eq!(codes, expected, "{}", scenario.name);
            for answer in &host.answers {
                assert!(
                    answer.question.ends_with('?') && answer.answer.ends_with('.'),
                    "{answer:?}"
                );
                assert!(!answer.next_evidence.is_empty(), "{answer:?}");
            }
        }
        assert!(report.limitations[0].contains("Whether enough licences were bought"));
    }
}

#[test]
fn a_token_answers_who_signed_what_and_never_who_sat_there() {
    let report = of_scenario("windows-10-client-with-token");
    let session = answer(&report, "session");
    assert_eq!(session.certainty, Certainty::NotDeterminable);
    for part in [
        "Not determinable: a token is not a logon and names no session host or farm",
        "show (documented): a licence server naming itself RODENT, scope WORKGROUP, signed at 2007-06-20",
        "a token naming machine RODENT (token-1, temporary)",
    ] {
        assert!(session.answer.contains(part), "{part:?} in {}", session.answer);
    }
    let user = answer(&report, "user");
    assert!(user.answer.contains("client-reported name only: Administrator (token-1)"));
    assert!(user.answer.contains("no authenticated account"));
    let plain = of_scenario("windows-10-client-plain");
    let session = answer(&plain, "session");
    assert_eq!(session.certainty, Certainty::NotDeterminable);
    assert!(session.answer.contains("no evidence that there was no connection"), "{session:?}");
}

#[test]
fn plain_clients_raise_nothing() {
    for name in ["windows-10-client-plain", "windows-xp-client"] {
        assert_eq!(codes(&of_scenario(name)), [""; 0], "{name}");
    }
}

#[test]
fn the_end_of_the_grace_period_is_estimated_as_a_range_alone() {
    let with = of_scenario("windows-server-2016-session-host");
    let grace = answer(&with, "grace_period");
    assert!(grace.answer.contains("Observed: the key GracePeriod (last written "), "{grace:?}");
    assert!(grace.answer.contains("Estimate (inferred): an end between "), "{grace:?}");
    assert!(grace.answer.contains("if the period lasts 120 days"), "{grace:?}");
    assert_eq!(grace.certainty, Certainty::NotDeterminable);
    // No estimate where a marker says that it ended.
    let ended = finding::cases().into_iter().find(|case| case.code == "host.grace.ended").unwrap();
    let ended = report(&ended.raises);
    let grace = answer(&ended, "grace_period");
    assert!(grace.answer.contains("LicensingGracePeriodEnded"), "{grace:?}");
    assert!(!grace.answer.contains("Estimate"), "{grace:?}");
}

#[test]
fn a_token_whose_signature_does_not_hold_answers_nothing() {
    let cases = finding::cases();
    let of = |code: &str| cases.iter().find(|case| case.code == code).unwrap();
    let invalid = report(&of("client.token.signature_invalid").raises);
    let session = answer(&invalid, "session");
    assert!(session.answer.contains("its signature does not hold: none of this can be relied on"));
    assert!(!session.answer.contains("naming itself"), "{session:?}");
    assert!(answer(&invalid, "user").answer.contains("whose signature does not hold"));
    let event = invalid.events.iter().find(|event| event.code == "token.valid_from").unwrap();
    assert!(event.meaning.ends_with("as written in it; the signature does not hold"), "{event:?}");
    assert_eq!(event.certainty, Certainty::Observed);
    let open = report(&of("client.token.signature_invalid").near_miss);
    assert!(answer(&open, "session").answer.contains("its signature could not be checked"));
}

/// The report of a client, with the data of its token cut to so many bytes: those behind are zeros.
fn cut_token(keep: usize) -> Report {
    let (_, mut files) = finding::bases().into_iter().find(|(name, _)| *name == "client").unwrap();
    let (_, bytes) = files.iter_mut().find(|(path, _)| path.ends_with("SOFTWARE")).unwrap();
    let head = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
    let at = (0..bytes.len()).find(|at| bytes[*at..].starts_with(&head)).unwrap() - 4;
    let size = usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]])) + 4;
    bytes[at + keep..at + size].fill(0);
    report(&files)
}

#[test]
fn a_token_without_its_leaf_names_nobody() {
    // The licence server's certificate is there, and the beginning of the leaf.
    let report = cut_token(700);
    assert_eq!(codes(&report), ["client.token.undecodable"]);
    for code in ["session", "user"] {
        let answer = answer(&report, code);
        assert_eq!(answer.certainty, Certainty::NotDeterminable);
        assert!(answer.answer.contains("No stored token could be taken apart"), "{answer:?}");
    }
    assert!(
        report.events.iter().all(|event| !event.code.starts_with("token.")),
        "{:?}",
        report.events
    );
}

#[test]
fn a_store_that_was_not_read_whole_has_no_gap() {
    let cases = finding::cases();
    let case = cases.iter().find(|case| case.code == "client.store.gap").unwrap();
    assert_eq!(codes(&report(&case.raises)), ["client.store.gap"]);
    let mut files = case.raises.clone();
    let (_, bytes) = files.iter_mut().find(|(path, _)| path.ends_with("SOFTWARE")).unwrap();
    let at = (0..bytes.len()).find(|at| bytes[*at..].starts_with(b"ProductName")).unwrap();
    // The offset of the data of another value leads nowhere: something could not be read.
    bytes[at - 12..at - 8].fill(0xF0);
    let damaged = report(&files);
    assert!(damaged.sources.iter().any(|source| source.unread.total > 0));
    assert!(!codes(&damaged).contains(&"client.store.gap"), "{:?}", codes(&damaged));
    assert!(damaged.hosts[0].unknown.iter().any(|line| line.contains("could not be read")));
}

#[test]
fn hosts_without_a_name_and_copies_are_no_other_machines() {
    let cases = finding::cases();
    let case = cases.iter().find(|case| case.code == "across.same_token").unwrap();
    let software = |prefix: &str| {
        let (_, bytes) = case.raises.iter().find(|(path, _)| path.ends_with("SOFTWARE")).unwrap();
        (format!("{prefix}/SOFTWARE"), bytes.clone())
    };
    let folder = "A/Windows/System32/config";
    let copies = report(&[software(folder), software(&format!("{folder}/RegBack"))]);
    assert_eq!(copies.hosts.len(), 2);
    assert!(copies.findings.iter().all(|finding| finding.hosts.len() == 1), "{:?}", codes(&copies));
}

#[test]
fn the_reference_time_can_be_given_and_is_told() {
    let cases = finding::cases();
    let case = cases.iter().find(|case| case.code == "client.token.past_validity").unwrap();
    let facts: Vec<_> = case
        .raises
        .iter()
        .map(|(path, bytes)| {
            let hive = calhive::Hive::parse(bytes).unwrap();
            licensing::collect(&Source::new(hive, path.as_str()), &Options::default())
        })
        .collect();
    let own = licensing::interpret(&facts, None);
    assert_eq!(codes(&own), ["client.token.past_validity"]);
    let time = &own.hosts[0].reference_time;
    assert!(!time.is_given && time.time == time.newest, "{time:?}");
    let earlier = FileTime::from_unix_seconds(1_000_000_000);
    let given = licensing::interpret(&facts, earlier);
    assert_eq!(codes(&given), [""; 0]);
    let time = &given.hosts[0].reference_time;
    assert!(time.is_given && time.statement.contains("given by the examiner"), "{time:?}");
    assert_eq!(time.filetime, earlier.map(FileTime::raw));
}

#[test]
fn events_are_in_order_with_their_clocks_and_without_1970_and_2049() {
    let report = of_scenario("windows-10-client-with-token");
    let events = &report.events;
    assert!(events.is_sorted_by_key(|event| event.filetime));
    assert!(
        events.iter().all(|event| !event.time.as_ref().unwrap().starts_with("1970")),
        "{events:?}"
    );
    assert!(
        events.iter().all(|event| !event.time.as_ref().unwrap().starts_with("2049")),
        "{events:?}"
    );
    let find = |part: &str| -> Vec<&Event> {
        events.iter().filter(|event| event.meaning.contains(part)).collect()
    };
    let issued =
        find("token-1 issued or renewed, by the clock of a licence server naming itself RODENT")[0];
    assert_eq!(
        (issued.clock, &issued.time.as_ref().unwrap()[..10]),
        (Clock::LicenseServer, "2007-06-20")
    );
    assert_eq!(find("token-1: token expiry (scheduled)").len(), 1);
    let stored = find(r"Microsoft\MSLicensing\Store\LICENSE000 last written")[0];
    assert_eq!((stored.clock, stored.certainty), (Clock::LocalMachine, Certainty::Inferred));
    for key in [r"Microsoft\MSLicensing last", r"MSLicensing\HardwareID last", r"Store last"] {
        assert_eq!(find(key).len(), 2, "{key}, in both views");
    }
    assert_eq!(find("Last shut down").len(), 1);
    // Facts of one key are one event.
    assert_eq!(stored.facts.len(), 5, "{stored:?}");
}

#[test]
fn the_graph_of_an_office() {
    let report = of_scenario("office-network");
    assert_eq!(report.hosts.len(), 6);
    let name = |id: &str| {
        let node = report.graph.nodes.iter().find(|node| node.id == id).unwrap();
        (node.kind, node.name.as_str())
    };
    let edges: Vec<_> = report
        .graph
        .edges
        .iter()
        .map(|edge| (name(&edge.from).1, edge.kind, name(&edge.to)))
        .collect();
    use EdgeKind::{BelongsTo, HoldsCertificateOf, HoldsTokenOf, IsSetToAsk, NamesScope};
    let server = |name| (NodeKind::LicenseServer, name);
    for expected in [
        ("CLIENT01", HoldsTokenOf, server("RDLIC01")),
        ("CLIENT02", HoldsTokenOf, server("RDLIC01")),
        ("CLIENT03", HoldsTokenOf, server("RDLIC02")),
        ("RDSH01", IsSetToAsk, server("RDLIC01")),
        ("RDSH02", IsSetToAsk, server("RDLIC02")),
        ("RDSH01", HoldsCertificateOf, server("RDLIC01")),
        ("RDSH02", HoldsCertificateOf, server("RDLIC02")),
        ("RDLIC01", NamesScope, (NodeKind::Scope, "CORP")),
        ("RDSH01", BelongsTo, (NodeKind::Farm, "OFFICE")),
        ("RDSH02", BelongsTo, (NodeKind::Farm, "OFFICE")),
    ] {
        assert!(edges.contains(&expected), "{expected:?} in {edges:?}");
    }
    let server = report.graph.nodes.iter().find(|node| node.name == "RDLIC01").unwrap();
    let own = report.hosts.iter().find(|host| host.id == server.hosts[0]).unwrap();
    assert_eq!(own.system.computer_name.as_ref().unwrap().text, "RDLIC01");
    for edge in &report.graph.edges {
        assert!(!edge.evidence.is_empty(), "{edge:?}");
    }
    let across: Vec<&str> = report
        .findings
        .iter()
        .filter(|finding| finding.hosts.len() > 1)
        .map(|finding| finding.code.as_str())
        .collect();
    assert_eq!(
        across,
        ["across.same_hardware_id", "across.same_license_server", "across.farm_servers_differ"]
    );
}

#[test]
fn findings_of_a_host_whose_role_is_unknown_are_info() {
    let cases = finding::cases();
    let case = cases.iter().find(|case| case.code == "host.mode.not_configured").unwrap();
    let both = report(&case.raises);
    assert_eq!(both.findings[0].severity, Severity::Notice);
    // Without SOFTWARE and the application server flag nobody knows of the role.
    let mut system: Vec<_> =
        case.raises.iter().filter(|(path, _)| path.ends_with("SYSTEM")).cloned().collect();
    let bytes = &mut system[0].1;
    let flags: Vec<usize> =
        (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"TSAppCompat")).collect();
    flags.iter().for_each(|at| bytes[at + 10] = b'_');
    let unknown = report(&system);
    assert_eq!(unknown.hosts[0].session_host.state, RoleState::Unknown);
    assert!(codes(&unknown).contains(&"host.mode.not_configured"), "{:?}", codes(&unknown));
    for finding in unknown.findings {
        assert_eq!(finding.severity, Severity::Info, "{finding:?}");
    }
}
