// SPDX-License-Identifier: MIT OR Apache-2.0
//! The list of writes, the report and the replayed bytes agree, however the hive shrinks and grows.
//! The oracle is a comparison of both files, byte by byte.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use calhive_regf::log::history::history;
use calhive_regf::log::outcome::{ByteSource, Replay};
use calhive_regf::log::patches::Patches;
use calhive_regf::log::replay::replay;
use calhive_regf::log::report::{LogFile, ReplayReport};
use hive_forge::cases::cases;
use hive_forge::corpus::hives;
use hive_forge::log::{Hvle, Run, Update, new_crash, number_base, old_crash, states};
use hive_forge::rng::Rng;
use hive_forge::{Options, random, write};

use crate::hostile::worked;

/// Asserts that the listed writes are exactly the bytes that differ.
fn agrees(name: &str, hive: &[u8], logs: &[&[u8]]) -> Replay {
    let (replayed, report) = replay(hive, logs);
    if !report.is_applied() {
        assert!(replayed == hive && report.written.is_empty(), "{name}");
        return report;
    }
    let patches = Patches::new(hive, &replayed, &report);
    let differs = |at: usize| hive.get(at) != replayed.get(at);
    let listed: u64 = (0..replayed.len()).filter(|at| differs(*at)).count() as u64;
    assert_eq!(patches.sums().changed, listed, "{name}");
    let mut origins = vec![None; replayed.len()];
    for patch in patches.within(0..replayed.len() as u64) {
        for at in 0..patch.length {
            let place = (patch.offset + at) as usize;
            assert!(origins[place].is_none(), "{name}: {place:#x} has two origins");
            origins[place] = Some(match patch.source {
                ByteSource::Page => logs[patch.log][(patch.log_offset + at) as usize],
                ByteSource::Zeros => 0,
                ByteSource::BaseBlock => replayed[place],
            });
            assert!(patch.source != ByteSource::BaseBlock || place < 512, "{name}");
        }
    }
    for (at, origin) in origins.iter().enumerate() {
        assert!(origin.is_some() || !differs(at), "{name}: {at:#x} differs without an origin");
        assert!(origin.is_none_or(|byte| byte == replayed[at]), "{name}: {at:#x}");
    }
    // The last state of the history is the same.
    let mut last = Vec::new();
    history(hive, logs, |step| {
        last.clear();
        last.extend_from_slice(step.bytes);
        ControlFlow::Continue(())
    });
    let end = 4096 + report.bins_after as usize;
    assert!(last.get(..end) == replayed.get(..end), "{name}: the history ends elsewhere");
    report
}

/// A dirty hive with a log whose updates shrink the hive, enlarge the hive, and write pages anywhere.
fn random_log(seed: u64) -> (Vec<u8>, Vec<u8>) {
    let mut rng = Rng::nth(45, seed);
    let mut hive = write(&random::plain_tree(seed, 60), &Options::default()).bytes;
    let bins = hive.len() - 4096;
    number_base(&mut hive, 2, 1);
    let mut log = Hvle::new(&hive, 2);
    for _ in 0..rng.range(1, 20) {
        let bins_size = (rng.range(1, bins / 4096 + 2) * 4096) as u32;
        let runs = (0..rng.range(1, 4)).map(|_| Run {
            offset: (rng.range(0, bins_size as usize / 512 - 1) * 512) as u32,
            bytes: rng.bytes(512),
        });
        let runs: Vec<Run> = runs.collect();
        log = log.entry(&Update { bins_size, flags: 0, runs });
    }
    (hive, log.finish().bytes)
}

