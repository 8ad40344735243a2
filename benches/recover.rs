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
    let readers = driver::build(&["reader-sum", "reader-calhive-carve"]);
    println!(
        "{:<24}{:>10}{:>10}{:>8}{:>10}  found, their bytes",
        "", "sum us", "carve us", "x sum", "us / MB"
    );
    for (title, path) in files() {
        let figures = driver::measure(&readers, &path, ROUNDS);
        let [sum, carve] = [0, 1].map(|reader: usize| figures[reader].nanoseconds as f64 / 1e3);
        let fields: Vec<&str> = figures[1].seen.split(' ').collect();
        let verdict = if carve <= MOST * sum { "kept" } else { "MISSED" };
        let megabytes = path.metadata().unwrap().len() as f64 / 1e6;
        println!(
            "{title:<24}{sum:>10.0}{carve:>10.0}{:>8.2}{:>10.1}  {}, {}; at most {MOST}: {verdict}",
            carve / sum,
            carve / megabytes,
            fields[0],
            fields[3],
        );
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
