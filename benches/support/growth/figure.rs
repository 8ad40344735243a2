// SPDX-License-Identifier: MIT OR Apache-2.0
//! [`Figure`]: time and memory of a scan; [`Series`]: the figures of one dimension.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::time::Instant;

use calhive::Options;

use crate::dimension::Dimension;
use crate::memory;

/// Scans of an input, after a first one that warms up.
const ROUNDS: usize = 5;

/// Time and memory of a scan.
#[derive(Clone, Copy)]
pub struct Figure {
    /// Median time in milliseconds.
    pub milliseconds: f64,
    /// Largest number of bytes on the heap, with the bytes of the hive that is read.
    pub peak: u64,
    /// Number of allocations.
    pub allocations: u64,
    /// Number of findings.
    pub findings: usize,
}

impl Figure {
    /// Measures scans of a folder.
    pub fn of(input: &Path) -> Self {
        let options = Options::default();
        let scan = || calhive::scan([input], &options).unwrap();
        let (report, used) = memory::measure(scan);
        let findings = report.findings.len();
        drop(report);
        let mut times: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let start = Instant::now();
                let report = scan();
                let time = start.elapsed().as_secs_f64() * 1000.0;
                drop(report);
                time
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let milliseconds = times[ROUNDS / 2];
        Self { milliseconds, peak: used.peak, allocations: used.allocations, findings }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { milliseconds, peak, allocations, findings } = self;
        write!(f, "{milliseconds} {peak} {allocations} {findings}")
    }
}

impl FromStr for Figure {
    type Err = std::num::ParseIntError;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        Ok(Self {
            milliseconds: fields[0].parse().unwrap(),
            peak: fields[1].parse()?,
            allocations: fields[2].parse()?,
            findings: fields[3].parse()?,
        })
    }
}

/// The figures of one dimension, by size.
pub struct Series {
    pub dimension: &'static Dimension,
    pub figures: Vec<(usize, Figure)>,
}

impl Series {
    /// Writes the inputs, and measures each one in a process of its own.
    pub fn measure(dimension: &'static Dimension, folder: &Path) -> Self {
        println!("\n{}", dimension.title);
        println!(
            "{:>10} {:>12} {:>10} {:>14} {:>10}",
            dimension.unit, "ms", "MiB", "allocations", "findings"
        );
        let mut figures = Vec::new();
        for size in dimension.sizes {
            dimension.write(*size, folder);
            let program = std::env::current_exe().unwrap();
            let mut command = Command::new(program);
            let output = command.arg("measure").arg(folder).stderr(Stdio::inherit()).output();
            let output = String::from_utf8(output.unwrap().stdout).unwrap();
            let figure: Figure = output.parse().unwrap();
            let Figure { milliseconds, peak, allocations, findings } = figure;
            println!(
                "{size:>10} {milliseconds:>12.2} {:>10.2} {allocations:>14} {findings:>10}",
                mebibytes(peak)
            );
            figures.push((*size, figure));
        }
        std::fs::remove_dir_all(folder).unwrap();
        Self { dimension, figures }
    }

    /// Sizes with the times in milliseconds.
    pub fn times(&self) -> Vec<(f64, f64)> {
        self.figures.iter().map(|(size, it)| (*size as f64, it.milliseconds)).collect()
    }

    /// Sizes with the peaks of memory in MiB.
    pub fn peaks(&self) -> Vec<(f64, f64)> {
        self.figures.iter().map(|(size, it)| (*size as f64, mebibytes(it.peak))).collect()
    }
}

/// Offset and slope of the straight line through the first two points.
pub fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let [(x, y), (next_x, next_y), ..] = points else { panic!("a line needs two points") };
    let slope = (next_y - y) / (next_x - x);
    (y - slope * x, slope)
}

pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
