// SPDX-License-Identifier: MIT OR Apache-2.0

//! Scenarios with transaction logs. The hive alone and the hive with its logs are two states, and
//! the listed values are exactly their differences.

use std::collections::BTreeMap;

use hive_forge::log::{PAGE, Update};
use hive_forge::scenario::{Logged, Newer, Scenario, with_logs};
use hive_forge::tree::{Key, Tree};

mod rules;

use rules::{replay, sound, u32_at};

fn each(mut see: impl FnMut(&Scenario, &Logged)) {
    let mut seen = 0;
    for scenario in with_logs() {
        scenario.logged.iter().for_each(|logged| see(&scenario, logged));
        seen += scenario.logged.len();
    }
    assert_eq!(seen, WANTED.len());
}

#[test]
fn logs_lead_from_the_older_to_the_newer_tree() {
    each(|scenario, logged| {
        let place = format!("{}/{}", scenario.name, logged.file);
        let dirty = &logged.dirty;
        let (bins, applied) = replay(dirty);
        assert_eq!(applied, dirty.applied, "{place}");
        assert!(bins == dirty.expected_bins(), "{place}");
        let listed = scenario.hives.iter().find(|hive| hive.0 == logged.file);
        let (_, tree, _) =
            listed.unwrap_or_else(|| panic!("{place} is not listed in its scenario"));
        assert!(tree == logged.tree(), "{place}: the listed tree differs");
        assert_eq!(dirty.applied.is_empty(), logged.newer.is_empty(), "{place}");
    });
}

/// Damaged, missing and stale logs are what their names state.
#[test]
fn applied_updates_match_scenario_names() {
    let mut seen = BTreeMap::new();
    each(|scenario, logged| {
        let numbers = [4, 8].map(|at| u32_at(&logged.dirty.primary, at));
        let steps: Vec<String> =
            logged.dirty.applied.iter().map(|(log, number)| format!("{log} {number}")).collect();
        let bytes: Vec<usize> = logged.dirty.logs.iter().map(|(_, log)| log.bytes.len()).collect();
        let empty = bytes.iter().filter(|&&len| len == 0).count();
        let state = if numbers[0] == numbers[1] { "clean" } else { "dirty" };
        let what = format!("{state}, {} logs, {empty} empty: {}", bytes.len(), steps.join(", "));
        seen.insert(format!("{}/{}", scenario.name, logged.file), what);
    });
    let seen: Vec<String> = seen.iter().map(|(file, what)| format!("{file}: {what}")).collect();
    assert_eq!(seen, WANTED);
}

const WANTED: [&str; 10] = [
    "flat-folder-of-two-hosts-with-logs/HOST-A_SYSTEM: dirty, 2 logs, 0 empty: LOG1 413, LOG2 414",
    "flat-folder-of-two-hosts-with-logs/HOST-B_SYSTEM: dirty, 2 logs, 0 empty: LOG1 413, LOG2 414",
    "windows-10-client-stale-logs/SOFTWARE: clean, 2 logs, 0 empty: ",
    "windows-10-client-token-in-logs/SOFTWARE: dirty, 2 logs, 0 empty: LOG2 413, LOG1 414",
    "windows-server-2008-r2-mode-in-log/Windows/System32/config/SYSTEM: dirty, 2 logs, 1 empty: \
     LOG1 413",
    "windows-server-2016-damaged-log/Windows/System32/config/SYSTEM: dirty, 2 logs, 1 empty: \
     LOG1 413",
    "windows-server-2016-logs-missing/Windows/System32/config/SYSTEM: dirty, 0 logs, 0 empty: ",
    "windows-server-2019-settings-in-logs/Windows/System32/config/SOFTWARE: dirty, 2 logs, \
     1 empty: LOG1 413",
    "windows-server-2019-settings-in-logs/Windows/System32/config/SYSTEM: dirty, 2 logs, 0 empty: \
     LOG1 413, LOG2 414",
    "windows-xp-client-store-in-log/WINDOWS/system32/config/software: dirty, 1 logs, 0 empty: \
     LOG 413",
];

#[test]
fn values_from_logs_are_all_listed() {
    each(|scenario, logged| {
        let mut listed: Vec<(String, Option<String>)> = logged
            .newer
            .iter()
            .map(|&(path, value)| (path.to_owned(), value.map(str::to_owned)))
            .collect();
        listed.sort();
        let found = newer(&logged.alone, logged.tree());
        assert_eq!(listed, found, "{}/{}", scenario.name, logged.file);
        let all: Vec<Newer> = scenario
            .from_logs()
            .filter(|(file, _)| *file == logged.file)
            .map(|(_, newer)| newer)
            .collect();
        assert_eq!(all, logged.newer);
    });
}

/// Keys and values of `after` that `before` lacks, and values with other data.
fn newer(before: &Tree, after: &Tree) -> Vec<(String, Option<String>)> {
    let mut newer = Vec::new();
    let mut rest: Vec<(String, Option<&Key>, &Key)> =
        vec![(String::new(), Some(&before.root), &after.root)];
    while let Some((path, before, after)) = rest.pop() {
        if before.is_none() {
            newer.push((path.clone(), None));
        }
        for value in &after.values {
            if before.is_none_or(|before| !before.values.contains(value)) {
                newer.push((path.clone(), Some(value.name.to_string())));
            }
        }
        for subkey in &after.subkeys {
            let separator = if path.is_empty() { "" } else { "\\" };
            let same = |key: &&Key| key.name == subkey.name;
            let old = before.and_then(|before| before.subkeys.iter().find(same));
            rest.push((format!("{path}{separator}{}", subkey.name), old, subkey));
        }
    }
    newer.sort();
    newer
}

/// A changed setting changes some pages, not the layout of the hive.
#[test]
fn logs_hold_few_pages() {
    each(|scenario, logged| {
        let dirty = &logged.dirty;
        let update = Update::pages(&dirty.primary, &dirty.expected);
        let pages = update.runs.iter().map(|run| run.bytes.len()).sum::<usize>() / PAGE;
        assert!(pages <= 10, "{}/{}: {pages} pages", scenario.name, logged.file);
    });
}

/// Sequence numbers and sizes of the two hosts are equal. Their resource managers differ.
#[test]
fn logs_of_two_hosts_differ_only_by_resource_manager() {
    let scenarios = with_logs();
    let folder = scenarios
        .iter()
        .find(|scenario| scenario.logged.len() > 1 && scenario.name.starts_with("flat"));
    let [first, second] = &folder.unwrap().logged[..] else { panic!("two hosts") };
    let id = |bytes: &[u8]| bytes[112..128].to_vec();
    let (a, b) = (&first.dirty, &second.dirty);
    assert_eq!(a.primary.len(), b.primary.len());
    assert_eq!(a.primary[4..12], b.primary[4..12]);
    assert_eq!(a.primary[48..112], b.primary[48..112], "the file name in the base block");
    for (host, other) in [(a, b), (b, a)] {
        for (_, log) in &host.logs {
            assert!(sound(&log.bytes));
            assert_eq!(id(&log.bytes), id(&host.primary));
            assert_ne!(id(&log.bytes), id(&other.primary));
        }
    }
    assert_eq!(a.logs.len(), b.logs.len());
}
