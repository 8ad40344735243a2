// SPDX-License-Identifier: MIT OR Apache-2.0
//! calhive: maps a hive and its logs, and applies the logs to a private copy.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::cast_possible_truncation,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark may fail"
)]

#[path = "../support/reader.rs"]
mod reader;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use calhive_regf::log::replay::Replayed;
use calhive_regf::{AccessPattern, Image};
use reader::{Seen, Task, memory};

/// Maps the files in each round. The number of applied updates counts as keys, and the number of written ranges
/// as values.
fn main() {
    let Some(task) = Task::from_arguments() else { return };
    let log = |end: &str| PathBuf::from(format!("{}.{end}", task.hive.display()));
    let logs: Vec<PathBuf> =
        ["LOG1", "LOG2"].map(log).into_iter().filter(|log| log.exists()).collect();
    task.run(
        || (),
        |()| {
            let replayed = black_box(replay(&task.hive, &logs));
            memory::sample();
            let report = &replayed.2.replay;
            let applied = report.logs.iter().map(|log| u64::from(log.applied));
            Seen { keys: applied.sum(), values: report.written.len() as u64, ..Seen::default() }
        },
    );
}

/// Images of the files, and the replayed copy: everything that a program would keep.
fn replay(hive: &Path, logs: &[PathBuf]) -> (Image, Vec<Image>, Replayed) {
    let (hive, logs) = (map(hive), logs.iter().map(|log| map(log)).collect::<Vec<Image>>());
    let replayed = hive.replay(&logs).unwrap();
    (hive, logs, replayed)
}

#[allow(unsafe_code, reason = "mapping the files")]
fn map(path: &Path) -> Image {
    // SAFETY: nobody writes to the files while the benchmark runs.
    unsafe { Image::map(path, AccessPattern::Random).unwrap() }
}
