// SPDX-License-Identifier: MIT OR Apache-2.0
//! Whole walks compared with the sum of all bytes and with nt-hive. See README.md.
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

const READERS: [&str; 5] = [
    "reader-sum",
    "reader-calhive-data",
    "reader-nt-hive-data",
    "reader-calhive-names",
    "reader-nt-hive-names",
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
        for (what, group) in [("data", &figures[1..3]), ("names", &figures[3..5])] {
            assert_eq!(group[0].seen, group[1].seen, "readers disagree");
            let ratio = group[1].nanoseconds as f64 / group[0].nanoseconds as f64;
            println!("{what}: nt-hive / calhive {ratio:.2}");
        }
        println!("seen: {}", figures[1].seen);
    }
}
