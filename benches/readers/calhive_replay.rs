// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive: maps a hive and its log, and applies the log to a private copy.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark may fail"
)]

use std::hint::black_box;
use std::io::Write as _;
use std::time::Instant;

use calhive_regf::log::replay::Replayed;
use calhive_regf::{AccessPattern, Image};

#[path = "../support/reader.rs"]
mod reader;

/// Like `reader::serve`, but maps the files in each round. Answers `nanoseconds, page faults, most
/// private bytes of a round so far, updates, written ranges`.
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, task, hive] = arguments.as_slice() else {
        return; // started by `cargo bench` itself: the benchmark is `replay`
    };
    let log = format!("{hive}.LOG1");
    match task.as_str() {
        "once" => drop(black_box(replay(hive, &log))),
        "none" => {}
        _ => {
            let mut most = 0;
            for _ in std::io::stdin().lines() {
                let (private, faults) = (private_dirty(), reader::page_faults());
                let start = Instant::now();
                let replayed = black_box(replay(hive, &log));
                let time = start.elapsed().as_nanos();
                let faults = reader::page_faults() - faults;
                most = most.max(private_dirty().saturating_sub(private));
                let report = &replayed.1.replay;
                let (updates, written) = (report.logs[0].applied, report.written.len());
                println!("{time} {faults} {most} {updates} {written}");
                std::io::stdout().flush().unwrap();
            }
        }
    }
}

/// Images of the files, and the replayed copy: everything that a program would keep.
#[allow(unsafe_code, reason = "mapping the hive")]
fn replay(hive: &str, log: &str) -> ([Image; 2], Replayed) {
    // SAFETY: nobody writes to the files while the benchmark runs.
    let [hive, log] =
        [hive, log].map(|path| unsafe { Image::map(path, AccessPattern::Random).unwrap() });
    let replayed = hive.replay(std::slice::from_ref(&log)).unwrap();
    ([hive, log], replayed)
}

/// Private dirty bytes of this process: the heap, and copied pages.
fn private_dirty() -> u64 {
    let memory = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = memory.lines().find_map(|line| line.strip_prefix("Private_Dirty:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}
