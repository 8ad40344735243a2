// SPDX-License-Identifier: MIT OR Apache-2.0
//! Answers, reference time and events of a host, and the graph of several hosts.

use calhive::FileTime;
use calhive::Report;
use calhive::fact::Source;
use calhive::meaning::Certainty;
use calhive::regf::hive::look_up::LookUp;
use calhive::report::{
    Answer, Clock, Edge, EdgeKind, Event, EventCode, LinkedBy, Node, NodeKind, RoleState, Severity,
};
use hive_forge::deletion::{Lost, deleted_token};
use hive_forge::token::{self, Generation, HostSpec, TokenSpec, host_certificate};
use hive_forge::tree::{Key, Tree, Value};
use hive_forge::{Options, finding, scenario, time, write};

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
fn each_host_has_all_answers_in_the_order_of_its_role() {
    const CLIENT: [&str; 3] = ["session", "user", "moved"];
    const HOST: [&str; 4] = ["licensing", "refused", "grace_period", "enough_licenses"];
    let (mut hosts, mut clients) = (0, 0);
    for scenario in scenario::all() {
        let report = of_scenario(scenario.name);
        hosts += report.hosts.len();
        for host in &report.hosts {
            let codes: Vec<&str> = host.answers.iter().map(|it| it.code.as_str()).collect();
            let does_apply = |it: &&Answer| !it.not_shown.is_empty();
            let applying: Vec<&str> =
                host.answers.iter().filter(does_apply).map(|it| it.code.as_str()).collect();
            let of_client = [&CLIENT[..], &["refused"]].concat();
            if applying == of_client {
                let rest: Vec<&str> = HOST.into_iter().filter(|it| *it != "refused").collect();
                assert_eq!(codes, [of_client, rest].concat(), "{}", scenario.name);
                let product = host.system.product_type.as_ref().unwrap();
                assert!(product.text.contains("client"), "{product:?}");
                clients += 1;
            } else {
                assert_eq!(codes, [&HOST[..], &CLIENT].concat(), "{}", scenario.name);
                assert_eq!(applying, codes, "{}", scenario.name);
            }
            for answer in &host.answers {
                assert!(
                    answer.question.ends_with('?') && answer.shown.ends_with('.'),
                    "{answer:?}"
                );
                assert_eq!(
                    answer.next_evidence.is_empty(),
                    answer.not_shown.is_empty(),
                    "{answer:?}"
                );
            }
        }
        assert!(report.limitations[0].contains("Whether enough licenses were bought"));
    }
    assert!(hosts > scenario::all().len() && clients > 3, "{hosts} hosts, {clients} clients");
}

#[test]
fn token_answers_name_the_issuer_and_no_session() {
    let report = of_scenario("windows-10-client-with-token");
    let session = answer(&report, "session");
    assert_eq!(session.certainty, Certainty::Documented);
    for part in [
        "License server RODENT (self-reported name), scope WORKGROUP, issued a temporary token to machine RODENT \
         (client-reported name) at 2007-06-20",
        "(server clock); token-1 and token-2 are stored.",
    ] {
        assert!(session.shown.contains(part), "{part:?} in {}", session.shown);
    }
    assert!(session.not_shown.starts_with("A logon, a session host or farm"), "{session:?}");
    let user = answer(&report, "user");
    assert!(
        user.shown
            .starts_with("The client software reported the user name Administrator (token-1)")
    );
    assert!(user.not_shown.contains("no authenticated account"));
    let plain = of_scenario("windows-10-client-plain");
    let session = answer(&plain, "session");
    assert_eq!(session.certainty, Certainty::NotDeterminable);
    assert!(session.shown.starts_with("Neither registry view holds a stored token"), "{session:?}");
    assert!(session.not_shown.contains("per-user licensing"), "{session:?}");
}

#[test]
fn recovered_token_is_named_in_the_answers() {
    let bytes = deleted_token(Lost::Both).edited.hive.bytes;
    let report = report(&[(String::from("SOFTWARE"), bytes)]);
    let session = answer(&report, "session");
    assert!(session.shown.contains("token-1 was recovered outside the tree"), "{session:?}");
    assert_eq!(session.tokens, ["token-1"]);
    assert!(answer(&report, "user").shown.contains("(token-1, outside the tree"));
    assert!(!answer(&report, "moved").shown.contains("found no removed"));
}

#[test]
fn plain_clients_raise_no_findings() {
    for name in ["windows-10-client-plain", "windows-xp-client"] {
        assert_eq!(codes(&of_scenario(name)), [""; 0], "{name}");
    }
}

