// SPDX-License-Identifier: MIT OR Apache-2.0
//! Shared by the benchmarks: starts readers, interleaves their rounds, and compares the figures.
#![allow(dead_code, reason = "not by every benchmark")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

#[path = "cargo.rs"]
pub mod cargo;
use cargo::Built;

/// What a reader saw that ended before its answer.
pub const FAILED: &str = "nothing: the reader failed";

/// A reader under measurement.
#[derive(Clone)]
pub struct Reader {
    pub name: &'static str,
    pub program: PathBuf,
    /// Part of the reader to run.
    pub part: Option<&'static str>,
}

/// Builds the readers of these names with the profile of benchmarks, and the features of the command.
pub fn build(names: &[&'static str]) -> Vec<Reader> {
    let mut arguments = vec!["bench", "--no-run"];
    arguments.extend(names.iter().flat_map(|name| ["--bench", name]));
    let built = Built::by(&arguments);
    let reader = |name: &&'static str| Reader { name, program: built.program(name), part: None };
    names.iter().map(reader).collect()
}

/// Median time, page faults of the median round, allocations and private memory of one round, and what the
/// reader saw.
#[derive(Clone, Debug)]
pub struct Figure {
    pub nanoseconds: u64,
    pub page_faults: u64,
    /// `None` for programs that are not readers.
    pub allocations: Option<u64>,
    /// Largest private memory of a round, in bytes.
    pub peak: u64,
    pub seen: String,
}

/// Measures interleaved rounds of all readers on one hive.
pub fn measure(readers: &[Reader], hive: &Path, rounds: usize) -> Vec<Figure> {
    let mut running: Vec<Running> =
        readers.iter().map(|reader| Running::start(reader, hive)).collect();
    // The round for memory also warms up.
    let memory: Vec<(u64, u64)> = running.iter_mut().map(Running::memory).collect();
    let mut times: Vec<Vec<Figure>> = readers.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for ((reader, (allocations, peak)), times) in
            running.iter_mut().zip(&memory).zip(&mut times)
        {
            let (nanoseconds, page_faults, seen) = reader.ask("time");
            let (allocations, peak) = (Some(*allocations), *peak);
            times.push(Figure { nanoseconds, page_faults, allocations, peak, seen });
        }
    }
    times.into_iter().map(median).collect()
}

/// Returns the round with the median time.
pub fn median(mut times: Vec<Figure>) -> Figure {
    times.sort_by_key(|figure| figure.nanoseconds);
    times.swap_remove(times.len() / 2)
}

struct Running {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Running {
    fn start(reader: &Reader, hive: &Path) -> Self {
        let mut child = Command::new(&reader.program)
            .arg("rounds")
            .arg(hive)
            .args(reader.part)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        Self { child, to, from }
    }

    fn memory(&mut self) -> (u64, u64) {
        let (allocations, peak, _) = self.ask("memory");
        (allocations, peak)
    }

    /// Returns two numbers, and what the reader saw. A reader that ended saw [`FAILED`].
    fn ask(&mut self, what: &str) -> (u64, u64, String) {
        let mut line = String::new();
        if writeln!(self.to, "{what}").is_ok() {
            self.from.read_line(&mut line).unwrap();
        }
        if line.is_empty() {
            return (0, 0, FAILED.to_owned());
        }
        let mut fields = line.trim().splitn(3, ' ');
        let mut number = || fields.next().unwrap().parse().unwrap();
        (number(), number(), fields.next().unwrap().to_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Instructions that a reader executes for one round, counted by callgrind. Returns `None` without
/// valgrind.
pub fn instructions(reader: &Reader, hive: &Path) -> Option<u64> {
    let count = |task: &str| {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(&reader.program)
            .arg(task)
            .arg(hive)
            .args(reader.part)
            .output()
            .ok()?;
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        let line = log.lines().find(|line| line.contains("refs:"))?;
        line.rsplit(' ').next()?.replace(',', "").parse::<u64>().ok()
    };
    Some(count("once")? - count("none")?)
}
