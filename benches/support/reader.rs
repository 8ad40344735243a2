// SPDX-License-Identifier: MIT OR Apache-2.0
//! Shared by the readers: one round per line that the benchmark sends.
#![allow(dead_code, reason = "not by every reader")]

use std::fmt;
use std::hint::black_box;
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::time::Instant;

#[path = "memory.rs"]
pub mod memory;

/// Exit code of a reader whose library is not installed.
pub const NOT_INSTALLED: i32 = 9;

/// What a reader saw. Readers that agree have equal values.
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
    fn times(self, scale: u64) -> Self {
        let Self { keys, values, names, data_length, data } = self;
        let [keys, values, names, data_length, data] =
            [keys, values, names, data_length, data].map(|number| number.wrapping_mul(scale));
        Self { keys, values, names, data_length, data }
    }

    #[inline]
    pub fn name(&mut self, units: impl Iterator<Item = u16>) {
        self.names += u64::from(units.fold(0_u32, |sum, unit| sum.wrapping_add(u32::from(unit))));
    }

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
#[inline(never)]
pub fn sum(bytes: &[u8]) -> u64 {
    bytes.chunks(4096).fold(0, |all, chunk| {
        let sum = chunk.iter().fold(0_u32, |sum, byte| sum.wrapping_add(u32::from(*byte)));
        all + u64::from(sum)
    })
}

/// What the benchmark wants of a reader: the arguments of the program.
pub struct Task {
    kind: String,
    pub hive: PathBuf,
    /// Part of the reader to run, for readers with several parts.
    pub part: String,
    /// Number of readings that one reading counts as, for slow readers.
    pub scale: u64,
}

impl Task {
    /// Returns the task, or `None` if `cargo bench` itself started the reader.
    pub fn from_arguments() -> Option<Self> {
        let mut arguments = std::env::args().skip(1);
        let (kind, hive) = (arguments.next()?, arguments.next()?);
        let part = arguments.next().unwrap_or_default();
        Some(Self { kind, hive: hive.into(), part, scale: 1 })
    }

    /// Maps the hive and touches each page.
    #[allow(unsafe_code, reason = "mapping the hive")]
    pub fn image(&self) -> calhive_regf::Image {
        let access = calhive_regf::AccessPattern::Populate;
        // SAFETY: no program writes to the hive while the benchmark runs.
        let image = unsafe { calhive_regf::Image::map(&self.hive, access).unwrap() };
        black_box(image.bytes().iter().step_by(4096).fold(0_u8, |all, byte| all ^ byte));
        image
    }

    /// Reads once per line of standard input, and answers with a line.
    ///
    /// - `time`: nanoseconds, page faults, what was seen.
    /// - `memory`: allocations, largest private memory in bytes, what was seen.
    ///
    /// `prepare` runs before each round, and no figure includes it. The task `once` reads once, for counting
    /// instructions. The task `none` only prepares.
    pub fn run<P>(&self, mut prepare: impl FnMut() -> P, read: impl Fn(&mut P) -> Seen) {
        let read = |prepared: &mut P| read(prepared).times(self.scale);
        match self.kind.as_str() {
            "once" => drop(black_box(read(black_box(&mut prepare())))),
            "none" => drop(black_box(prepare())),
            _ => {
                for line in std::io::stdin().lock().lines() {
                    let mut prepared = black_box(prepare());
                    if line.unwrap() == "memory" {
                        memory::begin();
                        let seen = black_box(read(black_box(&mut prepared)));
                        let memory::Memory { allocations, peak } = memory::end();
                        println!("{} {peak} {seen}", allocations * self.scale);
                    } else {
                        let faults = page_faults();
                        let start = Instant::now();
                        let seen = black_box(read(black_box(&mut prepared)));
                        let time = start.elapsed().as_nanos() * u128::from(self.scale);
                        println!("{time} {} {seen}", (page_faults() - faults) * self.scale);
                    }
                    std::io::stdout().flush().unwrap();
                }
            }
        }
    }
}

/// Runs a reader over the bytes of the hive.
pub fn serve(read: impl Fn(&[u8]) -> Seen) {
    let Some(task) = Task::from_arguments() else { return };
    let image = task.image();
    task.run(|| (), |()| read(black_box(image.bytes())));
}

/// Minor page faults of this process so far.
pub fn page_faults() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().nth(7).and_then(|field| field.parse().ok()).unwrap_or(0)
}
