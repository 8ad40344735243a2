// SPDX-License-Identifier: MIT OR Apache-2.0
//! Shared by the readers: one round per line that the benchmark sends.

use std::fmt;
use std::hint::black_box;
use std::io::{BufRead as _, Write as _};
use std::time::Instant;

/// What a reader saw. Readers that agree have equal values.
#[allow(dead_code, reason = "not by every reader")]
#[derive(Default)]
pub struct Seen {
    pub keys: u64,
    pub values: u64,
    /// Sum of the UTF-16 units of all names of keys and values.
    pub names: u64,
    pub data_length: u64,
    /// Sum of all bytes of data.
    pub data: u64,
}

impl Seen {
    #[allow(dead_code, reason = "not by every reader")]
    #[inline]
    pub fn name(&mut self, units: impl Iterator<Item = u16>) {
        self.names += u64::from(units.fold(0_u32, |sum, unit| sum.wrapping_add(u32::from(unit))));
    }

    #[allow(dead_code, reason = "not by every reader")]
    #[inline]
    pub fn data(&mut self, bytes: &[u8]) {
        self.data_length += bytes.len() as u64;
        self.data = self.data.wrapping_add(sum(bytes));
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keys, values, names, data_length, data } = self;
        write!(f, "{keys} {values} {names} {data_length} {data}")
    }
}

/// Adds every byte in chunks of 4,096, each chunk into a wrapping `u32`, the chunks into a `u64`.
/// Never inlined, so that every reader has the same loop.
#[allow(dead_code, reason = "not by every reader")]
#[inline(never)]
pub fn sum(bytes: &[u8]) -> u64 {
    bytes.chunks(4096).fold(0, |all, chunk| {
        let sum = chunk.iter().fold(0_u32, |sum, byte| sum.wrapping_add(u32::from(*byte)));
        all + u64::from(sum)
    })
}

/// Maps the hive and touches each page, then reads the hive once per line of standard input.
/// Answers `nanoseconds, page faults, what was seen`. The task `once` reads once, for counting
/// instructions. The task `none` reads nothing.
#[allow(dead_code, reason = "not by every reader")]
#[allow(unsafe_code, reason = "mapping the hive")]
pub fn serve(mut read: impl FnMut(&[u8]) -> Seen) {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, task, hive] = arguments.as_slice() else {
        return; // started by `cargo bench` itself: the benchmark is `walk` or `lookup`
    };
    // SAFETY: no program writes to the hive while the benchmark runs.
    let image =
        unsafe { calhive_regf::Image::map(hive, calhive_regf::AccessPattern::Populate).unwrap() };
    let bytes = image.bytes();
    black_box(bytes.iter().step_by(4096).fold(0_u8, |all, byte| all ^ byte));
    match task.as_str() {
        "once" => drop(black_box(read(black_box(bytes)))),
        "none" => {}
        _ => {
            for _ in std::io::stdin().lock().lines() {
                let faults = page_faults();
                let start = Instant::now();
                let seen = black_box(read(black_box(bytes)));
                let time = start.elapsed().as_nanos();
                println!("{time} {} {seen}", page_faults() - faults);
                std::io::stdout().flush().unwrap();
            }
        }
    }
}

/// Minor page faults of this process so far.
pub fn page_faults() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().nth(7).and_then(|field| field.parse().ok()).unwrap_or(0)
}
