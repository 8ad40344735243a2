// SPDX-License-Identifier: MIT OR Apache-2.0
//! The history of a hive: the state after each update of its logs.

use std::ops::ControlFlow;

use calhive_regf::Hive;
use calhive_regf::log::history::{Step, history, left_over_entries};
use calhive_regf::log::outcome::Written;
use calhive_regf::log::replay::replay;
use hive_forge::cases::cases;
use hive_forge::corpus::hives;
use hive_forge::log::{Dirty, new_crash, old_crash, states};
use hive_forge::scenario::with_logs;

use super::{applied, recover};
use crate::memory::measure;

fn logs_of(dirty: &Dirty) -> Vec<&[u8]> {
    dirty.logs.iter().map(|(_, log)| &log.bytes[..]).collect()
}

/// The same hive with logs that end after the first `updates` applied entries.
fn cut(dirty: &Dirty, updates: usize) -> Dirty {
    let mut dirty = dirty.clone();
    if let Some(&(name, number)) = dirty.applied.get(updates) {
        let log = &mut dirty.log(name).bytes;
        let is_it = |at: &usize| {
            log[*at..].starts_with(b"HvLE") && log[at + 12..at + 16] == number.to_le_bytes()
        };
        let end = (512..log.len()).step_by(512).find(is_it).unwrap();
        log.truncate(end);
        // The entries of the other log would follow.
        let later: Vec<&str> = dirty.applied[updates..].iter().map(|(name, _)| *name).collect();
        let earlier: Vec<&str> = dirty.applied[..updates].iter().map(|(name, _)| *name).collect();
        for name in later.into_iter().filter(|name| !earlier.contains(name)) {
            dirty.log(name).bytes.truncate(512);
        }
    }
    dirty
}

/// Asserts that the listed changes are all bytes that differ, and that the log holds them.
fn changed(before: &[u8], after: &[u8], changed: &[Written], logs: &[&[u8]], name: &str) {
    let mut made = before.to_vec();
    for it in changed {
        let place = it.offset as usize..(it.offset + it.length) as usize;
        let from = it.log_offset as usize..(it.log_offset + it.length) as usize;
        let new = &logs[it.log][from];
        let old = &before[place.clone()];
        let ends = (old.first() != new.first(), old.last() != new.last());
        assert_eq!(ends, (true, true), "{name}: {it:x?} changes its first and last byte");
        made[place].copy_from_slice(new);
    }
    let differs = |at: &usize| made[*at] != after[*at];
    let other = (4096..after.len()).find(|at| differs(at) && after[*at] != 0);
    assert_eq!(other, None, "{name}: a change that is not listed");
}

/// Compares each state of a history with a replay of the logs up to that state. Returns the number
/// of updates.
fn check(dirty: &Dirty) -> usize {
    let name = &dirty.name;
    let logs = logs_of(dirty);
    let (recovered, report) = recover(dirty);
    let mut states: Vec<Vec<u8>> = Vec::new();
    let mut steps = Vec::new();
    let replayed = history(&dirty.primary, &logs, |Step { bytes, update }| {
        if let Some(update) = update {
            steps.push((dirty.logs[update.log].0, update.sequence));
            changed(states.last().unwrap(), bytes, update.changed, &logs, name);
            let log = logs[update.log];
            let begins = &log[update.log_offset as usize..][..4];
            assert!(begins == b"HvLE" || begins == b"DIRT", "{name}");
        }
        states.push(bytes.to_vec());
        ControlFlow::Continue(())
    });
    assert_eq!(steps, dirty.applied, "{name}");
    assert_eq!(applied(dirty, &replayed), applied(dirty, &report), "{name}");
    assert!(
        states.last().unwrap().starts_with(&recovered),
        "{name}: the last state is the replayed hive"
    );
    assert_eq!(states[0][512..dirty.primary.len()], dirty.primary[512..], "{name}");
    if !replayed.base_block_rebuilt {
        assert_eq!(states[0][..dirty.primary.len()], dirty.primary, "{name}");
        let is_new = logs.iter().any(|log| log.get(28) == Some(&6));
        for (updates, state) in states.iter().enumerate().skip(1).filter(|_| is_new) {
            let part = cut(dirty, updates);
            let (so_far, _) = replay(&part.primary, &logs_of(&part));
            let length = Hive::parse(&so_far).unwrap().base_block().bins_size() as usize + 4096;
            assert!(state[..length] == so_far[..length], "{name}: after {updates}");
        }
    }
    steps.len()
}

#[test]
fn each_state_of_a_history_equals_a_partial_replay() {
    let (mut hives, mut updates) = (0, 0);
    let logged: Vec<Dirty> =
        with_logs().into_iter().flat_map(|it| it.logged).map(|it| it.dirty).collect();
    let cases = u64::from(cases(100));
    let random = (0..cases).flat_map(|seed| [new_crash(seed), old_crash(seed)]);
    for dirty in states().into_iter().chain(logged).chain(random) {
        updates += check(&dirty);
        hives += 1;
    }
    println!("{hives} hives, {updates} updates");
    assert!(updates > 50);
}

