// SPDX-License-Identifier: MIT OR Apache-2.0
//! No sentence of a report denies what a fact or a finding of the same report shows.

use calhive::Report;
use hive_forge::rng::Rng;
use hive_forge::{deletion, finding, random, scenario};

use super::denying_phrases::violations;
use super::{codes, report};

type Files = Vec<(String, Vec<u8>)>;

/// Hives of all scenarios that need no logs.
fn scenarios() -> Vec<(String, Files)> {
    let all = scenario::all().into_iter().chain(scenario::with_deletions());
    all.map(|scenario| {
        let hives = scenario.files().into_iter().filter(|(name, _)| !name.contains(".LOG"));
        let files = hives.map(|(name, bytes)| (name.to_owned(), bytes)).collect();
        (scenario.name.to_owned(), files)
    })
    .collect()
}

#[test]
fn no_scenario_denies_what_its_facts_show() {
    let cases = finding::cases().into_iter().flat_map(|case| {
        [(case.code.to_owned(), case.raises), (format!("near {}", case.code), case.near_miss)]
    });
    let mut number = 0;
    for (name, files) in scenarios().into_iter().chain(cases) {
        let report = report(&files);
        assert_eq!(violations(&report), [""; 0], "{name}: {:?}", codes(&report));
        number += report.hosts.len();
    }
    assert!(number > 100, "{number}");
}

#[test]
fn no_trial_denies_what_its_facts_show() {
    let Some(folder) = std::env::var_os("CALHIVE_TRIALS") else { return };
    let mut number = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let mut files: Files = Vec::new();
        let mut folders = vec![entry.unwrap().path()];
        while let Some(folder) = folders.pop().filter(|it| it.is_dir()) {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).unwrap();
                    if calhive::Hive::parse(&bytes).is_ok() {
                        files.push((path.to_str().unwrap().to_owned(), bytes));
                    }
                }
            }
        }
        if !files.is_empty() {
            let report = report(&files);
            assert_eq!(
                violations(&report),
                [""; 0],
                "{files:?}",
                files = files.iter().map(|it| &it.0).collect::<Vec<_>>()
            );
            number += 1;
        }
    }
    assert!(number > 12, "{number}");
}

/// Hives of a scenario with random deletions and damage.
fn random_host(seed: u64) -> Files {
    let mut rng = Rng::nth(seed, 0xDE41);
    let all = scenario::all();
    let scenario = &all[rng.below(all.len())];
    let mut files = Files::new();
    for (name, tree, options) in &scenario.hives {
        let mut edits = deletion::Edits::new(tree, options);
        let time = hive_forge::time::filetime(2024, 6, 1, 0, 0, 0);
        let of_licensing =
            ["Licens", "Terminal", "TermServ", "GracePeriod", "RCM", "Select", "ControlSet"];
        for step in 0..rng.below(6) {
            let keys = edits.keys();
            let wanted: Vec<_> = keys
                .iter()
                .copied()
                .filter(|key| {
                    let name = String::from_utf16_lossy(&edits.name(*key).units());
                    of_licensing.iter().any(|part| name.contains(part))
                })
                .collect();
            let Some(key) = (!wanted.is_empty()).then(|| wanted[rng.below(wanted.len())]) else {
                break;
            };
            let time = time + 600_000_000 * step as u64;
            let values: Vec<_> =
                edits.content(key).values.iter().map(|it| it.name.clone()).collect();
            if values.is_empty() || rng.one_in(3) {
                if key != edits.root() {
                    edits.delete_key(key, time);
                }
            } else {
                edits.delete_value(key, values[rng.below(values.len())].clone(), time);
            }
        }
        let mut bytes = edits.finish().hive.bytes;
        if rng.one_in(2) {
            random::mutate(&mut bytes, &mut rng);
        }
        files.push(((*name).to_owned(), bytes));
    }
    files.retain(|(_, bytes)| calhive::Hive::parse(bytes).is_ok());
    files
}

#[test]
fn no_random_host_denies_what_its_facts_show() {
    let (mut hosts, mut recovered) = (0, 0);
    for seed in 0..u64::from(hive_forge::cases::cases(60)) {
        let files = random_host(seed);
        let report = report(&files);
        assert_eq!(violations(&report), [""; 0], "seed {seed}: {:?}", codes(&report));
        hosts += report.hosts.len();
        recovered += report.hosts.iter().filter(|it| !it.recovered.is_empty()).count();
    }
    assert!(hosts > 30 && recovered > 5, "{hosts} hosts, {recovered} with recovered facts");
}

#[test]
fn falsified_answer_is_reported() {
    let all = scenarios();
    let of = |name: &str| report(&all.iter().find(|(of, _)| of == name).unwrap().1);
    let falsified = |mut report: Report, sentence: &str| {
        assert_eq!(violations(&report), [""; 0]);
        report.hosts[0].answers[0].shown = sentence.into();
        violations(&report)
    };
    for (name, sentence) in [
        ("windows-10-client-with-token", "Neither registry view holds a stored token."),
        ("windows-server-2016-session-host", "No key GracePeriod exists; searched in source-1."),
        ("windows-server-2016-session-host", "No licensing mode is set."),
        ("windows-server-2016-session-host", "No SYSTEM hive of this host was read."),
        ("windows-server-2016-session-host", "There is none."),
        ("license-server", "no service TermServLicensing is registered."),
    ] {
        assert!(!falsified(of(name), sentence).is_empty(), "{name}: {sentence}");
    }
}
