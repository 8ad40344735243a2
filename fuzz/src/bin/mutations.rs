// SPDX-License-Identifier: MIT OR Apache-2.0
//! Counted runs of the core targets over mutated inputs, without a fuzzer: the same cases in any build.
//!
//! `mutations CASES [TARGET…]` mutates at least 20 seeds of each core target in turn, and passes each
//! result to the check of the target. `mutations FIRST..END [TARGET…]` runs these cases only, so that
//! several processes share the work. A case fails if the check panics, takes more than two seconds twice
//! in a row, or needs more memory than [`most_memory`] allows. With `CALHIVE_KEEP=FOLDER`, the inputs that fail are
//! kept there. The exit code is 1 if a case fails.

#[path = "../../../regf/tests/memory.rs"]
mod memory;

use std::cell::RefCell;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use hive_forge::random::{self, mutate};
use hive_forge::rng::Rng;
use hive_forge::{Options, clean, log, manipulated, token, write};

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

/// Longest time of a case.
const TIME: Duration = Duration::from_secs(2);
/// Smallest number of seeds of a target.
const SEEDS: usize = 20;

/// Largest memory for an input of this length, in bytes.
const fn most_memory(length: usize) -> u64 {
    64 * length as u64 + (8 << 20)
}

struct Target {
    name: &'static str,
    check: fn(&[u8]),
    seeds: fn() -> Vec<Vec<u8>>,
}

const TARGETS: [Target; 6] = [
    Target { name: "hive", check: calhive_fuzz::hive, seeds: hives },
    Target { name: "hidden", check: calhive_fuzz::hidden, seeds: hives },
    Target { name: "recover", check: calhive_fuzz::recover, seeds: hives },
    Target { name: "log", check: calhive_fuzz::log, seeds: logs },
    Target { name: "carve", check: calhive_fuzz::carve, seeds: raw },
    Target { name: "token", check: calhive_fuzz::token, seeds: tokens },
];

thread_local! {
    /// Message of the last panic.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(cases) = arguments.next().as_deref().and_then(range) else {
        eprintln!("usage: mutations CASES|FIRST..END [TARGET…]");
        return ExitCode::from(2);
    };
    let names: Vec<String> = arguments.collect();
    if let Some(unknown) = names.iter().find(|name| TARGETS.iter().all(|it| it.name != **name)) {
        eprintln!("mutations: no core target is named {unknown}");
        return ExitCode::from(2);
    }
    let keep = std::env::var_os("CALHIVE_KEEP").map(PathBuf::from);
    std::panic::set_hook(Box::new(|panic| PANIC.set(panic.to_string())));
    let chosen =
        TARGETS.iter().filter(|it| names.is_empty() || names.iter().any(|name| name == it.name));
    let failed: u64 = chosen.map(|target| run(target, cases.clone(), keep.as_deref())).sum();
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Returns the cases that `CASES` or `FIRST..END` stands for.
fn range(cases: &str) -> Option<Range<u64>> {
    let (first, end) = cases.split_once("..").unwrap_or(("0", cases));
    let range = first.parse().ok()?..end.parse().ok()?;
    (!range.is_empty()).then_some(range)
}

/// Runs the cases of a target, prints a line, and returns the number of failures.
fn run(target: &Target, cases: Range<u64>, keep: Option<&Path>) -> u64 {
    let name = target.name;
    let seeds = (target.seeds)();
    assert!(seeds.len() >= SEEDS, "{name} has {} seeds", seeds.len());
    let began = Instant::now();
    let (mut panics, mut hangs, mut large) = (0_u64, 0_u64, 0_u64);
    let (mut slowest, mut highest) = ((Duration::ZERO, 0), (0.0_f64, 0));
    for case in cases.clone() {
        let mut rng = Rng::nth(Rng::named(name).next_u64(), case);
        let mut bytes = seeds[rng.below(seeds.len())].clone();
        mutate(&mut bytes, &mut rng);
        let (mut result, mut used, mut took) = run_case(target, &bytes);
        if took > TIME {
            // Other programs can hold the processor. A hang hangs again.
            let again = run_case(target, &bytes);
            if again.2 < took {
                (result, used, took) = again;
            }
        }
        slowest = slowest.max((took, case));
        let share = used.peak as f64 / most_memory(bytes.len()) as f64;
        if share > highest.0 {
            highest = (share, case);
        }
        let failures = [result.is_err(), took > TIME, used.peak > most_memory(bytes.len())];
        for (is_so, count) in failures.iter().zip([&mut panics, &mut hangs, &mut large]) {
            *count += u64::from(*is_so);
        }
        if failures.contains(&true) {
            let message = if result.is_err() { PANIC.take() } else { String::new() };
            println!("{name}: case {case}, {took:?}, {} bytes of memory. {message}", used.peak);
            if let Some(folder) = keep {
                let path = folder.join(format!("{name}-{case}"));
                std::fs::write(&path, &bytes)
                    .unwrap_or_else(|error| println!("{}: {error}", path.display()));
            }
        }
    }
    println!(
        "{name}: cases {cases:?} of {} seeds in {} s: {panics} panics, {hangs} over 2 s, {large} above the memory \
         bound; slowest {:?} (case {}), most memory {:.0} % of the bound (case {})",
        seeds.len(),
        began.elapsed().as_secs(),
        slowest.0,
        slowest.1,
        highest.0 * 100.0,
        highest.1
    );
    panics + hangs + large
}

/// Runs the check of a target. Returns its result, its memory and its time.
fn run_case(target: &Target, bytes: &[u8]) -> (std::thread::Result<()>, memory::Used, Duration) {
    let since = Instant::now();
    let check = || std::panic::catch_unwind(|| (target.check)(bytes));
    let (result, used) = memory::measure(check);
    (result, used, since.elapsed())
}

/// Hives of each version, random ones, and manipulated ones.
fn hives() -> Vec<Vec<u8>> {
    let mut hives: Vec<Vec<u8>> = clean::seeds().into_iter().map(|file| file.bytes).collect();
    for seed in 0..12 {
        let minor = [3, 5, 6, 1, 2, 4][seed as usize % 6];
        let tree = random::tree(seed, 20 + 4 * seed as usize, minor);
        hives.push(write(&tree, &Options { minor, ..Options::default() }).bytes);
    }
    let manipulated = manipulated::cases().into_iter().filter(|case| case.bytes.len() < 64 << 10);
    hives.extend(manipulated.step_by(7).map(|case| case.bytes));
    hives
}

/// Hives with logs, in the form of the target `log`.
fn logs() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = log::seeds().into_iter().map(|file| file.bytes).collect();
    for seed in 0..10 {
        all.push(log::packed(&if seed % 2 == 0 {
            log::new_crash(seed)
        } else {
            log::old_crash(seed)
        }));
    }
    all
}

fn tokens() -> Vec<Vec<u8>> {
    let odd = token::odd().into_iter().map(|odd| odd.token);
    token::seeds().into_iter().map(|file| file.bytes).chain(odd).collect()
}

/// Hives, logs and tokens in a row, as on a raw disk.
fn raw() -> Vec<Vec<u8>> {
    let (hives, logs, tokens) = (hives(), logs(), tokens());
    let rows = hives.iter().zip(logs.iter().cycle()).zip(tokens.iter().cycle());
    rows.map(|((hive, log), token)| [&hive[..], &[0xAA; 300], log, token, &[0; 700], hive].concat())
        .take(40)
        .collect()
}
