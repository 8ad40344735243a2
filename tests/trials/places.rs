// SPDX-License-Identifier: MIT OR Apache-2.0
//! Places that were not read, and findings that were missing or wrong.

use std::path::PathBuf;

use calhive::fact::Source;
use calhive::regf::hive::look_up::LookUp;
use calhive::report::{FactReport, Finding};
use calhive::{Hive, Report};
use hive_forge::tree::{Tree, Value};
use hive_forge::{Options, finding, scenario, time, write};

/// Report of the hives in a folder of trials, by file name; `None` without the folder.
fn trial(name: &str) -> Option<Report> {
    let folder = PathBuf::from(std::env::var_os("CALHIVE_TRIALS")?).join(name);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let files: Vec<(String, Vec<u8>)> = paths
        .iter()
        .map(|path| (path.display().to_string(), std::fs::read(path).unwrap()))
        .collect();
    Some(report(&files))
}

fn report(files: &[(String, Vec<u8>)]) -> Report {
    let facts = files.iter().map(|(path, bytes)| {
        let hive = Hive::parse(bytes).unwrap();
        calhive::collect(&Source::new(hive, path.as_str()), LookUp::Thorough)
    });
    calhive::interpret(&facts.collect::<Vec<_>>(), None)
}

fn of_scenario(name: &str) -> Vec<(String, Vec<u8>)> {
    let scenario = scenario::every().into_iter().find(|scenario| scenario.name == name).unwrap();
    scenario.files().into_iter().map(|(path, bytes)| (path.to_owned(), bytes)).collect()
}

fn findings<'r>(report: &'r Report, code: &str) -> Vec<&'r Finding> {
    report.findings.iter().filter(|finding| finding.code == code).collect()
}

fn fact<'r>(report: &'r Report, code: &str) -> &'r FactReport {
    let found = report.facts.iter().find(|it| it.code.as_str() == code && it.state.is_found());
    found.unwrap_or_else(|| panic!("{code} is not set"))
}

/// Trial 14.
#[test]
fn licensing_of_the_deployment_is_read_and_labeled() {
    let forged = report(&of_scenario("windows-server-2016-session-host"));
    for report in [Some(forged), trial("14-deployment-key")].into_iter().flatten() {
        for (code, kind) in [
            ("host.deployment.license_servers", "REG_MULTI_SZ"),
            ("host.deployment.licensing_type", "REG_DWORD"),
            ("host.deployment.central_licensing", "REG_DWORD"),
        ] {
            let fact = fact(&report, code);
            assert_eq!(fact.provenance.value_type.as_deref(), Some(kind), "{code}");
            let label = fact.label.as_deref().unwrap();
            assert_eq!(
                label,
                "licensing of the deployment, kept with RemoteApp; whether it is in effect is not documented"
            );
        }
        assert_eq!(fact(&report, "host.deployment.licensing_type").shown.as_deref(), Some("4"));
        assert_eq!(fact(&report, "host.deployment.central_licensing").shown.as_deref(), Some("1"));
        assert_eq!(findings(&report, "host.broker").len(), 1);
    }
}

/// Trial 15.
#[test]
fn store_that_users_cannot_write_is_a_finding_with_the_missing_rights() {
    let case = case("client.store.not_writable");
    for report in [Some(report(&case.raises)), trial("15-store-permissions")].into_iter().flatten()
    {
        let found = findings(&report, "client.store.not_writable");
        assert_eq!(found.len(), 1);
        let statement = &found[0].statement;
        for part in ["SetValue, CreateSubKey at ", r"MSLicensing\Store"] {
            assert!(statement.contains(part), "{statement}");
        }
        assert!(found[0].does_not_show.contains("error 2056"));
    }
}

/// Trials 16 and 17.
#[test]
fn removed_license_key_without_its_token_is_a_finding() {
    let case = case("client.license_key.removed");
    let found = report(&case.raises);
    let found = findings(&found, "client.license_key.removed");
    assert!(
        found[0].statement.contains(r"MSLicensing\Store\LICENSE000 was recovered"),
        "{found:?}"
    );
    for name in ["16-answers-deny-recovered-token", "17-license-below-deleted-key"] {
        let Some(report) = trial(name) else { return };
        let mut found = findings(&report, "client.license_key.removed");
        found.extend(findings(&report, "client.token.removed"));
        let names = |it: &&Finding| it.statement.contains("LICENSE0") || !it.tokens.is_empty();
        assert!(found.iter().any(names), "{name}: {:?}", report.findings);
    }
    let Some(report) = trial("17-license-below-deleted-key") else { return };
    let removed = findings(&report, "client.licensing.removed");
    assert!(!removed.is_empty(), "{:?}", report.findings);
    for finding in removed {
        assert!(finding.statement.contains("LICENSE000"), "{}", finding.statement);
        assert!(!finding.statement.contains("does not show whether"), "{}", finding.statement);
    }
}

