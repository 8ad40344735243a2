// SPDX-License-Identifier: MIT OR Apache-2.0
//! States of one installation: their order, what differs between them, and what is not compared.

use calhive::evidence::{Locator, ShadowCopy, VolumePlace};
use calhive::fact::Source;
use calhive::regf::hive::look_up::LookUp;
use calhive::report::{
    EventCode, HiveCopy, Installation, ItemSubject, StateChange, StateChangeKind, TimeBasis,
};
use calhive::{FileTime, Hive, Report};
use hive_forge::finding::{self, Files};

use super::{codes, report};

const IN_USE: &str = "Windows/System32/config/";
const SHADOW_COPY: &str = "HarddiskVolumeShadowCopy4/";

/// Hives of the case with this finding: those that raise it.
fn raising(code: &str) -> Files {
    finding::cases().into_iter().find(|case| case.code == code).unwrap().raises
}

fn only(report: &Report) -> &Installation {
    let [installation] = report.copies.as_slice() else { panic!("{:?}", report.copies) };
    installation
}

/// Kinds of the states in order, and kinds of changes with their titles and kinds of states.
fn places(installation: &Installation) -> Vec<&str> {
    installation.states.iter().map(|state| state.place.as_str()).collect()
}

fn tokens(installation: &Installation) -> Vec<&StateChange> {
    installation.changes.iter().filter(|it| it.subject == ItemSubject::Token).collect()
}

#[test]
fn token_that_was_stored_renewed_and_removed_has_its_history() {
    let report = report(&raising("copies.token_removed"));
    let installation = only(&report);
    let expected =
        ["previous Windows", "shadow copy 4", "shadow copy 5", "backup (RegBack)", "in use"];
    assert_eq!(places(installation), expected);
    assert!(installation.not_grouped.is_empty());
    let held: Vec<usize> = installation.states.iter().map(|state| state.tokens.len()).collect();
    assert_eq!(held, [0, 1, 1, 1, 0]);
    let changes: Vec<(StateChangeKind, &str, &str)> =
        tokens(installation).iter().map(|it| (it.kind, it.from.as_str(), it.to.as_str())).collect();
    let expected = [
        (StateChangeKind::Appeared, "state-1", "state-2"),
        (StateChangeKind::Differs, "state-2", "state-3"),
        (StateChangeKind::Removed, "state-4", "state-5"),
    ];
    assert_eq!(changes, expected);
    let [appeared, renewed, went] = tokens(installation)[..] else { panic!() };
    assert!(appeared.statement.contains("(shadow copy 4, latest key timestamp)"));
    let ends = "another token of the same license with a later end";
    assert!(renewed.is_ordered && renewed.statement.ends_with(ends), "{}", renewed.statement);
    assert!(went.statement.starts_with("removed between 2023-10-16T15:51:33.0000000Z"));
    assert!(went.after.is_none() && went.doubts.is_empty());
    let finding = report.findings.iter().find(|it| it.code == "copies.token_removed").unwrap();
    assert_eq!(finding.hosts.len(), 2);
    assert_eq!((finding.facts.len(), finding.tokens.len()), (1, 1));
    let statement = &finding.statement;
    for place in ["RegBack/SOFTWARE, Microsoft\\MSLicensing\\Store\\LICENSE000", "config/SOFTWARE."]
    {
        assert!(statement.contains(place), "{statement}");
    }
}

#[test]
fn states_with_equal_times_have_no_order() {
    let mut files = raising("copies.token_removed");
    files.retain(|(path, _)| path.starts_with(SHADOW_COPY));
    for (path, bytes) in finding::bases().swap_remove(0).1 {
        files.push((path.replace("config/", "config/RegBack/"), bytes.clone()));
        files.push((path, bytes));
    }
    // The backup of another content has the newest time of the hives in use.
    let other = raising("copies.token_removed");
    for (path, bytes) in &mut files {
        if path.contains("RegBack/SOFTWARE") {
            let of = |it: &&(String, Vec<u8>)| it.0 == format!("{IN_USE}SOFTWARE");
            *bytes = other.iter().find(of).unwrap().1.clone();
        }
    }
    let report = report(&files);
    let installation = only(&report);
    let backup = installation.states.iter().find(|it| it.copy == Some(HiveCopy::Backup)).unwrap();
    let unordered: Vec<&StateChange> = tokens(installation)
        .into_iter()
        .filter(|it| [&it.from, &it.to].contains(&&backup.id) && !it.is_ordered)
        .collect();
    assert!(!unordered.is_empty(), "{:?}", installation.changes);
    for change in unordered {
        assert_eq!(change.kind, StateChangeKind::Differs);
        assert!(change.statement.contains("do not show which state is the earlier one"));
    }
}

