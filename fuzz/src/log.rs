// SPDX-License-Identifier: MIT OR Apache-2.0
//! Logs of both formats, and replay, on any bytes: a hive and one or two logs in one input.

use std::ops::ControlFlow;

use calhive_regf::Hive;
use calhive_regf::log::Plan;
use calhive_regf::log::history::{history, left_over_entries};
use calhive_regf::log::outcome::Replay;
use calhive_regf::log::patches::Patches;
use calhive_regf::log::replay::replay;
use calhive_regf::log::{Format, Log};
use calhive_regf::recover::{recover_from_logs, recover_overwritten};

use crate::base_block::seal;

/// Unit of logs. Their parts begin at multiples of a sector.
const SECTOR: usize = 512;

/// Replays the logs in `bytes`: as they are, with correct base blocks, and with correct hashes.
pub fn log(bytes: &[u8]) {
    let [hive, first, second] = parts(bytes);
    all(hive, &[first, second]);
    // A fuzzer does not guess checksums, nor equal sequence numbers of a log, nor hashes of changed
    // entries. With corrected base blocks, the entries are read.
    let mut sealed = [hive, first, second].map(<[u8]>::to_vec);
    for (number, part) in sealed.iter_mut().enumerate() {
        if number > 0 && part.len() >= 12 {
            part.copy_within(4..8, 8);
        }
        seal(part);
    }
    let [hive, logs @ ..] = &sealed;
    all(hive, &[&logs[0], &logs[1]]);
    for log in &mut sealed[1..] {
        rehash(log);
    }
    let [hive, logs @ ..] = &sealed;
    all(hive, &[&logs[0], &logs[1]]);
}

/// The input ends with two numbers of 16 bits: the sectors of the hive and of the first log. The
/// rest is the second log.
fn parts(bytes: &[u8]) -> [&[u8]; 3] {
    let Some((rest, [a, b, c, d])) = bytes.split_last_chunk::<4>() else {
        return [bytes, &[], &[]];
    };
    let split = |rest: &'_ [u8], sectors: [u8; 2]| {
        (usize::from(u16::from_le_bytes(sectors)) * SECTOR).min(rest.len())
    };
    let (hive, logs) = rest.split_at(split(rest, [*a, *b]));
    let (first, second) = logs.split_at(split(logs, [*c, *d]));
    [hive, first, second]
}

/// Reads everything in each log, then applies the logs to the hive in both orders.
fn all(hive: &[u8], logs: &[&[u8]; 2]) {
    for bytes in logs {
        let Ok(log) = Log::parse(bytes) else { continue };
        let sequence = log.sequence().filter_map(Result::ok).count();
        let entries = log.entries().count();
        if log.format() == Format::New {
            assert!(sequence <= entries, "what is in sequence is an entry");
        }
        for page in log.pages() {
            let at = page.data.offset().get();
            let end = at + page.data.len() as u64;
            assert!(end <= bytes.len() as u64, "a page at {at:#x} ends at {end:#x}");
        }
    }
    let given = hive.len() + logs[0].len() + logs[1].len();
    let (recovered, report) = replay(hive, logs);
    check_report(hive, &recovered, &report);
    // A truncated base block becomes whole.
    assert!(recovered.len() <= given + 4096, "{} of {given} bytes", recovered.len());
    let mut last = Vec::new();
    history(hive, logs, |step| {
        last.clear();
        last.extend_from_slice(step.bytes);
        ControlFlow::Continue(())
    });
    assert!(last.starts_with(&recovered), "the last state is that of the replay");
    for left in left_over_entries(hive, logs) {
        std::hint::black_box(left.pages().count());
    }
    let applied: u32 = report.logs.iter().map(|log| log.applied).sum();
    assert_eq!(report.untouched.is_some(), applied == 0, "{report:#?}");
    let again = report.untouched.is_none().then(|| replay(&recovered, logs).0);
    assert!(again.is_none_or(|again| again == recovered), "what is clean stays as it is");
    let (swapped, _) = replay(hive, &[logs[1], logs[0]]);
    // If two old-format logs have the same timestamp, the first one is applied.
    let new = |log: &&[u8]| Log::parse(log).is_ok_and(|log| log.format() == Format::New);
    if logs.iter().all(new) && numbers(logs[0]) != numbers(logs[1]) {
        assert!(swapped == recovered, "the order of logs means nothing");
    }
    if let Ok(now) = Hive::parse(&recovered) {
        recover_from_logs(&Plan::new(hive, logs), now, |from, found| {
            let at = from.log_offset(found.offset());
            std::hint::black_box((at, found.path(), found.data().to_bytes().len()));
        });
        let result = recover_overwritten(hive, now, |found| {
            std::hint::black_box((found.confidence(), found.spans()));
        });
        std::hint::black_box(result.is_ok());
        now.check(|fault| {
            std::hint::black_box(fault);
        });
    }
}

/// Asserts that only the ranges in the report differ, and that the sums of the report are those of a
/// comparison byte by byte.
fn check_report(hive: &[u8], recovered: &[u8], report: &Replay) {
    if report.untouched.is_some() {
        assert!(recovered == hive, "{report:#?}");
        return;
    }
    let mut changed = hive.to_vec();
    changed.resize(recovered.len(), 0);
    for written in &report.written {
        let start = usize::try_from(written.offset).unwrap_or(usize::MAX).min(recovered.len());
        let end = start.saturating_add(written.length as usize).min(recovered.len());
        changed[start..end].copy_from_slice(&recovered[start..end]);
    }
    assert!(changed == recovered, "{report:#?}");
    let differs = |(at, byte): &(usize, &u8)| hive.get(*at) != Some(*byte);
    let differing = recovered.iter().enumerate().filter(differs).count() as u64;
    assert_eq!(Patches::new(hive, recovered, report).sums().changed, differing, "{report:#?}");
}

fn numbers(log: &[u8]) -> Option<(u32, u32)> {
    Log::parse(log).ok().map(|log| log.base_block().sequence())
}

/// Corrects both hashes of each possible entry.
fn rehash(log: &mut [u8]) {
    let mut at = SECTOR;
    while log.get(at..at + 40).is_some_and(|head| head.starts_with(b"HvLE")) {
        let size =
            u32::from_le_bytes([log[at + 4], log[at + 5], log[at + 6], log[at + 7]]) as usize;
        let Some(entry) = log.get_mut(at..).and_then(|rest| rest.get_mut(..size.max(40))) else {
            return;
        };
        let body = calhive_regf::log::marvin32(&entry[40..]);
        entry[24..32].copy_from_slice(&body.to_le_bytes());
        let head = calhive_regf::log::marvin32(&entry[..32]);
        entry[32..40].copy_from_slice(&head.to_le_bytes());
        at += size.next_multiple_of(SECTOR).max(SECTOR);
    }
}