/// Trial 21.
#[test]
fn domain_controller_is_a_member() {
    let forged = with_product_type("LanmanNT");
    for report in [Some(forged), trial("21-domain-controller")].into_iter().flatten() {
        assert_eq!(findings(&report, "host.mode.per_user_membership_unknown").len(), 0);
        assert_eq!(findings(&report, "host.mode.per_user_workgroup").len(), 0);
    }
    let server = with_product_type("ServerNT");
    assert_eq!(findings(&server, "host.mode.per_user_membership_unknown").len(), 1);
}

/// Only an empty security identifier, or one of zeros, means a workgroup.
#[test]
fn undecodable_security_identifier_is_no_workgroup() {
    let domain = [1, 1, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0];
    for (identifier, is_named, expected, workgroups) in [
        (&[][..], true, "workgroup OFFICE: the primary domain has no security identifier", 1),
        (&[0; 8], true, "workgroup OFFICE: the primary domain has no security identifier", 1),
        (&[], false, "workgroup of unknown name: ", 1),
        (&domain, true, "member of the domain OFFICE (inferred)", 0),
        (&domain, false, "member of a domain of unknown name (inferred)", 0),
        (&[7, 7, 7], true, "membership unknown; ", 0),
    ] {
        let report = report(&with_primary_domain(identifier, is_named));
        let text = &report.hosts[0].system.domain.as_ref().unwrap().text;
        assert!(text.starts_with(expected), "{identifier:?}: {text}");
        let found = findings(&report, "host.mode.per_user_workgroup");
        assert_eq!(found.len(), workgroups, "{identifier:?}");
    }
}

/// A session host per user. SECURITY has this security identifier, and the name of a primary domain if wanted.
fn with_primary_domain(identifier: &[u8], is_named: bool) -> Vec<(String, Vec<u8>)> {
    let mut tree = Tree::new("ROOT");
    tree.root.made("SAM", time::DEFAULT);
    let policy = tree.root.made("Policy", time::DEFAULT);
    policy.made("PolPrDmS", time::DEFAULT).set(Value::new("", 0, identifier));
    if is_named {
        let name: Vec<u8> = "OFFICE".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let counted = [&[12, 0, 12, 0, 8, 0, 0, 0][..], &name].concat();
        policy.made("PolPrDmN", time::DEFAULT).set(Value::new("", 0, &counted));
    }
    let mut files = case("host.mode.per_user_workgroup").raises;
    let (_, security) = files.iter_mut().find(|(path, _)| path.ends_with("SECURITY")).unwrap();
    *security = write(&tree, &Options::default()).bytes;
    files
}

/// Report of a session host per user without signs of membership. Its product type has this name.
fn with_product_type(name: &str) -> Report {
    let mut files = case("host.mode.per_user_membership_unknown").raises;
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let (own, other) = (wide("ServerNT"), wide(name));
    let (_, system) = files.iter_mut().find(|(path, _)| path.ends_with("SYSTEM")).unwrap();
    let places: Vec<usize> =
        (0..system.len()).filter(|at| system[*at..].starts_with(&own)).collect();
    assert!(!places.is_empty() && own.len() == other.len());
    places.iter().for_each(|at| system[*at..*at + other.len()].copy_from_slice(&other));
    report(&files)
}

/// Trial 38.
#[test]
fn plain_times_of_the_grace_secret_are_events() {
    let report = report(&of_scenario("windows-xp-client"));
    assert_eq!(report.hosts.len(), 1, "SECURITY belongs to the host of its folder");
    let set = fact(&report, "host.grace_secret.set");
    let event = report.events.iter().find(|it| it.facts.contains(&set.id)).unwrap();
    assert_eq!(set.shown.as_deref(), Some(event.time.unwrap().to_string().as_str()));
    for part in ["L$RTMTIMEBOMB", "was set", "CupdTime"] {
        assert!(event.meaning.contains(part), "{}", event.meaning);
    }
    assert!(report.events.iter().any(|it| it.meaning.contains("OupdTime")));
    // Nothing is decrypted, and the encrypted values are no facts.
    assert!(report.facts.iter().all(|it| !it.provenance.key_path.ends_with("CurrVal")));
}