#[test]
fn removal_before_a_state_that_was_not_read_whole_is_not_stated() {
    let mut files = raising("copies.token_removed");
    files.retain(|(path, _)| !path.contains("RegBack") && !path.contains("ShadowCopy5"));
    assert!(codes(&report(&files)).contains(&"copies.token_removed"));
    let software = files.iter_mut().find(|(path, _)| path == &format!("{IN_USE}SOFTWARE")).unwrap();
    let half = software.1.len() * 3 / 4 / 4096 * 4096;
    software.1.truncate(half);
    let damaged = report(&files);
    assert!(!codes(&damaged).contains(&"copies.token_removed"));
    let changes = tokens(only(&damaged));
    let last = changes.last().unwrap();
    assert_eq!(last.kind, StateChangeKind::NotDeterminable, "{changes:?}");
    assert!(!last.doubts.is_empty());
}

#[test]
fn state_without_a_software_hive_does_not_hide_a_removal() {
    let mut files = raising("copies.token_removed");
    files.retain(|(path, _)| !path.contains("RegBack"));
    files.retain(|(path, _)| !path.ends_with("ShadowCopy5/Windows/System32/config/SOFTWARE"));
    let report = report(&files);
    let went = tokens(only(&report));
    let went = went.iter().find(|it| it.kind == StateChangeKind::Removed).unwrap();
    assert!(went.statement.contains("(shadow copy 4, "), "{}", went.statement);
    assert!(went.statement.contains("(in use, "), "{}", went.statement);
}

#[test]
fn copies_with_another_computer_name_are_not_grouped() {
    let mut files = raising("copies.mode_removed");
    files.retain(|(path, _)| path.starts_with(SHADOW_COPY));
    files.extend(finding::bases().swap_remove(0).1);
    let report = report(&files);
    let installation = only(&report);
    assert_eq!(places(installation), ["in use"]);
    let [other] = installation.not_grouped.as_slice() else { panic!() };
    assert!(other.statement.contains("the computer name differs: RDSH01 and WS-0042"));
    assert!(installation.changes.is_empty());
}

/// Returns the report of the hives in use and of those in a shadow copy, as of a disk image.
fn of_image(created: u64, is_deleted: bool) -> Report {
    let files = raising("copies.token_removed");
    let facts = files.iter().filter_map(|(path, bytes)| {
        let (shadow_copy, rest) = match path.strip_prefix(SHADOW_COPY) {
            Some(rest) => (Some(ShadowCopy { number: 1, id: String::from("id"), created }), rest),
            None => (None, path.as_str()),
        };
        let is_wanted = shadow_copy.is_some() || path.starts_with(IN_USE);
        if !is_wanted || path.contains("RegBack") || path.contains("Copy5") {
            return None;
        }
        let is_deleted = is_deleted && shadow_copy.is_some();
        let name = rest.rsplit('/').next().unwrap();
        let path = match (is_deleted, &shadow_copy) {
            (true, _) => format!("disk.E01/partition 2/deleted/77/{name}"),
            (false, Some(_)) => format!("disk.E01/partition 2/shadow copy 1/{rest}"),
            (false, None) => format!("disk.E01/partition 2/{rest}"),
        };
        let volume = VolumePlace {
            partition: Some(2),
            offset: 1 << 20,
            mft_record: Some(77),
            shadow_copy: shadow_copy.filter(|_| !is_deleted),
            is_deleted,
            ..VolumePlace::default()
        };
        let volume = Some(volume);
        let locator = Locator { input: String::from("disk.E01"), volume, ..Locator::default() };
        let source = Source::new(Hive::parse(bytes).unwrap(), path).locator(locator);
        Some(calhive::collect(&source, LookUp::Thorough))
    });
    calhive::interpret(&facts.collect::<Vec<_>>(), None)
}

#[test]
fn creation_of_a_shadow_copy_dates_its_state_and_is_an_event() {
    let created = 133_400_000_000_000_000;
    let report = of_image(created, false);
    let installation = only(&report);
    assert_eq!(places(installation), ["shadow copy 1", "in use"]);
    let first = &installation.states[0];
    assert_eq!(first.time, Some(FileTime::from_raw(created)));
    assert_eq!(first.time_basis, TimeBasis::ShadowCopyCreated);
    assert_eq!(report.hosts[1].copy, Some(HiveCopy::ShadowCopy));
    let event = report.events.iter().find(|it| it.code == EventCode::ShadowCopyCreated).unwrap();
    assert_eq!(event.time, first.time);
    assert_eq!(event.host, installation.states[1].host);
    assert!(report.sources.iter().all(|source| source.locator.is_some()));
    assert!(codes(&report).contains(&"copies.token_removed"));
}

#[test]
fn deleted_hives_are_a_state_of_the_only_installation_of_their_volume() {
    let report = of_image(0, true);
    let installation = only(&report);
    assert_eq!(places(installation), ["deleted file (MFT record 77)", "in use"]);
    assert_eq!(installation.states[0].copy, Some(HiveCopy::Deleted));
    assert!(report.events.iter().all(|it| it.code != EventCode::ShadowCopyCreated));
}

#[test]
fn hosts_in_one_flat_folder_are_not_states_of_each_other() {
    let mut files = Vec::new();
    for (name, host) in [("A", 0), ("B", 1)] {
        for (path, bytes) in finding::bases().swap_remove(host).1 {
            let file = path.rsplit('/').next().unwrap().to_owned();
            files.push((format!("evidence/HOST-{name}_{file}"), bytes));
        }
    }
    assert!(report(&files).copies.is_empty());
}
