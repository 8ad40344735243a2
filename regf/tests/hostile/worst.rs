// SPDX-License-Identifier: MIT OR Apache-2.0
//! Limits of time and memory that hold for every hive of the tests.

use std::time::{Duration, Instant};

use super::everything::{Outcome, everything};
use crate::memory::measure;

/// Longest time for each step of reading a hive, in a debug build: beyond it, a step counts as hanging. The
/// accounting test holds the work of each step, whatever else the machine does.
const TIME: Duration = Duration::from_secs(5);
/// Largest memory for reading a hive, beside the file.
const MEMORY: u64 = 64 << 20;

/// Returns the time that this thread has worked, or the elapsed time if the system does not report
/// it. Other tests run at the same time, and their time does not count.
pub(crate) fn worked(since: Instant) -> Duration {
    let reported = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let reported = reported.and_then(|line| line.split(' ').next()?.parse().ok());
    reported.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// Slowest and largest of the cases.
#[derive(Debug, Default)]
pub(crate) struct Worst {
    pub(crate) cases: u32,
    slowest: (Duration, String),
    largest: (u64, String),
}

impl Worst {
    /// Reads everything within the limits.
    pub(crate) fn run(&mut self, name: impl Fn() -> String, bytes: &[u8]) -> Outcome {
        let since = Instant::now();
        let mut before = worked(since);
        let mut done = |what: &'static str| {
            let now = worked(since);
            let took = now.saturating_sub(before);
            assert!(took < TIME, "{} took {took:?} for {what}", name());
            if took > self.slowest.0 {
                self.slowest = (took, format!("{}, {what}", name()));
            }
            before = now;
        };
        let (outcome, used) = measure(|| everything(bytes, &mut done));
        self.cases += 1;
        if used.peak > self.largest.0 {
            self.largest = (used.peak, name());
        }
        assert!(used.peak < MEMORY, "{} took {} bytes", name(), used.peak);
        outcome
    }

    pub(crate) fn report(&self, what: &str) {
        let (took, slowest) = &self.slowest;
        let (peak, largest) = &self.largest;
        println!(
            "{what}: {} cases, no panic; slowest {took:?} ({slowest}), most memory {} KiB ({largest})",
            self.cases,
            peak / 1024
        );
    }
}
