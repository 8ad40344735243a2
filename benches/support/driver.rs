// SPDX-License-Identifier: MIT OR Apache-2.0
//! Shared by the benchmarks: starts readers, interleaves their rounds, and compares the figures.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

#[path = "cargo.rs"]
mod cargo;
use cargo::Built;

/// A reader under measurement.
pub struct Reader {
    pub name: &'static str,
    program: PathBuf,
}

/// Builds the readers of these names with the profile of benchmarks.
pub fn build(names: &[&'static str]) -> Vec<Reader> {
    let mut arguments = vec!["bench", "--no-run", "-p", "calhive"];
    arguments.extend(names.iter().flat_map(|name| ["--bench", name]));
    let built = Built::by(&arguments);
    names.iter().map(|name| Reader { name, program: built.program(name) }).collect()
}

/// Median time, page faults of the median round, and what the reader saw.
#[derive(Clone)]
pub struct Figure {
    pub nanoseconds: u64,
    pub page_faults: u64,
    pub seen: String,
}

/// Measures interleaved rounds of all readers on one hive.
pub fn measure(readers: &[Reader], hive: &Path, rounds: usize) -> Vec<Figure> {
    let mut running: Vec<Running> =
        readers.iter().map(|reader| Running::start(reader, hive)).collect();
    let mut times: Vec<Vec<Figure>> = readers.iter().map(|_| Vec::new()).collect();
    for round in 0..=rounds {
        for (reader, times) in running.iter_mut().zip(&mut times) {
            let figure = reader.round();
            // The first round warms up.
            if round > 0 {
                times.push(figure);
            }
        }
    }
    let median = |mut times: Vec<Figure>| {
        times.sort_by_key(|figure| figure.nanoseconds);
        times[times.len() / 2].clone()
    };
    times.into_iter().map(median).collect()
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
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        Self { child, to, from }
    }

    fn round(&mut self) -> Figure {
        writeln!(self.to).unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        let mut fields = line.trim().splitn(3, ' ');
        let mut number = || fields.next().unwrap().parse().unwrap();
        let (nanoseconds, page_faults) = (number(), number());
        Figure { nanoseconds, page_faults, seen: fields.next().unwrap().to_owned() }
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
            .output()
            .ok()?;
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        let line = log.lines().find(|line| line.contains("refs:"))?;
        line.rsplit(' ').next()?.replace(',', "").parse::<u64>().ok()
    };
    Some(count("once")? - count("none")?)
}

/// Hives that walks are measured on: the largest SYSTEM hive of the corpus, if `CALHIVE_CORPUS`
/// names the corpus, and a forged hive of 107 MB.
#[allow(dead_code, reason = "not by every benchmark")]
pub fn hives() -> Vec<(&'static str, PathBuf)> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let mut hives = Vec::new();
    if let Some(file) = hive_forge::corpus::file("the real hive", "win10-dirty-system/SYSTEM") {
        let path = folder.join("corpus-SYSTEM");
        std::fs::write(&path, file.bytes).unwrap();
        hives.push(("SYSTEM of the corpus, 12.8 MB", path));
    }
    let path = folder.join("forged-107");
    let mut file = std::io::BufWriter::new(File::create(&path).unwrap());
    let synthetic = hive_forge::stream::Synthetic {
        bytes: 107_000_000,
        locality: hive_forge::Locality::InOrder,
        seed: 1,
        minor: 5,
    };
    hive_forge::stream::write_synthetic(&mut file, &synthetic);
    file.flush().unwrap();
    hives.push(("forged, 107 MB", path));
    hives
}
