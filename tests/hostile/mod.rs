// SPDX-License-Identifier: MIT OR Apache-2.0
//! No bytes make the library panic, take long, or take much memory.

mod everything;
pub(crate) mod mutations;
mod named;
mod recovery;

use std::time::{Duration, Instant};

use crate::memory::measure;
use everything::{Outcome, everything};
pub(crate) use mutations::mutate;

/// The time that any hive of the tests may take for each thing that is asked of it, in a debug build.
const TIME: Duration = Duration::from_secs(1);
/// The memory that it may take, above the file.
const MEMORY: u64 = 64 << 20;

/// The time that this thread has worked; where the system does not tell, the time that has passed.
/// Other tests run beside it, and their time is not its own.
pub(crate) fn worked(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|line| line.split(' ').next()?.parse().ok());
    told.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

/// The worst of the cases.
#[derive(Debug, Default)]
struct Worst {
    cases: u32,
    slowest: (Duration, String),
    largest: (u64, String),
}

impl Worst {
    /// Reads everything, within the bounds.
    fn run(&mut self, name: impl Fn() -> String, bytes: &[u8]) -> Outcome {
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

    fn tell(&self, what: &str) {
        let (took, slowest) = &self.slowest;
        let (peak, largest) = &self.largest;
        println!(
            "{what}: {} cases, no panic; slowest {took:?} ({slowest}), most memory {} KiB ({largest})",
            self.cases,
            peak / 1024
        );
    }
}