/// Dirty hives of real machines. The last state of each history equals the replayed hive.
#[test]
fn histories_of_real_hives_end_with_the_replayed_hive() {
    let Some(hives) = hives("histories_of_real_hives_end_with_the_replayed_hive") else { return };
    let (mut seen, mut updates) = (0, 0);
    for hive in hives {
        let logs = hive.logs();
        let logs: Vec<&[u8]> = logs.iter().map(|log| &log.bytes[..]).collect();
        if logs.is_empty() {
            continue;
        }
        let (recovered, _) = replay(&hive.bytes, &logs);
        let (mut last, mut steps, mut bytes) = (Vec::new(), 0, 0);
        history(&hive.bytes, &logs, |step| {
            last = step.bytes.to_vec();
            if let Some(update) = step.update {
                steps += 1;
                bytes += update.changed.iter().map(|it| it.length).sum::<u64>();
            }
            ControlFlow::Continue(())
        });
        assert!(last.starts_with(&recovered), "{}", hive.name);
        let left = left_over_entries(&hive.bytes, &logs).count();
        println!("{}: {steps} updates, {bytes} bytes changed, {left} left over", hive.name);
        seen += 1;
        updates += steps;
    }
    println!("{seen} hives, {updates} updates");
    assert_eq!((seen, updates), (18, 89));
}

#[test]
fn history_takes_memory_for_one_copy() {
    let states = states();
    let dirty = states.iter().find(|it| it.name == "nothing written").unwrap();
    let mut primary = dirty.primary.clone();
    primary.resize(8 << 20, 0);
    let logs = logs_of(dirty);
    let mut steps = 0;
    let (_, used) = measure(|| {
        history(&primary, &logs, |_| {
            steps += 1;
            ControlFlow::Continue(())
        })
    });
    println!("{steps} states, {} KiB of {} KiB", used.peak / 1024, primary.len() / 1024);
    assert_eq!(steps, 5);
    assert!(used.peak < primary.len() as u64 + (64 << 10), "{}", used.peak);
}

#[test]
fn history_ends_when_the_caller_breaks() {
    let states = states();
    let dirty = states.iter().find(|it| it.name == "nothing written").unwrap();
    for wanted in 1..=5 {
        let mut steps = 0;
        history(&dirty.primary, &logs_of(dirty), |_| {
            steps += 1;
            if steps == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(steps, wanted);
    }
}

/// Left-over entries are exactly the whole entries that are not applied.
#[test]
fn entries_that_are_not_applied_are_left_over() {
    let (mut left, mut compared) = (0, 0);
    let cases = u64::from(cases(100));
    let random = (0..cases).flat_map(|seed| [new_crash(seed), old_crash(seed)]);
    for dirty in states().into_iter().chain(random) {
        let logs = logs_of(&dirty);
        let (_, report) = recover(&dirty);
        let mut found = vec![0; logs.len()];
        for it in left_over_entries(&dirty.primary, &logs) {
            found[it.log] += u32::from(it.sequence.is_some());
            left += 1;
            for page in it.pages() {
                let at = page.data.offset().get() as usize;
                assert_eq!(page.data.as_slice(), &logs[it.log][at..][..page.data.len()]);
                assert_eq!(page.target.is_nil(), it.sequence.is_none(), "{}", dirty.name);
            }
        }
        for (log, used) in report.logs.iter().enumerate() {
            let is_new = used.format == Some(calhive_regf::log::Format::New);
            // Entries are not counted for clean hives and for logs with a torn base block.
            if is_new && used.refused.is_none() {
                assert_eq!(found[log], used.left_over, "{}: {report:#?}", dirty.name);
                compared += 1;
            } else if !is_new {
                assert!(found[log] + used.applied <= 1, "{}", dirty.name);
            }
        }
    }
    println!("{left} left over, {compared} logs of the new format");
    assert!(left > 50 && compared > 50, "{left} {compared}");
    let states = states();
    let of = |name: &str| {
        let dirty = states.iter().find(|it| it.name == name).unwrap();
        let logs = logs_of(dirty);
        let left = left_over_entries(&dirty.primary, &logs);
        left.map(|it| (dirty.logs[it.log].0, it.sequence)).collect::<Vec<_>>()
    };
    assert_eq!(of("nothing written"), []);
    assert_eq!(
        of("clean, stale logs"),
        [("LOG1", Some(2)), ("LOG2", Some(3)), ("LOG2", Some(4)), ("LOG2", Some(5))]
    );
    assert_eq!(of("first log not eligible"), [("LOG1", Some(2))]);
    assert_eq!(of("older entries left over"), [("LOG1", Some(0)), ("LOG2", Some(3))]);
    assert_eq!(of("old log: garbage behind the sectors"), [("LOG1", None)]);
    assert_eq!(of("old log: clean, stale log"), [("LOG1", Some(5))]);
}
