// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whole walks against the sum of all bytes, and against nt-hive. See README.md for what is measured.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    unreachable_pub,
    reason = "a benchmark may fail"
)]

#[path = "support/driver.rs"]
mod driver;

const READERS: [&str; 7] = [
    "reader-sum",
    "reader-calhive-data",
    "reader-nt-hive-data-recursive",
    "reader-nt-hive-data-stack",
    "reader-calhive-names",
    "reader-nt-hive-names-recursive",
    "reader-nt-hive-names-stack",
];

fn main() {
    let count_instructions = std::env::args().any(|argument| argument == "--instructions");
    let readers = driver::build(&READERS);
    for (title, hive) in driver::hives() {
        let figures = driver::measure(&readers, &hive, 41);
        let sum = figures[0].nanoseconds as f64;
        println!("\n{title}");
        println!("{:<34}{:>10}{:>9}{:>9}{:>16}", "", "us", "x sum", "faults", "instructions");
        for (reader, figure) in readers.iter().zip(&figures) {
            let instructions =
                count_instructions.then(|| driver::instructions(reader, &hive)).flatten();
            println!(
                "{:<34}{:>10.0}{:>9.2}{:>9}{:>16}",
                reader.name,
                figure.nanoseconds as f64 / 1000.0,
                figure.nanoseconds as f64 / sum,
                figure.page_faults,
                instructions.map_or(String::from("-"), |count| count.to_string()),
            );
        }
        for (what, group) in [("data", &figures[1..4]), ("names", &figures[4..7])] {
            assert!(group.iter().all(|figure| figure.seen == group[0].seen), "readers disagree");
            let best = group[1].nanoseconds.min(group[2].nanoseconds);
            println!("{what}: nt-hive / calhive {:.2}", best as f64 / group[0].nanoseconds as f64);
        }
        println!("seen: {}", figures[1].seen);
    }
}