/// The second entry writes one page, which the third one cuts off. The third one is in another log.
#[test]
fn applied_entry_whose_writes_are_cut_off_is_named() {
    let mut hive = write(&random::plain_tree(1, 60), &Options::default()).bytes;
    number_base(&mut hive, 9, 8);
    let size = (hive.len() - 4096) as u32;
    let update = |bins_size, offset, bytes: &[u8]| {
        let runs = vec![Run { offset, bytes: bytes.to_vec() }];
        Update { bins_size, flags: 0, runs }
    };
    let same = update(size, 0, &hive[4096..4608]);
    let first = Hvle::new(&hive, 9).entry(&same);
    let first = first.entry(&update(size + 4096, size, &[7; 512])).finish().bytes;
    let second = Hvle::new(&hive, 11).entry(&same).finish().bytes;
    let logs = [&first[..], &second[..]];
    let replay = agrees("cut off", &hive, &logs);
    let applied: Vec<_> = replay.logs.iter().map(|it| (it.applied, it.applied_sequence)).collect();
    assert_eq!(applied, [(2, Some((9, 10))), (1, Some((11, 11)))]);
    let file = |name: &str| LogFile { path: name.to_owned(), sha256: None, size: 1 };
    let report = ReplayReport::new(&replay, &[file("LOG1"), file("LOG2")], None);
    let named = "entries 9 to 10 of LOG1 and entry 11 of LOG2";
    assert!(report.statement.contains(named), "{}", report.statement);
}

#[test]
fn random_logs_that_shrink_and_grow_agree_with_their_list() {
    let (mut zeros, mut applied) = (0, 0);
    for seed in 0..u64::from(cases(300)) {
        let (hive, log) = random_log(seed);
        let report = agrees(&format!("seed {seed}"), &hive, &[&log]);
        // A few first updates claim more bytes than hive and log have.
        applied += u32::from(report.is_applied());
        zeros += report.written.iter().filter(|it| it.source == ByteSource::Zeros).count();
        // A truncated hive grows back with its logs.
        let cut = hive.len() - 1000;
        agrees(&format!("seed {seed}, truncated"), &hive[..cut], &[&log]);
    }
    assert!(applied * 10 > cases(300) * 9 && zeros > 100, "{applied} {zeros}");
}

#[test]
fn forged_and_real_logs_agree_with_their_list() {
    let forged =
        states().into_iter().chain((0..40).flat_map(|seed| [new_crash(seed), old_crash(seed)]));
    for dirty in forged {
        let logs: Vec<&[u8]> = dirty.logs.iter().map(|(_, log)| &log.bytes[..]).collect();
        agrees(&dirty.name, &dirty.primary, &logs);
    }
    let Some(files) = hives("forged_and_real_logs_agree_with_their_list") else { return };
    for file in files {
        let logs = file.logs();
        if !logs.is_empty() && file.bytes.len() < 4 << 20 {
            let logs: Vec<&[u8]> = logs.iter().map(|log| &log.bytes[..]).collect();
            agrees(&file.name, &file.bytes, &logs);
        }
    }
}

/// Many updates that shrink and enlarge a large hive take time in proportion to hive and log.
#[test]
fn updates_that_shrink_and_grow_a_large_hive_take_linear_time() {
    let mut hive = write(&random::plain_tree(1, 60), &Options::default()).bytes;
    hive.resize(4096 + (8 << 20), 7);
    hive[40..44].copy_from_slice(&(8_u32 << 20).to_le_bytes());
    number_base(&mut hive, 2, 1);
    let mut log = Hvle::new(&hive, 2);
    for number in 0..4000 {
        let bins_size = if number % 2 == 0 { 8192 } else { 8 << 20 };
        let runs = vec![Run { offset: 0, bytes: hive[4096..4608].to_vec() }];
        log = log.entry(&Update { bins_size, flags: 0, runs });
    }
    let log = log.finish().bytes;
    let since = Instant::now();
    let before = worked(since);
    let (_, report) = replay(&hive, &[&log]);
    assert_eq!(report.sequence, 4001);
    history(&hive, &[&log], |_| ControlFlow::Continue(()));
    let took = worked(since).saturating_sub(before);
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn trial_that_shrinks_and_grows_agrees_with_its_list() {
    let Some(folder) = std::env::var_os("CALHIVE_TRIALS").map(std::path::PathBuf::from) else {
        return;
    };
    let folder = folder.join("hostile/inputs/shrink-grow");
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let (hive, one, two) = (read("SYSTEM"), read("SYSTEM.LOG1"), read("SYSTEM.LOG2"));
    let report = agrees("shrink-grow", &hive, &[&one, &two]);
    assert!(report.is_applied());
}
