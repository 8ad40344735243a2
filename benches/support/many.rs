// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rows of the table about many inputs: scans of 500 hosts and of 20 disk images.

use std::fs;
use std::path::Path;

use crate::command::Program;
use crate::driver::Figure;
use crate::table::{self, Options};
use crate::{evidence, page_cache, rows};

const HOSTS: usize = 500;
const IMAGES: usize = 20;
/// Largest private memory of a scan of all hosts, in bytes.
const MOST_MEMORY: u64 = 200 << 20;
/// Smallest speed of two threads, in speeds of one.
const LEAST_SPEED: f64 = 1.7;
/// Field of the report that contains the arguments of the command.
const ARGUMENTS: &str = "arguments";

/// Scans 500 hosts on one and two threads, and compares the reports.
pub fn hosts(options: &Options) {
    let folder = evidence::hosts(HOSTS);
    let title = format!("{HOSTS} hosts, {} bytes", evidence::length(&folder));
    let programs = ["1", "2"].map(|threads| scan(&folder, threads));
    let rounds = options.rounds_up_to(5);
    let warm = table::programs(&format!("{title}, in memory"), &programs, rounds, None, || {});
    let reports = [0, 1].map(|number| report(&table::output(number)));
    let files = evidence::files(&folder);
    let evict = || files.iter().for_each(|file| page_cache::evict(file));
    table::programs(&format!("{title}, not in memory"), &programs, rounds, None, evict);
    let speed = warm[0].nanoseconds as f64 / warm[1].nanoseconds as f64;
    let kept = if speed >= LEAST_SPEED { "kept" } else { "MISSED" };
    println!("two threads are {speed:.2} times as fast as one, at least {LEAST_SPEED}: {kept}");
    let peak = warm.iter().map(|figure| figure.peak).max().unwrap();
    let kept = if peak <= MOST_MEMORY { "kept" } else { "MISSED" };
    println!("private memory: {} KiB, at most {} KiB: {kept}", peak / 1024, MOST_MEMORY / 1024);
    let equal = if reports[0] == reports[1] { "equal" } else { "DIFFERENT" };
    println!("reports without the arguments of the command: {equal}");
}

/// Scans 20 disk images.
pub fn images(options: &Options) {
    let folder = match evidence::images(IMAGES) {
        Ok(folder) => folder,
        Err(tool) => {
            println!("not measured: {tool} is missing");
            return;
        }
    };
    let programs = ["1", "2"].map(|threads| scan(&folder, threads));
    let title = format!("{IMAGES} images, {} bytes", evidence::length(&folder));
    let rounds = options.rounds_up_to(5);
    let files = evidence::files(&folder);
    let evict = || files.iter().for_each(|file| page_cache::evict(file));
    let warm = table::programs(&format!("{title}, in memory"), &programs, rounds, None, || {});
    let read = bytes_read(&table::output(0));
    let cold = table::programs(&format!("{title}, not in memory"), &programs, rounds, None, evict);
    for (state, figures) in [("in memory", &warm), ("not in memory", &cold)] {
        let speeds = figures.iter().map(|figure| format!("{:.0}", per_minute(figure)));
        println!(
            "images per minute, {state}, one and two threads: {}",
            speeds.collect::<Vec<_>>().join(", ")
        );
    }
    println!("bytes read of the images: {read}");
}

fn scan(folder: &Path, threads: &str) -> Program {
    let arguments = ["scan", "--quiet", "--format", "json", "--threads", threads];
    let name = format!("calhive scan --threads {threads}");
    Program::new(name, &rows::calhive()).arguments(arguments).arguments([folder])
}

fn per_minute(figure: &Figure) -> f64 {
    IMAGES as f64 * 60e9 / figure.nanoseconds as f64
}

/// Returns the bytes of a report without its line about the run.
fn report(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.contains(&format!("\"{ARGUMENTS}\"")));
    lines.map(str::to_owned).collect()
}

/// Returns the sum of the bytes that a scan read of all inputs.
fn bytes_read(path: &Path) -> u64 {
    let report: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let inputs = report["inputs"].as_array().unwrap();
    inputs.iter().filter_map(|input| input["bytes_read"].as_u64()).sum()
}
