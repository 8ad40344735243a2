// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table: options of its command, groups of readers, and lines.

use std::path::{Path, PathBuf};

use crate::command::Program;
use crate::driver::{self, Figure, Reader};
use crate::hives::{self, Input};
use crate::peers::Peers;

/// What a reader is in its group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A measure beside the readers, such as the sum.
    Measure,
    Calhive,
    /// A reader that must see the same as calhive.
    Equal,
    /// A reader that can see less. The line then says so.
    Peer,
}

/// Options of the command.
pub struct Options {
    /// Names of the rows to print. Empty: all.
    rows: Vec<String>,
    pub has_instructions: bool,
    pub has_peers: bool,
    rounds: usize,
    /// Largest forged hive, in megabytes.
    pub largest: u64,
}

impl Options {
    /// Parses the arguments after `cargo bench --bench table --`.
    pub fn from_arguments() -> Self {
        let mut options = Self {
            rows: Vec::new(),
            has_instructions: false,
            has_peers: false,
            rounds: 15,
            largest: 700,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut number = || arguments.next().and_then(|it| it.parse().ok()).expect("a number");
            match argument.as_str() {
                "--instructions" => options.has_instructions = true,
                "--peers" => options.has_peers = true,
                "--rounds" => options.rounds = number(),
                "--largest" => options.largest = number() as u64,
                "--bench" => {} // from cargo
                row => options.rows.push(row.to_owned()),
            }
        }
        options
    }

    /// Whether a row of this letter or name is wanted.
    pub fn wants(&self, letter: &str, name: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|row| row == letter || row == name)
    }

    /// Panics if no row has a wanted name.
    pub fn check(&self, known: impl Fn(&str) -> bool) {
        for row in &self.rows {
            assert!(known(row), "no row is named {row}");
        }
    }

    pub fn rounds(&self, path: &Path) -> usize {
        hives::rounds(path, self.rounds)
    }

    /// Returns the number of rounds, at most this number.
    pub fn rounds_up_to(&self, most: usize) -> usize {
        self.rounds.min(most)
    }

    /// Returns forged hives in every locality, in each of these lengths that is allowed.
    pub fn localities(&self, lengths: &[u64]) -> Vec<Input> {
        let allowed = lengths.iter().filter(|length| **length <= self.largest);
        allowed.flat_map(|length| hives::localities(*length)).collect()
    }
}

/// Readers that are compared in one table.
pub struct Group(Vec<(Reader, Role)>);

impl Group {
    /// Builds the readers of these names. The first calhive reader is the one that others are compared with.
    pub fn build(readers: &[(&'static str, Role)]) -> Self {
        let names: Vec<&'static str> = readers.iter().map(|(name, _)| *name).collect();
        let roles = readers.iter().map(|(_, role)| *role);
        Self(driver::build(&names).into_iter().zip(roles).collect())
    }

    pub fn new(readers: Vec<(Reader, Role)>) -> Self {
        Self(readers)
    }

    /// Adds the readers of peers that can do this work.
    pub fn with_peers(mut self, peers: &Peers, work: &str) -> Self {
        self.0.extend(peers.readers(work).map(|reader| (reader, Role::Peer)));
        self
    }

    /// Removes readers of a role.
    pub fn without(&self, role: Role) -> Self {
        Self(self.0.iter().filter(|(_, it)| *it != role).cloned().collect())
    }

    /// Measures all readers on one file, and prints a line for each.
    pub fn print(&self, input: &Input, options: &Options) -> Vec<Figure> {
        let readers: Vec<Reader> = self.0.iter().map(|(reader, _)| reader.clone()).collect();
        let figures = driver::measure(&readers, &input.path, options.rounds(&input.path));
        head(&format!("{}, {} bytes", input.title, input.length()));
        let calhive = self.0.iter().position(|(_, role)| *role == Role::Calhive);
        let calhive = calhive.map(|place| figures[place].clone());
        let sum = self.0.iter().position(|(reader, _)| reader.name == "reader-sum");
        let sum = sum.map(|place| figures[place].nanoseconds);
        for ((reader, role), figure) in self.0.iter().zip(&figures) {
            let instructions = options
                .has_instructions
                .then(|| driver::instructions(reader, &input.path))
                .flatten();
            let name = reader.name.trim_start_matches("reader-");
            let name = reader.part.map_or(name.to_owned(), |part| format!("{name} {part}"));
            let other = calhive.as_ref().filter(|it| it.seen != figure.seen);
            let note = match (role, other) {
                (Role::Equal | Role::Peer, Some(other)) => {
                    format!("  saw {}, calhive {}", figure.seen, other.seen)
                }
                _ => String::new(),
            };
            let base = calhive.as_ref().map(|figure| figure.nanoseconds);
            line(&name, figure, sum, base, instructions, &note);
        }
        let must = self.0.iter().zip(&figures).filter(|((_, role), _)| *role == Role::Equal);
        for ((reader, _), figure) in must {
            assert_eq!(Some(&figure.seen), calhive.as_ref().map(|it| &it.seen), "{}", reader.name);
        }
        println!("{:<34}{}", "seen", calhive.map_or_else(String::new, |figure| figure.seen));
        figures
    }
}

/// Measures interleaved rounds of programs, and prints a line for each. `before` runs before each round.
pub fn programs(
    title: &str,
    programs: &[Program],
    rounds: usize,
    sum: Option<u64>,
    before: impl Fn(),
) -> Vec<Figure> {
    let outputs: Vec<PathBuf> = (0..programs.len()).map(output).collect();
    let runs = || programs.iter().zip(&outputs);
    let peaks: Vec<u64> = runs().map(|(program, output)| program.peak(output)).collect();
    let mut times: Vec<Vec<Figure>> = programs.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (((program, output), times), peak) in runs().zip(&mut times).zip(&peaks) {
            before();
            times.push(Figure { peak: *peak, ..program.run(output) });
        }
    }
    let figures: Vec<Figure> = times.into_iter().map(driver::median).collect();
    head(title);
    for (program, figure) in programs.iter().zip(&figures) {
        let note = format!("  wrote {}", figure.seen);
        line(&program.name, figure, sum, None, None, &note);
    }
    figures
}

/// Returns the file with the last output of the program of this number.
pub fn output(number: usize) -> PathBuf {
    hives::folder().join(format!("output-{number}"))
}

/// Prints the title of a group, and the names of the columns.
pub fn head(title: &str) {
    println!("\n{title}");
    println!(
        "{:<34}{:>12}{:>9}{:>11}{:>9}{:>13}{:>11}{:>16}",
        "", "us", "x sum", "x calhive", "faults", "allocations", "peak, KiB", "instructions"
    );
}

fn line(
    name: &str,
    figure: &Figure,
    sum: Option<u64>,
    calhive: Option<u64>,
    instructions: Option<u64>,
    note: &str,
) {
    let ratio = |base: Option<u64>| {
        base.map_or(String::from("-"), |base| {
            format!("{:.2}", figure.nanoseconds as f64 / base as f64)
        })
    };
    let count = |count: Option<u64>| count.map_or(String::from("-"), |count| count.to_string());
    println!(
        "{name:<34}{:>12.1}{:>9}{:>11}{:>9}{:>13}{:>11}{:>16}{note}",
        figure.nanoseconds as f64 / 1000.0,
        ratio(sum),
        ratio(calhive),
        figure.page_faults,
        count(figure.allocations),
        figure.peak.div_ceil(1024),
        count(instructions),
    );
}
