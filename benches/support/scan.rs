// SPDX-License-Identifier: MIT OR Apache-2.0
//! The measurement of `benches/scan.rs`.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hive_forge::Locality;

use crate::driver::cargo::Built;
use crate::{page_cache, session_host};

/// Largest number of pages of a hive that the command may read.
const MOST_PAGES: usize = 60;
const ROUNDS: usize = 11;
/// Fields that only the thorough scan fills in.
const THOROUGH_ONLY: [&str; 2] = ["source_sha256", "second_reader"];

pub fn run() {
    let built = Built::by(&["build", "--release", "-p", "calhive-cli"]);
    let command = built.program("calhive");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (title, locality) in [
        ("in order", Locality::InOrder),
        ("runs of keys anywhere", Locality::Aged(1)),
        ("each cell anywhere", Locality::Shuffled(1)),
    ] {
        let hive = session_host::hive(folder, locality);
        // The first run loads the program into memory.
        let (_, keys) = (scan(&command, &hive, &["--live-only"]), keys(&hive));
        let size = hive.metadata().unwrap().len();
        println!("\n{title}: {size} bytes, {keys} keys");

        let mut cold = Vec::new();
        for _ in 0..ROUNDS {
            page_cache::evict(&hive);
            let round = scan(&command, &hive, &["--live-only"]);
            cold.push((page_cache::resident(&hive).len(), round));
        }
        page_cache::evict(&hive);
        let thorough = scan(&command, &hive, &[]);
        let warm: Vec<Round> =
            (0..ROUNDS).map(|_| scan(&command, &hive, &["--live-only"])).collect();

        let pages = cold.iter().map(|(pages, _)| *pages).max().unwrap();
        let verdict = if pages <= MOST_PAGES { "kept" } else { "MISSED" };
        println!("{:<32}{pages:>10}   at most {MOST_PAGES}: {verdict}", "pages in memory");
        let show = |what: &str, time: Duration| {
            println!("{what:<32}{:>10.2} ms", time.as_secs_f64() * 1000.0);
        };
        show("live only, cold", median(cold.iter().map(|(_, round)| round.time)));
        show("live only, warm", median(warm.iter().map(|round| round.time)));
        show("thorough, cold", thorough.time);
        let rounds = cold.iter().map(|(_, round)| round).chain(&warm);
        let equal = rounds.into_iter().all(|round| round.facts == thorough.facts);
        println!("{:<32}{:>10}   the same in both: {equal}", "facts", thorough.facts.len());
    }
}

/// One run of the command.
struct Round {
    time: Duration,
    facts: Vec<serde_json::Value>,
}

fn scan(command: &Path, hive: &Path, options: &[&str]) -> Round {
    let mut command = Command::new(command);
    command.args(["scan", "--format", "jsonl", "--quiet"]).args(options).arg(hive);
    let start = Instant::now();
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    let time = start.elapsed();
    assert!(output.status.success(), "{}", output.status);
    let lines = String::from_utf8(output.stdout).unwrap();
    Round { time, facts: lines.lines().filter_map(fact).collect() }
}

/// Returns the fact of a line, without what only the thorough scan finds.
fn fact(line: &str) -> Option<serde_json::Value> {
    let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
    let fields = record.as_object_mut().unwrap();
    // The stable id covers the hash of the source.
    assert!(fields.remove("evidence_id").is_some() || fields["record"] != "fact");
    THOROUGH_ONLY.iter().for_each(|field| drop(fields.remove(*field)));
    (record["record"] == "fact").then_some(record)
}

#[allow(unsafe_code, reason = "mapping the hive")]
fn keys(hive: &Path) -> usize {
    // SAFETY: no program writes to the hive while the benchmark runs.
    let image =
        unsafe { calhive_regf::Image::map(hive, calhive_regf::AccessPattern::Populate).unwrap() };
    let walk = calhive_regf::Hive::parse(image.bytes()).unwrap().walk();
    walk.map(Result::unwrap).count()
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times[times.len() / 2]
}
