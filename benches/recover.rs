// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recovery compared with the sum of all bytes and a whole walk, on the hives of the walk
//! benchmark. Carving of raw bytes compared with their sum: hives of three lengths, and noise. See
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

use hive_forge::rng::Rng;
use hive_forge::stream::{Synthetic, write_synthetic};

#[path = "support/driver.rs"]
mod driver;
use driver::{Figure, Reader};

/// Limits in sums: recovery beyond a whole walk, and carving.
const MOST_BEYOND_WALK: f64 = 2.0;
const MOST: f64 = 2.5;

fn main() {
    recovery();
    carving();
}

fn recovery() {
    let names = ["reader-sum", "reader-calhive-recover", "reader-calhive-data"];
    let readers = driver::build(&names);
    let large = forged("forged", 700);
    let lost = [100, 700].map(|size| (size, without_root(&forged("forged", size))));
    let hives = driver::hives().into_iter().map(|(title, path)| (title.to_owned(), path));
    let large = (String::from("forged, 700 MB"), large);
    for (title, path) in hives.chain([large]) {
        let figures = table(&title, &readers, &path, rounds(&path));
        let beyond = (figures[1].nanoseconds as f64 - figures[2].nanoseconds as f64)
            / figures[0].nanoseconds as f64;
        println!("recovered: {}", figures[1].seen);
        // The limit applies to the largest real hive.
        if title.starts_with("SYSTEM") {
            println!("{}", verdict("beyond the walk", beyond, MOST_BEYOND_WALK));
        } else {
            println!("beyond the walk {beyond:.2} sums");
        }
    }
    // A walk of these hives ends at the root.
    for (megabytes, path) in lost {
        let title = format!("forged, {megabytes} MB, all of it cut off from the root");
        let figures = table(&title, &readers[..2], &path, rounds(&path));
        println!("recovered: {}", figures[1].seen);
    }
}

fn rounds(path: &Path) -> usize {
    if path.metadata().unwrap().len() > 200_000_000 { 7 } else { 41 }
}

fn carving() {
    let readers = driver::build(&["reader-sum", "reader-calhive-carve"]);
    for (title, path) in carved() {
        let figures = table(&title, &readers, &path, 11);
        let ratio = figures[1].nanoseconds as f64 / figures[0].nanoseconds as f64;
        let fields: Vec<&str> = figures[1].seen.split(' ').collect();
        println!("{} found, {} bytes; {}", fields[0], fields[3], verdict("in all", ratio, MOST));
    }
}

fn verdict(what: &str, ratio: f64, most: f64) -> String {
    let kept = if ratio <= most { "kept" } else { "MISSED" };
    format!("{what} {ratio:.2} sums, at most {most}: {kept}")
}

/// Measures the readers and prints their figures. The first reader is the sum.
fn table(title: &str, readers: &[Reader], path: &Path, rounds: usize) -> Vec<Figure> {
    let count_instructions = std::env::args().any(|argument| argument == "--instructions");
    let figures = driver::measure(readers, path, rounds);
    println!("\n{title}, {} bytes", path.metadata().unwrap().len());
    println!("{:<34}{:>10}{:>9}{:>9}{:>16}", "", "us", "x sum", "faults", "instructions");
    let sum = figures[0].nanoseconds as f64;
    for (reader, figure) in readers.iter().zip(&figures) {
        let instructions = count_instructions.then(|| driver::instructions(reader, path)).flatten();
        println!(
            "{:<34}{:>10.0}{:>9.2}{:>9}{:>16}",
            reader.name,
            figure.nanoseconds as f64 / 1000.0,
            figure.nanoseconds as f64 / sum,
            figure.page_faults,
            instructions.map_or(String::from("-"), |count| count.to_string()),
        );
    }
    figures
}

fn forged(name: &str, megabytes: u64) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{megabytes}"));
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).unwrap());
    let synthetic = Synthetic {
        bytes: megabytes * 1_000_000,
        locality: hive_forge::Locality::InOrder,
        seed: 1,
        minor: 5,
    };
    write_synthetic(&mut file, &synthetic);
    file.flush().unwrap();
    path
}

/// The same hive with a root that counts no subkeys: recovery has to find every other key and
/// value.
fn without_root(path: &Path) -> PathBuf {
    let mut bytes = std::fs::read(path).unwrap();
    let root = u32::from_le_bytes(bytes[36..40].try_into().unwrap()) as usize;
    // After the base block, the cell size and 20 bytes of the node.
    bytes[4096 + root + 4 + 20..][..4].fill(0);
    let lost = path.with_extension("lost");
    std::fs::write(&lost, bytes).unwrap();
    lost
}

fn carved() -> Vec<(String, PathBuf)> {
    let hive = |megabytes| (format!("hive, {megabytes} MB"), forged("carved", megabytes));
    let mut files: Vec<(String, PathBuf)> = [70, 200, 700].map(hive).into();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("noise-200");
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).unwrap());
    let mut rng = Rng::named("noise");
    (0..200).for_each(|_| file.write_all(&rng.bytes(1_000_000)).unwrap());
    file.flush().unwrap();
    files.push((String::from("noise, 200 MB"), path));
    files
}
