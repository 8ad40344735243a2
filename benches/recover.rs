// SPDX-License-Identifier: MIT OR Apache-2.0
//! Recovery against the sum of all bytes and a whole walk. See README.md for what is measured.
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

/// What recovery may take beyond a whole walk, as a multiple of the sum.
const MOST_BEYOND_WALK: f64 = 2.0;

fn main() {
    let count_instructions = std::env::args().any(|argument| argument == "--instructions");
    let readers = driver::build(&["reader-sum", "reader-calhive-data", "reader-calhive-recover"]);
    for (title, hive) in driver::hives() {
        let figures = driver::measure(&readers, &hive, 41);
        let ratio =
            |index: usize| figures[index].nanoseconds as f64 / figures[0].nanoseconds as f64;
        println!("\n{title}");
        for (index, reader) in readers.iter().enumerate() {
            let instructions =
                count_instructions.then(|| driver::instructions(reader, &hive)).flatten();
            println!(
                "{:<34}{:>10.0} us{:>9.2} x sum{:>9} faults{:>16} instructions",
                reader.name,
                figures[index].nanoseconds as f64 / 1000.0,
                ratio(index),
                figures[index].page_faults,
                instructions.map_or(String::from("-"), |count| count.to_string()),
            );
        }
        println!("beyond the walk: {:.2} x sum (at most {MOST_BEYOND_WALK})", ratio(2) - ratio(1));
        println!("recovered: {}", figures[2].seen);
    }
}
