// SPDX-License-Identifier: MIT OR Apache-2.0
//! Replay of a large dirty hive compared with the sum of all its bytes, and its memory. See
//! README.md.
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

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use hive_forge::canonical::sha256;
use hive_forge::stream::{Synthetic, write_dirty_synthetic};

#[path = "support/driver.rs"]
mod driver;

/// Largest private memory of a replay.
const MOST_PRIVATE: u64 = 16 << 20;
const ROUNDS: usize = 41;

fn main() {
    let count_instructions = std::env::args().any(|argument| argument == "--instructions");
    let readers = driver::build(&["reader-sum", "reader-calhive-replay"]);
    let [hive, log] = dirty_hive();
    let evidence = || [&hive, &log].map(|path| sha256(&std::fs::read(path).unwrap()));
    let before = evidence();
    let figures = driver::measure(&readers, &hive, ROUNDS);
    let length = |path: &Path| path.metadata().unwrap().len();
    println!("\nforged, {} bytes, its log {} bytes", length(&hive), length(&log));
    let sum = figures[0].nanoseconds as f64;
    println!("{:<34}{:>10}{:>9}{:>9}{:>16}", "", "us", "x sum", "faults", "instructions");
    for (reader, figure) in readers.iter().zip(&figures) {
        let instructions =
            count_instructions.then(|| driver::instructions(reader, &hive)).flatten();
        println!(
            "{:<34}{:>10.0}{:>9.3}{:>9}{:>16}",
            reader.name,
            figure.nanoseconds as f64 / 1000.0,
            figure.nanoseconds as f64 / sum,
            figure.page_faults,
            instructions.map_or(String::from("-"), |count| count.to_string()),
        );
    }
    let numbers: Vec<u64> =
        figures[1].seen.split(' ').map(|number| number.parse().unwrap()).collect();
    let [private, updates, written] = numbers[..] else { panic!("{}", figures[1].seen) };
    assert_eq!(updates, 1, "the log was not applied");
    let verdict = if private < MOST_PRIVATE { "kept" } else { "MISSED" };
    println!(
        "{written} stretches written; {private} bytes private, under {MOST_PRIVATE}: {verdict}"
    );
    let unchanged = if evidence() == before { "unchanged" } else { "CHANGED" };
    println!("hive and log {unchanged}: {} {}", before[0], before[1]);
}

/// A hive of 200 MB and a log with 5 MB of pages all over the hive.
fn dirty_hive() -> [PathBuf; 2] {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (hive, log) = (folder.join("dirty-200"), folder.join("dirty-200.LOG1"));
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&hive).unwrap());
    let synthetic = Synthetic {
        bytes: 200_000_000,
        locality: hive_forge::Locality::InOrder,
        seed: 1,
        minor: 5,
    };
    let (_, written) = write_dirty_synthetic(&mut file, &synthetic, 5_000_000);
    file.flush().unwrap();
    std::fs::write(&log, written.bytes).unwrap();
    // A page that the system has not written to disk yet would count as private.
    for path in [&hive, &log] {
        File::open(path).unwrap().sync_all().unwrap();
    }
    [hive, log]
}