#[test]
fn security_without_system_is_a_host_only_with_the_secret() {
    let security = |name: &str| -> Vec<(String, Vec<u8>)> {
        let files = of_scenario(name);
        files.into_iter().filter(|(path, _)| path.ends_with("SECURITY")).collect()
    };
    let with_secret = report(&security("windows-xp-client"));
    assert_eq!(with_secret.hosts.len(), 1);
    let files = case("host.mode.per_user_workgroup").raises;
    let alone: Vec<_> = files.into_iter().filter(|(path, _)| path.ends_with("SECURITY")).collect();
    assert_eq!(alone.len(), 1);
    assert_eq!(report(&alone).hosts.len(), 0);
}

/// Trial 39.
#[test]
fn snapshot_monitors_as_text_needs_no_remark() {
    let report = report(&of_scenario("windows-server-2022-session-host"));
    let fact = fact(&report, "host.snapshot_monitors");
    assert_eq!(fact.provenance.value_type.as_deref(), Some("REG_SZ"));
    assert_eq!((fact.shown.as_deref(), fact.label.as_deref()), (Some("1"), None));
}

/// Trial 40.
#[test]
fn host_without_a_terminal_server_key_needs_no_registration() {
    let mut tree = Tree::new("ROOT");
    let dword = Value::dword;
    tree.root.at("Select").push(dword("Current", 1));
    tree.root.at(r"ControlSet001\Services\Tcpip\Parameters");
    let bytes = |tree: &Tree| write(tree, &Default::default()).bytes;
    let without = report(&[(String::from("SYSTEM"), bytes(&tree))]);
    assert_eq!(findings(&without, "host.registration.none").len(), 0);
    tree.root.at(r"ControlSet001\Control\Terminal Server").push(dword("fDenyTSConnections", 0));
    let with = report(&[(String::from("SYSTEM"), bytes(&tree))]);
    assert_eq!(findings(&with, "host.registration.none").len(), 1);
}

/// Trial 43.
#[test]
fn grace_period_with_the_permissions_of_rcm_is_no_finding() {
    assert_eq!(
        findings(&report(&case("host.grace.permissions").raises), "host.grace.permissions").len(),
        1
    );
    let inherited = report(&finding::grace_period_like_rcm());
    assert_eq!(findings(&inherited, "host.grace.permissions").len(), 0);
}

/// Trial 44.
#[test]
fn clone_tag_is_explained_by_images_too() {
    let report = report(&of_scenario("windows-11-multi-session"));
    let tag = fact(&report, "system.clone_tag");
    assert_eq!(tag.title, "Sysprep clone tag");
    assert_eq!(tag.label.as_deref(), Some("Microsoft's installation images carry one, too"));
    let line = report.hosts[0].system.clone_tag.as_ref().unwrap();
    assert!(line.text.contains("Microsoft's installation images"), "{}", line.text);
}

/// Trial 45.
#[test]
fn missing_end_of_a_hive_is_named_with_its_size() {
    let mut files = of_scenario("windows-server-2016-session-host");
    let (_, system) = files.iter_mut().find(|(path, _)| path.ends_with("SYSTEM")).unwrap();
    let whole = system.len();
    system.truncate(40_140);
    let report = report(&files);
    let found = findings(&report, "hive.not_whole");
    let expected =
        format!("{} bytes that the base block counts are missing from 0x9ccc on", whole - 40_140);
    assert!(found[0].statement.contains(&expected), "{}", found[0].statement);
}

/// Trial 25.
#[test]
fn licensing_data_outside_the_tree_is_a_finding() {
    let Some(report) = trial("25-select-misquoted") else { return };
    let found = findings(&report, "hive.outside_tree");
    assert_eq!(found.len(), 1, "{:?}", report.findings);
    assert!(found[0].statement.contains("0x12a4"), "{}", found[0].statement);
}

#[test]
fn setting_outside_the_tree_is_not_called_missing() {
    let report = report(&case("hive.outside_tree").raises);
    assert_eq!(findings(&report, "hive.outside_tree").len(), 1);
    assert_eq!(findings(&report, "host.mode.not_configured").len(), 0);
}

fn case(code: &str) -> finding::Case {
    finding::cases().into_iter().find(|case| case.code == code).unwrap()
}
