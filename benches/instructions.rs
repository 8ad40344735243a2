// SPDX-License-Identifier: MIT OR Apache-2.0
//! Gate: compares the instructions of calhive's readers with the counts in `instructions.toml`. See README.md.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark may fail"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use hive_forge::Locality;
use hive_forge::canonical::sha256;

#[path = "support/counts.rs"]
mod counts;
#[path = "support/driver.rs"]
mod driver;
#[path = "support/hives.rs"]
mod hives;

use counts::{Count, Counts};
use driver::Reader;
use hives::Input;

/// A higher rise must be declared: the change contains the new count.
const MOST_RISE: f64 = 0.03;
/// Number of readers that are counted at the same time.
const THREADS: usize = 2;

/// Letter, reader and input of each count.
type Line = (&'static str, &'static str, fn() -> Input);

const LINES: [Line; 9] = [
    ("A", "reader-calhive-data", aged),
    ("A0", "reader-calhive-names", aged),
    ("B", "reader-calhive-lookup", session_host),
    ("C", "reader-calhive-recover", aged),
    ("C", "reader-calhive-recover", || hives::lost(2)),
    ("D", "reader-calhive-hidden", aged),
    ("F", "reader-calhive-replay", || hives::dirty(6)),
    ("S", "reader-calhive-scan", aged),
    ("S", "reader-calhive-scan", session_host),
];

fn aged() -> Input {
    hives::forged(6, Locality::Aged(1))
}

fn session_host() -> Input {
    hives::scenario("windows-server-2019-session-host", "SYSTEM")
}

fn main() -> ExitCode {
    let is_blessed = std::env::args().any(|argument| argument == "--bless");
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.toml");
    let counted = Counts { compiler: compiler(), profile: profile(), lines: count() };
    if is_blessed {
        std::fs::write(&file, counted.to_string()).unwrap();
        println!("wrote {}", file.display());
        return ExitCode::SUCCESS;
    }
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    compare(&Counts::parse(&text), &counted)
}

/// Prints the table, and fails on a rise that the file does not declare.
fn compare(declared: &Counts, counted: &Counts) -> ExitCode {
    const BLESS: &str = "cargo bench --bench instructions -- --bless";
    println!(
        "{:<4}{:<26}{:<52}{:>14}{:>14}{:>9}",
        "", "reader", "input", "declared", "counted", ""
    );
    let (mut rises, mut falls, mut others) = (0, 0, 0);
    for count in &counted.lines {
        let Count { row, reader, input, sha256, instructions } = count;
        let line = declared.lines.iter().find(|it| it.is_of(count));
        let (number, verdict) = match line {
            None => (String::from("-"), String::from("  not declared")),
            Some(line) if line.sha256 != *sha256 => {
                (line.instructions.to_string(), String::from("  other input"))
            }
            Some(line) => {
                let change = *instructions as f64 / line.instructions as f64 - 1.0;
                rises += usize::from(change > MOST_RISE);
                falls += usize::from(change < -MOST_RISE);
                let verdict = if change > MOST_RISE { "  RISE" } else { "" };
                (line.instructions.to_string(), format!("{:>+8.2} %{verdict}", change * 100.0))
            }
        };
        others += usize::from(line.is_none_or(|line| line.sha256 != *sha256));
        println!("{row:<4}{reader:<26}{input:<52}{number:>14}{instructions:>14}{verdict}");
    }
    if declared.compiler != counted.compiler {
        println!(
            "The counts are not comparable: they are from {}, this is {}. Nothing was checked.",
            declared.compiler, counted.compiler
        );
        return ExitCode::SUCCESS;
    }
    if declared.profile != counted.profile {
        println!(
            "The profile is {}, the counts are from {}: {BLESS}",
            counted.profile, declared.profile
        );
        return ExitCode::FAILURE;
    }
    if falls > 0 {
        println!("{falls} counts fell by more than 3 %. Keep the gain: {BLESS}");
    }
    if rises > 0 {
        println!("{rises} counts rose by more than 3 %. Remove the cost, or declare it: {BLESS}");
    }
    if others > 0 {
        println!("{others} counts are not declared for their input: {BLESS}");
    }
    if rises + others > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Counts the instructions of every line.
fn count() -> Vec<Count> {
    let mut names: Vec<&'static str> = LINES.iter().map(|(_, reader, _)| *reader).collect();
    names.dedup();
    let readers = driver::build(&names);
    let work: Vec<(&Line, &Reader, Input)> = LINES
        .iter()
        .map(|line| (line, readers.iter().find(|it| it.name == line.1).unwrap(), line.2()))
        .collect();
    let count = |(line, reader, input): &(&Line, &Reader, Input)| {
        let instructions = driver::instructions(reader, &input.path);
        Count {
            row: line.0.to_owned(),
            reader: reader.name.trim_start_matches("reader-").to_owned(),
            input: input.title.clone(),
            sha256: hash(&input.path),
            instructions: instructions.expect("valgrind counts the instructions"),
        }
    };
    let mut counts = Vec::new();
    for chunk in work.chunks(THREADS) {
        std::thread::scope(|scope| {
            let running: Vec<_> = chunk.iter().map(|work| scope.spawn(|| count(work))).collect();
            counts.extend(running.into_iter().map(|thread| thread.join().unwrap()));
        });
    }
    counts
}

/// Returns the SHA-256 of the input, and of its log.
fn hash(path: &Path) -> String {
    let mut bytes = std::fs::read(path).unwrap();
    bytes.extend(std::fs::read(path.with_extension("LOG1")).unwrap_or_default());
    sha256(&bytes)
}

/// Returns version and host of the compiler.
fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    format!("{} on {host}", text.lines().next().unwrap())
}

/// Returns the profile of benchmarks as the manifest states it.
fn profile() -> String {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let text = std::fs::read_to_string(manifest).unwrap();
    let lines = text.lines().skip_while(|line| *line != "[profile.bench]").skip(1);
    let lines: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    lines.join(", ").replace('"', "")
}
