// SPDX-License-Identifier: MIT OR Apache-2.0
//! Profiles of users: names in the Remote Desktop client, and licensing keys in the `VirtualStore`.

use calhive::Report;
use hive_forge::scenario;

fn files(prefix: &str) -> Vec<(String, Vec<u8>)> {
    let all = scenario::all();
    let scenario = all.iter().find(|it| it.name == "windows-10-client-with-profile").unwrap();
    let files = scenario.files().into_iter();
    files.map(|(file, bytes)| (format!("{prefix}{file}"), bytes)).collect()
}

fn report(files: &[(String, Vec<u8>)]) -> Report {
    crate::findings::report(files)
}

#[test]
fn profile_belongs_to_the_host_of_its_volume() {
    let report = report(&[files("A/"), files("B/")].concat());
    assert_eq!(report.hosts.len(), 2);
    for host in &report.hosts {
        assert_eq!(host.sources.len(), 2);
        let [ntuser, classes] = host.profiles.as_slice() else { panic!("{:?}", host.profiles) };
        assert_eq!(ntuser.name.as_deref(), Some("alice"));
        let names: Vec<(&str, Option<&str>, bool)> = ntuser
            .remote_hosts
            .iter()
            .map(|it| (it.name.as_str(), it.user_hint.as_deref(), it.key_last_written.is_some()))
            .collect();
        let expected = [
            ("rdsh07.corp.example", Some(r"CORP\alice"), true),
            ("192.0.2.17:3390", None, false),
            ("rdsh02", Some("alice"), true),
        ];
        assert_eq!(names, expected);
        assert_eq!(classes.name.as_deref(), Some("alice"));
        assert!(classes.virtual_store.len() > 4, "{:?}", classes.virtual_store);
        let folder = report.sources.iter().find(|it| it.id == host.sources[0]).unwrap();
        let own = report.sources.iter().find(|it| it.id == ntuser.source).unwrap();
        assert_eq!(folder.path.as_bytes()[0], own.path.as_bytes()[0]);
    }
    assert!(report.tokens.is_empty(), "a VirtualStore is no license store of the machine");
}

#[test]
fn name_in_a_profile_is_no_evidence_of_a_connection() {
    let report = report(&files(""));
    let answer = report.hosts[0].answers.iter().find(|it| it.code == "session").unwrap();
    for part in [
        "Profile alice (source-3) stores the names rdsh07.corp.example (user name CORP\\alice), 192.0.2.17:3390, \
         rdsh02 (user name alice) for the Remote Desktop client. This is no evidence of a connection.",
        "Profile alice (source-4) has licensing keys of 32-bit programs in its VirtualStore",
    ] {
        assert!(
            answer.next_evidence.iter().any(|it| it.contains(part)),
            "{:?}",
            answer.next_evidence
        );
    }
    assert!(answer.next_evidence.iter().all(|next| !next.starts_with("NTUSER")));
    let limits =
        report.limitations.iter().map(|limit| limit.as_str()).collect::<Vec<_>>().join(" ");
    assert!(limits.contains("Only the UsrClass.dat files at hand were examined"));
    assert!(limits.contains("no evidence of a connection"));
}

#[test]
fn profile_without_one_certain_host_belongs_to_none() {
    let mut files = files("");
    files.retain(|(path, _)| path.contains("Users"));
    let alone = report(&files);
    assert!(alone.hosts.is_empty());
    let elsewhere = [files, self::files("Other/").into_iter().take(2).collect()].concat();
    assert!(report(&elsewhere).hosts.iter().all(|host| host.profiles.is_empty()));
}
