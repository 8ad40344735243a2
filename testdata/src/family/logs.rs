// SPDX-License-Identifier: MIT OR Apache-2.0

//! Dirty hives with logs that shrink and grow the hive, that repeat a page, or that hold old entries.

use super::{Case, Family};
use crate::NIL;
use crate::log::{Hvle, Run, Update, dirt};
use crate::overlapping::{Bin, name};

pub(super) fn families() -> Vec<Family> {
    vec![
        Family { name: "log entries that shrink and grow", make: shrink_and_grow },
        Family { name: "log entries of one page", make: one_page },
        Family { name: "log entries whose pages overlap", make: overlapping_pages },
        Family { name: "log entries that grow", make: grow },
        Family { name: "log entries that were not applied", make: |n| left_over(n, false) },
        Family { name: "log entries of another hive", make: |n| left_over(n, true) },
        Family { name: "log entries of the last pages", make: |n| of_last_pages(n, false) },
        Family {
            name: "log entries of the first and the last page",
            make: |n| of_last_pages(n, true),
        },
        Family { name: "log entries with wrong hashes", make: wrong_hashes },
        Family { name: "sectors of an old log", make: sectors },
        Family { name: "deleted keys that a log overwrites", make: overwritten },
        Family { name: "log entries that write every second sector", make: every_second },
    ]
}

/// A dirty hive with this number of bytes, full of deleted keys below its root.
fn dirty(size: usize) -> Vec<u8> {
    let mut bin = Bin::default();
    let root = bin.key("ROOT", 0x2C, NIL);
    for at in 0..(size.max(8192) / 88) as u32 {
        let key = bin.key(&name(at), 0x20, root);
        bin.free(key);
    }
    let mut hive = bin.finish(&[]);
    hive[4] = 2;
    crate::base_block::seal(&mut hive);
    hive
}

fn bins(hive: &[u8]) -> u32 {
    hive.len() as u32 - 4096
}

fn update(bins_size: u32, offset: u32, bytes: &[u8]) -> Update {
    Update { bins_size, flags: 0, runs: vec![Run { offset, bytes: bytes.to_vec() }] }
}

fn log(hive: &[u8]) -> Hvle {
    Hvle::new(hive, 1).alignment(512)
}

fn with(bytes: Vec<u8>, log: Hvle) -> Case {
    Case { bytes, logs: vec![log.finish().bytes] }
}

fn shrink_and_grow(size: usize) -> Case {
    let hive = dirty(size / 2);
    let mut log = log(&hive);
    for at in 0..size / 2 / 512 {
        let size = if at % 2 == 0 { 8192 } else { bins(&hive) };
        log = log.entry(&update(size, 0, &hive[4096..4096 + 400]));
    }
    with(hive, log)
}

fn one_page(size: usize) -> Case {
    let hive = dirty(size / 2);
    let mut log = log(&hive);
    for _ in 0..size / 2 / 512 {
        log = log.entry(&update(bins(&hive), 0, &hive[4096..4096 + 400]));
    }
    with(hive, log)
}

fn overlapping_pages(size: usize) -> Case {
    let hive = dirty(size / 2);
    let runs = (0..size / 2 / 16).map(|at| Run { offset: 40 + at as u32 % 8, bytes: vec![1; 8] });
    let update = Update { bins_size: bins(&hive), flags: 0, runs: runs.collect() };
    let log = log(&hive).entry(&update);
    with(hive, log)
}

fn grow(size: usize) -> Case {
    let hive = dirty(8192);
    let mut log = log(&hive);
    for at in 0..size / 512 {
        let grown = bins(&hive) + ((at as u32 * 512) & !4095);
        log = log.entry(&update(grown, 0, &hive[4096..4096 + 400]));
    }
    with(hive, log)
}

/// Entries with numbers that do not continue the hive. Each has a page with deleted keys.
fn left_over(size: usize, is_far: bool) -> Case {
    let hive = dirty(size / 2);
    let mut log = log(&hive).entry(&update(bins(&hive), 0, &hive[4096..4096 + 400]));
    for at in 0..size / 2 / 512 {
        let mut page = hive[8192..8192 + 440].to_vec();
        page[0] ^= at as u8;
        let (bins, offset) = if is_far { (0x4000_0000, 0x3000_0000) } else { (bins(&hive), 4096) };
        log = log.entry_numbered(1000 + at as u32, &update(bins, offset, &page));
    }
    with(hive, log)
}

/// Entries with pages at the end of the largest hive, and perhaps one with the first page.
fn of_last_pages(size: usize, has_first: bool) -> Case {
    let hive = dirty(size / 2);
    let mut log = log(&hive);
    if has_first {
        log = log.entry(&update(0x2000_0000, 0, &hive[4096..4096 + 400]));
    }
    for at in 0..size / 2 / 512 {
        let offset = 0x1FF0_0000 + at as u32 % 256 * 4096;
        log = log.entry(&update(0x2000_0000, offset, &hive[8192..8192 + 440]));
    }
    with(hive, log)
}

/// Each sector begins with an entry that claims the rest of the log.
fn wrong_hashes(size: usize) -> Case {
    let hive = dirty(size / 2);
    let mut log = log(&hive).entry(&update(bins(&hive), 0, &hive[4096..4096 + 400])).finish();
    let begin = log.bytes.len();
    let end = begin + size / 2 / 512 * 512;
    for at in (begin..end).step_by(512) {
        let mut entry = b"HvLE".to_vec();
        for word in [(end - at) as u32, 0, 2, bins(&hive), 1, 0, 0] {
            entry.extend(word.to_le_bytes());
        }
        let hash = crate::log::marvin32(&entry[..32]);
        entry.extend(hash.to_le_bytes());
        entry.resize(512, 1);
        log.bytes.extend(entry);
    }
    Case { bytes: hive, logs: vec![log.bytes] }
}

fn sectors(size: usize) -> Case {
    let hive = dirty(size / 2);
    let length = bins(&hive);
    let log = dirt(&hive, 1, 2, &update(length, 0, &hive[4096..]));
    Case { bytes: hive, logs: vec![log.bytes] }
}

fn overwritten(size: usize) -> Case {
    let hive = dirty(size / 2);
    let length = bins(&hive);
    let log = log(&hive).entry(&update(length, 4096, &vec![0; length as usize - 4096]));
    with(hive, log)
}

fn every_second(size: usize) -> Case {
    let hive = dirty(size / 2);
    let sectors = bins(&hive) / 512;
    let mut log = log(&hive);
    for at in 0..(size / 2 / 1024) as u32 {
        let runs = (0..4).map(|run| Run {
            offset: (at * 4 + run) * 2 % sectors * 512,
            bytes: vec![at as u8; 100],
        });
        log = log.entry(&Update { bins_size: bins(&hive), flags: 0, runs: runs.collect() });
    }
    with(hive, log)
}