#[test]
fn the_end_of_the_grace_period_is_estimated_as_a_range_alone() {
    let with = of_scenario("windows-server-2016-session-host");
    let grace = answer(&with, "grace_period");
    assert!(grace.shown.contains("GracePeriod"), "{grace:?}");
    assert!(grace.shown.contains("Estimate (inferred): an end between "), "{grace:?}");
    assert!(grace.shown.contains("if the period lasts 120 days"), "{grace:?}");
    assert_eq!(grace.certainty, Certainty::NotDeterminable);
    // A marker of the end of the grace period leaves no estimate.
    let ended = finding::cases().into_iter().find(|case| case.code == "host.grace.ended").unwrap();
    let ended = report(&ended.raises);
    let grace = answer(&ended, "grace_period");
    assert!(grace.shown.contains("LicensingGracePeriodEnded"), "{grace:?}");
    assert!(!grace.shown.contains("Estimate"), "{grace:?}");
}

#[test]
fn token_with_invalid_signature_answers_nothing() {
    let cases = finding::cases();
    let of = |code: &str| cases.iter().find(|case| case.code == code).unwrap();
    let invalid = report(&of("client.token.signature_invalid").raises);
    let session = answer(&invalid, "session");
    assert!(session.shown.contains("the signature is invalid, so none of this is reliable"));
    assert!(!session.shown.contains("issued"), "{session:?}");
    assert_eq!(answer(&invalid, "user").shown, "No token with a valid signature names a user.");
    let event =
        invalid.events.iter().find(|event| event.code == EventCode::TokenValidFrom).unwrap();
    assert!(event.meaning.ends_with("as written in it; the signature does not hold"), "{event:?}");
    assert_eq!(event.certainty, Certainty::Observed);
    let open = report(&of("client.token.signature_invalid").near_miss);
    assert!(answer(&open, "session").shown.contains("the signature could not be checked"));
}

/// Report of a client whose token is zeroed after this number of bytes.
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
fn token_without_leaf_names_nobody() {
    // The certificate of the license server and the beginning of the leaf are left.
    let report = cut_token(700);
    assert_eq!(codes(&report), ["client.token.undecodable"]);
    for code in ["session", "user"] {
        let answer = answer(&report, code);
        assert_eq!(answer.certainty, Certainty::NotDeterminable);
        assert!(answer.shown.contains("could not be decoded"), "{answer:?}");
    }
    assert!(
        report.events.iter().all(|event| !event.code.as_str().starts_with("token.")),
        "{:?}",
        report.events
    );
}

#[test]
fn incompletely_read_store_has_no_gap() {
    let cases = finding::cases();
    let case = cases.iter().find(|case| case.code == "client.store.gap").unwrap();
    assert_eq!(codes(&report(&case.raises)), ["client.store.gap"]);
    let mut files = case.raises.clone();
    let (_, bytes) = files.iter_mut().find(|(path, _)| path.ends_with("SOFTWARE")).unwrap();
    let at = (0..bytes.len()).find(|at| bytes[*at..].starts_with(b"ProductName")).unwrap();
    // The data offset of another value is invalid: something could not be read.
    bytes[at - 12..at - 8].fill(0xF0);
    let damaged = report(&files);
    assert!(damaged.sources.iter().any(|source| source.unread.total > 0));
    assert!(!codes(&damaged).contains(&"client.store.gap"), "{:?}", codes(&damaged));
    assert!(damaged.hosts[0].unknown.iter().any(|line| line.contains("could not be read")));
}

