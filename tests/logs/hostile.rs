// SPDX-License-Identifier: MIT OR Apache-2.0
//! Logs that were made to do harm, and logs broken at random.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use calhive::Hive;
use calhive::log::Log;
use calhive::log::history::{history, left_over_entries};
use calhive::log::replay::replay;
use hive_forge::log::{hostile_logs, new_crash, old_crash};
use hive_forge::rng::Rng;

use super::check;
use crate::cases::cases;
use crate::corpus::files;
use crate::hostile::{mutate, worked};
use crate::memory::measure;

/// The time that one hive with its logs may take, in a debug build.
const TIME: Duration = Duration::from_secs(1);

/// Hives of the corpus whose logs are broken, with how many logs each has.
const SETS: [(&str, usize); 4] = [
    ("newlog-NewDirtyHive1/NewDirtyHive", 2),
    ("oldlog-OldDirtyHive/OldDirtyHive", 1),
    ("win10-dirty-security-onelog/SECURITY", 1),
    ("win11-amcache/Amcache.hve", 2),
];

/// Replays and reads all that logs hold, within bounds that follow from the bytes that are given.
fn bounded(name: &str, hive: &[u8], logs: &[&[u8]]) -> (Duration, u64) {
    let given = hive.len() + logs.iter().map(|log| log.len()).sum::<usize>();
    let since = Instant::now();
    let before = worked(since);
    let ((), used) = measure(|| {
        let (recovered, report) = replay(hive, logs);
        // A hive cut within its base block gets a whole one.
        assert!(recovered.len() <= given + 4096, "{name}: {report:#?}");
        if let Ok(hive) = Hive::parse(&recovered) {
            hive.check(drop);
        }
        history(hive, logs, |step| {
            std::hint::black_box(step.update.map(|update| update.changed.len()));
            ControlFlow::Continue(())
        });
        let left = left_over_entries(hive, logs).flat_map(|left| left.pages());
        std::hint::black_box(left.count());
        for log in logs.iter().filter_map(|log| Log::parse(log).ok()) {
            std::hint::black_box(log.entries().count() + log.pages().count());
        }
    });
    let took = worked(since).saturating_sub(before);
    assert!(took < TIME, "{name} took {took:?}");
    // The copy, and what the report lists: no page is listed that is not in a log.
    let most = 4 * given as u64 + (4 << 20);
    assert!(used.peak < most, "{name} took {} bytes of {most}", used.peak);
    (took, used.peak)
}

#[test]
fn hostile_logs_apply_up_to_the_broken_entry() {
    for dirty in hostile_logs() {
        check(&dirty);
        let logs: Vec<&[u8]> = dirty.logs.iter().map(|(_, log)| &log.bytes[..]).collect();
        let (took, peak) = bounded(&dirty.name, &dirty.primary, &logs);
        println!("{}: {took:?}, {} KiB", dirty.name, peak / 1024);
    }
}

/// Breaks a hive with its logs in one of them, so many times.
fn broken(name: &str, hive: &[u8], logs: &[&[u8]], cases: u64) -> (Duration, u64) {
    let mut worst = (Duration::ZERO, 0);
    for seed in 0..cases {
        let mut rng = Rng::new(seed);
        let mut all: Vec<Vec<u8>> = vec![hive.to_vec()];
        all.extend(logs.iter().map(|log| log.to_vec()));
        let struck = if rng.one_in(4) { 0 } else { rng.range(1, logs.len()) };
        mutate(&mut all[struck], &mut rng);
        let logs: Vec<&[u8]> = all[1..].iter().map(Vec::as_slice).collect();
        let (took, peak) = bounded(&format!("{name}, seed {seed}"), &all[0], &logs);
        worst = (worst.0.max(took), worst.1.max(peak));
    }
    worst
}

#[test]
fn broken_forged_logs_do_no_harm() {
    let cases = u64::from(cases(200));
    let mut worst = (Duration::ZERO, 0);
    for seed in 0..cases {
        let dirty = if seed % 2 == 0 { new_crash(seed) } else { old_crash(seed) };
        let logs: Vec<&[u8]> = dirty.logs.iter().map(|(_, log)| &log.bytes[..]).collect();
        let (took, peak) = broken(&dirty.name, &dirty.primary, &logs, 1);
        worst = (worst.0.max(took), worst.1.max(peak));
    }
    println!("{cases} forged sets: no panic, slowest {:?}, {} KiB", worst.0, worst.1 / 1024);
}

#[test]
fn broken_logs_of_the_corpus_do_no_harm() {
    let cases = u64::from(cases(200)).div_ceil(SETS.len() as u64);
    for (set, count) in SETS {
        let Some(hive) = files("logs", |name| name == set) else { return };
        let hive = hive.into_iter().next().expect("the set is there");
        let beside = format!("{set}.LOG");
        let logs: Vec<_> = files("logs", |name| name.starts_with(&beside)).unwrap().collect();
        let logs: Vec<&[u8]> = logs.iter().map(|log| &log.bytes[..]).collect();
        assert_eq!(logs.len(), count, "{set}");
        let (took, peak) = broken(set, &hive.bytes, &logs, cases);
        println!("{set}: {cases} cases, no panic, slowest {took:?}, {} KiB", peak / 1024);
    }
}
