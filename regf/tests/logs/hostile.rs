// SPDX-License-Identifier: MIT OR Apache-2.0
//! Logs made to do harm, and logs with random damage.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use calhive_regf::Hive;
use calhive_regf::log::history::{history, left_over_entries};
use calhive_regf::log::replay::replay;
use calhive_regf::log::report::{LogFile, ReplayReport};
use calhive_regf::log::{Log, Plan};
use calhive_regf::recover::recover_from_logs;
use hive_forge::cases::cases;
use hive_forge::corpus::file;
use hive_forge::log::{History, NewCrash, hostile_logs, marvin32, new_crash, old_crash};
use hive_forge::random::mutate;
use hive_forge::rng::Rng;

use super::check;
use crate::hostile::worked;
use crate::memory::measure;

/// Longest time for one hive with its logs, in a debug build.
const TIME: Duration = Duration::from_secs(1);

/// Hives of the corpus whose logs are damaged, each with its number of logs.
const SETS: [(&str, usize); 4] = [
    ("newlog-NewDirtyHive1/NewDirtyHive", 2),
    ("oldlog-OldDirtyHive/OldDirtyHive", 1),
    ("win10-dirty-security-onelog/SECURITY", 1),
    ("win11-amcache/Amcache.hve", 2),
];

/// Replays a hive and reads everything that its logs hold, within limits that depend on the size of
/// the input. Returns time and memory.
fn bounded(name: &str, hive: &[u8], logs: &[&[u8]]) -> (Duration, u64) {
    let given = hive.len() + logs.iter().map(|log| log.len()).sum::<usize>();
    let since = Instant::now();
    let before = worked(since);
    let ((), used) = measure(|| {
        let (recovered, report) = replay(hive, logs);
        // A truncated base block becomes whole.
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
    // The copy of the hive, and the lists of the report: every listed page is in a log.
    let most = 4 * given as u64 + (4 << 20);
    assert!(used.peak < most, "{name} took {} bytes of {most}", used.peak);
    (took, used.peak)
}

#[test]
fn hostile_logs_are_applied_up_to_the_damaged_entry() {
    let hostile = hostile_logs();
    assert!(hostile.len() > 10, "{}", hostile.len());
    for dirty in hostile {
        check(&dirty);
        let logs: Vec<&[u8]> = dirty.logs.iter().map(|(_, log)| &log.bytes[..]).collect();
        let (took, peak) = bounded(&dirty.name, &dirty.primary, &logs);
        println!("{}: {took:?}, {} KiB", dirty.name, peak / 1024);
    }
}

/// Damages a hive or one of its logs, once per case. Returns the largest time and memory.
fn damaged(name: &str, hive: &[u8], logs: &[&[u8]], cases: u64) -> (Duration, u64) {
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
fn damaged_forged_logs_do_no_harm() {
    let cases = u64::from(cases(200));
    let mut worst = (Duration::ZERO, 0);
    for seed in 0..cases {
        let dirty = if seed % 2 == 0 { new_crash(seed) } else { old_crash(seed) };
        let logs: Vec<&[u8]> = dirty.logs.iter().map(|(_, log)| &log.bytes[..]).collect();
        let (took, peak) = damaged(&dirty.name, &dirty.primary, &logs, 1);
        worst = (worst.0.max(took), worst.1.max(peak));
    }
    println!("{cases} forged sets: no panic, slowest {:?}, {} KiB", worst.0, worst.1 / 1024);
}

#[test]
fn damaged_real_logs_do_no_harm() {
    let cases = u64::from(cases(200)).div_ceil(SETS.len() as u64);
    for (set, count) in SETS {
        let Some(hive) = file("damaged_real_logs_do_no_harm", set) else { return };
        let logs = hive.logs();
        let logs: Vec<&[u8]> = logs.iter().map(|log| &log.bytes[..]).collect();
        assert_eq!(logs.len(), count, "{set}");
        let (took, peak) = damaged(set, &hive.bytes, &logs, cases);
        println!("{set}: {cases} cases, no panic, slowest {took:?}, {} KiB", peak / 1024);
    }
}

/// A dirty hive whose log has an entry that is not applied, with other bytes before that entry.
fn with_sectors_before_the_left_over_entry(
    sectors: usize,
    sector: impl Fn(usize) -> Vec<u8>,
) -> (Vec<u8>, Vec<u8>) {
    let forged = History::random(1, 30, 2, &Default::default(), 0);
    let dirty = NewCrash::new(&forged).log("LOG1", 2).left_over(2).build("one left over");
    let mut log = dirty.logs[0].1.bytes.clone();
    let left: Vec<_> = left_over_entries(&dirty.primary, &[&log]).collect();
    assert_eq!(left.len(), 1);
    let at = usize::try_from(left[0].log_offset).unwrap();
    let size = log.len() - at + sectors * 512;
    let between: Vec<u8> = (0..sectors).flat_map(|number| sector(size - number * 512)).collect();
    log.splice(at..at, between);
    (dirty.primary, log)
}

/// Each sector claims more bytes than the log has.
#[test]
fn sectors_that_claim_an_entry_hide_no_later_entry() {
    for sectors in [1, 4, 5, 100] {
        let (hive, log) = with_sectors_before_the_left_over_entry(sectors, |_| {
            [&b"HvLE\xFF\xFF\xFF\xFF"[..], &[0; 504]].concat()
        });
        let plan = Plan::new(&hive, &[&log]);
        assert_eq!(plan.left_over_entries().count(), 1, "{sectors}");
        assert_eq!(replay(&hive, &[&log]).1.logs[0].unsearched, None);
    }
}

/// Each sector claims the rest of the log, with a correct hash of its header.
#[test]
fn log_with_too_many_entries_to_hash_is_reported() {
    let (hive, log) = with_sectors_before_the_left_over_entry(100, |rest| {
        let mut header = b"HvLE".to_vec();
        for word in [u32::try_from(rest).unwrap(), 0, 9, 4096, 1, 0, 0] {
            header.extend(word.to_le_bytes());
        }
        let hash = marvin32(&header);
        [&header[..], &hash.to_le_bytes(), &[0; 472]].concat()
    });
    let plan = Plan::new(&hive, &[&log]);
    assert_eq!(plan.left_over_entries().count(), 0);
    let (bytes, replay) = replay(&hive, &[&log]);
    let limit = replay.logs[0].unsearched.expect("it is reported");
    assert!(limit.to_string().contains("damaged entries of a log"), "{limit}");
    let file = LogFile { path: "LOG1".into(), size: log.len() as u64, sha256: None };
    let report = ReplayReport::new(&replay, &[file], None);
    assert!(report.is_incomplete && report.statement.contains("LOG1 was not searched from offset"));
    // Recovery says so too.
    let current = Hive::parse(&bytes).unwrap();
    let limits = recover_from_logs(&plan, current, |_, _| {});
    assert_eq!(limits, [limit]);
}