#[test]
fn copies_are_not_compared_with_their_originals() {
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
fn given_reference_time_is_used_and_reported() {
    let cases = finding::cases();
    let case = cases.iter().find(|case| case.code == "client.token.past_validity").unwrap();
    let facts: Vec<_> = case
        .raises
        .iter()
        .map(|(path, bytes)| {
            let hive = calhive::Hive::parse(bytes).unwrap();
            calhive::collect(&Source::new(hive, path.as_str()), LookUp::Thorough)
        })
        .collect();
    let own = calhive::interpret(&facts, None);
    assert_eq!(codes(&own), ["client.token.past_validity"]);
    let time = &own.hosts[0].reference_time;
    assert!(!time.is_given && time.time == time.newest, "{time:?}");
    let earlier = FileTime::from_unix_seconds(1_000_000_000);
    let given = calhive::interpret(&facts, earlier);
    assert_eq!(codes(&given), [""; 0]);
    let time = &given.hosts[0].reference_time;
    assert!(time.is_given && time.statement.contains("given by the examiner"), "{time:?}");
    assert_eq!(time.time, earlier);
}

#[test]
fn events_are_sorted_and_have_their_clocks() {
    let report = of_scenario("windows-10-client-with-token");
    let events = &report.events;
    assert!(events.is_sorted_by_key(|event| event.time));
    assert!(
        events.iter().all(|event| !event.time.unwrap().to_string().starts_with("1970")),
        "{events:?}"
    );
    assert!(
        events.iter().all(|event| !event.time.unwrap().to_string().starts_with("2049")),
        "{events:?}"
    );
    let find = |part: &str| -> Vec<&Event> {
        events.iter().filter(|event| event.meaning.contains(part)).collect()
    };
    let issued =
        find("token-1 issued or renewed, by the clock of a license server naming itself RODENT")[0];
    assert_eq!(
        (issued.clock, &issued.time.unwrap().to_string()[..10]),
        (Clock::LicenseServer, "2007-06-20")
    );
    assert_eq!(find("token-1: token expiry (scheduled)").len(), 1);
    let stored = find(r"Microsoft\MSLicensing\Store\LICENSE000 last written")[0];
    assert_eq!((stored.clock, stored.certainty), (Clock::LocalMachine, Certainty::Inferred));
    for key in [r"Microsoft\MSLicensing last", r"MSLicensing\HardwareID last", r"Store last"] {
        assert_eq!(find(key).len(), 2, "{key}, in both views");
    }
    assert_eq!(find("Last shutdown").len(), 1);
    // Facts of one key are one event.
    assert_eq!(stored.facts.len(), 6, "{stored:?}");
}

/// A client and a host of one license server: its own certificate names the computer, the one from the
/// Clearinghouse names the activation.
fn client_and_host(product_ids: [&str; 2], keys: [usize; 2]) -> Report {
    let server = |place: usize| TokenSpec {
        server_id: product_ids[place].to_owned(),
        key: keys[place],
        ..TokenSpec::generation(Generation::Server2019)
    };
    let token = server(0);
    let certified = TokenSpec {
        server: "DC01".to_owned(),
        activation_name: Some("Example".to_owned()),
        ..server(1)
    };
    let host = HostSpec::new(&certified, "RDSH01");
    let chain = token::chain(&[certified.certificates().remove(0), host_certificate(&host)]);
    let mut software = Tree::new("SOFTWARE");
    software.root.made("Classes", time::DEFAULT);
    let store = software.root.made(r"Microsoft\MSLicensing\Store\LICENSE000", time::DEFAULT);
    store.set(Value::binary("ClientLicense", &token.encode()));
    let mut system = Tree::new("SYSTEM");
    system.root = system.root.key(Key::new("Select").dword("Current", 1));
    let manager = system.root.made(r"ControlSet001\Control\Terminal Server\RCM", time::DEFAULT);
    manager.set(Value::binary("X509 Certificate", &chain));
    let bytes = |tree: &Tree| write(tree, &Options::default()).bytes;
    report(&[("C/SOFTWARE".to_owned(), bytes(&software)), ("H/SYSTEM".to_owned(), bytes(&system))])
}

#[test]
fn graph_links_clients_and_hosts_by_key_and_product_id() {
    let servers = |report: &Report| -> Vec<(String, Vec<String>, usize)> {
        let is_server = |node: &&Node| node.kind == NodeKind::LicenseServer;
        let nodes = report.graph.nodes.iter().filter(is_server);
        let edges = |node: &Node| report.graph.edges.iter().filter(|it| it.to == node.id).count();
        nodes.map(|it| (it.name.clone(), it.other_names.clone(), edges(it))).collect()
    };
    let by = |report: &Report| -> Vec<Vec<LinkedBy>> {
        let of_server =
            |it: &&Edge| matches!(it.kind, EdgeKind::HoldsTokenOf | EdgeKind::HoldsCertificateOf);
        report.graph.edges.iter().filter(of_server).map(|it| it.by.clone()).collect()
    };
    let names = |report: &Report| servers(report).into_iter().map(|it| it.0).collect::<Vec<_>>();
    for (product_ids, keys) in
        [(["P1", "P1"], [0, 0]), (["P1", "P2"], [0, 0]), (["P1", "P1"], [0, 1])]
    {
        let report = client_and_host(product_ids, keys);
        let [(name, others, edges)] = &servers(&report)[..] else { panic!("{:?}", report.graph) };
        assert_eq!((name.as_str(), *edges), ("LS-2021", 2), "{product_ids:?} {keys:?}");
        assert_eq!(*others, ["DC01", "Example"]);
        let expected = vec![LinkedBy::ProductId, LinkedBy::Key];
        assert_eq!(by(&report), [expected.clone(), expected]);
    }
    assert_eq!(names(&client_and_host(["P1", "P2"], [0, 1])), ["LS-2021", "DC01"]);
}

#[test]
fn graph_of_an_office_names_all_relations() {
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
        .map(|finding| finding.code)
        .collect();
    assert_eq!(across, ["across.same_hardware_id", "across.farm_servers_differ"]);
}

#[test]
fn findings_of_a_host_of_unknown_role_are_info() {
    let cases = finding::cases();
    let case = cases.iter().find(|case| case.code == "host.mode.not_configured").unwrap();
    let both = report(&case.raises);
    assert_eq!(both.findings[0].severity, Severity::Notice);
    // Without SOFTWARE and the application server flag, the role is unknown.
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
