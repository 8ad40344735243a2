// SPDX-License-Identifier: MIT OR Apache-2.0
//! Look-ups of three keys with a value each, 1,000 times. The hive is parsed each time.
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

fn main() {
    let count_instructions = std::env::args().any(|argument| argument == "--instructions");
    let readers = driver::build(&["reader-calhive-lookup", "reader-nt-hive-lookup"]);
    for (title, hive) in driver::hives() {
        let figures = driver::measure(&readers, &hive, 41);
        println!("\n{title}");
        for (reader, figure) in readers.iter().zip(&figures) {
            let instructions =
                count_instructions.then(|| driver::instructions(reader, &hive)).flatten();
            println!(
                "{:<34}{:>10.2} us for three keys{:>6} faults{:>12} instructions",
                reader.name,
                figure.nanoseconds as f64 / 1e6,
                figure.page_faults,
                instructions.map_or(String::from("-"), |count| (count / 1000).to_string()),
            );
        }
        assert_eq!(figures[0].seen, figures[1].seen, "readers disagree");
        let ratio = figures[1].nanoseconds as f64 / figures[0].nanoseconds as f64;
        println!("nt-hive / calhive {ratio:.2}; seen: {}", figures[0].seen);
    }
}
