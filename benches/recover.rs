// SPDX-License-Identifier: MIT OR Apache-2.0
//! Carving of raw bytes against the sum of all of them: hives of three lengths, and noise. See README.md.
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
use std::path::PathBuf;

use hive_forge::rng::Rng;
use hive_forge::stream::{Synthetic, write_synthetic};

#[path = "support/driver.rs"]
mod driver;

const ROUNDS: usize = 11;
/// What carving may take, in sums.
const MOST: f64 = 2.5;

fn main() {
    let count_instructions = std::env::args().any(|argument| argument == "--instructions");
    let readers = driver::build(&["reader-sum", "reader-calhive-carve"]);
    for (title, path) in files() {
        let figures = driver::measure(&readers, &path, ROUNDS);
        println!("\n{title}, {} bytes", path.metadata().unwrap().len());
        println!("{:<34}{:>10}{:>9}{:>9}{:>16}", "", "us", "x sum", "faults", "instructions");
        let sum = figures[0].nanoseconds as f64;
        for (reader, figure) in readers.iter().zip(&figures) {
            let instructions =
                count_instructions.then(|| driver::instructions(reader, &path)).flatten();
            println!(
                "{:<34}{:>10.0}{:>9.2}{:>9}{:>16}",
                reader.name,
                figure.nanoseconds as f64 / 1000.0,
                figure.nanoseconds as f64 / sum,
                figure.page_faults,
                instructions.map_or(String::from("-"), |count| count.to_string()),
            );
        }
        let fields: Vec<&str> = figures[1].seen.split(' ').collect();
        let is_kept = figures[1].nanoseconds as f64 <= MOST * sum;
        let verdict = if is_kept { "kept" } else { "MISSED" };
        println!("{} found, {} bytes; at most {MOST} sums: {verdict}", fields[0], fields[3]);
    }
}

fn files() -> Vec<(String, PathBuf)> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let mut files = Vec::new();
    for megabytes in [70, 200, 700] {
        let path = folder.join(format!("carved-{megabytes}"));
        let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).unwrap());
        let synthetic = Synthetic {
            bytes: megabytes * 1_000_000,
            locality: hive_forge::Locality::InOrder,
            seed: 1,
            minor: 5,
        };
        write_synthetic(&mut file, &synthetic);
        file.flush().unwrap();
        files.push((format!("hive, {megabytes} MB"), path));
    }
    let path = folder.join("noise-200");
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).unwrap());
    let mut rng = Rng::named("noise");
    (0..200).for_each(|_| file.write_all(&rng.bytes(1_000_000)).unwrap());
    file.flush().unwrap();
    files.push((String::from("noise, 200 MB"), path));
    files
}
